//! The texts a scenario is made of, and places in them.

use super::gate::Spot;

/// A text that problems can point into: a file, or an argument of the command line.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Source {
    name: String,
    text: String,
    /// Where each line begins.
    lines: Vec<usize>,
    is_file: bool,
}

/// One of the [`Sources`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct SourceId(u32);

/// Bytes `start..end` of a source.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    source: SourceId,
    start: usize,
    end: usize,
}

/// All texts of one scenario, in order of reading.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sources(Vec<Source>);

/// A place as people say it, with the line it is in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Line<'a> {
    /// Line number from 1.
    pub number: usize,
    /// Characters before the place in its line.
    pub before: usize,
    /// Characters of the place in that line, at least 1.
    pub length: usize,
    /// The line, without its end.
    pub text: &'a str,
}

impl Place {
    /// From the start of this place to the end of `last`, if that is one piece of about `length` bytes; else `last`.
    pub fn joined(self, last: Place, length: usize) -> Place {
        let in_one_piece = self.source == last.source && last.end.saturating_sub(self.start) <= length;
        if in_one_piece && self.start < last.start { Place { start: self.start, ..last } } else { last }
    }

    /// The same place, cut down to a part of its bytes, counted from its start.
    pub fn part(self, start: usize, end: usize) -> Place {
        let at = |offset: usize| (self.start + offset).min(self.end);
        Place { start: at(start), end: at(end.max(start)), ..self }
    }
}

impl Sources {
    /// Adds a file's text.
    pub fn add_file(&mut self, name: &str, text: String) -> SourceId {
        self.add(name, text, true)
    }

    /// Adds an argument, whose name is its flag.
    pub fn add_argument(&mut self, flag: &str, text: &str) -> SourceId {
        self.add(flag, text.to_owned(), false)
    }

    fn add(&mut self, name: &str, text: String, is_file: bool) -> SourceId {
        let lines =
            std::iter::once(0).chain(text.match_indices('\n').map(|(newline, _)| newline + 1)).collect();
        self.0.push(Source { name: name.to_owned(), text, lines, is_file });
        SourceId(self.0.len() as u32 - 1)
    }

    /// The whole text.
    pub fn text(&self, id: SourceId) -> &str {
        &self.0[id.0 as usize].text
    }

    /// The bytes `start..end`, moved outwards to whole characters and into the text.
    pub fn place(&self, source: SourceId, start: usize, end: usize) -> Place {
        let text = self.text(source);
        let mut start = start.min(text.len());
        let mut end = end.clamp(start, text.len());
        while !text.is_char_boundary(start) {
            start -= 1;
        }
        while !text.is_char_boundary(end) {
            end += 1;
        }
        Place { source, start, end }
    }

    /// The text at a place.
    pub fn slice(&self, place: Place) -> &str {
        self.text(place.source).get(place.start..place.end).unwrap_or("")
    }

    /// Line `number` (from 1) of a place, as a place.
    pub fn line_within(&self, place: Place, number: usize) -> Place {
        let mut start = 0;
        for (index, line) in self.slice(place).split_inclusive('\n').enumerate() {
            if index + 1 == number {
                return place.part(start, start + line.trim_end().len());
            }
            start += line.len();
        }
        place
    }

    /// `scenario.toml:12`, or the flag of an argument.
    pub fn origin(&self, place: Place) -> String {
        let source = &self.0[place.source.0 as usize];
        match source.is_file {
            true => format!("{}:{}", source.name, self.line(place).number),
            false => source.name.clone(),
        }
    }

    /// `scenario.toml:12:5`, or the flag of an argument.
    pub fn position(&self, place: Place) -> String {
        let source = &self.0[place.source.0 as usize];
        let line = self.line(place);
        match source.is_file {
            true => format!("{}:{}:{}", source.name, line.number, line.before + 1),
            false => source.name.clone(),
        }
    }

    /// The same for programs that show it in the file.
    pub fn spot(&self, place: Place) -> Spot {
        let line = self.line(place);
        let file = self.0[place.source.0 as usize].name.clone();
        Spot { file, line: line.number as u32, column: line.before as u32 + 1 }
    }

    /// The line of a place's first character.
    pub fn line(&self, place: Place) -> Line<'_> {
        let Source { text, lines, .. } = &self.0[place.source.0 as usize];
        let number = lines.partition_point(|&start| start <= place.start);
        let line_start = lines[number - 1];
        let line_end = lines.get(number).map_or(text.len(), |next| next - 1);
        let length = text[place.start..place.end.min(line_end)].chars().count();
        Line {
            number,
            before: text[line_start..place.start].chars().count(),
            length: length.max(1),
            text: text[line_start..line_end].trim_end_matches('\r'),
        }
    }

    /// Overwrites a secret, so that nothing can print it.
    pub fn hide(&mut self, place: Place) {
        let text = &mut self.0[place.source.0 as usize].text;
        let stars: String = text[place.start..place.end]
            .chars()
            .map(|c| if c == '\n' { "\n".to_owned() } else { "*".repeat(c.len_utf8()) })
            .collect();
        text.replace_range(place.start..place.end, &stars);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_knows_its_line_and_column() {
        let mut sources = Sources::default();
        let id = sources.add_file("a.toml", "one\r\ntwö = 2\n".to_owned());
        let place = sources.place(id, 12, 13);
        assert_eq!(sources.slice(place), "2");
        assert_eq!(sources.line(place), Line { number: 2, before: 6, length: 1, text: "twö = 2" });
        assert_eq!(sources.position(place), "a.toml:2:7");
    }

    #[test]
    fn places_outside_the_text_move_into_it() {
        let mut sources = Sources::default();
        let id = sources.add_file("a.toml", "ö".to_owned());
        assert_eq!(sources.slice(sources.place(id, 1, 1)), "ö");
        assert_eq!(sources.slice(sources.place(id, 70, 99)), "");
        assert_eq!(sources.line(sources.place(id, 70, 99)).number, 1);
    }

    #[test]
    fn a_hidden_secret_is_gone_but_keeps_its_length() {
        let mut sources = Sources::default();
        let id = sources.add_argument("--set", "ssl.key.password=hünter");
        sources.hide(sources.place(id, 17, 24));
        assert_eq!(sources.text(id), "ssl.key.password=*******");
    }
}
