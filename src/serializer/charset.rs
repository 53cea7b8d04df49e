//! Java's charsets: their names, and text as bytes.

use crate::values::nearest::{did_you_mean, nearest};

/// How text becomes bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Charset {
    Utf8,
    Utf16(Order),
    Utf32(Order),
    UsAscii,
    Iso8859_1,
    Windows1252,
}

/// Order of the bytes of a code unit, and whether a byte order mark stands before text that is not empty.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Order {
    Big,
    Little,
    BigMarked,
    LittleMarked,
}

/// Each charset under its name and all of its aliases in Java 17. Capital and small letters are the same.
const NAMES: &[(Charset, &[&str])] = &[
    (Charset::Utf8, &["UTF-8", "UTF8", "unicode-1-1-utf-8"]),
    (Charset::Utf16(Order::BigMarked), &["UTF-16", "UTF_16", "UTF16", "UnicodeBig", "unicode"]),
    (
        Charset::Utf16(Order::Big),
        &["UTF-16BE", "UTF_16BE", "X-UTF-16BE", "ISO-10646-UCS-2", "UnicodeBigUnmarked"],
    ),
    (Charset::Utf16(Order::Little), &["UTF-16LE", "UTF_16LE", "X-UTF-16LE", "UnicodeLittleUnmarked"]),
    (Charset::Utf16(Order::LittleMarked), &["x-UTF-16LE-BOM", "UnicodeLittle"]),
    // Unlike UTF-16, UTF-32 has no mark unless its name says so.
    (Charset::Utf32(Order::Big), &["UTF-32", "UTF_32", "UTF32", "UTF-32BE", "UTF_32BE", "X-UTF-32BE"]),
    (Charset::Utf32(Order::Little), &["UTF-32LE", "UTF_32LE", "X-UTF-32LE"]),
    (Charset::Utf32(Order::BigMarked), &["X-UTF-32BE-BOM", "UTF-32BE-BOM", "UTF_32BE_BOM"]),
    (Charset::Utf32(Order::LittleMarked), &["X-UTF-32LE-BOM", "UTF-32LE-BOM", "UTF_32LE_BOM"]),
    (
        Charset::UsAscii,
        &[
            "US-ASCII",
            "ASCII",
            "ascii7",
            "csASCII",
            "default",
            "us",
            "646",
            "ISO646-US",
            "ISO_646.irv:1983",
            "ISO_646.irv:1991",
            "iso-ir-6",
            "ANSI_X3.4-1968",
            "ANSI_X3.4-1986",
            "cp367",
            "IBM367",
        ],
    ),
    (
        Charset::Iso8859_1,
        &[
            "ISO-8859-1",
            "ISO8859-1",
            "ISO8859_1",
            "ISO_8859-1",
            "ISO_8859_1",
            "ISO_8859-1:1987",
            "8859_1",
            "latin1",
            "l1",
            "csISOLatin1",
            "iso-ir-100",
            "819",
            "cp819",
            "IBM819",
            "IBM-819",
        ],
    ),
    (Charset::Windows1252, &["windows-1252", "cp1252", "cp5348", "ibm1252", "ibm-1252"]),
];

/// The characters that windows-1252 has at 0x80 to 0x9f. The five zeros are unused.
const WINDOWS_1252_MIDDLE: [u16; 32] = [
    0x20ac, 0, 0x201a, 0x0192, 0x201e, 0x2026, 0x2020, 0x2021, 0x02c6, 0x2030, 0x0160, 0x2039, 0x0152, 0,
    0x017d, 0, 0, 0x2018, 0x2019, 0x201c, 0x201d, 0x2022, 0x2013, 0x2014, 0x02dc, 0x2122, 0x0161, 0x203a,
    0x0153, 0, 0x017e, 0x0178,
];

impl Charset {
    /// The charset that Java knows by this name, if it is one of those here.
    pub(super) fn by_name(name: &str) -> Option<Charset> {
        let has_name = |names: &[&str]| names.iter().any(|alias| alias.eq_ignore_ascii_case(name));
        NAMES.iter().find(|(_, names)| has_name(names)).map(|&(charset, _)| charset)
    }

    /// What to say to somebody who asked for another name: what it may be meant to be, and what there is.
    pub(super) fn help(name: &str) -> Vec<String> {
        let known = NAMES.iter().flat_map(|(_, names)| names.iter().copied());
        let canonical: Vec<&str> = NAMES.iter().map(|(_, names)| names[0]).collect();
        let all = format!("known are {}", canonical.join(", "));
        did_you_mean(&nearest(name, known)).into_iter().chain([all]).collect()
    }

    /// Appends text. What the charset does not have becomes `?`.
    pub(super) fn encode(self, text: &str, out: &mut Vec<u8>) {
        match self {
            Charset::Utf8 => out.extend_from_slice(text.as_bytes()),
            _ => self.encode_chars(text.chars().map(Some), out),
        }
    }

    /// Appends text that has only ASCII characters.
    pub(super) fn encode_ascii(self, text: &[u8], out: &mut Vec<u8>) {
        self.encode_chars(text.iter().map(|&byte| Some(char::from(byte))), out);
    }

    /// Appends UTF-16 code units. An unpaired surrogate becomes `?`, or U+FFFD in UTF-16 and UTF-32.
    pub(super) fn encode_utf16(self, units: &[u16], out: &mut Vec<u8>) {
        self.encode_chars(char::decode_utf16(units.iter().copied()).map(Result::ok), out);
    }

    /// `None` stands for an unpaired surrogate.
    fn encode_chars(self, chars: impl Iterator<Item = Option<char>>, out: &mut Vec<u8>) {
        match self {
            Charset::Utf8 => {
                for c in chars {
                    out.extend_from_slice(c.unwrap_or('?').encode_utf8(&mut [0; 4]).as_bytes());
                }
            }
            Charset::Utf16(order) => {
                for c in order.marked(chars) {
                    for unit in c.encode_utf16(&mut [0; 2]) {
                        let swapped = if order.is_little() { unit.swap_bytes() } else { *unit };
                        out.extend_from_slice(&swapped.to_be_bytes());
                    }
                }
            }
            Charset::Utf32(order) => {
                for c in order.marked(chars) {
                    let unit = u32::from(c);
                    let swapped = if order.is_little() { unit.swap_bytes() } else { unit };
                    out.extend_from_slice(&swapped.to_be_bytes());
                }
            }
            Charset::UsAscii | Charset::Iso8859_1 | Charset::Windows1252 => {
                out.extend(chars.map(|c| c.and_then(|c| self.single_byte(c)).unwrap_or(b'?')));
            }
        }
    }

    /// The byte of a character in a charset that has one for each.
    fn single_byte(self, c: char) -> Option<u8> {
        let code = u32::from(c);
        match self {
            _ if code < 0x80 => Some(code as u8),
            Charset::Iso8859_1 if code < 0x100 => Some(code as u8),
            Charset::Windows1252 if (0xa0..0x100).contains(&code) => Some(code as u8),
            Charset::Windows1252 if code >= 0x100 => {
                let place = WINDOWS_1252_MIDDLE.iter().position(|&other| u32::from(other) == code)?;
                Some(0x80 + place as u8)
            }
            _ => None,
        }
    }
}

impl Order {
    fn is_little(self) -> bool {
        matches!(self, Order::Little | Order::LittleMarked)
    }

    /// The mark if there is to be one and there is text behind it, and what is to be written for each character.
    fn marked(self, chars: impl Iterator<Item = Option<char>>) -> impl Iterator<Item = char> {
        let mut mark = matches!(self, Order::BigMarked | Order::LittleMarked).then_some('\u{feff}');
        chars.flat_map(move |c| mark.take().into_iter().chain([c.unwrap_or(char::REPLACEMENT_CHARACTER)]))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn encoded(name: &str, units: &[u16]) -> Vec<u8> {
        let mut out = Vec::new();
        Charset::by_name(name).expect("a charset").encode_utf16(units, &mut out);
        out
    }

    #[test]
    fn names_are_those_of_java() {
        assert_eq!(Charset::by_name("uTf8"), Some(Charset::Utf8));
        assert_eq!(Charset::by_name("latin1"), Some(Charset::Iso8859_1));
        for name in ["UTF_8", "latin-1", " UTF-8", "UTF-8 ", ""] {
            assert_eq!(Charset::by_name(name), None, "{name}");
        }
        let help = Charset::help("UTF-9").join(" ");
        assert!(help.contains("did you mean `UTF-8`") && help.contains("windows-1252"), "{help}");
    }

    #[test]
    fn a_mark_stands_before_text_only() {
        for (name, marked) in [
            ("UTF-16", &[0xfe, 0xff, 0, 0x61, 0, 0x62][..]),
            ("x-UTF-16LE-BOM", &[0xff, 0xfe, 0x61, 0, 0x62, 0]),
            ("UTF-32", &[0, 0, 0, 0x61, 0, 0, 0, 0x62]),
            ("X-UTF-32LE-BOM", &[0xff, 0xfe, 0, 0, 0x61, 0, 0, 0, 0x62, 0, 0, 0]),
        ] {
            assert_eq!(encoded(name, &[0x61, 0x62]), marked, "{name}");
            assert!(encoded(name, &[]).is_empty(), "{name}");
        }
    }

    #[test]
    fn an_unpaired_surrogate_is_replaced_and_a_pair_is_one_character() {
        let units = [0xd83d, 0xd83d, 0xde00, 0xde00];
        assert_eq!(encoded("UTF-8", &units), b"?\xf0\x9f\x98\x80?");
        assert_eq!(encoded("UTF-16LE", &units), [0xfd, 0xff, 0x3d, 0xd8, 0, 0xde, 0xfd, 0xff]);
        assert_eq!(encoded("UTF-32LE", &units), [0xfd, 0xff, 0, 0, 0, 0xf6, 1, 0, 0xfd, 0xff, 0, 0]);
        assert_eq!(encoded("latin1", &units), b"???");
    }

    #[test]
    fn windows_1252_has_no_controls_but_quotes_and_the_euro() {
        let mut out = Vec::new();
        Charset::Windows1252.encode("\u{80}\u{81}€Ÿ™\u{9f}\u{a0}ÿĀ\0", &mut out);
        assert_eq!(out, b"??\x80\x9f\x99?\xa0\xff?\0");
    }
}
