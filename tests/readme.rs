//! What the README shows on a terminal is what the program prints.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// A command of a block, with the lines that are shown below it.
struct Shown {
    command: String,
    output: String,
}

/// The blocks of the README that show a terminal.
fn blocks() -> Vec<Vec<Shown>> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md");
    let text = fs::read_to_string(path).expect("the README");
    text.split("```console\n")
        .skip(1)
        .map(|block| {
            let block = block.split_once("```").expect("an end").0;
            let commands = block.strip_prefix("$ ").expect("a command").split("\n$ ");
            commands
                .map(|part| {
                    let (command, output) = part.split_once('\n').unwrap_or((part, ""));
                    let newline = if output.is_empty() || output.ends_with('\n') { "" } else { "\n" };
                    Shown { command: command.to_owned(), output: format!("{output}{newline}") }
                })
                .collect()
        })
        .collect()
}

/// Runs a command in a folder; the files it reads are the README's own.
fn run(folder: &Path, shown: &Shown) -> String {
    let words: Vec<&str> = shown.command.split_whitespace().collect();
    match words[..] {
        ["cat", file] => {
            fs::write(folder.join(file), &shown.output).expect("a file");
            shown.output.clone()
        }
        ["lingersim", ref args @ ..] | ["cargo", "run", "--release", "--", ref args @ ..] => {
            let output = Command::new(env!("CARGO_BIN_EXE_lingersim"))
                .args(args)
                .current_dir(folder)
                .env_remove("CI")
                .output()
                .expect("the program");
            assert!(
                output.status.success(),
                "{}: {}",
                shown.command,
                String::from_utf8_lossy(&output.stderr)
            );
            String::from_utf8(output.stdout).expect("a text")
        }
        _ => panic!("what is `{}`?", shown.command),
    }
}

#[test]
fn the_terminal_shows_what_the_program_prints() {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("readme");
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(folder.join("scenarios")).expect("a folder");
    let linger = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios/linger.toml");
    fs::copy(linger, folder.join("scenarios/linger.toml")).expect("a file");
    let blocks = blocks();
    assert!(blocks.len() >= 2, "the first run, and the comparison");
    for shown in blocks.iter().flatten() {
        let printed = run(&folder, shown);
        // A long report is shown up to some line.
        assert!(printed.starts_with(&shown.output), "{}\n{printed}", shown.command);
        assert_eq!(shown.output.is_empty(), printed.is_empty(), "{}", shown.command);
    }
}

#[test]
fn a_useful_comparison_takes_three_commands_at_most() {
    let blocks = blocks();
    let found = blocks.iter().find(|block| block.iter().any(|shown| shown.command.contains(" compare ")));
    let commands = found.expect("a comparison").iter().filter(|shown| shown.command.starts_with("lingersim"));
    assert!(commands.count() <= 3);
}
