//! `[workload.payload.fields]`: what the names in a template stand for.

use super::distribution_section::{check_order, given_items};
use super::intake::Intake;
use super::limits;
use super::problem::Problem;
use super::section::{Section, count_of, value_text};
use super::source::Place;
use super::tree::{Entry, Node, Value};
use crate::values::excerpt::short;
use crate::values::units::Permille;
use crate::workload::payload::field::{Choice, Field};

/// Fields by name, and where the names stand.
type Fields = (Vec<(String, Field)>, Vec<(String, Place)>);

#[derive(Clone, Copy)]
enum Kind {
    Integer,
    Decimal,
    Choice,
    Text,
    Uuid,
    Boolean,
}

const KINDS: [(&str, Kind); 6] = [
    ("integer", Kind::Integer),
    ("decimal", Kind::Decimal),
    ("choice", Kind::Choice),
    ("text", Kind::Text),
    ("uuid", Kind::Uuid),
    ("boolean", Kind::Boolean),
];

/// Reads all fields; `None` if something is wrong with one.
pub fn read(payload: &mut Section<'_, '_>) -> Option<Fields> {
    let problems = payload.intake.problems.len();
    let below = payload.section("fields");
    let entries = below.rest();
    if entries.len() > limits::FIELDS {
        let message = format!("`{}` has {} fields", below.name("").trim_end_matches('.'), entries.len());
        let help = format!("at most {} are allowed", limits::FIELDS);
        below.intake.problem(Problem::at(entries[limits::FIELDS].key_place, message).help(help));
        return None;
    }
    let mut fields: Fields = (Vec::new(), Vec::new());
    for entry in entries {
        let name = below.name(&short(&entry.key));
        if let Some(field) = field(&name, entry, below.intake) {
            fields.0.push((entry.key.clone(), field));
            fields.1.push((entry.key.clone(), entry.key_place));
        }
    }
    (payload.intake.problems.len() == problems).then_some(fields)
}

fn field(name: &str, entry: &Entry, intake: &mut Intake) -> Option<Field> {
    let Value::Table(table) = &entry.node.value else {
        let problem = Problem::at(entry.node.place, format!("`{name}` is {}", value_text(&entry.node.value)));
        intake.problem(problem.help("expected a table: { kind = \"integer\", min = 1, max = 6 }"));
        return None;
    };
    let mut table = Section::new(name.to_owned(), Some(table), intake);
    if !table.has("kind") {
        let words: Vec<String> = KINDS.iter().map(|(word, _)| format!("\"{word}\"")).collect();
        table.problem("kind", "is missing", format!("expected one of {}", words.join(", ")));
        return None;
    }
    let kind = table.checked_choice("kind", &KINDS, 0)?;
    let field = match kind {
        Kind::Integer => integer(&mut table),
        Kind::Decimal => decimal(&mut table),
        Kind::Choice => choice(&mut table),
        Kind::Text => text(&mut table),
        Kind::Uuid => Some(Field::Uuid),
        Kind::Boolean => Some(boolean(&mut table)),
    };
    table.finish();
    field
}

fn integer(table: &mut Section<'_, '_>) -> Option<Field> {
    let (min, max) = (number(table, "min", 0), number(table, "max", 0));
    let (min, max) = (min?, max?);
    check_order(table, "max", max >= min, "at least `min`");
    Some(Field::Integer { min, max: max.max(min) })
}

fn decimal(table: &mut Section<'_, '_>) -> Option<Field> {
    let digits = table.count("digits", 1..=9, 2) as u32;
    let (min, max) = (number(table, "min", digits), number(table, "max", digits));
    let (min, max) = (min?, max?);
    check_order(table, "max", max >= min, "at least `min`");
    Some(Field::Decimal { min, max: max.max(min), digits })
}

/// A number that must be given, in units of the last of its digits behind the point.
fn number(table: &mut Section<'_, '_>, key: &'static str, digits: u32) -> Option<i64> {
    let Some(entry) = table.entry(key) else {
        table.problem(key, "is missing", format!("expected a number: {key} = 1"));
        return None;
    };
    let parsed = match &entry.node.value {
        Value::Integer(text) | Value::Float(text) | Value::Argument(text) => scaled(text, digits),
        _ => None,
    };
    let shown = value_text(&entry.node.value);
    match parsed {
        Some(_) => {
            let name = table.name(key);
            table.intake.given(name, shown, entry.node.place);
        }
        None => {
            let help = match digits {
                0 => "expected a whole number of at most 18 digits".to_owned(),
                1 => "expected a number with at most one digit behind the point".to_owned(),
                _ => format!("expected a number with at most {digits} digits behind the point"),
            };
            table.problem(key, format_args!("is {shown}"), help);
        }
    }
    parsed
}

/// `-1.5` with 2 digits is -150; at most 18 digits in all.
fn scaled(text: &str, digits: u32) -> Option<i64> {
    const MOST_DIGITS: usize = 18;
    let (negative, number) = match text.strip_prefix('-') {
        Some(number) => (true, number),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    let missing = (digits as usize).checked_sub(fraction.len())?;
    let all = format!("{whole}{fraction}{}", "0".repeat(missing));
    let is_number =
        !whole.is_empty() && all.len() <= MOST_DIGITS && all.bytes().all(|byte| byte.is_ascii_digit());
    let number: i64 = is_number.then(|| all.parse().ok()).flatten()?;
    Some(if negative { -number } else { number })
}

fn choice(table: &mut Section<'_, '_>) -> Option<Field> {
    let (given, given_weights) = (given_items(table, "of"), given_items(table, "weights"));
    let texts = table.list("of", item);
    let weights = table.list("weights", |intake, name, node| count_of(intake, name, node, 1..=1_000_000));
    if !(1..=limits::WEIGHTS).contains(&given) {
        let help = format!("expected 1 to {} texts: of = [\"red\", \"green\"]", limits::WEIGHTS);
        table.problem("of", format_args!("has {given} items"), help);
    } else if given_weights > 0 && given_weights != given {
        let help = format!("expected {given} weights, one for each text");
        table.problem("weights", format_args!("has {given_weights} items"), help);
    }
    let weights = weights.into_iter().map(|weight| weight as u32).chain(std::iter::repeat(1));
    Choice::new(texts.into_iter().zip(weights).collect()).map(Field::Choice)
}

/// What a choice is made of: texts, and numbers and booleans as they are written.
fn item(intake: &mut Intake, name: &str, node: &Node) -> Option<String> {
    match &node.value {
        Value::Text(text) | Value::Integer(text) | Value::Float(text) => Some(text.clone()),
        Value::Boolean(flag) => Some(flag.to_string()),
        other => {
            let problem = Problem::at(node.place, format!("`{name}` has {} in its list", value_text(other)));
            intake.problem(problem.help("expected texts, numbers or booleans"));
            None
        }
    }
}

fn text(table: &mut Section<'_, '_>) -> Option<Field> {
    let range = || 0..=limits::FIELD_BYTES;
    let Some(entry) = table.entry("length") else {
        table.problem("length", "is missing", "expected a number of bytes, or { min = 10, max = 30 }");
        return None;
    };
    if !matches!(entry.node.value, Value::Table(_)) {
        let length = table.optional_count("length", range())? as u32;
        return Some(Field::Text { min: length, max: length });
    }
    let mut length = table.section("length");
    for key in ["min", "max"] {
        if !length.has(key) {
            length.problem(key, "is missing", format!("expected a number of bytes: {key} = 10"));
        }
    }
    let (min, max) = (length.optional_count("min", range()), length.optional_count("max", range()));
    if let (Some(min), Some(max)) = (min, max) {
        check_order(&mut length, "max", max >= min, "at least `min`");
    }
    length.finish();
    let (min, max) = (min? as u32, max? as u32);
    Some(Field::Text { min, max: max.max(min) })
}

fn boolean(table: &mut Section<'_, '_>) -> Field {
    let share = table.measure("share", Permille(500));
    check_order(table, "share", share <= Permille(1_000), "at most 100%");
    Field::Boolean { true_permille: share.0.min(1_000) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_to_their_last_digit() {
        assert_eq!(scaled("-1.5", 2), Some(-150));
        assert_eq!(scaled("+12", 3), Some(12_000));
        assert_eq!(scaled("0.05", 2), Some(5));
        assert_eq!(scaled("999999999999999999", 0), Some(999_999_999_999_999_999));
        for wrong in ["1.234", "1e3", "", ".5", "-", "1_0", "inf", "99999999999999999"] {
            assert_eq!(scaled(wrong, 2), None, "{wrong}");
        }
    }
}
