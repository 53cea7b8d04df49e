//! The effective configuration with the origin of each value.

use std::fmt::Write;

use crate::scenario::Setting;

/// The widest column of names; longer names stick out.
const MAX_NAME: usize = 56;
/// The widest column of values; longer values stick out.
const MAX_VALUE: usize = 24;

/// One line a value: name, value, origin; the columns are as wide as needed.
pub fn table<'a>(settings: impl Iterator<Item = &'a Setting> + Clone) -> String {
    let width = |length: fn(&Setting) -> usize| settings.clone().map(length).max().unwrap_or(0);
    let name_width = width(|setting| setting.name.chars().count()).min(MAX_NAME);
    let value_width = width(|setting| setting.value.chars().count()).min(MAX_VALUE);
    let mut text = String::new();
    for Setting { name, value, origin } in settings {
        // Writing to a String cannot fail.
        let _ = writeln!(text, "{name:<name_width$}  {value:<value_width$}  {origin}");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_line_up() {
        let setting = |name: &str, value: &str, origin: &str| Setting {
            name: name.to_owned(),
            value: value.to_owned(),
            origin: origin.to_owned(),
        };
        let settings = [setting("seed", "1", "default"), setting("producer.linger.ms", "50", "a.toml:3")];
        insta::assert_snapshot!(table(settings.iter()), @r"
        seed                1   default
        producer.linger.ms  50  a.toml:3
        ");
    }
}
