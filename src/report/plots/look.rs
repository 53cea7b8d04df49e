//! How all pictures look: colours that everybody can tell apart, each with a dash and a pattern of its own, and a style for
//! dark pages. The drawing library knows neither dashes nor patterns nor styles, so they are put into its text.

use plotters::style::RGBColor;

use crate::report::drawing::PALETTE;

/// Behind times in which something was wrong.
pub const BAND: RGBColor = RGBColor(128, 128, 128);

/// Colours of lines and boxes by their number.
pub fn colour(number: usize) -> RGBColor {
    PALETTE[number % PALETTE.len()]
}

/// Dashes of lines, by colour; the first is solid.
const DASHES: [&str; 6] = ["", "9 4", "3 3", "12 3 3 3", "6 2", "1 4"];
/// What lies on boxes, by colour: the path of a pattern of 10 by 10 pixels. The first and the fifth are plain.
const PATTERNS: [&str; 6] =
    ["", "M0 10L10 0M-2 2L2 -2M8 12L12 8", "M2 2h2M7 7h2", "M0 5h10", "", "M0 0L10 10M-2 8L2 12M8 -2L12 2"];
/// What colours are on a dark page: the page, text, lines behind the data, and the palette, where it is too dark.
const DARK: [(&str, &str); 7] = [
    ("#FFFFFF", "#15181C"),
    ("#282828", "#E3E6EA"),
    ("#D2D2D2", "#3B4149"),
    ("#0072B2", "#3F97D6"),
    ("#56B4E9", "#A9DCFA"),
    ("#D55E00", "#F2822F"),
    ("#009E73", "#2CBF94"),
];

fn code(colour: RGBColor) -> String {
    format!("#{:02X}{:02X}{:02X}", colour.0, colour.1, colour.2)
}

/// A text within SVG.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// A finished picture: with a title and a description for who does not see it, dashes, patterns, and a style.
pub fn finished(drawn: &str, title: &str, says: &str) -> String {
    let mut text = String::with_capacity(drawn.len() + 4_096);
    for (place, line) in drawn.lines().enumerate() {
        match place {
            0 => {
                text.push_str(&line.replacen(
                    "<svg ",
                    "<svg role=\"img\" aria-labelledby=\"title desc\" ",
                    1,
                ));
                text.push_str(&format!(
                    "\n<title id=\"title\">{}</title>\n<desc id=\"desc\">{}</desc>\n",
                    escaped(title),
                    escaped(says)
                ));
                text.push_str(&style());
                text.push_str(&patterns());
            }
            _ => text.push_str(&(dressed(line) + "\n")),
        }
    }
    text
}

/// A line of the drawing with its dash or pattern.
fn dressed(line: &str) -> String {
    let is_line = line.starts_with("<polyline");
    for (number, colour) in PALETTE.iter().enumerate() {
        let code = code(*colour);
        let stroke = format!("stroke=\"{code}\"");
        if is_line && !DASHES[number].is_empty() && line.contains(&stroke) {
            return line.replacen(&stroke, &format!("{stroke} stroke-dasharray=\"{}\"", DASHES[number]), 1);
        }
        let fill = format!("fill=\"{code}\"");
        if line.starts_with("<rect") && !PATTERNS[number].is_empty() && line.contains(&fill) {
            return line.replacen(&fill, &format!("fill=\"url(#pattern-{number})\""), 1);
        }
    }
    line.to_owned()
}

fn style() -> String {
    let rules: String = DARK
        .iter()
        .map(|(light, dark)| {
            format!("[fill=\"{light}\"] {{ fill: {dark} }} [stroke=\"{light}\"] {{ stroke: {dark} }}\n")
        })
        .collect();
    format!("<style>\n@media (prefers-color-scheme: dark) {{\n{rules}}}\n</style>\n")
}

fn patterns() -> String {
    let of = |(number, path): (usize, &&str)| {
        format!(
            "<pattern id=\"pattern-{number}\" width=\"10\" height=\"10\" patternUnits=\"userSpaceOnUse\">\
             <path d=\"M0 0h10v10h-10z\" fill=\"{}\"/><path d=\"{path}\" stroke=\"#FFFFFF\" stroke-width=\"1\"/></pattern>\n",
            code(colour(number))
        )
    };
    let all: String = PATTERNS.iter().enumerate().filter(|(_, path)| !path.is_empty()).map(of).collect();
    format!("<defs>\n{all}</defs>\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_dashed_and_boxes_patterned_by_colour() {
        let line = r##"<polyline fill="none" opacity="1" stroke="#D55E00" stroke-width="2" points="1,2 "/>"##;
        assert!(dressed(line).contains("stroke=\"#D55E00\" stroke-dasharray=\"9 4\""));
        let solid = line.replace("D55E00", "0072B2");
        assert_eq!(dressed(&solid), solid);
        let box_ = r##"<rect x="0" y="0" width="1" height="1" opacity="1" fill="#009E73" stroke="none"/>"##;
        assert!(dressed(box_).contains("url(#pattern-2)"));
    }

    #[test]
    fn a_picture_has_words_for_who_does_not_see_it() {
        let text = finished("<svg width=\"1\">\n</svg>\n", "a < b", "more");
        assert!(text.starts_with(
            "<svg role=\"img\" aria-labelledby=\"title desc\" width=\"1\">\n<title id=\"title\">a &lt; b"
        ));
        assert!(text.contains("prefers-color-scheme: dark") && text.ends_with("</svg>\n"));
    }
}
