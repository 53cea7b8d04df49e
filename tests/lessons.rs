//! The lessons: what they say of their runs is so, and they say it in every language.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use lingersim::recording::{Limits, record};
use lingersim::report::lesson::{Tour, TourStep, TourWords, tour};
use lingersim::scenario::load::{Loaded, Overrides, from_file, from_text};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios/lessons")
}

/// The scenario files of all lessons.
fn files() -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> = fs::read_dir(folder())
        .expect("the lessons")
        .map(|entry| entry.expect("a file").path())
        .filter(|path| {
            let name = path.file_name().expect("a name").to_string_lossy().into_owned();
            name.ends_with(".toml") && !name.ends_with(".ko.toml")
        })
        .collect();
    files.sort();
    files
}

/// A lesson with all that is computed in it.
fn told(loaded: &Loaded) -> Result<Tour, String> {
    let recording = record(&loaded.scenario, Limits::most(100_000), &mut |_, _| true).expect("a run");
    assert!(recording.is_whole(), "{}: too much for a lesson", loaded.scenario.name);
    tour(&loaded.lesson, &loaded.scenario, &recording).map_err(|error| error.to_string())
}

fn all() -> impl Iterator<Item = (String, Loaded, Tour)> {
    files().into_iter().map(|file| {
        let loaded = from_file(&file, &Overrides::default()).unwrap_or_else(|error| panic!("{error}"));
        let tour = told(&loaded).unwrap_or_else(|error| panic!("{error}"));
        (loaded.scenario.name.clone(), loaded, tour)
    })
}

/// All texts of a step in one language.
fn texts(words: &TourWords) -> impl Iterator<Item = &String> {
    let text = std::iter::once(&words.text);
    text.chain(&words.title).chain(&words.question).chain(&words.why).chain(&words.choices)
}

#[test]
fn every_lesson_is_true_of_its_run_and_of_a_size_for_a_class() {
    assert_eq!(files().len(), 10);
    for (name, loaded, tour) in all() {
        assert_eq!(tour.steps.len(), loaded.lesson.steps.len());
        assert!((6..=10).contains(&tour.steps.len()), "{name} has {} steps", tour.steps.len());
        let questions: Vec<&TourStep> =
            tour.steps.iter().filter(|step| step.words.question.is_some()).collect();
        assert!((3..=5).contains(&questions.len()), "{name} has {} questions", questions.len());
        for step in questions {
            let answer = step.answer.as_ref().expect("an answer");
            let right = step.words.choices.iter().filter(|choice| *choice == answer).count();
            assert_eq!(right, usize::from(!step.words.choices.is_empty()), "{}", step.id);
            assert_eq!(step.right.is_some(), right == 1, "{}", step.id);
            assert!(step.words.why.is_some(), "{} does not say why", step.id);
        }
        assert!(!loaded.guard.gates.is_empty(), "{name} has no thresholds");
    }
}

#[test]
fn every_event_is_at_the_time_of_its_step() {
    for (name, loaded, tour) in all() {
        let recording = record(&loaded.scenario, Limits::most(100_000), &mut |_, _| true).expect("a run");
        let steps: Vec<_> = recording.steps().parts.into_iter().flatten().collect();
        let mut events = 0;
        for (lesson, told) in loaded.lesson.steps.iter().zip(&tour.steps) {
            let Some(event) = lesson.event else { continue };
            let step = steps[told.index - 1];
            assert_eq!((step.kind.word(), step.at), (event, lesson.at), "{name}: {}", told.id);
            events += 1;
        }
        assert!(events >= 5, "{name} has only {events} events");
    }
}

#[test]
fn every_translation_is_complete_and_has_the_same_facts() {
    let is_hangul = |c: char| ('가'..='힣').contains(&c);
    for (name, _, tour) in all() {
        for step in &tour.steps {
            let [(language, words)] = &step.translations[..] else { panic!("{name}: one translation") };
            assert_eq!(language, "ko");
            assert_eq!(words.choices.len(), step.words.choices.len());
            for text in [&words.text].into_iter().chain(&words.question).chain(&words.why) {
                assert!(text.chars().any(is_hangul), "{}: {text}", step.id);
                assert!(text.ends_with(['.', '?']), "{}: {text}", step.id);
                // A particle that does not know what is before it.
                for both in ["은(는)", "이(가)", "을(를)", "와(과)", "(으)로"] {
                    assert!(!text.contains(both), "{}: {text}", step.id);
                }
            }
            for text in texts(&step.words).chain(texts(words)) {
                assert!(!text.contains(['{', '}']), "{}: {text}", step.id);
            }
            assert!(texts(&step.words).all(|text| !text.chars().any(is_hangul)), "{}", step.id);
        }
    }
}

/// A lesson of one file, changed.
fn changed(change: impl Fn(String) -> String) -> Result<Tour, String> {
    let text = fs::read_to_string(folder().join("02-linger.toml")).expect("a lesson");
    let alone = text.replace("lesson-translations = [\"02-linger.ko.toml\"]\n", "");
    let text = change(alone.clone());
    told(&from_text("changed", text).unwrap_or_else(|error| panic!("{error}")))
}

#[test]
fn what_is_not_so_is_told_with_what_would_be_right() {
    let is_wrong = |from: &str, to: &str, expected: &str| {
        let error = changed(|text| {
            assert!(text.contains(from), "{from}");
            text.replacen(from, to, 1)
        });
        let error = error.expect_err(from);
        assert!(error.contains(expected) && error.contains(" --> changed:"), "{error}");
    };
    assert!(changed(|text| text).is_ok());
    is_wrong("at = \"7200us\"", "at = \"7201us\"", "there is one at \"7200us\"");
    is_wrong("highlight = \"batch 3\"", "highlight = \"batch 99\"", "there is none in the whole run");
    is_wrong(
        "choices = [\"1\", \"5\", \"18\"]",
        "choices = [\"1\", \"18\"]",
        "the answer is 5, which is none",
    );
    is_wrong("{batch 3 records}", "{batch 99 records}", "there is no `batch 99 records`");
    // Another run makes a lesson wrong.
    is_wrong(
        "rate = \"400/s\"",
        "rate = \"500/s\"",
        "lesson step `linger-4`: at 15ms there is no event `open`",
    );
}

fn lingersim(folder: &Path, args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_lingersim"))
        .args(args)
        .current_dir(folder)
        .output()
        .expect("the program starts")
}

/// A folder with one lesson and all that belongs to it.
fn copied(name: &str) -> PathBuf {
    let copy = Path::new(env!("CARGO_TARGET_TMPDIR")).join("lessons").join(name);
    if copy.exists() {
        fs::remove_dir_all(&copy).expect("the old folder goes");
    }
    fs::create_dir_all(&copy).expect("a folder");
    for file in ["02-linger.toml", "02-linger.ko.toml"] {
        fs::copy(folder().join(file), copy.join(file)).expect("a file");
    }
    copy
}

#[test]
fn check_holds_lessons_to_their_runs() {
    let folder = copied("check");
    let right = lingersim(&folder, &["check", ".", "-q"]);
    assert_eq!(right.status.code(), Some(0), "{}", String::from_utf8_lossy(&right.stderr));
    let text = fs::read_to_string(folder.join("02-linger.toml")).expect("a lesson");
    fs::write(folder.join("02-linger.toml"), text.replace("at = \"7200us\"", "at = \"7ms\""))
        .expect("a file");
    let wrong = lingersim(&folder, &["check", ".", "-q"]);
    let errors = String::from_utf8(wrong.stderr).expect("UTF-8");
    assert_eq!(wrong.status.code(), Some(2), "{errors}");
    assert!(errors.contains("error: lesson step `linger-3`: at 7ms there is no event `sent`"), "{errors}");
    // With other settings it is another run, of which the lesson says nothing.
    let other = lingersim(&folder, &["check", ".", "-q", "--no-baseline", "--set", "title=x"]);
    assert_eq!(other.status.code(), Some(0), "{}", String::from_utf8_lossy(&other.stderr));
}

#[test]
fn a_page_of_another_run_has_no_lesson() {
    let folder = copied("page");
    for args in [&["--html", "a.html"][..], &["--html", "b.html", "--against", "linger.ms=50"]] {
        let output = lingersim(&folder, &[&["report", "-q", "02-linger.toml"], args].concat());
        assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    }
}

#[test]
fn the_program_has_the_lessons_with_it() {
    let folder = copied("init");
    let list = String::from_utf8(lingersim(&folder, &["list"]).stdout).expect("UTF-8");
    for file in files() {
        let name = file.file_stem().expect("a name").to_string_lossy().into_owned();
        assert!(list.lines().any(|line| line.starts_with(&name)), "{list}");
        let printed = lingersim(&folder, &["list", &name]).stdout;
        assert_eq!(printed, fs::read(&file).expect("a lesson"), "{name}");
    }
    let args = ["init", "--example", "03-piggyback", "my.toml"];
    assert_eq!(lingersim(&folder, &args).status.code(), Some(0));
    let loaded = from_file(&folder.join("my.toml"), &Overrides::default()).expect("with all that it needs");
    assert!(told(&loaded).is_ok());
}
