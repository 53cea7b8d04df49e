//! The controller's keys in `[cluster]`: sessions, elections, how news travel.

use super::defaults;
use super::limits;
use super::section::Section;
use crate::cluster::spec::ControllerSpec;
use crate::values::ids::NodeId;
use crate::values::time::Span;

/// What keeps the cluster's metadata. The one of old clusters has other timings, and no KIP-966.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// A quorum of controllers.
    KRaft,
    /// Sessions are those of ZooKeeper (`zookeeper.session.timeout.ms`, pinged three times in one).
    ZooKeeper,
}

/// Reads what kind of cluster it is.
pub fn mode(section: &mut Section<'_, '_>) -> Mode {
    section.choice("mode", &[("kraft", Mode::KRaft), ("zookeeper", Mode::ZooKeeper)], 0)
}

/// Reads what concerns the controller of a cluster with `brokers` brokers.
pub fn read(section: &mut Section<'_, '_>, mode: Mode, brokers: u64) -> ControllerSpec {
    let (session_ms, heartbeat_ms, failover) = match mode {
        Mode::KRaft => (
            defaults::BROKER_SESSION_TIMEOUT_MS,
            defaults::BROKER_HEARTBEAT_INTERVAL_MS,
            defaults::CONTROLLER_FAILOVER,
        ),
        Mode::ZooKeeper => (
            defaults::ZOOKEEPER_SESSION_TIMEOUT_MS,
            defaults::ZOOKEEPER_SESSION_TIMEOUT_MS / 3,
            Span::from_millis(defaults::ZOOKEEPER_SESSION_TIMEOUT_MS),
        ),
    };
    let broker_session_timeout = section.millis("broker.session.timeout.ms", session_ms);
    let broker_heartbeat_interval = section.millis("broker.heartbeat.interval.ms", heartbeat_ms);
    if broker_heartbeat_interval >= broker_session_timeout {
        let help = format!("expected less than `broker.session.timeout.ms` ({broker_session_timeout})");
        let message = format!("is {broker_heartbeat_interval}: every broker would be fenced");
        section.problem("broker.heartbeat.interval.ms", message, help);
    }
    let every = section.count(
        "leader.imbalance.check.interval.seconds",
        1..=limits::SPAN.as_nanos() / 1_000_000_000,
        defaults::REBALANCE_SECONDS,
    );
    let eligible_leader_replicas = section.flag("eligible-leader-replicas", mode == Mode::KRaft);
    if eligible_leader_replicas && mode == Mode::ZooKeeper {
        let help = "KIP-966 came with KRaft: leave the key out, or choose mode = \"kraft\"";
        section.problem("eligible-leader-replicas", "is true in a cluster with ZooKeeper", help);
    }
    let rebalances = section.flag("auto.leader.rebalance.enable", true);
    ControllerSpec {
        broker: match section.count("controller", 0..=brokers, 0) {
            0 => None,
            id => Some(NodeId(id as i32)),
        },
        broker_session_timeout,
        broker_heartbeat_interval,
        metadata_propagation: section.span("metadata-propagation", defaults::METADATA_PROPAGATION),
        metadata_propagation_jitter: section
            .span("metadata-propagation-jitter", defaults::METADATA_PROPAGATION_JITTER),
        failover: section.span("controller-failover", failover),
        broker_startup: section.span("broker-startup", defaults::BROKER_STARTUP),
        broker_shutdown: section.span("broker-shutdown", defaults::BROKER_SHUTDOWN),
        resignation: section.span("resignation", Span::ZERO),
        unclean_elections: section.flag("unclean.leader.election.enable", false),
        eligible_leader_replicas,
        rebalance_every: rebalances.then_some(Span::from_secs(every)),
    }
}
