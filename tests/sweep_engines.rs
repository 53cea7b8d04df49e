//! The examples of `examples/sweep` for those who outgrow one machine: each makes the files of one run. Where an engine can
//! not be had, what it would start is started in its place.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

const STUDY: &str = "[run]\nduration = \"200ms\"\n[workload]\nrate = \"500/s\"\n[sweep]\nreplications = 2\n[sweep.axes]\n\
    linger.ms = \"0..20 step 5\"\nacks = [\"1\", \"all\"]\n";
const SHARDS: usize = 3;

fn example(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/sweep").join(name)
}

/// A folder with the study, and what one run makes of it.
fn study(name: &str) -> (PathBuf, BTreeMap<String, Vec<u8>>) {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("engines").join(name);
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).expect("a folder");
    fs::write(folder.join("study.toml"), STUDY).expect("a file");
    succeed(with_path(&folder, "lingersim").args(["sweep", "study.toml", "--out", "whole", "-q"]));
    let whole = files(&folder.join("whole"));
    (folder, whole)
}

/// A command that finds the program on its path.
fn with_path(folder: &Path, program: &str) -> Command {
    let own = Path::new(env!("CARGO_BIN_EXE_lingersim")).parent().expect("a folder").display().to_string();
    let program = if program == "lingersim" { env!("CARGO_BIN_EXE_lingersim") } else { program };
    let mut command = Command::new(program);
    command.current_dir(folder).env("PATH", format!("{own}:/usr/local/bin:/usr/bin:/bin"));
    command
}

fn succeed(command: &mut Command) -> Output {
    let output = command.output().expect("it can be started");
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
    output
}

fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let entries = fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path());
    let made = entries.filter(|path| {
        let name = path.file_name().expect("a name").to_string_lossy().into_owned();
        !name.starts_with("part-") && name != "jobs.log"
    });
    made.map(|path| {
        (path.file_name().expect("a name").to_string_lossy().into_owned(), fs::read(&path).expect("a file"))
    })
    .collect()
}

fn merged(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    succeed(with_path(folder, "lingersim").args(["sweep", "merge", "results"]));
    files(&folder.join("results"))
}

fn can_be_had(program: &str, arguments: &[&str]) -> bool {
    Command::new(program).args(arguments).output().is_ok_and(|output| output.status.success())
}

#[test]
fn gnu_parallel() {
    let (folder, whole) = study("parallel");
    let script = example("parallel.sh");
    if can_be_had("parallel", &["--version"]) {
        succeed(with_path(&folder, "sh").arg(script).args(["study.toml", "results"]).arg(SHARDS.to_string()));
    } else {
        eprintln!("GNU parallel is not here: its jobs are run one by one");
        let text = fs::read_to_string(script).expect("the script");
        let job =
            text.split_once("lingersim sweep \"$study\"").expect("the job").1.lines().next().expect("a line");
        for shard in 1..=SHARDS {
            let job =
                format!("study=study.toml results=results shards={SHARDS}; lingersim sweep \"$study\"{job}");
            succeed(with_path(&folder, "sh").args(["-euc", &job.replace("{}", &shard.to_string())]));
        }
    }
    assert!(merged(&folder) == whole);
}

#[test]
fn slurm() {
    let (folder, whole) = study("slurm");
    let script = example("slurm.sh");
    if can_be_had("sinfo", &[]) {
        let array = format!("--array=0-{}", SHARDS - 1);
        succeed(
            with_path(&folder, "sbatch").args(["--wait", &array]).arg(script).args(["study.toml", "results"]),
        );
    } else {
        eprintln!("Slurm is not here: its tasks are run one by one");
        for task in 0..SHARDS {
            let variables = [
                ("SLURM_ARRAY_TASK_ID", task.to_string()),
                ("SLURM_ARRAY_TASK_MIN", "0".to_owned()),
                ("SLURM_ARRAY_TASK_COUNT", SHARDS.to_string()),
            ];
            succeed(with_path(&folder, "sh").arg(&script).args(["study.toml", "results"]).envs(variables));
        }
    }
    assert!(merged(&folder) == whole);
}

#[test]
fn kubernetes() {
    let (folder, whole) = study("kubernetes");
    let text = fs::read_to_string(example("kubernetes.yaml")).expect("the manifest");
    // What the container runs, with the volumes' folders in place of their mounts.
    let list = text.split_once("command: ").expect("the command").1.lines().next().expect("a line");
    let command: Vec<String> = serde_json::from_str(list).expect("a list of words");
    assert!(text.contains("name: JOB_COMPLETION_COUNT") && text.contains("completionMode: Indexed"));
    for index in 0..SHARDS {
        let words = command[1..].iter().map(|word| match word.as_str() {
            "/study/study.toml" => "study.toml".to_owned(),
            "/results" => "results".to_owned(),
            word => word.to_owned(),
        });
        let variables =
            [("JOB_COMPLETION_INDEX", index.to_string()), ("JOB_COMPLETION_COUNT", SHARDS.to_string())];
        succeed(with_path(&folder, &command[0]).args(words).envs(variables));
    }
    assert!(merged(&folder) == whole);
}

#[test]
fn ray() {
    let (folder, whole) = study("ray");
    let Some(python) = ["python3", "python"].into_iter().find(|name| can_be_had(name, &["--version"])) else {
        eprintln!("Python is not here: the driver is not run");
        return;
    };
    let own = Path::new(env!("CARGO_BIN_EXE_lingersim")).parent().expect("a folder").display().to_string();
    let path = format!("{own}:{}", env!("PATH"));
    let mut driver = Command::new(python);
    driver
        .current_dir(&folder)
        .env("PATH", path)
        .arg(example("ray_sweep.py"))
        .args(["study.toml", "results"]);
    driver.arg(SHARDS.to_string());
    if !can_be_had(python, &["-c", "import ray"]) {
        eprintln!("Ray is not here: a stand-in calls its tasks one by one");
        let stand_in = "class Task:\n    def __init__(self, function):\n        self.remote = function\n\n\
            def remote(**options):\n    return Task\n\n\ndef init():\n    pass\n\n\ndef get(results):\n    return results\n";
        fs::create_dir_all(folder.join("modules")).expect("a folder");
        fs::write(folder.join("modules/ray.py"), stand_in).expect("a file");
        driver.env("PYTHONPATH", folder.join("modules"));
    }
    succeed(&mut driver);
    assert!(files(&folder.join("results")) == whole);
}
