//! Quantities with units: `"5ms"`, `"16KiB"`, `"50000/s"`, `"10Gbit/s"`, `"0.1%"`, `"2ns/B"`.

use std::fmt;
use std::str::FromStr;

use super::quantity::{Measure, Quantity, Unit, UnitError, unit};
use super::time::Span;

/// A number of bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Bytes(pub u64);

/// Records in 1000 seconds: a rate in thousandths of a record per second.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Rate(pub u64);

/// Bits per second.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct BitRate(pub u64);

/// A share in thousandths.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Permille(pub u32);

/// A share in millionths, where thousandths are too coarse.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Millionths(pub u32);

/// A cost in picoseconds per byte.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct PerByte(pub u64);

impl Measure for Span {
    const QUANTITY: Quantity = Quantity {
        name: "a duration",
        example: "5ms",
        step: "1ns",
        units: &[
            unit("ns", 1),
            unit("us", 1_000),
            unit("ms", 1_000_000),
            unit("s", 1_000_000_000),
            unit("min", 60_000_000_000),
            unit("h", 3_600_000_000_000),
        ],
    };

    fn from_steps(steps: u64) -> Option<Span> {
        Some(Span(steps))
    }
}

impl Measure for Bytes {
    const QUANTITY: Quantity = Quantity {
        name: "a size",
        example: "100B",
        step: "1B",
        units: &[
            unit("B", 1),
            unit("kB", 1_000),
            unit("KiB", 1 << 10),
            unit("MB", 1_000_000),
            unit("MiB", 1 << 20),
            unit("GB", 1_000_000_000),
            unit("GiB", 1 << 30),
        ],
    };

    fn from_steps(steps: u64) -> Option<Bytes> {
        Some(Bytes(steps))
    }
}

impl Measure for Rate {
    const QUANTITY: Quantity = Quantity {
        name: "a rate",
        example: "50000/s",
        step: "0.001/s",
        units: &[
            unit("/s", 1_000),
            Unit { name: "/min", steps: 50, parts: 3 },
            Unit { name: "/h", steps: 5, parts: 18 },
        ],
    };

    fn from_steps(steps: u64) -> Option<Rate> {
        Some(Rate(steps))
    }
}

impl Measure for BitRate {
    const QUANTITY: Quantity = Quantity {
        name: "a bandwidth",
        example: "1Gbit/s",
        step: "1bit/s",
        units: &[
            unit("bit/s", 1),
            unit("kbit/s", 1_000),
            unit("Mbit/s", 1_000_000),
            unit("Gbit/s", 1_000_000_000),
            unit("MB/s", 8_000_000),
        ],
    };

    fn from_steps(steps: u64) -> Option<BitRate> {
        Some(BitRate(steps))
    }
}

impl Measure for Permille {
    const QUANTITY: Quantity =
        Quantity { name: "a percentage", example: "80%", step: "0.1%", units: &[unit("%", 10)] };

    fn from_steps(steps: u64) -> Option<Permille> {
        u32::try_from(steps).ok().map(Permille)
    }
}

impl Measure for Millionths {
    const QUANTITY: Quantity =
        Quantity { name: "a percentage", example: "45%", step: "0.0001%", units: &[unit("%", 10_000)] };

    fn from_steps(steps: u64) -> Option<Millionths> {
        u32::try_from(steps).ok().map(Millionths)
    }
}

impl Measure for PerByte {
    const QUANTITY: Quantity = Quantity {
        name: "a time per byte",
        example: "2ns/B",
        step: "1ps/B",
        units: &[unit("ps/B", 1), unit("ns/B", 1_000), unit("us/B", 1_000_000)],
    };

    fn from_steps(steps: u64) -> Option<PerByte> {
        Some(PerByte(steps))
    }
}

macro_rules! from_str {
    ($($measure:ty),*) => {$(
        impl FromStr for $measure {
            type Err = UnitError;

            fn from_str(text: &str) -> Result<Self, UnitError> {
                <$measure as Measure>::parse(text)
            }
        }
    )*};
}

from_str!(Span, Bytes, Rate, BitRate, Permille, Millionths, PerByte);

/// Writes `n` steps with the first of `units` that divides them.
fn largest_exact(f: &mut fmt::Formatter<'_>, n: u64, units: &[(&str, u64)]) -> fmt::Result {
    let exact = units.iter().find(|(_, size)| n >= *size && n.is_multiple_of(*size));
    let (name, size) = exact.or(units.last()).copied().unwrap_or(("", 1));
    write!(f, "{}{name}", n / size)
}

/// Writes `n` thousandths without trailing zeros.
fn write_thousandths(f: &mut fmt::Formatter<'_>, n: u64, unit: &str) -> fmt::Result {
    write_decimals(f, n, 3, unit)
}

/// Writes `n` parts of which one has `10^decimals`, without trailing zeros.
fn write_decimals(f: &mut fmt::Formatter<'_>, n: u64, decimals: u32, unit: &str) -> fmt::Result {
    let one = 10_u64.pow(decimals);
    match (n / one, n % one) {
        (whole, 0) => write!(f, "{whole}{unit}"),
        (whole, rest) => {
            let digits = format!("{rest:0width$}", width = decimals as usize);
            write!(f, "{whole}.{}{unit}", digits.trim_end_matches('0'))
        }
    }
}

impl fmt::Display for Bytes {
    /// The largest exact unit: `16KiB`, `1MB`, `100B`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let units = [
            ("GiB", 1 << 30),
            ("MiB", 1 << 20),
            ("KiB", 1 << 10),
            ("GB", 1_000_000_000),
            ("MB", 1_000_000),
            ("kB", 1_000),
            ("B", 1),
        ];
        largest_exact(f, self.0, &units)
    }
}

impl fmt::Display for BitRate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let units = [("Gbit/s", 1_000_000_000), ("Mbit/s", 1_000_000), ("kbit/s", 1_000), ("bit/s", 1)];
        largest_exact(f, self.0, &units)
    }
}

impl fmt::Display for Rate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_thousandths(f, self.0, "/s")
    }
}

impl fmt::Display for Permille {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_thousandths(f, u64::from(self.0) * 100, "%")
    }
}

impl fmt::Display for Millionths {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_decimals(f, u64::from(self.0), 4, "%")
    }
}

impl fmt::Display for PerByte {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_thousandths(f, self.0, "ns/B")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn quantities_are_exact_integers() {
        assert_eq!("250us".parse(), Ok(Span(250_000)));
        assert_eq!("1.5s".parse(), Ok(Span(1_500_000_000)));
        assert_eq!("2 h".parse(), Ok(Span(7_200_000_000_000)));
        assert_eq!("16KiB".parse(), Ok(Bytes(16_384)));
        assert_eq!("1_000kB".parse(), Ok(Bytes(1_000_000)));
        assert_eq!("50000/s".parse(), Ok(Rate(50_000_000)));
        assert_eq!("3/min".parse(), Ok(Rate(50)));
        assert_eq!("10Gbit/s".parse(), Ok(BitRate(10_000_000_000)));
        assert_eq!("0.1%".parse(), Ok(Permille(1)));
        assert_eq!("0.5ns/B".parse(), Ok(PerByte(500)));
    }

    #[test]
    fn errors_say_what_would_be_right() {
        let shown = |e: UnitError| e.to_string();
        let spans: Vec<String> = ["5", "5mss", "-1ms", "", "abc", "0.3ns", "99999999999h", "1.2.3s", "5."]
            .into_iter()
            .map(|text| shown(text.parse::<Span>().unwrap_err()))
            .collect();
        insta::assert_snapshot!(spans.join("\n"), @r#"
        "5" has no unit: a duration is a number with a unit (ns, us, ms, s, min or h): write for example "5ms"
        "5mss" has an unknown unit: a duration is a number with a unit (ns, us, ms, s, min or h); did you mean `ms`?
        "-1ms" is negative, which a duration cannot be: a duration is a number with a unit (ns, us, ms, s, min or h), for example "5ms"
        "" is not a duration: a duration is a number with a unit (ns, us, ms, s, min or h), for example "5ms"
        "abc" is not a duration: a duration is a number with a unit (ns, us, ms, s, min or h), for example "5ms"
        "0.3ns" is not a whole multiple of 1ns: durations are counted in steps of 1ns
        "99999999999h" is too large for a duration: a duration is a number with a unit (ns, us, ms, s, min or h), for example "5ms"
        "1.2.3s" is not a duration: a duration is a number with a unit (ns, us, ms, s, min or h), for example "5ms"
        "5." is not a duration: a duration is a number with a unit (ns, us, ms, s, min or h), for example "5ms"
        "#);
        assert_eq!(
            shown("16kib".parse::<Bytes>().unwrap_err()),
            "\"16kib\" has an unknown unit: a size is a number with a unit (B, kB, KiB, MB, MiB, GB or GiB); \
             did you mean `KiB`?"
        );
        assert_eq!(
            shown("1/min".parse::<Rate>().unwrap_err()),
            "\"1/min\" is not a whole multiple of 0.001/s: rates are counted in steps of 0.001/s"
        );
        assert!("1".repeat(10_000).parse::<Bytes>().is_err());
    }

    #[test]
    fn the_largest_exact_unit_is_shown() {
        let shown = [100, 1_000, 16_384, 1_000_000, 33_554_432, 1_500, 0].map(|n| Bytes(n).to_string());
        assert_eq!(shown, ["100B", "1kB", "16KiB", "1MB", "32MiB", "1500B", "0B"]);
        assert_eq!((Rate(50).to_string(), Permille(125).to_string()), ("0.05/s".into(), "12.5%".into()));
        assert_eq!((BitRate(0).to_string(), PerByte(2_000).to_string()), ("0bit/s".into(), "2ns/B".into()));
    }

    proptest! {
        #[test]
        fn what_is_shown_is_read_back(n in 0u64..=u64::MAX / 1_000) {
            prop_assert_eq!(Bytes(n).to_string().parse(), Ok(Bytes(n)));
            prop_assert_eq!(Rate(n).to_string().parse(), Ok(Rate(n)));
            prop_assert_eq!(BitRate(n).to_string().parse(), Ok(BitRate(n)));
            prop_assert_eq!(Span(n).to_string().parse(), Ok(Span(n)));
            prop_assert_eq!(PerByte(n).to_string().parse(), Ok(PerByte(n)));
            let share = Millionths(n as u32);
            prop_assert_eq!(share.to_string().parse(), Ok(share));
        }

        #[test]
        fn no_text_panics(text in "\\PC{0,30}") {
            let _ = (text.parse::<Span>(), text.parse::<Bytes>(), text.parse::<Rate>());
        }
    }
}
