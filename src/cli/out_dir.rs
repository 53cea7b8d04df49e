//! `--out DIR`: files appear complete or not at all.

use std::fs;
use std::io::{self, Write};
use std::path::Path;

use super::exit::Failure;

/// Writes files into a folder, which is made if needed. Each is written under a temporary name first and then
/// renamed, so that no reader ever sees a part of it.
///
/// # Errors
/// [`Failure::Environment`] with the file that could not be written.
pub fn write(folder: &Path, files: &[(&str, String)]) -> Result<(), Failure> {
    let fail = |path: &Path, error: io::Error| {
        Failure::Environment(format!("cannot write {}: {error}", path.display()))
    };
    fs::create_dir_all(folder).map_err(|error| fail(folder, error))?;
    for (name, text) in files {
        let path = folder.join(name);
        let temporary = folder.join(format!(".{name}.{}.tmp", std::process::id()));
        let written = write_synced(&temporary, text).and_then(|()| fs::rename(&temporary, &path));
        if let Err(error) = written {
            // Best effort: the file that could not be written may not exist.
            let _ = fs::remove_file(&temporary);
            return Err(fail(&path, error));
        }
    }
    Ok(())
}

fn write_synced(path: &Path, text: &str) -> io::Result<()> {
    let mut file = fs::File::create(path)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()
}
