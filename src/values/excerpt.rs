//! Foreign text inside a message.

/// At most 40 characters of a text, without control characters.
pub fn short(text: &str) -> String {
    excerpt(text, 40)
}

/// At most `limit` characters of a text, without control characters.
pub fn excerpt(text: &str, limit: usize) -> String {
    let mut shown: String = text.chars().take(limit).map(|c| if c.is_control() { '·' } else { c }).collect();
    if text.chars().nth(limit).is_some() {
        shown.push('…');
    }
    shown
}
