//! The classes of Kafka that a configuration may name.
//!
//! Only the packages of serializers and partitioners are known here. Any other class is taken to exist: a simulator
//! cannot look into the user's jars.

use super::version::ClientVersion::{self, V2_3, V3_1, V3_9, V4_3};
use crate::values::nearest::{did_you_mean, nearest};

/// The package of Kafka's serializers.
pub(super) const SERIALIZATION: &str = "org.apache.kafka.common.serialization.";
/// The package of Kafka's partitioners.
pub(super) const PRODUCER: &str = "org.apache.kafka.clients.producer.";
const LANG: &str = "java.lang.";

/// What an object of a class can be used as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    Serializer,
    Partitioner,
    Neither,
}

struct Class {
    package: &'static str,
    name: &'static str,
    role: Role,
    first: ClientVersion,
    last: ClientVersion,
}

const fn class(package: &'static str, name: &'static str, role: Role) -> Class {
    Class { package, name, role, first: V2_3, last: V4_3 }
}

const fn serializer(name: &'static str, first: ClientVersion) -> Class {
    Class { first, ..class(SERIALIZATION, name, Role::Serializer) }
}

const fn partitioner(name: &'static str, first: ClientVersion, last: ClientVersion) -> Class {
    Class { first, last, ..class(PRODUCER, name, Role::Partitioner) }
}

const CLASSES: &[Class] = &[
    serializer("BooleanSerializer", V3_9),
    serializer("ByteArraySerializer", V2_3),
    serializer("ByteBufferSerializer", V2_3),
    serializer("BytesSerializer", V2_3),
    serializer("DoubleSerializer", V2_3),
    serializer("FloatSerializer", V2_3),
    serializer("IntegerSerializer", V2_3),
    serializer("ListSerializer", V3_1),
    serializer("LongSerializer", V2_3),
    serializer("ShortSerializer", V2_3),
    serializer("StringSerializer", V2_3),
    serializer("UUIDSerializer", V2_3),
    serializer("VoidSerializer", V3_1),
    class(SERIALIZATION, "ByteArrayDeserializer", Role::Neither),
    class(SERIALIZATION, "StringDeserializer", Role::Neither),
    partitioner("RoundRobinPartitioner", V3_1, V4_3),
    partitioner("UniformStickyPartitioner", V3_1, V3_9),
    partitioner("internals.DefaultPartitioner", V2_3, V3_9),
    class(LANG, "Object", Role::Neither),
    class(LANG, "String", Role::Neither),
];

impl Class {
    fn is_in(&self, version: ClientVersion) -> bool {
        self.first <= version && version <= self.last
    }

    fn full_name(&self) -> String {
        format!("{}{}", self.package, self.name)
    }
}

fn known(version: ClientVersion, name: &str) -> Option<&'static Class> {
    let is_named = |class: &&Class| name.strip_prefix(class.package) == Some(class.name);
    CLASSES.iter().filter(|class| class.is_in(version)).find(is_named)
}

/// What a class of Kafka or Java can be used as; `None` if only the user can know.
pub(super) fn role(version: ClientVersion, name: &str) -> Option<Role> {
    known(version, name).map(|class| class.role)
}

/// Whether a class surely does not exist in a version; within, the names that may have been meant.
pub(super) fn missing(version: ClientVersion, name: &str) -> Option<Option<String>> {
    let is_ours = [SERIALIZATION, PRODUCER].iter().any(|package| name.starts_with(package));
    if !(is_ours || name.is_empty()) || known(version, name).is_some() {
        return None;
    }
    let others: Vec<ClientVersion> =
        ClientVersion::ALL.into_iter().filter(|&other| known(other, name).is_some()).collect();
    if let [newest, ..] = others[..] {
        return Some(Some(format!("client {newest} has it")));
    }
    let names: Vec<String> =
        CLASSES.iter().filter(|class| class.is_in(version)).map(Class::full_name).collect();
    Some(did_you_mean(&nearest(name, names.iter().map(String::as_str))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn classes_come_and_go_with_versions() {
        let round_robin = "org.apache.kafka.clients.producer.RoundRobinPartitioner";
        assert_eq!(role(V3_1, round_robin), Some(Role::Partitioner));
        assert_eq!(missing(V4_3, round_robin), None);
        assert_eq!(missing(V2_3, round_robin), Some(Some("client 4.3 has it".to_owned())));
    }

    #[test]
    fn a_misspelt_class_has_a_suggestion_and_a_foreign_one_is_trusted() {
        let help = missing(V4_3, "org.apache.kafka.clients.producer.RoundRobinPartitoner").expect("missing");
        let help = help.expect("a suggestion");
        assert!(help.contains("`org.apache.kafka.clients.producer.RoundRobinPartitioner`"), "{help}");
        assert_eq!(missing(V4_3, "com.example.AvroSerializer"), None);
        assert_eq!(role(V4_3, "com.example.AvroSerializer"), None);
    }
}
