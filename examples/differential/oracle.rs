//! The real client, as a process that traces one script after the other.

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

/// A running `oracle/run CLIENT serve`.
pub struct Oracle {
    process: Child,
    requests: ChildStdin,
    answers: BufReader<ChildStdout>,
}

impl Oracle {
    /// Starts the oracle of a client version.
    pub fn start(client: &str) -> Result<Oracle, String> {
        let mut process = Command::new("oracle/run")
            .args([client, "serve"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .map_err(|error| format!("oracle/run cannot be started (run this in the repository): {error}"))?;
        let (requests, answers) = (process.stdin.take(), process.stdout.take());
        let (Some(requests), Some(answers)) = (requests, answers) else {
            return Err("the oracle has no pipes".to_owned());
        };
        Ok(Oracle { process, requests, answers: BufReader::new(answers) })
    }

    /// Writes the trace of a script; the inner error is why the oracle would not.
    pub fn trace(&mut self, script: &Path, trace: &Path) -> Result<Result<(), String>, String> {
        let ended = |error: std::io::Error| format!("the oracle has ended: {error}");
        writeln!(self.requests, "{}\t{}", script.display(), trace.display()).map_err(ended)?;
        self.requests.flush().map_err(ended)?;
        let mut answer = String::new();
        if self.answers.read_line(&mut answer).map_err(ended)? == 0 {
            return Err("the oracle has ended".to_owned());
        }
        Ok(match answer.trim_end() {
            "ok" => Ok(()),
            problem => Err(problem.to_owned()),
        })
    }
}

impl Drop for Oracle {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
