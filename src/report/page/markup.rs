//! HTML as text: whatever comes from a scenario is escaped.

use std::fmt::Write;

/// Text that means itself, in elements and in attributes.
pub(super) fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            _ => safe.push(c),
        }
    }
    safe
}

/// A table with a caption, headings, and rows whose first cell names them. Cells are escaped here.
pub(super) fn table(caption: &str, headings: &[&str], rows: &[Vec<String>]) -> String {
    let mut html = format!("<table><caption>{}</caption><thead><tr>", escaped(caption));
    for heading in headings {
        let _ = write!(html, "<th scope=\"col\">{}</th>", escaped(heading));
    }
    html.push_str("</tr></thead><tbody>");
    for row in rows {
        html.push_str("<tr>");
        for (at, cell) in row.iter().enumerate() {
            let _ = match at {
                0 => write!(html, "<th scope=\"row\">{}</th>", escaped(cell)),
                _ if is_number(cell) => write!(html, "<td class=\"n\">{}</td>", escaped(cell)),
                _ => write!(html, "<td>{}</td>", escaped(cell)),
            };
        }
        html.push_str("</tr>");
    }
    html.push_str("</tbody></table>");
    html
}

fn is_number(cell: &str) -> bool {
    cell.starts_with(|c: char| c.is_ascii_digit())
}

/// A list of sentences.
pub(super) fn list(sentences: impl IntoIterator<Item = String>) -> String {
    let items: String = sentences.into_iter().map(|text| format!("<li>{}</li>", escaped(&text))).collect();
    if items.is_empty() { String::new() } else { format!("<ul>{items}</ul>") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_of_a_scenario_is_markup() {
        let html = table("</table>", &["<b>"], &[vec!["\"x\" & 'y'".to_owned(), "12 <i>".to_owned()]]);
        assert!(html.contains("<caption>&lt;/table&gt;</caption>"), "{html}");
        assert!(
            html.contains("&quot;x&quot; &amp; &#39;y&#39;") && html.contains("<td class=\"n\">12 &lt;i&gt;")
        );
        assert_eq!(list([String::from("<p>")]), "<ul><li>&lt;p&gt;</li></ul>");
    }
}
