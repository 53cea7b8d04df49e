//! Fields of a row, with an error where one is missing or something else.

use serde_json::Value;

use super::bytes;

/// An object of a row.
#[derive(Clone, Copy, Debug)]
pub(super) struct Row<'v> {
    value: &'v Value,
}

impl<'v> Row<'v> {
    pub(super) fn new(value: &'v Value) -> Row<'v> {
        Row { value }
    }

    /// A field; null if it is missing.
    pub(super) fn get(self, name: &str) -> &'v Value {
        &self.value[name]
    }

    /// Whether it is a null instead of an object.
    pub(super) fn is_nothing(self) -> bool {
        self.value.is_null()
    }

    /// Whether a field is missing or null.
    pub(super) fn is_null(self, name: &str) -> bool {
        self.get(name).is_null()
    }

    /// An object in a field.
    pub(super) fn row(self, name: &str) -> Row<'v> {
        Row::new(self.get(name))
    }

    /// The objects in a list.
    pub(super) fn rows(self, name: &str) -> Result<impl ExactSizeIterator<Item = Row<'v>>, String> {
        Ok(self.list(name)?.iter().map(Row::new))
    }

    pub(super) fn list(self, name: &str) -> Result<&'v Vec<Value>, String> {
        self.get(name).as_array().ok_or_else(|| self.wrong(name, "a list"))
    }

    pub(super) fn text(self, name: &str) -> Result<&'v str, String> {
        self.get(name).as_str().ok_or_else(|| self.wrong(name, "a text"))
    }

    pub(super) fn flag(self, name: &str) -> Result<bool, String> {
        self.get(name).as_bool().ok_or_else(|| self.wrong(name, "true or false"))
    }

    /// An integer in the range of its type.
    pub(super) fn integer<T: TryFrom<i64>>(self, name: &str) -> Result<T, String> {
        let number = self.get(name).as_i64().and_then(|number| T::try_from(number).ok());
        number.ok_or_else(|| self.wrong(name, "a whole number in range"))
    }

    /// An integer in the range of its type, in a text.
    pub(super) fn parsed<T: std::str::FromStr>(self, name: &str) -> Result<T, String> {
        let number = self.get(name).as_str().and_then(|text| text.parse().ok());
        number.ok_or_else(|| self.wrong(name, "a whole number in range, in a text"))
    }

    /// A 64-bit float.
    pub(super) fn double(self, name: &str) -> Result<f64, String> {
        self.get(name).as_f64().ok_or_else(|| self.wrong(name, "a number"))
    }

    /// A 32-bit float, written in decimal.
    pub(super) fn float(self, name: &str) -> Result<f32, String> {
        let number = self.get(name);
        let number = number.is_number().then(|| number.to_string().parse().ok()).flatten();
        number.ok_or_else(|| self.wrong(name, "a number"))
    }

    /// The exact bits of a 32-bit float, as 8 hexadecimal digits.
    pub(super) fn bits(self, name: &str) -> Result<f32, String> {
        let bits = u32::from_str_radix(self.text(name)?, 16);
        bits.map(f32::from_bits).map_err(|_| self.wrong(name, "8 hexadecimal digits"))
    }

    /// Bytes that may be null.
    pub(super) fn bytes(self, name: &str) -> Result<Option<Vec<u8>>, String> {
        bytes::nullable(self.get(name)).ok_or_else(|| self.wrong(name, "bytes"))
    }

    /// Bytes that are not null.
    pub(super) fn some_bytes(self, name: &str) -> Result<Vec<u8>, String> {
        self.bytes(name)?.ok_or_else(|| self.wrong(name, "bytes"))
    }

    fn wrong(self, name: &str, expected: &str) -> String {
        let found = self.value.get(name).map_or("nothing".to_owned(), ToString::to_string);
        let found: String = found.chars().take(40).collect();
        format!("`{name}` should be {expected}, not {found}")
    }
}
