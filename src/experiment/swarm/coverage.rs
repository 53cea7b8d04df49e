//! What a swarm has reached: in how many runs each thing came up.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use toml::{Table, Value};

use super::faults::{kind_of, kinds};
use super::judge::LONGEST;
use super::promises::known_flaw;
use crate::cluster::Counters;
use crate::config::version::ClientVersion;
use crate::report::grouped;
use crate::scenario::Scenario;
use crate::world::result::RunResult;

/// Counts of runs, by group and name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Coverage {
    runs: u64,
    reached: BTreeMap<(&'static str, &'static str), u64>,
}

/// Groups, in the order of the report.
const FAULT_DRAWN: &str = "fault drawn";
const FAULT_EXERCISED: &str = "fault exercised";
const CLUSTER: &str = "cluster";
const CLIENT: &str = "client";
const RECORDS: &str = "records";
const ERROR_CODE: &str = "retry after";
const EXCEPTION: &str = "exception";
const REASON: &str = "batch left";
const END: &str = "run";
const FLAW: &str = "flaw of Kafka";
const GROUPS: [&str; 10] =
    [FAULT_DRAWN, FAULT_EXERCISED, CLUSTER, CLIENT, RECORDS, ERROR_CODE, EXCEPTION, REASON, FLAW, END];

impl Coverage {
    /// Adds a run of the scenario that was drawn as `drawn`.
    pub fn add(&mut self, drawn: &Table, scenario: &Scenario, result: &RunResult) {
        self.runs += 1;
        let mut names: Vec<(&'static str, &'static str)> = Vec::new();
        for fault in faults(drawn) {
            let Some(kind) = kind_of(fault) else { continue };
            names.push((FAULT_DRAWN, kind));
        }
        for fault in result.faults.iter().filter(|fault| fault.touched > 0) {
            let key = fault.said.split_once(" = ").map_or(fault.said.as_str(), |(key, _)| key);
            names.extend(kinds().find(|kind| *kind == key).map(|kind| (FAULT_EXERCISED, kind)));
        }
        names.extend(result.cluster.iter().filter(|(_, count)| *count > 0).map(|(name, _)| (CLUSTER, *name)));
        names.push((CLIENT, scenario.producers[0].config.version.name()));
        names.extend(reached(RECORDS, result.populations.parts()));
        names.extend(result.retries.keys().map(|&code| (ERROR_CODE, code)));
        names.extend(result.errors.keys().map(|&exception| (EXCEPTION, exception)));
        names.extend(reached(REASON, result.reasons.parts()));
        names.extend(reached(REASON, result.reasons.marks()));
        for finding in &result.audit.findings {
            names.extend(known_flaw(scenario, finding).map(|flaw| (FLAW, flaw)));
        }
        names.push((END, if result.ended_at < LONGEST { "ended" } else { "cut off" }));
        names.sort_unstable();
        names.dedup();
        for name in names {
            *self.reached.entry(name).or_default() += 1;
        }
    }

    /// Adds what others have reached.
    pub fn merge(&mut self, other: &Coverage) {
        self.runs += other.runs;
        for (name, runs) in &other.reached {
            *self.reached.entry(*name).or_default() += runs;
        }
    }

    /// Group, name, and runs that have reached it; what is known and was never reached has 0.
    fn rows(&self) -> Vec<(&'static str, &'static str, u64)> {
        let mut reached = self.reached.clone();
        let known = kinds()
            .flat_map(|kind| [(FAULT_DRAWN, kind), (FAULT_EXERCISED, kind)])
            .chain(Counters::default().all().map(|(name, _)| (CLUSTER, name)))
            .chain(ClientVersion::ALL.map(|version| (CLIENT, version.name())));
        for name in known {
            reached.entry(name).or_default();
        }
        let of = |group| reached.range((group, "")..).take_while(move |((other, _), _)| *other == group);
        GROUPS.into_iter().flat_map(of).map(|(&(group, name), &runs)| (group, name, runs)).collect()
    }

    /// A table for people.
    pub fn text(&self) -> String {
        let mut text = String::from("Coverage: runs in which it came up\n");
        let mut last = "";
        for (group, name, runs) in self.rows() {
            let shown = if group == last { "" } else { group };
            last = group;
            let share = 100.0 * runs as f64 / self.runs.max(1) as f64;
            // Writing to a String cannot fail.
            let _ = writeln!(text, "  {shown:<16}{name:<40}{:>10}{share:>8.2}%", grouped(runs));
        }
        text
    }

    /// The same as CSV with a header.
    pub fn csv(&self) -> String {
        let mut text = String::from("group,name,runs\n");
        for (group, name, runs) in self.rows() {
            let _ = writeln!(text, "{group},{name},{runs}");
        }
        text
    }
}

/// Those of the counts that are not 0.
fn reached<const N: usize>(
    group: &'static str,
    counts: [(&'static str, u64); N],
) -> impl Iterator<Item = (&'static str, &'static str)> {
    counts.into_iter().filter(|(_, count)| *count > 0).map(move |(name, _)| (group, name))
}

/// The `[[fault]]` tables.
fn faults(drawn: &Table) -> impl Iterator<Item = &Table> {
    drawn.get("fault").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_table)
}
