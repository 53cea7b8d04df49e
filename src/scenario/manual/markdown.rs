//! The tables of `docs/scenarios.md`.

use std::fmt::Write;

use super::{Row, Section};

/// The keys of a section as a table in Markdown, without those that stand only beside others.
pub fn table(section: &Section) -> String {
    let mut text = "| key | value | default | meaning |\n| --- | --- | --- | --- |\n".to_owned();
    for row in section.rows.iter().filter(|row| row.beside.is_empty()) {
        let preset = if row.preset.is_empty() { String::new() } else { format!("`{}` ", row.preset) };
        let Row { key, .. } = row;
        let _ = writeln!(text, "| `{key}` | {} | {preset}| {} |", row.value(), row.meaning());
    }
    text
}

/// The keys of a section that stand only beside others, as a table in Markdown.
pub fn table_of_further_keys(section: &Section) -> String {
    let mut text = "| with | further key | value | meaning |\n| --- | --- | --- | --- |\n".to_owned();
    for row in section.rows.iter().filter(|row| !row.beside.is_empty()) {
        let beside: Vec<String> = row.beside.iter().map(|key| format!("`{key}`")).collect();
        let Row { key, .. } = row;
        let _ = writeln!(text, "| {} | `{key}` | {} | {} |", beside.join(", "), row.value(), row.meaning());
    }
    text
}
