//! What happens in the cluster by itself.

use super::raw::RawEvent;
use super::script::{TopicNames, TopicSpec, known_node, leader_of, time, topic_spec};
use crate::protocol::message::Endpoint;
use crate::values::ids::{NodeId, TopicId, TopicPartition};
use crate::values::time::Time;

/// Something that happens at a time.
#[derive(Clone, Debug)]
pub(super) struct ScriptedEvent {
    /// When.
    pub(super) at: Time,
    /// What.
    pub(super) happening: Happening,
}

/// What can happen.
#[derive(Clone, Debug)]
pub(super) enum Happening {
    /// A partition gets another leader, or loses its leader.
    SetLeader {
        /// The partition.
        tp: TopicPartition,
        /// The new leader.
        leader: Option<NodeId>,
    },
    /// All connections to a broker break, and new ones are refused for a time.
    Disconnect {
        /// The broker.
        node: NodeId,
        /// From then on it can be reached again.
        until: Time,
    },
    /// A topic grows.
    AddPartitions {
        /// The topic.
        topic: TopicId,
        /// Leaders of the new partitions.
        leaders: Vec<Option<NodeId>>,
    },
    /// A topic is created.
    AddTopic(TopicSpec),
}

impl ScriptedEvent {
    /// Checks an event of a script.
    pub(super) fn check(
        raw: RawEvent,
        nodes: &[Endpoint],
        names: &mut TopicNames,
    ) -> Result<ScriptedEvent, String> {
        let at = time("events.at", raw.at)?;
        let known = |name: &str, names: &TopicNames| {
            names.find(name).ok_or_else(|| format!("an event is about topic `{name}`, which is not there"))
        };
        let happening = match (raw.set_leader, raw.disconnect, raw.add_partitions, raw.add_topic) {
            (Some(set), None, None, None) => Happening::SetLeader {
                tp: TopicPartition::new(known(&set.topic, names)?, set.partition),
                leader: leader_of(set.leader, nodes)?,
            },
            (None, Some(node), None, None) => Happening::Disconnect {
                node: known_node(node, nodes)?,
                until: time("events.until", raw.until.unwrap_or(raw.at))?,
            },
            (None, None, Some(add), None) => Happening::AddPartitions {
                topic: known(&add.topic, names)?,
                leaders: add
                    .leaders
                    .iter()
                    .map(|&leader| leader_of(leader, nodes))
                    .collect::<Result<_, _>>()?,
            },
            (None, None, None, Some(topic)) => Happening::AddTopic(topic_spec(&topic, nodes, names)?),
            _ => {
                return Err(format!(
                    "the event at {} has one of `set_leader`, `disconnect`, `add_partitions` and `add_topic`",
                    raw.at
                ));
            }
        };
        Ok(ScriptedEvent { at, happening })
    }
}
