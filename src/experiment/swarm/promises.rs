//! What must hold in every run, whatever goes wrong: the one place that knows what a result says about it.

use super::judge::Failure;
use crate::config::version::ClientVersion;
use crate::scenario::Scenario;
use crate::world::result::{Finding, Promise, RunResult};

/// The first promise that was broken although Kafka keeps it, as the audit of the run tells it.
pub fn broken(scenario: &Scenario, result: &RunResult) -> Option<Failure> {
    let finding = result.audit.findings.iter().find(|finding| known_flaw(scenario, finding).is_none())?;
    Some(Failure::Promise { promise: finding.promise.name(), how: finding.sentence() })
}

/// The flaw of the real Kafka that a finding is owed to, if it is owed to one. Users see these findings too; a swarm
/// looks for others.
pub fn known_flaw(scenario: &Scenario, finding: &Finding) -> Option<&'static str> {
    let has_old_idempotence = scenario
        .producers
        .iter()
        .any(|group| group.config.enable_idempotence && group.config.version == ClientVersion::V2_3);
    match finding.promise {
        Promise::NoLateStart => Some("a new partition takes any first sequence (KAFKA-14312)"),
        _ if finding.promise != Promise::NoLoss && scenario.cluster.logs.producers_go_with_records => {
            Some("before 2.4 brokers forget a producer with its last record (KAFKA-7190)")
        }
        // A batch that has failed on the client may still be on its way. Its sequence is given to the next one, and
        // the broker takes one for the other.
        _ if has_old_idempotence => Some("before KIP-360 sequences of failed batches are used again"),
        _ => None,
    }
}
