//! Values: as they are given, and as the client understands them.

use std::fmt;

use super::classes;
use super::key::{Definition, Key, Kind, Valid};
use super::rejection::{Exception, Rejection};
use super::version::ClientVersion;
use crate::values::excerpt::{excerpt, short};
use crate::values::nearest::{did_you_mean, nearest};

/// Characters of an effective value that are printed.
const MAX_SHOWN: usize = 1_000;
/// Characters of a class's name that are printed.
const MAX_CLASS: usize = 100;

/// A value as it is given to the client. Properties files have only texts; a Java program may also put numbers,
/// booleans and null into its map.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Raw<'a> {
    /// A `String`.
    Text(&'a str),
    /// An `Integer` or, if it needs more than 32 bits, a `Long`.
    Integer(i64),
    /// A `Double`.
    Double(f64),
    /// A `Boolean`.
    Boolean(bool),
    /// `null`.
    Null,
}

/// A value as the client understands it.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// Java's null.
    Null,
    /// Of a boolean key.
    Boolean(bool),
    /// Of a short, int or long key.
    Integer(i64),
    /// Of a double key.
    Double(f64),
    /// Of a string or class key.
    Text(String),
    /// Of a list key.
    List(Vec<String>),
    /// Of a password key; the value is forgotten.
    Hidden,
}

impl fmt::Display for Value {
    /// As a properties file would have it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Value::Null => f.write_str("(not set)"),
            Value::Boolean(flag) => flag.fmt(f),
            Value::Integer(number) => number.fmt(f),
            Value::Double(number) => number.fmt(f),
            Value::Text(text) => f.write_str(&excerpt(text, MAX_SHOWN)),
            Value::List(items) => f.write_str(&excerpt(&items.join(","), MAX_SHOWN)),
            Value::Hidden => f.write_str("[hidden]"),
        }
    }
}

/// Understands a value as `ConfigDef` does: first its kind, then whether it is valid.
///
/// # Errors
/// A `ConfigException` of the client, in our words.
pub(super) fn read(
    version: ClientVersion,
    key: &'static Key,
    definition: &Definition,
    raw: Raw<'_>,
) -> Result<Value, Rejection> {
    let wrong = || {
        let message = format!("`{}` {}", key.name, is(key, raw));
        Rejection::new(key, Exception::ConfigException, message).help(expected(key, definition, raw))
    };
    let value = of_kind(key.kind, raw).ok_or_else(wrong)?;
    if let (Kind::Class, Value::Text(class)) = (key.kind, &value)
        && let Some(help) = classes::missing(version, class)
    {
        let message = match class.trim() {
            "" => format!("`{}` is empty", key.name),
            _ => {
                let class = excerpt(class, MAX_CLASS);
                format!("`{}` is {class}, a class that client {version} does not have", key.name)
            }
        };
        return Err(Rejection::new(key, Exception::ConfigException, message).maybe_help(help));
    }
    if !is_valid(definition.valid, &value) {
        return Err(wrong().maybe_help(correction(definition.valid, &value)));
    }
    Ok(if key.is_secret() && value != Value::Null { Value::Hidden } else { value })
}

/// Java's `trim` and the parsing of `ConfigDef.parseType`.
fn of_kind(kind: Kind, raw: Raw<'_>) -> Option<Value> {
    let raw = match raw {
        Raw::Text(text) => Raw::Text(text.trim_matches(|c| c <= ' ')),
        Raw::Null => return Some(Value::Null),
        other => other,
    };
    match (kind, raw) {
        (Kind::Boolean, Raw::Boolean(flag)) => Some(Value::Boolean(flag)),
        (Kind::Boolean, Raw::Text(text)) if text.eq_ignore_ascii_case("true") => Some(Value::Boolean(true)),
        (Kind::Boolean, Raw::Text(text)) if text.eq_ignore_ascii_case("false") => Some(Value::Boolean(false)),
        (Kind::Short | Kind::Int | Kind::Long, Raw::Integer(number)) => integer(kind, number),
        (Kind::Short | Kind::Int | Kind::Long, Raw::Text(text)) => integer(kind, text.parse().ok()?),
        (Kind::Double, Raw::Double(number)) => Some(Value::Double(number)),
        (Kind::Double, Raw::Integer(number)) => Some(Value::Double(number as f64)),
        (Kind::Double, Raw::Text(text)) => text.parse().ok().map(Value::Double),
        (Kind::String | Kind::Class | Kind::Password, Raw::Text(text)) => Some(Value::Text(text.to_owned())),
        (Kind::List, Raw::Text("")) => Some(Value::List(Vec::new())),
        (Kind::List, Raw::Text(text)) => {
            let items = text.split(',').map(|item| item.trim_matches(|c: char| c.is_ascii_whitespace()));
            Some(Value::List(items.map(str::to_owned).collect()))
        }
        _ => None,
    }
}

fn integer(kind: Kind, number: i64) -> Option<Value> {
    let (low, high) = limits(kind);
    (low..=high).contains(&number).then_some(Value::Integer(number))
}

/// The smallest and the largest number of a kind.
pub const fn limits(kind: Kind) -> (i64, i64) {
    match kind {
        Kind::Short => (i16::MIN as i64, i16::MAX as i64),
        Kind::Int => (i32::MIN as i64, i32::MAX as i64),
        _ => (i64::MIN, i64::MAX),
    }
}

fn is_valid(valid: Valid, value: &Value) -> bool {
    match (valid, value) {
        (Valid::Any, _) | (Valid::NonEmpty, Value::Null) => true,
        (Valid::AtLeast(low), Value::Integer(number)) => *number >= low,
        (Valid::Between(low, high), Value::Integer(number)) => (low..=high).contains(number),
        (Valid::BetweenOr(low, high, other), Value::Integer(number)) => {
            (low..=high).contains(number) || *number == other
        }
        (Valid::Fraction(low, high), Value::Double(number)) => (low..=high).contains(number),
        (Valid::OneOf(words), Value::Text(text)) => words.contains(&text.as_str()),
        (Valid::OneOfAnyCase(words), Value::Text(text)) => {
            words.iter().any(|word| word.eq_ignore_ascii_case(text))
        }
        (Valid::NonEmpty, Value::Text(text)) => !text.is_empty(),
        (Valid::NonNull, value) => *value != Value::Null,
        (Valid::Distinct, Value::List(items)) => are_distinct(items),
        (Valid::DistinctNonEmpty, Value::List(items)) => !items.is_empty() && are_distinct(items),
        _ => false,
    }
}

fn are_distinct(items: &[String]) -> bool {
    let mut sorted: Vec<&str> = items.iter().map(String::as_str).collect();
    sorted.sort_unstable();
    sorted.iter().all(|item| !item.is_empty()) && sorted.windows(2).all(|pair| pair[0] != pair[1])
}

/// The predicate of a message about a wrong value.
fn is(key: &Key, raw: Raw<'_>) -> String {
    match raw {
        _ if key.is_secret() => "has a value of the wrong kind".to_owned(),
        Raw::Text(text) if text.trim().is_empty() => "is empty".to_owned(),
        Raw::Text(text) if is_number(text) => format!("is {}", short(text)),
        Raw::Text(text) => format!("is \"{}\"", short(text)),
        Raw::Integer(number) => format!("is {number}"),
        Raw::Double(number) => format!("is {number}"),
        Raw::Boolean(flag) => format!("is {flag}"),
        Raw::Null => "is null".to_owned(),
    }
}

fn is_number(text: &str) -> bool {
    text.strip_prefix('-').unwrap_or(text).chars().all(|c| c.is_ascii_digit())
}

/// What would be right.
fn expected(key: &Key, definition: &Definition, raw: Raw<'_>) -> String {
    let valid = definition.valid;
    match key.kind {
        Kind::Boolean => "expected true or false".to_owned(),
        Kind::Short | Kind::Int | Kind::Long => {
            // The limits of a kind are worth saying to somebody who has reached them, or could.
            let is_far = matches!(raw, Raw::Text(text) if !is_number(text)) && key.kind == Kind::Long;
            let (lowest, highest) = limits(key.kind);
            let range = match valid {
                Valid::AtLeast(_) | Valid::Any if is_far => valid,
                Valid::AtLeast(low) => Valid::Between(low, highest),
                Valid::Any => Valid::Between(lowest, highest),
                other => other,
            };
            let number = match range {
                Valid::Any => "expected a whole number".to_owned(),
                Valid::AtLeast(_) => format!("expected a whole number, {range}"),
                _ => format!("expected a whole number {range}"),
            };
            match key.unit() {
                Some(unit) => format!("{number}: {unit} without a unit"),
                None => number,
            }
        }
        Kind::Double => format!("expected a number {valid}").trim_end().to_owned(),
        Kind::String if matches!(valid, Valid::OneOf(_) | Valid::OneOfAnyCase(_)) => {
            format!("expected one of {valid}")
        }
        Kind::String | Kind::Password => "expected a text that is not empty".to_owned(),
        Kind::List => format!("expected items between commas, {valid}").trim_end_matches(", ").to_owned(),
        Kind::Class => "expected the full name of a class".to_owned(),
    }
}

/// The word that was meant.
fn correction(valid: Valid, value: &Value) -> Option<String> {
    match (valid, value) {
        (Valid::OneOf(words) | Valid::OneOfAnyCase(words), Value::Text(text)) => {
            did_you_mean(&nearest(text, words.iter().copied()))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_trimmed_as_java_does() {
        assert_eq!(of_kind(Kind::Int, Raw::Text(" 671\t")), Some(Value::Integer(671)));
        assert_eq!(of_kind(Kind::Int, Raw::Text("+7")), Some(Value::Integer(7)));
        assert_eq!(of_kind(Kind::String, Raw::Text("\u{a0}x ")), Some(Value::Text("\u{a0}x".to_owned())));
        let items = ["a", "", "b"].map(str::to_owned).to_vec();
        assert_eq!(of_kind(Kind::List, Raw::Text(" a , ,\tb")), Some(Value::List(items)));
    }

    #[test]
    fn numbers_must_fit_their_kind() {
        assert_eq!(of_kind(Kind::Short, Raw::Text("32768")), None);
        assert_eq!(of_kind(Kind::Int, Raw::Integer(1 << 31)), None);
        assert_eq!(of_kind(Kind::Long, Raw::Text("9223372036854775808")), None);
        assert_eq!(of_kind(Kind::Long, Raw::Text("1_000")), None);
    }

    #[test]
    fn lists_of_4_3_take_no_item_twice() {
        let list = |text| of_kind(Kind::List, Raw::Text(text)).expect("a list");
        assert!(is_valid(Valid::Distinct, &list("")) && !is_valid(Valid::DistinctNonEmpty, &list("")));
        assert!(is_valid(Valid::DistinctNonEmpty, &list("a,b")));
        assert!(!is_valid(Valid::Distinct, &list("a,b,a")) && !is_valid(Valid::Distinct, &list("a,")));
    }
}
