//! Running scenarios from their text.

// Each test crate has its own copy, and none uses all of it.
#![allow(dead_code)]

use std::fs;
use std::path::Path;

use lingersim::report::{Run, json};
use lingersim::scenario::Scenario;
use lingersim::scenario::load::{Loaded, Overrides, from_file};
use lingersim::world;
use lingersim::world::result::RunResult;

/// Everything at once: several producers with several threads, keys, sizes, jitter, a broker that dies and comes back.
pub const RICH: &str = r#"
seed = 7
[run]
duration = "8s"
[cluster]
brokers = 3
replication = 3
min.insync.replicas = 2
[[cluster.topic]]
name = "orders"
partitions = 6
[[cluster.topic]]
name = "audit"
partitions = 2
[network]
latency = "300us"
jitter = "400us"
bandwidth = "1Gbit/s"
[workload]
arrivals = "poisson"
rate = "1500/s"
value = { dist = "log-normal", median = "200B", p99 = "2kB", max = "20kB" }
keys = { dist = "zipf", count = 1000, exponent = 0.99 }
topics = { orders = 3, audit = 1 }
[[producer]]
count = 2
threads = 2
acks = "all"
linger.ms = 7
compression.type = "lz4"
[[producer]]
acks = 1
enable.idempotence = false
retries = 3
linger.ms = 0
buffer.memory = 200000
max.block.ms = 300
delivery.timeout.ms = 2500
request.timeout.ms = 1000
[producer.workload]
arrivals = "on-off"
rate = "9000/s"
on-for = "200ms"
off-for = "300ms"
value = "300B"
[producer.sender]
wake = "20us"
wake-jitter = "30us"
[[fault]]
at = "2s"
crash = 2
[[fault]]
at = "5s"
restart = 2
"#;

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
pub fn simulate(name: &str, text: &str) -> RunResult {
    run(&load(name, text).scenario)
}

/// The complete report of a run as text.
pub fn report(loaded: &Loaded, result: &RunResult) -> String {
    json::report(&Run { scenario: &loaded.scenario, settings: &loaded.settings, result })
}
