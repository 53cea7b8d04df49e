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
const LANGUAGES: [(&str, &str); 1] = [("en", include_str!("sentences.toml"))];

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
        let (name, behind) = behind.split_once('}').unwrap_or((behind, ""));
        match values.iter().find(|(known, _)| *known == name) {
            Some((_, value)) => text.push_str(value),
            None => text.push_str(&format!("{{{name}}}")),
        }
        rest = behind;
    }
    text.push_str(rest);
    Sentence { id: id.to_owned(), text }
}
