//! One scenario with something changed: a key of Kafka, a path of the scenario, or `partitioner`, which is a choice of
//! several keys and perhaps of another client.

use std::fmt;
use std::path::PathBuf;

use crate::config::version::ClientVersion;
use crate::scenario::ScenarioError;
use crate::scenario::load::{Loaded, Overrides, from_arguments, from_file};
use crate::values::excerpt::short;
use crate::values::nearest::{did_you_mean, nearest};

/// Where a scenario comes from, with what the command line says beside it.
#[derive(Clone, Debug)]
pub struct Base {
    /// Its file; `None`: the arguments are all.
    pub file: Option<PathBuf>,
    /// Beside the file.
    pub overrides: Overrides,
}

/// A key and the values it takes in turn.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Axis {
    /// `linger.ms`, `network.latency`, `partitioner`.
    pub key: String,
    /// At least one.
    pub values: Vec<String>,
}

/// Why there is no scenario.
#[derive(Clone, Debug)]
pub enum VaryError {
    /// The scenario itself is wrong.
    Scenario(Box<ScenarioError>),
    /// A value is; a sentence with what would be right.
    Value(String),
}

impl fmt::Display for VaryError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            VaryError::Scenario(error) => error.fmt(f),
            VaryError::Value(text) => f.write_str(text),
        }
    }
}

/// Why the seed cannot be varied.
pub const SEEDS_ARE_SHARED: &str = "error: `seed` cannot be varied: every arm and point has the same seeds\n = help: --seeds says \
    how many, --set seed=7 the first one";

/// The key that stands for a choice of partitioner.
const PARTITIONER: &str = "partitioner";
/// The newest client that has the partitioner of KIP-480.
const LAST_STICKY: &str = "3.9";
const CLASS_KEY: &str = "partitioner.class";
const ADAPTIVE_KEY: &str = "partitioner.adaptive.partitioning.enable";

/// The partitioners that have a name of their own.
pub const PARTITIONERS: [&str; 4] = ["round-robin", "sticky", "not-adaptive", "built-in"];

impl Axis {
    /// Reads `KEY=a,b,c`.
    ///
    /// # Errors
    /// A sentence with what would be right.
    pub fn parse(text: &str) -> Result<Axis, String> {
        let wrong = |what: &str| {
            Err(format!("error: `--vary {}`: {what}\n = help: write --vary linger.ms=0,5,20", short(text)))
        };
        let Some((key, values)) = text.split_once('=') else { return wrong("there is no value") };
        let values: Vec<String> = values.split(',').map(|value| value.trim().to_owned()).collect();
        if key.trim().is_empty() || values.iter().any(String::is_empty) {
            return wrong("a key or a value is empty");
        }
        if key.trim() == "seed" {
            return Err(SEEDS_ARE_SHARED.to_owned());
        }
        let mut seen = values.clone();
        seen.sort();
        seen.dedup();
        if seen.len() < values.len() {
            return wrong("a value is there twice");
        }
        Ok(Axis { key: key.trim().to_owned(), values })
    }
}

impl Base {
    /// The scenario as it is.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn load(&self) -> Result<Loaded, VaryError> {
        self.load_with(&self.overrides)
    }

    fn load_with(&self, overrides: &Overrides) -> Result<Loaded, VaryError> {
        let loaded = match &self.file {
            Some(file) => from_file(file, overrides),
            None => from_arguments("command line", overrides),
        };
        loaded.map_err(|error| VaryError::Scenario(Box::new(error)))
    }

    /// The scenario with these keys at these values, in this order.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn with(&self, changes: &[(&str, &str)]) -> Result<Loaded, VaryError> {
        let mut overrides = self.overrides.clone();
        let mut partitioner = None;
        for &(key, value) in changes {
            match key {
                PARTITIONER => partitioner = Some(value),
                _ => overrides.set.push(format!("{key}={value}")),
            }
        }
        match partitioner {
            None => self.load_with(&overrides),
            Some(name) => self.with_partitioner(name, overrides),
        }
    }

    /// With another partitioner, and all else as it is. Where that takes an older client, keys whose defaults are
    /// others there keep the values that they have here.
    fn with_partitioner(&self, name: &str, mut overrides: Overrides) -> Result<Loaded, VaryError> {
        let here = self.load_with(&overrides)?;
        let version = here.scenario.producers[0].config.version;
        overrides.unset.push(CLASS_KEY.to_owned());
        let class = |class: &str| format!("{CLASS_KEY}=org.apache.kafka.clients.producer.{class}");
        match name {
            "built-in" | "not-adaptive" if version < ClientVersion::V3_9 => {
                let (version, help) =
                    (version.name(), "it came with client 3.3: set kafka.version to 3.9 or newer");
                let text = format!("error: client {version} has no built-in partitioner\n = help: {help}");
                return Err(VaryError::Value(text));
            }
            "built-in" => overrides.set.push(format!("{ADAPTIVE_KEY}=true")),
            "not-adaptive" => overrides.set.push(format!("{ADAPTIVE_KEY}=false")),
            "round-robin" if version == ClientVersion::V2_3 => {
                let help = "it came with client 2.4; without keys, 2.3 deals records out anyway";
                let text = format!("error: client 2.3 has no RoundRobinPartitioner\n = help: {help}");
                return Err(VaryError::Value(text));
            }
            "round-robin" => overrides.set.push(class("RoundRobinPartitioner")),
            "sticky" if version == ClientVersion::V2_3 => {
                let text = "error: client 2.3 has no sticky partitioner\n = help: it came with client 2.4";
                return Err(VaryError::Value(text.to_owned()));
            }
            "sticky" => {
                overrides.set.push(class("internals.DefaultPartitioner"));
                if version > ClientVersion::V3_9 {
                    return self.on_older_client(&here, overrides);
                }
            }
            other => {
                let near = did_you_mean(&nearest(other, PARTITIONERS));
                let help = near.unwrap_or_else(|| format!("expected one of {}", PARTITIONERS.join(", ")));
                let text = format!("error: there is no partitioner \"{}\"\n = help: {help}", short(other));
                return Err(VaryError::Value(text));
            }
        }
        self.load_with(&overrides)
    }

    fn on_older_client(&self, here: &Loaded, mut overrides: Overrides) -> Result<Loaded, VaryError> {
        overrides.set.push(format!("kafka.version={LAST_STICKY}"));
        let there = self.load_with(&overrides)?;
        let value = |loaded: &Loaded, name: &str| {
            loaded.settings.iter().find(|setting| setting.name == name).map(|setting| setting.value.clone())
        };
        for setting in &there.settings {
            let Some((group, key)) =
                setting.name.split_once('.').filter(|(group, _)| group.starts_with("producer"))
            else {
                continue;
            };
            if key == CLASS_KEY || key == ADAPTIVE_KEY {
                continue;
            }
            if let Some(value) =
                value(here, &format!("{group}.{key}")).filter(|value| *value != setting.value)
            {
                overrides.set.push(format!("{key}={value}"));
            }
        }
        self.load_with(&overrides)
    }
}

/// All combinations of the values of several axes, the last axis fastest. `None` if there are more than `most`.
pub fn combinations(axes: &[Axis], most: usize) -> Option<Vec<Vec<(&str, &str)>>> {
    let count = axes.iter().try_fold(1usize, |count, axis| count.checked_mul(axis.values.len()))?;
    if count > most {
        return None;
    }
    let mut all: Vec<Vec<(&str, &str)>> = vec![Vec::new()];
    for axis in axes {
        let mut longer = Vec::with_capacity(all.len() * axis.values.len());
        for before in &all {
            for value in &axis.values {
                longer.push(before.iter().copied().chain([(axis.key.as_str(), value.as_str())]).collect());
            }
        }
        all = longer;
    }
    Some(all)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn base(set: &[&str]) -> Base {
        let set = set.iter().map(|text| (*text).to_owned()).collect();
        Base { file: None, overrides: Overrides { set, ..Overrides::default() } }
    }

    #[test]
    fn axes_are_a_key_and_its_values() {
        let axis = Axis::parse("linger.ms=0, 5,20").expect("right");
        assert_eq!((axis.key.as_str(), axis.values.len()), ("linger.ms", 3));
        for wrong in ["linger.ms", "=1", "linger.ms=1,,2", "linger.ms=1,1", "seed=1,2"] {
            assert!(Axis::parse(wrong).expect_err("wrong").contains("help"), "{wrong}");
        }
    }

    #[test]
    fn combinations_come_in_order_and_not_without_end() {
        let axes = [Axis::parse("a=1,2").expect("right"), Axis::parse("b=x,y").expect("right")];
        let all = combinations(&axes, 4).expect("few");
        let shown: Vec<String> = all.iter().map(|point| format!("{}{}", point[0].1, point[1].1)).collect();
        assert_eq!(shown, ["1x", "1y", "2x", "2y"]);
        assert_eq!(combinations(&axes, 3), None);
    }

    #[test]
    fn the_sticky_partitioner_needs_an_older_client_and_all_else_stays() {
        let base = base(&["workload.rate=10/s"]);
        let sticky = base.with(&[("partitioner", "sticky")]).expect("a scenario");
        let config = &sticky.scenario.producers[0].config;
        assert_eq!(config.version, ClientVersion::V3_9);
        assert_eq!(config.linger_ms, base.load().expect("a scenario").scenario.producers[0].config.linger_ms);
    }

    #[test]
    fn a_partitioner_takes_the_place_of_another_one() {
        let class = "partitioner.class=org.apache.kafka.clients.producer.RoundRobinPartitioner";
        let base = base(&["workload.rate=10/s", class]);
        // What a file has set is taken out; what --set says itself is not, as the later one wins.
        assert!(base.with(&[("partitioner", "round-robin")]).is_ok());
        let error = base.with(&[("partitioner", "rond-robin")]).expect_err("misspelt").to_string();
        assert!(error.contains("round-robin"), "{error}");
        let old = super::Base {
            overrides: Overrides { set: vec!["kafka.version=2.3".into()], ..base.overrides.clone() },
            file: None,
        };
        assert!(old.with(&[("partitioner", "built-in")]).expect_err("too old").to_string().contains("3.3"));
    }
}
