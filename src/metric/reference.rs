//! How a figure is named: `batch-size-avg{client-id=producer-1}`.

use std::fmt;

use super::Metric;
use crate::values::excerpt::short;
use crate::values::nearest::{did_you_mean, nearest};

/// A metric with labels.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MetricRef {
    /// The metric.
    pub metric: &'static Metric,
    /// Labels with values, as they were given.
    pub labels: Vec<(String, String)>,
}

/// A name that is none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MetricError {
    /// What is wrong.
    pub message: String,
    /// What would be right.
    pub help: String,
}

impl MetricRef {
    /// A metric without labels.
    ///
    /// # Errors
    /// There is no such metric.
    pub fn plain(name: &str) -> Result<MetricRef, MetricError> {
        MetricRef::parse(name)
    }

    /// Reads a name, perhaps with labels in braces.
    ///
    /// # Errors
    /// An unknown metric or label, with the nearest that there are.
    pub fn parse(text: &str) -> Result<MetricRef, MetricError> {
        let (name, labels) = match text.split_once('{') {
            Some((name, rest)) => match rest.trim_end().strip_suffix('}') {
                Some(labels) => (name.trim(), labels),
                None => return Err(unclosed(text)),
            },
            None => (text.trim(), ""),
        };
        let Some(metric) = Metric::find(name) else { return Err(unknown(name)) };
        let mut parsed: Vec<(String, String)> = Vec::new();
        for label in labels.split(',').filter(|label| !label.trim().is_empty()) {
            let (key, value) = label.split_once('=').unwrap_or((label, ""));
            let (key, value) = (key.trim(), value.trim().trim_matches('"'));
            if !metric.labels.contains(&key) || value.is_empty() {
                return Err(no_label(metric, label));
            }
            if parsed.iter().any(|(other, _)| other == key) {
                return Err(MetricError {
                    message: format!("the label `{key}` of {name} is there twice"),
                    help: "name each label once".to_owned(),
                });
            }
            parsed.push((key.to_owned(), value.to_owned()));
        }
        parsed.sort();
        Ok(MetricRef { metric, labels: parsed })
    }

    /// The value of a label, if it was given.
    pub fn label(&self, key: &str) -> Option<&str> {
        self.labels.iter().find(|(other, _)| other == key).map(|(_, value)| value.as_str())
    }
}

impl fmt::Display for MetricRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.metric.name)?;
        if self.labels.is_empty() {
            return Ok(());
        }
        let labels: Vec<String> = self.labels.iter().map(|(key, value)| format!("{key}={value}")).collect();
        write!(f, "{{{}}}", labels.join(","))
    }
}

fn unclosed(text: &str) -> MetricError {
    MetricError {
        message: format!("the labels of `{}` have no end", short(text)),
        help: "write for example batch-size-avg{client-id=producer-1}".to_owned(),
    }
}

fn unknown(name: &str) -> MetricError {
    // Kafka's documentation writes metrics with a hyphen, JMX exporters with an underscore.
    let plain = name.replace('_', "-");
    let names = || Metric::all().map(|metric| metric.name);
    let found = names().find(|known| *known == plain || known.strip_prefix("sim-") == Some(&plain));
    let near = match found {
        Some(found) => vec![found],
        None => match nearest(&plain, names()) {
            near if near.is_empty() => related(&plain),
            near => near,
        },
    };
    MetricError {
        message: format!("there is no metric `{}`", short(name)),
        help: did_you_mean(&near).unwrap_or_else(|| "`lingersim metrics` lists all".to_owned()),
    }
}

/// Names that share the last word of what was asked for: for `sim-latency` those with `latency`.
fn related(name: &str) -> Vec<&'static str> {
    let word = name.rsplit('-').next().unwrap_or("");
    let names = Metric::all().map(|metric| metric.name);
    if word.len() < 4 { Vec::new() } else { names.filter(|name| name.contains(word)).take(3).collect() }
}

fn no_label(metric: &Metric, label: &str) -> MetricError {
    let help = match metric.labels {
        [] => format!("{} has no labels", metric.name),
        labels => format!("its labels are {}: {}{{{}=…}}", labels.join(", "), metric.name, labels[0]),
    };
    MetricError { message: format!("{} has no label `{}`", metric.name, short(label.trim())), help }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_with_and_without_labels() {
        let plain = MetricRef::parse("batch-size-avg").expect("a metric");
        assert!(plain.labels.is_empty());
        let text = "sim-record-latency{partition=0..5, topic=orders}";
        let labelled = MetricRef::parse(text).expect("a metric");
        assert_eq!(labelled.label("partition"), Some("0..5"));
        assert_eq!(labelled.to_string(), "sim-record-latency{partition=0..5,topic=orders}");
    }

    #[test]
    fn what_is_not_known_has_a_suggestion() {
        let help = |text: &str| MetricRef::parse(text).expect_err("unknown").help;
        assert!(help("batch-size-average").contains("batch-size-avg"), "{}", help("batch-size-average"));
        assert!(help("record_error_total").contains("record-error-total"));
        assert!(help("record-latency").contains("sim-record-latency"));
        assert!(help("sim-latency").contains("sim-record-latency"));
        assert!(help("batch-size-avg{topic=x}").contains("client-id"));
        assert!(help("sim-lost-records{topic=x}").contains("no labels"));
        assert!(help("batch-size-avg{client-id=x").contains("write for example"));
        assert!(help("batch-size-avg{client-id=a,client-id=b}").contains("once"));
    }
}
