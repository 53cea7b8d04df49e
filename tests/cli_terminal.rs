//! How output looks: colours and characters where there is a terminal, none of them elsewhere, and `run --watch`.

mod support {
    pub mod terminal;
}

use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Output, Stdio};

use support::terminal::{Terminal, is_there, project_file, told};

const ESCAPE: char = '\x1b';

/// A run in which records fail, wait and are retried.
const ROUGH: &str = r#"
title = "A broker dies under a load that is too large for a small buffer"
[run]
duration = "20s"
[cluster]
brokers = 3
replication = 3
min.insync.replicas = 2
[workload]
rate = "2000/s"
value = "500B"
[[producer]]
count = 4
buffer.memory = 100000
max.block.ms = 100
request.timeout.ms = 1000
delivery.timeout.ms = 1500
[[fault]]
at = "5s"
crash = 1
for = "8s"
"#;

fn terminal(name: &str) -> Terminal {
    let terminal = Terminal::new(name);
    terminal.write("rough.toml", ROUGH);
    terminal.write("linger.toml", &project_file("scenarios/linger.toml"));
    terminal
}

fn lingersim(terminal: &Terminal, args: &str, variables: &[(&str, &str)]) -> Output {
    let variables = variables.iter().copied();
    terminal.command("lingersim").args(args.split(' ')).envs(variables).output().expect("the program starts")
}

/// What stands on stdout.
fn printed(terminal: &Terminal, args: &str, variables: &[(&str, &str)]) -> String {
    let output = lingersim(terminal, args, variables);
    assert!(output.status.success(), "{args}: {}", told(&output));
    String::from_utf8(output.stdout).expect("UTF-8")
}

/// What stands on a terminal; `None` where there is no program that has one.
fn shown(terminal: &Terminal, args: &str, variables: &[(&str, &str)]) -> Option<String> {
    if !cfg!(target_os = "linux") || !is_there("script") {
        return None;
    }
    let line = format!("lingersim {args}");
    let variables = variables.iter().copied().chain([("TERM", "xterm")]);
    let mut script = terminal.command("script");
    script.args(["-qec", &line, "/dev/null"]).envs(variables).stdin(Stdio::null());
    let output = script.output().expect("a terminal");
    assert!(output.status.success(), "{args}: {}", told(&output));
    Some(String::from_utf8(output.stdout).expect("UTF-8").replace("\r\n", "\n"))
}

fn without_escapes(text: &str) -> String {
    regex_lite::Regex::new("\x1b\\[[0-9;]*m").expect("an expression").replace_all(text, "").into_owned()
}

#[test]
fn every_line_fits_80_columns_in_all_looks() {
    let terminal = terminal("look-widths");
    for scenario in ["linger.toml", "rough.toml"] {
        for charset in ["auto", "unicode", "ascii"] {
            for color in ["auto", "always", "never"] {
                let args = format!("run {scenario} --quiet --over-time --charset {charset} --color {color}");
                let text = printed(&terminal, &args, &[]);
                assert_eq!(text.contains(ESCAPE), color == "always", "{args}");
                assert_eq!(text.is_ascii(), charset != "unicode", "{args}");
                let bare = without_escapes(&text);
                assert!(bare.contains("Over time") && !bare.contains(ESCAPE), "{bare}");
                for line in bare.lines() {
                    assert!(line.chars().count() <= 80, "{args}: {line}");
                }
            }
        }
    }
}

#[test]
fn files_and_pipes_stay_plain_whatever_the_locale() {
    let terminal = terminal("look-pipes");
    let args = "run rough.toml --quiet --out out";
    let plain = printed(&terminal, args, &[]);
    assert!(plain.is_ascii() && !plain.contains(ESCAPE) && !plain.contains("Over time"), "{plain}");
    let rich = [("LANG", "C.UTF-8"), ("CLICOLOR_FORCE", "1")];
    let coloured = printed(&terminal, args, &rich);
    assert!(coloured.is_ascii() && coloured.contains(ESCAPE), "{coloured}");
    assert_eq!(without_escapes(&coloured), plain);
    assert_eq!(terminal.read("out/summary.txt"), plain);
    assert_eq!(printed(&terminal, args, &[("LANG", "C.UTF-8")]), plain);
    let asked = format!("{args} --charset unicode --color always --over-time");
    printed(&terminal, &asked, &rich);
    assert_eq!(terminal.read("out/summary.txt"), plain);
}

#[test]
fn no_color_wins_over_the_terminal_and_the_option_over_all() {
    let terminal = terminal("look-colours");
    let run = "run rough.toml --quiet";
    for (args, variables, expected) in [
        (run.to_owned(), &[("CLICOLOR_FORCE", "1")][..], true),
        (run.to_owned(), &[("CLICOLOR_FORCE", "")], false),
        (run.to_owned(), &[("CLICOLOR_FORCE", "1"), ("NO_COLOR", "1")], false),
        (format!("{run} --color never"), &[("CLICOLOR_FORCE", "1")], false),
        (format!("--color always {run}"), &[("NO_COLOR", "1")], true),
        // clap's own colours.
        ("run --help".to_owned(), &[("CLICOLOR_FORCE", "1")], true),
        ("run --help --color never".to_owned(), &[("CLICOLOR_FORCE", "1")], false),
        ("--color=always --help".to_owned(), &[("NO_COLOR", "1")], true),
        ("--help".to_owned(), &[], false),
    ] {
        assert_eq!(printed(&terminal, &args, variables).contains(ESCAPE), expected, "{args} {variables:?}");
    }
    for (args, variables, expected) in [
        ("run none.toml", &[("CLICOLOR_FORCE", "1")][..], true),
        ("run none.toml", &[], false),
        ("run none.toml --color always", &[("NO_COLOR", "1")], true),
        ("rnu --color never", &[("CLICOLOR_FORCE", "1")], false),
        ("rnu", &[("CLICOLOR_FORCE", "1")], true),
    ] {
        let output = lingersim(&terminal, args, variables);
        assert_eq!(output.status.code(), Some(2), "{args}");
        let text = String::from_utf8(output.stderr).expect("UTF-8");
        assert_eq!(text.contains(ESCAPE), expected, "{args} {variables:?}: {text}");
        assert!(without_escapes(&text).starts_with("error: "), "{text}");
    }
}

#[test]
fn a_terminal_has_colours_blocks_and_the_run_over_time() {
    let terminal = terminal("look-terminal");
    let run = "run rough.toml --quiet";
    let Some(text) = shown(&terminal, run, &[("LANG", "C.UTF-8")]) else { return };
    assert!(text.contains(ESCAPE) && text.contains('█') && text.contains("Over time"), "{text}");
    assert!(text.contains("^ faults"), "{text}");
    let shown =
        |args: &str, variables: &[(&str, &str)]| shown(&terminal, args, variables).expect("as before");
    let text = shown(run, &[("LANG", "C")]);
    assert!(text.is_ascii() && text.contains(ESCAPE) && text.contains("Over time"), "{text}");
    // The first variable that is set says what the locale is.
    assert!(shown(run, &[("LC_ALL", "C"), ("LANG", "C.UTF-8")]).is_ascii());
    assert!(!shown(run, &[("LC_ALL", ""), ("LC_CTYPE", "de_DE.utf8"), ("LANG", "C")]).is_ascii());
    assert!(shown(&format!("{run} --charset ascii"), &[("LANG", "C.UTF-8")]).is_ascii());
    assert!(!shown(run, &[("LANG", "C.UTF-8"), ("NO_COLOR", "1")]).contains(ESCAPE));
}

#[test]
fn looking_at_a_run_over_time_changes_nothing_else() {
    let terminal = terminal("look-over-time");
    let plain = printed(&terminal, "run rough.toml --quiet", &[]);
    let text = printed(&terminal, "run rough.toml --quiet --over-time", &[]);
    let (before, rest) = text.split_once("\nOver time").expect("the section");
    let (section, after) = rest.split_once("\n\n").expect("its end");
    assert_eq!(format!("{before}\n{after}"), plain);
    let lines: Vec<&str> = section.lines().collect();
    assert!(lines[1].starts_with("    acked records/s, at most "), "{section}");
    assert!(lines[2].len() <= 64 && lines[2].contains('@'), "{section}");
}

#[test]
fn a_check_says_in_colours_what_it_says_in_words() {
    let terminal = terminal("look-check");
    terminal.write("bad.toml", "[thresholds]\nsim-requests = \"value < 1\"\n[run]\nrecords = 10\n");
    let outputs = ["never", "always"].map(|color| {
        let output = lingersim(&terminal, &format!("check bad.toml --quiet --color {color}"), &[]);
        assert_eq!(output.status.code(), Some(1), "{}", told(&output));
        String::from_utf8(output.stdout).expect("UTF-8")
    });
    assert!(outputs[0].starts_with("FAIL bad.toml"), "{}", outputs[0]);
    assert!(outputs[1].starts_with("\x1b[31mFAIL\x1b[0m bad.toml"), "{}", outputs[1]);
    assert_eq!(without_escapes(&outputs[1]), outputs[0]);
}

#[test]
fn watch_is_for_one_summary_of_a_scenario() {
    let terminal = terminal("watch-usage");
    for args in [
        "run --watch --trace t.csv",
        "run linger.toml --watch --format json",
        "run linger.toml --watch --bench",
        "run linger.toml --watch --runs 2",
        "run none.toml --watch",
    ] {
        assert_eq!(lingersim(&terminal, args, &[]).status.code(), Some(2), "{args}");
    }
}

/// A program that ends with the test, however that ends.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn watch_shows_what_a_saved_file_has_changed() {
    let terminal = terminal("watch");
    let mut command = terminal.command("lingersim");
    command.args(["run", "linger.toml", "--watch"]).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut running = Running(command.spawn().expect("the program starts"));
    let mut stderr = BufReader::new(running.0.stderr.take().expect("a pipe"));
    let mut stdout = running.0.stdout.take().expect("a pipe");
    // It says when it waits; nothing here depends on how long anything takes.
    let mut until_it_watches = || {
        let mut said = String::new();
        while !said.contains("watching linger.toml") {
            assert!(stderr.read_line(&mut said).expect("a text") > 0, "it has ended: {said}");
        }
        said
    };
    until_it_watches();
    let scenario = project_file("scenarios/linger.toml");
    terminal.write("linger.toml", &format!("{scenario}\n[oops]\nx = 1\n"));
    assert!(until_it_watches().contains("error: "));
    let changed = scenario.replace("linger.ms = ", "linger.ms = 1");
    assert_ne!(changed, scenario);
    terminal.write("linger.toml", &changed);
    until_it_watches();
    drop(running);
    let mut text = String::new();
    stdout.read_to_string(&mut text).expect("UTF-8");
    assert_eq!(text.matches("\nRecords\n").count(), 1, "{text}");
    let (_, change) = text.split_once("\nSettings\n").expect("what has changed");
    assert!(change.contains("producer.linger.ms: "), "{change}");
    assert!(change.contains("latency p99 ms") && change.contains("worse"), "{change}");
    assert!(text.is_ascii() && text.lines().all(|line| line.len() <= 80), "{text}");
}
