//! A check as people read it in a terminal: a block for each scenario that has something to tell, at most 80 columns.

use std::fmt::Write;

use super::baseline::{Change, Direction};
use super::events::Divergence;
use super::{Changed, Checked, Comparison, GateOutcome, Verdict};
use crate::metric::MetricRef;
use crate::report::look::{Look, Tone};
use crate::report::numbers::{number, signed_percent, with_unit};
use crate::report::text::wrap;
use crate::scenario::gate::{BaselineMode, Gate};

/// Metrics of a changed scenario that are shown: so many that are worse, and others.
const MAX_WORSE: usize = 5;
const MAX_OTHERS: usize = 3;

/// The whole check. `verbose`: gates that hold are shown too.
pub fn report(checked: &[Checked], verbose: bool, look: Look) -> String {
    plain(checked, verbose).lines().map(|line| coloured(line, look) + "\n").collect()
}

/// How lines begin that have a colour: the word of a scenario, and the marks of what is below it.
const TONES: [(&str, Tone); 7] = [
    ("FAIL", Tone::Bad),
    ("BASE", Tone::Warning),
    ("ok", Tone::Good),
    ("     x", Tone::Bad),
    ("     !", Tone::Warning),
    ("       x", Tone::Bad),
    ("       !", Tone::Warning),
];

/// A line with the colour of its word or mark.
fn coloured(line: &str, look: Look) -> String {
    let found = TONES.iter().find_map(|(begin, tone)| {
        let rest = line.strip_prefix(begin)?;
        rest.starts_with(' ').then(|| format!("{}{rest}", look.paint(*tone, begin)))
    });
    found.unwrap_or_else(|| line.to_owned())
}

fn plain(checked: &[Checked], verbose: bool) -> String {
    let mut text = String::new();
    for scenario in checked {
        block(&mut text, scenario, verbose);
    }
    wrap(&mut text, "", &summary(checked));
    text
}

/// `14 scenarios: 12 pass, 2 fail; gates: 31 hold, 0 warn, 1 fail; baselines: 12 =, 2 differ`.
pub fn summary(checked: &[Checked]) -> String {
    let fail = checked.iter().filter(|scenario| scenario.fails() || scenario.lacks_baseline()).count();
    let (mut hold, mut warn, mut failed) = (0, 0, 0);
    for scenario in checked {
        let (holds, warns, fails) = scenario.gate_counts();
        (hold, warn, failed) = (hold + holds, warn + warns, failed + fails);
    }
    let is = |wanted: fn(&Comparison) -> bool| checked.iter().filter(|one| wanted(&one.baseline)).count();
    let same = is(|baseline| matches!(baseline, Comparison::Same));
    let none = is(|baseline| matches!(baseline, Comparison::Missing { .. } | Comparison::Off));
    let differ = checked.len() - same - none;
    let scenarios = if checked.len() == 1 { "scenario" } else { "scenarios" };
    format!(
        "{} {scenarios}: {} pass, {fail} fail; gates: {hold} hold, {warn} warn, {failed} fail; \
         baselines: {same} =, {differ} differ, {none} none",
        checked.len(),
        checked.len() - fail
    )
}

/// The mark and word of a scenario.
fn block(text: &mut String, scenario: &Checked, verbose: bool) {
    let word = if scenario.fails() {
        "FAIL"
    } else if scenario.lacks_baseline() {
        "BASE"
    } else {
        "ok"
    };
    let (hold, warn, fail) = scenario.gate_counts();
    let gates = match hold + warn + fail {
        0 => "no gates".to_owned(),
        all => format!("{hold}/{all} gates"),
    };
    let baseline = match &scenario.baseline {
        Comparison::Off => "not compared",
        Comparison::Missing { .. } => "no baseline",
        Comparison::Unreadable(_) => "unreadable baseline",
        Comparison::Incomparable(_) => "incomparable baseline",
        Comparison::Same => "= baseline",
        Comparison::Changed(_) => "differs from its baseline",
    };
    let _ = writeln!(text, "{word:<5}{:<38}{gates:>10}  {baseline}", shortened(&scenario.file, 37));
    for ((gate, outcome), during) in scenario.gates.iter().zip(&scenario.during) {
        if verbose || outcome.verdict != Verdict::Holds {
            wrap(text, "       ", &gate_line(gate, outcome, during.as_deref()));
        }
    }
    for finding in &scenario.findings {
        wrap(text, "     x ", &finding.sentence());
    }
    for fault in &scenario.idle_faults {
        wrap(text, "     ! ", &format!("The fault `{fault}` touched nothing: it was not exercised."));
    }
    match &scenario.baseline {
        Comparison::Missing { required: true } => {
            wrap(text, "     x ", &format!("There is no baseline; make one: {}", accept(scenario)));
        }
        Comparison::Unreadable(why) => {
            wrap(text, "     x ", &format!("{why}; make a new one: {}", accept(scenario)));
        }
        Comparison::Incomparable(reasons) => {
            let head = "The baseline is of another question, so nothing is compared:";
            wrap(text, "     x ", head);
            reasons.iter().for_each(|reason| wrap(text, "         ", reason));
            wrap(text, "       ", &format!("If that is meant: {}", accept(scenario)));
        }
        Comparison::Changed(changed) => change(text, scenario, changed),
        Comparison::Off | Comparison::Missing { required: false } | Comparison::Same => {}
    }
}

fn accept(scenario: &Checked) -> String {
    format!("lingersim baseline accept {}", scenario.file)
}

/// `x sim-record-latency p(99) < 25ms: observed 31.2 ms, 24.8% over (seed 3)`.
pub fn gate_line(gate: &Gate, outcome: &GateOutcome, during: Option<&str>) -> String {
    let mark = match outcome.verdict {
        Verdict::Holds => "+",
        Verdict::Warns => "!",
        Verdict::EmptyAllowed => "-",
        Verdict::Fails | Verdict::Empty => "x",
    };
    format!("{mark} {}", gate_sentence(gate, outcome, during))
}

/// The same without the mark.
pub fn gate_sentence(gate: &Gate, outcome: &GateOutcome, during: Option<&str>) -> String {
    let mut text = format!("{} {}", gate.metric, gate.expression.text);
    if let Some(during) = during {
        let _ = write!(text, " during {during}");
    }
    let Some(value) = outcome.observed else {
        let allowed = if outcome.verdict == Verdict::EmptyAllowed { "allowed" } else { "an error" };
        let _ = write!(text, ": there is nothing to look at, which is {allowed}");
        if let Some(partition) = outcome.partition {
            let _ = write!(text, " (partition {partition})");
        }
        return text;
    };
    let _ = write!(text, ": observed {}", with_unit(&gate.metric, gate.expression.stat, value));
    if let Some(margin) = gate.expression.margin(value) {
        let word = if gate.expression.holds(value) { "margin" } else { "beyond by" };
        let _ = write!(text, ", {word} {:.1}%", 100.0 * margin);
    }
    let mut from: Vec<String> = Vec::new();
    from.extend(outcome.partition.map(|partition| format!("partition {partition}")));
    from.extend(outcome.seed.map(|seed| format!("seed {seed}")));
    if !from.is_empty() {
        let _ = write!(text, " ({})", from.join(", "));
    }
    if let (Some(why), true) = (&gate.why, outcome.verdict != Verdict::Holds) {
        let _ = write!(text, "; {why}");
    }
    text
}

/// What has changed since the baseline.
fn change(text: &mut String, scenario: &Checked, changed: &Changed) {
    let mark = if changed.fails { "x" } else { "!" };
    let head = match (changed.other_model, changed.mode) {
        (Some(model), _) => {
            format!("The baseline was made with model version {model}; metrics are compared.")
        }
        (None, BaselineMode::Exact) => "The run is not that of the baseline.".to_owned(),
        (None, _) => "The run differs from the baseline.".to_owned(),
    };
    wrap(text, &format!("     {mark} "), &head);
    for setting in &changed.settings {
        wrap(text, "       set    ", &setting.text());
    }
    if let Some(divergence) = &changed.divergence {
        for line in divergence_lines(divergence) {
            wrap(text, "       ", &line);
        }
    } else if changed.other_model.is_none() && changed.settings.is_empty() {
        wrap(text, "       ", "Its first seed shows the same events; another seed does not.");
    }
    let is_worse = |change: &&Change| change.direction == Direction::Worse;
    // Of each metric one statistic is enough.
    let metric = |change: &Change| change.metric.split(' ').next().unwrap_or_default().to_owned();
    let mut telling: Vec<&Change> = Vec::new();
    for change in &changed.metrics {
        if telling.iter().all(|other| metric(other) != metric(change)) {
            telling.push(change);
        }
    }
    let worse = telling.iter().copied().filter(is_worse).take(MAX_WORSE);
    let others = telling.iter().copied().filter(|change| !is_worse(change)).take(MAX_OTHERS);
    let shown: Vec<&Change> = worse.chain(others).collect();
    for change in &shown {
        let _ = writeln!(text, "       {}", change_line(change));
    }
    if let Some(more @ 1..) = changed.metrics.len().checked_sub(shown.len()) {
        let _ = writeln!(text, "       and {more} more metrics");
    }
    wrap(text, "       ", &format!("If that is meant: {}", accept(scenario)));
}

/// The first divergent event, of both runs.
pub fn divergence_lines(divergence: &Divergence) -> Vec<String> {
    let Divergence { equal_until, differs_at, before, after } = divergence;
    let head = match divergence.is_exact() {
        true => format!("first divergent event: number {differs_at}"),
        false => format!("first divergent event: between number {} and {differs_at}", equal_until + 1),
    };
    let shown = |event: &Option<String>| event.clone().unwrap_or_else(|| "(the run is over)".to_owned());
    vec![head, format!("before: {}", shown(before)), format!("now: {}", shown(after))]
}

/// `worse  sim-record-latency p(99)    5.1 ms -> 50.2 ms  +884.3%`.
pub fn change_line(change: &Change) -> String {
    let word = match change.direction {
        Direction::Better => "better",
        Direction::Worse => "worse",
        Direction::Neither => "moved",
    };
    let shown = |value: Option<f64>| value.map_or_else(|| "-".to_owned(), number);
    let percent = match (change.before, change.after) {
        (Some(before), Some(after)) => signed_percent(before, after),
        _ => String::new(),
    };
    let unit = change.metric.split(' ').next().and_then(|name| MetricRef::parse(name).ok());
    let unit = unit.map_or("", |metric| metric.metric.dimension.unit());
    let values = format!("{} -> {} {unit}", shown(change.before), shown(change.after));
    format!("{word:<6} {:<34} {:<22} {percent:>7}", shortened(&change.metric, 34), values.trim_end())
}

/// At most `width` characters, the beginning left out where it is longer.
fn shortened(text: &str, width: usize) -> String {
    let count = text.chars().count();
    if count <= width {
        return text.to_owned();
    }
    let end: String = text.chars().skip(count + 1 - width).collect();
    format!("…{end}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_and_marks_have_colours_and_other_lines_none() {
        let look = Look { colour: true, ..Look::default() };
        let bare = "FAIL a.toml\nok   b.toml\n       x sim-batches value < 3\n       + okay\nokay";
        let shown: Vec<String> = bare.lines().map(|line| coloured(line, look)).collect();
        assert_eq!(
            shown,
            [
                "\x1b[31mFAIL\x1b[0m a.toml",
                "\x1b[32mok\x1b[0m   b.toml",
                "\x1b[31m       x\x1b[0m sim-batches value < 3",
                "       + okay",
                "okay",
            ]
        );
        assert!(bare.lines().all(|line| coloured(line, Look::default()) == line));
    }
}
