//! What goes wrong in a run, and when: plain checked values. The world makes it happen.

use crate::cluster::Injection;
use crate::values::ids::{NodeId, TopicPartition};
use crate::values::time::{Span, Time};

/// One planned fault.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// When it happens.
    pub at: When,
    /// How long it lasts; `None`: it is not undone, or nothing that lasts.
    pub lasts: Option<Span>,
    /// What it is.
    pub kind: FaultKind,
    /// How the scenario says it: `crash = 1`.
    pub said: String,
    /// What gates call it, if it has a name.
    pub name: Option<String>,
}

/// The time of a fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum When {
    /// This one.
    At(Time),
    /// Any from the first to the second, drawn from the seed of the run.
    Between(Time, Time),
}

/// A broker, found when the fault happens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target {
    /// This one.
    Broker(NodeId),
    /// The one that leads the partition.
    LeaderOf(TopicPartition),
    /// The first in the order of the assignment that follows.
    FollowerOf(TopicPartition),
    /// The one that is the active controller.
    Controller,
}

/// What can go wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FaultKind {
    /// The broker's process dies, and starts again if the fault has an end. With `loses_unflushed` its machine dies.
    Crash {
        /// Who.
        broker: Target,
        /// What was not on its disk is gone.
        loses_unflushed: bool,
    },
    /// A broker that is down starts.
    Restart(NodeId),
    /// A controlled shutdown; it starts again if the fault has an end.
    Shutdown(Target),
    /// The broker's process stands still.
    Pause(Target),
    /// The broker's service times grow by a factor, in permille.
    Slow {
        /// Who.
        broker: Target,
        /// 1000: as usual.
        permille: u64,
    },
    /// No message passes between the broker and others.
    Isolate {
        /// Who.
        broker: Target,
        /// From whom.
        from: Peers,
        /// Which messages of clients.
        direction: Direction,
    },
    /// Client connections to a broker, or to all, get worse.
    Link {
        /// Whose; `None`: all.
        broker: Option<Target>,
        /// How.
        change: LinkChange,
    },
    /// All client connections to a broker break.
    Cut(Target),
    /// Produce requests meet a mishap. Its `broker` is set when the fault happens.
    Inject {
        /// At whom; `None`: anywhere.
        broker: Option<Target>,
        /// What.
        injection: Injection,
    },
    /// The active controller dies; where it is a broker, the broker lives on.
    ControllerLoss,
    /// The schema registry does not answer.
    RegistryDown,
    /// The schema registry takes so many thousandths of its usual time.
    RegistrySlow {
        /// 1000: as usual.
        permille: u64,
    },
    /// A client's process stands still: all copies of these groups, by index.
    PauseClient(Vec<usize>),
    /// Preferred replicas lead again.
    ElectPreferred,
    /// A planned move of a partition's leader.
    Elect {
        /// Which partition.
        partition: TopicPartition,
        /// Where to.
        to: NodeId,
    },
    /// A partition gets other replicas.
    Reassign {
        /// Which partition.
        partition: TopicPartition,
        /// The preferred leader first.
        to: Vec<NodeId>,
    },
}

/// Whom an isolated broker cannot reach.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names say it")]
pub struct Peers {
    pub clients: bool,
    pub brokers: bool,
    pub controller: bool,
}

/// Which messages do not pass, as the broker sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names say it")]
pub enum Direction {
    Both,
    In,
    Out,
}

/// How connections get worse.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LinkChange {
    /// Messages take longer: by so much, and up to the jitter more.
    Delay {
        /// Each way.
        by: Span,
        /// Uniformly.
        jitter: Span,
    },
    /// So many of a million messages are late by a retransmission of TCP.
    Loss {
        /// Below one million.
        ppm: u32,
    },
    /// Bits per second of one connection.
    Bandwidth {
        /// At least 1.
        bits_per_second: u64,
    },
}
