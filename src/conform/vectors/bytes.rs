//! Bytes in rows: hexadecimal, or `b64:` and base64 when there are many.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

/// Bytes or null; `None` for anything else.
pub(super) fn nullable(value: &Value) -> Option<Option<Vec<u8>>> {
    match value {
        Value::Null => Some(None),
        Value::String(text) => read(text).map(Some),
        _ => None,
    }
}

fn read(text: &str) -> Option<Vec<u8>> {
    match text.strip_prefix("b64:") {
        Some(base64) => STANDARD.decode(base64).ok(),
        None => hexadecimal(text.as_bytes()),
    }
}

fn hexadecimal(digits: &[u8]) -> Option<Vec<u8>> {
    let digit = |byte: u8| (byte as char).to_digit(16);
    let (pairs, []) = digits.as_chunks::<2>() else { return None };
    pairs.iter().map(|[high, low]| Some((digit(*high)? << 4 | digit(*low)?) as u8)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_ways_of_writing_bytes_are_read() {
        assert_eq!(read("00ff7A"), Some(vec![0, 255, 0x7a]));
        assert_eq!(read("b64:AP96"), Some(vec![0, 255, 0x7a]));
        assert_eq!(read(""), Some(Vec::new()));
        assert_eq!((read("0"), read("0g"), read("b64:*")), (None, None, None));
        assert_eq!(nullable(&Value::Null), Some(None));
        assert_eq!(nullable(&Value::Bool(true)), None);
    }
}
