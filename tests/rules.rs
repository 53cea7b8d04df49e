//! The ledger of rules: every rule of the client's behaviour is held by a test, or listed as not modelled.
//!
//! A test holds the rules that its name begins with (`buf_10_a_newcomer…`) or that the comment above it cites
//! (`/// BUF-10: …`, `/// DRN-5 to DRN-9: …`). A rule that traces of the real client hold names their families in
//! `tests/rules/rules.csv`. `docs/fidelity.md` is made from this, from the traces as they replay, and from the record of
//! rules that have been broken on purpose.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use lingersim::conform;

/// One rule.
#[derive(Debug, serde::Deserialize)]
struct Rule {
    rule: String,
    title: String,
    /// Families of traces that hold it.
    golden: String,
    /// Why it is not modelled; empty if it is.
    reason: String,
    /// What that means for a user.
    consequence: String,
}

/// A rule that has been broken in the code, and what then failed.
#[derive(Debug, serde::Deserialize)]
struct Mutation {
    rule: String,
    change: String,
    failed: String,
}

/// A test function.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Test {
    file: String,
    name: String,
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn rows<T: serde::de::DeserializeOwned>(name: &str) -> Vec<T> {
    let mut reader = csv::Reader::from_path(root().join("tests/rules").join(name)).expect("a table");
    reader.deserialize().map(|row| row.expect("a row")).collect()
}

fn rules() -> Vec<Rule> {
    rows("rules.csv")
}

/// All Rust files of the repository, as paths from its root, with their texts.
fn sources() -> Vec<(String, String)> {
    let mut folders = vec![root().join("src"), root().join("tests")];
    let mut files = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let name = path.strip_prefix(root()).expect("below the root").to_string_lossy().into_owned();
                files.push((name, fs::read_to_string(&path).expect("a source file")));
            }
        }
    }
    files.sort();
    files
}

/// The rules that a text cites; `of` says which words before a number are names of chapters. `A-1 to A-4` are four.
fn cited(text: &str, of: &BTreeSet<String>) -> Vec<String> {
    let is_word = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    let mut ids: Vec<(String, u32)> = Vec::new();
    let mut range = false;
    for word in text.split(|c| !is_word(c)).filter(|word| !word.is_empty()) {
        let parsed = word
            .split_once('-')
            .filter(|(chapter, _)| of.contains(*chapter))
            .and_then(|(chapter, number)| Some((chapter.to_owned(), number.parse::<u32>().ok()?)));
        match (parsed, ids.last().cloned()) {
            (Some((chapter, number)), Some((first, from))) if range && first == chapter => {
                ids.extend((from + 1..=number).map(|number| (chapter.clone(), number)));
            }
            (Some(id), _) => ids.push(id),
            (None, _) => {}
        }
        range = word == "to" && !ids.is_empty();
    }
    ids.into_iter().map(|(chapter, number)| format!("{chapter}-{number}")).collect()
}

/// The tests of a file, each with the comment above it.
fn tests_of(text: &str) -> Vec<(String, String)> {
    let lines: Vec<&str> = text.lines().map(str::trim).collect();
    let mut tests = Vec::new();
    for at in (0..lines.len()).filter(|at| lines[*at] == "#[test]") {
        let comment: Vec<&str> =
            lines[..at].iter().rev().map_while(|line| line.strip_prefix("///")).collect();
        let name = lines[at..]
            .iter()
            .find_map(|line| line.strip_prefix("fn "))
            .map(|rest| rest.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect::<String>());
        if let Some(name) = name.filter(|name| !name.is_empty()) {
            tests.push((name, comment.into_iter().rev().collect::<Vec<_>>().join(" ")));
        }
    }
    tests
}

/// `buf_10_a_newcomer` begins with BUF-10.
fn named(test: &str) -> Option<String> {
    let mut words = test.split('_');
    let (chapter, number) = (words.next()?, words.next()?);
    number.parse::<u32>().ok()?;
    Some(format!("{}-{number}", chapter.to_uppercase()))
}

struct Ledger {
    rules: Vec<Rule>,
    /// By rule: the tests that cite it.
    holders: BTreeMap<String, BTreeSet<Test>>,
    all_tests: BTreeSet<String>,
    families: BTreeMap<String, Vec<PathBuf>>,
    unknown: Vec<String>,
}

impl Ledger {
    fn read() -> Ledger {
        let rules = rules();
        let ids: BTreeSet<String> = rules.iter().map(|rule| rule.rule.clone()).collect();
        assert_eq!(ids.len(), rules.len(), "a rule is listed twice");
        let chapters = ids.iter().filter_map(|id| id.split_once('-')).map(|(chapter, _)| chapter.to_owned());
        let chapters: BTreeSet<String> = chapters.collect();
        let (mut holders, mut unknown) = (BTreeMap::<String, BTreeSet<Test>>::new(), Vec::new());
        let mut all_tests = BTreeSet::new();
        for (file, text) in sources() {
            let strangers = cited(&text, &chapters).into_iter().filter(|id| !ids.contains(id));
            unknown.extend(strangers.map(|id| format!("{file} cites {id}")));
            for (name, comment) in tests_of(&text) {
                let by_name = named(&name).filter(|id| ids.contains(id));
                for id in cited(&comment, &chapters).into_iter().chain(by_name) {
                    holders.entry(id).or_default().insert(Test { file: file.clone(), name: name.clone() });
                }
                all_tests.insert(name);
            }
        }
        Ledger { rules, holders, all_tests, families: golden_files(), unknown }
    }

    fn tests(&self, rule: &Rule) -> impl Iterator<Item = &Test> {
        self.holders.get(&rule.rule).into_iter().flatten()
    }
}

/// By family: its files, ascending by client version.
fn golden_files() -> BTreeMap<String, Vec<PathBuf>> {
    let mut files: BTreeMap<String, Vec<PathBuf>> = BTreeMap::new();
    for client in fs::read_dir(root().join("tests/golden")).expect("traces") {
        let client = client.expect("an entry").path();
        for file in fs::read_dir(&client).into_iter().flatten() {
            let file = file.expect("an entry").path();
            let family = file.file_stem().expect("a name").to_string_lossy().into_owned();
            files.entry(family).or_default().push(file);
        }
    }
    files.values_mut().for_each(|files| files.sort());
    files
}

#[test]
fn every_rule_is_held_or_accounted_for() {
    let ledger = Ledger::read();
    assert!(ledger.unknown.is_empty(), "no such rules: {:#?}", ledger.unknown);
    let mut wrong = Vec::new();
    for rule in &ledger.rules {
        let Rule { rule: id, title, golden, reason, consequence } = rule;
        let held = ledger.tests(rule).next().is_some() || !golden.is_empty();
        if title.is_empty() || reason.is_empty() != consequence.is_empty() {
            wrong.push(format!("{id} needs a title, and a consequence for every reason"));
        }
        if !held && reason.is_empty() {
            wrong.push(format!("{id} ({title}) is held by nothing"));
        }
        for family in golden.split_whitespace().filter(|family| !ledger.families.contains_key(*family)) {
            wrong.push(format!("{id} is held by `{family}`, but there are no such traces"));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn what_failed_when_a_rule_was_broken_still_exists() {
    let ledger = Ledger::read();
    let ids: BTreeSet<&str> = ledger.rules.iter().map(|rule| rule.rule.as_str()).collect();
    let mut wrong = Vec::new();
    for Mutation { rule, change, failed } in rows("mutations.csv") {
        if !ids.contains(rule.as_str()) && !rule.starts_with(|c: char| c.is_ascii_digit()) {
            wrong.push(format!("{rule} is no rule"));
        }
        let known = |name: &str| ledger.all_tests.contains(name) || ledger.families.contains_key(name);
        if failed.is_empty() || !failed.split_whitespace().all(known) {
            wrong.push(format!("{rule}, {change}: `{failed}` are not all tests"));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn citations_are_read_with_their_ranges() {
    let chapters = BTreeSet::from(["BUF".to_owned(), "V".to_owned()]);
    let text = "BUF-1, BUF-4 to BUF-6: as in V-2; UTF-8, `BUF-x` and V-1-3 are none";
    assert_eq!(cited(text, &chapters), ["BUF-1", "BUF-4", "BUF-5", "BUF-6", "V-2"]);
    assert_eq!(named("buf_10_a_newcomer"), Some("BUF-10".to_owned()));
    assert_eq!(named("a_1_b"), Some("A-1".to_owned()));
    assert_eq!(named("nothing_of_that_kind"), None);
    let file =
        "/// BUF-1: one\n/// and V-2.\n#[test]\nfn f() {}\n/// V-3\nfn g() {}\n#[test]\n#[ignore]\nfn h() {}";
    let expected = [("f", " BUF-1: one  and V-2."), ("h", "")].map(|(n, c)| (n.to_owned(), c.to_owned()));
    assert_eq!(tests_of(file), expected);
}

/// What became of the cases of a file, in a few words.
fn state(file: &Path) -> String {
    let report = conform::run(&[file.to_owned()], conform::Codecs::Recorded).expect("cases");
    let all = report.passed + report.failed + report.skipped;
    match (report.failed, report.skipped) {
        (0, 0) => format!("{all}"),
        (0, skipped) if skipped == all => format!("{all} not replayed"),
        _ => format!("{} of {all}", report.passed),
    }
}

fn golden_table(ledger: &Ledger) -> String {
    let client = |file: &Path| {
        let folder = file.parent().and_then(Path::file_name).expect("a client's folder");
        folder.to_string_lossy().into_owned()
    };
    let mut clients: Vec<String> = ledger.families.values().flatten().map(|file| client(file)).collect();
    clients.sort_by(|a, b| b.cmp(a));
    clients.dedup();
    let mut table = format!("| family | {} |\n|---|{}\n", clients.join(" | "), "---|".repeat(clients.len()));
    for (family, files) in &ledger.families {
        let cells = clients.iter().map(|wanted| {
            files.iter().find(|file| client(file) == *wanted).map_or("–".to_owned(), |file| state(file))
        });
        let _ = writeln!(table, "| {family} | {} |", cells.collect::<Vec<_>>().join(" | "));
    }
    table
}

fn mutation_table() -> String {
    let mut table = "| rule | broken like this | what failed |\n|---|---|---|\n".to_owned();
    for Mutation { rule, change, failed } in rows("mutations.csv") {
        let failed: Vec<String> = failed.split_whitespace().map(|name| format!("`{name}`")).collect();
        let _ = writeln!(table, "| {rule} | {change} | {} |", failed.join(", "));
    }
    table
}

fn missing_table(ledger: &Ledger) -> String {
    let mut table = "| rule | | why it is not modelled | consequence |\n|---|---|---|---|\n".to_owned();
    let missing = |rule: &&Rule| !rule.reason.is_empty();
    for Rule { rule, title, reason, consequence, .. } in ledger.rules.iter().filter(missing) {
        let _ = writeln!(table, "| {rule} | {title} | {reason} | {consequence} |");
    }
    table
}

fn held_table(ledger: &Ledger) -> String {
    let mut table = "| rule | | traces | tests |\n|---|---|---|---|\n".to_owned();
    for rule in ledger.rules.iter().filter(|rule| rule.reason.is_empty()) {
        let tests: Vec<String> = ledger.tests(rule).map(|test| format!("`{}`", test.name)).collect();
        let golden: Vec<&str> = rule.golden.split_whitespace().collect();
        let _ = writeln!(
            table,
            "| {} | {} | {} | {} |",
            rule.rule,
            rule.title,
            golden.join(", "),
            tests.join(", ")
        );
    }
    table
}

#[test]
fn the_page_is_what_the_ledger_says() {
    let ledger = Ledger::read();
    let held = ledger.rules.iter().filter(|rule| rule.reason.is_empty()).count();
    let mutations: Vec<Mutation> = rows("mutations.csv");
    let page = fs::read_to_string(root().join("tests/rules/fidelity.md"))
        .expect("the page's text")
        .replace("{golden}", &golden_table(&ledger))
        .replace("{rules}", &ledger.rules.len().to_string())
        .replace("{held}", &held.to_string())
        .replace("{missing}", &(ledger.rules.len() - held).to_string())
        .replace("{mutations}", &mutations.len().to_string())
        .replace("{version}", env!("CARGO_PKG_VERSION"))
        .replace("{mutation table}", &mutation_table())
        .replace("{missing table}", &missing_table(&ledger))
        .replace("{held table}", &held_table(&ledger));
    let committed = fs::read_to_string(root().join("docs/fidelity.md")).unwrap_or_default();
    if page != committed {
        let fresh = Path::new(env!("CARGO_TARGET_TMPDIR")).join("fidelity.md");
        fs::write(&fresh, &page).expect("a scratch file");
        panic!("docs/fidelity.md is not up to date; cp {} docs/fidelity.md", fresh.display());
    }
}
