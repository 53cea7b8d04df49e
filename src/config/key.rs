//! One key of the producer's configuration, as the table in [`super::keys`] says it.

use std::fmt;

use super::version::ClientVersion;

/// A key, its meaning, and its definition in each version that knows it.
#[derive(Clone, Copy, Debug)]
pub struct Key {
    /// `linger.ms`.
    pub name: &'static str,
    /// What its value is.
    pub kind: Kind,
    /// What it is about.
    pub area: Area,
    /// Whether the simulation depends on it. The other keys are checked and have no effect.
    pub is_modelled: bool,
    /// What it does, in a sentence or two.
    pub doc: &'static str,
    /// One for each version, the oldest first; `None` where the version does not know the key.
    definitions: [Option<Definition>; ClientVersion::ALL.len()],
}

/// What a version says about a key.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Definition {
    /// The value where none is given.
    pub preset: Preset,
    /// Which values are right.
    pub valid: Valid,
    /// How important the version's documentation finds the key.
    pub importance: Importance,
}

/// The value of a key that is not given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Preset {
    /// There is none: the key must be given.
    Required,
    /// Java's null: not set.
    Null,
    /// This, as a properties file would have it.
    Text(&'static str),
}

/// What a value is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// `true` or `false` in upper or lower case.
    Boolean,
    /// A whole number of 16 bits.
    Short,
    /// A whole number of 32 bits.
    Int,
    /// A whole number of 64 bits.
    Long,
    /// A number with a fraction.
    Double,
    /// Any text.
    String,
    /// Texts between commas.
    List,
    /// The name of a Java class.
    Class,
    /// A text that nothing may print.
    Password,
}

/// Which values of its [`Kind`] a key takes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Valid {
    /// All.
    Any,
    /// This number and larger ones.
    AtLeast(i64),
    /// Numbers from the first to the second.
    Between(i64, i64),
    /// Numbers from the first to the second, and the third beside them.
    BetweenOr(i64, i64, i64),
    /// Numbers with a fraction from the first to the second.
    Fraction(f64, f64),
    /// One of these words.
    OneOf(&'static [&'static str]),
    /// One of these words in upper or lower case.
    OneOfAnyCase(&'static [&'static str]),
    /// Any text but the empty one.
    NonEmpty,
    /// Anything but null.
    NonNull,
    /// A list without empty and without equal items.
    Distinct,
    /// As [`Valid::Distinct`], with at least one item.
    DistinctNonEmpty,
}

/// What Kafka's documentation says about how much a key matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Importance {
    /// High.
    High,
    /// Medium.
    Medium,
    /// Low.
    Low,
}

/// What a key is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Area {
    /// Filling batches and the memory they take.
    Batching,
    /// Acknowledgement, retries, time limits.
    Delivery,
    /// Choosing partitions.
    Partitioning,
    /// Who the producer is and what runs inside it.
    Application,
    /// Addresses, sockets, reconnecting.
    Connection,
    /// What the client knows of the cluster.
    Metadata,
    /// Measuring and reporting.
    Metrics,
    /// Encryption and authentication.
    Security,
}

impl Area {
    /// All of them, in the order in which they are listed.
    pub const ALL: [Area; 8] = [
        Area::Batching,
        Area::Delivery,
        Area::Partitioning,
        Area::Application,
        Area::Connection,
        Area::Metadata,
        Area::Metrics,
        Area::Security,
    ];
}

impl Key {
    /// A key that every version knows, of low importance, that takes all values of its kind and is not modelled.
    pub(super) const fn new(
        area: Area,
        name: &'static str,
        kind: Kind,
        preset: Preset,
        doc: &'static str,
    ) -> Key {
        let definition = Definition { preset, valid: Valid::Any, importance: Importance::Low };
        Key { name, kind, area, is_modelled: false, doc, definitions: [Some(definition); 4] }
    }

    /// The simulation depends on it.
    pub(super) const fn modelled(self) -> Key {
        Key { is_modelled: true, ..self }
    }

    /// In all versions.
    pub(super) const fn importance(self, importance: Importance) -> Key {
        self.changed(ClientVersion::V2_3, Change::Importance(importance))
    }

    /// In all versions.
    pub(super) const fn valid(self, valid: Valid) -> Key {
        self.changed(ClientVersion::V2_3, Change::Valid(valid))
    }

    /// Versions before this one do not know it.
    pub(super) const fn since(mut self, version: ClientVersion) -> Key {
        let mut index = 0;
        while index < version as usize {
            self.definitions[index] = None;
            index += 1;
        }
        self
    }

    /// This version and later ones do not know it.
    pub(super) const fn removed_in(mut self, version: ClientVersion) -> Key {
        let mut index = version as usize;
        while index < self.definitions.len() {
            self.definitions[index] = None;
            index += 1;
        }
        self
    }

    /// In this version and later ones.
    pub(super) const fn changed(mut self, from: ClientVersion, change: Change) -> Key {
        let mut index = from as usize;
        while index < self.definitions.len() {
            if let Some(mut definition) = self.definitions[index] {
                match change {
                    Change::Preset(preset) => definition.preset = preset,
                    Change::Valid(valid) => definition.valid = valid,
                    Change::Importance(importance) => definition.importance = importance,
                }
                self.definitions[index] = Some(definition);
            }
            index += 1;
        }
        self
    }

    /// What a version says about the key; `None` if it does not know it.
    pub fn definition(&self, version: ClientVersion) -> Option<&Definition> {
        self.definitions[version as usize].as_ref()
    }

    /// The versions that know the key, the newest first.
    pub fn versions(&self) -> impl Iterator<Item = ClientVersion> {
        ClientVersion::ALL.into_iter().filter(|&version| self.definition(version).is_some())
    }

    /// Whether nothing may print its value.
    pub fn is_secret(&self) -> bool {
        self.kind == Kind::Password
    }

    /// What a number of this key counts; `None` for plain numbers and everything else.
    pub fn unit(&self) -> Option<&'static str> {
        let is_number = matches!(self.kind, Kind::Short | Kind::Int | Kind::Long);
        let unit = match self.name {
            "batch.size" | "buffer.memory" | "max.request.size" => "bytes",
            name if name.ends_with(".bytes") => "bytes",
            name if name.ends_with(".ms") || name == "sasl.kerberos.min.time.before.relogin" => {
                "milliseconds"
            }
            name if name.ends_with(".seconds") => "seconds",
            _ => return None,
        };
        is_number.then_some(unit)
    }
}

/// What differs from some version on.
#[derive(Clone, Copy)]
pub(super) enum Change {
    Preset(Preset),
    Valid(Valid),
    Importance(Importance),
}

impl Kind {
    /// As Kafka's documentation calls it.
    pub const fn name(self) -> &'static str {
        match self {
            Kind::Boolean => "boolean",
            Kind::Short => "short",
            Kind::Int => "int",
            Kind::Long => "long",
            Kind::Double => "double",
            Kind::String => "string",
            Kind::List => "list",
            Kind::Class => "class",
            Kind::Password => "password",
        }
    }
}

impl fmt::Display for Valid {
    /// As a phrase: `at least 0`; nothing for [`Valid::Any`].
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Valid::Any | Valid::NonNull => Ok(()),
            Valid::AtLeast(low) => write!(f, "at least {low}"),
            Valid::Between(low, high) => write!(f, "from {low} to {high}"),
            Valid::BetweenOr(low, high, other) => write!(f, "from {low} to {high}, or {other}"),
            Valid::Fraction(low, high) => write!(f, "from {low} to {high}"),
            Valid::OneOf(words) => f.write_str(&words.join(", ")),
            Valid::OneOfAnyCase(words) => write!(f, "{} in upper or lower case", words.join(", ")),
            Valid::NonEmpty => f.write_str("not empty"),
            Valid::Distinct => f.write_str("no empty and no equal items"),
            Valid::DistinctNonEmpty => f.write_str("at least one item, no empty and no equal items"),
        }
    }
}

impl fmt::Display for Importance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Importance::High => "high",
            Importance::Medium => "medium",
            Importance::Low => "low",
        })
    }
}

impl fmt::Display for Area {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Area::Batching => "Batches and memory",
            Area::Delivery => "Delivery",
            Area::Partitioning => "Choice of partition",
            Area::Application => "Application",
            Area::Connection => "Connections",
            Area::Metadata => "Metadata",
            Area::Metrics => "Metrics",
            Area::Security => "Security",
        })
    }
}

impl fmt::Display for Preset {
    /// As a properties file would have it; required and null in words.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Preset::Required => "(required)",
            Preset::Null => "(not set)",
            Preset::Text("") => "(empty)",
            Preset::Text(text) => text,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::keys::key;

    #[test]
    fn versions_differ_where_the_table_says() {
        let linger = key("linger.ms").expect("a key");
        let preset = |version| linger.definition(version).map(|definition| definition.preset);
        assert_eq!(preset(ClientVersion::V4_3), Some(Preset::Text("5")));
        assert_eq!(preset(ClientVersion::V3_9), Some(Preset::Text("0")));
        let jmx = key("auto.include.jmx.reporter").expect("a key");
        assert_eq!(jmx.versions().collect::<Vec<_>>(), [ClientVersion::V3_9]);
    }

    #[test]
    fn units_follow_from_names() {
        let unit = |name| key(name).expect("a key").unit();
        assert_eq!((unit("linger.ms"), unit("send.buffer.bytes")), (Some("milliseconds"), Some("bytes")));
        assert_eq!((unit("retries"), unit("acks")), (None, None));
    }
}
