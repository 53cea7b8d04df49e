//! Answers to paste into a ticket.

use super::explanation::Explanation;
use super::names::{span_text, time_text};
use super::sentences::Sentence;
use crate::values::time::Span;

/// An answer in Markdown, with a newline at the end.
pub fn markdown(explanation: &Explanation) -> String {
    let mut text = format!("### {}\n\n", explanation.title);
    for (name, value) in &explanation.facts {
        text.push_str(&format!("- {name}: {value}\n"));
    }
    list(&mut text, "Why then, and not earlier", &explanation.why);
    list(&mut text, "What if (each a second run)", &explanation.what_if);
    if !explanation.legs.is_empty() {
        text.push_str("\n| stage | time |\n| --- | ---: |\n");
        for leg in &explanation.legs {
            text.push_str(&format!("| {} | {} |\n", leg.stage.words(), span_text(leg.to - leg.from)));
        }
        text.push_str(&format!("| total | {} |\n", span_text(Span(explanation.total_ns()))));
    }
    if !explanation.story.is_empty() {
        text.push_str("\n| time | what happened |\n| --- | --- |\n");
        for (at, sentence) in &explanation.story {
            text.push_str(&format!("| {} | {} |\n", time_text(*at), sentence.text.replace('|', "\\|")));
        }
    }
    if !explanation.keys.is_empty() {
        text.push_str("\n| key | value | origin |\n| --- | --- | --- |\n");
        for (key, value, origin) in &explanation.keys {
            text.push_str(&format!("| `{key}` | {value} | {origin} |\n"));
        }
    }
    if !explanation.log.is_empty() {
        text.push_str(&format!("\n```text\n{}\n```\n", explanation.log.join("\n")));
    }
    text
}

fn list(text: &mut String, heading: &str, sentences: &[Sentence]) {
    if sentences.is_empty() {
        return;
    }
    text.push_str(&format!("\n**{heading}**\n\n"));
    sentences.iter().for_each(|sentence| text.push_str(&format!("- {}\n", sentence.text)));
}
