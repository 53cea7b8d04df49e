//! The faults of a run with their ends, as pictures and traces show them.

use crate::scenario::Scenario;
use crate::scenario::fault::{Fault, When};
use crate::values::time::Time;
use crate::world::result::{FaultResult, RunResult};

/// A fault that has happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FaultSpan {
    /// When it began.
    pub from: Time,
    /// When it was undone; `None`: it does not last, or nothing undoes it.
    pub until: Option<Time>,
    /// Its name if it has one, else how the scenario says it.
    pub name: String,
    /// How the scenario says it, and the broker that it struck.
    pub said: String,
}

/// The faults that a run lived to see, in order of their times.
pub fn fault_spans(scenario: &Scenario, result: &RunResult) -> Vec<FaultSpan> {
    // Times that are drawn change the order, so each result looks for its fault.
    let mut planned: Vec<&Fault> = scenario.faults.iter().collect();
    let mut spans = Vec::new();
    for happened in result.faults.iter().filter(|fault| fault.at <= result.ended_at) {
        let place = planned.iter().position(|fault| is_it(fault, happened));
        let fault = place.map(|place| planned.remove(place));
        let said = match happened.node {
            Some(node) => format!("{} (broker {node})", happened.said),
            None => happened.said.clone(),
        };
        spans.push(FaultSpan {
            from: happened.at,
            until: fault.and_then(|fault| fault.lasts).map(|lasts| happened.at + lasts),
            name: fault.and_then(|fault| fault.name.clone()).unwrap_or_else(|| said.clone()),
            said,
        });
    }
    spans
}

fn is_it(fault: &Fault, happened: &FaultResult) -> bool {
    let is_then = match fault.at {
        When::At(at) => at == happened.at,
        When::Between(first, last) => (first..=last).contains(&happened.at),
    };
    is_then && fault.said == happened.said
}
