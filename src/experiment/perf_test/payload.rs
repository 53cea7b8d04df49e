//! `--payload-file`: how large the payloads of a file are.

use std::fmt;
use std::path::Path;

use crate::workload::payload::file::{FileError, Payloads, plain_delimiter};

/// Size of a file in MiB, all of which is held in memory for a moment.
const FILE_MIB: u32 = 256;

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

/// Bytes of the payloads of a file in UTF-8, in their order.
///
/// # Errors
/// A file that cannot be read, is too large, no text or without payloads; a delimiter that is a regular expression.
pub fn sizes(file: &Path, delimiter: &str) -> Result<Vec<u32>, PayloadError> {
    let of = |subject: String| {
        move |FileError { message, help }| PayloadError { message: format!("{subject} {message}"), help }
    };
    let delimiter = plain_delimiter(delimiter).map_err(of("--payload-delimiter".to_owned()))?;
    let payloads = Payloads::read(file, &delimiter, FILE_MIB)
        .map_err(of(format!("the payload file {}", file.display())))?;
    Ok(payloads.sizes().collect())
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
