//! What must hold in every run, whatever goes wrong: the one place that knows what a result says about it.

use super::judge::Failure;
use crate::protocol::message::Acks;
use crate::scenario::Scenario;
use crate::world::result::RunResult;

/// The first promise that was broken.
///
/// As long as logs survive every fault and only in-sync replicas are elected, what was acked by all of them is in the
/// log. An idempotent producer that gives up no record writes none twice; when it gives one up, it may send those after
/// it again under a new epoch or producer id.
pub fn broken(scenario: &Scenario, result: &RunResult) -> Option<Failure> {
    let all = |wanted: fn(&crate::config::producer::ProducerConfig) -> bool| {
        scenario.producers.iter().all(|group| wanted(&group.config))
    };
    if all(|config| config.acks == Acks::All) {
        let lost = result.partitions.iter().find(|partition| partition.records > partition.log_end);
        if let Some(partition) = lost {
            let (records, log_end) = (partition.records, partition.log_end);
            let place = format!("{}-{}", partition.topic, partition.partition);
            let how = format!("{place} has {records} acked records, but its log ends at {log_end}");
            return Some(Failure::Promise { promise: "acked record lost", how });
        }
    }
    let populations = result.populations;
    let gave_none_up = populations.failed + populations.unknown == 0;
    if gave_none_up && all(|config| config.enable_idempotence) {
        let logged: u64 = result.partitions.iter().map(|partition| partition.log_end).sum();
        let possible = populations.acked + populations.pending;
        if logged > possible {
            let how =
                format!("the logs have {logged} records, only {possible} can be there: {populations:?}");
            return Some(Failure::Promise { promise: "idempotent record duplicated", how });
        }
    }
    None
}
