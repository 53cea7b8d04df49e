//! The scenario that somebody begins with.

use std::fmt::Write as _;

use crate::config::producer::ProducerConfig;
use crate::protocol::message::Acks;
use crate::scenario::defaults;

/// What is known of a producer before anybody has described a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Known {
    /// Its properties file as the scenario names it.
    pub properties_file: String,
    /// Servers that `bootstrap.servers` names; 0 if it is not given.
    pub servers: usize,
    /// Who has to have a record.
    pub acks: Acks,
}

impl Known {
    /// What the checked configuration of a properties file tells; `servers_given`: whether `bootstrap.servers` is in it.
    pub fn of(properties_file: String, config: &ProducerConfig, servers_given: bool) -> Known {
        let servers = if servers_given { config.bootstrap_servers.len() } else { 0 };
        Known { properties_file, servers, acks: config.acks }
    }

    /// Brokers of the cluster, and why so many. Nobody has to name all of them in `bootstrap.servers`.
    fn brokers(&self) -> (usize, &'static str) {
        let usual = defaults::BROKERS as usize;
        match self.servers {
            0 => (usual, "CHANGE: bootstrap.servers is not given"),
            servers if servers < usual && self.acks == Acks::All => (usual, "CHANGE: a guess, for acks=all"),
            servers => (servers.min(MAX_BROKERS), "CHANGE: bootstrap.servers names so many"),
        }
    }
}

/// Nobody begins with a larger cluster, whatever a file says.
const MAX_BROKERS: usize = 100;

/// A scenario with comments that say what to change; of a producer that is known, or of any.
pub fn scenario(known: Option<&Known>) -> String {
    let (brokers, why) =
        known.map_or((defaults::BROKERS as usize, "CHANGE: how many there are"), Known::brokers);
    let replication = brokers.min(3);
    let acks = known.map_or(Acks::All, |known| known.acks);
    let mut text = HEAD.to_owned();
    let mut line = |key: &str, value: usize, comment: &str| {
        let _ = writeln!(text, "{:28} # {comment}", format!("{key} = {value}"));
    };
    line("brokers", brokers, why);
    line("partitions", defaults::PARTITIONS as usize, "CHANGE: of the topic");
    line("replication", replication, "CHANGE: of the topic");
    if acks == Acks::All && replication > 1 {
        line("min.insync.replicas", replication - 1, "CHANGE: of the topic, for acks=all");
    }
    text.push_str(WORKLOAD);
    match known {
        Some(known) => {
            let file = toml::Value::String(known.properties_file.clone());
            let _ = write!(text, "\n[producer]\nproperties-file = {file}\n{OVER_PROPERTIES}");
        }
        None => text.push_str(PRODUCER),
    }
    text.push_str(FAULT);
    text
}

const HEAD: &str = r#"# A scenario to begin with. Lines with CHANGE are guesses: put in what you have.
# What has a # right before it is off, and shows what else there is. Everything
# may be left out; docs/scenarios.md has all keys and their defaults.

title = "My producer"
seed = 1                     # another seed, other arrivals

[run]
duration = "30s"             # of simulated time

[cluster]
"#;

const WORKLOAD: &str = r#"
[network]
latency = "250us"            # CHANGE: one way, between producers and brokers

[workload]                   # what one application thread sends
arrivals = "poisson"
rate = "1000/s"              # CHANGE: records a second, on average
value = "500B"               # CHANGE: size of a record's value
# Records have keys, so many different ones:
#keys = { dist = "uniform", count = 1_000 }
"#;

const PRODUCER: &str = r#"
[producer]                   # Kafka's own keys: lingersim config list
acks = "all"
linger.ms = 5
batch.size = 16384
#compression.type = "zstd"
#count = 10                  # so many producers, each with this workload
#send-mode = "sync"          # each send is awaited before the next one
"#;

const OVER_PROPERTIES: &str = r#"#linger.ms = 20              # a key here wins over the file
#count = 10                  # so many producers, each with this workload
#send-mode = "sync"          # each send is awaited before the next one
"#;

const FAULT: &str = r#"
#[[fault]]                   # what goes wrong: a broker crashes, and comes back
#at = "10s"
#crash = 1
#for = "5s"
"#;
