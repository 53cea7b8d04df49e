//! How often the cluster did what no producer sees directly; for reports, and for knowing what a run has reached.

/// Events of a cluster.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names say it")]
pub struct Counters {
    pub clean_elections: u64,
    pub unclean_elections: u64,
    pub partitions_without_leader: u64,
    pub planned_moves: u64,
    pub controller_failovers: u64,
    /// Leaders that went on because they had not heard of their successors, and what they appended.
    pub deposed_leaders: u64,
    pub appends_at_deposed_leaders: u64,
    pub isr_shrinks: u64,
    pub isr_expansions: u64,
    pub truncations: u64,
    pub reassignments: u64,
    pub throttled_responses: u64,
    /// New segments that producers had to wait for, and old ones that are gone.
    pub waits_for_segments: u64,
    pub segments_deleted: u64,
}

impl Counters {
    /// Names and values, in a fixed order.
    pub fn all(&self) -> [(&'static str, u64); 14] {
        [
            ("clean elections", self.clean_elections),
            ("unclean elections", self.unclean_elections),
            ("partitions without leader", self.partitions_without_leader),
            ("planned leader moves", self.planned_moves),
            ("controller failovers", self.controller_failovers),
            ("deposed leaders", self.deposed_leaders),
            ("appends at deposed leaders", self.appends_at_deposed_leaders),
            ("ISR shrinks", self.isr_shrinks),
            ("ISR expansions", self.isr_expansions),
            ("truncations", self.truncations),
            ("reassignments", self.reassignments),
            ("throttled responses", self.throttled_responses),
            ("waits for new segments", self.waits_for_segments),
            ("segments deleted", self.segments_deleted),
        ]
    }
}
