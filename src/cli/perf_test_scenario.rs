//! The scenario of `lingersim perf-test`: that of a file or the usual one, with one producer and the test's workload.

use super::exit::Failure;
use super::perf_test::PerfTestArgs;
use crate::config::version::ClientVersion;
use crate::scenario::load::{self, Loaded, Overrides};
use crate::scenario::{ApplicationSleep, End, LatencyFrom, Scenario, SendMode, limits};
use crate::values::excerpt::short;
use crate::values::ids::TopicId;
use crate::values::nearest::{did_you_mean, nearest};
use crate::values::time::Span;
use crate::workload::payload::fill::Fill;
use crate::workload::spec::{Arrivals, Keys, Pace, Sizes, Source, Synthetic};

/// Nanoseconds in the 1000 seconds that rates refer to.
const NS_PER_1000_S: u64 = 1_000_000_000_000;

/// Kafka's `ThroughputThrottler` sleeps no less than this at a time.
const LEAST_THROTTLE_NS: u64 = 2_000_000;

/// `--throughput`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Throughput {
    /// As fast as the client takes records.
    Unthrottled,
    /// So many in 1000 seconds.
    Per1000Seconds(u64),
}

/// Reads `--throughput`, a number of records per second.
pub fn throughput(text: &str) -> Result<Throughput, String> {
    let Some(per_s) = text.parse::<f64>().ok().filter(|number| number.is_finite()) else {
        return Err("expected records per second, or -1 for as many as possible".to_owned());
    };
    if per_s < 0.0 {
        return Ok(Throughput::Unthrottled);
    }
    match (per_s * 1_000.0).round() as u64 {
        0 => Err("expected at least 0.001; with 0 the real tool waits for ever".to_owned()),
        per_1000_s => Ok(Throughput::Per1000Seconds(per_1000_s.min(limits::RATE_PER_1000_S))),
    }
}

impl Throughput {
    /// Whether calls of this length leave time for it.
    pub fn is_kept_with(self, send_time: Span) -> bool {
        matches!(self, Throughput::Per1000Seconds(rate) if rate <= most_per_1000_s(send_time))
    }

    /// The rate of the workload.
    fn per_1000_s(self, send_time: Span) -> u64 {
        match self {
            Throughput::Unthrottled => most_per_1000_s(send_time),
            Throughput::Per1000Seconds(rate) => rate.min(most_per_1000_s(send_time)),
        }
    }
}

/// How much longer than to the next record the real tool sleeps: it adds up the gaps of the records that it sends, and
/// sleeps when they come to 2 ms. So many records are then due at once.
fn throttle(per_1000_s: u64) -> Span {
    let gap_ns = (NS_PER_1000_S / per_1000_s).max(1);
    match LEAST_THROTTLE_NS.div_ceil(gap_ns) - 1 {
        0 => Span::ZERO,
        // Gaps are whole nanoseconds here, and not in the workload.
        others => Span::from_nanos(
            (u128::from(others) * u128::from(NS_PER_1000_S)).div_ceil(u128::from(per_1000_s)) as u64 + 1,
        ),
    }
}

fn most_per_1000_s(send_time: Span) -> u64 {
    NS_PER_1000_S / send_time.as_nanos().max(1)
}

/// Loads what the arguments name.
pub fn load(args: &PerfTestArgs) -> Result<Loaded, Failure> {
    let own = |path: &&String| path.starts_with("workload.") || path.starts_with("run.");
    if let Some(set) = args.set.iter().find(own) {
        let message =
            format!("error: `--set {}` has no effect: perf-test says itself what is sent", short(set));
        return Err(Failure::Input(format!("{message}\n = help: `lingersim run` takes other workloads")));
    }
    let flags = [
        ("--kafka", "kafka.version", &args.kafka),
        ("--brokers", "cluster.brokers", &args.brokers),
        ("--partitions", "cluster.partitions", &args.partitions),
        ("--seed", "seed", &args.seed),
    ];
    let files = [("--producer.config", &args.producer_config), ("--command-config", &args.command_config)];
    let overrides = Overrides {
        set: args.set.clone(),
        flags: flags
            .into_iter()
            .filter_map(|(flag, path, value)| Some((flag, path, value.clone()?)))
            .collect(),
        properties_files: files.into_iter().filter_map(|(flag, file)| Some((flag, file.clone()?))).collect(),
        properties: properties(args),
        assumed: vec![("perf-test", "client.id=perf-producer-client")],
        own_workload: Some(args.topic.clone()),
        ..Overrides::default()
    };
    let loaded = match &args.scenario {
        Some(path) => load::from_file(path, &overrides),
        None => load::from_arguments("perf-test", &overrides),
    };
    loaded.map_err(|error| Failure::Input(error.to_string()))
}

/// Kafka keys of flags, later ones winning.
fn properties(args: &PerfTestArgs) -> Vec<(&'static str, String)> {
    let of = |flag: &'static str, pairs: &[String]| {
        pairs.iter().map(|pair| (flag, pair.clone())).collect::<Vec<_>>()
    };
    let servers = args.bootstrap_server.iter().map(|servers| format!("bootstrap.servers={servers}"));
    let servers: Vec<String> = servers.collect();
    [
        of("--producer-props", &args.producer_props),
        of("--command-property", &args.command_property),
        of("--bootstrap-server", &servers),
    ]
    .concat()
}

/// The version of the client.
pub fn version(loaded: &Loaded) -> Result<ClientVersion, Failure> {
    let producers = &loaded.scenario.producers;
    let [only] = &producers[..] else {
        let message = format!("error: the scenario has {} groups of producers", producers.len());
        return Err(Failure::Input(format!(
            "{message}\n = help: perf-test is one producer: leave one [producer]"
        )));
    };
    if only.config.transactional_id.is_some() {
        return Err(no_transactions());
    }
    Ok(only.config.version)
}

/// Transactions were asked for.
pub fn no_transactions() -> Failure {
    let message = "error: transactions are not simulated yet";
    let help = "leave out --transactional-id, --transaction-duration-ms and transactional.id";
    Failure::Input(format!("{message}\n = help: {help}"))
}

/// One producer with one thread, which sends the test's records. Gives the rate in records per 1000 s.
pub fn replace_workload(
    args: &PerfTestArgs,
    scenario: &mut Scenario,
    value_bytes: Sizes,
) -> Result<u64, Failure> {
    let per_1000_s = args.throughput.per_1000_s(args.send_time);
    let source = Source::Synthetic(Synthetic {
        pace: Pace::Open(Arrivals::Constant { per_1000_s, phase_permille: 0 }),
        value_bytes,
        // As the tool draws its records.
        fill: Fill::Letters,
        handed: Default::default(),
        keys: Keys::None,
        topics: vec![(topic(&args.topic, scenario)?, 1)],
        partition: None,
        placement: None,
        headers: Vec::new(),
    });
    for producer in &mut scenario.producers {
        producer.count = 1;
        producer.threads = 1;
        producer.send_mode = SendMode::Callback;
        producer.flush_every_records = 0;
        producer.source = source.clone();
        if producer.application == ApplicationSleep::default() && args.throughput.is_kept_with(args.send_time)
        {
            producer.application.timer = throttle(per_1000_s);
        }
    }
    scenario.end = End { at: None, records: Some(args.num_records), close_timeout: None };
    scenario.latency_from = LatencyFrom::Call;
    Ok(per_1000_s)
}

fn topic(name: &str, scenario: &Scenario) -> Result<TopicId, Failure> {
    let names: Vec<&str> = scenario.cluster.topics.iter().map(|topic| topic.name.as_str()).collect();
    let found = names.iter().position(|topic| *topic == name);
    found.map(|index| TopicId(index as u32)).ok_or_else(|| {
        let near = did_you_mean(&nearest(name, names.iter().copied()));
        let help = near.unwrap_or_else(|| format!("it has {}", short(&names.join(", "))));
        Failure::Input(format!("error: the scenario has no topic \"{}\"\n = help: {help}", short(name)))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sleep_is_as_many_gaps_as_come_to_2_ms() {
        // Beyond the gap to the next record: 19 more of 100 us, 6 more of 333,333 ns, none of 2 ms and more.
        assert_eq!(throttle(10_000_000), Span::from_nanos(19 * 100_000 + 1));
        assert_eq!(throttle(3_000_000), Span::from_nanos(2_000_000 + 1));
        assert_eq!(throttle(500_000), Span::ZERO);
        assert_eq!(throttle(1), Span::ZERO);
    }

    #[test]
    fn a_throughput_is_a_number_of_records_per_second() {
        assert_eq!(throughput("-1"), Ok(Throughput::Unthrottled));
        assert_eq!(throughput("0.5"), Ok(Throughput::Per1000Seconds(500)));
        assert_eq!(throughput("1e12"), Ok(Throughput::Per1000Seconds(limits::RATE_PER_1000_S)));
        for wrong in ["0", "0.0001", "", "fast", "NaN", "inf"] {
            assert!(throughput(wrong).is_err(), "{wrong}");
        }
    }
}
