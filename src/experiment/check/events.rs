//! The facts of a run as a row of numbered events: a fingerprint at some of them, and where two runs part.

use serde::{Deserialize, Serialize};

use crate::engine::digest::Digest;
use crate::scenario::Scenario;
use crate::values::time::Time;
use crate::world::WorldError;
use crate::world::observe::{Asked, Fact, What};
use crate::world::run_observed;

/// The first events, each of which is written down: most changes show at once.
const FIRST: u64 = 8;
/// At most so many later ones are kept, at equal distances.
const LATER: usize = 24;

/// An event by which a run can be told apart from another.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Milestone {
    /// Its number, from 1.
    pub event: u64,
    /// Fingerprint of all events up to it.
    pub digest: String,
    /// The event in words.
    pub what: String,
}

/// Events of a run, told from afar.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Milestones {
    /// How many events there are.
    pub count: u64,
    /// Ascending; the last one is the last event.
    pub milestones: Vec<Milestone>,
}

/// Where two runs part.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Divergence {
    /// The last event that is known to be equal, 0: none.
    pub equal_until: u64,
    /// The first that is known to differ.
    pub differs_at: u64,
    /// What happens there before the change; `None`: the run has ended.
    pub before: Option<String>,
    /// And after it.
    pub after: Option<String>,
}

impl Divergence {
    /// Whether it is certain which event is the first.
    pub fn is_exact(&self) -> bool {
        self.differs_at == self.equal_until + 1
    }
}

/// Runs a scenario, and gives its milestones.
///
/// # Errors
/// See [`WorldError`].
pub fn milestones(scenario: &Scenario) -> Result<(Milestones, u64), WorldError> {
    let mut row = Row::default();
    let observed = run_observed(scenario, &Asked { facts: true, ..Asked::default() }, &mut |glance| {
        glance.facts.iter().for_each(|fact| row.push(scenario, fact));
        true
    })?;
    Ok((row.finish(scenario), observed.result.digest))
}

/// Events `first..=last` of a run in words.
///
/// # Errors
/// See [`WorldError`].
fn events(scenario: &Scenario, first: u64, last: u64) -> Result<Vec<String>, WorldError> {
    let (mut number, mut found) = (0, Vec::new());
    run_observed(scenario, &Asked { facts: true, ..Asked::default() }, &mut |glance| {
        for fact in glance.facts {
            number += 1;
            if (first..=last).contains(&number) {
                found.push(words(scenario, fact));
            }
        }
        number < last
    })?;
    Ok(found)
}

#[derive(Debug)]
struct Row {
    count: u64,
    digest: Digest,
    first: Vec<Milestone>,
    later: Vec<Milestone>,
    /// Every event whose number this divides is kept.
    distance: u64,
    last: Option<Fact>,
}

impl Default for Row {
    fn default() -> Row {
        Row { count: 0, digest: Digest::new(), first: Vec::new(), later: Vec::new(), distance: 1, last: None }
    }
}

impl Row {
    fn push(&mut self, scenario: &Scenario, fact: &Fact) {
        self.count += 1;
        write(&mut self.digest, fact);
        self.last = Some(*fact);
        if self.count <= FIRST {
            self.first.push(self.milestone(scenario, fact));
        } else if self.count.is_multiple_of(self.distance) {
            if self.later.len() == LATER {
                self.distance *= 2;
                let distance = self.distance;
                self.later.retain(|milestone| milestone.event.is_multiple_of(distance));
            }
            if self.count.is_multiple_of(self.distance) {
                self.later.push(self.milestone(scenario, fact));
            }
        }
    }

    fn milestone(&self, scenario: &Scenario, fact: &Fact) -> Milestone {
        let digest = format!("{:016x}", self.digest.value());
        Milestone { event: self.count, digest, what: words(scenario, fact) }
    }

    fn finish(mut self, scenario: &Scenario) -> Milestones {
        let last = self.last.filter(|_| self.later.last().is_none_or(|last| last.event < self.count));
        if let Some(fact) = last.filter(|_| self.count > FIRST) {
            self.later.push(self.milestone(scenario, &fact));
        }
        self.first.append(&mut self.later);
        Milestones { count: self.count, milestones: self.first }
    }
}

/// An event with its time, in words.
fn words(scenario: &Scenario, fact: &Fact) -> String {
    format!("{} {}", seconds(fact.at), fact.sentence(scenario))
}

fn seconds(at: Time) -> String {
    format!("{}.{:09} s", at.0 / 1_000_000_000, at.0 % 1_000_000_000)
}

/// Where a run parts from the one that `old` tells of. `before`: the scenario that made it, if it is known.
///
/// # Errors
/// See [`WorldError`].
pub fn first_divergence(
    old: &Milestones,
    scenario: &Scenario,
    before: Option<&Scenario>,
) -> Result<Option<Divergence>, WorldError> {
    let new = digests_at(scenario, old)?;
    let mut equal_until = 0;
    for (milestone, digest) in old.milestones.iter().zip(new.iter().map(Some).chain(std::iter::repeat(None)))
    {
        if digest == Some(&milestone.digest) {
            equal_until = milestone.event;
            continue;
        }
        if let Some(before) = before {
            return exact(equal_until, milestone.event, scenario, before).map(Some);
        }
        let after = events(scenario, milestone.event, milestone.event)?.pop();
        let divergence = Divergence {
            equal_until,
            differs_at: milestone.event,
            before: Some(milestone.what.clone()),
            after,
        };
        return Ok(Some(divergence));
    }
    // All that the old run had is there; the new one goes on.
    let after = events(scenario, old.count + 1, old.count + 1)?.pop();
    Ok(after.map(|after| Divergence {
        equal_until: old.count,
        differs_at: old.count + 1,
        before: None,
        after: Some(after),
    }))
}

/// The first of events `after + 1..=until` that differs between two scenarios.
fn exact(after: u64, until: u64, new: &Scenario, old: &Scenario) -> Result<Divergence, WorldError> {
    let mut before = events(old, after + 1, until)?.into_iter();
    let mut now = events(new, after + 1, until)?.into_iter();
    let mut number = after;
    loop {
        let pair = (before.next(), now.next());
        if pair.0.is_some() && pair.0 == pair.1 {
            number += 1;
            continue;
        }
        // Words leave out little; if they are all equal, it is the last event that differs.
        return Ok(Divergence { equal_until: number, differs_at: number + 1, before: pair.0, after: pair.1 });
    }
}

/// The fingerprints of a run at the milestones of another one, as far as it goes.
fn digests_at(scenario: &Scenario, old: &Milestones) -> Result<Vec<String>, WorldError> {
    let (mut number, mut digest, mut found) = (0, Digest::new(), Vec::new());
    run_observed(scenario, &Asked { facts: true, ..Asked::default() }, &mut |glance| {
        for fact in glance.facts {
            number += 1;
            write(&mut digest, fact);
            if old.milestones.get(found.len()).is_some_and(|milestone| milestone.event == number) {
                found.push(format!("{:016x}", digest.value()));
            }
        }
        number < old.count
    })?;
    Ok(found)
}

fn write(digest: &mut Digest, fact: &Fact) {
    digest.write(fact.at.0);
    digest.write(u64::from(fact.client));
    let mut text = |text: &str| text.bytes().for_each(|byte| digest.write(u64::from(byte)));
    match fact.what {
        What::Requested { batches } => digest.write(u64::from(batches)),
        What::Sent { tp, records, bytes, reason, attempts, sequence } => {
            text(reason.code());
            digest.write(u64::from(tp.topic.0) << 32 | u64::from(tp.partition));
            digest.write(u64::from(records) << 32 | u64::from(bytes));
            digest.write(u64::from(attempts));
            digest.write(sequence as u64);
        }
        What::Acked { tp, records, base_offset } => {
            text("acked");
            digest.write(u64::from(tp.topic.0) << 32 | u64::from(tp.partition));
            digest.write(u64::from(records));
            digest.write(base_offset as u64);
        }
        What::Failed { tp, records, exception } => {
            text(exception);
            digest.write(u64::from(tp.topic.0) << 32 | u64::from(tp.partition));
            digest.write(u64::from(records));
        }
        What::Refused { exception } => text(exception),
        What::Retried { error } => text(error),
        What::Fault { number, node } => {
            text("fault");
            digest.write(u64::from(number));
            digest.write(node.map_or(0, |node| node.0 as u64));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::load::from_text;

    fn scenario(linger_ms: u32) -> Scenario {
        let text = format!(
            "[run]\nduration = \"2s\"\n[producer]\nlinger.ms = {linger_ms}\n[workload]\nrate = \"500/s\"\n"
        );
        from_text("test", text).unwrap_or_else(|error| panic!("{error}")).scenario
    }

    #[test]
    fn milestones_end_with_the_last_event_and_are_few() {
        let (row, _) = milestones(&scenario(5)).expect("a run");
        assert!(row.count > 500 && row.milestones.len() <= FIRST as usize + LATER + 1, "{}", row.count);
        assert_eq!(row.milestones.last().expect("some").event, row.count);
        assert!(row.milestones.is_sorted_by_key(|milestone| milestone.event));
    }

    #[test]
    fn a_run_does_not_part_from_itself() {
        let (row, _) = milestones(&scenario(5)).expect("a run");
        assert_eq!(first_divergence(&row, &scenario(5), None).expect("a run"), None);
    }

    #[test]
    fn the_first_event_that_differs_is_found_exactly_if_both_can_be_run() {
        let (row, _) = milestones(&scenario(5)).expect("a run");
        let found =
            first_divergence(&row, &scenario(6), Some(&scenario(5))).expect("a run").expect("a change");
        assert!(found.is_exact(), "{found:?}");
        let event = |linger, number| events(&scenario(linger), number, number).expect("a run").pop();
        assert_eq!(event(5, found.equal_until), event(6, found.equal_until));
        assert_ne!(event(5, found.differs_at), event(6, found.differs_at));
        assert_eq!((event(5, found.differs_at), event(6, found.differs_at)), (found.before, found.after));
    }

    #[test]
    fn a_run_that_goes_on_parts_where_the_other_ends() {
        let with = |text: &str| {
            from_text("test", format!("{text}[workload]\nrate = \"500/s\"\n")).expect("right").scenario
        };
        let short = with("[run]\nduration = \"1s\"\nclose-timeout = \"0s\"\n");
        let (row, _) = milestones(&short).expect("a run");
        let found = first_divergence(&row, &scenario(5), None).expect("a run").expect("a change");
        assert!(found.differs_at <= row.count + 1 && found.equal_until > 100, "{found:?}");
    }
}
