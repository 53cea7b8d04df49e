//! Documents that show files and a terminal: files are written, commands are run in order, and what a document shows
//! has to be what they print. A right text is in `target/tmp/docs`, to be copied.

#[path = "support/terminal.rs"]
mod terminal;

use std::fs;
use std::path::Path;

use terminal::{Terminal, project_file, told};

/// Lines that tell of wall time are left out.
const OF_WALL_TIME: &str = " s wall clock, ";

/// The document as it should be.
fn run(name: &str) -> String {
    let terminal = Terminal::new(&format!("document-{name}"));
    let document = project_file(&format!("docs/{name}.md"));
    let mut right = String::new();
    for (number, part) in document.split("```").enumerate() {
        if number > 0 {
            right.push_str("```");
        }
        let is_block = number % 2 == 1;
        match part.split_once('\n') {
            Some(("console", block)) if is_block => {
                right.push_str("console\n");
                right.push_str(&session(&terminal, block));
            }
            Some((info, block)) if is_block => {
                // A file has its name in a comment at its top, or behind the language: JSON has no comments.
                let head = block.lines().next().and_then(|line| line.strip_prefix("# "));
                let head = head.filter(|head| head.contains('.') && !head.contains(' '));
                let behind = info.split_once(' ').map(|(_, name)| name);
                if let Some(file) = head.or(behind) {
                    terminal.write(file, block);
                }
                right.push_str(part);
            }
            _ => right.push_str(part),
        }
    }
    right
}

/// Runs the commands of a block, and gives the block with what they print.
fn session(terminal: &Terminal, block: &str) -> String {
    let mut shown = String::new();
    let mut last = 0;
    let mut lines = block.lines();
    while let Some(line) = lines.next() {
        let Some(first) = line.strip_prefix("$ ") else { continue };
        let mut command = first.to_owned();
        while command.ends_with('\\') {
            command = format!("{command}\n{}", lines.next().expect("the rest of a command"));
        }
        // Each command has a shell of its own, so that the exit code of the one before is told here.
        let output = if command == "echo $?" {
            format!("{last}\n")
        } else {
            let output = terminal.sh(&command, &[]);
            last = output.status.code().unwrap_or(-1);
            told(&output)
        };
        let lines = output.lines().filter(|line| !line.contains(OF_WALL_TIME));
        let output: String = lines.map(|line| format!("{line}\n")).collect();
        assert!(output.lines().all(|line| line.chars().count() <= 80), "{command}\n{output}");
        shown.push_str(&format!("$ {command}\n{output}"));
    }
    shown
}

fn is_right(name: &str) {
    let right = run(name);
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("docs");
    fs::create_dir_all(&folder).expect("a folder");
    let file = folder.join(format!("{name}.md"));
    fs::write(&file, &right).expect("a file");
    let is = project_file(&format!("docs/{name}.md"));
    assert!(is == right, "docs/{name}.md shows what is not so: copy {}", file.display());
}

#[test]
fn checks() {
    is_right("check");
}

#[test]
fn sweeps() {
    is_right("sweep");
}

#[test]
fn comparisons() {
    is_right("compare");
}

#[test]
fn explanations() {
    is_right("explain");
}

#[test]
fn records() {
    is_right("records");
}

#[test]
fn dumps_of_logs() {
    is_right("dump-log");
}
