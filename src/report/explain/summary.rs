//! The whole run explained: why batches left, how full and after how long, where the time of records went.

use super::names::Told;
use super::sentences::Sentence;
use crate::producer::Reason;
use crate::recording::stages::{Stage, Sums};
use crate::recording::totals::Left;
use crate::report::figures::grouped;

/// Batches of a topic that left for one reason.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeftRow {
    /// The topic.
    pub topic: String,
    /// The reason.
    pub reason: Reason,
    /// The figures.
    pub left: Left,
    /// Batches of all reasons and topics.
    pub of: u64,
}

/// Where the time of records went.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decomposition {
    /// `p50`, `p99`, `slowest`: one real record.
    pub name: &'static str,
    /// Its number.
    pub record: u64,
    /// Its batch.
    pub batch: u32,
    /// Its stages in ns; their sum is its latency.
    pub stages: Sums,
    /// Of all records that are at least that slow: mean stages in ns.
    pub mean_of_slower: Sums,
    /// How many those are.
    pub slower: u64,
}

/// A run explained.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Summary {
    /// What became of the records, as far as there are any.
    pub records: Vec<(&'static str, u64)>,
    /// Exceptions of those that failed or were refused.
    pub errors: Vec<(&'static str, u64)>,
    /// By topic and reason, the most frequent first.
    pub rows: Vec<LeftRow>,
    /// p50, p99 and the slowest record.
    pub decompositions: Vec<Decomposition>,
    /// What follows from it, each by a rule that it states.
    pub hints: Vec<Sentence>,
}

impl LeftRow {
    /// Mean fill in permille.
    pub fn fill_permille(&self) -> u64 {
        self.left.fill_permille.checked_div(self.left.batches).unwrap_or(0)
    }

    /// Mean time from the first record of a batch to its first transmission, in ns; `None`: all were sent again.
    pub fn wait_ns(&self) -> Option<u64> {
        let mean = self.left.wait_ns.checked_div(self.left.first.into())?;
        Some(u64::try_from(mean).unwrap_or(u64::MAX))
    }

    /// Share of all batches, in permille.
    pub fn share_permille(&self) -> u64 {
        (self.left.batches * 1000).checked_div(self.of).unwrap_or(0)
    }
}

impl Told<'_> {
    /// The run in figures and hints.
    pub fn summary(&self) -> Summary {
        let totals = &self.recording.totals;
        let of = totals.left.values().map(|left| left.batches).sum();
        let mut rows: Vec<LeftRow> = totals
            .left
            .iter()
            .map(|((topic, place), left)| LeftRow {
                topic: self.scenario.cluster.topics[*topic as usize].name.clone(),
                reason: Reason::ALL[*place],
                left: *left,
                of,
            })
            .collect();
        rows.sort_by_key(|row| std::cmp::Reverse(row.left.batches));
        let named = [("p50", 500), ("p99", 990), ("slowest", 1000)];
        let decompositions = named.into_iter().filter_map(|(name, permille)| self.decompose(name, permille));
        let result = &self.recording.result;
        let records = result.populations.parts().into_iter().filter(|(_, count)| *count > 0).collect();
        let errors = result.errors.iter().map(|(name, count)| (*name, *count)).collect();
        Summary { records, errors, decompositions: decompositions.collect(), hints: self.hints(), rows }
    }

    fn decompose(&self, name: &'static str, permille: u64) -> Option<Decomposition> {
        let totals = &self.recording.totals;
        let (low, bucket) = totals.at_permille(permille)?;
        let (record, batch, stages) = bucket.first;
        let (mut sums, mut slower) = ([0u128; Stage::ALL.len()], 0u64);
        for (_, bucket) in totals.latencies.range(low..) {
            sums.iter_mut().zip(bucket.stages).for_each(|(sum, stage)| *sum += stage);
            slower += bucket.count;
        }
        let mean_of_slower =
            sums.map(|sum| u64::try_from(sum / u128::from(slower.max(1))).unwrap_or(u64::MAX));
        Some(Decomposition { name, record, batch, stages, mean_of_slower, slower })
    }

    /// A few rules, each with its threshold in its sentence.
    fn hints(&self) -> Vec<Sentence> {
        let totals = &self.recording.totals;
        let of_reason = |reason: Reason| {
            let mut sum = Left::default();
            for (_, left) in totals.left.iter().filter(|((_, place), _)| Reason::ALL[*place] == reason) {
                sum.batches += left.batches;
                sum.first += left.first;
                sum.fill_permille += left.fill_permille;
            }
            sum
        };
        // What was sent again or split was closed before, and says nothing of settings.
        let all_first: u64 = totals.left.values().map(|left| left.first).sum();
        let share = |left: &Left| (left.first * 1000).checked_div(all_first).unwrap_or(0);
        let fill = |left: &Left| left.fill_permille.checked_div(left.batches).unwrap_or(0);
        let percent = |permille: u64| format!("{}.{}%", permille / 10, permille % 10);
        let mut hints = Vec::new();
        for (id, reason, least, fills) in [
            ("summary.piggyback", Reason::Piggyback, 500, 0..500),
            ("summary.linger", Reason::Linger, 500, 0..500),
            ("summary.full", Reason::Full, 500, 500..1001),
            ("summary.memory", Reason::Memory, 10, 0..1001),
        ] {
            let left = of_reason(reason);
            if left.first > 0 && share(&left) >= least && fills.contains(&fill(&left)) {
                let values = vec![("share", percent(share(&left))), ("fill", percent(fill(&left)))];
                hints.push(self.say(id, &values));
            }
        }
        let most = totals.held.iter().max_by_key(|(why, count)| (**count, std::cmp::Reverse(**why)));
        if let Some((why, count)) = most {
            let values = vec![("reason", why.code().to_owned()), ("count", grouped(*count))];
            hints.push(self.say("summary.held", &values));
        }
        let retries = self.recording.result.retries.values().sum::<u64>();
        if retries > 0 {
            hints.push(self.say("summary.retries", &vec![("count", grouped(retries))]));
        }
        hints
    }
}
