//! The bytes of records that go into the pipeline, for those who want them.

use crate::producer::Producer;
use crate::protocol::record::{Key, Record, TailId};
use crate::serializer::headers::Headers;
use crate::wire::record;
use crate::workload::thread::ThreadWorkload;

/// What serializers and interceptors have made of a record; what they have not made is the workload's.
#[derive(Clone, Copy, Debug)]
pub(super) struct Made<'a> {
    pub(super) key: Option<&'a [u8]>,
    pub(super) value: Option<&'a [u8]>,
    pub(super) headers: &'a Headers,
}

/// Keeps the bytes of `record`, which is the one that was taken last, perhaps changed. Where only lengths are known (headers
/// of the workload, keys of a trace that has their hashes), they are zeros. Of a record that will be refused for its size
/// nothing is kept.
pub(super) fn keep(
    producer: &mut Producer,
    workload: &ThreadWorkload,
    record: &Record,
    made: Made<'_>,
) -> TailId {
    if producer.is_too_large(record) {
        return TailId::NONE;
    }
    let opaque = workload.last();
    producer.keep_tail(|out| {
        match (made.key, u32::try_from(record.key.len)) {
            (Some(key), Ok(_)) => record::put_nullable(out, Some(key)),
            (None, Ok(len)) if record.key != Key::NULL => {
                record::put_len(out, len);
                if workload.key_bytes(out).is_none() {
                    out.resize(out.len() + len as usize, 0);
                }
            }
            _ => record::put_nullable(out, None),
        }
        match (made.value, u32::try_from(record.value_len)) {
            (Some(value), Ok(_)) => record::put_nullable(out, Some(value)),
            (None, Ok(len)) => {
                record::put_len(out, len);
                workload.value_bytes(out);
            }
            (_, Err(_)) => record::put_nullable(out, None),
        }
        let headers = (opaque.headers_count, opaque.headers_bytes);
        record::put_opaque_headers(out, headers, made.headers.iter());
    })
}
