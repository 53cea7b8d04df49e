//! A run over time in a few columns: how many records were acknowledged, and how late.

use std::fmt;

use hdrhistogram::Histogram;

use super::figures::{grouped, ms};
use super::look::Look;
use crate::values::time::Time;
use crate::world::observe::Ack;
use crate::world::result::FaultResult;

/// Columns of a chart.
const COLUMNS: usize = 60;
/// More bins than this are never kept: memory does not depend on the length of a run.
const MOST_BINS: usize = 2 * COLUMNS;
/// Width of a bin in ns to begin with.
const FIRST_WIDTH: u64 = 1_000_000;
/// Digits of latencies: a column is no more exact, and three digits would take ten times the memory.
const DIGITS: u8 = 2;

/// Acknowledged records by the time of their acknowledgement, in bins that get wider as a run goes on.
#[derive(Clone, Debug)]
pub struct Timeline {
    width: u64,
    bins: Vec<Bin>,
}

#[derive(Clone, Debug, Default)]
struct Bin {
    acked: u64,
    /// Latencies in ns; `None` before the first.
    latency: Option<Histogram<u64>>,
}

impl Bin {
    fn note(&mut self, latency_ns: u64) {
        self.acked += 1;
        if self.latency.is_none() {
            self.latency = Histogram::new(DIGITS).ok();
        }
        if let Some(latency) = &mut self.latency {
            // A histogram that grows takes every value.
            let _ = latency.record(latency_ns);
        }
    }

    fn take_in(&mut self, other: Bin) {
        self.acked += other.acked;
        match (&mut self.latency, other.latency) {
            (Some(latency), Some(other)) => {
                // And every other one of as many digits.
                let _ = latency.add(other);
            }
            (latency @ None, other) => *latency = other,
            (Some(_), None) => (),
        }
    }

    fn p99_ms(&self) -> f64 {
        self.latency.as_ref().map_or(0.0, |latency| ms(latency.value_at_quantile(0.99).min(latency.max())))
    }
}

impl Default for Timeline {
    fn default() -> Timeline {
        Timeline { width: FIRST_WIDTH, bins: Vec::new() }
    }
}

impl Timeline {
    /// Takes in records that were acknowledged.
    pub fn note(&mut self, acks: &[Ack]) {
        for ack in acks {
            let bin = self.bin(ack.at);
            bin.note(ack.at.0.saturating_sub(ack.since.0));
        }
    }

    fn bin(&mut self, at: Time) -> &mut Bin {
        while at.0 / self.width >= MOST_BINS as u64 {
            self.double();
        }
        let index = (at.0 / self.width) as usize;
        if index >= self.bins.len() {
            self.bins.resize_with(index + 1, Bin::default);
        }
        &mut self.bins[index]
    }

    /// Makes one bin of two.
    fn double(&mut self) {
        let mut halves = std::mem::take(&mut self.bins).into_iter();
        while let Some(mut bin) = halves.next() {
            if let Some(other) = halves.next() {
                bin.take_in(other);
            }
            self.bins.push(bin);
        }
        self.width *= 2;
    }

    /// The section of a summary, of a run that ended then and had these faults; nothing without any record.
    pub(super) fn write(
        &self,
        f: &mut impl fmt::Write,
        look: Look,
        ended_at: Time,
        faults: &[FaultResult],
    ) -> fmt::Result {
        if self.bins.is_empty() {
            return Ok(());
        }
        let mut chart = self.clone();
        // The time without any record at the end of a run belongs to its picture.
        chart.bin(Time(ended_at.0.saturating_sub(1)));
        while chart.bins.len() > COLUMNS {
            chart.double();
        }
        let rates: Vec<f64> = (0..chart.bins.len()).map(|at| chart.rate(at, ended_at)).collect();
        let p99: Vec<f64> = chart.bins.iter().map(Bin::p99_ms).collect();
        let largest = |values: &[f64]| values.iter().copied().fold(0.0, f64::max);
        look.heading(f, &format!("Over time, {} s a column", chart.width as f64 / 1e9))?;
        writeln!(f, "    acked records/s, at most {}", grouped(largest(&rates).round() as u64))?;
        writeln!(f, "    {}", look.sparkline(&rates).trim_end())?;
        writeln!(f, "    p99 of their latencies in ms, at most {}", two_digits(largest(&p99)))?;
        writeln!(f, "    {}", look.sparkline(&p99).trim_end())?;
        chart.mark(f, faults)
    }

    /// Records a second in a bin. The last one is rarely over; one that has hardly begun would tell of a single moment,
    /// and is taken together with the one before.
    fn rate(&self, index: usize, ended_at: Time) -> f64 {
        let lasted = ended_at.0.saturating_sub(index as u64 * self.width).clamp(1, self.width);
        let acked = self.bins[index].acked;
        let (acked, lasted) = match index.checked_sub(1) {
            Some(before) if lasted < self.width / 2 => {
                (acked + self.bins[before].acked, u128::from(lasted) + u128::from(self.width))
            }
            _ => (acked, u128::from(lasted)),
        };
        acked as f64 / (lasted as f64 / 1e9)
    }

    /// A line below with a mark where a fault begins.
    fn mark(&self, f: &mut impl fmt::Write, faults: &[FaultResult]) -> fmt::Result {
        let mut marks = vec![' '; self.bins.len()];
        for fault in faults {
            if let Some(mark) = marks.get_mut((fault.at.0 / self.width) as usize) {
                *mark = '^';
            }
        }
        let marks: String = marks.into_iter().collect();
        match marks.trim_end() {
            "" => Ok(()),
            marks => writeln!(f, "    {marks} faults"),
        }
    }
}

/// A number with the digits that it has.
fn two_digits(value: f64) -> String {
    let rounded = format!("{value:.1e}").parse::<f64>().unwrap_or(value);
    rounded.to_string()
}

#[cfg(test)]
mod tests {
    use super::super::look::Charset;
    use super::*;

    fn ack(at_ms: u64, latency_ms: u64) -> Ack {
        let at = Time::from_millis(at_ms);
        Ack { at, since: Time(at.0 - latency_ms * 1_000_000), fixed_bytes: 100 }
    }

    fn shown(timeline: &Timeline, ended_ms: u64, faults: &[FaultResult]) -> String {
        let mut text = String::new();
        let look = Look { charset: Charset::Unicode, colour: false };
        timeline.write(&mut text, look, Time::from_millis(ended_ms), faults).expect("a String takes all");
        text
    }

    #[test]
    fn bins_get_wider_and_lose_nothing() {
        let mut timeline = Timeline::default();
        for at_ms in 10..100_000 {
            timeline.note(&[ack(at_ms, 10)]);
        }
        assert!(timeline.bins.len() <= MOST_BINS, "{}", timeline.bins.len());
        assert_eq!(timeline.width, 1_024_000_000);
        assert_eq!(timeline.bins.iter().map(|bin| bin.acked).sum::<u64>(), 99_990);
        assert_eq!(timeline.bins[3].acked, 1_024);
        assert_eq!(timeline.bins[3].latency.as_ref().map(Histogram::len), Some(1_024));
    }

    #[test]
    fn a_chart_shows_rates_latencies_and_where_a_fault_began() {
        let mut timeline = Timeline::default();
        let acks: Vec<Ack> = (10..60).map(|at| ack(at, if at < 40 { 5 } else { 10 })).collect();
        timeline.note(&acks);
        let fault =
            FaultResult { at: Time::from_millis(40), said: "crash = 1".to_owned(), node: None, touched: 1 };
        let expected = [
            "",
            "Over time, 0.001 s a column",
            "    acked records/s, at most 1,000",
            "              ██████████████████████████████████████████████████",
            "    p99 of their latencies in ms, at most 10",
            "              ▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄████████████████████",
            "                                            ^ faults",
            "",
        ];
        assert_eq!(shown(&timeline, 60, &[fault]), expected.join("\n"));
    }

    #[test]
    fn a_last_column_that_has_hardly_begun_is_no_dip() {
        let mut timeline = Timeline::default();
        let acks: Vec<Ack> = (20..1_025).map(|at| ack(at, 5)).collect();
        timeline.note(&acks);
        let text = shown(&timeline, 1_025, &[]);
        assert!(text.contains("Over time, 0.032 s a column"), "{text}");
        let rates = text.lines().nth(3).expect("a line").trim();
        assert!(rates.starts_with("▃█") && rates.ends_with("██") && rates.chars().count() == 33, "{text}");
    }

    #[test]
    fn silence_at_the_end_is_a_part_of_the_picture() {
        let mut timeline = Timeline::default();
        timeline.note(&[ack(10, 5)]);
        let text = shown(&timeline, 100_000, &[]);
        assert!(text.contains("Over time, 2.048 s a column\n"), "{text}");
        assert!(text.contains("\n    █\n"), "{text}");
        assert!(text.lines().all(|line| line.chars().count() <= 4 + COLUMNS), "{text}");
    }

    #[test]
    fn a_run_without_records_has_no_chart_and_one_without_end_has() {
        assert_eq!(shown(&Timeline::default(), 5, &[]), "");
        let mut timeline = Timeline::default();
        timeline.note(&[Ack { at: Time(u64::MAX), since: Time(0), fixed_bytes: 0 }]);
        let mut text = String::new();
        timeline.write(&mut text, Look::default(), Time(u64::MAX), &[]).expect("a String takes all");
        assert!(text.lines().all(|line| line.chars().count() <= 80), "{text}");
    }

    #[test]
    fn numbers_have_two_digits() {
        assert_eq!([6.617, 0.12345, 1_234.0, 0.0].map(two_digits), ["6.6", "0.12", "1200", "0"]);
    }
}
