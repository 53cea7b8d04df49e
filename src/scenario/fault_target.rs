//! Whom a fault strikes: brokers, partitions, clients.

use super::fault::Target;
use super::section::{Section, count_of, value_text};
use super::tree::Value;
use crate::values::excerpt::short;
use crate::values::ids::{NodeId, TopicId, TopicPartition};
use crate::values::nearest::{did_you_mean, nearest};

/// What a scenario has that a fault can strike.
pub struct Around<'a> {
    /// Ids from 1 to this.
    pub brokers: u64,
    /// Whether there is a schema registry.
    pub has_registry: bool,
    /// Topic names, in the order of their ids.
    pub topics: &'a [String],
    /// Partitions of each.
    pub partitions: &'a [u32],
    /// `client.id` of each group of producers.
    pub clients: &'a [String],
    /// A broker is the active controller.
    pub controller_is_broker: bool,
}

const LEADER: &str = "leader of ";
const FOLLOWER: &str = "follower of ";

/// A broker: its id, or what it is at that time.
pub fn broker(section: &mut Section<'_, '_>, key: &'static str, around: &Around<'_>) -> Option<Target> {
    let entry = section.entry(key)?;
    let Value::Text(text) = &entry.node.value else {
        return node(section, key, around).map(Target::Broker);
    };
    let target = if text == "controller" {
        if !around.controller_is_broker {
            let help = "say which broker it is: controller = 1 in [cluster], or use controller-loss = true";
            section.problem(key, "is the controller, which is no broker here", help);
            return None;
        }
        Target::Controller
    } else if let Some(name) = text.strip_prefix(LEADER) {
        Target::LeaderOf(named_partition(section, key, name, around)?)
    } else if let Some(name) = text.strip_prefix(FOLLOWER) {
        Target::FollowerOf(named_partition(section, key, name, around)?)
    } else {
        let help = format!(
            "expected a broker id from 1 to {}, \"leader of TOPIC-PARTITION\", \"follower of TOPIC-PARTITION\" or \
             \"controller\"",
            around.brokers
        );
        section.problem(key, format_args!("is \"{}\"", short(text)), help);
        return None;
    };
    let name = section.name(key);
    section.intake.given(name, text.clone(), entry.node.place);
    Some(target)
}

/// The same, or `"all"`, which is `None`.
pub fn broker_or_all(
    section: &mut Section<'_, '_>,
    key: &'static str,
    around: &Around<'_>,
) -> Option<Option<Target>> {
    let entry = section.entry(key)?;
    match &entry.node.value {
        Value::Text(text) | Value::Argument(text) if text == "all" => {
            let name = section.name(key);
            section.intake.given(name, text.clone(), entry.node.place);
            Some(None)
        }
        _ => broker(section, key, around).map(Some),
    }
}

/// A broker id.
pub fn node(section: &mut Section<'_, '_>, key: &'static str, around: &Around<'_>) -> Option<NodeId> {
    section.optional_count(key, 1..=around.brokers).map(|id| NodeId(id as i32))
}

/// A list of broker ids, none twice.
pub fn nodes(section: &mut Section<'_, '_>, key: &'static str, around: &Around<'_>) -> Option<Vec<NodeId>> {
    let ids = section.list(key, |intake, name, node| count_of(intake, name, node, 1..=around.brokers));
    let mut seen = ids.clone();
    seen.sort_unstable();
    seen.dedup();
    if ids.is_empty() || seen.len() < ids.len() {
        let help = "expected a list of broker ids, the preferred leader first, none twice: to = [2, 3, 1]";
        section.problem(key, "is no list of replicas", help);
        return None;
    }
    Some(ids.into_iter().map(|id| NodeId(id as i32)).collect())
}

/// `TOPIC-PARTITION`, as Kafka writes it.
pub fn partition(
    section: &mut Section<'_, '_>,
    key: &'static str,
    around: &Around<'_>,
) -> Option<TopicPartition> {
    let name = section.optional_text(key)?;
    named_partition(section, key, &name, around)
}

fn named_partition(
    section: &mut Section<'_, '_>,
    key: &'static str,
    name: &str,
    around: &Around<'_>,
) -> Option<TopicPartition> {
    let found = name.rsplit_once('-').and_then(|(topic, number)| {
        let topic = around.topics.iter().position(|other| other == topic)?;
        let number = number.parse::<u32>().ok().filter(|number| *number < around.partitions[topic])?;
        Some(TopicPartition::new(TopicId(topic as u32), number))
    });
    if found.is_none() {
        let all: Vec<String> = around.topics.iter().map(|topic| format!("{topic}-0")).collect();
        let help = did_you_mean(&nearest(name, all.iter().map(String::as_str))).unwrap_or_else(|| {
            let first = all.first().map_or("events-0", String::as_str);
            format!("a partition is written TOPIC-NUMBER: \"{first}\"")
        });
        section.problem(
            key,
            format_args!("names the partition \"{}\", which there is not", short(name)),
            help,
        );
    }
    found
}

/// The groups of producers with a `client.id`.
pub fn clients(section: &mut Section<'_, '_>, key: &'static str, around: &Around<'_>) -> Option<Vec<usize>> {
    let id = section.optional_text(key)?;
    let named = |at: &usize| around.clients[*at] == id;
    let groups: Vec<usize> = (0..around.clients.len()).filter(named).collect();
    if groups.is_empty() {
        let known = around.clients.iter().map(String::as_str);
        let help = did_you_mean(&nearest(&id, known.clone()))
            .unwrap_or_else(|| format!("the client ids are: {}", known.collect::<Vec<_>>().join(", ")));
        let text = value_text(&Value::Text(id));
        section.problem(key, format_args!("is {text}, which is no client.id of this scenario"), help);
        return None;
    }
    Some(groups)
}
