//! Reading one table: typed values with defaults, ranges and units; unknown keys at the end.

use std::fmt::Display;
use std::ops::RangeInclusive;

use super::intake::Intake;
use super::limits;
use super::problem::Problem;
use super::source::Place;
use super::tree::{Entry, Node, Table, Value};
use crate::values::excerpt::short;
use crate::values::nearest::{did_you_mean, nearest};
use crate::values::quantity::{Measure, thousandths};
use crate::values::time::Span;

/// With more problems than this, unknown keys are no longer looked for: the file is not a scenario.
const MAX_PROBLEMS: usize = 1_000;

/// A table that is being read. A wrong value is noted as a problem and replaced by the default, so that reading
/// goes on and finds the other problems too.
pub struct Section<'t, 'i> {
    path: String,
    table: Option<&'t Table>,
    asked: Vec<&'static str>,
    /// Where problems and values go.
    pub intake: &'i mut Intake,
}

impl<'t, 'i> Section<'t, 'i> {
    /// The table at the top of a document.
    pub fn root(table: &'t Table, intake: &'i mut Intake) -> Section<'t, 'i> {
        Section::new(String::new(), Some(table), intake)
    }

    /// A table, perhaps an absent one, with its path from the top.
    pub fn new(path: String, table: Option<&'t Table>, intake: &'i mut Intake) -> Section<'t, 'i> {
        Section { path, table, asked: Vec::new(), intake }
    }

    /// The table, if there is one.
    pub fn table(&self) -> Option<&'t Table> {
        self.table
    }

    /// `network.latency` for `latency` in `[network]`.
    pub fn name(&self, key: &str) -> String {
        match self.path.as_str() {
            "" => key.to_owned(),
            path => format!("{path}.{key}"),
        }
    }

    /// The entry of a key, if it is given.
    pub fn entry(&mut self, key: &'static str) -> Option<&'t Entry> {
        self.asked.push(key);
        self.table?.get(key)
    }

    /// Where a key's value stands, if it is given.
    pub fn place(&self, key: &str) -> Option<Place> {
        Some(self.table?.get(key)?.node.place)
    }

    /// Whether a key is given.
    pub fn has(&mut self, key: &'static str) -> bool {
        self.entry(key).is_some()
    }

    /// Notes a problem with the value of `key`, or with the absence of the key.
    pub fn problem(&mut self, key: &str, message: impl Display, help: impl Into<String>) {
        let message = format!("`{}` {message}", self.name(key));
        let problem = match self.place(key).or(self.table.map(|table| table.place)) {
            Some(place) => Problem::at(place, message),
            None => Problem::somewhere(message),
        };
        self.intake.problem(problem.help(help));
    }

    /// A quantity with a unit.
    pub fn measure<M: Measure>(&mut self, key: &'static str, default: M) -> M {
        match self.optional_measure(key) {
            Some(measure) => measure,
            None => self.defaulted(key, default),
        }
    }

    /// A quantity with a unit that has no default.
    pub fn optional_measure<M: Measure>(&mut self, key: &'static str) -> Option<M> {
        let entry = self.entry(key)?;
        let name = self.name(key);
        let measure = measure_of::<M>(self.intake, &name, &entry.node)?;
        self.intake.given(name, measure.to_string(), entry.node.place);
        Some(measure)
    }

    /// A duration of at most [`limits::SPAN`].
    pub fn span(&mut self, key: &'static str, default: Span) -> Span {
        match self.optional_span(key) {
            Some(span) => span,
            None => self.defaulted(key, default),
        }
    }

    /// A duration of at most [`limits::SPAN`] that has no default.
    pub fn optional_span(&mut self, key: &'static str) -> Option<Span> {
        let span = self.optional_measure::<Span>(key)?;
        if span > limits::SPAN {
            self.problem(key, format_args!("is {span}"), "expected a duration of at most one year");
            return None;
        }
        Some(span)
    }

    /// A whole number within a range.
    pub fn count(&mut self, key: &'static str, range: RangeInclusive<u64>, default: u64) -> u64 {
        match self.optional_count(key, range) {
            Some(count) => count,
            None => self.defaulted(key, default),
        }
    }

    /// A whole number within a range that has no default.
    pub fn optional_count(&mut self, key: &'static str, range: RangeInclusive<u64>) -> Option<u64> {
        let entry = self.entry(key)?;
        let name = self.name(key);
        let count = count_of(self.intake, &name, &entry.node, range)?;
        self.intake.given(name, count.to_string(), entry.node.place);
        Some(count)
    }

    /// A limit as Kafka writes it: a whole number, or -1 for `None`.
    pub fn limit(&mut self, key: &'static str, default: Option<u64>) -> Option<u64> {
        self.optional_limit(key).unwrap_or_else(|| {
            let shown = default.map_or_else(|| "-1".to_owned(), |limit| limit.to_string());
            self.defaulted(key, shown);
            default
        })
    }

    /// A limit as Kafka writes it that has no default.
    pub fn optional_limit(&mut self, key: &'static str) -> Option<Option<u64>> {
        let entry = self.entry(key)?;
        let name = self.name(key);
        if let Value::Integer(digits) | Value::Argument(digits) = &entry.node.value
            && digits == "-1"
        {
            self.intake.given(name, "-1".to_owned(), entry.node.place);
            return Some(None);
        }
        let limit = count_of(self.intake, &name, &entry.node, 0..=i64::MAX.unsigned_abs())?;
        self.intake.given(name, limit.to_string(), entry.node.place);
        Some(Some(limit))
    }

    /// A number of milliseconds, as Kafka's keys ending in `.ms` have it; at least 1.
    pub fn millis(&mut self, key: &'static str, default_ms: u64) -> Span {
        const YEAR_MS: u64 = limits::SPAN.as_nanos() / 1_000_000;
        Span::from_millis(self.count(key, 1..=YEAR_MS, default_ms))
    }

    /// A decimal number without unit, in thousandths, within a range.
    pub fn decimal(&mut self, key: &'static str, range: RangeInclusive<u64>, default: u64) -> u64 {
        let shown = |n: u64| format!("{}", n as f64 / 1000.0);
        let Some(entry) = self.entry(key) else {
            let name = self.name(key);
            self.intake.defaulted(name, shown(default));
            return default;
        };
        let parsed = match &entry.node.value {
            Value::Integer(digits) | Value::Float(digits) | Value::Argument(digits) => thousandths(digits),
            _ => None,
        };
        match parsed.filter(|n| range.contains(n)) {
            Some(n) => {
                let name = self.name(key);
                self.intake.given(name, shown(n), entry.node.place);
                n
            }
            None => {
                let (low, high) = (shown(*range.start()), shown(*range.end()));
                let help = format!("expected a number from {low} to {high} with at most three decimals");
                self.problem(key, format_args!("is {}", value_text(&entry.node.value)), help);
                default
            }
        }
    }

    /// True or false.
    pub fn flag(&mut self, key: &'static str, default: bool) -> bool {
        let Some(entry) = self.entry(key) else { return self.defaulted(key, default) };
        let flag = match &entry.node.value {
            Value::Boolean(flag) => Some(*flag),
            Value::Argument(text) => text.parse().ok(),
            _ => None,
        };
        match flag {
            Some(flag) => {
                let name = self.name(key);
                self.intake.given(name, flag.to_string(), entry.node.place);
                flag
            }
            None => {
                let message = format!("is {}", value_text(&entry.node.value));
                self.problem(key, message, "expected true or false, without quotes");
                default
            }
        }
    }

    /// A text of at most 1000 bytes that has no default.
    pub fn optional_text(&mut self, key: &'static str) -> Option<String> {
        let entry = self.entry(key)?;
        match &entry.node.value {
            Value::Text(text) | Value::Argument(text) if text.chars().any(char::is_control) => {
                let message = format!("is \"{}\"", short(text));
                self.problem(key, message, "control characters are not allowed");
                None
            }
            Value::Text(text) | Value::Argument(text) if text.len() <= 1000 => {
                let name = self.name(key);
                self.intake.given(name, text.clone(), entry.node.place);
                Some(text.clone())
            }
            Value::Text(text) | Value::Argument(text) => {
                let message = format!("is a text of {} bytes", text.len());
                self.problem(key, message, "at most 1000 bytes are allowed");
                None
            }
            other => {
                self.problem(key, format_args!("is {}", value_text(other)), "expected a string in quotes");
                None
            }
        }
    }

    /// One of several words.
    pub fn choice<T: Copy>(&mut self, key: &'static str, choices: &[(&'static str, T)], default: usize) -> T {
        self.checked_choice(key, choices, default).unwrap_or(choices[default].1)
    }

    /// One of several words; `None` if it is none of them, which is noted.
    pub fn checked_choice<T: Copy>(
        &mut self,
        key: &'static str,
        choices: &[(&'static str, T)],
        default: usize,
    ) -> Option<T> {
        let Some(entry) = self.entry(key) else {
            self.defaulted(key, choices[default].0);
            return Some(choices[default].1);
        };
        let name = self.name(key);
        let said = match &entry.node.value {
            Value::Text(text) | Value::Argument(text) | Value::Float(text) => text.as_str(),
            _ => "",
        };
        if let Some((word, value)) = choices.iter().find(|(word, _)| *word == said) {
            self.intake.given(name, (*word).to_owned(), entry.node.place);
            return Some(*value);
        }
        let words: Vec<&str> = choices.iter().map(|(word, _)| *word).collect();
        let expected = words.iter().map(|word| format!("\"{word}\"")).collect::<Vec<_>>().join(", ");
        let message = format!("`{name}` cannot be {}", value_text(&entry.node.value));
        let problem = Problem::at(entry.node.place, message).help(format!("expected one of {expected}"));
        self.intake.problem(problem.maybe_help(did_you_mean(&nearest(said, words))));
        None
    }

    /// A list whose items `read` understands; empty if the key is not given.
    pub fn list<T>(
        &mut self,
        key: &'static str,
        mut read: impl FnMut(&mut Intake, &str, &Node) -> Option<T>,
    ) -> Vec<T> {
        let Some(entry) = self.entry(key) else { return Vec::new() };
        let Value::List(items) = &entry.node.value else {
            self.problem(
                key,
                format_args!("is {}", value_text(&entry.node.value)),
                "expected a list: [..., ...]",
            );
            return Vec::new();
        };
        let name = self.name(key);
        items.iter().filter_map(|item| read(self.intake, &name, item)).collect()
    }

    /// A table below this one; an absent one if it is not given.
    pub fn section<'s>(&'s mut self, key: &'static str) -> Section<'t, 's> {
        let path = self.name(key);
        let table = match self.entry(key).map(|entry| &entry.node.value) {
            Some(Value::Table(table)) => Some(table),
            Some(other) => {
                self.problem(
                    key,
                    format_args!("is {}", value_text(other)),
                    format!("expected a table: [{path}]"),
                );
                None
            }
            None => None,
        };
        Section::new(path, table, self.intake)
    }

    /// The tables of `[[key]]`, or the single table of `[key]`, each with its path; at most `limit`.
    pub fn tables(&mut self, key: &'static str, limit: usize) -> Vec<(String, &'t Table)> {
        let path = self.name(key);
        let Some(entry) = self.entry(key) else { return Vec::new() };
        let items = match &entry.node.value {
            Value::Table(table) => return vec![(path, table)],
            Value::List(items) => items,
            other => {
                self.problem(
                    key,
                    format_args!("is {}", value_text(other)),
                    format!("expected tables: [[{path}]]"),
                );
                return Vec::new();
            }
        };
        if items.len() > limit {
            self.problem(
                key,
                format_args!("has {} tables", items.len()),
                format!("at most {limit} are allowed"),
            );
        }
        let mut tables = Vec::new();
        for (index, item) in items.iter().take(limit).enumerate() {
            match &item.value {
                Value::Table(table) => tables.push((format!("{path}[{}]", index + 1), table)),
                other => {
                    let message = format!("`{path}` has {} in its list", value_text(other));
                    self.intake.problem(
                        Problem::at(item.place, message).help(format!("expected tables: [[{path}]]")),
                    );
                }
            }
        }
        tables
    }

    /// Notes that these keys, where given, have no place beside `reason`.
    pub fn refuse(&mut self, keys: &[&'static str], reason: &str) {
        for key in keys {
            if let Some(entry) = self.entry(key) {
                let message = format!("`{}` has no effect with {reason}", self.name(key));
                self.intake
                    .problem(Problem::at(entry.key_place, message).help("remove it, or change the other"));
            }
        }
    }

    /// The entries nobody has asked for.
    pub fn rest(&self) -> Vec<&'t Entry> {
        let unasked = |entry: &&Entry| !self.asked.contains(&entry.key.as_str());
        self.table.map_or_else(Vec::new, |table| table.entries.iter().filter(unasked).collect())
    }

    /// Notes every key that nobody has asked for as unknown.
    pub fn finish(self) {
        let place_name = match self.path.as_str() {
            "" => "at the top of a scenario".to_owned(),
            path => format!("in [{path}]"),
        };
        let mut known = self.asked.clone();
        known.sort_unstable();
        known.dedup();
        for entry in self.rest() {
            let problem =
                Problem::at(entry.key_place, format!("there is no key `{}` {place_name}", short(&entry.key)));
            let problem = problem.label("unknown key");
            let question = did_you_mean(&nearest(&entry.key, known.iter().copied()));
            let help = question.unwrap_or_else(|| format!("known keys: {}", known.join(", ")));
            self.intake.problem(problem.help(help));
            if self.intake.problems.len() > MAX_PROBLEMS {
                break;
            }
        }
    }

    fn defaulted<T: Display>(&mut self, key: &str, default: T) -> T {
        if self.place(key).is_none() {
            let name = self.name(key);
            self.intake.defaulted(name, default.to_string());
        }
        default
    }
}

/// A quantity with a unit; a problem is noted.
pub fn measure_of<M: Measure>(intake: &mut Intake, name: &str, node: &Node) -> Option<M> {
    let text = match &node.value {
        Value::Text(text) | Value::Argument(text) | Value::Integer(text) | Value::Float(text) => text,
        other => {
            let quantity = M::QUANTITY;
            let problem = Problem::at(node.place, format!("`{name}` is {}", value_text(other)));
            intake.problem(
                problem.help(format!("expected {}, for example \"{}\"", quantity.name, quantity.example)),
            );
            return None;
        }
    };
    match M::parse(text) {
        Ok(measure) => Some(measure),
        Err(error) => {
            let problem = Problem::at(node.place, format!("`{name}`: {}", error.message()));
            intake.problem(problem.help(error.help()));
            None
        }
    }
}

/// A whole number within a range; a problem is noted.
pub fn count_of(intake: &mut Intake, name: &str, node: &Node, range: RangeInclusive<u64>) -> Option<u64> {
    let (low, high) = (*range.start(), *range.end());
    let number = match &node.value {
        Value::Integer(digits) | Value::Argument(digits) => digits.parse::<u64>().ok(),
        _ => None,
    };
    if let Some(number) = number.filter(|n| range.contains(n)) {
        return Some(number);
    }
    let problem = Problem::at(node.place, format!("`{name}` is {}", value_text(&node.value)));
    let quotes = match &node.value {
        Value::Text(text) if text.parse::<u64>().is_ok() => ", without quotes",
        _ => "",
    };
    intake.problem(problem.help(format!("expected a whole number from {low} to {high}{quotes}")));
    None
}

/// A value as a message says it.
pub fn value_text(value: &Value) -> String {
    match value {
        Value::Text(text) => format!("\"{}\"", short(text)),
        Value::Integer(text) | Value::Float(text) | Value::Argument(text) => short(text),
        Value::Boolean(flag) => flag.to_string(),
        other => other.kind().to_owned(),
    }
}
