//! The command line itself: help, usage errors, exit codes.

use std::process::{Command, Output};

fn lingersim(args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_lingersim")).args(args).output().expect("the program starts")
}

#[test]
fn help_and_version_go_to_stdout_with_code_0() {
    for args in [&["--help"][..], &["run", "--help"], &["--version"]] {
        let output = lingersim(args);
        assert_eq!(output.status.code(), Some(0), "{args:?}");
        assert!(!output.stdout.is_empty() && output.stderr.is_empty(), "{args:?}");
    }
}

#[test]
fn help_lists_the_exit_codes_and_the_race() {
    let text = String::from_utf8(lingersim(&["run", "--help"]).stdout).expect("UTF-8");
    assert!(text.contains("--bench"), "{text}");
    let text = String::from_utf8(lingersim(&["--help"]).stdout).expect("UTF-8");
    assert!(text.contains("Exit codes:"), "{text}");
}

#[test]
fn wrong_usage_goes_to_stderr_with_code_2() {
    for args in [
        &[][..],
        &["rnu"],
        &["run"],
        &["run", "a.toml", "b.toml"],
        &["run", "a.toml", "--format", "xml"],
        &["run", "--late", "a.csv"],
        &["conform"],
    ] {
        let output = lingersim(args);
        assert_eq!(output.status.code(), Some(2), "{args:?}");
        assert!(output.stdout.is_empty() && !output.stderr.is_empty(), "{args:?}");
    }
}
