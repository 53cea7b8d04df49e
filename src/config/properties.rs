//! The syntax of Java's `.properties` files, as `java.util.Properties.load` reads it.
//!
//! A line that ends in an odd number of backslashes goes on in the next one, whose leading blanks don't count. `#` and
//! `!` begin a comment where a key would begin, nowhere else. A key ends at the first `=`, `:` or blank.

use std::ops::Range;

/// One key with its value, and where both stand in the text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The key, without escapes.
    pub key: String,
    /// The value, without escapes.
    pub value: String,
    /// Bytes of the key in the text.
    pub key_bytes: Range<usize>,
    /// Bytes of the value in the text, line ends of continued lines included.
    pub value_bytes: Range<usize>,
}

/// A `\u` that is not followed by four hexadecimal digits, which Java refuses with an `IllegalArgumentException`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BadEscape {
    /// Its bytes in the text.
    pub bytes: Range<usize>,
}

/// All entries in the order of the text, equal keys included, of which Java keeps the last; and all bad escapes, whose
/// entries are left out.
pub fn parse(text: &str) -> (Vec<Entry>, Vec<BadEscape>) {
    let mut entries = Vec::new();
    let mut bad_escapes = Vec::new();
    let mut lines = LogicalLines { text, at: 0 };
    while let Some(line) = lines.next_line() {
        match entry(&line) {
            Ok(entry) => entries.push(entry),
            Err(bad) => bad_escapes.push(bad),
        }
    }
    (entries, bad_escapes)
}

/// A character of a logical line, and the byte at which it stands in the text.
type Placed = (usize, char);

/// The lines that carry entries, continued lines in one piece.
struct LogicalLines<'a> {
    text: &'a str,
    at: usize,
}

impl LogicalLines<'_> {
    /// The characters of the next logical line; blank lines and comments are skipped.
    fn next_line(&mut self) -> Option<Vec<Placed>> {
        let mut line: Vec<Placed> = Vec::new();
        while self.at < self.text.len() {
            let (start, end) = self.next_natural_line();
            let natural = &self.text[start..end];
            let content = natural.trim_start_matches(is_blank);
            let is_comment = line.is_empty() && content.starts_with(['#', '!']);
            if is_comment || line.is_empty() && content.is_empty() {
                continue;
            }
            let offset = end - content.len();
            line.extend(content.char_indices().map(|(index, c)| (offset + index, c)));
            let backslashes = content.chars().rev().take_while(|&c| c == '\\').count();
            if backslashes % 2 == 0 {
                return Some(line);
            }
            line.pop();
            if line.is_empty() && self.at >= self.text.len() {
                return None;
            }
        }
        (!line.is_empty()).then_some(line)
    }

    /// Where the next line of the text starts and ends; moves behind its line end: `\n`, `\r` or `\r\n`.
    fn next_natural_line(&mut self) -> (usize, usize) {
        let start = self.at;
        let rest = &self.text[start..];
        let length = rest.find(['\n', '\r']).unwrap_or(rest.len());
        let line_end = if rest[length..].starts_with("\r\n") { 2 } else { 1 };
        self.at = (start + length + line_end).min(self.text.len());
        (start, start + length)
    }
}

const fn is_blank(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\x0c')
}

fn entry(line: &[Placed]) -> Result<Entry, BadEscape> {
    let key_end = key_end(line);
    let mut value_start = key_end;
    let skip_blanks = |from: usize| from + line[from..].iter().take_while(|(_, c)| is_blank(*c)).count();
    value_start = skip_blanks(value_start);
    if matches!(line.get(value_start), Some((_, '=' | ':'))) {
        value_start = skip_blanks(value_start + 1);
    }
    let (key, value) = (&line[..key_end], &line[value_start..]);
    Ok(Entry {
        key: unescaped(key)?,
        value: unescaped(value)?,
        key_bytes: bytes(key, line),
        value_bytes: bytes(value, line),
    })
}

/// The first separator that no backslash stands before.
fn key_end(line: &[Placed]) -> usize {
    let mut is_escaped = false;
    for (index, &(_, c)) in line.iter().enumerate() {
        if !is_escaped && (is_blank(c) || matches!(c, '=' | ':')) {
            return index;
        }
        is_escaped = c == '\\' && !is_escaped;
    }
    line.len()
}

/// From the first to the last character of a part of a line; nothing at its end for an empty part.
fn bytes(part: &[Placed], line: &[Placed]) -> Range<usize> {
    let end_of = |placed: &[Placed]| placed.last().map_or(0, |&(at, c)| at + c.len_utf8());
    match part.first() {
        Some(&(start, _)) => start..end_of(part),
        None => end_of(line)..end_of(line),
    }
}

/// Resolves escapes. Two halves of a character beyond 16 bits are joined, as Java's strings do.
fn unescaped(part: &[Placed]) -> Result<String, BadEscape> {
    let mut units: Vec<u16> = Vec::with_capacity(part.len());
    let mut rest = part;
    while let [(at, c), tail @ ..] = rest {
        rest = tail;
        let mut push = |c: char| units.extend_from_slice(c.encode_utf16(&mut [0; 2]));
        let [(_, escaped), tail @ ..] = rest else {
            push(*c);
            continue;
        };
        if *c != '\\' {
            push(*c);
            continue;
        }
        rest = tail;
        match escaped {
            'u' => {
                let digits: String = rest.iter().take(4).map(|(_, c)| *c).collect();
                let is_hex = digits.len() == 4 && digits.chars().all(|c| c.is_ascii_hexdigit());
                let Some(unit) = u16::from_str_radix(&digits, 16).ok().filter(|_| is_hex) else {
                    let hex = rest.iter().take(4).take_while(|(_, c)| c.is_ascii_hexdigit()).count();
                    return Err(BadEscape { bytes: *at..at + 2 + hex });
                };
                units.push(unit);
                rest = &rest[4..];
            }
            't' => push('\t'),
            'n' => push('\n'),
            'r' => push('\r'),
            'f' => push('\x0c'),
            other => push(*other),
        }
    }
    Ok(String::from_utf16_lossy(&units))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn pairs(text: &str) -> Vec<(String, String)> {
        let (entries, bad) = parse(text);
        assert_eq!(bad, []);
        entries.into_iter().map(|entry| (entry.key, entry.value)).collect()
    }

    fn pair(text: &str) -> (String, String) {
        let all = pairs(text);
        assert_eq!(all.len(), 1, "{text:?} gives {all:?}");
        all.into_iter().next().expect("one entry")
    }

    #[test]
    fn keys_end_at_any_separator() {
        for text in ["a.b=5", "a.b:5", "a.b 5", "a.b\t5", " a.b = 5", "a.b : 5", "a.b\x0c=\x0c5"] {
            assert_eq!(pair(text), ("a.b".to_owned(), "5".to_owned()), "{text:?}");
        }
        assert_eq!(pair("a==5"), ("a".to_owned(), "=5".to_owned()));
        assert_eq!(pair("a = : 5 "), ("a".to_owned(), ": 5 ".to_owned()));
        assert_eq!(pair("a"), ("a".to_owned(), String::new()));
        assert_eq!(pair("=5"), (String::new(), "5".to_owned()));
    }

    #[test]
    fn comments_stand_on_lines_of_their_own() {
        assert_eq!(pairs("# a=1\n  ! b=2\n\n \t\n"), []);
        assert_eq!(pair("a=5 # five"), ("a".to_owned(), "5 # five".to_owned()));
        assert_eq!(pairs("# a=1 \\\nb=2"), [("b".to_owned(), "2".to_owned())]);
    }

    #[test]
    fn a_backslash_at_the_end_goes_on_in_the_next_line() {
        assert_eq!(pair("a=1,\\\n   2,\\\r\n\t3"), ("a".to_owned(), "1,2,3".to_owned()));
        assert_eq!(pair("a\\\n  b=1"), ("ab".to_owned(), "1".to_owned()));
        assert_eq!(pair("a=1\\\n# no comment"), ("a".to_owned(), "1# no comment".to_owned()));
        assert_eq!(pairs("a=1\\\\\nb=2").len(), 2);
        assert_eq!(pair("a=1\\"), ("a".to_owned(), "1".to_owned()));
        assert_eq!(pairs("\\"), []);
        assert_eq!(pairs("\\\n\na=1"), [("a".to_owned(), "1".to_owned())]);
    }

    #[test]
    fn escapes_are_resolved_in_keys_and_values() {
        assert_eq!(pair(r"a\=b\:c\ d=x\ty\\z\q"), ("a=b:c d".to_owned(), "x\ty\\zq".to_owned()));
        assert_eq!(pair(r"a=\u00fc\ud83d\ude00"), ("a".to_owned(), "ü😀".to_owned()));
        assert_eq!(pair(r"a=\ud83d"), ("a".to_owned(), "\u{fffd}".to_owned()));
    }

    #[test]
    fn a_short_unicode_escape_is_refused() {
        for (text, bytes) in [(r"a=\u12", 2..6), (r"a=\u12x4", 2..6), (r"a=\u", 2..4), (r"\u+123=1", 0..2)] {
            assert_eq!(parse(text), (vec![], vec![BadEscape { bytes }]), "{text}");
        }
    }

    #[test]
    fn places_cover_keys_and_values() {
        let text = "# c\r\n  acks : al\\\n   l\r\nlinger.ms\nclient.id=\u{fc}";
        let (entries, _) = parse(text);
        let pieces: Vec<(&str, &str)> =
            entries.iter().map(|e| (&text[e.key_bytes.clone()], &text[e.value_bytes.clone()])).collect();
        assert_eq!(pieces, [("acks", "al\\\n   l"), ("linger.ms", ""), ("client.id", "\u{fc}")]);
        assert_eq!(entries[0].value, "all");
    }

    #[test]
    fn all_line_ends_of_java_end_a_line() {
        assert_eq!(pairs("a=1\rb=2\r\nc=3\n").len(), 3);
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        /// Whatever the text, every place lies in it, and nothing panics.
        #[test]
        fn any_text_is_read(text in r"([a-c=:#!\\ \n\r\tü]|\\u[0-9a-f]{0,4}){0,40}") {
            let (entries, bad) = parse(&text);
            for entry in &entries {
                prop_assert!(text.get(entry.key_bytes.clone()).is_some());
                prop_assert!(text.get(entry.value_bytes.clone()).is_some());
            }
            for escape in &bad {
                prop_assert!(text.get(escape.bytes.clone()).is_some());
            }
        }
    }
}
