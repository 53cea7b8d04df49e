//! How values of metrics are written for people: enough digits to tell them apart, with their unit.

use super::figures::grouped;
use crate::metric::{Dimension, MetricRef, Stat};

/// A value of a metric with its unit: `1,234`, `12.5 ms`, `80.1%`.
pub fn with_unit(metric: &MetricRef, stat: Stat, value: f64) -> String {
    match (stat, metric.metric.dimension) {
        (Stat::Count, _) => number(value),
        (Stat::Rate, _) | (_, Dimension::PerSecond) => format!("{}/s", number(value)),
        (_, dimension) if dimension.unit().is_empty() => number(value),
        (_, dimension) => format!("{} {}", number(value), dimension.unit()),
    }
}

/// A number with about four significant digits, and thousands in groups; whole numbers are exact.
pub fn number(value: f64) -> String {
    let size = value.abs();
    if !value.is_finite() {
        return "-".to_owned();
    }
    if value.fract() == 0.0 && size < 1e15 {
        let sign = if value < 0.0 { "-" } else { "" };
        return format!("{sign}{}", grouped(size as u64));
    }
    match size {
        s if s >= 1e15 => format!("{value:e}"),
        s if s >= 10_000.0 => number(value.round()),
        s if s >= 100.0 => format!("{value:.1}"),
        s if s >= 10.0 => format!("{value:.2}"),
        s if s >= 0.01 => format!("{value:.3}"),
        s if s >= 0.000_01 => format!("{value:.6}"),
        _ => format!("{value:e}"),
    }
}

/// A change as a signed share: `+3.2%`, `-50.0%`.
pub fn signed_percent(before: f64, after: f64) -> String {
    if before == after {
        return "0.0%".to_owned();
    }
    if before == 0.0 {
        return "new".to_owned();
    }
    let share = 100.0 * (after - before) / before.abs();
    match share.abs() {
        s if s < 0.05 => format!("{}0.1%", if share < 0.0 { ">-" } else { "<+" }),
        s if s >= 10_000.0 => format!("{}x", number((after / before).round())),
        s if s >= 1_000.0 => format!("{:.1}x", after / before),
        _ => format!("{share:+.1}%"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_about_four_digits_and_whole_ones_all() {
        let shown = [0.0, 1_234_567.0, -5.0, 12_345.6, 123.45, 12.345, 1.234_5, 0.001_234_5, 1e-7];
        let texts: Vec<String> = shown.into_iter().map(number).collect();
        assert_eq!(texts, ["0", "1,234,567", "-5", "12,346", "123.5", "12.35", "1.234", "0.001234", "1e-7"]);
        assert_eq!(number(f64::NAN), "-");
    }

    #[test]
    fn changes_have_a_sign() {
        assert_eq!(signed_percent(100.0, 103.25), "+3.2%");
        assert_eq!(signed_percent(100.0, 50.0), "-50.0%");
        assert_eq!(signed_percent(0.0, 5.0), "new");
        assert_eq!(signed_percent(1.0, 1.000_01), "<+0.1%");
        assert_eq!(signed_percent(1.0, 50.0), "50.0x");
        assert_eq!(signed_percent(1.0, 5_000.0), "5,000x");
    }

    #[test]
    fn units_follow_the_number() {
        let of = |name: &str, stat, value| with_unit(&MetricRef::parse(name).expect("a metric"), stat, value);
        assert_eq!(of("sim-record-latency", Stat::Percentile(99.0), 25.5), "25.50 ms");
        assert_eq!(of("sim-record-latency", Stat::Count, 25.0), "25");
        assert_eq!(of("sim-batches", Stat::Rate, 25.0), "25/s");
        assert_eq!(of("batch-size-avg", Stat::Value, 16_384.0), "16,384 B");
    }
}
