//! `--payload-file`: how large the payloads of a file are.

use std::fmt;
use std::io::Read;
use std::path::Path;

use crate::values::excerpt::short;
use crate::values::file::open_regular;

/// Bytes of a file, all of which are held in memory for a moment.
const FILE_BYTES: u64 = 256 << 20;

/// Characters with a meaning of their own in a delimiter, which is a regular expression to Kafka's tool.
const SPECIAL: &[char] = &['\\', '.', '[', '{', '(', '*', '+', '?', '^', '$', '|', ')'];

/// Why there are no payloads: a sentence, and what would be right.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PayloadError {
    message: String,
    help: &'static str,
}

impl fmt::Display for PayloadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "error: {}\n = help: {}", self.message, self.help)
    }
}

fn error(message: impl Into<String>, help: &'static str) -> PayloadError {
    PayloadError { message: message.into(), help }
}

/// Bytes of the payloads of a file in UTF-8, in their order. The delimiter is plain text, `\n`, `\r` and `\t` in two
/// characters being what Java makes of them. Empty payloads at the end are none, as with Java's `split`.
///
/// # Errors
/// A file that cannot be read, is too large, no text or without payloads; a delimiter that is a regular expression.
pub fn sizes(file: &Path, delimiter: &str) -> Result<Vec<u32>, PayloadError> {
    let delimiter = plain(delimiter)?;
    let name = file.display();
    let mut bytes = Vec::new();
    let read = open_regular(file).and_then(|file| file.take(FILE_BYTES + 1).read_to_end(&mut bytes));
    if let Err(failure) = read {
        return Err(error(format!("the payload file {name} cannot be read: {failure}"), "check the path"));
    }
    if bytes.len() as u64 > FILE_BYTES {
        let message = format!("the payload file {name} is larger than {} MiB", FILE_BYTES >> 20);
        return Err(error(message, "a part of it has the same sizes"));
    }
    let text = std::str::from_utf8(&bytes).map_err(|wrong| {
        let line = 1 + bytes[..wrong.valid_up_to()].iter().filter(|&&byte| byte == b'\n').count();
        error(format!("the payload file {name} is no text: line {line} is not UTF-8"), "expected UTF-8")
    })?;
    let mut sizes: Vec<u32> = text.split(&delimiter).map(|payload| payload.len() as u32).collect();
    while sizes.last() == Some(&0) {
        sizes.pop();
    }
    match sizes.is_empty() {
        true => Err(error(format!("the payload file {name} has no payloads"), "expected some text")),
        false => Ok(sizes),
    }
}

/// The text that divides payloads.
fn plain(delimiter: &str) -> Result<String, PayloadError> {
    let escaped = match delimiter {
        "\\n" => "\n",
        "\\r\\n" => "\r\n",
        "\\t" => "\t",
        other => other,
    };
    if escaped.is_empty() {
        return Err(error("--payload-delimiter is empty", "the default is \\n, a new line"));
    }
    if escaped.contains(SPECIAL) {
        let message = format!("--payload-delimiter \"{}\" is a regular expression", short(delimiter));
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
        let sizes = sizes(&file, delimiter).map_err(|error| error.message);
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
        assert_eq!(message("bar", b"a|b", "|"), "--payload-delimiter \"|\" is a regular expression");
        assert_eq!(message("none", b"a", ""), "--payload-delimiter is empty");
    }
}
