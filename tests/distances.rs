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

/// acks=all waits for the way to the farthest follower and back, whatever `min.insync.replicas`; acks=1 does not.
#[test]
fn a_follower_in_another_rack_holds_up_acks_all_by_the_way_there_and_back() {
    let median_ms = |rack: u32, acks: &str, min_isr: u32| {
        let scenario = format!(
            "[cluster]\nbrokers = 3\npartitions = 1\nreplication = 3\nmin.insync.replicas = {min_isr}\n\
             rack-latency = \"20ms\"\n\
             [[cluster.broker]]\nid = 1\nbroker.rack = \"a\"\n[[cluster.broker]]\nid = 2\nbroker.rack = \"a\"\n\
             [[cluster.broker]]\nid = 3\nbroker.rack = \"{}\"\n\
             [run]\nrecords = 200\n[workload]\nrate = \"2/s\"\n[producer]\nlinger.ms = 0\nacks = {acks}\n\
             enable.idempotence = false\n",
            ["a", "b"][rack as usize]
        );
        let name = format!("racks-{rack}-{min_isr}-{}", acks.trim_matches('"'));
        run(&load(&name, &scenario).scenario).latency.value_at_quantile(0.5) as f64 / 1e6
    };
    for min_isr in [1, 2, 3] {
        let later_ms = median_ms(1, "\"all\"", min_isr) - median_ms(0, "\"all\"", min_isr);
        assert!((39.9..40.1).contains(&later_ms), "{later_ms}");
        assert!((median_ms(1, "1", min_isr) - median_ms(0, "1", min_isr)).abs() < 0.01);
    }
}
