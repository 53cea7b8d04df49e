//! Which branch of a union a JSON value is.

use super::super::types::{Kind, TypeId, Types};
use super::encoder::Source;
use serde_json::Value;

/// The branch, and the value without the branch's name. Only the outermost value is looked at, so that choosing takes no
/// longer however deep unions stand in unions.
///
/// An object with one key that names a branch means this branch, if its value could be one. Otherwise it is the first
/// branch that JSON writes so; then the first that can be read from it: a whole number as float or double, a string as
/// bytes or fixed.
pub(super) fn choose<'v>(
    types: &Types,
    branches: &[TypeId],
    value: &'v Value,
    source: Source,
) -> Option<(usize, &'v Value)> {
    if source == Source::Given
        && let Some((name, inner)) =
            value.as_object().filter(|object| object.len() == 1).and_then(|o| o.iter().next())
        && let Some(place) = branches.iter().position(|branch| types.kind(*branch).full_name() == *name)
        && fits(types, branches[place], inner, false)
    {
        return Some((place, inner));
    }
    let first = |exact| branches.iter().position(|branch| fits(types, *branch, value, exact));
    first(true).or_else(|| first(false)).map(|place| (place, value))
}

fn fits(types: &Types, id: TypeId, value: &Value, exact: bool) -> bool {
    match types.kind(id) {
        Kind::Null => value.is_null(),
        Kind::Boolean => value.is_boolean(),
        Kind::Int => value.as_i64().is_some_and(|number| i32::try_from(number).is_ok()),
        Kind::Long => value.as_i64().is_some(),
        Kind::Float | Kind::Double => value.is_f64() || !exact && double_of(value).is_some(),
        Kind::String => value.is_string(),
        Kind::Bytes => !exact && bytes_of(value).is_some(),
        Kind::Fixed(fixed) => {
            !exact && bytes_of(value).is_some_and(|bytes| bytes.len() == fixed.size as usize)
        }
        Kind::Enum(symbols) => {
            value.as_str().is_some_and(|text| symbols.symbols.iter().any(|symbol| symbol == text))
        }
        Kind::Array(_) => value.is_array(),
        Kind::Map(_) => value.is_object(),
        Kind::Union(_) => false,
        Kind::Record(record) => value.as_object().is_some_and(|object| {
            let mut given = 0;
            let complete = record.fields.iter().all(|field| {
                let is_given = object.contains_key(&field.name);
                given += usize::from(is_given);
                is_given || field.default.is_some()
            });
            complete && given == object.len()
        }),
    }
}

/// A number, or one of the three that JSON has no number for, as Avro's `JsonEncoder` writes them.
pub(super) fn double_of(value: &Value) -> Option<f64> {
    match value.as_str() {
        None => value.as_f64(),
        Some("NaN") => Some(f64::NAN),
        Some("Infinity") => Some(f64::INFINITY),
        Some("-Infinity") => Some(f64::NEG_INFINITY),
        Some(_) => None,
    }
}

/// Characters as bytes (ISO-8859-1).
pub(super) fn bytes_of(value: &Value) -> Option<Vec<u8>> {
    value.as_str()?.chars().map(|c| u8::try_from(u32::from(c)).ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::super::super::schema::Schema;
    use super::*;

    #[test]
    fn plain_and_tagged_values_find_their_branch() {
        let union = r#"["null","int","long","double","bytes","string",{"type":"array","items":"int"},
            {"type":"map","values":"int"},{"type":"record","name":"n.R","fields":[{"name":"x","type":"int"}]}]"#;
        let schema = Schema::avro(union).expect("a union");
        let types = schema.types().expect("types");
        let Kind::Union(branches) = types.kind(types.root()) else { panic!("no union") };
        for (value, source, place) in [
            ("null", Source::Given, 0),
            ("7", Source::Given, 1),
            ("7000000000", Source::Given, 2),
            ("7.5", Source::Given, 3),
            (r#"{"double":7}"#, Source::Given, 3),
            (r#"{"bytes":"x"}"#, Source::Given, 4),
            (r#""x""#, Source::Given, 5),
            ("[1]", Source::Given, 6),
            (r#"{"a":1}"#, Source::Given, 7),
            (r#"{"int":1}"#, Source::Given, 1),
            (r#"{"int":1}"#, Source::Default, 7),
            (r#"{"n.R":{"x":1}}"#, Source::Given, 8),
        ] {
            let json = serde_json::from_str(value).expect("a value");
            let chosen = choose(types, branches, &json, source).map(|(place, _)| place);
            assert_eq!(chosen, Some(place), "{value}");
        }
    }

    #[test]
    fn a_map_is_taken_before_a_record_only_if_it_stands_before_it() {
        let union = r#"[{"type":"record","name":"R","fields":[{"name":"x","type":"int"}]},{"type":"map","values":"int"}]"#;
        let schema = Schema::avro(union).expect("a union");
        let types = schema.types().expect("types");
        let Kind::Union(branches) = types.kind(types.root()) else { panic!("no union") };
        let place = |value: &str| {
            let json = serde_json::from_str(value).expect("a value");
            choose(types, branches, &json, Source::Given).map(|(place, _)| place)
        };
        assert_eq!(place(r#"{"x":1}"#), Some(0));
        assert_eq!(place(r#"{"x":1,"y":2}"#), Some(1));
        assert_eq!(place("5"), None);
    }
}
