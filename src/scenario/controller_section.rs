//! The controller's keys in `[cluster]`: sessions, elections, how news travel.

use super::defaults;
use super::limits;
use super::section::Section;
use crate::cluster::spec::ControllerSpec;
use crate::values::ids::NodeId;
use crate::values::time::Span;

/// Reads what concerns the controller of a cluster with `brokers` brokers.
pub fn read(section: &mut Section<'_, '_>, brokers: u64) -> ControllerSpec {
    let broker_session_timeout =
        section.millis("broker.session.timeout.ms", defaults::BROKER_SESSION_TIMEOUT_MS);
    let broker_heartbeat_interval =
        section.millis("broker.heartbeat.interval.ms", defaults::BROKER_HEARTBEAT_INTERVAL_MS);
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
        failover: section.span("controller-failover", defaults::CONTROLLER_FAILOVER),
        broker_startup: section.span("broker-startup", defaults::BROKER_STARTUP),
        broker_shutdown: section.span("broker-shutdown", defaults::BROKER_SHUTDOWN),
        unclean_elections: section.flag("unclean.leader.election.enable", false),
        eligible_leader_replicas: section.flag("eligible-leader-replicas", true),
        rebalance_every: rebalances.then_some(Span::from_secs(every)),
    }
}
