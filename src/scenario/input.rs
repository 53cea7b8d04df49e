//! Reading small input files whole: never more than a limit, never a folder, never binary data as text.

use std::io::{ErrorKind, Read};
use std::path::Path;

use crate::values::file::open_regular;

/// Why a file is no input.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InputError {
    /// A predicate: `does not exist`.
    pub message: String,
    /// What to do about it.
    pub help: String,
}

fn error(message: impl Into<String>, help: impl Into<String>) -> InputError {
    InputError { message: message.into(), help: help.into() }
}

/// The text of an UTF-8 file, without a byte order mark.
pub fn read_utf8(path: &Path, limit: u64) -> Result<String, InputError> {
    let bytes = read(path, limit)?;
    match String::from_utf8(bytes) {
        Ok(text) => Ok(text.strip_prefix('\u{feff}').map(str::to_owned).unwrap_or(text)),
        Err(wrong) => {
            let at = wrong.utf8_error().valid_up_to();
            let line = 1 + wrong.as_bytes()[..at].iter().filter(|&&byte| byte == b'\n').count();
            let byte = wrong.as_bytes()[at];
            let message = format!("is no text: byte 0x{byte:02x} in line {line} is not UTF-8");
            Err(error(message, "expected a text file in UTF-8"))
        }
    }
}

/// The text of a file in ISO-8859-1, in which every byte is a character.
pub fn read_latin1(path: &Path, limit: u64) -> Result<String, InputError> {
    Ok(read(path, limit)?.into_iter().map(char::from).collect())
}

fn read(path: &Path, limit: u64) -> Result<Vec<u8>, InputError> {
    let file =
        open_regular(path).map_err(|failure| cannot_open(path, failure.kind(), &failure.to_string()))?;
    let mut bytes = Vec::new();
    // One byte more than allowed: enough to see that a file is too large, whatever its size is said to be.
    file.take(limit + 1)
        .read_to_end(&mut bytes)
        .map_err(|failure| cannot_open(path, failure.kind(), &failure.to_string()))?;
    if bytes.len() as u64 > limit {
        return Err(error(format!("is larger than {limit} bytes"), "is it another kind of file?"));
    }
    Ok(bytes)
}

fn cannot_open(path: &Path, kind: ErrorKind, failure: &str) -> InputError {
    match kind {
        ErrorKind::NotFound => error("does not exist", neighbours(path)),
        ErrorKind::IsADirectory => error("is a folder", "expected a file"),
        ErrorKind::PermissionDenied => error("may not be read", "check its permissions"),
        _ => error(format!("cannot be read: {failure}"), "expected a file"),
    }
}

/// A file with nearly the same name beside the missing one, else the folder that is missing too.
pub fn neighbours(path: &Path) -> String {
    let folder = match path.parent() {
        Some(folder) if folder.as_os_str().is_empty() => Path::new("."),
        Some(folder) => folder,
        None => return "check the path".to_owned(),
    };
    let Ok(entries) = std::fs::read_dir(folder) else {
        return format!("its folder {} cannot be read either", folder.display());
    };
    let mut names: Vec<String> = entries
        .flatten()
        .take(10_000)
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .collect();
    names.sort_unstable();
    let wanted = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let near = crate::values::nearest::nearest(&wanted, names.iter().map(String::as_str));
    crate::values::nearest::did_you_mean(&near).unwrap_or_else(|| "check the path".to_owned())
}
