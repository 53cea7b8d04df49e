//! A baseline: what a scenario did when somebody last looked and found it good. A file that can be read in a review.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::events::{Milestone, Milestones};
use crate::metric::{Better, Kind, Metric, MetricRef, Stat};
use crate::report::measure::View;
use crate::scenario::gate::{CheckSpec, Tolerance};
use crate::scenario::load::Loaded;
use crate::world::MODEL_VERSION;
use crate::world::observe::Observed;

/// Name and version of the format.
pub const SCHEMA: &str = "lingersim/baseline/1";

/// What a scenario did.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Baseline {
    /// [`SCHEMA`].
    pub schema: String,
    /// [`MODEL_VERSION`] of the program that made it.
    pub model: u32,
    /// Name of the scenario.
    pub scenario: String,
    /// Digest of each run, by seed.
    pub digests: BTreeMap<u64, String>,
    /// Means over the seeds, by `metric stat`.
    pub metrics: BTreeMap<String, f64>,
    /// Effective values, by name, that a run depends on.
    pub configuration: BTreeMap<String, String>,
    /// How many events the run with the first seed has.
    pub events: u64,
    /// Some of them.
    pub milestones: Vec<Milestone>,
}

/// Why two runs cannot be compared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Incomparable {
    /// What is different, one line each.
    pub reasons: Vec<String>,
}

/// A metric that is not what it was.
#[derive(Clone, Debug, PartialEq)]
pub struct Change {
    /// `metric stat`.
    pub metric: String,
    /// Its value in the baseline; `None`: it had none.
    pub before: Option<f64>,
    /// Its value now.
    pub after: Option<f64>,
    /// Whether the change is for the worse.
    pub direction: Direction,
    /// Whether it is beyond the tolerance.
    pub counts: bool,
}

/// Which way a metric has gone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names say it")]
pub enum Direction {
    Better,
    Worse,
    Neither,
}

/// A value of the configuration that is not what it was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SettingChange {
    /// Its name.
    pub name: String,
    /// What it was; `None`: there was none.
    pub before: Option<String>,
    /// What it is.
    pub after: Option<String>,
}

impl Baseline {
    /// What runs with these seeds have shown; `milestones` are those of the first one.
    pub fn of(loaded: &Loaded, runs: &[(u64, Observed)], milestones: Milestones) -> Baseline {
        Baseline {
            schema: SCHEMA.to_owned(),
            model: MODEL_VERSION,
            scenario: loaded.scenario.name.clone(),
            digests: runs.iter().map(|(seed, run)| (*seed, hex(run.result.digest))).collect(),
            metrics: metrics(loaded, runs),
            configuration: configuration(loaded),
            events: milestones.count,
            milestones: milestones.milestones,
        }
    }

    /// The text of the file.
    pub fn to_text(&self) -> String {
        // A structure of texts and numbers is always JSON.
        let text = serde_json::to_string_pretty(self).unwrap_or_default();
        text + "\n"
    }

    /// Reads a file's text.
    ///
    /// # Errors
    /// A sentence: it is no baseline, or of another version of the format.
    pub fn from_text(text: &str) -> Result<Baseline, String> {
        #[derive(Deserialize)]
        struct Head {
            schema: String,
        }
        let head: Head =
            serde_json::from_str(text).map_err(|error| format!("this is no baseline: {error}"))?;
        if head.schema != SCHEMA {
            return Err(format!(
                "this is a {:?}, not a {SCHEMA:?}",
                crate::values::excerpt::short(&head.schema)
            ));
        }
        let baseline: Baseline =
            serde_json::from_str(text).map_err(|error| format!("this baseline is broken: {error}"))?;
        let numbers: Vec<u64> = baseline.milestones.iter().map(|milestone| milestone.event).collect();
        let is_row = numbers.windows(2).all(|pair| pair[0] < pair[1]) && !numbers.contains(&0);
        if !is_row
            || numbers.last().is_some_and(|last| *last != baseline.events)
            || baseline.digests.is_empty()
        {
            return Err("this baseline is broken: its events are no row".to_owned());
        }
        Ok(baseline)
    }

    /// The events that it tells of.
    pub fn row(&self) -> Milestones {
        Milestones { count: self.events, milestones: self.milestones.clone() }
    }

    /// What is configured otherwise now.
    pub fn setting_changes(&self, now: &BTreeMap<String, String>) -> Vec<SettingChange> {
        let names: std::collections::BTreeSet<&String> =
            self.configuration.keys().chain(now.keys()).collect();
        let change = |name: &String| {
            let (before, after) = (self.configuration.get(name), now.get(name));
            (before != after).then(|| SettingChange {
                name: name.clone(),
                before: before.cloned(),
                after: after.cloned(),
            })
        };
        names.into_iter().filter_map(change).collect()
    }

    /// Whether runs with these changes can be compared with it at all: the same load on the same cluster, with the same
    /// seeds. What producers are configured to do is the question, and may change.
    ///
    /// # Errors
    /// What is in the way.
    pub fn comparable(&self, changes: &[SettingChange], seeds: &[u64]) -> Result<(), Incomparable> {
        let mut reasons: Vec<String> =
            changes.iter().filter(|change| is_surroundings(&change.name)).map(SettingChange::text).collect();
        let known: Vec<u64> = self.digests.keys().copied().collect();
        let mut asked = seeds.to_vec();
        asked.sort_unstable();
        if known != asked {
            reasons.push(format!("seeds: {} -> {}", listed(&known), listed(&asked)));
        }
        if reasons.is_empty() { Ok(()) } else { Err(Incomparable { reasons }) }
    }

    /// Metrics that are not what they were, the most telling first: worse ones, then better ones, then the others, each
    /// by how much they have changed.
    pub fn changes(&self, now: &Baseline, check: &CheckSpec) -> Vec<Change> {
        let names: std::collections::BTreeSet<&String> =
            self.metrics.keys().chain(now.metrics.keys()).collect();
        let change = |name: &String| {
            let (before, after) = (self.metrics.get(name).copied(), now.metrics.get(name).copied());
            (before != after).then(|| Change::new(name, before, after, check))
        };
        let mut changes: Vec<Change> = names.into_iter().filter_map(change).collect();
        let rank = |change: &Change| match change.direction {
            Direction::Worse => 0,
            Direction::Better => 1,
            Direction::Neither => 2,
        };
        changes.sort_by(|a, b| rank(a).cmp(&rank(b)).then(b.share().total_cmp(&a.share())));
        changes
    }
}

impl SettingChange {
    /// `producer.linger.ms: 5 -> 50`.
    pub fn text(&self) -> String {
        let shown = |value: &Option<String>| value.clone().unwrap_or_else(|| "(nothing)".to_owned());
        format!("{}: {} -> {}", self.name, shown(&self.before), shown(&self.after))
    }
}

impl Change {
    fn new(name: &str, before: Option<f64>, after: Option<f64>, check: &CheckSpec) -> Change {
        let metric = name.split(' ').next().and_then(|name| MetricRef::parse(name).ok());
        let better = metric.as_ref().map_or(Better::Neither, |metric| better(metric, name));
        let (direction, counts) = match (before, after) {
            (Some(before), Some(after)) => {
                let direction = match better {
                    Better::Neither => Direction::Neither,
                    Better::Lower if after < before => Direction::Better,
                    Better::Higher if after > before => Direction::Better,
                    Better::Lower | Better::Higher => Direction::Worse,
                };
                (direction, is_beyond(tolerance(check, name), before, after))
            }
            _ => (Direction::Neither, true),
        };
        Change { metric: name.to_owned(), before, after, direction, counts }
    }

    /// How much it has changed, as a share of what it was.
    pub fn share(&self) -> f64 {
        match (self.before, self.after) {
            (Some(0.0), Some(_)) | (None, _) | (_, None) => f64::INFINITY,
            (Some(before), Some(after)) => ((after - before) / before).abs(),
        }
    }
}

/// Of a distribution, the number of values is no merit, and their spread is not either.
fn better(metric: &MetricRef, name: &str) -> Better {
    match name.rsplit(' ').next() {
        Some("count") => Better::Neither,
        _ => metric.metric.better,
    }
}

fn tolerance(check: &CheckSpec, name: &str) -> Tolerance {
    let metric = name.split(' ').next().unwrap_or(name);
    let own = check.tolerances.iter().find(|(of, _)| of == metric || of == name);
    own.map_or(check.tolerance, |(_, tolerance)| *tolerance)
}

/// A change counts if it is beyond both the relative and the absolute tolerance.
fn is_beyond(tolerance: Tolerance, before: f64, after: f64) -> bool {
    let change = (after - before).abs();
    change > tolerance.relative * before.abs() && change > tolerance.absolute
}

/// Values that say how much comes, onto what, and what goes wrong: with other ones, it is another question.
fn is_surroundings(name: &str) -> bool {
    let below = match name.split_once('.') {
        Some((first, rest)) if first == "producer" || first.starts_with("producer[") => rest,
        _ => return !name.starts_with("kafka."),
    };
    let own = below.split('.').next().unwrap_or("");
    matches!(own, "count" | "threads" | "workload" | "application" | "sender")
}

/// Values that change nothing that happens.
fn is_talk(name: &str) -> bool {
    name == "title" || name == "seed"
}

/// The effective values that a run depends on.
pub fn configuration(loaded: &Loaded) -> BTreeMap<String, String> {
    let settings = loaded.settings.iter().filter(|setting| !is_talk(&setting.name));
    settings.map(|setting| (setting.name.clone(), setting.value.clone())).collect()
}

/// Every metric that has no labels of its own, with its usual statistics.
fn metrics(loaded: &Loaded, runs: &[(u64, Observed)]) -> BTreeMap<String, f64> {
    const OF_DISTRIBUTIONS: [Stat; 4] =
        [Stat::Avg, Stat::Percentile(50.0), Stat::Percentile(99.0), Stat::Max];
    let mut metrics = BTreeMap::new();
    let mut add = |metric: MetricRef, stats: &[Stat]| {
        for &stat in stats {
            if let Some(mean) = mean(loaded, runs, &metric, stat) {
                metrics.insert(name_of(&metric, stat), mean);
            }
        }
    };
    for metric in Metric::all() {
        let stats: &[Stat] =
            if metric.kind == Kind::Distribution { &OF_DISTRIBUTIONS } else { &[Stat::Value] };
        add(MetricRef { metric, labels: Vec::new() }, stats);
    }
    for reason in crate::producer::Reason::ALL {
        let name = format!("sim-batches-left{{reason={}}}", reason.code());
        if let Ok(metric) = MetricRef::parse(&name) {
            add(metric, &[Stat::Value]);
        }
    }
    metrics
}

/// `metric stat`; the plain value of a metric has its name alone.
fn name_of(metric: &MetricRef, stat: Stat) -> String {
    match stat {
        Stat::Value => metric.to_string(),
        stat => format!("{metric} {stat}"),
    }
}

/// Over all seeds; `None` if some run has no value.
pub fn mean(loaded: &Loaded, runs: &[(u64, Observed)], metric: &MetricRef, stat: Stat) -> Option<f64> {
    let value = |(_, run): &(u64, Observed)| {
        View { scenario: &loaded.scenario, result: &run.result }.value(metric, stat)
    };
    let values: Option<Vec<f64>> = runs.iter().map(value).collect();
    let values = values?;
    (!values.is_empty()).then(|| values.iter().sum::<f64>() / values.len() as f64)
}

fn hex(digest: u64) -> String {
    format!("{digest:016x}")
}

fn listed(seeds: &[u64]) -> String {
    match seeds {
        [first, .., last] if last - first + 1 == seeds.len() as u64 => format!("{first} to {last}"),
        seeds => seeds.iter().map(u64::to_string).collect::<Vec<_>>().join(", "),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::load::from_text;
    use crate::world::run_observed;

    fn baseline(settings: &str) -> (Baseline, CheckSpec) {
        let text = format!("[run]\nduration = \"1s\"\n{settings}");
        let loaded = from_text("test", text).unwrap_or_else(|error| panic!("{error}"));
        let run = run_observed(&loaded.scenario, &Default::default(), &mut |_| true).expect("a run");
        let row = Milestones { count: 0, milestones: Vec::new() };
        (Baseline::of(&loaded, &[(1, run)], row), loaded.guard.check)
    }

    #[test]
    fn a_file_says_the_same_as_the_value() {
        let (before, _) = baseline("");
        assert_eq!(Baseline::from_text(&before.to_text()), Ok(before));
        assert!(Baseline::from_text("{}").expect_err("none").contains("no baseline"));
        assert!(Baseline::from_text("{\"schema\": \"x/2\"}").expect_err("other").contains("x/2"));
    }

    #[test]
    fn producers_are_the_question_their_surroundings_are_not() {
        let (before, _) = baseline("");
        let changes = |settings| before.setting_changes(&baseline(settings).0.configuration);
        let linger = changes("[producer]\nlinger.ms = 9\n");
        assert_eq!(
            linger.iter().map(SettingChange::text).collect::<Vec<_>>(),
            ["producer.linger.ms: 5 -> 9"]
        );
        assert_eq!(before.comparable(&linger, &[1]), Ok(()));
        let rate = changes("[workload]\nrate = \"7/s\"\n");
        let reasons = before.comparable(&rate, &[1, 2]).expect_err("another question").reasons;
        assert_eq!(reasons.len(), 2, "{reasons:?}");
        assert!(reasons[0].starts_with("workload.rate") && reasons[1] == "seeds: 1 -> 1 to 2", "{reasons:?}");
    }

    #[test]
    fn a_change_counts_beyond_both_tolerances_and_has_a_direction() {
        let (before, _) = baseline("");
        let (after, check) = baseline(
            "[producer]\nlinger.ms = 50\n[check]\nbaseline = \"tolerance\"\n[check.tolerance]\n\"*\" = \"1%\"\n\
             \"sim-record-latency\" = { rel = \"1%\", abs = \"10s\" }\n",
        );
        let changes = before.changes(&after, &check);
        let of = |name: &str| changes.iter().find(|change| change.metric == name).expect("a change");
        assert_eq!(of("sim-requests").direction, Direction::Better);
        assert_eq!(of("sim-record-latency p(99)").direction, Direction::Worse);
        assert!(of("sim-requests").counts && !of("sim-record-latency p(99)").counts);
        assert!(changes.is_sorted_by_key(|change| match change.direction {
            Direction::Worse => 0,
            Direction::Better => 1,
            Direction::Neither => 2,
        }));
        assert!(!is_beyond(Tolerance { relative: 0.1, absolute: 0.0 }, 10.0, 11.0));
        assert!(is_beyond(Tolerance { relative: 0.1, absolute: 0.5 }, 10.0, 11.5));
        assert!(!is_beyond(Tolerance { relative: 0.1, absolute: 2.0 }, 10.0, 11.5));
    }
}
