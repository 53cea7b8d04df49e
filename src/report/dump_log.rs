//! The batches of a log as lines, in the shape of Kafka's own tool (`DumpLogSegments` of 4.x, `kafka-dump-log`).

use std::fmt::Write;

use crate::wire::WireError;
use crate::wire::header::{BatchHeader, Frame};
use crate::wire::read::ReadBatch;
use crate::wire::record::ReadRecord;

/// Records of a batch are decompressed to at most so many bytes: a batch's own length is an int.
const MOST_SECTION_BYTES: usize = i32::MAX as usize;

/// What of a log is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shown {
    /// Records with keys and payloads (`--print-data-log`); else only batches.
    pub data: bool,
    /// Of records only these (`--skip-record-metadata`).
    pub no_metadata: bool,
    /// So many records of a log, and the batches that have them.
    pub most_records: u64,
}

impl Shown {
    /// All batches, and no records.
    pub const BATCHES: Shown = Shown { data: false, no_metadata: false, most_records: u64::MAX };
}

/// A log's file as Kafka names it: by the offset of its first record, with twenty digits.
pub fn file_name(start: u64) -> String {
    format!("{start:020}.log")
}

/// A log that is being shown, batch by batch.
#[derive(Debug)]
pub struct LogDump {
    shown: Shown,
    position: u64,
    records: u64,
}

impl LogDump {
    /// Begins with the lines about the file, which `folder` has.
    pub fn new(folder: &str, start: u64, shown: Shown, out: &mut String) -> LogDump {
        // Writing to a string never fails.
        let _ = writeln!(out, "Dumping {folder}/{}\nLog starting offset: {start}", file_name(start));
        LogDump { shown, position: 0, records: 0 }
    }

    /// Whether more is to be shown.
    pub fn goes_on(&self) -> bool {
        self.records < self.shown.most_records
    }

    /// Appends the lines of the next batch.
    ///
    /// # Errors
    /// Bytes that are no batch.
    pub fn batch(&mut self, bytes: &[u8], out: &mut String) -> Result<(), WireError> {
        let (header, frame) = BatchHeader::read(bytes)?;
        let left = self.shown.most_records - self.records.min(self.shown.most_records);
        put_batch(&header, frame, self.position, out);
        if self.shown.data {
            let batch = ReadBatch::of(bytes, MOST_SECTION_BYTES)?;
            for record in batch.records()?.iter().take(usize::try_from(left).unwrap_or(usize::MAX)) {
                put_record(&batch, record, self.shown, out);
            }
        }
        self.position += frame.size as u64;
        self.records += u64::from(header.records.unsigned_abs());
        Ok(())
    }
}

/// `DumpLogSegments.printBatchLevel`.
fn put_batch(header: &BatchHeader, frame: Frame, position: u64, out: &mut String) {
    let attributes = header.attributes;
    let horizon = match attributes.has_delete_horizon {
        true => format!("OptionalLong[{}]", header.base_timestamp_ms),
        false => "OptionalLong.empty".to_owned(),
    };
    // Writing to a string never fails.
    let _ = writeln!(
        out,
        "baseOffset: {} lastOffset: {} count: {} baseSequence: {} lastSequence: {} producerId: {} producerEpoch: {} \
         partitionLeaderEpoch: {} isTransactional: {} isControl: {} deleteHorizonMs: {horizon} position: {position} \
         {}: {} size: {} magic: 2 compresscodec: {} crc: {} isvalid: true",
        header.base_offset,
        header.base_offset.wrapping_add(i64::from(header.last_offset_delta)),
        header.records,
        header.base_sequence,
        header.last_sequence(),
        header.producer_id,
        header.producer_epoch,
        header.partition_leader_epoch,
        attributes.is_transactional,
        attributes.is_control,
        timestamp_type(header),
        header.max_timestamp_ms,
        frame.size,
        attributes.compression.word(),
        frame.crc,
    );
}

/// One record: `printRecordMetadata`, and `printRecordContents` unless it is a mark of a transaction or of a leader.
fn put_record(batch: &ReadBatch, record: &ReadRecord<'_>, shown: Shown, out: &mut String) {
    let header = &batch.header;
    let mut prefix = "| ";
    if !shown.no_metadata {
        let size = |field: Option<&[u8]>| field.map_or(-1, |bytes| bytes.len() as i64);
        let names: Vec<_> = record.headers.iter().map(|(name, _)| text(name)).collect();
        let _ = write!(
            out,
            "| offset: {} {}: {} keySize: {} valueSize: {} sequence: {} headerKeys: [{}]",
            header.base_offset.wrapping_add(i64::from(record.offset_delta)),
            timestamp_type(header),
            batch.timestamp_ms(record),
            size(record.key),
            size(record.value),
            sequence(header, record.offset_delta),
            names.join(","),
        );
        prefix = " ";
    }
    if !header.attributes.is_control {
        for (name, bytes) in [("key", record.key), ("payload", record.value)] {
            let Some(bytes) = bytes else { continue };
            let _ = write!(out, "{prefix}{name}: {}", text(bytes));
            prefix = " ";
        }
    }
    out.push('\n');
}

/// Bytes as Java reads them for UTF-8 (`StringDecoder`). What is none becomes a mark, as in Rust, but for halves of surrogate
/// pairs: Java reads one as a character of three bytes, and makes one mark of it, even if its last byte is missing.
fn text(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len());
    let mut bytes_of_half = 0;
    for chunk in bytes.utf8_chunks() {
        if !chunk.valid().is_empty() {
            text.push_str(chunk.valid());
            bytes_of_half = 0;
        }
        bytes_of_half = match (bytes_of_half, chunk.invalid()) {
            (1, [0xa0..=0xbf]) => 2,
            (2, [0x80..=0xbf]) => 0,
            (_, []) => 0,
            (_, invalid) => {
                text.push(char::REPLACEMENT_CHARACTER);
                usize::from(invalid == [0xed])
            }
        };
    }
    text
}

/// `DefaultRecordBatch.incrementSequence`: behind the largest int comes 0; -1 without idempotence.
fn sequence(header: &BatchHeader, offset_delta: i32) -> i32 {
    BatchHeader { last_offset_delta: offset_delta, ..*header }.last_sequence()
}

/// `TimestampType.toString`.
fn timestamp_type(header: &BatchHeader) -> &'static str {
    if header.attributes.is_log_append_time { "LogAppendTime" } else { "CreateTime" }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::compression::Compression;
    use crate::wire::batch::{BatchBuilder, BatchFrame, ProducerState};
    use crate::wire::record::put_tail;

    const ALL: Shown = Shown { data: true, ..Shown::BATCHES };

    /// A batch of a record with everything, and one with nothing.
    fn batch(change: impl FnOnce(&mut BatchFrame), base_sequence: i32) -> Vec<u8> {
        let mut frame = BatchFrame::of_producer(Compression::None, false);
        (frame.base_offset, frame.partition_leader_epoch) = (40, 3);
        change(&mut frame);
        let mut builder = BatchBuilder::new(frame, Vec::new());
        let (mut full, mut empty) = (Vec::new(), Vec::new());
        let headers = [("trace-id", Some(&b"1"[..])), ("b", None)];
        put_tail(&mut full, Some(b"k\xff\xfe"), Some("가 =".as_bytes()), headers.into_iter());
        put_tail(&mut empty, None, None, [].into_iter());
        builder.append(1_700_000_000_007, &full).expect("a good record");
        builder.append(1_700_000_000_005, &empty).expect("a good record");
        builder.close(ProducerState { id: 1000, epoch: 2, base_sequence }, None).expect("a good batch")
    }

    fn lines(bytes: &[u8], shown: Shown) -> Vec<String> {
        let mut text = String::new();
        let mut dump = LogDump::new("orders-0", 40, shown, &mut text);
        dump.batch(bytes, &mut text).expect("a batch");
        text.lines().map(str::to_owned).collect()
    }

    #[test]
    fn lines_are_those_of_kafkas_tool() {
        let bytes = batch(|_| (), i32::MAX);
        let crc = BatchHeader::read(&bytes).expect("a header").1.crc;
        assert_eq!(
            lines(&bytes, ALL),
            [
                "Dumping orders-0/00000000000000000040.log".to_owned(),
                "Log starting offset: 40".to_owned(),
                format!(
                    "baseOffset: 40 lastOffset: 41 count: 2 baseSequence: 2147483647 lastSequence: 0 producerId: 1000 \
                     producerEpoch: 2 partitionLeaderEpoch: 3 isTransactional: false isControl: false deleteHorizonMs: \
                     OptionalLong.empty position: 0 CreateTime: 1700000000007 size: {} magic: 2 compresscodec: none \
                     crc: {crc} isvalid: true",
                    bytes.len()
                ),
                "| offset: 40 CreateTime: 1700000000007 keySize: 3 valueSize: 5 sequence: 2147483647 headerKeys: \
                 [trace-id,b] key: k\u{fffd}\u{fffd} payload: 가 ="
                    .to_owned(),
                "| offset: 41 CreateTime: 1700000000005 keySize: -1 valueSize: -1 sequence: 0 headerKeys: []".to_owned(),
            ]
        );
        let bare = lines(&bytes, Shown { no_metadata: true, ..ALL });
        assert_eq!(bare[3..], ["| key: k\u{fffd}\u{fffd} payload: 가 =", ""]);
        assert_eq!(lines(&bytes, Shown { no_metadata: true, ..Shown::BATCHES }).len(), 3);
        let whole = |frame: &mut BatchFrame| {
            frame.attributes.is_control = true;
            frame.attributes.is_log_append_time = true;
            frame.log_append_time_ms = 9;
            frame.delete_horizon_ms = Some(8);
        };
        let marks = lines(&batch(whole, 5), ALL);
        assert!(
            marks[2]
                .contains("isControl: true deleteHorizonMs: OptionalLong[8] position: 0 LogAppendTime: 9")
        );
        assert!(marks[3].contains("LogAppendTime: 9 keySize: 3") && !marks[3].contains("key: "), "{marks:?}");
    }

    /// Each as `new String(bytes, UTF_8)` of Java 17 gives it; `?` stands for the mark.
    #[test]
    fn what_is_no_text_has_as_many_marks_as_in_java() {
        for (bytes, expected) in [
            (&b"a\xc3\xa4"[..], "aä"),
            (b"\xff\xfe", "??"),
            (b"\xe1\x80x", "?x"),
            (b"\xf1\x80\x80", "?"),
            (b"\xf0\x80x", "??x"),
            (b"\xe0\x80\x80", "???"),
            (b"\xed\xa0\x80x", "?x"),
            (b"\xed\xa0\x01", "?\u{1}"),
            (b"\xed\xa0", "?"),
            (b"\xed\xa0\xed\xa0\x80\x80", "???"),
            (b"\xedx\xa0", "?x?"),
            (b"\xed\xff\xa0", "???"),
            (b"\xf4\x90\x80\x80", "????"),
        ] {
            assert_eq!(text(bytes).replace(char::REPLACEMENT_CHARACTER, "?"), expected, "{bytes:x?}");
        }
    }

    #[test]
    fn batches_stand_behind_each_other_until_enough_is_shown() {
        let (first, second) = (batch(|_| (), 0), batch(|frame| frame.base_offset = 42, 2));
        let mut text = String::new();
        let mut dump = LogDump::new("orders-0", 40, Shown { most_records: 3, ..ALL }, &mut text);
        for bytes in [&first, &second] {
            assert!(dump.goes_on());
            dump.batch(bytes, &mut text).expect("a batch");
        }
        assert!(!dump.goes_on());
        assert!(text.contains(&format!(" position: {} ", first.len())), "{text}");
        assert_eq!(text.matches("\n| ").count(), 3, "{text}");
        assert!(dump.batch(&second[..second.len() - 1], &mut text).is_err());
    }
}
