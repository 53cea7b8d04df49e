//! The floors of `src/`: a module uses only floors below its own.

use std::fs;
use std::path::{Path, PathBuf};

/// From the ground up. Modules of one floor do not know each other.
const FLOORS: &[&[&str]] = &[
    &["planted", "values"],
    &["engine"],
    &["protocol"],
    &["audit", "config", "registry", "serializer", "wire"],
    &["cluster", "producer", "workload"],
    &["metric"],
    &["scenario"],
    &["world"],
    &["conform", "recording"],
    &["report"],
    &["experiment"],
    &["cli"],
];

fn source() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src")
}

fn floor_of(module: &str) -> Option<usize> {
    FLOORS.iter().position(|floor| floor.contains(&module))
}

fn rust_files(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("a folder of src") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            rust_files(&path, files);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
}

/// The first names behind `crate::` in the code of a file, `use crate::{a, b::c}` included.
fn modules_used(text: &str) -> Vec<String> {
    let mut used = Vec::new();
    for part in text.split("crate::").skip(1) {
        if let Some(list) = part.strip_prefix('{') {
            let mut depth = 0;
            let end = list.find(|c| {
                depth += i32::from(c == '{') - i32::from(c == '}');
                depth < 0
            });
            let mut nested = 0;
            let names = list[..end.unwrap_or(list.len())].split(|c| {
                nested += i32::from(c == '{') - i32::from(c == '}');
                c == ',' && nested == 0
            });
            used.extend(names.map(leading_name));
        } else {
            used.push(leading_name(part));
        }
    }
    used
}

fn leading_name(text: &str) -> String {
    text.trim_start().chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect()
}

#[test]
fn a_module_uses_only_floors_below_its_own() {
    let mut wrong = Vec::new();
    for (floor, modules) in FLOORS.iter().enumerate() {
        for module in *modules {
            let mut files = Vec::new();
            rust_files(&source().join(module), &mut files);
            assert!(!files.is_empty(), "{module} has no files");
            for file in files {
                let text = fs::read_to_string(&file).expect("a source file");
                for used in modules_used(&text) {
                    if used != *module && floor_of(&used).is_some_and(|other| other >= floor) {
                        wrong.push(format!("{} uses {used}", file.display()));
                    }
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn lib_rs_lists_every_module_from_the_ground_up() {
    let text = fs::read_to_string(source().join("lib.rs")).expect("lib.rs");
    let listed: Vec<&str> =
        text.lines().filter_map(|line| line.strip_prefix("pub mod ")?.strip_suffix(';')).collect();
    let expected: Vec<&str> = FLOORS.iter().flat_map(|floor| floor.iter().copied()).collect();
    assert_eq!(listed, expected);
}

#[test]
fn imports_are_read_as_rust_reads_them() {
    let text = "use crate::{world::{a, b}, values};\nlet x = crate::engine::rng::mix(1);";
    assert_eq!(modules_used(text), ["world", "values", "engine"]);
}
