//! `--out DIR`: files appear complete or not at all.

use std::fs;
use std::io::{self, BufWriter, ErrorKind, Write};
use std::path::Path;

use super::exit::Failure;

/// Writes files into a folder, which is made if needed. Each is written under a temporary name first and then
/// renamed, so that no reader ever sees a part of it.
///
/// # Errors
/// [`Failure::Environment`] with the file that could not be written.
pub fn write(folder: &Path, files: &[(&str, String)]) -> Result<(), Failure> {
    fs::create_dir_all(folder).map_err(|error| fail(folder, &error))?;
    files.iter().try_for_each(|(name, text)| write_whole(folder, name, &[text]))
}

/// Writes one file of these bytes, one after the other, in the same way; its folder is made if needed.
///
/// # Errors
/// [`Failure::Environment`] if it cannot be written.
pub fn write_bytes(folder: &Path, name: &str, parts: &[impl AsRef<[u8]>]) -> Result<(), Failure> {
    fs::create_dir_all(folder).map_err(|error| fail(folder, &error))?;
    write_whole(folder, name, parts)
}

/// Writes one file, in the same way; its folder must exist.
///
/// # Errors
/// [`Failure::Environment`] if it cannot be written, [`Failure::Input`] if it is no name of a file.
pub fn write_file(path: &Path, text: &str) -> Result<(), Failure> {
    let Some(name) = path.file_name().and_then(|name| name.to_str()) else {
        return Err(Failure::Input(format!("error: {} is no name of a file", path.display())));
    };
    write_whole(path.parent().unwrap_or(Path::new("")), name, &[text])
}

/// Writes a file that must not exist yet. Nobody's file is overwritten, not even one that appears at the same moment.
///
/// # Errors
/// [`Failure::Input`] if it exists, [`Failure::Environment`] if it cannot be written.
pub fn write_new_file(path: &Path, text: &str) -> Result<(), Failure> {
    let mut file = fs::File::create_new(path).map_err(|error| match error.kind() {
        ErrorKind::AlreadyExists => {
            let help = "name another file, or print the scenario with --stdout";
            Failure::Input(format!("error: {} exists already\n = help: {help}", path.display()))
        }
        _ => fail(path, &error),
    })?;
    file.write_all(text.as_bytes()).and_then(|()| file.sync_all()).map_err(|error| {
        // Best effort: half a scenario is of no use.
        let _ = fs::remove_file(path);
        fail(path, &error)
    })
}

fn write_whole(folder: &Path, name: &str, parts: &[impl AsRef<[u8]>]) -> Result<(), Failure> {
    let path = folder.join(name);
    let temporary = folder.join(format!(".{name}.{}.tmp", std::process::id()));
    let written = write_synced(&temporary, parts).and_then(|()| fs::rename(&temporary, &path));
    written.map_err(|error| {
        // Best effort: the file that could not be written may not exist.
        let _ = fs::remove_file(&temporary);
        fail(&path, &error)
    })
}

fn fail(path: &Path, error: &io::Error) -> Failure {
    Failure::Environment(format!("cannot write {}: {error}", path.display()))
}

fn write_synced(path: &Path, parts: &[impl AsRef<[u8]>]) -> io::Result<()> {
    let mut file = BufWriter::new(fs::File::create(path)?);
    parts.iter().try_for_each(|part| file.write_all(part.as_ref()))?;
    file.flush()?;
    file.get_ref().sync_all()
}
