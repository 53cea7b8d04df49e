//! Sizes and keys of records: one value, or a table with `dist = "..."`.

use super::intake::Intake;
use super::problem::Problem;
use super::section::{Section, count_of, measure_of, value_text};
use super::tree::{Node, Value};
use super::{defaults, limits};
use crate::values::units::{Bytes, Permille};
use crate::workload::spec::{KeyForm, Keys, Sizes};

#[derive(Clone, Copy)]
enum SizeKind {
    Uniform,
    LogNormal,
    Empirical,
}

#[derive(Clone, Copy)]
enum KeyKind {
    Uniform,
    Zipf,
    HotSet,
}

/// Reads `value = "100B"` or `value = { dist = "uniform", min = "10B", max = "1KiB" }`.
pub fn sizes(section: &mut Section<'_, '_>, key: &'static str, default: Bytes) -> Sizes {
    if !is_table(section, key) {
        let Bytes(bytes) = section.measure(key, default);
        return Sizes::Constant(within_limit(section, key, bytes));
    }
    let mut table = section.section(key);
    let kinds = [
        ("uniform", SizeKind::Uniform),
        ("log-normal", SizeKind::LogNormal),
        ("empirical", SizeKind::Empirical),
    ];
    let Some(kind) = table.checked_choice("dist", &kinds, 0) else {
        // Which other keys belong here is unknown: look at none of them, so that no follow-up problems arise.
        return Sizes::Constant(0);
    };
    let sizes = match kind {
        SizeKind::Uniform => {
            let (min, max) = (needed_size(&mut table, "min"), needed_size(&mut table, "max"));
            check_order(&mut table, "max", max >= min, "at least `min`");
            Sizes::Uniform { min, max: max.max(min) }
        }
        SizeKind::LogNormal => {
            let (median, p99) = (needed_size(&mut table, "median"), needed_size(&mut table, "p99"));
            let max = needed_size(&mut table, "max");
            check_order(&mut table, "median", median > 0, "above 0");
            check_order(&mut table, "p99", p99 > median, "above `median`");
            check_order(&mut table, "max", max >= p99, "at least `p99`");
            Sizes::LogNormal { median, p99, max }
        }
        SizeKind::Empirical => Sizes::Empirical(weighted(&mut table)),
    };
    table.finish();
    sizes
}

/// Reads `keys = "none"` or `keys = { dist = "zipf", count = 1000, exponent = 0.99 }`.
pub fn keys(section: &mut Section<'_, '_>, key: &'static str) -> Keys {
    if !is_table(section, key) {
        section.choice(key, &[("none", ())], 0);
        return Keys::None;
    }
    let mut table = section.section(key);
    let kinds = [("uniform", KeyKind::Uniform), ("zipf", KeyKind::Zipf), ("hot-set", KeyKind::HotSet)];
    let Some(kind) = table.checked_choice("dist", &kinds, 0) else { return Keys::None };
    let given = table.optional_count("count", 1..=limits::KEYS);
    if !table.has("count") {
        table.problem("count", "is missing", "say how many keys there are: count = 1000");
    }
    let count = given.unwrap_or(2) as u32;
    let form = key_form(&mut table);
    let keys = match kind {
        KeyKind::Uniform => Keys::Uniform { count, form },
        KeyKind::Zipf => {
            Keys::Zipf { count, exponent_permille: table.decimal("exponent", 0..=10_000, 1_000) as u32, form }
        }
        KeyKind::HotSet => {
            let hot = table.count("hot", 1..=u64::from(count), 1) as u32;
            let share = table.measure("share", Permille(800));
            check_order(&mut table, "share", share <= Permille(1_000), "at most 100%");
            check_order(
                &mut table,
                "share",
                hot < count || share == Permille(1_000),
                "100%, as all keys are hot",
            );
            Keys::HotSet { count, hot, hot_permille: share.0, form }
        }
    };
    table.finish();
    keys
}

fn key_form(table: &mut Section<'_, '_>) -> KeyForm {
    match table.choice("form", &[("text", true), ("big-endian", false)], 0) {
        true => {
            let prefix = table.optional_text("prefix");
            KeyForm::Text(prefix.unwrap_or_else(|| defaults::KEY_PREFIX.to_owned()))
        }
        false => {
            table.refuse(&["prefix"], "form = \"big-endian\"");
            KeyForm::BigEndian8
        }
    }
}

fn is_table(section: &mut Section<'_, '_>, key: &'static str) -> bool {
    section.entry(key).is_some_and(|entry| matches!(entry.node.value, Value::Table(_)))
}

fn within_limit(section: &mut Section<'_, '_>, key: &str, bytes: u64) -> u32 {
    if bytes > limits::VALUE_BYTES {
        let help = format!("expected at most {}B, the longest array of Java", limits::VALUE_BYTES);
        section.problem(key, format_args!("is {}", Bytes(bytes)), help);
        return 0;
    }
    bytes as u32
}

fn needed_size(table: &mut Section<'_, '_>, key: &'static str) -> u32 {
    let size = table.optional_measure::<Bytes>(key);
    if !table.has(key) {
        table.problem(key, "is missing", format!("expected a size: {key} = \"100B\""));
    }
    within_limit(table, key, size.map_or(0, |Bytes(bytes)| bytes))
}

/// Notes a problem with a key that is given and understood but not in order.
pub fn check_order(table: &mut Section<'_, '_>, key: &'static str, is_right: bool, expected: &str) {
    let shown = table.entry(key).map(|entry| value_text(&entry.node.value));
    if let Some(shown) = shown
        && !is_right
    {
        table.problem(key, format_args!("is {shown}"), format!("expected {expected}"));
    }
}

/// A size of at most [`limits::VALUE_BYTES`]; a problem is noted.
pub fn size_of(intake: &mut Intake, name: &str, node: &Node) -> Option<u32> {
    let Bytes(bytes) = measure_of(intake, name, node)?;
    let fits = u32::try_from(bytes).ok().filter(|&bytes| u64::from(bytes) <= limits::VALUE_BYTES);
    if fits.is_none() {
        let help = format!("expected at most {}B, the longest array of Java", limits::VALUE_BYTES);
        intake.problem(Problem::at(node.place, format!("`{name}` is {}", Bytes(bytes))).help(help));
    }
    fits
}

/// How many items a list has. What is given counts, wrong items too: those have their own problem.
pub fn given_items(table: &mut Section<'_, '_>, key: &'static str) -> usize {
    match table.entry(key).map(|entry| &entry.node.value) {
        Some(Value::List(items)) => items.len(),
        _ => 0,
    }
}

/// `sizes = ["100B", "1KiB"], weights = [9, 1]`.
fn weighted(table: &mut Section<'_, '_>) -> Vec<(u32, u32)> {
    let (given_sizes, given_weights) = (given_items(table, "sizes"), given_items(table, "weights"));
    let sizes = table.list("sizes", size_of);
    let weights = table.list("weights", |intake, name, node| count_of(intake, name, node, 1..=1_000_000));
    if !(1..=limits::WEIGHTS).contains(&given_sizes) {
        let help = format!("expected 1 to {} sizes: sizes = [\"100B\", \"1KiB\"]", limits::WEIGHTS);
        table.problem("sizes", format_args!("has {given_sizes} items"), help);
    } else if given_weights > 0 && given_weights != given_sizes {
        let help = format!("expected {given_sizes} weights, one for each size");
        table.problem("weights", format_args!("has {given_weights} items"), help);
    }
    if sizes.is_empty() {
        return vec![(0, 1)];
    }
    let weights = weights.into_iter().chain(std::iter::repeat(1));
    sizes.into_iter().zip(weights).map(|(size, weight)| (size, weight as u32)).collect()
}
