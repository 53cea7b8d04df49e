//! Numbers as Java's `printf` writes them.

/// A number with so many decimals: the shortest digits that tell it apart, rounded half up (`RoundingMode.HALF_UP`).
pub fn fixed(value: f64, decimals: usize) -> String {
    if value.is_nan() {
        return "NaN".to_owned();
    }
    if value.is_infinite() {
        return if value > 0.0 { "Infinity".to_owned() } else { "-Infinity".to_owned() };
    }
    let digits = format!("{}", value.abs());
    let (whole, fraction) = digits.split_once('.').unwrap_or((&digits, ""));
    let sign = if value.is_sign_negative() && value != 0.0 { "-" } else { "" };
    let mut kept: Vec<u8> =
        whole.bytes().chain(fraction.bytes().chain(std::iter::repeat(b'0')).take(decimals)).collect();
    if fraction.as_bytes().get(decimals).is_some_and(|next| *next >= b'5') {
        round_up(&mut kept);
    }
    let text: String = kept.into_iter().map(char::from).collect();
    let (whole, fraction) = text.split_at(text.len() - decimals);
    if decimals == 0 { format!("{sign}{whole}") } else { format!("{sign}{whole}.{fraction}") }
}

/// Adds one to a number in decimal digits.
fn round_up(digits: &mut Vec<u8>) {
    for digit in digits.iter_mut().rev() {
        if *digit < b'9' {
            *digit += 1;
            return;
        }
        *digit = b'0';
    }
    digits.insert(0, b'1');
}

#[cfg(test)]
mod tests {
    use super::fixed;

    #[test]
    fn halves_go_up_as_in_java() {
        // Where Rust's own formatting would give 0.12, 2, 1.0.
        assert_eq!([fixed(0.125, 2), fixed(2.5, 0), fixed(1.005, 2)], ["0.13", "3", "1.01"]);
        assert_eq!([fixed(9.999, 2), fixed(0.0, 1), fixed(-1.25, 1)], ["10.00", "0.0", "-1.3"]);
        assert_eq!(fixed(99_999.96, 1), "100000.0");
        assert_eq!([fixed(f64::NAN, 2), fixed(f64::INFINITY, 1)], ["NaN", "Infinity"]);
    }
}
