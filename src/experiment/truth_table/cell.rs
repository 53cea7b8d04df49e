//! A cell of the table: one configuration under one fault, as a scenario.

use super::faults::FaultCase;
use super::setting::Setting;
use crate::scenario::Scenario;
use crate::scenario::load::from_text;
use crate::scenario::problem::ScenarioError;

/// One configuration under one fault.
#[derive(Clone, Copy, Debug)]
pub struct Cell {
    /// The fault.
    pub fault: &'static FaultCase,
    /// The configuration.
    pub setting: Setting,
}

impl Cell {
    /// What names the cell: the fault, and Kafka's keys.
    pub fn labels(&self) -> Vec<(&'static str, String)> {
        let mut labels = vec![("fault", self.fault.name.to_owned())];
        labels.extend(self.setting.labels());
        labels
    }

    /// The scenario of the cell.
    ///
    /// One partition on three brokers, so that everything that happens to it shows. The way to a broker takes long
    /// enough that several batches are under way at once: without that, nothing could ever be reordered. The delivery
    /// timeout is shorter than the session timeout of a broker, so that an outage lasts longer than some records.
    pub fn scenario_text(&self) -> String {
        let Setting { acks, min_insync_replicas, idempotence, in_flight } = self.setting;
        let FaultCase { name, cluster, faults, .. } = self.fault;
        format!(
            "title = \"Truth table: {name}\"\n\
             [run]\nduration = \"20s\"\n\
             [cluster]\nbrokers = 3\npartitions = 1\nreplication = 3\n\
             min.insync.replicas = {min_insync_replicas}\n{cluster}\
             [network]\nlatency = \"10ms\"\njitter = \"5ms\"\n\
             [workload]\nrate = \"50/s\"\n\
             [producer]\nacks = \"{acks}\"\nenable.idempotence = {idempotence}\n\
             max.in.flight.requests.per.connection = {in_flight}\n\
             linger.ms = 0\nrequest.timeout.ms = 3000\ndelivery.timeout.ms = 8000\n{faults}"
        )
    }

    /// The checked scenario of the cell.
    ///
    /// # Errors
    /// If the list of faults has one that no scenario can have.
    pub fn scenario(&self) -> Result<Scenario, ScenarioError> {
        from_text("truth-table.toml", self.scenario_text()).map(|loaded| loaded.scenario)
    }
}
