//! Whether two lines of a trace say the same.

use serde_json::Value;

/// Numbers with a fraction may differ by this share, since the order of additions is nobody's promise.
const TOLERANCE: f64 = 1e-9;

/// The member of `end` of which only those values count that the trace has.
const METRICS: &str = "metrics";

/// Where two lines differ.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Difference {
    /// The way to the value, `batches[0].size`.
    pub(super) path: String,
    /// The trace's value, `nothing` if there is none.
    pub(super) expected: String,
    /// The replay's value, likewise.
    pub(super) actual: String,
}

/// By which share numbers may differ that depend on what compression achieved.
#[derive(Clone, Copy, Debug)]
pub(super) struct Slack(pub(super) f64);

impl Slack {
    /// Sizes are those of the trace.
    pub(super) const NONE: Slack = Slack(TOLERANCE);
    /// Sizes are those of a codec in another edition: single small batches differ by less than this.
    pub(super) const OTHER_CODEC: Slack = Slack(0.1);

    /// That of the number at `path`.
    fn at(self, path: &str) -> f64 {
        let depends = path == "bytes" || path.ends_with(".size") || path.starts_with(METRICS);
        if depends { self.0 } else { TOLERANCE }
    }
}

/// The first difference between a line of a trace and that of a replay, in the order of the trace's fields.
pub(super) fn difference(expected: &Value, actual: &Value, slack: Slack) -> Option<Difference> {
    at("", Some(expected), Some(actual), slack)
}

fn at(path: &str, expected: Option<&Value>, actual: Option<&Value>, slack: Slack) -> Option<Difference> {
    match (expected, actual) {
        (Some(Value::Object(expected)), Some(Value::Object(actual))) => {
            let subset = path == METRICS;
            let extra = actual.keys().filter(|key| !subset && !expected.contains_key(*key));
            expected.keys().chain(extra).find_map(|key| {
                let path = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
                at(&path, expected.get(key), actual.get(key), slack)
            })
        }
        (Some(Value::Array(expected)), Some(Value::Array(actual))) => (0..expected.len().max(actual.len()))
            .find_map(|index| at(&format!("{path}[{index}]"), expected.get(index), actual.get(index), slack)),
        (Some(Value::Number(a)), Some(Value::Number(b))) if same_number(a, b, slack.at(path)) => None,
        (Some(expected), Some(actual)) if expected == actual => None,
        (expected, actual) => {
            Some(Difference { path: path.to_owned(), expected: shown(expected), actual: shown(actual) })
        }
    }
}

fn same_number(a: &serde_json::Number, b: &serde_json::Number, tolerance: f64) -> bool {
    if let (Some(a), Some(b)) = (a.as_i64(), b.as_i64())
        && tolerance == TOLERANCE
    {
        return a == b;
    }
    match (a.as_f64(), b.as_f64()) {
        (Some(a), Some(b)) => (a - b).abs() <= tolerance * a.abs().max(b.abs()),
        _ => a == b,
    }
}

fn shown(value: Option<&Value>) -> String {
    value.map_or("nothing".to_owned(), Value::to_string)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn equal_lines_may_differ_in_form() {
        let a = json!({"t": 1, "x": [1, 2.0, null], "metrics": {"a": 497.13513513513516}});
        let b = json!({"x": [1.0, 2, null], "t": 1, "metrics": {"b": 1, "a": 497.135135135135}});
        assert_eq!(difference(&a, &b, Slack::NONE), None);
    }

    #[test]
    fn the_first_difference_is_named() {
        let line = json!({"t": 1, "batches": [{"size": 70, "recs": [0, 1]}], "metrics": {"a": 1}});
        for (other, path, expected, actual) in [
            (json!({"t": 2, "batches": [{"size": 70, "recs": [0, 1]}], "metrics": {"a": 1}}), "t", "1", "2"),
            (
                json!({"t": 1, "batches": [{"size": 71, "recs": [0, 1]}], "metrics": {"a": 1}}),
                "batches[0].size",
                "70",
                "71",
            ),
            (
                json!({"t": 1, "batches": [{"size": 70, "recs": [0]}], "metrics": {"a": 1}}),
                "batches[0].recs[1]",
                "1",
                "nothing",
            ),
            (
                json!({"t": 1, "batches": [{"size": 70, "recs": [0, 1]}], "metrics": {}}),
                "metrics.a",
                "1",
                "nothing",
            ),
            (
                json!({"t": 1, "batches": [{"size": 70, "recs": [0, 1]}], "metrics": {"a": 1}, "x": 0}),
                "x",
                "nothing",
                "0",
            ),
        ] {
            let found = difference(&line, &other, Slack::NONE).expect(path);
            assert_eq!(
                (found.path.as_str(), found.expected.as_str(), found.actual.as_str()),
                (path, expected, actual)
            );
        }
    }

    #[test]
    fn with_another_codec_sizes_may_differ_a_little_and_nothing_else_may() {
        let line = |size: u32, records: u32| json!({"bytes": 1000 + size, "batches": [{"size": size, "records": records}]});
        assert_eq!(difference(&line(100, 3), &line(92, 3), Slack::OTHER_CODEC), None);
        assert!(difference(&line(100, 3), &line(92, 3), Slack::NONE).is_some());
        assert!(difference(&line(100, 3), &line(80, 3), Slack::OTHER_CODEC).is_some());
        assert!(difference(&line(100, 30), &line(100, 31), Slack::OTHER_CODEC).is_some());
    }
}
