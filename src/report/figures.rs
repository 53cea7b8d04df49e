//! Figures that several reports share, and how numbers are written.

use hdrhistogram::Histogram;

use crate::world::result::{Audit, Populations, Reasons, RunResult};

/// Quantiles of every report: label and quantile.
pub const QUANTILES: [(&str, f64); 6] =
    [("p50", 0.5), ("p90", 0.9), ("p95", 0.95), ("p99", 0.99), ("p99.9", 0.999), ("p99.99", 0.9999)];

/// More quantiles of the wait of a batch's first record: batches that leave before their time are the low ones.
pub const LOW_QUANTILES: [(&str, f64); 2] = [("p5", 0.05), ("p10", 0.1)];

/// Quantiles of the records of a batch.
pub const BATCH_QUANTILES: [(&str, f64); 5] =
    [("p10", 0.1), ("p25", 0.25), ("p50", 0.5), ("p75", 0.75), ("p90", 0.9)];

const NS_PER_MS: f64 = 1e6;

impl Populations {
    /// The five populations with their names, in the order of every report.
    pub fn parts(&self) -> [(&'static str, u64); 5] {
        [
            ("acked", self.acked),
            ("failed", self.failed),
            ("unknown", self.unknown),
            ("refused", self.refused),
            ("pending", self.pending),
        ]
    }

    /// Sum of the five populations.
    pub fn sum(&self) -> u64 {
        self.parts().iter().map(|(_, count)| count).sum()
    }

    /// Whether every offered record is in exactly one population. If not, the simulator has a bug.
    pub fn add_up(&self) -> bool {
        self.sum() == self.offered
    }
}

impl Audit {
    /// What users would rather not find, with names, in records.
    pub fn parts(&self) -> [(&'static str, u64); 4] {
        [
            ("lost", self.lost),
            ("duplicates", self.duplicates),
            ("reordered", self.reordered),
            ("failed-but-present", self.failed_but_present),
        ]
    }

    /// Whether there is nothing to tell.
    pub fn is_quiet(&self) -> bool {
        let found: u64 = self.parts().iter().map(|(_, count)| count).sum();
        found + self.sequence_gaps + self.under_way == 0 && self.findings.is_empty()
    }
}

impl Reasons {
    /// Why batches left, with reason codes, in the client's order. They add up to all batches.
    pub fn parts(&self) -> [(&'static str, u64); 7] {
        [
            ("full", self.full),
            ("linger", self.linger),
            ("memory", self.memory),
            ("close", self.close),
            ("flush", self.flush),
            ("transaction", self.transaction),
            ("piggyback", self.piggyback),
        ]
    }

    /// Marks that batches carry beside their reason.
    pub fn marks(&self) -> [(&'static str, u64); 2] {
        [("retry", self.retry), ("split", self.split)]
    }
}

/// Nanoseconds as milliseconds.
pub fn ms(ns: u64) -> f64 {
    ns as f64 / NS_PER_MS
}

/// Mean latency of acked records in ms, 0 without any.
pub fn mean_latency_ms(result: &RunResult) -> f64 {
    match result.latency.len() {
        0 => 0.0,
        count => result.latency_sum_ns as f64 / count as f64 / NS_PER_MS,
    }
}

/// A quantile of a histogram of nanoseconds in ms, never above the largest value.
pub fn quantile_ms(histogram: &Histogram<u64>, quantile: f64) -> f64 {
    ms(histogram.value_at_quantile(quantile).min(histogram.max()))
}

/// `part / whole`, 0 of nothing.
pub fn ratio(part: u64, whole: u64) -> f64 {
    if whole == 0 { 0.0 } else { part as f64 / whole as f64 }
}

/// `1,234,567`.
pub fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() * 4 / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// `80.1%`; a share that rounds to 0 or 100 without being it says so by `<` or `>`.
pub fn percent(part: u64, whole: u64) -> String {
    let share = 100.0 * ratio(part, whole);
    match share {
        s if part > 0 && s < 0.05 => "<0.1%".to_owned(),
        s if part < whole && s > 99.95 => ">99.9%".to_owned(),
        s => format!("{s:.1}%"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_grouped_by_thousands() {
        assert_eq!([0, 999, 1_000, 1_234_567].map(grouped), ["0", "999", "1,000", "1,234,567"]);
    }

    #[test]
    fn shares_never_pretend_to_be_none_or_all() {
        assert_eq!(percent(0, 10), "0.0%");
        assert_eq!(percent(10, 10), "100.0%");
        assert_eq!(percent(1, 1_000_000), "<0.1%");
        assert_eq!(percent(999_999, 1_000_000), ">99.9%");
        assert_eq!(percent(0, 0), "0.0%");
    }

    #[test]
    fn populations_that_do_not_add_up_are_noticed() {
        let right = Populations { offered: 15, acked: 1, failed: 2, unknown: 3, refused: 4, pending: 5 };
        assert!(right.add_up());
        assert!(!Populations { pending: 4, ..right }.add_up());
    }
}
