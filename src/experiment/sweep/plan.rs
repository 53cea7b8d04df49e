//! The plan of a sweep: its points in order, each with its values. It says nothing of how many machines share it.

use std::io::Read;
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::engine::digest::Digest;
use crate::engine::rng::{Purpose, Stream, Streams};
use crate::metric::Wanted;
use crate::scenario::limits;
use crate::scenario::load::Loaded;
use crate::scenario::sweep::{AxisValues, Design, SweepAxis, SweepSpec};
use crate::values::file::open_regular;
use crate::workload::spec::Source;
use crate::world::MODEL_VERSION;

/// Name and version of the format.
pub const SCHEMA: &str = "lingersim/sweep/1";

/// What is read of each run, where nothing is said.
const USUAL: [&str; 14] = [
    "sim-offered-records",
    "sim-acked-records",
    "sim-failed-records",
    "sim-lost-records",
    "sim-duplicate-records",
    "sim-record-latency avg",
    "sim-record-latency p(50)",
    "sim-record-latency p(99)",
    "sim-record-latency p(99.9)",
    "sim-throughput",
    "sim-requests",
    "sim-records-per-batch avg",
    "sim-batch-bytes",
    "sim-blocked-time",
];

/// A plan. It stands at the head of every file with results, so that these can be put together without the scenario.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Plan {
    /// [`SCHEMA`].
    pub schema: String,
    /// [`MODEL_VERSION`] of the program.
    pub model: u32,
    /// Fingerprint of everything that results depend on.
    pub id: String,
    /// Name of the scenario.
    pub scenario: String,
    /// Keys that vary.
    pub axes: Vec<String>,
    /// By axis, the values in order, where they are a list.
    pub values: Vec<Vec<String>>,
    /// Figures of each run.
    pub metrics: Vec<String>,
    /// The seeds of each point.
    pub seeds: Vec<u64>,
    /// By point, the value of each axis.
    pub points: Vec<Vec<String>>,
}

impl Plan {
    /// The plan of a sweep of a scenario.
    ///
    /// # Errors
    /// A sentence and what would be right: nothing varies, or there are too many points.
    pub fn new(loaded: &Loaded, spec: &SweepSpec) -> Result<Plan, (String, String)> {
        if spec.axes.is_empty() {
            let help = "give [sweep.axes] in the scenario, or --vary linger.ms=0,5,20";
            return Err(("nothing varies".to_owned(), help.to_owned()));
        }
        if spec.axes.iter().any(|axis| axis.key == "seed") {
            let help = "replications say how many seeds there are".to_owned();
            return Err(("`seed` cannot be varied: every point has the same seeds".to_owned(), help));
        }
        if let Some(axis) = twice(&spec.axes) {
            let help = "vary each key once".to_owned();
            return Err((format!("`{axis}` is varied twice"), help));
        }
        let first = loaded.scenario.seed;
        let points = match spec.design {
            Design::Grid => grid(&spec.axes)?,
            Design::LatinHypercube => latin_hypercube(&spec.axes, spec.samples, first),
        };
        let metrics: Vec<String> = match &spec.metrics[..] {
            [] => USUAL.iter().map(|name| (*name).to_owned()).collect(),
            wanted => wanted.iter().map(Wanted::name).collect(),
        };
        if let Some(metric) = (1..metrics.len()).find(|&at| metrics[..at].contains(&metrics[at])) {
            return Err((
                format!("{} is asked for twice", metrics[metric]),
                "name each figure once".to_owned(),
            ));
        }
        let mut plan = Plan {
            schema: SCHEMA.to_owned(),
            model: MODEL_VERSION,
            id: String::new(),
            scenario: loaded.scenario.name.clone(),
            axes: spec.axes.iter().map(|axis| axis.key.clone()).collect(),
            values: spec.axes.iter().map(|axis| listed(&axis.values)).collect(),
            metrics,
            seeds: (0..u64::from(spec.replications)).map(|n| first.wrapping_add(n)).collect(),
            points,
        };
        plan.id = plan.fingerprint(loaded);
        Ok(plan)
    }

    /// Whether a plan that was read from a file can be one.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn check(&self) -> Result<(), String> {
        let axes = self.axes.len();
        if axes == 0 || self.values.len() != axes || self.points.iter().any(|point| point.len() != axes) {
            return Err("axes, values and points do not fit each other".to_owned());
        }
        match self.metrics.iter().find(|name| Wanted::parse(name).is_err()) {
            Some(name) => Err(format!("there is no figure `{}`", crate::values::excerpt::short(name))),
            None => Ok(()),
        }
    }

    /// What is read of each run.
    pub fn wanted(&self) -> Vec<Wanted> {
        self.metrics.iter().filter_map(|name| Wanted::parse(name).ok()).collect()
    }

    /// The keys of a point with their values.
    pub fn point(&self, at: usize) -> Vec<(&str, &str)> {
        self.axes.iter().map(String::as_str).zip(self.points[at].iter().map(String::as_str)).collect()
    }

    /// A point as people say it: `linger.ms=5 acks=all`.
    pub fn label(&self, at: usize) -> String {
        let values: Vec<String> =
            self.point(at).iter().map(|(key, value)| format!("{key}={value}")).collect();
        values.join(" ")
    }

    fn fingerprint(&self, loaded: &Loaded) -> String {
        let mut digest = Digest::new();
        let mut text = |text: &str| {
            text.bytes().for_each(|byte| digest.write(u64::from(byte)));
            digest.write(u64::MAX);
        };
        for setting in loaded.settings.iter().filter(|setting| setting.name != "title") {
            text(&setting.name);
            text(&setting.value);
        }
        self.axes.iter().for_each(|axis| text(axis));
        self.points.iter().flatten().for_each(|value| text(value));
        self.metrics.iter().for_each(|metric| text(metric));
        self.seeds.iter().for_each(|seed| text(&seed.to_string()));
        text(&self.model.to_string());
        for group in &loaded.scenario.producers {
            if let Source::Trace(trace) = &group.source {
                content(&mut digest, &trace.path);
            }
        }
        format!("{:016x}", digest.value())
    }
}

/// What is in a file counts, not only its name. One that cannot be read is told by the run.
fn content(digest: &mut Digest, path: &Path) {
    let Ok(mut file) = open_regular(path) else { return };
    let mut chunk = [0u8; 1 << 16];
    while let Ok(read @ 1..) = file.read(&mut chunk) {
        chunk[..read].iter().for_each(|byte| digest.write(u64::from(*byte)));
    }
}

fn twice(axes: &[SweepAxis]) -> Option<&str> {
    let is_seen = |(at, axis): &(usize, &SweepAxis)| axes[..*at].iter().any(|other| other.key == axis.key);
    axes.iter().enumerate().find(is_seen).map(|(_, axis)| axis.key.as_str())
}

fn listed(values: &AxisValues) -> Vec<String> {
    values.all().unwrap_or_default()
}

/// Every combination, the last axis fastest.
fn grid(axes: &[SweepAxis]) -> Result<Vec<Vec<String>>, (String, String)> {
    let mut points: Vec<Vec<String>> = vec![Vec::new()];
    for axis in axes {
        let Some(values) = axis.values.all() else {
            let help =
                "say how many: FROM..TO step S, or FROM..TO log COUNT; or use a Latin hypercube".to_owned();
            return Err((format!("the range of `{}` has no steps for a grid", axis.key), help));
        };
        if (points.len() as u64).saturating_mul(values.len() as u64) > limits::POINTS {
            let help = format!("at most {} are allowed; a Latin hypercube takes samples", limits::POINTS);
            return Err(("the grid has too many points".to_owned(), help));
        }
        let longer = |point: &Vec<String>, value: &String| {
            let mut point = point.clone();
            point.push(value.clone());
            point
        };
        points =
            points.iter().flat_map(|point| values.iter().map(move |value| longer(point, value))).collect();
    }
    Ok(points)
}

/// Each axis is cut into as many slices as there are points; each slice has one point, somewhere in it.
fn latin_hypercube(axes: &[SweepAxis], samples: u32, seed: u64) -> Vec<Vec<String>> {
    let streams = Streams::new(seed);
    let mut points: Vec<Vec<String>> = (0..samples).map(|_| Vec::with_capacity(axes.len())).collect();
    for (axis, number) in axes.iter().zip(0..) {
        let mut stream = streams.stream(Purpose::Experiment, number);
        let slices = shuffled(samples, &mut stream);
        for (point, slice) in points.iter_mut().zip(slices) {
            // 53 bits are what a float holds.
            let within = (stream.next_u64() >> 11) as f64 / (1u64 << 53) as f64;
            point.push(axis.values.at((f64::from(slice) + within) / f64::from(samples)));
        }
    }
    points
}

/// The numbers below `count` in an order drawn from a stream.
fn shuffled(count: u32, stream: &mut Stream) -> Vec<u32> {
    let mut numbers: Vec<u32> = (0..count).collect();
    for last in (1..numbers.len()).rev() {
        let other = (u128::from(stream.next_u64()) * (last as u128 + 1)) >> 64;
        numbers.swap(last, other as usize);
    }
    numbers
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::load::from_text;

    fn plan(axes: &[&str], design: Design) -> Result<Plan, (String, String)> {
        let loaded = from_text("test", "seed = 7\n".to_owned()).unwrap_or_else(|error| panic!("{error}"));
        let axes = axes.iter().map(|text| SweepAxis::parse(text).expect("an axis")).collect();
        let spec = SweepSpec { design, samples: 50, replications: 2, axes, metrics: Vec::new() };
        Plan::new(&loaded, &spec)
    }

    #[test]
    fn a_grid_has_every_combination() {
        let plan = plan(&["linger.ms=0,5", "batch.size=1..3 step 1"], Design::Grid).expect("a plan");
        assert_eq!(plan.points.len(), 6);
        assert_eq!(plan.label(1), "linger.ms=0 batch.size=2");
        assert_eq!(plan.seeds, [7, 8]);
    }

    #[test]
    fn a_latin_hypercube_uses_every_slice_once() {
        let plan = plan(&["linger.ms=0..50", "acks=0,1"], Design::LatinHypercube).expect("a plan");
        let mut lingers: Vec<f64> =
            plan.points.iter().map(|point| point[0].parse().expect("a number")).collect();
        lingers.sort_by(f64::total_cmp);
        assert!(
            lingers.iter().zip(0..).all(|(linger, n)| (linger - f64::from(n) - 0.5).abs() <= 1.0),
            "{lingers:?}"
        );
        assert_eq!(plan.points.iter().filter(|point| point[1] == "0").count(), 25);
    }

    #[test]
    fn the_fingerprint_is_that_of_everything_that_counts() {
        let id = |axes: &[&str]| plan(axes, Design::Grid).expect("a plan").id;
        assert_eq!(id(&["linger.ms=0,5"]), id(&["linger.ms=0,5"]));
        assert_ne!(id(&["linger.ms=0,5"]), id(&["linger.ms=0,6"]));
        assert_ne!(id(&["linger.ms=0,5"]), id(&["batch.size=0,5"]));
    }

    #[test]
    fn what_cannot_be_planned_is_said() {
        assert!(plan(&[], Design::Grid).expect_err("nothing").1.contains("--vary"));
        assert!(plan(&["a=1,2", "a=3"], Design::Grid).expect_err("twice").0.contains("twice"));
        assert!(plan(&["seed=1,2"], Design::Grid).expect_err("seeds").0.contains("same seeds"));
        assert!(plan(&["a=1..9"], Design::Grid).expect_err("no steps").1.contains("step"));
        let huge = ["a=1..9999 step 1", "b=1..9999 step 1"];
        assert!(plan(&huge, Design::Grid).expect_err("too many").0.contains("too many"));
    }
}
