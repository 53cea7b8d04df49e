//! What the value of a key of a scenario is.

use std::fmt;

use crate::scenario::limits;
use crate::values::quantity::{Measure, Quantity};
use crate::values::time::Span;
use crate::values::units::{BitRate, Bytes, Millionths, PerByte, Permille, Rate};

/// What a value is. Where one depends on other keys, this is what it is at most.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A text of one line.
    Text,
    /// A text of several lines.
    Block,
    /// The name of a file.
    File,
    /// `true` or `false`.
    Flag,
    /// `true`: the key is there, or it is not.
    True,
    /// A whole number from the first to the second.
    Count(u64, u64),
    /// A limit as Kafka writes it: a whole number, or -1 for none.
    Limit,
    /// A number from the first to the second, both in thousandths, with at most three decimals.
    Decimal(u64, u64),
    /// Any number, perhaps below 0.
    Number,
    /// A number with a unit.
    Quantity(Quantity),
    /// The same, above 0.
    Positive(Quantity),
    /// One of these words.
    Words(&'static [&'static str]),
    /// A part of all: `0.02`, or `"2%"`.
    Chance,
    /// The name of one of Kafka's errors.
    ErrorName,
    /// The word of something that can happen in a run.
    EventKind,
    /// The id of a broker.
    BrokerId,
    /// A broker by its id, or by what it is at the time.
    Broker,
    /// `TOPIC-NUMBER`.
    Partition,
    /// One of these.
    Either(&'static [Kind]),
    /// A list of such items, at least and at most so many.
    List(&'static Kind, usize, usize),
    /// A table with these keys.
    Inline(&'static [super::Row]),
    /// A table whose keys are names that the user gives, all with such values.
    Named(&'static Kind),
    /// The section that this key leads to; any table, if the manual has no such section.
    Table,
    /// A list of such tables: `[[fault]]`.
    Tables,
    /// One such table, or a list of them: `[producer]`, or `[[producer]]`.
    OneOrMore,
    /// A table as the section with this path.
    SameAs(&'static str),
}

/// A duration.
pub const DURATION: Kind = Kind::Quantity(Span::QUANTITY);
/// A duration above 0.
pub const POSITIVE_DURATION: Kind = Kind::Positive(Span::QUANTITY);
/// A size.
pub const SIZE: Kind = Kind::Quantity(Bytes::QUANTITY);
/// A rate.
pub const RATE: Kind = Kind::Quantity(Rate::QUANTITY);
/// A bandwidth.
pub const BANDWIDTH: Kind = Kind::Quantity(BitRate::QUANTITY);
/// A percentage.
pub const PERCENTAGE: Kind = Kind::Quantity(Permille::QUANTITY);
/// A percentage with four decimals.
pub const FINE_PERCENTAGE: Kind = Kind::Quantity(Millionths::QUANTITY);
/// A time per byte.
pub const PER_BYTE: Kind = Kind::Quantity(PerByte::QUANTITY);
/// A number of milliseconds.
pub const MILLIS: Kind = Kind::Count(1, limits::SPAN.as_nanos() / 1_000_000);
/// A broker, or all of them.
pub const BROKER_OR_ALL: Kind = Kind::Either(&[Kind::Broker, Kind::Words(&["all"])]);

impl fmt::Display for Kind {
    /// As the column `value` of the manual's tables has it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Kind::Text | Kind::Block => f.write_str("text"),
            Kind::File => f.write_str("file"),
            Kind::Flag => f.write_str("true or false"),
            Kind::True => f.write_str("true"),
            MILLIS => f.write_str("1 to a year"),
            Kind::Count(0, u64::MAX) => f.write_str("whole number"),
            Kind::Count(low, high) => write!(f, "{low} to {high}"),
            Kind::Limit => f.write_str("whole number, or -1 for no limit"),
            Kind::Decimal(low, high) => write!(f, "{} to {}", low as f64 / 1e3, high as f64 / 1e3),
            Kind::Number => f.write_str("number"),
            Kind::Quantity(quantity) => f.write_str(noun(quantity)),
            Kind::Positive(quantity) => write!(f, "{} above 0", noun(quantity)),
            Kind::Words(words) => {
                let quoted: Vec<String> = words.iter().map(|word| format!("`\"{word}\"`")).collect();
                f.write_str(&quoted.join(", "))
            }
            Kind::Chance => f.write_str("`0.02` or `\"2%\"`"),
            Kind::ErrorName => f.write_str("Kafka's name of an error"),
            Kind::EventKind => f.write_str("kind of an event"),
            Kind::BrokerId => f.write_str("broker id"),
            Kind::Broker => f.write_str("broker"),
            Kind::Partition => f.write_str("partition"),
            Kind::Either(kinds) => {
                let kinds: Vec<String> = kinds.iter().map(Kind::to_string).collect();
                f.write_str(&kinds.join(", or "))
            }
            Kind::List(item, _, high) => write!(f, "list of at most {high}: {item}"),
            Kind::Inline(_) | Kind::Named(_) | Kind::Table | Kind::SameAs(_) => f.write_str("table"),
            Kind::Tables => f.write_str("tables"),
            Kind::OneOrMore => f.write_str("table, or tables"),
        }
    }
}

/// `duration` for `a duration`.
fn noun(quantity: Quantity) -> &'static str {
    quantity.name.strip_prefix("a ").unwrap_or(quantity.name)
}
