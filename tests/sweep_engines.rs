//! The examples of `examples/sweep` for those who outgrow one machine: each makes the files of one run, also if a shard
//! fails in between. Where an engine is not here, what it would start is started in its place.

#[path = "support/terminal.rs"]
mod terminal;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Output;

use serde_json::Value;
use terminal::{Terminal, is_there, project_file, told};

const SHARDS: usize = 3;

/// A folder with all examples, and what one run makes of the study in `whole`.
fn terminal(name: &str) -> Terminal {
    let terminal = Terminal::new(&format!("engine-{name}"));
    let examples = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/sweep");
    for entry in fs::read_dir(examples).expect("the examples") {
        let path = entry.expect("an example").path();
        let name = path.file_name().expect("a name").to_string_lossy().into_owned();
        terminal.write(&name, &fs::read_to_string(&path).expect("a text"));
    }
    terminal.succeed("lingersim sweep study.toml --out whole --quiet");
    terminal
}

/// What is made of a whole sweep.
fn files(terminal: &Terminal, folder: &str) -> BTreeMap<String, Vec<u8>> {
    let mut files = BTreeMap::new();
    for entry in fs::read_dir(terminal.folder.join(folder)).expect("a folder") {
        let path = entry.expect("an entry").path();
        let name = path.file_name().expect("a name").to_string_lossy().into_owned();
        if !name.starts_with("part-") && name != "jobs.log" {
            files.insert(name, fs::read(&path).expect("a file"));
        }
    }
    assert!(files.contains_key("runs.csv") && files.contains_key("pareto.svg"), "{:?}", files.keys());
    files
}

fn is_as_one_run(terminal: &Terminal) {
    assert!(files(terminal, "results") == files(terminal, "whole"), "shards make other files than one run");
}

/// Puts a `lingersim` before the real one whose shard 2 fails a few times; each attempt is a line of the file `attempts`.
fn make_flaky(terminal: &Terminal, failures: usize, code: i32) -> String {
    let (here, program) = (terminal.folder.display(), env!("CARGO_BIN_EXE_lingersim"));
    terminal.write(
        "flaky/lingersim",
        &format!(
            "#!/bin/sh\ncase \"$*\" in *'--shard 2/{SHARDS}'*)\n    echo attempt >> '{here}/attempts'\n    \
             [ $(wc -l < '{here}/attempts') -gt {failures} ] || exit {code}\nesac\nexec '{program}' \"$@\"\n"
        ),
    );
    terminal.succeed("chmod +x flaky/lingersim; rm -f attempts");
    format!("PATH='{here}/flaky':\"$PATH\"; export PATH; ")
}

fn attempts(terminal: &Terminal) -> usize {
    terminal.read("attempts").lines().count()
}

#[test]
fn gnu_parallel() {
    let terminal = terminal("parallel");
    if !is_there("parallel") {
        eprintln!("GNU parallel is not here: its jobs are run one by one");
        let script = terminal.read("parallel.sh");
        let job =
            script.lines().map(str::trim).find(|line| line.starts_with("lingersim sweep \"$scenario\""));
        for shard in 1..=SHARDS {
            let job = job.expect("a job").replace("{}", &shard.to_string());
            terminal.succeed(&format!("scenario=study.toml out=results shards={SHARDS}; {job}"));
        }
        terminal.succeed("lingersim sweep merge results");
        return is_as_one_run(&terminal);
    }
    // It tries twice by itself; then the whole ends, and goes on when it is run again.
    let command = format!("{}sh parallel.sh study.toml results {SHARDS}", make_flaky(&terminal, 2, 5));
    let output = terminal.sh(&command, &[]);
    assert!(!output.status.success() && !terminal.has("results/runs.csv"), "{}", told(&output));
    assert_eq!(attempts(&terminal), 2);
    terminal.succeed(&command);
    is_as_one_run(&terminal);
    terminal.succeed(&command);
    assert_eq!(attempts(&terminal), 3, "what is done is not done again");
}

#[test]
fn slurm() {
    let terminal = terminal("slurm");
    if is_there("sbatch") && terminal.sh("sinfo -h | grep -q .", &[]).status.success() {
        terminal.succeed(&format!(
            "sbatch --wait --array=1-{SHARDS} --cpus-per-task=1 slurm.sh study.toml results"
        ));
    } else {
        eprintln!("Slurm is not here: the tasks of its array are run one by one");
        assert!(terminal.read("slurm.sh").contains("\n#SBATCH --array=1-16\n"));
        for task in 1..=SHARDS {
            let variables = [
                ("SLURM_ARRAY_TASK_ID", task),
                ("SLURM_ARRAY_TASK_MIN", 1),
                ("SLURM_ARRAY_TASK_COUNT", SHARDS),
                ("SLURM_CPUS_PER_TASK", 2),
            ];
            let variables = variables.map(|(name, value)| (name.to_owned(), value.to_string()));
            let output = terminal.sh("sh slurm.sh study.toml results", &variables);
            assert!(output.status.success(), "{}", told(&output));
        }
    }
    terminal.succeed("lingersim sweep merge results");
    is_as_one_run(&terminal);
}

/// The items of the first list below `head`.
fn items(text: &str, head: &str) -> Vec<String> {
    let mut lines = text.lines().skip_while(|line| line.trim() != head).skip(1);
    let item = |line: &str| line.trim().strip_prefix("- ").map(str::to_owned);
    std::iter::from_fn(|| lines.next().and_then(item)).collect()
}

/// What the container of a manifest runs, on folders of this machine.
fn container(terminal: &Terminal, manifest: &str) -> String {
    let command = items(&terminal.read(manifest), "command:").join(" ");
    assert!(command.starts_with("lingersim sweep "), "{command}");
    command.replace("/study/", "").replace("/results", "results")
}

#[test]
fn kubernetes() {
    let terminal = terminal("kubernetes");
    let text = terminal.read("kubernetes.yaml");
    let shards = text.lines().find_map(|line| line.trim().strip_prefix("completions: ")).expect("a number");
    assert!(text.contains(&format!("- name: JOB_COMPLETION_COUNT\n              value: \"{shards}\"\n")));
    for index in 0..shards.parse::<usize>().expect("a number") {
        let variables =
            [("JOB_COMPLETION_INDEX", index.to_string()), ("JOB_COMPLETION_COUNT", shards.into())];
        let variables = variables.map(|(name, value)| (name.to_owned(), value));
        let output = terminal.sh(&container(&terminal, "kubernetes.yaml"), &variables);
        assert!(output.status.success(), "{}", told(&output));
    }
    terminal.succeed(&container(&terminal, "kubernetes-merge.yaml"));
    is_as_one_run(&terminal);
}

/// Without a cluster `kubectl` validates nothing, but it leaves out what it does not know.
#[test]
fn kubernetes_knows_everything_in_the_manifests() {
    if !is_there("kubectl") {
        eprintln!("kubectl is not here: manifests are not read by it");
        return;
    }
    let terminal = terminal("kubectl");
    for manifest in ["kubernetes.yaml", "kubernetes-merge.yaml"] {
        let json = terminal.succeed(&format!("kubectl label --local -f {manifest} a=b -o json"));
        let read: Value = serde_json::from_str(&json).unwrap_or_else(|error| panic!("{error}: {json}"));
        let text = terminal.read(manifest);
        for line in text.lines().filter(|line| !line.starts_with('#')) {
            let key = line.trim().trim_start_matches("- ").split_once(':').map(|(key, _)| key);
            assert!(key.is_none_or(|key| json.contains(&format!("\"{key}\": "))), "{manifest}: {line}");
        }
        if manifest == "kubernetes.yaml" {
            let spec = &read["spec"];
            assert_eq!(
                spec["podFailurePolicy"]["rules"][0]["onExitCodes"]["values"].to_string(),
                "[1,2,3,4]"
            );
            assert_eq!(
                (&spec["backoffLimitPerIndex"], &spec["completionMode"]),
                (&3.into(), &"Indexed".into())
            );
        }
    }
}

/// What Ray does with the driver's tasks, at once and one after the other.
const STAND_IN: &str = "def init():
    pass

def get(calls):
    return [call() for call in calls]

def remote(num_cpus, max_retries, retry_exceptions):
    def decorate(function):
        class Task:
            def remote(*arguments):
                def call():
                    for left in reversed(range(max_retries + 1)):
                        try:
                            return function(*arguments)
                        except tuple(retry_exceptions):
                            if left == 0:
                                raise
                return call
        return Task
    return decorate
";

#[test]
fn ray() {
    if !is_there("python3") {
        eprintln!("Python is not here: the driver for Ray is not run");
        return;
    }
    let terminal = terminal("ray");
    if !terminal.sh("python3 -c 'import ray'", &[]).status.success() {
        eprintln!("Ray is not here: a stand-in runs its tasks one by one");
        terminal.write("ray.py", STAND_IN);
    }
    let drive = |failures: usize, code: i32, out: &str| -> Output {
        let flaky = make_flaky(&terminal, failures, code);
        let command =
            format!("{flaky}RAY_USAGE_STATS_ENABLED=0 python3 ray_sweep.py study.toml {out} {SHARDS}");
        terminal.sh(&command, &[])
    };
    let output = drive(2, 5, "results");
    assert!(output.status.success(), "{}", told(&output));
    assert_eq!(attempts(&terminal), 3);
    is_as_one_run(&terminal);
    // Wrong input would be wrong again.
    let output = drive(2, 2, "wrong");
    assert!(
        !output.status.success() && told(&output).contains("shard 2/3 ended with 2"),
        "{}",
        told(&output)
    );
    assert_eq!(attempts(&terminal), 1);
}

#[test]
fn the_documents_name_every_example() {
    let document = project_file("docs/sweep.md");
    for name in
        ["parallel.sh", "slurm.sh", "kubernetes.yaml", "kubernetes-merge.yaml", "ray_sweep.py", "study.toml"]
    {
        assert!(document.contains(&format!("../examples/sweep/{name}")), "{name}");
    }
}
