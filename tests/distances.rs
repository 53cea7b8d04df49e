//! Brokers that are further away than others.

mod support;

use support::{load, run};

#[test]
fn a_distant_broker_answers_later_by_the_way_there_and_back() {
    let scenario = |distance: &str| {
        format!(
            "[cluster]\nbrokers = 2\npartitions = 2\nreplication = 1\n\
             [[cluster.broker]]\nid = 2\ndistance = \"{distance}\"\n\
             [run]\nrecords = 200\n[workload]\nrate = \"10/s\"\npartition = 1\n[producer]\nlinger.ms = 0\n"
        )
    };
    let [near, far] =
        ["0ms", "40ms"].map(|distance| run(&load("distance.toml", &scenario(distance)).scenario));
    let later_ms = (far.latency.value_at_quantile(0.5) - near.latency.value_at_quantile(0.5)) as f64 / 1e6;
    assert!((79.0..81.0).contains(&later_ms), "{later_ms}");
}
