//! What a producer's configuration promises, and whether the simulated cluster has kept it.

use std::collections::BTreeMap;

use super::result::{Audit, Finding, Promise};
use crate::audit::{Breach, Ledger};
use crate::cluster::spec::ClusterSpec;
use crate::config::producer::ProducerConfig;
use crate::protocol::message::Acks;
use crate::scenario::Scenario;
use crate::values::ids::TopicPartition;

/// The promise that something of this kind breaks. As long as elections are clean and logs survive, acks=all keeps
/// everything. A sequence or a duplicate is looked for within one session of an idempotent producer: with a new producer id or epoch
/// Kafka promises nothing across it. One request in flight keeps the order only of what succeeds: a batch that has
/// expired may still be on its way when the next one is sent.
fn broken(breach: Breach, config: &ProducerConfig, cluster: &ClusterSpec) -> Option<Promise> {
    let logs_are_kept = !cluster.controller.unclean_elections && !cluster.logs_can_be_lost;
    if !logs_are_kept {
        // What a broker knows of sequences is in its log.
        return None;
    }
    match breach {
        Breach::Lost => (config.acks == Acks::All).then_some(Promise::NoLoss),
        Breach::SessionDuplicate => Some(Promise::NoDuplicates),
        Breach::SessionReordered => Some(Promise::NoReordering),
        // With acks=0 nobody waits for the broker, and a connection that takes another's place overtakes it.
        Breach::AckedReordered => {
            (config.max_in_flight == 1 && config.acks != Acks::None).then_some(Promise::NoReordering)
        }
        Breach::SequenceGap => Some(Promise::NoGaps),
        Breach::LateStart => Some(Promise::NoLateStart),
        Breach::Duplicate | Breach::Reordered | Breach::FailedButPresent => None,
    }
}

/// The ledger as a report shows it; `names` are the client ids.
pub(super) fn audit(scenario: &Scenario, ledger: &Ledger, names: &[String]) -> Audit {
    let count = |breaches: &[Breach]| breaches.iter().map(|breach| ledger.count(*breach)).sum();
    Audit {
        lost: count(&[Breach::Lost]),
        duplicates: count(&[Breach::Duplicate, Breach::SessionDuplicate]),
        reordered: count(&[Breach::Reordered, Breach::AckedReordered, Breach::SessionReordered]),
        failed_but_present: count(&[Breach::FailedButPresent]),
        sequence_gaps: count(&[Breach::SequenceGap, Breach::LateStart]),
        under_way: ledger.under_way,
        findings: findings(scenario, ledger, names),
    }
}

/// One finding for each promise and producer.
fn findings(scenario: &Scenario, ledger: &Ledger, names: &[String]) -> Vec<Finding> {
    let configs: Vec<&ProducerConfig> = (scenario.producers.iter())
        .flat_map(|group| std::iter::repeat_n(&group.config, group.count as usize))
        .collect();
    let mut places: BTreeMap<(Promise, u32), Vec<(TopicPartition, u64)>> = BTreeMap::new();
    for (breach, client, tp, count) in ledger.entries() {
        let config = configs.get(client as usize);
        if let Some(promise) = config.and_then(|config| broken(breach, config, &scenario.cluster)) {
            places.entry((promise, client)).or_default().push((tp, count));
        }
    }
    places
        .into_iter()
        .map(|((promise, client), places)| {
            let (tp, _) = places[0];
            Finding {
                promise,
                producer: names.get(client as usize).cloned().unwrap_or_default(),
                topic: scenario.cluster.topics[tp.topic.index()].name.clone(),
                partition: tp.partition,
                partitions: places.len() as u64,
                count: places.iter().map(|(_, count)| count).sum(),
            }
        })
        .collect()
}
