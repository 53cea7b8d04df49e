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

/// What became of each fault of a scenario, in its order: the number that happenings call it by.
pub fn fault_results<'a>(scenario: &Scenario, result: &'a RunResult) -> Vec<Option<&'a FaultResult>> {
    let mut left: Vec<&FaultResult> = result.faults.iter().collect();
    let take =
        |fault| left.iter().position(|happened| is_it(fault, happened)).map(|place| left.remove(place));
    scenario.faults.iter().map(take).collect()
}

fn is_it(fault: &Fault, happened: &FaultResult) -> bool {
    let is_then = match fault.at {
        When::At(at) => at == happened.at,
        When::Between(first, last) => (first..=last).contains(&happened.at),
    };
    is_then && fault.said == happened.said
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::load::from_text;
    use crate::values::time::Span;

    /// Seeds put the two faults into either order.
    #[test]
    fn drawn_times_do_not_exchange_the_ends_of_faults() {
        let mut orders = [0; 2];
        for seed in 1..=20 {
            let text = format!(
                "seed = {seed}\n[run]\nduration = \"3s\"\n[workload]\nrate = \"10/s\"\n[cluster]\nbrokers = 3\n\
                 [[fault]]\nname = \"first\"\nat = [\"1s\", \"2s\"]\npause = 1\nfor = \"100ms\"\n\
                 [[fault]]\nat = [\"1s\", \"2s\"]\npause = 2\nfor = \"300ms\"\n"
            );
            let scenario = from_text("pauses", text).unwrap_or_else(|error| panic!("{error}")).scenario;
            let result = crate::world::run(&scenario, &mut |_, _| ()).expect("a run");
            let spans = fault_spans(&scenario, &result);
            assert!(spans[0].from <= spans[1].from);
            for span in &spans {
                let is_first = span.name == "first";
                let lasts = Span::from_millis(if is_first { 100 } else { 300 });
                assert_eq!(span.until, Some(span.from + lasts), "{span:?}");
                assert_eq!(span.said, if is_first { "pause = 1 (broker 1)" } else { "pause = 2 (broker 2)" });
            }
            orders[usize::from(spans[0].name == "first")] += 1;
        }
        assert!(orders[0] > 0 && orders[1] > 0, "{orders:?}");
    }
}
