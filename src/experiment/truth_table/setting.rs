//! The configurations of the table: what a producer and a topic can say about safety.

/// One configuration.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Setting {
    /// `acks`.
    pub acks: &'static str,
    /// `min.insync.replicas` of the topic.
    pub min_insync_replicas: u32,
    /// `enable.idempotence`.
    pub idempotence: bool,
    /// `max.in.flight.requests.per.connection`.
    pub in_flight: u32,
}

/// All legal ones: idempotence needs `acks=all`.
pub fn settings() -> Vec<Setting> {
    let mut settings = Vec::new();
    for (acks, idempotence) in [("0", false), ("1", false), ("all", false), ("all", true)] {
        for min_insync_replicas in [1, 2] {
            for in_flight in [1, 5] {
                settings.push(Setting { acks, min_insync_replicas, idempotence, in_flight });
            }
        }
    }
    settings
}

impl Setting {
    /// Kafka's keys and the values.
    pub fn labels(&self) -> [(&'static str, String); 4] {
        [
            ("acks", self.acks.to_owned()),
            ("min.insync.replicas", self.min_insync_replicas.to_string()),
            ("enable.idempotence", self.idempotence.to_string()),
            ("max.in.flight.requests.per.connection", self.in_flight.to_string()),
        ]
    }
}
