//! `[check]`: how `lingersim check` runs a scenario and compares it with its baseline.

use super::gate::{BaselineMode, CheckSpec, PROMISES, Tolerance};
use super::limits;
use super::problem::Problem;
use super::section::{Section, value_text};
use super::tree::{Entry, Table, Value};
use crate::metric::{Dimension, Metric, MetricRef};
use crate::values::excerpt::short;

/// Reads `[check]`.
pub fn read(mut section: Section<'_, '_>) -> CheckSpec {
    let default = CheckSpec::default();
    let seeds = section.count("seeds", 1..=limits::CHECK_SEEDS, u64::from(default.seeds)) as u32;
    let modes =
        [("exact", BaselineMode::Exact), ("tolerance", BaselineMode::Tolerance), ("off", BaselineMode::Off)];
    let baseline = section.choice("baseline", &modes, 0);
    let (mut tolerance, mut tolerances) = (default.tolerance, Vec::new());
    if let Some(entry) = section.entry("tolerance") {
        match &entry.node.value {
            Value::Text(text) | Value::Argument(text) => {
                tolerance = share(&mut section, entry, text).unwrap_or(tolerance);
            }
            Value::Table(table) => {
                for entry in &table.entries {
                    tolerances.extend(one(&mut section, entry));
                }
            }
            other => {
                let help = "expected a share such as \"2%\", or a table [check.tolerance] of metrics";
                section.problem("tolerance", format_args!("is {}", value_text(other)), help);
            }
        }
    }
    if let Some(at) = tolerances.iter().position(|(name, _): &(String, Tolerance)| name == ALL) {
        tolerance = tolerances.remove(at).1;
    }
    let may_break = section.list("may-break", |intake, name, node| {
        let said = match &node.value {
            Value::Text(text) | Value::Argument(text) => text.as_str(),
            _ => "",
        };
        let known = PROMISES.into_iter().find(|promise| *promise == said);
        if known.is_none() {
            let problem = Problem::at(node.place, format!("`{name}` has {}", value_text(&node.value)));
            intake.problem(problem.help(format!("expected some of {}", PROMISES.join(", "))));
        }
        known
    });
    section.finish();
    CheckSpec { seeds, baseline, tolerance, tolerances, may_break }
}

/// Stands for every metric without a tolerance of its own.
const ALL: &str = "*";

/// `"sim-record-latency" = { rel = "5%", abs = "0.5ms" }`, or only a share; `*` is for all others.
fn one(section: &mut Section<'_, '_>, entry: &Entry) -> Option<(String, Tolerance)> {
    let metric = if entry.key == ALL {
        None
    } else {
        match MetricRef::parse(&entry.key) {
            Ok(metric) => Some(metric.metric),
            Err(error) => {
                section.intake.problem(Problem::at(entry.key_place, error.message).help(error.help));
                return None;
            }
        }
    };
    let tolerance = match &entry.node.value {
        Value::Text(text) => share(section, entry, text)?,
        Value::Table(table) => pair(section, table, metric)?,
        other => {
            let message = format!("the tolerance of `{}` is {}", short(&entry.key), value_text(other));
            let help = "expected a share such as \"2%\", or { rel = \"2%\", abs = \"0.5ms\" }";
            section.intake.problem(Problem::at(entry.node.place, message).help(help));
            return None;
        }
    };
    Some((entry.key.clone(), tolerance))
}

fn pair(section: &mut Section<'_, '_>, table: &Table, metric: Option<&Metric>) -> Option<Tolerance> {
    let mut tolerance = Tolerance { relative: 0.0, absolute: 0.0 };
    for entry in &table.entries {
        let text = match &entry.node.value {
            Value::Text(text) | Value::Integer(text) | Value::Float(text) => text.as_str(),
            _ => "",
        };
        match entry.key.as_str() {
            "rel" => tolerance.relative = share(section, entry, text)?.relative,
            "abs" => tolerance.absolute = absolute(section, entry, text, metric)?,
            other => {
                let message = format!("there is no key `{}` in a tolerance", short(other));
                section.intake.problem(Problem::at(entry.key_place, message).help("known keys: abs, rel"));
                return None;
            }
        }
    }
    Some(tolerance)
}

/// `2%`.
fn share(section: &mut Section<'_, '_>, entry: &Entry, text: &str) -> Option<Tolerance> {
    let percent = text.trim().strip_suffix('%').and_then(|number| number.trim().parse::<f64>().ok());
    match percent.filter(|percent| (0.0..=1_000.0).contains(percent)) {
        Some(percent) => Some(Tolerance { relative: percent / 100.0, absolute: 0.0 }),
        None => {
            let message = format!("`{}` is no tolerance", short(text));
            let help = "expected a share such as \"2%\"";
            section.intake.problem(Problem::at(entry.node.place, message).help(help));
            None
        }
    }
}

/// A number with a unit of the metric, or without.
fn absolute(
    section: &mut Section<'_, '_>,
    entry: &Entry,
    text: &str,
    metric: Option<&Metric>,
) -> Option<f64> {
    let dimension = metric.map_or(Dimension::Count, |metric| metric.dimension);
    match dimension.parse(text).filter(|value| *value >= 0.0) {
        Some(value) => Some(value),
        None => {
            let message = format!("`{}` is no tolerance", short(text));
            let help = format!("expected {}", dimension.units());
            section.intake.problem(Problem::at(entry.node.place, message).help(help));
            None
        }
    }
}
