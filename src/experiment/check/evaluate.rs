//! Gates against what the runs of a scenario have shown.

use crate::metric::Stat;
use crate::report::measure::View;
use crate::scenario::Scenario;
use crate::scenario::gate::{During, Gate, GatePlaces, Level, OverSeeds};
use crate::values::time::Time;
use crate::world::observe::{Asked, Observed, Part, Places, Window};

/// What has to be asked of each run of a scenario, and which gate looks at what of it.
#[derive(Clone, Debug, Default)]
pub struct Questions {
    /// For the runs.
    pub asked: Asked,
    /// For each gate: what it looks at.
    looks: Vec<Vec<Look>>,
}

/// What a gate looks at.
#[derive(Clone, Debug)]
struct Look {
    /// Index of a part of the run; `None`: the whole run.
    part: Option<usize>,
    /// The partition, if the gate has to hold for each.
    partition: Option<u32>,
}

/// How a gate came out.
#[derive(Clone, Debug, PartialEq)]
pub struct GateOutcome {
    /// The value that counts over all seeds (and partitions), in the unit of the metric.
    pub observed: Option<f64>,
    /// The seed it is from, unless it is a median.
    pub seed: Option<u64>,
    /// The partition it is from, if the gate has to hold for each.
    pub partition: Option<u32>,
    /// How it went.
    pub verdict: Verdict,
}

/// How a gate came out, in a word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It holds.
    Holds,
    /// It does not.
    Fails,
    /// It does not, and that is only told.
    Warns,
    /// There was no value to look at.
    Empty,
    /// There was no value to look at, and that is allowed.
    EmptyAllowed,
}

impl Verdict {
    /// Whether the check fails by it.
    pub const fn is_failure(self) -> bool {
        matches!(self, Verdict::Fails | Verdict::Empty)
    }
}

impl Questions {
    /// For all gates of a scenario that are looked at.
    pub fn of(gates: &[Gate]) -> Questions {
        let mut questions = Questions::default();
        for gate in gates {
            questions.asked.keys |= gate.metric.metric.name.starts_with("sim-split-keys");
            let looks = questions.look(gate);
            questions.looks.push(looks);
        }
        questions
    }

    fn look(&mut self, gate: &Gate) -> Vec<Look> {
        let window = gate.during.as_ref().map(window);
        match &gate.places {
            None if window.is_none() => vec![Look { part: None, partition: None }],
            Some(GatePlaces { topic, partitions, each: true }) => partitions
                .clone()
                .map(|partition| {
                    let places = Places { topic: *topic, partitions: partition..=partition };
                    Look { part: Some(self.part(window, Some(places))), partition: Some(partition) }
                })
                .collect(),
            places => {
                let places = places
                    .as_ref()
                    .map(|places| Places { topic: places.topic, partitions: places.partitions.clone() });
                vec![Look { part: Some(self.part(window, places)), partition: None }]
            }
        }
    }

    /// The index of a part that is asked for, perhaps by several gates.
    fn part(&mut self, window: Option<Window>, places: Option<Places>) -> usize {
        let part = Part { window: window.unwrap_or(Window::Between(Time::START, Time::NEVER)), places };
        let parts = &mut self.asked.parts;
        parts.iter().position(|other| *other == part).unwrap_or_else(|| {
            parts.push(part);
            parts.len() - 1
        })
    }

    /// How the gates came out, in runs with these seeds. Gates that are off have no outcome.
    pub fn evaluate(
        &self,
        scenario: &Scenario,
        gates: &[Gate],
        runs: &[(u64, Observed)],
    ) -> Vec<Option<GateOutcome>> {
        let outcome = |(gate, looks): (&Gate, &Vec<Look>)| {
            (gate.level != Level::Off).then(|| evaluate(scenario, gate, looks, runs))
        };
        gates.iter().zip(&self.looks).map(outcome).collect()
    }
}

fn window(during: &During) -> Window {
    match *during {
        During::Between(start, end) => Window::Between(start, end.unwrap_or(Time::NEVER)),
        During::Fault(index) => Window::Fault(index),
        During::Recovery(index) => Window::Recovery(index),
    }
}

/// A value with where it is from.
#[derive(Clone, Copy, Debug)]
struct Seen {
    value: Option<f64>,
    seed: u64,
    partition: Option<u32>,
}

fn evaluate(scenario: &Scenario, gate: &Gate, looks: &[Look], runs: &[(u64, Observed)]) -> GateOutcome {
    // Of each run the worst partition counts.
    let seen: Vec<Seen> =
        runs.iter().map(|(seed, run)| worst_look(scenario, gate, looks, *seed, run)).collect();
    let empty = seen.iter().find(|seen| seen.value.is_none());
    // Where emptiness is allowed, what is there has to hold all the same.
    if let Some(&Seen { seed, partition, .. }) = empty
        && (!gate.allow_empty || seen.iter().all(|seen| seen.value.is_none()))
    {
        let verdict = match (gate.allow_empty, gate.level) {
            (true, _) => Verdict::EmptyAllowed,
            (false, Level::Warn) => Verdict::Warns,
            (false, _) => Verdict::Empty,
        };
        return GateOutcome { observed: None, seed: Some(seed), partition, verdict };
    }
    let values: Vec<f64> = seen.iter().filter_map(|seen| seen.value).collect();
    let worst = gate.expression.worst(&values);
    let from = seen.iter().find(|seen| seen.value == worst);
    let (observed, holds, from) = match gate.seeds {
        OverSeeds::Worst => (worst, worst.is_some_and(|value| gate.expression.holds(value)), from),
        OverSeeds::Median => {
            let median = median(values);
            (median, median.is_some_and(|value| gate.expression.holds(value)), None)
        }
        OverSeeds::Share(permille) => {
            let good = values.iter().filter(|value| gate.expression.holds(**value)).count() as u64;
            (worst, good * 1_000 >= u64::from(permille) * values.len() as u64, from)
        }
    };
    let verdict = match (holds, gate.level) {
        (true, _) => Verdict::Holds,
        (false, Level::Warn) => Verdict::Warns,
        (false, _) => Verdict::Fails,
    };
    let (seed, partition) = (from.map(|seen| seen.seed), from.and_then(|seen| seen.partition));
    GateOutcome { observed, seed, partition, verdict }
}

fn worst_look(scenario: &Scenario, gate: &Gate, looks: &[Look], seed: u64, run: &Observed) -> Seen {
    let mut worst = Seen { value: None, seed, partition: None };
    for look in looks {
        let Some(value) = value(scenario, gate, look, run) else {
            if gate.allow_empty {
                continue;
            }
            return Seen { value: None, seed, partition: look.partition };
        };
        let is_worse = match worst.value {
            None => true,
            Some(before) => gate.expression.worst(&[before, value]) == Some(value) && before != value,
        };
        if is_worse {
            worst = Seen { value: Some(value), seed, partition: look.partition };
        }
    }
    worst
}

/// `None`: there is nothing to look at, also if the part of the run never came.
fn value(scenario: &Scenario, gate: &Gate, look: &Look, run: &Observed) -> Option<f64> {
    let figures = match look.part {
        None => &run.result,
        Some(at) => {
            let part = run.parts.get(at)?;
            if part.start >= part.end {
                return None;
            }
            &part.figures
        }
    };
    let view = View { scenario, result: figures };
    let stat = gate.expression.stat;
    let value = view.value(&gate.metric, stat);
    // A fault that has touched nothing was not exercised: what held during it says nothing.
    let fault = match gate.during {
        Some(During::Fault(index) | During::Recovery(index)) => scenario.faults.get(index),
        _ => None,
    };
    let is_idle = fault.is_some_and(|fault| {
        run.result.faults.iter().filter(|result| result.said == fault.said).all(|result| result.touched == 0)
    });
    value.filter(|_| !is_idle || stat == Stat::Count)
}

/// The mean of the two in the middle, if their number is even.
fn median(mut values: Vec<f64>) -> Option<f64> {
    values.sort_by(f64::total_cmp);
    let (low, high) = (values.get(values.len().checked_sub(1)? / 2)?, values.get(values.len() / 2)?);
    Some((low + high) / 2.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::load::{Loaded, from_text};
    use crate::world::run_observed;

    fn outcomes(gates: &str) -> Vec<GateOutcome> {
        let text = format!(
            "[run]\nduration = \"4s\"\n[cluster]\nbrokers = 1\nreplication = 1\npartitions = 2\n[producer]\nacks = 1\n\
             enable.idempotence = false\n[workload]\narrivals = \"constant\"\nrate = \"1000/s\"\npartition = 1\n[[fault]]\nname = \"stop\"\n\
             at = \"1s\"\npause = 1\nfor = \"500ms\"\n{gates}"
        );
        let Loaded { scenario, guard, .. } =
            from_text("test", text).unwrap_or_else(|error| panic!("{error}"));
        let questions = Questions::of(&guard.gates);
        let runs: Vec<(u64, Observed)> = (1..=3)
            .map(|seed| {
                let scenario = Scenario { seed, ..scenario.clone() };
                (seed, run_observed(&scenario, &questions.asked, &mut |_| true).expect("a run"))
            })
            .collect();
        questions.evaluate(&scenario, &guard.gates, &runs).into_iter().flatten().collect()
    }

    #[test]
    fn windows_see_what_happens_in_them() {
        let found = outcomes(
            "[[gate]]\nmetric = \"sim-record-latency\"\nexpr = \"max > 400ms\"\nduring = \"fault:stop\"\n\
             [[gate]]\nmetric = \"sim-record-latency\"\nexpr = \"max < 400ms\"\nduring = \"recovery:stop\"\n\
             [[gate]]\nmetric = \"sim-acked-records\"\nexpr = \"value in [495, 505]\"\nduring = \"2s..2500ms\"\n\
             [[gate]]\nmetric = \"sim-record-latency\"\nexpr = \"max < 1s\"\nduring = \"9s..\"\n",
        );
        let verdicts: Vec<Verdict> = found.iter().map(|outcome| outcome.verdict).collect();
        assert_eq!(verdicts, [Verdict::Holds, Verdict::Holds, Verdict::Holds, Verdict::Empty], "{found:?}");
    }

    #[test]
    fn the_clients_own_metrics_are_those_at_the_end_of_a_window() {
        let found = outcomes(
            "[[gate]]\nmetric = \"record-send-total\"\nexpr = \"value in [880, 1000]\"\nduring = \"..1s\"\n\
             [[gate]]\nmetric = \"record-send-total\"\nexpr = \"value == 4000\"\nduring = \"3s..\"\n",
        );
        let verdicts: Vec<Verdict> = found.iter().map(|outcome| outcome.verdict).collect();
        assert_eq!(verdicts, [Verdict::Holds, Verdict::Holds], "{found:?}");
    }

    #[test]
    fn partitions_are_looked_at_alone_or_each() {
        let found = outcomes(
            "[thresholds]\n\"sim-acked-records{partition=1}\" = \"value > 3900\"\n\
             \"sim-acked-records{partition=*}\" = \"value > 3900\"\n",
        );
        assert_eq!(found[0].verdict, Verdict::Holds);
        assert_eq!((found[1].verdict, found[1].partition), (Verdict::Fails, Some(0)));
    }

    #[test]
    fn levels_and_seeds() {
        let found = outcomes(
            "[[gate]]\nmetric = \"sim-batches\"\nexpr = \"value < 1\"\nlevel = \"warn\"\n\
             [[gate]]\nmetric = \"sim-batches\"\nexpr = \"value < 1\"\nlevel = \"off\"\n\
             [[gate]]\nmetric = \"sim-batches\"\nexpr = \"value > 1\"\nseeds = \"median\"\n",
        );
        assert_eq!(found.iter().map(|o| o.verdict).collect::<Vec<_>>(), [Verdict::Warns, Verdict::Holds]);
        assert_eq!(found[1].seed, None);
    }

    #[test]
    fn what_may_be_empty_has_to_hold_where_it_is_not() {
        let found = outcomes(
            "[[gate]]\nmetric = \"sim-record-latency\"\nwhere = { partition = \"*\" }\nexpr = \"max < 1ns\"\n\
             allow-empty = true\n\
             [[gate]]\nmetric = \"sim-record-latency\"\nexpr = \"max < 1s\"\nduring = \"9s..\"\nlevel = \"warn\"\n",
        );
        assert_eq!((found[0].verdict, found[0].partition), (Verdict::Fails, Some(1)));
        assert_eq!(found[1].verdict, Verdict::Warns);
    }

    #[test]
    fn medians_lie_in_the_middle() {
        assert_eq!(median(vec![3.0, 1.0, 2.0]), Some(2.0));
        assert_eq!(median(vec![4.0, 1.0, 2.0, 3.0]), Some(2.5));
        assert_eq!(median(Vec::new()), None);
    }
}
