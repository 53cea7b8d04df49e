//! A figure that somebody wants to read of each run.

use super::{Kind, MetricRef, Stat};

/// A figure that is wanted.
#[derive(Clone, Debug, PartialEq)]
pub struct Wanted {
    /// Of what.
    pub metric: MetricRef,
    /// Which statistic.
    pub stat: Stat,
}

impl Wanted {
    /// Reads `metric` or `metric stat`: `sim-record-latency p(99)`.
    ///
    /// # Errors
    /// A sentence, and what would be right.
    pub fn parse(text: &str) -> Result<Wanted, (String, String)> {
        let (name, stat) = match text.rsplit_once(' ') {
            Some((name, stat)) if !stat.contains('}') => (name, Some(stat)),
            _ => (text, None),
        };
        let metric = MetricRef::parse(name.trim()).map_err(|error| (error.message, error.help))?;
        let is_part = |label: &str| metric.label(label).is_some();
        if (is_part("partition") || is_part("topic") && !metric.metric.whole_run)
            && metric.metric.name != "sim-acked-records"
        {
            let help = "of partitions, only sim-acked-records can be read; a [[gate]] can look at any figure";
            return Err((format!("{metric} is a figure of some partitions"), help.to_owned()));
        }
        let usual = if metric.metric.kind == Kind::Distribution { "avg" } else { "value" };
        let stat =
            Stat::parse(metric.metric, stat.unwrap_or(usual)).map_err(|error| (error.message, error.help))?;
        Ok(Wanted { metric, stat })
    }

    /// Of the names in this program itself.
    pub(crate) fn all(names: &[&str]) -> Vec<Wanted> {
        names.iter().filter_map(|name| Wanted::parse(name).ok()).collect()
    }

    /// Its name: `metric stat`, the plain value of a metric without the word.
    pub fn name(&self) -> String {
        match self.stat {
            Stat::Value => self.metric.to_string(),
            stat => format!("{} {stat}", self.metric),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wanted_figures_are_named_as_in_gates() {
        let name = |text: &str| Wanted::parse(text).expect("right").name();
        assert_eq!(name("sim-record-latency p(99)"), "sim-record-latency p(99)");
        assert_eq!(name("sim-record-latency"), "sim-record-latency avg");
        assert_eq!(name("sim-batches-left{reason=linger}"), "sim-batches-left{reason=linger}");
        assert!(Wanted::parse("sim-record-latency q").is_err() && Wanted::parse("nothing").is_err());
    }
}
