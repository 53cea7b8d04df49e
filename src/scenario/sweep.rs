//! What a sweep varies: plain checked values, and how ranges are written.

use std::fmt;

use crate::metric::Wanted;
use crate::values::excerpt::short;

/// How points are chosen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Design {
    /// Every combination of the values of all axes.
    #[default]
    Grid,
    /// So many points, each axis cut into as many slices, each slice used once.
    LatinHypercube,
}

/// `[sweep]`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SweepSpec {
    /// How points are chosen.
    pub design: Design,
    /// Points of a Latin hypercube.
    pub samples: u32,
    /// Runs of each point, with the same seeds in all.
    pub replications: u32,
    /// What varies, in the order of the file.
    pub axes: Vec<SweepAxis>,
    /// What is read of each run; the usual figures if there are none.
    pub metrics: Vec<Wanted>,
}

/// A key and what it may be.
#[derive(Clone, Debug, PartialEq)]
pub struct SweepAxis {
    /// `linger.ms`, `network.latency`, `partitioner`.
    pub key: String,
    /// Its values.
    pub values: AxisValues,
}

/// The values of an axis.
#[derive(Clone, Debug, PartialEq)]
pub enum AxisValues {
    /// These.
    List(Vec<String>),
    /// Anything between two numbers.
    Range(AxisRange),
}

/// Numbers from one to another, with a unit behind them.
#[derive(Clone, Debug, PartialEq)]
pub struct AxisRange {
    /// The first.
    pub from: f64,
    /// The last, above the first.
    pub to: f64,
    /// Behind each: `ms`, `/s`, nothing.
    pub unit: String,
    /// Equal ratios instead of equal differences.
    pub is_log: bool,
    /// For a grid, how many values; `None`: it is for a Latin hypercube only.
    pub count: Option<u32>,
    /// Both ends are whole, so all values are.
    pub is_whole: bool,
}

/// Values of one axis.
pub const MOST_VALUES: u32 = 10_000;

impl SweepAxis {
    /// Reads `KEY=VALUES`.
    ///
    /// # Errors
    /// A sentence, and what would be right.
    pub fn parse(text: &str) -> Result<SweepAxis, (String, String)> {
        let help = "write linger.ms=0,5,20, linger.ms=0..50 step 10, or batch.size=1024..1048576 log 11";
        let Some((key, values)) = text.split_once('=').filter(|(key, _)| !key.trim().is_empty()) else {
            return Err((format!("`{}` is no key with values", short(text)), help.to_owned()));
        };
        Ok(SweepAxis { key: key.trim().to_owned(), values: AxisValues::parse(values)? })
    }
}

impl AxisValues {
    /// Reads `a,b,c`, `FROM..TO`, `FROM..TO step S`, `FROM..TO log`, `FROM..TO log N`.
    ///
    /// # Errors
    /// A sentence, and what would be right.
    pub fn parse(text: &str) -> Result<AxisValues, (String, String)> {
        match text.split_once("..") {
            Some((from, rest)) => range(text, from.trim(), rest.trim()).map(AxisValues::Range),
            None => AxisValues::list(text.split(',').map(|value| value.trim().to_owned()).collect()),
        }
    }

    /// A list of values.
    ///
    /// # Errors
    /// It is empty, or has something twice.
    pub fn list(values: Vec<String>) -> Result<AxisValues, (String, String)> {
        let mut sorted = values.clone();
        sorted.sort();
        sorted.dedup();
        let help = "name different values: 0,5,20".to_owned();
        if values.is_empty() || values.iter().any(String::is_empty) {
            return Err(("a value of an axis is empty".to_owned(), help));
        }
        if sorted.len() < values.len() {
            return Err(("an axis has a value twice".to_owned(), help));
        }
        Ok(AxisValues::List(values))
    }

    /// All values, for a grid; `None` for a range without a number of them.
    pub fn all(&self) -> Option<Vec<String>> {
        match self {
            AxisValues::List(values) => Some(values.clone()),
            AxisValues::Range(range) => {
                let count = range.count?;
                let mut values: Vec<String> =
                    (0..count).map(|n| range.at(f64::from(n) / f64::from((count - 1).max(1)))).collect();
                values.dedup();
                Some(values)
            }
        }
    }

    /// The value at a place between 0 and 1.
    pub fn at(&self, place: f64) -> String {
        match self {
            AxisValues::List(values) => {
                let index = ((place * values.len() as f64) as usize).min(values.len() - 1);
                values[index].clone()
            }
            AxisValues::Range(range) => range.at(place),
        }
    }
}

impl AxisRange {
    fn at(&self, place: f64) -> String {
        let value = match self.is_log {
            true => self.from * libm::pow(self.to / self.from, place),
            false => self.from + (self.to - self.from) * place,
        };
        match self.is_whole {
            true => format!("{}{}", value.round(), self.unit),
            // Twelve digits: what a sum of steps has beyond them is its rounding.
            false => format!("{}{}", format!("{value:.11e}").parse::<f64>().unwrap_or(value), self.unit),
        }
    }
}

impl fmt::Display for AxisValues {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            AxisValues::List(values) => f.write_str(&values.join(",")),
            AxisValues::Range(AxisRange { from, to, unit, is_log, count, .. }) => {
                write!(f, "{from}{unit}..{to}{unit}")?;
                f.write_str(if *is_log { " log" } else { "" })?;
                count.map_or(Ok(()), |count| write!(f, " in {count}"))
            }
        }
    }
}

fn range(text: &str, from: &str, rest: &str) -> Result<AxisRange, (String, String)> {
    let wrong = |what: &str| {
        let help = "write FROM..TO, FROM..TO step S, FROM..TO log, or FROM..TO log COUNT";
        Err((format!("`{}` is no range: {what}", short(text)), help.to_owned()))
    };
    let mut words = rest.split_whitespace();
    let to = words.next().unwrap_or("");
    let (Some((from, unit)), Some((to, unit_of_to))) = (number(from), number(to)) else {
        return wrong("a limit is no number");
    };
    if !unit.is_empty() && unit != unit_of_to {
        return wrong("both limits need the same unit");
    }
    if from >= to {
        return wrong("the first limit has to be below the second");
    }
    let is_whole = from.fract() == 0.0 && to.fract() == 0.0;
    let unit = unit_of_to.to_owned();
    let range = AxisRange { from, to, unit, is_log: false, count: None, is_whole };
    match (words.next(), words.next(), words.next()) {
        (None, ..) => Ok(range),
        (Some("log"), _, None) if from <= 0.0 => wrong("with log, the first limit has to be above 0"),
        (Some("log"), None, _) => Ok(AxisRange { is_log: true, ..range }),
        (Some("log"), Some(count), None) => match count.parse::<u32>() {
            Ok(count @ 2..=MOST_VALUES) => Ok(AxisRange { is_log: true, count: Some(count), ..range }),
            _ => wrong("the number of values has to be 2 to 10000"),
        },
        (Some("step"), Some(step), None) => {
            let step = number(step).filter(|(_, unit)| unit.is_empty() || *unit == unit_of_to);
            let Some((step, _)) = step.filter(|(step, _)| *step > 0.0) else {
                return wrong("the step has to be a number above 0");
            };
            let steps = ((to - from) / step + 1e-9).floor();
            if steps < 1.0 || steps >= f64::from(MOST_VALUES) {
                return wrong("that makes no or too many values");
            }
            let is_whole = is_whole && step.fract() == 0.0;
            // The last value is the last step that is not beyond the limit.
            Ok(AxisRange { to: from + step * steps, count: Some(steps as u32 + 1), is_whole, ..range })
        }
        _ => wrong("what follows it is unknown"),
    }
}

/// A number and the unit behind it.
fn number(text: &str) -> Option<(f64, &str)> {
    let is_digit = |c: char| c.is_ascii_digit() || matches!(c, '.' | '_' | '-');
    let end = text.find(|c: char| !is_digit(c)).unwrap_or(text.len());
    let value = text[..end].replace('_', "").parse::<f64>().ok().filter(|value| value.is_finite())?;
    Some((value, &text[end..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(text: &str) -> Vec<String> {
        AxisValues::parse(text).expect("right").all().expect("a grid")
    }

    #[test]
    fn lists_and_ranges_have_their_values() {
        assert_eq!(all("0, 5,20"), ["0", "5", "20"]);
        assert_eq!(all("0..50 step 20"), ["0", "20", "40"]);
        assert_eq!(all("1ms..3ms step 1ms"), ["1ms", "2ms", "3ms"]);
        assert_eq!(all("1..1000 log 4"), ["1", "10", "100", "1000"]);
        assert_eq!(all("0.5..1 step 0.25"), ["0.5", "0.75", "1"]);
        assert_eq!(all("1..3 log 9").len(), 3);
        assert_eq!(all("0.0001..0.0003 step 0.0001"), ["0.0001", "0.0002", "0.0003"]);
    }

    #[test]
    fn places_within_a_range() {
        let range = AxisValues::parse("0..100").expect("right");
        assert_eq!(range.all(), None);
        assert_eq!((range.at(0.0), range.at(0.255), range.at(1.0)), ("0".into(), "26".into(), "100".into()));
        let list = AxisValues::parse("a,b").expect("right");
        assert_eq!((list.at(0.49), list.at(0.5), list.at(1.0)), ("a".into(), "b".into(), "b".into()));
    }

    #[test]
    fn wrong_ranges_say_what_would_be_right() {
        for text in [
            "5..5",
            "9..1",
            "0..9 log",
            "1..9 log 1",
            "1..9 log x",
            "1ms..9s",
            "1..9 step 0",
            "1..9 step 9",
            "1..9 by 2",
            "x..9",
            "1,,2",
            "1,1",
            "",
            "0..1 step 0.0000001",
            "1..9 step 1 2",
        ] {
            assert!(AxisValues::parse(text).is_err(), "{text}");
        }
        assert!(SweepAxis::parse("=1").is_err() && SweepAxis::parse("a").is_err());
    }
}
