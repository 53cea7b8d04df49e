//! The manual of scenarios: every section and key that is not a Kafka producer's, with what its value is, its default
//! and its meaning. `docs/scenarios.md`, the JSON Schema and a manual page are made of it; tests hold it to what the
//! loader takes.

mod cluster;
mod fault;
mod guard;
pub mod kind;
mod lesson;
mod markdown;
mod payload;
mod producer;
mod top;
mod workload;

use self::kind::Kind;

pub use self::markdown::{table, table_of_further_keys};

/// All sections, in the order of the manual. A new one is added here, and to the rows of the section above it.
pub const SECTIONS: [&Section; 25] = [
    &top::TOP,
    &top::KAFKA,
    &top::RUN,
    &cluster::CLUSTER,
    &cluster::BROKER,
    &cluster::TOPIC,
    &top::NETWORK,
    &producer::PRODUCER,
    &producer::APPLICATION,
    &producer::SENDER,
    &producer::CPU,
    &workload::WORKLOAD,
    &workload::UNIFORM_SIZES,
    &workload::LOG_NORMAL_SIZES,
    &workload::EMPIRICAL_SIZES,
    &workload::UNIFORM_KEYS,
    &workload::ZIPF_KEYS,
    &workload::HOT_SET_KEYS,
    &payload::PAYLOAD,
    &top::REGISTRY,
    &fault::FAULT,
    &guard::GATE,
    &guard::CHECK,
    &guard::SWEEP,
    &lesson::LESSON,
];

/// The keys of a table.
#[derive(Clone, Copy, Debug)]
pub struct Section {
    /// `workload.value`; empty for the top.
    pub path: &'static str,
    /// The word of its key `dist`, where there are several sections with this path.
    pub dist: Option<&'static str>,
    /// What it is about, in a sentence.
    pub about: &'static str,
    /// Its keys.
    pub rows: &'static [Row],
}

/// One key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Row {
    /// As it is written, with dots for keys that have Kafka's names.
    pub key: &'static str,
    /// What its value is.
    pub kind: Kind,
    /// What it means, in a line.
    pub doc: &'static str,
    /// The value where none is given; empty for none.
    pub preset: &'static str,
    /// Whether it must be given.
    pub is_needed: bool,
    /// The value in words, where its kind alone does not say enough.
    said: Option<&'static str>,
    /// The keys beside which it may stand; all, if there are none.
    pub beside: &'static [&'static str],
    /// A table has exactly one of its keys that say this.
    pub is_one_of: bool,
}

impl Section {
    const fn new(path: &'static str, about: &'static str, rows: &'static [Row]) -> Section {
        Section { path, dist: None, about, rows }
    }

    const fn of_dist(self, dist: &'static str) -> Section {
        Section { dist: Some(dist), ..self }
    }
}

/// A key without default that need not be given.
const fn row(key: &'static str, kind: Kind, doc: &'static str) -> Row {
    Row { key, kind, doc, preset: "", is_needed: false, said: None, beside: &[], is_one_of: false }
}

impl Row {
    /// Where it is not given, it is this.
    const fn preset(self, preset: &'static str) -> Row {
        Row { preset, ..self }
    }

    /// It must be given.
    const fn needed(self) -> Row {
        Row { is_needed: true, ..self }
    }

    /// The value in words.
    const fn said(self, words: &'static str) -> Row {
        Row { said: Some(words), ..self }
    }

    /// It may stand only beside one of these keys, and must, if it is needed.
    const fn beside(self, keys: &'static [&'static str]) -> Row {
        Row { beside: keys, ..self }
    }

    /// It is one of several, of which a table has exactly one.
    const fn one_of(self) -> Row {
        Row { is_one_of: true, ..self }
    }

    /// What its value is, in words.
    pub fn value(&self) -> String {
        self.said.map_or_else(|| self.kind.to_string(), str::to_owned)
    }

    /// Its meaning, and whether it must be given.
    pub fn meaning(&self) -> String {
        if self.is_needed { format!("{}; needed", self.doc) } else { self.doc.to_owned() }
    }

    /// Everything but the value in a sentence or two.
    pub fn sentences(&self) -> String {
        let mut text = self.meaning();
        if !self.beside.is_empty() {
            text = format!("with {}: {text}", self.beside.join(", "));
        }
        if let Some(first) = text.get_mut(..1) {
            first.make_ascii_uppercase();
        }
        match self.preset {
            "" => format!("{text}."),
            preset => format!("{text}. Default: {preset}."),
        }
    }
}

/// `network.latency` for `latency` in the section `network`.
pub fn path_below(path: &str, key: &str) -> String {
    if path.is_empty() { key.to_owned() } else { format!("{path}.{key}") }
}

/// Whether there may be several tables with this path, as of `[[fault]]`.
pub fn is_list(path: &str) -> bool {
    let leads_there = |section: &Section, row: &Row| path_below(section.path, row.key) == path;
    SECTIONS.iter().any(|section| {
        let mut lists = section.rows.iter().filter(|row| matches!(row.kind, Kind::Tables | Kind::OneOrMore));
        lists.any(|row| leads_there(section, row))
    })
}

/// The sections with this path: none, one, or one for each `dist`.
pub fn sections(path: &str) -> impl Iterator<Item = &'static Section> {
    SECTIONS.into_iter().filter(move |section| section.path == path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sentences_say_what_a_row_says() {
        let plain = row("latency", Kind::Text, "one way").preset("1ms");
        assert_eq!(plain.sentences(), "One way. Default: 1ms.");
        let bound = row("by", Kind::Text, "how late").needed().beside(&["delay"]);
        assert_eq!(bound.sentences(), "With delay: how late; needed.");
    }

    #[test]
    fn every_row_says_something_in_ascii_letters_first() {
        for row in SECTIONS.iter().flat_map(|section| section.rows) {
            assert!(row.doc.is_char_boundary(1) && !row.doc.ends_with('.'), "{}", row.key);
        }
    }
}
