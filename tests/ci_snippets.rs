//! The snippets in `docs/ci`: the commands that they run are run, on a scenario that is as it should be and on two that
//! are not, and must leave the files that the snippet hands over.

#[path = "support/terminal.rs"]
mod terminal;

use terminal::{Terminal, is_there, project_file, told};

const PROPERTIES: &str = "linger.ms=5\n";
const SCENARIO: &str = "[run]\nduration = \"2s\"\n[producer]\nproperties-file = \"producer.properties\"\n[workload]\n\
    rate = \"500/s\"\n[thresholds]\n\"sim-record-latency\" = \"p(99) < 25ms\"\n\"sim-lost-records\" = \"value == 0\"\n";

/// What a snippet does.
#[derive(Debug)]
struct Snippet {
    name: &'static str,
    /// In the order in which it runs them.
    commands: Vec<String>,
    /// Of the system that runs it, and its own.
    variables: Vec<(String, String)>,
    /// Files that it hands over.
    files: Vec<String>,
}

/// A project with a good scenario, whose baseline has been accepted.
fn project(name: &str) -> Terminal {
    let terminal = Terminal::new(name);
    terminal.write("scenarios/producer.properties", PROPERTIES);
    terminal.write("scenarios/orders.toml", SCENARIO);
    terminal.succeed("lingersim baseline accept scenarios/orders.toml");
    terminal
}

fn variable(name: &str, value: &str) -> (String, String) {
    (name.to_owned(), value.to_owned())
}

/// The lines below `head` that are further in, without what they are further in by.
fn below(text: &str, head: &str) -> Vec<String> {
    let mut lines = text.lines().skip_while(|line| line.trim() != head);
    let depth = |line: &str| line.len() - line.trim_start().len();
    let Some(outer) = lines.next().map(depth) else { panic!("no `{head}`") };
    lines.take_while(|line| depth(line) > outer).map(|line| line.trim().to_owned()).collect()
}

/// The items of a list.
fn items(text: &str, head: &str) -> Vec<String> {
    let item = |line: String| line.strip_prefix("- ").map(str::to_owned);
    below(text, head).into_iter().filter_map(item).collect()
}

/// All values of a key.
fn values<'a>(text: &'a str, key: &str) -> Vec<&'a str> {
    text.lines().filter_map(|line| line.trim().strip_prefix(key)?.strip_prefix(": ")).collect()
}

fn github() -> Snippet {
    let text = project_file("docs/ci/github-workflow.yml");
    let steps: Vec<&str> = text.split("      - name: ").skip(1).collect();
    let step = |name: &str| steps.iter().find(|step| step.starts_with(name)).copied().expect("a step");
    let artefact = text.split("actions/upload-artifact").nth(1).expect("an upload");
    Snippet {
        name: "github",
        commands: ["Install", "Check"].iter().flat_map(|name| below(step(name), "run: |")).collect(),
        variables: vec![
            variable("CI", "true"),
            variable("GITHUB_ACTIONS", "true"),
            variable("GITHUB_STEP_SUMMARY", "summary.md"),
        ],
        files: values(artefact, "path").into_iter().chain(["summary.md"]).map(str::to_owned).collect(),
    }
}

fn gitlab() -> Snippet {
    let text = project_file("docs/ci/gitlab-ci.yml");
    let artefacts = &text[text.find("artifacts:").expect("artefacts")..];
    let mut files = items(artefacts, "paths:");
    files.extend(values(artefacts, "junit").into_iter().map(str::to_owned));
    Snippet {
        name: "gitlab",
        commands: items(&text, "before_script:").into_iter().chain(items(&text, "script:")).collect(),
        variables: vec![
            variable("CI", "true"),
            variable("GITLAB_CI", "true"),
            variable("CI_PROJECT_DIR", "."),
        ],
        files,
    }
}

fn jenkins() -> Snippet {
    let text = project_file("docs/ci/Jenkinsfile");
    let quoted = |line: &str, word: &str| {
        let rest = line.trim().strip_prefix(word)?.strip_prefix(" '")?;
        rest.strip_suffix('\'').map(str::to_owned)
    };
    let all = |word: &str| text.lines().filter_map(|line| quoted(line, word)).collect::<Vec<String>>();
    let variables = text.lines().filter_map(|line| {
        let (name, value) = line.trim().split_once(" = ")?;
        Some(variable(name, value.trim_matches('\'')))
    });
    let mut files = all("junit");
    files.extend(all("archiveArtifacts"));
    Snippet { name: "jenkins", commands: all("sh"), variables: variables.collect(), files }
}

fn pre_commit() -> Snippet {
    let text = project_file("docs/ci/pre-commit-config.yaml");
    let commands = values(&text, "entry").into_iter().map(str::to_owned).collect();
    Snippet { name: "pre-commit", commands, variables: vec![variable("CI", "true")], files: Vec::new() }
}

/// Runs it on a project; every command in a shell of its own would be as good, but for `export`.
fn run(snippet: &Snippet, terminal: &Terminal) -> (Option<i32>, String) {
    for file in &snippet.files {
        let _ = std::fs::remove_file(terminal.folder.join(file));
    }
    let output = terminal.sh(&snippet.commands.join("\n"), &snippet.variables);
    for file in &snippet.files {
        assert!(!terminal.read(file).is_empty(), "{}: {file}", snippet.name);
    }
    (output.status.code(), told(&output))
}

#[test]
fn every_snippet_passes_what_is_good_and_fails_what_is_not() {
    for (snippet, files) in [(github(), 2), (gitlab(), 2), (jenkins(), 2), (pre_commit(), 0)] {
        let name = snippet.name;
        let checks = snippet.commands.iter().filter(|command| command.starts_with("lingersim check")).count();
        assert!(checks == 1 && snippet.files.len() == files, "{snippet:?}");

        let terminal = project(&format!("ci-{name}"));
        let (code, said) = run(&snippet, &terminal);
        assert_eq!(code, Some(0), "{name}: {said}");

        // A gate that does not hold.
        terminal.write("scenarios/orders.toml", &SCENARIO.replace("25ms", "1ms"));
        let (code, said) = run(&snippet, &terminal);
        assert_eq!(code, Some(1), "{name}: {said}");
        assert!(said.contains("p(99) < 1ms: observed"), "{name}: {said}");
        for file in &snippet.files {
            assert!(terminal.read(file).contains("p(99) &lt; 1ms"), "{name}: {}", terminal.read(file));
        }
        assert_eq!(said.contains("::error file=scenarios/orders.toml,line=8"), name == "github", "{said}");

        // Somebody turns a knob: all gates hold, but it is not what was agreed to.
        terminal.write("scenarios/orders.toml", SCENARIO);
        terminal.write("scenarios/producer.properties", "linger.ms=6\n");
        let (code, said) = run(&snippet, &terminal);
        assert_eq!(code, Some(1), "{name}: {said}");
        assert!(said.contains("linger.ms: 5 -> 6"), "{name}: {said}");
        assert!(!terminal.has("scenarios/baselines/orders.json.new"), "{name}: nothing is written in CI");

        // Nonsense is no failed gate.
        terminal.write("scenarios/producer.properties", "linger.ms=six\n");
        let output = terminal.sh(&snippet.commands.join("\n"), &snippet.variables);
        assert_eq!(output.status.code(), Some(2), "{name}: {}", told(&output));
    }
}

/// Without `lingersim` on the path, each snippet builds it; `cargo` is one that only writes down what it was asked for.
#[test]
fn every_snippet_installs_what_is_not_there() {
    for snippet in [github(), gitlab(), jenkins()] {
        let terminal = Terminal::new(&format!("ci-install-{}", snippet.name));
        terminal.write("cargo", "#!/bin/sh\necho \"$@\" >> asked\n");
        terminal.succeed("chmod +x cargo; mkdir programs; mv cargo programs/");
        let install: Vec<&str> = (snippet.commands.iter().map(String::as_str))
            .filter(|command| !command.starts_with("lingersim check"))
            .collect();
        let mut variables = snippet.variables.clone();
        variables.push(variable("LINGERSIM_GIT", "https://git.example.com/lingersim.git"));
        let script = format!("PATH=\"$PWD/programs\"\n{}", install.join("\n"));
        let output = terminal.sh(&script, &variables);
        assert!(output.status.success(), "{}", told(&output));
        let asked = terminal.read("asked");
        let end = "--git https://git.example.com/lingersim.git\n";
        assert!(asked.starts_with("install --locked ") && asked.ends_with(end), "{asked}");
    }
}

/// Makes the project a repository of git, with everything about to be committed.
fn staged(terminal: &Terminal) {
    terminal.succeed(
        "git init -q && git config user.name somebody && git config user.email somebody@example.com && git add .",
    );
}

#[test]
fn the_hook_of_git_lets_only_good_configurations_be_committed() {
    if !is_there("git") {
        eprintln!("git is not here: its hook is not run");
        return;
    }
    let terminal = project("ci-git-hook");
    staged(&terminal);
    terminal.write(".git/hooks/pre-commit", &project_file("docs/ci/pre-commit"));
    terminal.succeed("chmod +x .git/hooks/pre-commit; git commit -q -m good");
    commits_are_guarded(&terminal);
    // What has nothing to do with scenarios is not checked.
    terminal.succeed("git reset -q --hard; git clean -q -f -d");
    terminal.write("notes.txt", "more\n");
    terminal.succeed("git add . && PATH=/usr/bin:/bin git commit -q -m notes");
}

#[test]
fn pre_commit_lets_only_good_configurations_be_committed() {
    if !is_there("pre-commit") {
        eprintln!("pre-commit is not here: only the entry of its hook is run");
        return;
    }
    let terminal = project("ci-pre-commit-real");
    terminal.write(".pre-commit-config.yaml", &project_file("docs/ci/pre-commit-config.yaml"));
    staged(&terminal);
    terminal.succeed("pre-commit install && git commit -q -m good");
    commits_are_guarded(&terminal);
}

/// A knob that somebody has turned cannot be committed until it has been accepted.
fn commits_are_guarded(terminal: &Terminal) {
    terminal.write("scenarios/producer.properties", "linger.ms=6\n");
    let output = terminal.sh("git commit -q -a -m changed", &[]);
    let said = told(&output);
    assert!(!output.status.success() && said.contains("linger.ms: 5 -> 6"), "{said}");
    terminal.succeed("test -f scenarios/baselines/orders.json.new");
    terminal.succeed("lingersim baseline accept && git commit -q -a -m accepted");
}
