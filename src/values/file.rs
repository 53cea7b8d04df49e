//! Opening files that are data.

use std::fs::{self, File};
use std::io::{self, ErrorKind};
use std::path::Path;

/// Opens a regular file for reading. A named pipe would make the program wait for whoever might write to it, and a
/// device may never end.
///
/// # Errors
/// What the system says, or that it is something else than a regular file.
pub fn open_regular(path: &Path) -> io::Result<File> {
    let kind = fs::metadata(path)?.file_type();
    match () {
        () if kind.is_file() => File::open(path),
        () if kind.is_dir() => Err(io::Error::new(ErrorKind::IsADirectory, "it is a folder")),
        () => Err(io::Error::other("it is a pipe or a device, not a regular file")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_regular_files_are_opened() {
        let here = Path::new(env!("CARGO_MANIFEST_DIR"));
        assert!(open_regular(&here.join("Cargo.toml")).is_ok());
        assert_eq!(open_regular(here).expect_err("a folder").kind(), ErrorKind::IsADirectory);
        assert_eq!(open_regular(&here.join("none")).expect_err("no file").kind(), ErrorKind::NotFound);
    }

    #[cfg(unix)]
    #[test]
    fn devices_are_none() {
        let error = open_regular(Path::new("/dev/zero")).expect_err("a device");
        assert_eq!(error.to_string(), "it is a pipe or a device, not a regular file");
    }
}
