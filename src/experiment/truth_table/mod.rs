//! The truth table: every configuration that matters for safety under every fault, over many seeds; what was lost,
//! duplicated, and for how long nothing went.

mod cell;
pub mod faults;
pub mod measure;
mod setting;
pub mod svg;
mod text;
mod write;

pub use cell::Cell;
pub use setting::Setting;
pub use text::text;
pub use write::{csv, json};

use self::faults::FAULTS;
use self::measure::MEASURES;
use super::parallel::share_out;
use crate::scenario::Scenario;
use crate::world::{self, WorldError};

/// Which runs a table is made of.
#[derive(Clone, Debug)]
pub struct Plan {
    /// The cells, in the order of the table.
    pub cells: Vec<Cell>,
    /// The first seed.
    pub first_seed: u64,
    /// Seeds of each cell, at least 1.
    pub seeds: u64,
}

/// What the runs of a cell came to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Runs.
    pub runs: u64,
    /// Records offered in all runs.
    pub offered: u64,
    /// For each of [`MEASURES`]: runs in which it is not 0, and the sum over all runs.
    pub sums: [(u64, u64); MEASURES.len()],
}

/// A finished table.
#[derive(Clone, Debug)]
pub struct Table {
    /// What it is made of.
    pub plan: Plan,
    /// One for each cell of the plan.
    pub tallies: Vec<Tally>,
}

/// Every cell there is.
pub fn all_cells() -> Vec<Cell> {
    let settings = setting::settings();
    FAULTS.iter().flat_map(|fault| settings.iter().map(move |&setting| Cell { fault, setting })).collect()
}

/// Runs all cells with all seeds. The table is the same for any number of threads.
///
/// # Errors
/// [`WorldError::Invariant`] if the simulator contradicts itself, with the cell and the seed.
pub fn run(plan: Plan, threads: usize) -> Result<Table, WorldError> {
    let scenarios: Result<Vec<Scenario>, WorldError> = plan
        .cells
        .iter()
        .map(|cell| cell.scenario().map_err(|error| WorldError::Invariant(error.to_string())))
        .collect();
    let scenarios = scenarios?;
    let runs = plan.cells.len() as u64 * plan.seeds;
    let parts = share_out(runs, threads, |part: &mut Part, n| {
        let (cell, seed) = (n / plan.seeds, plan.first_seed.wrapping_add(n % plan.seeds));
        part.run(n, cell as usize, &scenarios[cell as usize], seed);
    });
    let mut tallies = vec![Tally::default(); plan.cells.len()];
    for &(cell, ref tally) in parts.iter().flat_map(|part| &part.tallies) {
        tallies[cell].add(tally);
    }
    match parts.into_iter().filter_map(|part| part.first_error).min_by_key(|(n, _)| *n) {
        Some((n, error)) => Err(in_cell(&plan, n, error)),
        None => Ok(Table { plan, tallies }),
    }
}

/// What one thread has done.
#[derive(Debug, Default)]
struct Part {
    /// By cell, ascending; several threads may have worked on a cell.
    tallies: Vec<(usize, Tally)>,
    /// With the number of the run, so that the report does not depend on the threads.
    first_error: Option<(u64, WorldError)>,
}

impl Part {
    fn run(&mut self, n: u64, cell: usize, scenario: &Scenario, seed: u64) {
        let result = match world::run(&Scenario { seed, ..scenario.clone() }, &mut |_, _| ()) {
            Ok(result) => result,
            Err(error) => {
                self.first_error.get_or_insert((n, error));
                return;
            }
        };
        let mut tally = Tally { runs: 1, offered: result.populations.offered, ..Tally::default() };
        for ((runs, sum), measure) in tally.sums.iter_mut().zip(MEASURES) {
            *sum = (measure.of)(&result);
            *runs = u64::from(*sum > 0);
        }
        match self.tallies.last_mut() {
            Some((last, sum)) if *last == cell => sum.add(&tally),
            _ => self.tallies.push((cell, tally)),
        }
    }
}

impl Tally {
    fn add(&mut self, other: &Tally) {
        self.runs += other.runs;
        self.offered += other.offered;
        for ((runs, sum), (more_runs, more)) in self.sums.iter_mut().zip(other.sums) {
            *runs += more_runs;
            *sum += more;
        }
    }

    /// Share of the runs in which a measure is not 0, 0 to 1.
    pub fn share(&self, measure: usize) -> f64 {
        self.sums[measure].0 as f64 / self.runs.max(1) as f64
    }

    /// Mean of a measure over all runs, in its unit.
    pub fn mean(&self, measure: usize) -> f64 {
        self.sums[measure].1 as f64 / self.runs.max(1) as f64
    }
}

/// Where an error came up.
fn in_cell(plan: &Plan, n: u64, error: WorldError) -> WorldError {
    let labels: Vec<String> = plan.cells[(n / plan.seeds) as usize]
        .labels()
        .into_iter()
        .map(|(key, value)| format!("{key}={value}"))
        .collect();
    let seed = plan.first_seed.wrapping_add(n % plan.seeds);
    let place = format!(" ({}, seed {seed})", labels.join(" "));
    match error {
        WorldError::Input(text) => WorldError::Input(text + &place),
        WorldError::Environment(text) => WorldError::Environment(text + &place),
        WorldError::Invariant(text) => WorldError::Invariant(text + &place),
    }
}
