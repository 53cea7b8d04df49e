//! `[[cluster.topic]]`: names, partitions, replicas.

use std::collections::BTreeSet;
use std::ops::RangeInclusive;

use super::problem::Problem;
use super::section::Section;
use super::{defaults, limits, retention_section};
use crate::cluster::spec::{RetentionSpec, TopicSpec};
use crate::values::excerpt::short;
use crate::values::ids::NodeId;

/// Longest topic name Kafka allows.
pub(super) const NAME_MAX: usize = 249;

/// `max.message.bytes`; less than an empty batch takes is of no use.
const MAX_MESSAGE_BYTES: RangeInclusive<u64> = 61..=i32::MAX as u64;

/// A topic before its replicas are laid out.
#[derive(Clone)]
struct Plan {
    name: String,
    partitions: u64,
    replication: u64,
    min_insync_replicas: u64,
    max_message_bytes: u64,
    retention: RetentionSpec,
}

/// Reads the topics of `[cluster]`. Where it has none, there is one of each of the names `names`.
pub fn read(section: &mut Section<'_, '_>, brokers: u64, names: &[String]) -> Vec<TopicSpec> {
    let usual = Plan {
        name: String::new(),
        partitions: section.count("partitions", 1..=limits::PARTITIONS, defaults::PARTITIONS),
        replication: replication(section, brokers, defaults::REPLICATION.min(brokers)),
        min_insync_replicas: min_insync_replicas(section).unwrap_or(defaults::MIN_INSYNC_REPLICAS),
        max_message_bytes: section.count("message.max.bytes", MAX_MESSAGE_BYTES, defaults::MAX_MESSAGE_BYTES),
        retention: retention_section::of_cluster(section),
    };
    let tables = section.tables("topic", limits::TOPICS);
    let mut plans: Vec<Plan> = Vec::new();
    let mut taken = BTreeSet::new();
    for (path, table) in &tables {
        let flat = table.flattened(&[]);
        let mut topic = Section::new(path.clone(), Some(&flat), section.intake);
        let plan = one_topic(&mut topic, brokers, &usual);
        if !plan.name.is_empty() && !taken.insert(plan.name.clone()) {
            topic.problem(
                "name",
                format_args!("\"{}\" is taken", short(&plan.name)),
                "each topic needs its own name",
            );
        }
        topic.finish();
        plans.push(plan);
    }
    if tables.is_empty() {
        check_min_insync(section, &usual);
        for name in names {
            if let Some(fault) = name_fault(name) {
                let message = format!("the trace's topic \"{}\" {fault}", short(name));
                section.intake.problem(Problem::somewhere(message).help(name_help()));
            }
        }
        section.intake.defaulted("cluster.topic.name".to_owned(), short(&names.join(", ")));
        plans.extend(names.iter().map(|name| Plan { name: name.clone(), ..usual.clone() }));
    }
    match sizes_fit(section, &plans) {
        true => plans.iter().map(|plan| laid_out(plan, brokers)).collect(),
        false => {
            plans.iter().map(|plan| laid_out(&Plan { partitions: 1, ..plan.clone() }, brokers)).collect()
        }
    }
}

fn one_topic(section: &mut Section<'_, '_>, brokers: u64, usual: &Plan) -> Plan {
    let plan = Plan {
        name: name(section).unwrap_or_default(),
        partitions: section.optional_count("partitions", 1..=limits::PARTITIONS).unwrap_or(usual.partitions),
        replication: match section.has("replication") {
            true => replication(section, brokers, usual.replication),
            false => usual.replication,
        },
        min_insync_replicas: min_insync_replicas(section).unwrap_or(usual.min_insync_replicas),
        max_message_bytes: section
            .optional_count("max.message.bytes", MAX_MESSAGE_BYTES)
            .unwrap_or(usual.max_message_bytes),
        retention: retention_section::of_topic(section, usual.retention),
    };
    check_min_insync(section, &plan);
    plan
}

fn check_min_insync(section: &mut Section<'_, '_>, plan: &Plan) {
    if plan.min_insync_replicas > plan.replication {
        let message = format!("is {}, more than the {} replicas", plan.min_insync_replicas, plan.replication);
        section.problem("min.insync.replicas", message, "no record with acks=all would ever be accepted");
    }
}

fn name(section: &mut Section<'_, '_>) -> Option<String> {
    let name = section.optional_text("name");
    if !section.has("name") {
        section.problem("name", "is missing", "every [[cluster.topic]] needs a name = \"...\"");
    }
    if let Some(name) = &name
        && let Some(fault) = name_fault(name)
    {
        section.problem("name", format_args!("\"{}\" {fault}", short(name)), name_help());
    }
    name
}

/// Why a topic cannot have this name, and what would be right.
pub fn refusal(name: &str) -> Option<(String, String)> {
    name_fault(name).map(|fault| (format!("the topic \"{}\" {fault}", short(name)), name_help()))
}

fn name_help() -> String {
    format!("expected letters, digits, '.', '_' and '-', at most {NAME_MAX} of them")
}

fn name_fault(name: &str) -> Option<&'static str> {
    let legal = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
    match name {
        "" => Some("is empty"),
        "." | ".." => Some("is a name Kafka refuses (InvalidTopicException)"),
        _ if name.len() > NAME_MAX => Some("is too long (InvalidTopicException)"),
        _ if !name.chars().all(legal) => Some("has characters Kafka refuses (InvalidTopicException)"),
        _ => None,
    }
}

fn min_insync_replicas(section: &mut Section<'_, '_>) -> Option<u64> {
    section.optional_count("min.insync.replicas", 1..=limits::BROKERS)
}

fn replication(section: &mut Section<'_, '_>, brokers: u64, default: u64) -> u64 {
    let factor = section.count("replication", 1..=limits::BROKERS, default);
    if factor > brokers {
        let message =
            format!("is {factor}, more than the {brokers} brokers (InvalidReplicationFactorException)");
        section.problem(
            "replication",
            message,
            "each replica lives on its own broker: lower it, or raise `brokers`",
        );
        return default;
    }
    factor
}

fn sizes_fit(section: &mut Section<'_, '_>, plans: &[Plan]) -> bool {
    let partitions: u64 = plans.iter().map(|plan| plan.partitions).sum();
    let replicas: u64 = plans.iter().map(|plan| plan.partitions * plan.replication).sum();
    for (what, count, limit) in
        [("partitions", partitions, limits::PARTITIONS), ("replicas", replicas, limits::REPLICAS)]
    {
        if count > limit {
            let help = format!("at most {limit} are allowed");
            section.problem("topic", format_args!("makes {count} {what} in all"), help);
            return false;
        }
    }
    true
}

/// Partition p is led by broker 1 + p mod brokers, and the brokers after it follow.
fn laid_out(plan: &Plan, brokers: u64) -> TopicSpec {
    let replica = |partition: u64, n: u64| NodeId(1 + ((partition + n) % brokers) as i32);
    let assignment = (0..plan.partitions)
        .map(|partition| (0..plan.replication).map(|n| replica(partition, n)).collect())
        .collect();
    TopicSpec {
        name: plan.name.clone(),
        assignment,
        min_insync_replicas: plan.min_insync_replicas as u32,
        max_message_bytes: plan.max_message_bytes as u32,
        retention: plan.retention,
    }
}
