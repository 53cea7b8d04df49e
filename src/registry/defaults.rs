//! Whether unions are sound and the defaults of fields fit, once all types are known (`Schema.isValidDefault`).

use super::parse::Strictness;
use super::problem::{MAX_PROBLEMS, Problem};
use super::types::{Field, Kind, TypeId, Types};
use crate::values::excerpt::short;
use serde_json::{Number, Value};
use std::collections::BTreeSet;

/// A default as it counts: for float and double, text that is a number is that number (`Schema.parseField`).
pub(super) fn as_number(kind: &Kind, default: &Value) -> Value {
    let number = match (kind, default.as_str()) {
        (Kind::Float | Kind::Double, Some(text)) => text.trim().parse().ok().and_then(Number::from_f64),
        _ => None,
    };
    number.map_or_else(|| default.clone(), Value::Number)
}

/// Adds what is wrong with unions, and for a new schema with defaults.
pub(super) fn check(types: &Types, strictness: Strictness, problems: &mut Vec<Problem>) {
    for node in &types.nodes {
        if let Kind::Union(branches) = &node.kind {
            check_union(types, branches, problems);
        }
        let Kind::Record(record) = &node.kind else { continue };
        for field in &record.fields {
            let fits = field.default.as_ref().is_none_or(|default| fits(types, field.kind, default));
            if !fits && strictness == Strictness::New && problems.len() < MAX_PROBLEMS {
                let place = format!("{}.{}", record.name.full(), field.name);
                problems.push(Problem { place, what: misfit(types, field) });
            }
        }
    }
}

fn check_union(types: &Types, branches: &[TypeId], problems: &mut Vec<Problem>) {
    let mut seen = BTreeSet::new();
    for branch in branches {
        let kind = types.kind(*branch);
        let name = kind.full_name();
        let what = match kind {
            Kind::Union(_) => "a union stands directly in a union; write its branches there".to_string(),
            _ if seen.contains(&name) => {
                format!("a union has `{}` twice; a reader could not choose", short(&name))
            }
            _ => {
                seen.insert(name);
                continue;
            }
        };
        if problems.len() < MAX_PROBLEMS {
            problems.push(Problem { place: String::new(), what });
        }
    }
}

fn misfit(types: &Types, field: &Field) -> String {
    let default = field.default.as_ref().map_or_else(String::new, |default| short(&default.to_string()));
    let wanted = match types.kind(field.kind) {
        Kind::Union(branches) => {
            let names: Vec<String> = branches.iter().map(|branch| types.kind(*branch).full_name()).collect();
            format!("one of {}", names.join(", "))
        }
        Kind::Null => "null, without quotation marks".to_string(),
        Kind::Bytes | Kind::Fixed(_) => "a string, a character a byte".to_string(),
        Kind::Enum(_) => "a string, one of the symbols".to_string(),
        Kind::Record(_) => "an object with a value for each field that has no default".to_string(),
        other => format!("a value of type {}", other.word()),
    };
    format!("default {default} does not fit the field's type; it must be {wanted}")
}

/// Whether a default can stand for a value of a type. A field that a record's default leaves out is taken from that
/// field's own default, which is checked where it stands.
fn fits(types: &Types, id: TypeId, value: &Value) -> bool {
    match types.kind(id) {
        Kind::Null => value.is_null(),
        Kind::Boolean => value.is_boolean(),
        Kind::Int => value.as_i64().is_some_and(|number| i32::try_from(number).is_ok()),
        Kind::Long => value.as_i64().is_some(),
        Kind::Float | Kind::Double => value.is_number() || is_no_finite_number(value),
        Kind::Bytes | Kind::String | Kind::Enum(_) | Kind::Fixed(_) => value.is_string(),
        Kind::Array(items) => {
            value.as_array().is_some_and(|list| list.iter().all(|item| fits(types, *items, item)))
        }
        Kind::Map(values) => {
            value.as_object().is_some_and(|map| map.values().all(|item| fits(types, *values, item)))
        }
        Kind::Union(branches) => branches.iter().any(|branch| fits(types, *branch, value)),
        Kind::Record(record) => value.as_object().is_some_and(|object| {
            record.fields.iter().all(|field| match object.get(&field.name) {
                Some(inner) => fits(types, field.kind, inner),
                None => field.default.is_some(),
            })
        }),
    }
}

fn is_no_finite_number(value: &Value) -> bool {
    value.as_str().is_some_and(|text| ["NaN", "Infinity", "-Infinity"].contains(&text))
}
