//! The catalogue of sentences, in each language and for each audience.

use std::sync::OnceLock;

use serde_json::Value;

/// Whom a sentence is for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Audience {
    /// Kafka's own words.
    #[default]
    Engineer,
    /// The words explained.
    Student,
}

impl Audience {
    const fn key(self) -> &'static str {
        match self {
            Audience::Engineer => "engineer",
            Audience::Student => "student",
        }
    }
}

/// A sentence of the catalogue, filled in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sentence {
    /// Its id: the same in every language and release.
    pub id: String,
    /// What it says.
    pub text: String,
}

/// Languages with their catalogues.
const LANGUAGES: [(&str, &str); 2] =
    [("en", include_str!("sentences.toml")), ("ko", include_str!("sentences.ko.toml"))];

/// All catalogues: by language, id and audience.
pub fn all() -> &'static Value {
    static ALL: OnceLock<Value> = OnceLock::new();
    ALL.get_or_init(|| {
        let read = |(code, text): (&str, &str)| {
            // They are part of the program, and a test reads them.
            let catalogue = toml::from_str::<toml::Table>(text).unwrap_or_default();
            (code.to_owned(), serde_json::to_value(catalogue).unwrap_or_default())
        };
        Value::Object(LANGUAGES.into_iter().map(read).collect())
    })
}

/// The sentence with an id, for an audience, with its names filled in. In English.
pub fn sentence(id: &str, audience: Audience, values: &[(&str, String)]) -> Sentence {
    let template = all()["en"][id][audience.key()].as_str().unwrap_or(id);
    let mut text = String::with_capacity(template.len() + 32);
    let mut rest = template;
    while let Some((before, behind)) = rest.split_once('{') {
        text.push_str(before);
        let (place, behind) = behind.split_once('}').unwrap_or((behind, ""));
        let (name, noun) = place.split_once('|').map_or((place, None), |(name, noun)| (name, Some(noun)));
        match (values.iter().find(|(known, _)| *known == name), noun) {
            (Some((_, value)), None) => text.push_str(value),
            (Some((_, value)), Some(noun)) => text.push_str(&counted(value, noun)),
            (None, _) => text.push_str(&format!("{{{place}}}")),
        }
        rest = behind;
    }
    text.push_str(rest);
    Sentence { id: id.to_owned(), text }
}

/// A number with what it counts: `1 record`, `3 records`, `2 batches`.
fn counted(value: &str, noun: &str) -> String {
    let ending = match value {
        "1" => "",
        _ if noun.ends_with("ch") => "es",
        _ => "s",
    };
    format!("{value} {noun}{ending}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_sentence_is_there_for_every_audience() {
        let english = all()["en"].as_object().expect("a catalogue");
        assert!(english.len() > 60, "{}", english.len());
        for (language, catalogue) in all().as_object().expect("languages") {
            let catalogue = catalogue.as_object().expect("a catalogue");
            let ids: Vec<&String> = catalogue.keys().collect();
            assert_eq!(ids.len(), english.len(), "{language}");
            for (id, entry) in catalogue {
                for audience in [Audience::Engineer, Audience::Student] {
                    let text = entry[audience.key()].as_str().unwrap_or_default();
                    assert!(!text.is_empty(), "{language}: {id} for {audience:?}");
                    // A translation speaks of the same things, or of fewer.
                    let names = |text: &str| -> Vec<String> {
                        let places = text.split('{').skip(1).filter_map(|part| part.split_once('}'));
                        places.map(|(place, _)| place.split('|').next().unwrap_or("").to_owned()).collect()
                    };
                    let mut known = names(english[id]["engineer"].as_str().unwrap_or_default());
                    known.extend(names(english[id]["student"].as_str().unwrap_or_default()));
                    for name in names(text) {
                        assert!(known.contains(&name), "{language}: {id} speaks of {name}");
                    }
                }
            }
        }
    }

    #[test]
    fn what_is_counted_has_its_number() {
        let values = [("records", "1".to_owned()), ("batch", "7".to_owned()), ("request", "3".to_owned())];
        let said = sentence("sent.again", Audience::Engineer, &values);
        assert_eq!(said.id, "sent.again");
        assert!(said.text.starts_with("Batch 7 of {partition} is sent again in request 3"), "{}", said.text);
        assert_eq!(
            [counted("1", "batch"), counted("2", "batch"), counted("0", "byte")],
            ["1 batch", "2 batches", "0 bytes"]
        );
        assert_eq!(sentence("no such sentence", Audience::Student, &[]).text, "no such sentence");
    }
}
