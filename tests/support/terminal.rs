//! A folder as on somebody's machine: files, and a shell in which `lingersim` is on the path.

// Each test crate has its own copy, and none uses all of it.
#![allow(dead_code)]

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// A folder with a shell.
#[derive(Debug)]
pub struct Terminal {
    /// Where commands run.
    pub folder: PathBuf,
    path: OsString,
}

impl Terminal {
    /// An empty folder of this name. `lingersim` is a link to the program in a folder beside it.
    pub fn new(name: &str) -> Terminal {
        let whole = Path::new(env!("CARGO_TARGET_TMPDIR")).join("terminal").join(name);
        let _ = fs::remove_dir_all(&whole);
        let (folder, programs) = (whole.join("here"), whole.join("bin"));
        fs::create_dir_all(&folder).expect("a folder");
        fs::create_dir_all(&programs).expect("a folder");
        std::os::unix::fs::symlink(env!("CARGO_BIN_EXE_lingersim"), programs.join("lingersim"))
            .expect("a link");
        let usual = std::env::var_os("PATH").unwrap_or_default();
        let path = std::env::join_paths([programs].into_iter().chain(std::env::split_paths(&usual)))
            .expect("a path");
        Terminal { folder, path }
    }

    /// Writes a file, with the folders it is in.
    pub fn write(&self, name: &str, text: &str) {
        let path = self.folder.join(name);
        fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        fs::write(path, text).expect("a file");
    }

    /// The text of a file.
    pub fn read(&self, name: &str) -> String {
        fs::read_to_string(self.folder.join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
    }

    /// Whether there is such a file.
    pub fn has(&self, name: &str) -> bool {
        self.folder.join(name).exists()
    }

    /// A program that finds `lingersim`, and knows nothing of the CI job or the terminal that this test may run in.
    pub fn command(&self, program: &str) -> Command {
        let mut command = Command::new(program);
        command.current_dir(&self.folder).env("PATH", &self.path).env("HOME", &self.folder);
        for (name, _) in std::env::vars_os() {
            let name = name.to_string_lossy();
            let engines =
                ["CI", "GITHUB_", "SLURM_ARRAY_", "SLURM_CPUS", "JOB_COMPLETION_", "AWS_BATCH_", "GIT_"];
            let looks = ["NO_COLOR", "CLICOLOR", "LC_", "LANG"];
            if engines.iter().chain(&looks).any(|engine| name.starts_with(engine)) {
                command.env_remove(&*name);
            }
        }
        command
    }

    /// Runs a script as CI systems do: it ends at the first command that fails.
    pub fn sh(&self, script: &str, variables: &[(String, String)]) -> Output {
        let variables = variables.iter().map(|(name, value)| (name, value));
        self.command("sh").args(["-e", "-c", script]).envs(variables).output().expect("a shell")
    }

    /// The same without variables; it has to succeed. Gives what it has said.
    pub fn succeed(&self, script: &str) -> String {
        let output = self.sh(script, &[]);
        assert!(output.status.success(), "{script}\n{}", told(&output));
        told(&output)
    }
}

/// Everything that a program has said.
pub fn told(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}

/// A file of this project.
pub fn project_file(path: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Whether a program can be had here.
pub fn is_there(program: &str) -> bool {
    let paths = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&paths).any(|folder| folder.join(program).is_file())
}
