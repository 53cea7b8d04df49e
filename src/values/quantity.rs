//! How a number with a unit is read, whatever it measures.
//!
//! A text is a decimal number followed by a unit. The result is an exact whole number of the quantity's smallest
//! step; a text that would need rounding is refused, never rounded.

use std::fmt;

use super::nearest::{did_you_mean, nearest};

/// A quantity that is written as a number with a unit.
pub trait Measure: Copy + fmt::Display {
    /// Its units and how to speak about it.
    const QUANTITY: Quantity;

    /// The value of `steps` smallest steps, `None` if it does not fit.
    fn from_steps(steps: u64) -> Option<Self>;

    /// Parses a text like `"5ms"`.
    fn parse(text: &str) -> Result<Self, UnitError> {
        let steps = Self::QUANTITY.steps(text)?;
        Self::from_steps(steps).ok_or_else(|| Self::QUANTITY.error(text, Fault::TooLarge))
    }
}

/// What a kind of quantity is called and which units it knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quantity {
    /// With its article: `a duration`.
    pub name: &'static str,
    /// A text that is right: `5ms`.
    pub example: &'static str,
    /// Its smallest step: `1ns`.
    pub step: &'static str,
    /// The units, small ones first.
    pub units: &'static [Unit],
}

/// One unit is `steps / parts` smallest steps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unit {
    /// As it is written: `ms`.
    pub name: &'static str,
    /// Numerator.
    pub steps: u128,
    /// Denominator, above 0.
    pub parts: u128,
}

/// A unit of whole steps.
pub const fn unit(name: &'static str, steps: u128) -> Unit {
    Unit { name, steps, parts: 1 }
}

/// A text that is no quantity. Its sentence says what would be right.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnitError {
    text: String,
    quantity: Quantity,
    fault: Fault,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fault {
    NoNumber,
    Negative,
    NoUnit,
    UnknownUnit,
    NotWhole,
    TooLarge,
}

/// A decimal number `digits / 10^scale`.
struct Decimal {
    digits: u128,
    scale: u32,
}

/// `text`, a decimal number without unit, in thousandths; `None` if it is none, negative, not exact or too large.
pub fn thousandths(text: &str) -> Option<u64> {
    Decimal::parse(text.trim()).and_then(|number| number.times(1_000, 1)).ok()
}

/// More digits than this do not fit any quantity.
const MAX_DIGITS: usize = 21;

impl Decimal {
    /// Parses digits with at most one point; underscores between digits are skipped.
    fn parse(text: &str) -> Result<Decimal, Fault> {
        let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
        let is_digits = |part: &str| part.bytes().all(|b| b.is_ascii_digit() || b == b'_');
        if !is_digits(whole) || !is_digits(fraction) || !whole.starts_with(|c: char| c.is_ascii_digit()) {
            return Err(Fault::NoNumber);
        }
        if text.ends_with(['.', '_']) {
            return Err(Fault::NoNumber);
        }
        let fraction = fraction.trim_end_matches(['0', '_']);
        let digits: Vec<u8> = whole.bytes().chain(fraction.bytes()).filter(|&b| b != b'_').collect();
        if digits.len() > MAX_DIGITS {
            return Err(Fault::TooLarge);
        }
        let scale = fraction.bytes().filter(|&b| b != b'_').count() as u32;
        let digits = digits.iter().fold(0u128, |sum, b| sum * 10 + u128::from(b - b'0'));
        Ok(Decimal { digits, scale })
    }

    /// `self * steps / parts`, if that is a whole number below 2^64.
    fn times(&self, steps: u128, parts: u128) -> Result<u64, Fault> {
        let over = self.digits.checked_mul(steps).ok_or(Fault::TooLarge)?;
        let under = 10u128.pow(self.scale) * parts;
        if over % under != 0 {
            return Err(Fault::NotWhole);
        }
        u64::try_from(over / under).map_err(|_| Fault::TooLarge)
    }
}

impl Quantity {
    /// The number of smallest steps that `text` means.
    fn steps(&self, text: &str) -> Result<u64, UnitError> {
        self.exact(text.trim()).map_err(|fault| self.error(text, fault))
    }

    fn exact(&self, text: &str) -> Result<u64, Fault> {
        if text.starts_with('-') {
            return Err(Fault::Negative);
        }
        let end = text.find(|c: char| !(c.is_ascii_digit() || c == '.' || c == '_')).unwrap_or(text.len());
        let (number, name) = text.split_at(end);
        let number = Decimal::parse(number)?;
        let name = name.trim_start();
        if name.is_empty() {
            return Err(Fault::NoUnit);
        }
        let unit = self.units.iter().find(|unit| unit.name == name).ok_or(Fault::UnknownUnit)?;
        number.times(unit.steps, unit.parts)
    }

    fn error(&self, text: &str, fault: Fault) -> UnitError {
        let shown: String = text.chars().filter(|c| !c.is_control()).take(40).collect();
        UnitError { text: shown, quantity: *self, fault }
    }

    /// All unit names, `ns, us, ms, s, min or h`.
    fn unit_list(&self) -> String {
        let names: Vec<&str> = self.units.iter().map(|unit| unit.name).collect();
        match names.split_last() {
            Some((last, others)) if !others.is_empty() => format!("{} or {last}", others.join(", ")),
            _ => names.concat(),
        }
    }
}

impl UnitError {
    /// What is wrong with the text, without what would be right.
    pub fn message(&self) -> String {
        let UnitError { text, quantity, fault } = self;
        let name = quantity.name;
        match fault {
            Fault::NoNumber => format!("\"{text}\" is not {name}"),
            Fault::Negative => format!("\"{text}\" is negative, which {name} cannot be"),
            Fault::NoUnit => format!("\"{text}\" has no unit"),
            Fault::UnknownUnit => format!("\"{text}\" has an unknown unit"),
            Fault::NotWhole => format!("\"{text}\" is not a whole multiple of {}", quantity.step),
            Fault::TooLarge => format!("\"{text}\" is too large for {name}"),
        }
    }

    /// What would be right.
    pub fn help(&self) -> String {
        let UnitError { text, quantity, fault } = self;
        let written = || format!("{} is a number with a unit ({})", quantity.name, quantity.unit_list());
        match fault {
            Fault::NoUnit => match quantity.units.iter().find(|unit| quantity.example.ends_with(unit.name)) {
                Some(unit) => format!("{}: write for example \"{}{}\"", written(), text.trim(), unit.name),
                None => written(),
            },
            Fault::UnknownUnit => {
                let name = text.trim_start_matches(|c: char| c.is_ascii_digit() || ". _".contains(c));
                match did_you_mean(&nearest(name.trim(), quantity.units.iter().map(|unit| unit.name))) {
                    Some(question) => format!("{}; {question}", written()),
                    None => written(),
                }
            }
            Fault::NotWhole => format!("{} are counted in steps of {}", quantity.plural(), quantity.step),
            _ => format!("{}, for example \"{}\"", written(), quantity.example),
        }
    }
}

impl Quantity {
    /// `durations` for `a duration`.
    fn plural(&self) -> String {
        let noun = self.name.split_once(' ').map_or(self.name, |(_, noun)| noun);
        match noun.split_once(' ') {
            Some((head, rest)) => format!("{head}s {rest}"),
            None => format!("{noun}s"),
        }
    }
}

impl fmt::Display for UnitError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.message(), self.help())
    }
}

impl std::error::Error for UnitError {}
