//! What accumulates while a scenario is read: its texts, every problem, every value with its origin.

use super::problem::{Problem, ScenarioError};
use super::source::{Place, Sources};

/// The state of reading one scenario.
#[derive(Debug, Default)]
pub struct Intake {
    /// The texts.
    pub sources: Sources,
    /// What is wrong so far.
    pub problems: Vec<Problem>,
    /// The values so far.
    pub settings: Vec<Setting>,
    /// What the user should know although it is not wrong.
    pub notes: Vec<String>,
}

/// One effective value of a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Setting {
    /// Its name: `network.latency`, `producer.linger.ms`.
    pub name: String,
    /// The value, as a scenario would say it; secrets are hidden.
    pub value: String,
    /// Where it comes from: `default`, `derived`, `scenario.toml:12`, `--set`.
    pub origin: String,
}

/// The origin of what nobody has said.
pub const DEFAULT: &str = "default";

impl Setting {
    /// Whether it is a default of the simulator's own, not one of Kafka's producer.
    pub fn is_assumed(&self) -> bool {
        self.origin == DEFAULT && !self.name.starts_with("producer")
    }
}

impl Intake {
    /// Notes a problem.
    pub fn problem(&mut self, problem: Problem) {
        self.problems.push(problem);
    }

    /// Notes a value that was given.
    pub fn given(&mut self, name: String, value: String, place: Place) {
        let origin = self.sources.origin(place);
        self.settings.push(Setting { name, value, origin });
    }

    /// Notes a value that nobody has given.
    pub fn defaulted(&mut self, name: String, value: String) {
        self.settings.push(Setting { name, value, origin: DEFAULT.to_owned() });
    }

    /// The problems as one error.
    pub fn into_error(self) -> ScenarioError {
        ScenarioError::new(self.sources, self.problems)
    }
}
