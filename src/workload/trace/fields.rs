//! Fields of a row as values.

use super::columns::Column;
use super::rows::Row;
use crate::workload::error::{WorkloadError, shown};

impl<'a> Row<'a> {
    fn bytes(&self, column: Column) -> &'a [u8] {
        self.fields.get(column.index).unwrap_or_default().trim_ascii()
    }

    /// An error that blames `column`.
    pub(crate) fn error(&self, column: Column, message: impl Into<String>) -> WorkloadError {
        WorkloadError::at(self.file, self.line, message).in_column(column.name)
    }

    fn wrong(&self, column: Column, expected: &str) -> WorkloadError {
        let found = self.bytes(column);
        let found = if found.is_empty() {
            "the field is empty".to_owned()
        } else {
            format!("\"{}\" is wrong", shown(found))
        };
        self.error(column, format!("{found}: expected {expected}"))
    }

    /// Text, `None` if the field is empty. Spaces around it belong to it, since they belong to a key.
    pub(super) fn text(&self, column: Column) -> Result<Option<&'a str>, WorkloadError> {
        let bytes = self.fields.get(column.index).unwrap_or_default();
        match std::str::from_utf8(bytes) {
            Ok("") => Ok(None),
            Ok(text) if !text.contains('\0') => Ok(Some(text)),
            _ => Err(self.wrong(column, "UTF-8 text")),
        }
    }

    /// A whole number from 0 to `max`.
    pub(crate) fn count(&self, column: Column, max: u64) -> Result<u64, WorkloadError> {
        let number = parse(self.bytes(column)).and_then(|number| u64::try_from(number).ok());
        let valid = number.filter(|&number| number <= max);
        valid.ok_or_else(|| self.wrong(column, &format!("a whole number from 0 to {max}")))
    }

    /// A whole number from 0 to 2^31 - 1, or -1, which an empty field means too.
    pub(super) fn optional_int(&self, column: Column) -> Result<i32, WorkloadError> {
        let bytes = self.bytes(column);
        if bytes.is_empty() {
            return Ok(-1);
        }
        let number = parse(bytes).and_then(|number| i32::try_from(number).ok());
        let valid = number.filter(|&number| number >= -1);
        valid.ok_or_else(|| self.wrong(column, "a whole number from 0 to 2147483647, or nothing"))
    }

    /// A 32-bit hash, signed or unsigned; `None` if the field is empty.
    pub(super) fn hash(&self, column: Column) -> Result<Option<u32>, WorkloadError> {
        let bytes = self.bytes(column);
        if bytes.is_empty() {
            return Ok(None);
        }
        let valid =
            parse(bytes).filter(|number| (i128::from(i32::MIN)..=i128::from(u32::MAX)).contains(number));
        let expected = "murmur2 of the key as a signed or unsigned 32-bit number, or nothing";
        valid.map(|number| Some(number as u32)).ok_or_else(|| self.wrong(column, expected))
    }
}

/// A decimal whole number of at most 30 digits.
fn parse(bytes: &[u8]) -> Option<i128> {
    const MAX_DIGITS: usize = 30;
    let (negative, digits) = match bytes {
        [b'-', digits @ ..] => (true, digits),
        digits => (false, digits),
    };
    if digits.is_empty() || digits.len() > MAX_DIGITS || !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let number = digits.iter().fold(0, |number, digit| number * 10 + i128::from(digit - b'0'));
    Some(if negative { -number } else { number })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_whole_decimal_numbers_are_numbers() {
        assert_eq!(parse(b"0"), Some(0));
        assert_eq!(parse(b"-2147483648"), Some(-2_147_483_648));
        assert_eq!(parse(&[b'9'; 30]), Some(10i128.pow(30) - 1));
        for wrong in ["", "-", "+1", "1.5", "1e3", "0x10", "1_000", "--1", "1 2", "\u{661}"] {
            assert_eq!(parse(wrong.as_bytes()), None, "{wrong}");
        }
        assert_eq!(parse(&[b'9'; 31]), None);
    }
}
