//! A run as one HTML file: a replay with its charts for those who look, and a summary that works without scripts. It opens
//! from disk and asks nothing of any network.
//!
//! Text of a scenario is escaped, and a browser runs nothing but the page's own script: the policy of the page names a
//! nonce that is made of the whole content, so nothing in a scenario can know it.

mod columns;
mod data;
mod markup;
mod summary;

use std::io::Write;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::json;

use self::markup::escaped;
use super::explain::sentences;
use super::lesson::Tour;
use crate::engine::digest::Digest;
use crate::recording::Recording;
use crate::scenario::{Scenario, Setting};

/// What a page is made of, once for each run.
#[derive(Clone, Copy, Debug)]
pub struct PageRun<'a> {
    /// What was run.
    pub scenario: &'a Scenario,
    /// Effective values with their origins.
    pub settings: &'a [Setting],
    /// What happened.
    pub recording: &'a Recording,
    /// The command that makes this page again.
    pub command: &'a str,
    /// What distinguishes it from the others.
    pub name: &'a str,
    /// Its lesson, computed from the run.
    pub tour: &'a Tour,
}

const TEMPLATE: &str = include_str!("page.html");
const STYLE: &str = include_str!("style.css");

/// In the order in which they stand in the page.
const SCRIPTS: [&str; 10] = [
    include_str!("script/dom.js"),
    include_str!("script/data.js"),
    include_str!("script/scene.js"),
    include_str!("script/words.js"),
    include_str!("script/clock.js"),
    include_str!("script/stage.js"),
    include_str!("script/inspector.js"),
    include_str!("script/charts.js"),
    include_str!("script/lessons.js"),
    include_str!("script/scrubber.js"),
];
const MAIN_SCRIPT: &str = include_str!("script/main.js");

/// The page of one or more runs; never empty.
pub fn page(runs: &[PageRun<'_>]) -> String {
    let data = packed(&json!({
        "runs": runs.iter().map(data::of).collect::<Vec<_>>(),
        "sentences": sentences::all(),
    }));
    let titles: Vec<&str> = runs.iter().map(|run| run.scenario.title.as_str()).collect();
    let (title, subtitle) = match titles[..] {
        [title] => (title.to_owned(), summary::subtitle(&runs[0])),
        _ => (
            format!("Comparison: {}", runs.iter().map(|run| run.name).collect::<Vec<_>>().join(" and ")),
            distinct(&titles).join(" · "),
        ),
    };
    let content: [(&str, String); 8] = [
        ("title", escaped(&title)),
        ("subtitle", escaped(&subtitle)),
        ("style", STYLE.to_owned()),
        ("summary", summary::summary(runs)),
        ("setup", summary::setup(runs)),
        ("version", env!("CARGO_PKG_VERSION").to_owned()),
        ("data", data),
        ("script", SCRIPTS.join("\n") + "\n" + MAIN_SCRIPT),
    ];
    let nonce = nonce(&content);
    let mut page = String::with_capacity(content.iter().map(|(_, text)| text.len()).sum::<usize>() + 16_384);
    let mut rest = TEMPLATE;
    // One pass, so that nothing that is filled in is looked at again.
    while let Some((before, behind)) = rest.split_once("{{") {
        let (name, behind) = behind.split_once("}}").unwrap_or((behind, ""));
        page.push_str(before);
        match content.iter().find(|(known, _)| *known == name) {
            Some((_, text)) => page.push_str(text),
            None => page.push_str(&nonce),
        }
        rest = behind;
    }
    page.push_str(rest);
    page
}

/// Each once.
fn distinct<'a>(texts: &[&'a str]) -> Vec<&'a str> {
    let mut all: Vec<&str> = Vec::new();
    for text in texts.iter().filter(|text| !text.is_empty()) {
        if !all.contains(text) {
            all.push(text);
        }
    }
    all
}

/// JSON, gzip, base64: what browsers unpack by themselves.
fn packed(value: &serde_json::Value) -> String {
    let mut zip = GzEncoder::new(Vec::new(), Compression::best());
    // Writing into memory does not fail.
    let bytes = zip.write_all(value.to_string().as_bytes()).and_then(|()| zip.finish()).unwrap_or_default();
    BASE64_STANDARD.encode(bytes)
}

/// A number that depends on everything in the page.
fn nonce(content: &[(&str, String)]) -> String {
    let mut digest = Digest::new();
    for byte in content.iter().flat_map(|(_, text)| text.bytes()) {
        digest.write(u64::from(byte));
    }
    let first = digest.value();
    digest.write(first);
    format!("{first:016x}{:016x}", digest.value())
}
