//! Conditions of gates: `p(99) < 25ms`, `value == 0`, `avg in [10KiB, 16KiB]`.

use std::fmt;

use super::{Dimension, Kind, Metric};
use crate::values::excerpt::short;
use crate::values::nearest::{did_you_mean, nearest};

/// A statistic of a metric.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Stat {
    /// The figure itself; of Kafka's own what JMX shows at the end.
    Value,
    /// A counter by virtual seconds.
    Rate,
    /// Of a distribution, the smallest value.
    Min,
    /// The largest one.
    Max,
    /// The mean.
    Avg,
    /// The standard deviation.
    StdDev,
    /// How many values there are.
    Count,
    /// A percentile, 0 to 100.
    Percentile(f64),
}

/// A relation to a limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names say it")]
pub enum Comparison {
    Less,
    AtMost,
    More,
    AtLeast,
    Equal,
    NotEqual,
}

/// What has to hold.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Condition {
    /// A relation to one limit, in the unit of the metric.
    Is(Comparison, f64),
    /// Between two, both included.
    In(f64, f64),
}

/// A statistic with a condition.
#[derive(Clone, Debug, PartialEq)]
pub struct Expression {
    /// The statistic.
    pub stat: Stat,
    /// The condition.
    pub condition: Condition,
    /// As it was written.
    pub text: String,
}

/// A text that is no condition of a metric.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExpressionError {
    /// What is wrong.
    pub message: String,
    /// What would be right.
    pub help: String,
}

const OPERATORS: [(&str, Comparison); 6] = [
    ("<=", Comparison::AtMost),
    (">=", Comparison::AtLeast),
    ("==", Comparison::Equal),
    ("!=", Comparison::NotEqual),
    ("<", Comparison::Less),
    (">", Comparison::More),
];

impl Expression {
    /// Reads a condition of `metric`.
    ///
    /// # Errors
    /// What is wrong with it, and what would be right.
    pub fn parse(metric: &Metric, text: &str) -> Result<Expression, ExpressionError> {
        let trimmed = text.trim();
        let (left, condition) = match trimmed.split_once(" in ") {
            Some((left, range)) => (left, range_of(metric, range.trim())?),
            None => relation(metric, trimmed)?,
        };
        let stat = Stat::parse(metric, left.trim())?;
        // A count is a number of values, whatever they measure.
        Ok(Expression { stat, condition, text: trimmed.to_owned() })
    }

    /// Whether an observed value, in the unit of the metric, is as it should be.
    pub fn holds(&self, value: f64) -> bool {
        match self.condition {
            Condition::Is(Comparison::Less, limit) => value < limit,
            Condition::Is(Comparison::AtMost, limit) => value <= limit,
            Condition::Is(Comparison::More, limit) => value > limit,
            Condition::Is(Comparison::AtLeast, limit) => value >= limit,
            Condition::Is(Comparison::Equal, limit) => value == limit,
            Condition::Is(Comparison::NotEqual, limit) => value != limit,
            Condition::In(low, high) => (low..=high).contains(&value),
        }
    }

    /// How far the value is from its limit, as a share of the limit; `None` where that says nothing.
    pub fn margin(&self, value: f64) -> Option<f64> {
        let limit = match self.condition {
            Condition::Is(Comparison::Equal | Comparison::NotEqual, _) => return None,
            Condition::Is(_, limit) => limit,
            Condition::In(low, high) if value - low < high - value => low,
            Condition::In(_, high) => high,
        };
        (limit != 0.0).then(|| ((limit - value) / limit).abs())
    }

    /// Of several values the one that is nearest to failing, or fails most.
    pub fn worst(&self, values: &[f64]) -> Option<f64> {
        let badness = |value: f64| match self.condition {
            Condition::Is(Comparison::Less | Comparison::AtMost, _) => value,
            Condition::Is(Comparison::More | Comparison::AtLeast, _) => -value,
            Condition::Is(Comparison::Equal, limit) => (value - limit).abs(),
            Condition::Is(Comparison::NotEqual, limit) => -(value - limit).abs(),
            Condition::In(low, high) => (low - value).max(value - high),
        };
        values.iter().copied().max_by(|a, b| badness(*a).total_cmp(&badness(*b)))
    }
}

impl Stat {
    /// Reads a statistic that `metric` has.
    ///
    /// # Errors
    /// It has none of that name.
    pub fn parse(metric: &Metric, text: &str) -> Result<Stat, ExpressionError> {
        if let Some(q) = text.strip_prefix("p(").and_then(|rest| rest.strip_suffix(')')) {
            let percentile = q.trim().parse::<f64>().ok().filter(|q| (0.0..=100.0).contains(q));
            return match (metric.kind, percentile) {
                (Kind::Distribution, Some(q)) => Ok(Stat::Percentile(q)),
                (Kind::Distribution, None) => Err(ExpressionError {
                    message: format!("`{}` is no percentile", short(text)),
                    help: "expected p(0) to p(100), for example p(99.9)".to_owned(),
                }),
                _ => Err(not_of(metric, text)),
            };
        }
        let stat = match text {
            "value" => Stat::Value,
            "rate" => Stat::Rate,
            "min" => Stat::Min,
            "max" => Stat::Max,
            "avg" => Stat::Avg,
            "med" => Stat::Percentile(50.0),
            "stddev" => Stat::StdDev,
            "count" => Stat::Count,
            _ => return Err(not_of(metric, text)),
        };
        let has = match metric.kind {
            Kind::Distribution => !matches!(stat, Stat::Value | Stat::Rate),
            Kind::Counter => matches!(stat, Stat::Value | Stat::Rate),
            Kind::Sum | Kind::Largest | Kind::Mean => stat == Stat::Value,
        };
        if has { Ok(stat) } else { Err(not_of(metric, text)) }
    }
}

impl fmt::Display for Stat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Stat::Percentile(q) => write!(f, "p({q})"),
            Stat::Value => f.write_str("value"),
            Stat::Rate => f.write_str("rate"),
            Stat::Min => f.write_str("min"),
            Stat::Max => f.write_str("max"),
            Stat::Avg => f.write_str("avg"),
            Stat::StdDev => f.write_str("stddev"),
            Stat::Count => f.write_str("count"),
        }
    }
}

/// The statistics that a kind of metric has.
fn stats_of(kind: Kind) -> &'static [&'static str] {
    match kind {
        Kind::Distribution => &["p(q)", "avg", "med", "min", "max", "stddev", "count"],
        Kind::Counter => &["value", "rate"],
        Kind::Sum | Kind::Largest | Kind::Mean => &["value"],
    }
}

fn not_of(metric: &Metric, text: &str) -> ExpressionError {
    let stats = stats_of(metric.kind);
    let near = did_you_mean(&nearest(text, stats.iter().copied()));
    let example =
        format!("write for example \"{} < {}\"", stats[0].replace("p(q)", "p(99)"), example(metric));
    ExpressionError {
        message: format!("{} has no `{}`", metric.name, short(text)),
        help: near.unwrap_or_else(|| format!("it has {}; {example}", stats.join(", "))),
    }
}

fn example(metric: &Metric) -> &'static str {
    match metric.dimension {
        Dimension::Count => "100",
        Dimension::PerSecond => "1000/s",
        Dimension::Bytes => "16KiB",
        Dimension::Millis | Dimension::Seconds | Dimension::Nanos => "25ms",
        Dimension::Ratio => "10%",
    }
}

fn relation<'t>(metric: &Metric, text: &'t str) -> Result<(&'t str, Condition), ExpressionError> {
    let found = text.find(['<', '>', '=', '!']).and_then(|at| {
        let (left, rest) = text.split_at(at);
        let operator = OPERATORS.iter().find(|(sign, _)| rest.starts_with(sign))?;
        Some((left, operator.1, &rest[operator.0.len()..]))
    });
    let Some((left, comparison, limit)) = found else {
        return Err(ExpressionError {
            message: format!("`{}` compares nothing", short(text)),
            help: format!(
                "write for example \"{} < {}\"; operators are < <= > >= == != and in [a, b]",
                stats_of(metric.kind)[0].replace("p(q)", "p(99)"),
                example(metric)
            ),
        });
    };
    Ok((left, Condition::Is(comparison, limit_of(metric, limit.trim())?)))
}

fn range_of(metric: &Metric, text: &str) -> Result<Condition, ExpressionError> {
    let inner = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
    if let Some((low, high)) = inner.and_then(|inner| inner.split_once(',')) {
        let (low, high) = (limit_of(metric, low.trim())?, limit_of(metric, high.trim())?);
        if low <= high {
            return Ok(Condition::In(low, high));
        }
    }
    Err(ExpressionError {
        message: format!("`{}` is no range", short(text)),
        help: "write two limits, the smaller one first: in [a, b]".to_owned(),
    })
}

/// A limit in the unit of the metric.
fn limit_of(metric: &Metric, text: &str) -> Result<f64, ExpressionError> {
    metric.dimension.parse(text).ok_or_else(|| ExpressionError {
        message: format!("`{}` is no limit of {}", short(text), metric.name),
        help: format!("expected {}", metric.dimension.units()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(metric: &str, text: &str) -> Result<Expression, ExpressionError> {
        Expression::parse(Metric::find(metric).expect("a metric"), text)
    }

    #[test]
    fn limits_are_in_the_unit_of_the_metric() {
        let of = |metric, text| parse(metric, text).expect("right").condition;
        let limit = |condition| match condition {
            Condition::Is(_, limit) => limit,
            Condition::In(..) => f64::NAN,
        };
        assert_eq!(limit(of("sim-record-latency", "p(99) < 25ms")), 25.0);
        assert_eq!(limit(of("sim-record-latency", "max<=2s")), 2_000.0);
        assert_eq!(limit(of("batch-size-avg", "value >= 12KiB")), 12_288.0);
        assert_eq!(limit(of("sim-batch-fill", "value > 80%")), 0.8);
        assert_eq!(of("sim-batches", "value in [10, 1_000]"), Condition::In(10.0, 1_000.0));
    }

    #[test]
    fn every_operator_does_what_it_says() {
        let holds = |text: &str, value| parse("sim-batches", text).expect("right").holds(value);
        assert!(holds("value < 5", 4.0) && !holds("value < 5", 5.0));
        assert!(holds("value <= 5", 5.0) && !holds("value <= 5", 5.1));
        assert!(holds("value > 5", 6.0) && !holds("value > 5", 5.0));
        assert!(holds("value >= 5", 5.0) && !holds("value >= 5", 4.9));
        assert!(holds("value == 5", 5.0) && !holds("value == 5", 6.0));
        assert!(holds("value != 5", 6.0) && !holds("value != 5", 5.0));
        assert!(holds("value in [5, 6]", 6.0) && !holds("value in [5, 6]", 6.1));
        assert!(!holds("value < 5", f64::NAN) && !holds("value == 5", f64::NAN));
    }

    #[test]
    fn the_worst_value_is_that_which_fails_first() {
        let worst = |text: &str| parse("sim-batches", text).expect("right").worst(&[1.0, 5.0, 9.0]);
        assert_eq!(worst("value < 5"), Some(9.0));
        assert_eq!(worst("value > 5"), Some(1.0));
        assert_eq!(worst("value == 4"), Some(9.0));
        assert_eq!(worst("value in [0, 6]"), Some(9.0));
    }

    #[test]
    fn errors_say_what_would_be_right() {
        let error = |metric, text| {
            let error = parse(metric, text).expect_err("wrong");
            format!("{}: {}", error.message, error.help)
        };
        assert!(error("sim-record-latency", "p(101) < 1ms").contains("p(99.9)"));
        assert!(error("sim-record-latency", "value < 1ms").contains("it has p(q), avg"));
        assert!(error("sim-record-latency", "p(99) < 1KiB").contains("a duration"));
        assert!(error("sim-batches", "value").contains("compares nothing"));
        assert!(error("sim-batches", "value < x").contains("no limit"));
        assert!(error("sim-batches", "value in [2, 1]").contains("smaller one first"));
        assert!(error("sim-batches", "p(9) < 1").contains("it has value, rate"));
    }
}
