//! Payloads of a file, as `kafka-producer-perf-test --payload-file` takes them.

use std::fmt;
use std::io::Read;
use std::path::Path;
use std::sync::Arc;

use crate::values::excerpt::short;
use crate::values::file::open_regular;

/// Characters with a meaning of their own in a delimiter, which is a regular expression to Kafka's tool.
const SPECIAL: &[char] = &['\\', '.', '[', '{', '(', '*', '+', '?', '^', '$', '|', ')'];

/// The payloads of a file in their order, at least one. Copies share them.
#[derive(Clone, PartialEq, Eq)]
pub struct Payloads {
    text: Arc<str>,
    /// Where each payload ends.
    ends: Arc<[u32]>,
    delimiter_bytes: u32,
}

/// Which payload of a file comes next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// Any of them, all alike.
    Random,
    /// One after the other, and from the start again.
    InTurn,
}

/// Why there are no payloads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileError {
    /// A predicate of the file: `is larger than 64 MiB`.
    pub message: String,
    /// What would be right.
    pub help: &'static str,
}

fn error(message: impl Into<String>, help: &'static str) -> FileError {
    FileError { message: message.into(), help }
}

/// The text that divides payloads. It is plain text, `\n`, `\r\n` and `\t` in two characters each being what Java makes
/// of them.
///
/// # Errors
/// A predicate of the delimiter: one that is empty, or a regular expression.
pub fn plain_delimiter(delimiter: &str) -> Result<String, FileError> {
    let plain = match delimiter {
        "\\n" => "\n",
        "\\r\\n" => "\r\n",
        "\\t" => "\t",
        other => other,
    };
    if plain.is_empty() {
        return Err(error("is empty", "the default is \\n, a new line"));
    }
    if plain.contains(SPECIAL) {
        let message = format!("\"{}\" is a regular expression", short(delimiter));
        return Err(error(message, "here it is plain text, without any of \\ . [ { ( * + ? ^ $ | )"));
    }
    Ok(plain.to_owned())
}

impl Payloads {
    /// Reads a file in UTF-8 of at most `limit_mib` MiB, divided by a plain delimiter. Empty payloads at the end are none,
    /// as with Java's `split`.
    ///
    /// # Errors
    /// A file that cannot be read, is too large, no text or without payloads.
    pub fn read(file: &Path, delimiter: &str, limit_mib: u32) -> Result<Payloads, FileError> {
        let limit = u64::from(limit_mib.min(1 << 11)) << 20;
        let mut bytes = Vec::new();
        let read = open_regular(file).and_then(|file| file.take(limit + 1).read_to_end(&mut bytes));
        if let Err(failure) = read {
            return Err(error(format!("cannot be read: {failure}"), "check the path"));
        }
        if bytes.len() as u64 > limit {
            return Err(error(
                format!("is larger than {} MiB", limit >> 20),
                "a part of it has the same sizes",
            ));
        }
        let text = String::from_utf8(bytes).map_err(|wrong| {
            let before = &wrong.as_bytes()[..wrong.utf8_error().valid_up_to()];
            let line = 1 + before.iter().filter(|&&byte| byte == b'\n').count();
            error(format!("is no text: line {line} is not UTF-8"), "expected UTF-8")
        })?;
        Payloads::divided(text, delimiter).ok_or_else(|| error("has no payloads", "expected some text"))
    }

    /// Those of a text of less than 4 GiB.
    fn divided(text: String, delimiter: &str) -> Option<Payloads> {
        let mut ends = Vec::new();
        let mut end = 0;
        for payload in text.split(delimiter) {
            end += payload.len() as u32;
            ends.push(end);
            end += delimiter.len() as u32;
        }
        let mut payloads =
            Payloads { text: text.into(), ends: [].into(), delimiter_bytes: delimiter.len() as u32 };
        let is_empty = |ends: &[u32]| match *ends {
            [] => false,
            [only] => only == 0,
            [.., before, last] => last == before + payloads.delimiter_bytes,
        };
        while is_empty(&ends) {
            ends.pop();
        }
        payloads.ends = ends.into();
        (!payloads.ends.is_empty()).then_some(payloads)
    }

    /// All of them, in their order.
    pub fn all(&self) -> impl Iterator<Item = &[u8]> {
        (0..self.count()).map(|at| self.get(at))
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.ends.len()
    }

    /// Bytes of the whole file.
    pub fn file_bytes(&self) -> usize {
        self.text.len()
    }

    /// Their lengths in bytes.
    pub fn sizes(&self) -> impl Iterator<Item = u32> {
        (0..self.count()).map(|number| self.get(number).len() as u32)
    }

    /// The payload with this number, which is below their count.
    pub fn get(&self, number: usize) -> &[u8] {
        let start = match number {
            0 => 0,
            _ => self.ends[number - 1] + self.delimiter_bytes,
        };
        &self.text.as_bytes()[start as usize..self.ends[number] as usize]
    }
}

impl fmt::Debug for Payloads {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Payloads({} in {} bytes)", self.count(), self.file_bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(text: &str, delimiter: &str) -> Vec<String> {
        let payloads = Payloads::divided(text.to_owned(), delimiter).expect("some");
        let text = |number| String::from_utf8(payloads.get(number).to_vec()).expect("UTF-8");
        let texts: Vec<String> = (0..payloads.count()).map(text).collect();
        assert!(payloads.sizes().eq(texts.iter().map(|text| text.len() as u32)));
        texts
    }

    #[test]
    fn a_payload_is_what_is_between_delimiters() {
        assert_eq!(texts("one\n\nfour\nü\n\n", "\n"), ["one", "", "four", "ü"]);
        assert_eq!(texts("a, bb, , ccc", ", "), ["a", "bb", "", "ccc"]);
        assert_eq!(texts("\na", "\n"), ["", "a"]);
        assert_eq!(Payloads::divided("\n\n".to_owned(), "\n"), None);
        assert_eq!(Payloads::divided(String::new(), "\n"), None);
    }

    #[test]
    fn delimiters_are_plain_text() {
        assert_eq!(plain_delimiter("\\r\\n").as_deref(), Ok("\r\n"));
        assert_eq!(plain_delimiter("\n").as_deref(), Ok("\n"));
        assert_eq!(plain_delimiter("").expect_err("empty").message, "is empty");
        assert_eq!(plain_delimiter("|").expect_err("a pattern").message, "\"|\" is a regular expression");
    }
}
