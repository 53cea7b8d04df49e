//! The partitioner lab: the same arrivals through every partitioner, and what each makes of them.

pub mod markdown;
mod movement;
pub mod plot;
pub mod text;

pub use self::movement::{Movement, moved_keys};

use super::compare::{Arm, Comparison, ROWS, run as run_arms};
use super::vary::{Base, PARTITIONERS, VaryError};
use crate::metric::Wanted;
use crate::scenario::Scenario;
use crate::scenario::load::Loaded;
use crate::world::WorldError;

/// Partitions whose records are shown one by one.
pub const MOST_PARTITIONS: usize = 64;

/// What is read beyond the rows of a comparison.
const FURTHER: [&str; 7] = [
    "sim-batch-fill",
    "sim-record-latency p(95)",
    "sim-partition-cv",
    "sim-partition-gini",
    "sim-split-keys",
    "sim-split-keys-ratio",
    "sim-requests-per-record",
];

/// A lab before it has been run.
#[derive(Clone, Debug)]
pub struct Lab {
    /// One for each partitioner.
    pub arms: Vec<Arm>,
    /// Partitioners that the client does not have, with why.
    pub left_out: Vec<(String, String)>,
    /// The scenario as it is.
    pub scenario: Scenario,
}

/// What came out.
#[derive(Clone, Debug)]
pub struct Findings {
    /// All figures; the labels of its arms are the partitioners.
    pub comparison: Comparison,
    /// The client of each arm.
    pub clients: Vec<&'static str>,
    /// Name of the first topic, and acknowledged records of its partitions, as means over the seeds: by arm.
    pub topic: String,
    /// See [`Findings::topic`].
    pub load: Vec<Vec<f64>>,
    /// What happens to keys when partitions are added; `None` without keys that are known.
    pub movement: Option<Movement>,
    /// Whether each arm looks at keys.
    pub minds_keys: Vec<bool>,
}

impl Lab {
    /// The scenario with each of these partitioners; with all that the client has, if none are named.
    ///
    /// # Errors
    /// What is wrong with the scenario, or with a partitioner that was named.
    pub fn new(base: &Base, named: &[String]) -> Result<Lab, VaryError> {
        let Loaded { scenario, .. } = base.load()?;
        let (mut arms, mut left_out) = (Vec::new(), Vec::new());
        let names: Vec<String> = match named {
            [] => PARTITIONERS.map(str::to_owned).to_vec(),
            named => named.to_vec(),
        };
        for name in names {
            match base.with(&[("partitioner", &name)]) {
                Ok(loaded) => arms.push(Arm { label: name, scenario: loaded.scenario }),
                Err(VaryError::Value(why)) if named.is_empty() => {
                    let why = why.lines().next().unwrap_or("").trim_start_matches("error: ").to_owned();
                    left_out.push((name, why));
                }
                Err(error) => return Err(error),
            }
        }
        Ok(Lab { arms, left_out, scenario })
    }

    /// Runs it with `count` seeds from `first` on; `added` partitions are put to the first topic for the movement of keys.
    ///
    /// # Errors
    /// The first run that has no result: index of the arm, seed, and why.
    pub fn run(
        &self,
        first: u64,
        count: u32,
        added: u32,
        threads: usize,
    ) -> Result<Findings, (usize, u64, WorldError)> {
        let topic = &self.scenario.cluster.topics[0];
        let shown = topic.assignment.len().min(MOST_PARTITIONS);
        let mut names: Vec<String> = ROWS
            .iter()
            .flat_map(|(_, names)| *names)
            .chain(&FURTHER)
            .map(|name| (*name).to_owned())
            .collect();
        let loads = (0..shown)
            .map(|partition| format!("sim-acked-records{{topic={},partition={partition}}}", topic.name));
        names.extend(loads);
        let wanted: Vec<Wanted> = names.iter().filter_map(|name| Wanted::parse(name).ok()).collect();
        let comparison = run_arms(&self.arms, first, count, wanted, threads)?;
        let load = |arm: usize| {
            let of = |partition: usize| {
                comparison
                    .mean(arm, &format!("sim-acked-records{{partition={partition},topic={}}}", topic.name))
            };
            (0..shown).map(of).collect()
        };
        Ok(Findings {
            clients: self.arms.iter().map(|arm| arm.scenario.producers[0].config.version.name()).collect(),
            topic: topic.name.clone(),
            load: (0..self.arms.len()).map(load).collect(),
            movement: moved_keys(&self.scenario, added),
            minds_keys: self.arms.iter().map(minds_keys).collect(),
            comparison,
        })
    }
}

/// Whether a partitioner puts records with the same key into the same partition.
fn minds_keys(arm: &Arm) -> bool {
    arm.label != "round-robin" && !arm.scenario.producers[0].config.partitioner_ignore_keys
}

impl Findings {
    /// What becomes of the order of records with the same key.
    pub fn order(&self, arm: usize) -> String {
        let comparison = &self.comparison;
        if comparison.row("sim-split-keys").and_then(|row| comparison.estimate(arm, row)).is_none() {
            return "-".to_owned();
        }
        let reordered = comparison.mean(arm, "sim-reordered-records");
        let split = comparison.mean(arm, "sim-split-keys-ratio");
        match (split, reordered) {
            _ if self.movement.is_none() => "no keys".to_owned(),
            (0.0, 0.0) => "kept".to_owned(),
            (0.0, _) => "reordered".to_owned(),
            (split, _) => format!("broken {:.0}%", 100.0 * split),
        }
    }
}
