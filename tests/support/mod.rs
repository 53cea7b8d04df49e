//! Running scenarios from their text.

use std::fs;
use std::path::Path;

use lingersim::scenario::Scenario;
use lingersim::scenario::load::{Loaded, Overrides, from_file};
use lingersim::world;
use lingersim::world::result::RunResult;

/// Loads a scenario. `name` must be unique among all tests.
pub fn load(name: &str, text: &str) -> Loaded {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}.toml"));
    fs::write(&path, text).expect("a temporary file");
    from_file(&path, &Overrides::default()).unwrap_or_else(|error| panic!("{error}"))
}

/// Runs a scenario to its end.
pub fn run(scenario: &Scenario) -> RunResult {
    world::run(scenario, &mut |_, _| ()).unwrap_or_else(|error| panic!("{error:?}"))
}

/// Loads and runs.
#[allow(dead_code, reason = "not every test crate needs it")]
pub fn simulate(name: &str, text: &str) -> RunResult {
    run(&load(name, text).scenario)
}
