//! One record of format v2 (3.2). What depends on neither its timestamp nor its place in the batch, its *tail*, is a run of
//! bytes at its end, and is encoded once.

use super::WireError;
use super::varint::take as take_varint;
use crate::protocol::{size, varint};

/// Appends the tail of a record: key, value, number of headers, headers (`DefaultRecord.writeTo`).
pub fn put_tail<'h>(
    out: &mut Vec<u8>,
    key: Option<&[u8]>,
    value: Option<&[u8]>,
    headers: impl ExactSizeIterator<Item = (&'h str, Option<&'h [u8]>)>,
) {
    put_nullable(out, key);
    put_nullable(out, value);
    put_headers(out, headers);
}

/// Appends a field that may be null, with its length.
pub fn put_nullable(out: &mut Vec<u8>, bytes: Option<&[u8]>) {
    match bytes {
        Some(bytes) => {
            varint::put(out, bytes.len() as i64);
            out.extend_from_slice(bytes);
        }
        None => varint::put(out, -1),
    }
}

/// Appends the length that stands before `len` bytes of a field.
pub fn put_len(out: &mut Vec<u8>, len: u32) {
    varint::put(out, i64::from(len));
}

/// Appends the number of headers, and each with its lengths.
fn put_headers<'h>(out: &mut Vec<u8>, headers: impl ExactSizeIterator<Item = (&'h str, Option<&'h [u8]>)>) {
    varint::put(out, headers.len() as i64);
    for (name, value) in headers {
        put_nullable(out, Some(name.as_bytes()));
        put_nullable(out, value);
    }
}

/// Appends headers of which only number and bytes are known, filled with zeros, and others behind them.
pub fn put_opaque_headers<'h>(
    out: &mut Vec<u8>,
    (count, bytes): (u32, u32),
    others: impl Iterator<Item = (&'h str, Option<&'h [u8]>)> + Clone,
) {
    varint::put(out, i64::from(count) + others.clone().count() as i64);
    let mut left = bytes;
    for header in (1..=count).rev() {
        // All but the last one are as short as can be.
        let here = if header == 1 { left } else { SHORTEST_HEADER.min(left) };
        put_zeros_as_header(out, here);
        left -= here;
    }
    for (name, value) in others {
        put_nullable(out, Some(name.as_bytes()));
        put_nullable(out, value);
    }
}

/// An empty name and a null value.
const SHORTEST_HEADER: u32 = 2;

/// A header of exactly so many bytes: zeros as its value, and as its name where a value alone does not come out even.
fn put_zeros_as_header(out: &mut Vec<u8>, bytes: u32) {
    let fits = |name: u32| {
        let rest = bytes.checked_sub(1 + name)?;
        let prefix =
            (1..=5).find(|prefix| rest >= *prefix && size::varint(i64::from(rest - prefix)) == *prefix)?;
        Some((name, rest - prefix))
    };
    match fits(0).or_else(|| fits(1)) {
        Some((name, value)) => {
            put_nullable(out, Some(&[0; 1][..name as usize]));
            put_len(out, value);
            out.resize(out.len() + value as usize, 0);
        }
        // Shorter than any header: as it is, which nobody will read.
        None => out.resize(out.len() + bytes as usize, 0),
    }
}

/// Appends a whole record with this tail.
pub fn put_record(out: &mut Vec<u8>, timestamp_delta: i64, offset_delta: i32, tail: &[u8]) {
    let deltas = size::varint(timestamp_delta) + size::varint(i64::from(offset_delta));
    varint::put(out, 1 + i64::from(deltas) + tail.len() as i64);
    out.push(0);
    varint::put(out, timestamp_delta);
    varint::put(out, i64::from(offset_delta));
    out.extend_from_slice(tail);
}

/// A header that has been read: its name and its value.
pub type ReadHeader<'b> = (&'b [u8], Option<&'b [u8]>);

/// A record that has been read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReadRecord<'b> {
    /// Its timestamp without that of its batch, in ms.
    pub timestamp_delta: i64,
    /// Its offset without that of its batch.
    pub offset_delta: i32,
    /// The key.
    pub key: Option<&'b [u8]>,
    /// The value.
    pub value: Option<&'b [u8]>,
    /// Names and values of its headers.
    pub headers: Vec<ReadHeader<'b>>,
    /// Encoded bytes with the length before them.
    pub size: usize,
}

/// Takes a record off the front of an uncompressed record section.
///
/// # Errors
/// Lengths that are negative or reach beyond the end.
pub fn take_record<'b>(bytes: &mut &'b [u8]) -> Result<ReadRecord<'b>, WireError> {
    let before = bytes.len();
    let mut body = match take_nullable(bytes)? {
        Some(body) => body,
        None => return WireError::corrupt("a record with a negative length"),
    };
    let size = before - bytes.len();
    if take_bytes(&mut body, 1)?.is_empty() {
        return WireError::corrupt("a record without attributes");
    }
    let timestamp_delta = take_varint(&mut body)?;
    let offset_delta = int(take_varint(&mut body)?)?;
    let key = take_nullable(&mut body)?;
    let value = take_nullable(&mut body)?;
    let mut headers = Vec::new();
    let count = take_varint(&mut body)?;
    if count < 0 {
        return WireError::corrupt(format!("Found invalid record with {count} headers"));
    }
    for _ in 0..count {
        let Some(name) = take_nullable(&mut body)? else {
            return WireError::corrupt("a header with a null name");
        };
        headers.push((name, take_nullable(&mut body)?));
    }
    if !body.is_empty() {
        return WireError::corrupt(format!("a record with {} bytes too many", body.len()));
    }
    Ok(ReadRecord { timestamp_delta, offset_delta, key, value, headers, size })
}

fn take_nullable<'b>(bytes: &mut &'b [u8]) -> Result<Option<&'b [u8]>, WireError> {
    let len = int(take_varint(bytes)?)?;
    match usize::try_from(len) {
        Ok(len) => take_bytes(bytes, len).map(Some),
        Err(_) if len == -1 => Ok(None),
        Err(_) => WireError::corrupt(format!("a length of {len}")),
    }
}

fn take_bytes<'b>(bytes: &mut &'b [u8], len: usize) -> Result<&'b [u8], WireError> {
    let Some((taken, rest)) = bytes.split_at_checked(len) else {
        return WireError::corrupt(format!("a field of {len} bytes where {} are left", bytes.len()));
    };
    *bytes = rest;
    Ok(taken)
}

fn int(value: i64) -> Result<i32, WireError> {
    i32::try_from(value).or_else(|_| WireError::corrupt(format!("{value} where an int should be")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::record::{Key, Record};

    #[test]
    fn a_record_comes_back_and_is_as_long_as_sizes_say() {
        let headers = [("trace", Some(&b"abc"[..])), ("", None)];
        let mut tail = Vec::new();
        put_tail(&mut tail, Some(b"key"), None, headers.into_iter());
        let mut bytes = Vec::new();
        put_record(&mut bytes, -65, 8192, &tail);
        let model = Record {
            key: Key::of(b"key"),
            value_len: -1,
            headers_count: 2,
            headers_bytes: (size::header(5, Some(3)) + size::header(0, None)) as u32,
            ..Record::EMPTY
        };
        assert_eq!(tail.len() as u64 + 1, model.fixed_bytes());
        assert_eq!(bytes.len() as u64, size::record(model.fixed_bytes(), -65, 8192));
        let mut rest = &bytes[..];
        let read = take_record(&mut rest).expect("a record");
        assert!(rest.is_empty());
        assert_eq!((read.timestamp_delta, read.offset_delta, read.size), (-65, 8192, bytes.len()));
        assert_eq!((read.key, read.value), (Some(&b"key"[..]), None));
        assert_eq!(read.headers, [(&b"trace"[..], Some(&b"abc"[..])), (&b""[..], None)]);
    }

    #[test]
    fn no_prefix_of_a_record_and_no_length_beyond_it_is_taken() {
        let mut tail = Vec::new();
        put_tail(&mut tail, Some(b"key"), Some(b"value"), [].into_iter());
        let mut bytes = Vec::new();
        put_record(&mut bytes, 0, 0, &tail);
        for end in 0..bytes.len() {
            assert!(take_record(&mut &bytes[..end]).is_err(), "{end}");
        }
        for at in 0..bytes.len() {
            let mut broken = bytes.clone();
            broken[at] = 0xff;
            // Any answer will do, but a panic.
            let _ = take_record(&mut &broken[..]);
        }
    }
}
