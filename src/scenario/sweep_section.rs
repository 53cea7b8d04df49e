//! `[sweep]`: what `lingersim sweep` varies.

use super::limits;
use super::problem::Problem;
use super::section::{Section, value_text};
use super::sweep::{AxisValues, Design, SweepAxis, SweepSpec};
use super::tree::{Entry, Value};
use crate::metric::Wanted;

/// Points of a Latin hypercube, and runs of each point, where nothing is said.
const SAMPLES: u64 = 64;
const REPLICATIONS: u64 = 3;

/// Reads `[sweep]`; without it, a sweep without axes.
pub fn read(mut section: Section<'_, '_>) -> SweepSpec {
    let designs = [("grid", Design::Grid), ("latin-hypercube", Design::LatinHypercube)];
    let design = section.choice("design", &designs, 0);
    let samples = section.count("samples", 1..=limits::POINTS, SAMPLES) as u32;
    let replications = section.count("replications", 1..=limits::CHECK_SEEDS, REPLICATIONS) as u32;
    let metrics = section.list("metrics", |intake, name, node| {
        let (Value::Text(text) | Value::Argument(text)) = &node.value else {
            let problem = Problem::at(node.place, format!("`{name}` has {}", value_text(&node.value)));
            intake.problem(problem.help("expected names such as \"sim-record-latency p(99)\""));
            return None;
        };
        Wanted::parse(text)
            .map_err(|(message, help)| intake.problem(Problem::at(node.place, message).help(help)))
            .ok()
    });
    let mut axes = Vec::new();
    if let Some(entry) = section.entry("axes") {
        match &entry.node.value {
            Value::Table(table) => {
                // Kafka's keys, bare, are nested tables to TOML.
                let flat = table.flattened(&[]);
                axes.extend(flat.entries.iter().filter_map(|entry| axis(&mut section, entry)));
            }
            other => {
                let help = "expected a table: [sweep.axes]";
                section.problem("axes", format_args!("is {}", value_text(other)), help);
            }
        }
    }
    if axes.len() > limits::AXES {
        let help = format!("at most {} are allowed", limits::AXES);
        section.problem("axes", format_args!("are {}", axes.len()), help);
    }
    section.finish();
    SweepSpec { design, samples, replications, axes, metrics }
}

/// `linger.ms = [0, 5]`, or a range as a text.
fn axis(section: &mut Section<'_, '_>, entry: &Entry) -> Option<SweepAxis> {
    let values = match &entry.node.value {
        Value::List(items) => {
            let text = |value: &Value| match value {
                Value::Text(text) | Value::Integer(text) | Value::Float(text) => Some(text.clone()),
                Value::Boolean(flag) => Some(flag.to_string()),
                _ => None,
            };
            match items.iter().map(|item| text(&item.value)).collect::<Option<Vec<String>>>() {
                Some(values) => AxisValues::list(values),
                None => Err((
                    format!("the axis `{}` has something else than plain values", entry.key),
                    "write for example [0, 5, 20], or \"0..50 step 10\"".to_owned(),
                )),
            }
        }
        Value::Text(text) => AxisValues::parse(text),
        other => Err((
            format!("the axis `{}` is {}", entry.key, value_text(other)),
            "write for example [0, 5, 20], or \"0..50 step 10\"".to_owned(),
        )),
    };
    match values {
        Ok(values) => Some(SweepAxis { key: entry.key.clone(), values }),
        Err((message, help)) => {
            section.intake.problem(Problem::at(entry.node.place, message).help(help));
            None
        }
    }
}
