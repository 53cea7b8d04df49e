//! The command that repeats a run which has shown a bug of ours.

use super::args::RunArgs;
use super::exit::Failure;
use super::run::flags;

/// A failure that is our bug says how to repeat it; others stay as they are.
pub fn told(failure: Failure, args: &RunArgs, seed: u64) -> Failure {
    match failure {
        Failure::Bug(text) => Failure::Bug(format!("{text}\nreproduce it with: {}", command(args, seed))),
        other => other,
    }
}

/// What was run, with the one seed that matters, for a shell.
fn command(args: &RunArgs, seed: u64) -> String {
    words(args, seed).iter().map(|word| quoted(word)).collect::<Vec<_>>().join(" ")
}

/// The same as a program takes it, word by word.
pub fn words(args: &RunArgs, seed: u64) -> Vec<String> {
    let mut words = vec!["lingersim".to_owned(), "run".to_owned()];
    words.extend(args.scenario.as_ref().map(|path| path.display().to_string()));
    for (flag, _, value) in flags(args).into_iter().filter(|(flag, ..)| *flag != "--seed") {
        words.push(flag.to_owned());
        if flag != "--no-keys" {
            words.push(value);
        }
    }
    args.set.iter().for_each(|set| words.extend(["--set".to_owned(), set.clone()]));
    words.extend(["--seed".to_owned(), seed.to_string()]);
    words
}

/// As a shell wants it.
pub(super) fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:=,+@%".contains(c);
    match !word.is_empty() && word.chars().all(plain) {
        true => word.to_owned(),
        false => format!("'{}'", word.replace('\'', r"'\''")),
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::super::args::{Args, Command};
    use super::*;

    fn run_args(words: &[&str]) -> RunArgs {
        match Args::try_parse_from(["lingersim", "run"].iter().chain(words)).map(|args| args.command) {
            Ok(Command::Run(args)) => *args,
            Ok(_) => panic!("arguments of `run`"),
            Err(error) => panic!("{error}"),
        }
    }

    #[test]
    fn a_bug_is_told_with_the_command_that_shows_it() {
        let words = "--trace t.csv --runs 9 --seed 3 --topic it's --set linger.ms=5 --no-keys --quiet";
        let words: Vec<&str> = words.split(' ').collect();
        let failure = told(Failure::Bug("it is wrong".to_owned()), &run_args(&words), 7);
        let expected = "it is wrong\nreproduce it with: lingersim run --trace t.csv --no-keys --topic 'it'\\''s' --set linger.ms=5 --seed 7";
        assert_eq!(failure, Failure::Bug(expected.to_owned()));
    }

    #[test]
    fn other_failures_stay() {
        let failure = Failure::Environment("the disk is full".to_owned());
        assert_eq!(told(failure.clone(), &run_args(&["a.toml"]), 7), failure);
    }
}
