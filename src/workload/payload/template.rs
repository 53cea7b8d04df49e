//! Templates: a text with places for fields, `{"user": "{{key}}", "amount": {{amount}}}`.

use std::ops::Range;

use super::field::Field;
use crate::values::excerpt::short;
use crate::values::nearest::{did_you_mean, nearest};

/// Bytes of the longest value that a template may make.
const LONGEST: u64 = 16 << 20;
/// Bytes of the longest number of a record or time in ms.
const NUMBER_LENGTH: u64 = 20;
/// Bytes of the longest key: its prefix and its number.
const KEY_LENGTH: u64 = 1_010;

/// What every template may name without saying what it is.
const BUILT_IN: [(&str, Slot); 4] =
    [("seq", Slot::Seq), ("key", Slot::Key), ("time", Slot::Time), ("time_ms", Slot::TimeMs)];

/// A template that has been checked: every name is known, every field is used.
#[derive(Clone, Debug, PartialEq)]
pub struct Template {
    pub(super) pieces: Vec<Piece>,
    fields: Vec<(String, Field)>,
}

/// A part of a template.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Piece {
    /// As it stands.
    Text(String),
    /// A value goes here; where the place stands in the text.
    Slot(Slot, Range<usize>),
}

/// What goes into a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Slot {
    /// The number of the record in its thread, from 0.
    Seq,
    /// The record's key as text.
    Key,
    /// The record's intended time as ISO-8601 in UTC.
    Time,
    /// The same in epoch milliseconds.
    TimeMs,
    /// The field with this number.
    Field(usize),
}

/// Something that is wrong with a template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// Where.
    pub at: FaultPlace,
    /// A predicate: `names "amuont", which is no field`.
    pub message: String,
    /// What would be right.
    pub help: String,
}

/// Where a template is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FaultPlace {
    /// These bytes of its text.
    Text(Range<usize>),
    /// The field with this number.
    Field(usize),
}

impl Template {
    /// The template with this text and these fields by name.
    ///
    /// # Errors
    /// Everything that is wrong: braces that do not close, names that are no fields, fields that are not used or have the
    /// name of something built in, values that would be too long, an empty text.
    pub fn new(text: &str, fields: Vec<(String, Field)>) -> Result<Template, Vec<Fault>> {
        let mut faults = Vec::new();
        let pieces = pieces(text, &fields, &mut faults);
        if text.is_empty() {
            faults.push(in_text(0..0, "is empty", "expected some text: '{\"id\": {{seq}}}'"));
        }
        let template = Template { pieces, fields };
        template.check_fields(&mut faults);
        let longest = template.longest();
        if longest > LONGEST {
            let message = format!("makes values of up to {longest} bytes");
            faults.push(in_text(0..text.len(), message, format!("expected at most {} MiB", LONGEST >> 20)));
        }
        if faults.is_empty() { Ok(template) } else { Err(faults) }
    }

    /// The fields by number.
    pub(super) fn fields(&self) -> &[(String, Field)] {
        &self.fields
    }

    fn check_fields(&self, faults: &mut Vec<Fault>) {
        let mut used = vec![false; self.fields.len()];
        for piece in &self.pieces {
            if let Piece::Slot(Slot::Field(number), _) = piece {
                used[*number] = true;
            }
        }
        for (number, (name, _)) in self.fields.iter().enumerate() {
            let (message, help) = if BUILT_IN.iter().any(|(built_in, _)| built_in == name) {
                (
                    "has the name of something that every template has".to_owned(),
                    "give it another name".to_owned(),
                )
            } else if !is_name(name) {
                ("is no name".to_owned(), "expected letters, digits, `_` and `-`".to_owned())
            } else if !used[number] {
                (
                    "is not used in the template".to_owned(),
                    format!("write {{{{{name}}}}} there, or remove the field"),
                )
            } else {
                continue;
            };
            faults.push(Fault { at: FaultPlace::Field(number), message, help });
        }
    }

    fn longest(&self) -> u64 {
        let longest = |piece: &Piece| match piece {
            Piece::Text(text) => text.len() as u64,
            Piece::Slot(Slot::Key, _) => KEY_LENGTH,
            Piece::Slot(Slot::Time, _) => super::moment::LENGTH,
            Piece::Slot(Slot::Seq | Slot::TimeMs, _) => NUMBER_LENGTH,
            Piece::Slot(Slot::Field(number), _) => self.fields[*number].1.longest(),
        };
        self.pieces.iter().map(longest).fold(0, u64::saturating_add)
    }
}

/// Letters, digits, `_` and `-`, at least one of them.
fn is_name(name: &str) -> bool {
    !name.is_empty() && name.chars().all(|c| c.is_alphanumeric() || c == '_' || c == '-')
}

fn in_text(range: Range<usize>, message: impl Into<String>, help: impl Into<String>) -> Fault {
    Fault { at: FaultPlace::Text(range), message: message.into(), help: help.into() }
}

/// The parts of a text. Two braces open a place, the next two close it.
fn pieces(text: &str, fields: &[(String, Field)], faults: &mut Vec<Fault>) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let mut done = 0;
    while let Some(open) = text[done..].find("{{").map(|at| done + at) {
        let name_at = open + 2;
        let closed = text[name_at..].find("}}").map(|at| name_at + at);
        let Some(end) = closed.filter(|&end| !text[name_at..end].contains(['{', '\n'])) else {
            faults.push(in_text(open..name_at, "has braces that do not close", "write {{name}}"));
            done = name_at;
            continue;
        };
        if open > done {
            pieces.push(Piece::Text(text[done..open].to_owned()));
        }
        done = end + 2;
        let name = text[name_at..end].trim();
        match slot(name, fields) {
            Some(slot) => pieces.push(Piece::Slot(slot, open..done)),
            None => {
                let message = format!("names \"{}\", which is no field", short(name));
                faults.push(in_text(open..done, message, name_help(name, fields)));
            }
        }
    }
    if done < text.len() {
        pieces.push(Piece::Text(text[done..].to_owned()));
    }
    pieces
}

fn slot(name: &str, fields: &[(String, Field)]) -> Option<Slot> {
    let built_in = BUILT_IN.iter().find(|(built_in, _)| *built_in == name).map(|(_, slot)| *slot);
    built_in.or_else(|| fields.iter().position(|(field, _)| field == name).map(Slot::Field))
}

fn name_help(name: &str, fields: &[(String, Field)]) -> String {
    let built_in = BUILT_IN.iter().map(|(name, _)| *name);
    let own = fields.iter().map(|(name, _)| name.as_str());
    let known: Vec<&str> =
        built_in.clone().chain(own.filter(|own| !built_in.clone().any(|name| name == *own))).collect();
    did_you_mean(&nearest(name, known.iter().copied())).unwrap_or_else(|| {
        format!("say what it is below `fields`, or name one of {}", short(&known.join(", ")))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn faults(text: &str, fields: &[&str]) -> Vec<String> {
        let fields = fields.iter().map(|&name| (name.to_owned(), Field::Uuid)).collect();
        let faults = Template::new(text, fields).expect_err(text);
        faults.into_iter().map(|Fault { at, message, help }| format!("{at:?} {message}: {help}")).collect()
    }

    #[test]
    fn braces_and_names_are_told_apart_from_text() {
        let template =
            Template::new("{\"a\": {\"b\":{{ x }}}}", vec![("x".to_owned(), Field::Uuid)]).expect("good");
        let expected = [
            Piece::Text("{\"a\": {\"b\":".to_owned()),
            Piece::Slot(Slot::Field(0), 11..18),
            Piece::Text("}}".to_owned()),
        ];
        assert_eq!(template.pieces, expected);
    }

    #[test]
    fn everything_wrong_is_said_at_once() {
        let expected = [
            "Text(0..8) names \"user\", which is no field: did you mean `seq`?",
            "Text(9..11) has braces that do not close: write {{name}}",
            "Text(15..25) names \"amuont\", which is no field: did you mean `amount`?",
            "Text(26..33) names \"zzz\", which is no field: say what it is below `fields`, or name one of seq, key, time, \
             time_ms, amount, a b",
            "Text(34..36) has braces that do not close: write {{name}}",
            "Field(0) is not used in the template: write {{amount}} there, or remove the field",
            "Field(1) has the name of something that every template has: give it another name",
            "Field(2) is no name: expected letters, digits, `_` and `-`",
        ];
        let text = "{{user}} {{key {{amuont}} {{zzz}} {{";
        assert_eq!(faults(text, &["amount", "seq", "a b"]), expected);
        assert_eq!(faults("", &[]), ["Text(0..0) is empty: expected some text: '{\"id\": {{seq}}}'"]);
    }

    #[test]
    fn a_template_cannot_make_values_without_end() {
        let fields = vec![("t".to_owned(), Field::Text { min: 0, max: 9 << 20 })];
        assert!(Template::new("{{t}}", fields.clone()).is_ok());
        let faults = Template::new("{{t}}{{t}}", fields).expect_err("18 MiB");
        assert_eq!(faults[0].message, "makes values of up to 18874368 bytes");
    }
}
