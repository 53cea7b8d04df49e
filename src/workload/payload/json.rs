//! Whether every value that a template makes is JSON.

use serde::de::IgnoredAny;

use super::field::Field;
use super::template::{Fault, FaultPlace, Piece, Slot, Template};
use crate::values::excerpt::short;

/// What is wrong with the template of this text as JSON: fields that would break it where they stand, and the first
/// place where it is none whatever the fields are. `key_prefix`: how the keys of the records begin, if they are text.
pub fn faults(text: &str, template: &Template, key_prefix: Option<&str>) -> Vec<Fault> {
    let mut faults = Vec::new();
    let sample = Sample::new(template, key_prefix, &mut faults);
    if let Err(error) = serde_json::from_str::<IgnoredAny>(&sample.json) {
        let line_start: usize =
            sample.json.split_inclusive('\n').take(error.line().saturating_sub(1)).map(str::len).sum();
        let at = sample.place_in_template(line_start + error.column().saturating_sub(1)).min(text.len());
        let said = error.to_string();
        let what = said.split(" at line ").next().unwrap_or("");
        faults.push(Fault {
            at: FaultPlace::Text(at..(at + 1).min(text.len())),
            message: format!("is no JSON: {what}"),
            help: "correct it, or remove `json`".to_owned(),
        });
    }
    faults
}

/// The template with a number or a letter in each place.
#[derive(Default)]
struct Sample {
    json: String,
    /// Where pieces begin: in the sample, and in the template.
    starts: Vec<(usize, usize)>,
    in_string: bool,
    escaped: bool,
}

impl Sample {
    fn new(template: &Template, key_prefix: Option<&str>, faults: &mut Vec<Fault>) -> Sample {
        let mut sample = Sample::default();
        let mut at = 0;
        for piece in &template.pieces {
            sample.starts.push((sample.json.len(), at));
            match piece {
                Piece::Text(text) => {
                    at += text.len();
                    text.chars().for_each(|c| sample.read(c));
                    sample.json.push_str(text);
                }
                Piece::Slot(slot, range) => {
                    at = range.end;
                    let field = match slot {
                        Slot::Field(number) => Some(&template.fields()[*number].1),
                        _ => None,
                    };
                    let wrong = match sample.in_string {
                        true => wrong_in_string(*slot, field, key_prefix),
                        false => wrong_outside(*slot, field),
                    };
                    let at = FaultPlace::Text(range.clone());
                    faults.extend(wrong.map(|(message, help)| Fault { at, message, help: help.to_owned() }));
                    sample.json.push_str(if sample.in_string { "x" } else { number(field) });
                    sample.escaped = false;
                }
            }
        }
        sample.starts.push((sample.json.len(), at));
        sample
    }

    fn read(&mut self, c: char) {
        match c {
            _ if self.escaped => self.escaped = false,
            '\\' => self.escaped = self.in_string,
            '"' => self.in_string = !self.in_string,
            _ => {}
        }
    }

    /// Where the byte `at` of the sample is in the template.
    fn place_in_template(&self, at: usize) -> usize {
        let next = self.starts.partition_point(|&(start, _)| start <= at);
        self.starts.get(next.saturating_sub(1)).map_or(0, |&(start, place)| place + (at - start))
    }
}

/// A number that may stand wherever all numbers of the field may.
fn number(field: Option<&Field>) -> &'static str {
    match field {
        Some(Field::Integer { min, .. } | Field::Decimal { min, .. }) if *min < 0 => "-1",
        _ => "0",
    }
}

const REMOVE_QUOTES: &str = "remove quotes, backslashes and control characters from it";

fn wrong_in_string(
    slot: Slot,
    field: Option<&Field>,
    key_prefix: Option<&str>,
) -> Option<(String, &'static str)> {
    let breaks = |text: &str| text.chars().any(|c| c == '"' || c == '\\' || c.is_control());
    let text = match (slot, field) {
        (Slot::Key, _) => key_prefix.filter(|prefix| breaks(prefix))?,
        (_, Some(Field::Choice(choice))) => choice.texts().iter().find(|text| breaks(text))?,
        _ => return None,
    };
    Some((format!("would have '{}' in a JSON string", short(text)), REMOVE_QUOTES))
}

fn wrong_outside(slot: Slot, field: Option<&Field>) -> Option<(String, &'static str)> {
    const QUOTES: &str = "put it in quotes: \"{{name}}\"";
    let is_json = |text: &String| serde_json::from_str::<IgnoredAny>(text).is_ok();
    match (slot, field) {
        (Slot::Key | Slot::Time, _) | (_, Some(Field::Text { .. } | Field::Uuid)) => {
            Some(("has text outside a JSON string".to_owned(), QUOTES))
        }
        (_, Some(Field::Choice(choice))) => {
            let text = choice.texts().iter().find(|text| !is_json(text))?;
            Some((format!("would have '{}' outside a JSON string", short(text)), QUOTES))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::super::field::Choice;
    use super::*;

    fn choice(texts: &[&str]) -> Field {
        Field::Choice(Choice::new(texts.iter().map(|&text| (text.to_owned(), 1)).collect()).expect("some"))
    }

    /// Bytes of the text and what is wrong with them.
    fn faults_of(text: &str, field: Option<Field>, prefix: &str) -> Vec<String> {
        let fields = field.into_iter().map(|field| ("f".to_owned(), field)).collect();
        let template = Template::new(text, fields).expect("a template");
        let shown = |fault: Fault| match fault.at {
            FaultPlace::Text(range) => format!("{} {}", &text[range], fault.message),
            FaultPlace::Field(number) => format!("field {number} {}", fault.message),
        };
        faults(text, &template, Some(prefix)).into_iter().map(shown).collect()
    }

    #[test]
    fn good_templates_have_no_faults() {
        let number = || Some(Field::Decimal { min: -10, max: 10, digits: 1 });
        let good = [
            ("{\"a\": {{f}}, \"b\": \"{{key}} {{time}}\", \"c\": [{{seq}}, {{time_ms}}]}", number()),
            ("[\"say \\\"{{f}}\\\"\"]", Some(choice(&["no", "yes"]))),
            ("[{{f}}]", Some(choice(&["null", "1", "\"text\"", "[true]"]))),
            ("{\"{{f}}\": {}}", Some(Field::Uuid)),
        ];
        for (text, field) in good {
            assert_eq!(faults_of(text, field, "user-"), [""; 0], "{text}");
        }
    }

    #[test]
    fn what_breaks_it_is_said_where_it_stands() {
        let of = |text, field| faults_of(text, Some(field), "k");
        assert_eq!(
            of("[{{f}}, {{time}}]", Field::Uuid),
            ["{{f}} has text outside a JSON string", "{{time}} has text outside a JSON string"]
        );
        assert_eq!(of("[\"{{f}}\"]", choice(&["a", "b\"c"])), ["{{f}} would have 'b\"c' in a JSON string"]);
        assert_eq!(of("[{{f}}]", choice(&["1", "red"])), ["{{f}} would have 'red' outside a JSON string"]);
        assert_eq!(faults_of("\"{{key}}\"", None, "a\\"), ["{{key}} would have 'a\\' in a JSON string"]);
    }

    #[test]
    fn the_place_is_that_of_the_template() {
        assert_eq!(faults_of("{\"n\": {{time_ms}},\n \"m\" 5}", None, "k"), ["5 is no JSON: expected `:`"]);
        assert_eq!(faults_of("[{{seq}}1]", None, "k"), ["1 is no JSON: invalid number"]);
        // A number may be below 0 only where a sign may stand.
        let negative = Field::Integer { min: -1, max: 1 };
        assert_eq!(faults_of("[1{{f}}]", Some(negative), "k").len(), 1);
        assert_eq!(faults_of("[", None, "k"), ["[ is no JSON: EOF while parsing a list"]);
    }
}
