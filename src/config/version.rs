//! The releases of the Java client that can be imitated.

use std::fmt;

/// Which release of the Java client is imitated (`kafka.version`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ClientVersion {
    /// 2.3: round-robin for null keys, idempotence off.
    V2_3,
    /// 3.1: KIP-480 sticky partitioner.
    V3_1,
    /// 3.9: KIP-794 partitioner, linger 0.
    V3_9,
    /// 4.3: linger 5.
    #[default]
    V4_3,
}

impl ClientVersion {
    /// All of them, the newest first.
    pub const ALL: [ClientVersion; 4] =
        [ClientVersion::V4_3, ClientVersion::V3_9, ClientVersion::V3_1, ClientVersion::V2_3];

    /// `4.3`: one release stands for its line of releases.
    pub const fn name(self) -> &'static str {
        match self {
            ClientVersion::V2_3 => "2.3",
            ClientVersion::V3_1 => "3.1",
            ClientVersion::V3_9 => "3.9",
            ClientVersion::V4_3 => "4.3",
        }
    }

    /// The version with this name.
    pub fn named(name: &str) -> Option<ClientVersion> {
        ClientVersion::ALL.into_iter().find(|version| version.name() == name)
    }
}

impl fmt::Display for ClientVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
