//! The bytes of records that go into the pipeline as their application hands them over: nothing prepares them.

use crate::producer::Producer;
use crate::protocol::record::{Key, TailId};
use crate::wire::record;
use crate::workload::thread::ThreadWorkload;

/// Keeps the bytes of the record that was taken last. Where only lengths are known (headers, keys of a trace that has their
/// hashes), they are zeros.
pub(super) fn keep(producer: &mut Producer, workload: &ThreadWorkload) -> TailId {
    let record = *workload.last();
    if producer.is_too_large(&record) {
        return TailId::NONE;
    }
    producer.keep_tail(|out| {
        match u32::try_from(record.key.len) {
            Ok(len) if record.key != Key::NULL => {
                record::put_len(out, len);
                if workload.key_bytes(out).is_none() {
                    out.resize(out.len() + len as usize, 0);
                }
            }
            _ => record::put_nullable(out, None),
        }
        match u32::try_from(record.value_len) {
            Ok(len) => {
                record::put_len(out, len);
                workload.value_bytes(out);
            }
            Err(_) => record::put_nullable(out, None),
        }
        record::put_opaque_headers(out, (record.headers_count, record.headers_bytes), [].into_iter());
    })
}
