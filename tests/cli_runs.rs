//! `lingersim run --runs N`: several seeds at once.

use std::process::Command;

fn lingersim(args: &[&str]) -> String {
    let output =
        Command::new(env!("CARGO_BIN_EXE_lingersim")).args(args).output().expect("the program starts");
    assert_eq!(output.status.code(), Some(0), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("UTF-8")
}

#[test]
fn several_runs_differ_in_their_seeds_and_are_what_single_runs_are() {
    let args = ["run", "-q", "scenarios/linger.toml", "--records", "500", "--format", "csv"];
    let many = lingersim(&[&args[..], &["--seed", "7", "--runs", "3"]].concat());
    for seed in ["7", "8", "9"] {
        let single = lingersim(&[&args[..], &["--seed", seed]].concat());
        let rows: Vec<&str> = single.lines().skip(1).collect();
        assert!(many.contains(&rows.join("\n")), "seed {seed}");
    }
    assert_eq!(many.lines().filter(|line| line.starts_with("run,seed")).count(), 1);
}

#[test]
fn the_table_has_a_line_a_run_and_three_that_sum_up() {
    let table = lingersim(&["run", "-q", "scenarios/linger.toml", "--records", "500", "--runs", "2"]);
    let names: Vec<&str> = table.lines().filter_map(|line| line.split_whitespace().next()).collect();
    assert_eq!(names, ["seed", "1", "2", "smallest", "mean", "largest"]);
}
