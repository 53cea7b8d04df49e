//! Files of payloads, as `kafka-producer-perf-test --payload-file` reads them.

use std::fmt;
use std::io::Read;
use std::path::Path;

use crate::values::excerpt::short;
use crate::values::file::open_regular;

/// Characters with a meaning of their own in a delimiter, which is a regular expression to Kafka's tool.
const SPECIAL: &[char] = &['\\', '.', '[', '{', '(', '*', '+', '?', '^', '$', '|', ')'];

/// Why there are no payloads: a sentence, and what would be right.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PayloadError {
    /// What is wrong.
    pub message: String,
    /// What would be right.
    pub help: &'static str,
}

impl fmt::Display for PayloadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "error: {}\n = help: {}", self.message, self.help)
    }
}

fn error(message: impl Into<String>, help: &'static str) -> PayloadError {
    PayloadError { message: message.into(), help }
}

/// A file of payloads, all of which is held in memory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PayloadFile {
    text: String,
    delimiter: String,
}

impl PayloadFile {
    /// Reads a file in UTF-8 of at most `most_bytes`. The delimiter is plain text, `\n`, `\r\n` and `\t` written with
    /// backslashes being what Java makes of them. `flag` is who gave it.
    ///
    /// # Errors
    /// A file that cannot be read, is too large, no text or without payloads; a delimiter that is a regular expression.
    pub fn read(
        file: &Path,
        flag: &str,
        delimiter: &str,
        most_bytes: u64,
    ) -> Result<PayloadFile, PayloadError> {
        let delimiter = plain(flag, delimiter)?;
        let name = file.display();
        let mut bytes = Vec::new();
        let read = open_regular(file).and_then(|file| file.take(most_bytes + 1).read_to_end(&mut bytes));
        if let Err(failure) = read {
            return Err(error(
                format!("the payload file {name} cannot be read: {failure}"),
                "check the path",
            ));
        }
        if bytes.len() as u64 > most_bytes {
            let message = format!("the payload file {name} is larger than {} MiB", most_bytes >> 20);
            return Err(error(message, "a part of it will do"));
        }
        let text = String::from_utf8(bytes).map_err(|wrong| {
            let valid = &wrong.as_bytes()[..wrong.utf8_error().valid_up_to()];
            let line = 1 + valid.iter().filter(|&&byte| byte == b'\n').count();
            error(format!("the payload file {name} is no text: line {line} is not UTF-8"), "expected UTF-8")
        })?;
        let payloads = PayloadFile { text, delimiter };
        match payloads.payloads().is_empty() {
            true => Err(error(format!("the payload file {name} has no payloads"), "expected some text")),
            false => Ok(payloads),
        }
    }

    /// Its payloads in their order, at least one. Empty ones at the end are none, as with Java's `split`.
    pub fn payloads(&self) -> Vec<&str> {
        let mut payloads: Vec<&str> = self.text.split(&self.delimiter).collect();
        while payloads.last().is_some_and(|payload| payload.is_empty()) {
            payloads.pop();
        }
        payloads
    }
}

/// The text that divides payloads.
fn plain(flag: &str, delimiter: &str) -> Result<String, PayloadError> {
    let escaped = match delimiter {
        "\\n" => "\n",
        "\\r\\n" => "\r\n",
        "\\t" => "\t",
        other => other,
    };
    if escaped.is_empty() {
        return Err(error(format!("{flag} is empty"), "the default is \\n, a new line"));
    }
    if escaped.contains(SPECIAL) {
        let message = format!("{flag} \"{}\" is a regular expression", short(delimiter));
        return Err(error(message, "here it is plain text, without any of \\ . [ { ( * + ? ^ $ | )"));
    }
    Ok(escaped.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sizes_of(name: &str, text: &[u8], delimiter: &str) -> Result<Vec<u32>, String> {
        let file = std::env::temp_dir().join(format!("lingersim-payload-{}-{name}", std::process::id()));
        std::fs::write(&file, text).expect("a temporary file");
        let read = PayloadFile::read(&file, "--delimiter", delimiter, 20).map_err(|error| error.message);
        let sizes = read.map(|read| read.payloads().iter().map(|payload| payload.len() as u32).collect());
        std::fs::remove_file(&file).expect("it was there");
        sizes.map_err(|message| message.replace(&file.display().to_string(), "FILE"))
    }

    #[test]
    fn a_payload_is_what_is_between_delimiters() {
        assert_eq!(sizes_of("lines", b"one\n\nfour\n\xc3\xbc\n\n", "\\n"), Ok(vec![3, 0, 4, 2]));
        assert_eq!(sizes_of("commas", b"a,bb\n,ccc", ","), Ok(vec![1, 3, 3]));
        assert_eq!(sizes_of("tab", b"a\tbb", "\\t"), Ok(vec![1, 2]));
    }

    #[test]
    fn what_has_no_payloads_is_said() {
        let message =
            |name: &str, text: &[u8], delimiter| sizes_of(name, text, delimiter).expect_err("wrong");
        assert_eq!(message("empty", b"", "\\n"), "the payload file FILE has no payloads");
        assert_eq!(message("ends", b"\n\n", "\\n"), "the payload file FILE has no payloads");
        let wrong = message("binary", b"a\nb\n\xff", "\\n");
        assert_eq!(wrong, "the payload file FILE is no text: line 3 is not UTF-8");
        assert_eq!(message("bar", b"a|b", "|"), "--delimiter \"|\" is a regular expression");
        assert_eq!(message("none", b"a", ""), "--delimiter is empty");
        assert_eq!(message("long", &[b'a'; 21], "\\n"), "the payload file FILE is larger than 0 MiB");
    }
}
