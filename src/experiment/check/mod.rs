//! Checks of scenarios: gates, promises, baselines; and how they are told.

pub mod annotations;
pub mod baseline;
mod evaluate;
pub mod events;
pub mod junit;
pub mod markdown;
pub mod text;

use self::baseline::{Baseline, Change, Direction, SettingChange};
use self::evaluate::Questions;
pub use self::evaluate::{GateOutcome, Verdict};
use self::events::Divergence;
use super::parallel::share_out;
use crate::scenario::Scenario;
use crate::scenario::gate::{BaselineMode, Gate};
use crate::scenario::load::{Loaded, Overrides, from_file};
use crate::world::observe::Observed;
use crate::world::result::Finding;
use crate::world::{MODEL_VERSION, WorldError, run_observed};

/// A scenario that is to be checked.
#[derive(Clone, Debug)]
pub struct Subject {
    /// Its file as the user named it.
    pub file: String,
    /// The scenario.
    pub loaded: Loaded,
    /// The text of its baseline, if it has one; an error is why it cannot be read.
    pub baseline: Option<Result<String, String>>,
}

/// How strict a check is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Strictness {
    /// A scenario without a baseline is an error.
    pub require_baseline: bool,
    /// In tolerance mode, improvements that nobody has accepted are one too.
    pub strict: bool,
}

/// A scenario that has been checked.
#[derive(Clone, Debug)]
pub struct Checked {
    /// Its file as the user named it.
    pub file: String,
    /// Its name.
    pub name: String,
    /// The seeds of its runs.
    pub seeds: Vec<u64>,
    /// The digest of the first run.
    pub digest: u64,
    /// Gates that are looked at, with how they came out.
    pub gates: Vec<(Gate, GateOutcome)>,
    /// Each with the part of the run it looks at, as the scenario says it.
    pub during: Vec<Option<String>>,
    /// Promises of the configuration that were broken, in the first run that has some.
    pub findings: Vec<Finding>,
    /// Faults that touched nothing, in the first run.
    pub idle_faults: Vec<String>,
    /// How it compares with its baseline.
    pub baseline: Comparison,
    /// What the baseline would be now, where it is not that.
    pub proposal: Option<Baseline>,
}

/// How a scenario compares with its baseline.
#[derive(Clone, Debug, PartialEq)]
pub enum Comparison {
    /// It is not compared.
    Off,
    /// There is none.
    Missing {
        /// And there has to be one.
        required: bool,
    },
    /// It cannot be read; a sentence.
    Unreadable(String),
    /// It is of something else: what differs, one line each.
    Incomparable(Vec<String>),
    /// Bit for bit the same.
    Same,
    /// Something is different.
    Changed(Box<Changed>),
}

/// What is different from the baseline.
#[derive(Clone, Debug, PartialEq)]
pub struct Changed {
    /// The check fails by it.
    pub fails: bool,
    /// How runs are compared.
    pub mode: BaselineMode,
    /// The model of the baseline, if it is another one.
    pub other_model: Option<u32>,
    /// Values that are configured otherwise.
    pub settings: Vec<SettingChange>,
    /// Metrics that moved, the most telling first.
    pub metrics: Vec<Change>,
    /// Where the runs part.
    pub divergence: Option<Divergence>,
}

impl Checked {
    /// Whether a gate, a promise, or the comparison with the baseline has failed.
    pub fn fails(&self) -> bool {
        let compared = match &self.baseline {
            Comparison::Changed(changed) => changed.fails,
            _ => false,
        };
        compared || !self.findings.is_empty() || self.gates.iter().any(|(_, gate)| gate.verdict.is_failure())
    }

    /// Whether its baseline is missing although there has to be one, unreadable, or of something else.
    pub fn lacks_baseline(&self) -> bool {
        matches!(
            self.baseline,
            Comparison::Missing { required: true } | Comparison::Unreadable(_) | Comparison::Incomparable(_)
        )
    }

    /// How many gates hold, warn and fail.
    pub fn gate_counts(&self) -> (usize, usize, usize) {
        let count = |is: fn(Verdict) -> bool| self.gates.iter().filter(|(_, gate)| is(gate.verdict)).count();
        let warns = count(|verdict| verdict == Verdict::Warns);
        let fails = count(Verdict::is_failure);
        (self.gates.len() - warns - fails, warns, fails)
    }
}

/// Checks scenarios on `threads` threads. Outcomes are in the order of the subjects, and the same for any number of
/// threads.
///
/// # Errors
/// Of the first run that has none, see [`WorldError`]; with the index of its subject and its seed.
pub fn run(
    subjects: &[Subject],
    strictness: Strictness,
    threads: usize,
) -> Result<Vec<Checked>, (usize, u64, WorldError)> {
    let questions: Vec<Questions> =
        subjects.iter().map(|subject| Questions::of(&subject.loaded.guard.gates)).collect();
    let jobs: Vec<(usize, u64)> = (subjects.iter().enumerate())
        .flat_map(|(at, subject)| seeds_of(&subject.loaded).into_iter().map(move |seed| (at, seed)))
        .collect();
    let parts = share_out(jobs.len() as u64, threads, |part: &mut Vec<(u64, _)>, n| {
        let (at, seed) = jobs[n as usize];
        let scenario = Scenario { seed, ..subjects[at].loaded.scenario.clone() };
        part.push((n, run_observed(&scenario, &questions[at].asked, &mut |_| true)));
    });
    let mut outcomes: Vec<_> = parts.into_iter().flatten().collect();
    outcomes.sort_by_key(|(n, _)| *n);
    let mut runs: Vec<Vec<(u64, Observed)>> = subjects.iter().map(|_| Vec::new()).collect();
    for ((_, outcome), (at, seed)) in outcomes.into_iter().zip(jobs) {
        runs[at].push((seed, outcome.map_err(|error| (at, seed, error))?));
    }
    let judged = share_out(subjects.len() as u64, threads, |part: &mut Vec<(u64, _)>, n| {
        let at = n as usize;
        let judged = judge(&subjects[at], &questions[at], &runs[at], strictness);
        part.push((n, judged.map_err(|error| (at, subjects[at].loaded.scenario.seed, error))));
    });
    let mut judged: Vec<_> = judged.into_iter().flatten().collect();
    judged.sort_by_key(|(n, _)| *n);
    judged.into_iter().map(|(_, judged)| judged).collect()
}

/// The seeds that a scenario is checked with.
fn seeds_of(loaded: &Loaded) -> Vec<u64> {
    (0..u64::from(loaded.guard.check.seeds)).map(|n| loaded.scenario.seed.wrapping_add(n)).collect()
}

fn judge(
    subject: &Subject,
    questions: &Questions,
    runs: &[(u64, Observed)],
    strictness: Strictness,
) -> Result<Checked, WorldError> {
    let Loaded { scenario, guard, .. } = &subject.loaded;
    let outcomes = questions.evaluate(scenario, &guard.gates, runs);
    let gates: Vec<(Gate, GateOutcome)> = (guard.gates.iter().cloned().zip(outcomes))
        .filter_map(|(gate, outcome)| outcome.map(|outcome| (gate, outcome)))
        .collect();
    let text =
        |(gate, _): &(Gate, GateOutcome)| gate.during.as_ref().map(|during| during.text(&scenario.faults));
    let is_broken = |finding: &&Finding| !guard.check.may_break.contains(&finding.promise.name());
    let broken = |run: &Observed| -> Vec<Finding> {
        run.result.audit.findings.iter().filter(is_broken).cloned().collect()
    };
    let broken = runs.iter().map(|(_, run)| broken(run)).find(|findings| !findings.is_empty());
    let first = &runs[0].1.result;
    let idle = first.faults.iter().filter(|fault| fault.touched == 0).map(|fault| fault.said.clone());
    let (baseline, proposal) = compare(subject, runs, strictness)?;
    Ok(Checked {
        file: subject.file.clone(),
        name: scenario.name.clone(),
        seeds: runs.iter().map(|(seed, _)| *seed).collect(),
        digest: first.digest,
        during: gates.iter().map(text).collect(),
        gates,
        findings: broken.unwrap_or_default(),
        idle_faults: idle.collect(),
        baseline,
        proposal,
    })
}

/// Compares runs with the baseline, and gives what the baseline would be now if that is not the same.
fn compare(
    subject: &Subject,
    runs: &[(u64, Observed)],
    strictness: Strictness,
) -> Result<(Comparison, Option<Baseline>), WorldError> {
    let Loaded { scenario, guard, .. } = &subject.loaded;
    if guard.check.baseline == BaselineMode::Off {
        return Ok((Comparison::Off, None));
    }
    let old = match &subject.baseline {
        None => return Ok((Comparison::Missing { required: strictness.require_baseline }, None)),
        Some(text) => match text.clone().and_then(|text| Baseline::from_text(&text)) {
            Ok(old) => old,
            Err(why) => return Ok((Comparison::Unreadable(why), None)),
        },
    };
    let configuration = baseline::configuration(&subject.loaded);
    let settings = old.setting_changes(&configuration);
    let seeds: Vec<u64> = runs.iter().map(|(seed, _)| *seed).collect();
    let digests = runs.iter().map(|(seed, run)| (*seed, format!("{:016x}", run.result.digest)));
    let is_same_model = old.model == MODEL_VERSION;
    if is_same_model && settings.is_empty() && old.digests == digests.collect() {
        return Ok((Comparison::Same, None));
    }
    let (milestones, _) = events::milestones(scenario)?;
    let new = Baseline::of(&subject.loaded, runs, milestones);
    if let Err(incomparable) = old.comparable(&settings, &seeds) {
        return Ok((Comparison::Incomparable(incomparable.reasons), Some(new)));
    }
    let before = reproduced(subject, &old, &settings);
    let divergence = match is_same_model {
        true => events::first_divergence(&old.row(), scenario, before.as_ref())?,
        false => None,
    };
    let metrics = old.changes(&new, &guard.check);
    let mode = if is_same_model { guard.check.baseline } else { BaselineMode::Tolerance };
    let is_beyond = |change: &Change| {
        let unwanted = match change.direction {
            Direction::Worse => true,
            Direction::Better => strictness.strict,
            Direction::Neither => change.before.is_none() || change.after.is_none(),
        };
        unwanted && change.counts
    };
    // A value that is spelt otherwise and changes nothing that happens is told, but is no failure.
    let is_other_run = divergence.is_some() || old.digests != new.digests;
    let fails = match mode {
        BaselineMode::Exact => is_other_run,
        BaselineMode::Tolerance | BaselineMode::Off => metrics.iter().any(is_beyond),
    };
    let changed = Changed {
        fails,
        mode,
        other_model: (!is_same_model).then_some(old.model),
        settings,
        metrics,
        divergence,
    };
    Ok((Comparison::Changed(Box::new(changed)), Some(new)))
}

/// The scenario that made a baseline, if it can be made again from the values that have changed since: then both runs can
/// be laid side by side, event by event.
fn reproduced(subject: &Subject, old: &Baseline, settings: &[SettingChange]) -> Option<Scenario> {
    let set: Option<Vec<String>> = (settings.iter())
        .map(|change| change.before.as_ref().map(|before| format!("{}={before}", change.name)))
        .collect();
    let set = set.filter(|set| !set.is_empty())?;
    let overrides = Overrides { set, ..Overrides::default() };
    let loaded = from_file(std::path::Path::new(&subject.file), &overrides).ok()?;
    let seed = *old.digests.keys().next()?;
    let scenario = Scenario { seed, ..loaded.scenario };
    let run = run_observed(&scenario, &Default::default(), &mut |_| true).ok()?;
    (old.digests.get(&seed) == Some(&format!("{:016x}", run.result.digest))).then_some(scenario)
}

/// The baseline of a scenario as it is now.
///
/// # Errors
/// See [`WorldError`].
pub fn baseline_of(loaded: &Loaded) -> Result<Baseline, WorldError> {
    let asked = Questions::of(&loaded.guard.gates).asked;
    let mut runs = Vec::new();
    for seed in seeds_of(loaded) {
        let scenario = Scenario { seed, ..loaded.scenario.clone() };
        runs.push((seed, run_observed(&scenario, &asked, &mut |_| true)?));
    }
    let (milestones, _) = events::milestones(&loaded.scenario)?;
    Ok(Baseline::of(loaded, &runs, milestones))
}

#[cfg(test)]
mod tests {
    use crate::scenario::gate::PROMISES;
    use crate::world::result::Promise;

    #[test]
    fn promises_have_the_same_names_everywhere() {
        let all = [
            Promise::NoLoss,
            Promise::NoDuplicates,
            Promise::NoReordering,
            Promise::NoGaps,
            Promise::NoLateStart,
        ];
        assert_eq!(all.map(Promise::name), PROMISES);
    }
}
