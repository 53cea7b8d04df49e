//! `Double.toString` and `Float.toString`, as they are since Java 19.

use std::fmt::LowerExp;
use std::str::FromStr;

/// The number as Java writes it: `1.0`, `1.0E10`, `NaN`, `-Infinity`.
pub(super) fn double(value: f64, out: &mut Vec<u8>) {
    match special(value) {
        Some(word) => out.extend_from_slice(word.as_bytes()),
        None => write(&scientific(value), out),
    }
}

/// The same for a float, which has fewer digits.
pub(super) fn float(value: f32, out: &mut Vec<u8>) {
    match special(f64::from(value)) {
        Some(word) => out.extend_from_slice(word.as_bytes()),
        None => write(&scientific(value), out),
    }
}

fn special(value: f64) -> Option<&'static str> {
    match value {
        _ if value.is_nan() => Some("NaN"),
        f64::INFINITY => Some("Infinity"),
        f64::NEG_INFINITY => Some("-Infinity"),
        _ => None,
    }
}

/// The digits that Java chooses, in Rust's notation: of the fewest that tell the number from its neighbours the closest,
/// and of two equally close the even one.
///
/// Rust's shortest form has as many digits but not always those. Java takes two where one would do: `4.9e-324`, not
/// `5e-324`. The closest may belong to a neighbour, since those of a power of two are not equally far.
fn scientific<T: LowerExp + FromStr + PartialEq>(value: T) -> String {
    let shortest = format!("{value:e}");
    let mantissa = shortest.split('e').next().unwrap_or_default();
    let decimals = mantissa.split_once('.').map_or(1, |(_, decimals)| decimals.len());
    let closest = format!("{value:.decimals$e}");
    if closest.parse().is_ok_and(|read: T| read == value) { closest } else { shortest }
}

/// Writes a number that is given in Rust's scientific notation.
fn write(scientific: &str, out: &mut Vec<u8>) {
    let Some((mantissa, exponent)) = scientific.split_once('e') else { return };
    let exponent: i32 = exponent.parse().unwrap_or(0);
    let unsigned = mantissa.strip_prefix('-').unwrap_or(mantissa);
    if unsigned.len() < mantissa.len() {
        out.push(b'-');
    }
    let digits: Vec<u8> = unsigned.bytes().filter(|&byte| byte != b'.').collect();
    let significant = digits.iter().rposition(|&digit| digit != b'0').map_or(1, |last| last + 1);
    let digits = &digits[..significant];
    if (-3..7).contains(&exponent) {
        write_plain(digits, exponent, out);
    } else {
        write_plain(digits, 0, out);
        out.extend_from_slice(format!("E{exponent}").as_bytes());
    }
}

/// Digits with the point behind digit number `exponent`, counted from 0, and at least one digit on both sides of it.
fn write_plain(digits: &[u8], exponent: i32, out: &mut Vec<u8>) {
    let digit = |at: i32| usize::try_from(at).ok().and_then(|at| digits.get(at)).copied().unwrap_or(b'0');
    let first = exponent.min(0);
    let last = (digits.len() as i32 - 1).max(exponent + 1);
    for at in first..=last {
        out.push(digit(at));
        if at == exponent.max(first) && at <= exponent {
            out.push(b'.');
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn double_text(value: f64) -> String {
        let mut out = Vec::new();
        double(value, &mut out);
        String::from_utf8(out).expect("ASCII")
    }

    #[test]
    fn doubles_are_written_as_java_writes_them() {
        for (value, text) in [
            (0.0, "0.0"),
            (-0.0, "-0.0"),
            (1.0, "1.0"),
            (-1.5, "-1.5"),
            (100.0, "100.0"),
            (123_456.789, "123456.789"),
            (9_999_999.0, "9999999.0"),
            (1e7, "1.0E7"),
            (1.25e10, "1.25E10"),
            (0.001, "0.001"),
            (0.012_5, "0.0125"),
            (1e-4, "1.0E-4"),
            (1e23, "1.0E23"),
            (9_007_199_254_740_993.0, "9.007199254740992E15"),
            (f64::from_bits(1), "4.9E-324"),
            // Exactly between ...12 and ...13.
            (-1.427_057_710_805_521_3e14, "-1.4270577108055212E14"),
            // A power of two: ...044 is closer, but is another double.
            (7.120_236_347_223_045e-307, "7.120236347223045E-307"),
            (f64::MAX, "1.7976931348623157E308"),
            (f64::NAN, "NaN"),
            (f64::NEG_INFINITY, "-Infinity"),
        ] {
            assert_eq!(double_text(value), text);
        }
    }

    #[test]
    fn floats_have_their_own_digits() {
        for (value, text) in
            [(1.1_f32, "1.1"), (3.4e38, "3.4E38"), (f32::from_bits(1), "1.4E-45"), (1e7, "1.0E7")]
        {
            let mut out = Vec::new();
            float(value, &mut out);
            assert_eq!(out, text.as_bytes());
        }
    }
}
