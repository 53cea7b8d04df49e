//! A manual page about a kind of file, piece by piece.

use clap_mangen::roff::{Inline, Roff, bold, italic, roman};

use super::SOURCE;

/// A page in section 5 of the manual.
pub struct Page {
    name: &'static str,
    roff: Roff,
}

impl Page {
    /// A page with its name and a phrase that says what it is about.
    pub fn new(name: &'static str, about: &str) -> Page {
        let mut roff = Roff::new();
        roff.control("TH", [name, "5", "", SOURCE, "File Formats"]);
        roff.control("SH", ["NAME"]).text([roman(format!("{name} - {about}"))]);
        Page { name, roff }
    }

    /// A heading.
    pub fn heading(&mut self, heading: &str) {
        self.roff.control("SH", [heading]);
    }

    /// A heading of a section within a larger one.
    pub fn subheading(&mut self, heading: &str) {
        self.roff.control("SS", [heading]);
    }

    /// A paragraph, in which `code` is bold.
    pub fn paragraph(&mut self, text: &str) {
        self.roff.control("PP", []).text(inlines(text));
    }

    /// A key, what its values are, and what is to say about it.
    pub fn key(&mut self, key: &str, values: &str, about: &str) {
        let mut term = vec![bold(key), roman("  ")];
        term.extend(inlines(values).into_iter().map(|inline| match inline {
            Inline::Roman(text) => italic(text),
            other => other,
        }));
        self.roff.control("TP", []).text(term).text(inlines(about));
    }

    /// The name of its file and its text.
    pub fn finish(mut self, see_also: &[(&str, &str)]) -> (String, String) {
        add_see_also(&mut self.roff, see_also);
        (format!("{}.5", self.name), self.roff.render())
    }
}

/// The section that names other pages, each with the section it is in.
pub fn add_see_also(roff: &mut Roff, pages: &[(&str, &str)]) {
    let mut line = Vec::new();
    for (name, section) in pages {
        let comma = if line.is_empty() { "" } else { ", " };
        line.extend([roman(comma), bold(*name), roman(format!("({section})"))]);
    }
    roff.control("SH", ["SEE ALSO"]).text(line);
}

/// Text in which what stands between backticks is bold. Not every formatter reads more than ASCII.
fn inlines(text: &str) -> Vec<Inline> {
    let text = text.replace('…', "...");
    let part = |(index, part): (usize, &str)| if index % 2 == 0 { roman(part) } else { bold(part) };
    text.split('`').enumerate().filter(|(_, part)| !part.is_empty()).map(part).collect()
}
