//! Numbers as Java's `%.nf` writes them, so that lines have the same bytes as those of Kafka's tool.

/// A number with so many decimals. Java rounds the shortest decimal that stands for the number, and halves away from 0;
/// Rust rounds the binary number, and halves to even.
pub fn fixed(value: f64, decimals: usize) -> String {
    if value.is_nan() {
        return "NaN".to_owned();
    }
    if value.is_infinite() {
        return if value > 0.0 { "Infinity" } else { "-Infinity" }.to_owned();
    }
    // `Display` writes the shortest decimal, never with an exponent.
    let shortest = value.to_string();
    let (sign, digits) = shortest.strip_prefix('-').map_or(("", shortest.as_str()), |digits| ("-", digits));
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let kept: String = fraction.chars().chain(std::iter::repeat('0')).take(decimals).collect();
    let rounds_up = fraction.as_bytes().get(decimals).is_some_and(|&digit| digit >= b'5');
    let mut all: Vec<u8> = format!("{whole}{kept}").into_bytes();
    if rounds_up {
        add_one(&mut all);
    }
    let text: String = all.into_iter().map(char::from).collect();
    let (whole, fraction) = text.split_at(text.len() - decimals);
    match decimals {
        0 => format!("{sign}{whole}"),
        _ => format!("{sign}{whole}.{fraction}"),
    }
}

/// Adds one to a number in decimal digits.
fn add_one(digits: &mut Vec<u8>) {
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
    fn halves_are_rounded_as_java_does() {
        // What `String.format` of OpenJDK 17 writes.
        for (value, decimals, text) in [
            (0.25, 1, "0.3"),
            (1.005, 2, "1.01"),
            (0.35, 1, "0.4"),
            (2.5, 0, "3"),
            (999.96, 1, "1000.0"),
            (9_999.998_004, 6, "9999.998004"),
            (0.0, 2, "0.00"),
            (-0.25, 1, "-0.3"),
            (1e22, 1, "10000000000000000000000.0"),
            (1e-7, 6, "0.000000"),
            (f64::NAN, 3, "NaN"),
            (f64::INFINITY, 1, "Infinity"),
        ] {
            assert_eq!(fixed(value, decimals), text, "{value}");
        }
    }
}
