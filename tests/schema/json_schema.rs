//! As much of JSON Schema (draft 7) as the schema of scenarios uses. What it does not know is a panic.

use regex_lite::Regex;
use serde_json::{Map, Value};

/// A schema that values are held to.
pub struct Validator<'s> {
    root: &'s Value,
}

impl<'s> Validator<'s> {
    /// For the schema of a whole document.
    pub fn new(root: &'s Value) -> Validator<'s> {
        Validator { root }
    }

    /// What is wrong with a document, if anything.
    pub fn problem(&self, value: &Value) -> Option<String> {
        self.problem_of(self.root, value)
    }

    /// What is wrong with a value that this part of the schema is about.
    pub fn problem_of(&self, schema: &Value, value: &Value) -> Option<String> {
        match schema {
            Value::Bool(true) => return None,
            Value::Bool(false) => return Some(format!("{value} is not allowed")),
            _ => {}
        }
        let rules = schema.as_object().expect("a schema");
        if let Some(Value::String(reference)) = rules.get("$ref") {
            let pointer = reference.strip_prefix('#').expect("a reference into the document");
            let target = self.root.pointer(pointer).unwrap_or_else(|| panic!("there is no {reference}"));
            return self.problem_of(target, value);
        }
        rules.iter().find_map(|(rule, said)| self.problem_with(rule, said, rules, value))
    }

    fn problem_with(
        &self,
        rule: &str,
        said: &Value,
        rules: &Map<String, Value>,
        value: &Value,
    ) -> Option<String> {
        let wrong = |is_wrong: bool| is_wrong.then(|| format!("{value} is against {rule} {said}"));
        let number = value.as_f64();
        let limit = || said.as_f64().expect("a number");
        let count = || said.as_u64().expect("a whole number") as usize;
        match rule {
            "$schema" | "title" | "description" | "default" | "definitions" => None,
            "type" => match said {
                Value::Array(types) => wrong(!types.iter().any(|name| is_of(name, value))),
                name => wrong(!is_of(name, value)),
            },
            "enum" => wrong(!said.as_array().expect("values").contains(value)),
            "minimum" => wrong(number.is_some_and(|number| number < limit())),
            "maximum" => wrong(number.is_some_and(|number| number > limit())),
            "exclusiveMinimum" => wrong(number.is_some_and(|number| number <= limit())),
            "maxLength" => wrong(value.as_str().is_some_and(|text| text.chars().count() > count())),
            "pattern" => wrong(value.as_str().is_some_and(|text| !matches(said, text))),
            "minItems" => wrong(value.as_array().is_some_and(|items| items.len() < count())),
            "maxItems" => wrong(value.as_array().is_some_and(|items| items.len() > count())),
            "items" => value.as_array()?.iter().find_map(|item| self.problem_of(said, item)),
            "allOf" => {
                said.as_array().expect("schemas").iter().find_map(|schema| self.problem_of(schema, value))
            }
            "anyOf" => wrong(self.fitting(said, value) == 0),
            "oneOf" => wrong(self.fitting(said, value) != 1),
            "required" => {
                let object = value.as_object()?;
                let mut names = said.as_array().expect("names").iter().filter_map(Value::as_str);
                let missing = names.find(|name| !object.contains_key(*name))?;
                Some(format!("{missing} is missing"))
            }
            "dependencies" => {
                let object = value.as_object()?;
                let needs = said.as_object().expect("names").iter();
                needs.filter(|(name, _)| object.contains_key(*name)).find_map(|(name, needs)| match needs {
                    Value::Array(names) => {
                        let mut names = names.iter().filter_map(Value::as_str);
                        let missing = names.find(|name| !object.contains_key(*name))?;
                        Some(format!("{name} needs {missing}"))
                    }
                    schema => self.problem_of(schema, value),
                })
            }
            // Together with its two companions.
            "properties" => {
                value.as_object()?.iter().find_map(|(name, value)| self.problem_below(rules, name, value))
            }
            "patternProperties" => None,
            "additionalProperties" if rules.contains_key("properties") => None,
            "additionalProperties" => {
                value.as_object()?.values().find_map(|value| self.problem_of(said, value))
            }
            _ => panic!("what is {rule}?"),
        }
    }

    fn problem_below(&self, rules: &Map<String, Value>, name: &str, value: &Value) -> Option<String> {
        let own = rules["properties"].get(name);
        let patterns = rules.get("patternProperties").and_then(Value::as_object).into_iter().flatten();
        let fitting = patterns.filter(|(pattern, _)| Regex::new(pattern).expect("a pattern").is_match(name));
        let mut schemas: Vec<&Value> = own.into_iter().chain(fitting.map(|(_, schema)| schema)).collect();
        if schemas.is_empty() {
            schemas.extend(rules.get("additionalProperties"));
        }
        schemas
            .into_iter()
            .find_map(|schema| self.problem_of(schema, value))
            .map(|said| format!("{name}: {said}"))
    }

    /// How many of these schemas a value is right for.
    fn fitting(&self, schemas: &Value, value: &Value) -> usize {
        let schemas = schemas.as_array().expect("schemas");
        schemas.iter().filter(|schema| self.problem_of(schema, value).is_none()).count()
    }
}

fn is_of(name: &Value, value: &Value) -> bool {
    match name.as_str().expect("a type") {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "boolean" => value.is_boolean(),
        "number" => value.is_number(),
        "integer" => value.is_i64() || value.is_u64(),
        other => panic!("what is {other}?"),
    }
}

fn matches(pattern: &Value, text: &str) -> bool {
    Regex::new(pattern.as_str().expect("a pattern")).expect("a pattern").is_match(text)
}

/// A document of TOML as editors hold it to a schema: dates are strings, and what no JSON has is null.
pub fn of_toml(table: toml::Table) -> Value {
    Value::Object(table.into_iter().map(|(key, value)| (key, of_value(value))).collect())
}

fn of_value(value: toml::Value) -> Value {
    match value {
        toml::Value::String(text) => text.into(),
        toml::Value::Integer(number) => number.into(),
        toml::Value::Float(number) => number.into(),
        toml::Value::Boolean(flag) => flag.into(),
        toml::Value::Datetime(moment) => moment.to_string().into(),
        toml::Value::Array(items) => items.into_iter().map(of_value).collect(),
        toml::Value::Table(table) => of_toml(table),
    }
}
