//! Completions, manual pages and the schema, as the program prints them.

use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use lingersim::config::keys;
use lingersim::scenario::manual::SECTIONS;

const SHELLS: [&str; 5] = ["bash", "zsh", "fish", "elvish", "powershell"];

fn lingersim(args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_lingersim")).args(args).output().expect("the program starts")
}

fn printed(args: &[&str]) -> String {
    let output = lingersim(args);
    assert_eq!(output.status.code(), Some(0), "{args:?}");
    assert!(output.stderr.is_empty(), "{args:?}");
    String::from_utf8(output.stdout).expect("UTF-8")
}

/// The commands as `--help` lists them.
fn commands() -> Vec<String> {
    let help = printed(&["--help"]);
    let list =
        help.lines().skip_while(|line| *line != "Commands:").skip(1).take_while(|line| !line.is_empty());
    let named = |line: &str| line.strip_prefix("  ")?.split_once(' ').map(|(name, _)| name.to_owned());
    let names = list.filter_map(named).filter(|name| !name.is_empty() && name != "help");
    names.collect()
}

/// The long flags of a command as `--help` lists them.
fn flags(command: &str) -> Vec<String> {
    let help = printed(&[command, "--help"]);
    let words =
        help.lines().filter(|line| line.trim_start().starts_with('-')).flat_map(str::split_whitespace);
    words.filter(|word| word.starts_with("--")).map(|word| word.trim_end_matches(',').to_owned()).collect()
}

/// What a program that reads its input says; `None` where there is no such program.
fn said_by(program: &str, args: &[&str], input: &str) -> Option<Output> {
    let mut command = Command::new(program);
    command.args(args).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().ok()?;
    // A reader that has seen enough is no error.
    let _ = child.stdin.take().expect("a pipe").write_all(input.as_bytes());
    Some(child.wait_with_output().expect("it ends"))
}

#[test]
fn completions_name_every_command() {
    let commands = commands();
    assert!(commands.len() >= 8, "{commands:?}");
    for shell in SHELLS {
        let script = printed(&["completions", shell]);
        for command in &commands {
            assert!(script.contains(command.as_str()), "{shell}: no {command}");
        }
        for flag in flags("run") {
            let name = flag.trim_start_matches('-');
            assert!(script.contains(name), "{shell}: no {flag}");
        }
    }
    assert_eq!(lingersim(&["completions", "tcsh"]).status.code(), Some(2));
}

#[test]
fn shells_read_their_completions() {
    for (shell, args) in [("bash", &["-n"][..]), ("zsh", &["-n"]), ("fish", &["--no-execute"])] {
        let Some(output) = said_by(shell, args, &printed(&["completions", shell])) else { continue };
        assert!(output.status.success(), "{shell}: {}", String::from_utf8_lossy(&output.stderr));
    }
}

/// All manual pages by the names of their files.
fn pages(folder: &str) -> Vec<(String, String)> {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(folder);
    printed(&["man", "--out", folder.to_str().expect("UTF-8")]);
    let entries = fs::read_dir(&folder).expect("the pages").map(|entry| entry.expect("an entry"));
    let read = |entry: fs::DirEntry| {
        let name = entry.file_name().into_string().expect("UTF-8");
        (name, fs::read_to_string(entry.path()).expect("a page"))
    };
    let mut pages: Vec<(String, String)> = entries.map(read).collect();
    pages.sort();
    pages
}

/// As it stands in the source of a page.
fn escaped(text: &str) -> String {
    text.replace('-', "\\-")
}

#[test]
fn every_command_has_a_page_with_every_flag() {
    let pages = pages("pages");
    let page = |name: &str| {
        let found = pages.iter().find(|(file, _)| file == name);
        &found.unwrap_or_else(|| panic!("there is no {name}")).1
    };
    assert_eq!(printed(&["man"]), *page("lingersim.1"));
    for command in commands() {
        assert!(page("lingersim.1").contains(&escaped(&format!("lingersim-{command}(1)"))), "{command}");
        let page = page(&format!("lingersim-{command}.1"));
        for flag in flags(&command) {
            assert!(page.contains(&escaped(&flag)), "{command} {flag}");
        }
    }
    assert!(page("lingersim-config-explain.1").contains(&escaped("--kafka")));
}

#[test]
fn the_pages_about_files_name_every_key() {
    let pages = pages("pages-about-files");
    let terms = |name: &str| {
        let text = &pages.iter().find(|(file, _)| file == name).expect("a page").1;
        let lines = text.lines().filter_map(|line| line.strip_prefix("\\fB")?.split_once("\\fR  "));
        lines.map(|(key, _)| key.to_owned()).collect::<Vec<String>>()
    };
    let expected: Vec<String> =
        SECTIONS.iter().flat_map(|section| section.rows).map(|row| escaped(row.key)).collect();
    assert_eq!(terms("lingersim-scenario.5"), expected);
    let mut found = terms("lingersim-producer.5");
    let mut expected: Vec<String> = keys::all().map(|key| escaped(key.name)).collect();
    found.sort();
    expected.sort();
    assert_eq!(found, expected);
}

#[test]
fn formatters_have_nothing_against_the_pages() {
    for (name, text) in pages("pages-to-format") {
        assert!(text.is_ascii(), "{name}");
        if let Some(output) = said_by("groff", &["-man", "-Tascii", "-ww", "-z"], &text) {
            let errors = String::from_utf8_lossy(&output.stderr);
            assert!(output.status.success() && errors.is_empty(), "{name}: {errors}");
        }
        if let Some(output) = said_by("mandoc", &["-T", "lint", "-W", "error"], &text) {
            assert!(output.status.success(), "{name}: {}", String::from_utf8_lossy(&output.stdout));
        }
    }
}

#[test]
fn the_schema_is_printed_as_json() {
    let schema: serde_json::Value = serde_json::from_str(&printed(&["schema"])).expect("JSON");
    assert_eq!(schema, lingersim::report::schema::schema());
}
