//! Record batches: room, estimates, bytes (`record_batches`).

use super::differs;
use super::row::Row;
use crate::protocol::compression::Compression;
use crate::protocol::record::{Key, Record};
use crate::protocol::size;
use crate::wire::WireError;
use crate::wire::batch::{BatchBuilder, BatchFrame, ProducerState};
use crate::wire::codec::Compressor;
use crate::wire::header::Attributes;
use crate::wire::read::ReadBatch;
use crate::wire::record;

/// No batch of the table has more uncompressed bytes.
const MOST_BYTES: usize = 256 << 20;

/// A record of a row.
struct RowRecord {
    /// In epoch ms.
    timestamp_ms: i64,
    /// If the row says it.
    offset: Option<i64>,
    tail: Vec<u8>,
    /// Encoded bytes without deltas and length.
    fixed_bytes: u64,
}

/// What a batch is judged by while it grows.
struct Room {
    write_limit: u64,
    ratio: Option<f32>,
    records_bytes: u64,
    count: u32,
    base_timestamp_ms: i64,
}

impl Room {
    fn estimate(&self) -> u64 {
        size::batch_estimate(self.records_bytes, self.ratio)
    }

    fn is_full(&self) -> bool {
        self.count > 0 && size::is_full(self.write_limit, self.estimate())
    }

    /// Whether the record fits; its bytes count if it does.
    fn offer(&mut self, record: &RowRecord) -> bool {
        if self.count == 0 {
            self.base_timestamp_ms = record.timestamp_ms;
        }
        let delta = record.timestamp_ms.wrapping_sub(self.base_timestamp_ms);
        let bytes = size::record(record.fixed_bytes, delta, self.count);
        let fits =
            self.count == 0 || !self.is_full() && size::has_room(self.write_limit, self.estimate(), bytes);
        if fits {
            self.records_bytes += bytes;
            self.count += 1;
        }
        fits
    }
}

pub(super) fn check(row: &Row) -> Result<Option<String>, String> {
    let compression = row.text("codec").map(Compression::of_word)?.ok_or("`codec` is unknown")?;
    let level = if row.is_null("level") { None } else { Some(row.integer::<i32>("level")?) };
    let built = Compressor::new(compression, level)
        .map_err(Stop::Client)
        .and_then(|compressor| build(row, compression, compressor));
    match (built, row.is_null("exception")) {
        (Err(Stop::Row(problem)), _) => Err(problem),
        (Err(Stop::Differs(difference)), _) => Ok(Some(difference)),
        (Err(Stop::Client(WireError::IllegalArgument(message))), false) => {
            let client = row.row("exception");
            let exception = (client.text("class")?, client.text("message")?);
            Ok(differs("the exception", &exception, &("IllegalArgumentException", message.as_str())))
        }
        (Err(Stop::Client(error)), _) => Ok(Some(format!("the client accepts it; here: {error}"))),
        (Ok(()), false) => Ok(Some(format!("the client throws {}", row.get("exception")))),
        (Ok(()), true) => Ok(None),
    }
}

/// Why a row goes no further.
enum Stop {
    /// The row itself cannot be understood.
    Row(String),
    /// What the client would throw.
    Client(WireError),
    /// A result is not the client's.
    Differs(String),
}

impl From<String> for Stop {
    fn from(problem: String) -> Stop {
        Stop::Row(problem)
    }
}

impl From<WireError> for Stop {
    fn from(error: WireError) -> Stop {
        Stop::Client(error)
    }
}

fn same<T: PartialEq + std::fmt::Debug>(what: &str, client: &T, here: &T) -> Result<(), Stop> {
    differs(what, client, here).map_or(Ok(()), |difference| Err(Stop::Differs(difference)))
}

fn build(row: &Row, compression: Compression, mut compressor: Compressor) -> Result<(), Stop> {
    let frame = frame(row, compression)?;
    let mut builder = BatchBuilder::new(frame, Vec::new());
    let mut room = Room {
        write_limit: row.integer("write_limit")?,
        ratio: (compression != Compression::None).then_some(row.float("estimated_ratio")?),
        records_bytes: 0,
        count: 0,
        base_timestamp_ms: 0,
    };
    let expected = row.row("expected");
    let is_offered = row.text("kind")? == "limit";
    for (number, record) in row.rows("records")?.enumerate() {
        let record = read_record(record)?;
        let fits = !is_offered || room.offer(&record);
        if fits {
            match record.offset {
                Some(offset) => builder.append_at(offset, record.timestamp_ms, &record.tail)?,
                None => builder.append(record.timestamp_ms, &record.tail)?,
            }
        }
        if is_offered {
            let offer =
                expected.list("offers")?.get(number).map(Row::new).ok_or("an offer is missing".to_owned())?;
            let client = (offer.flag("room")?, offer.integer("estimate")?, offer.flag("full")?);
            same(&format!("offer {number}"), &client, &(fits, room.estimate(), room.is_full()))?;
        }
    }
    let producer = ProducerState {
        id: row.integer("producer_id")?,
        epoch: row.integer("producer_epoch")?,
        base_sequence: row.integer("base_sequence")?,
    };
    finish(expected, builder, &room, producer, compression, &mut compressor)
}

/// Compares the batch as a whole. The size of compressed records is the codec library's.
fn finish(
    expected: Row,
    builder: BatchBuilder,
    room: &Room,
    producer: ProducerState,
    compression: Compression,
    compressor: &mut Compressor,
) -> Result<(), Stop> {
    let section = builder.record_section().to_vec();
    let (count, uncompressed) = (builder.records(), builder.uncompressed_bytes());
    let batch = builder.close(producer, Some(compressor))?;
    if expected.get("count").is_null() {
        // The client has thrown, where nothing was thrown here.
        return Ok(());
    }
    same("the number of records", &expected.integer("count")?, &count)?;
    same("the uncompressed size", &expected.integer("uncompressed_size")?, &uncompressed)?;
    let estimate = size::batch_estimate(section.len() as u64, room.ratio);
    same("the estimate", &expected.integer("estimated_size")?, &estimate)?;
    if batch.is_empty() {
        return same("the size", &expected.integer("size")?, &0);
    }
    let client = expected.some_bytes("bytes")?;
    if compression == Compression::None {
        same("the bytes", &client, &batch)?;
    }
    let theirs = ReadBatch::of(&client, MOST_BYTES)?;
    let ours = ReadBatch::of(&batch, MOST_BYTES)?;
    same("the header", &theirs.header, &ours.header)?;
    same("the records", &theirs.section(), &&section[..])?;
    same("the records, read back", &theirs.section(), &ours.section())?;
    let header = ours.header;
    same("the checksum", &expected.integer("crc")?, &theirs.frame.crc)?;
    same("the attributes", &expected.integer("attributes")?, &header.attributes.bits())?;
    let last_offset = header.base_offset + i64::from(header.last_offset_delta);
    same("the last offset", &expected.integer("last_offset")?, &last_offset)?;
    same("the base timestamp", &expected.integer("base_timestamp")?, &header.base_timestamp_ms)?;
    same("the largest timestamp", &expected.integer("max_timestamp")?, &header.max_timestamp_ms)?;
    same("the last sequence", &expected.integer("last_sequence")?, &header.last_sequence())?;
    same("the number of records that are read", &(count as usize), &ours.records()?.len())
}

fn frame(row: &Row, compression: Compression) -> Result<BatchFrame, String> {
    let horizon: i64 = row.integer("delete_horizon_ms")?;
    Ok(BatchFrame {
        base_offset: row.integer("base_offset")?,
        partition_leader_epoch: row.integer("partition_leader_epoch")?,
        attributes: Attributes {
            compression,
            is_log_append_time: row.text("timestamp_type")? == "log_append",
            is_transactional: row.flag("transactional")?,
            is_control: row.flag("control")?,
            has_delete_horizon: horizon >= 0,
        },
        log_append_time_ms: row.integer("log_append_time")?,
        delete_horizon_ms: (horizon >= 0).then_some(horizon),
    })
}

fn read_record(row: Row) -> Result<RowRecord, String> {
    let (key, value) = (row.bytes("key")?, row.bytes("value")?);
    let headers: Vec<(&str, Option<Vec<u8>>)> = row
        .list("headers")?
        .iter()
        .map(|header| {
            let name = header[0].as_str().ok_or("a header's name should be a text")?;
            let value = super::bytes::nullable(&header[1]).ok_or("a header's value should be bytes")?;
            Ok((name, value))
        })
        .collect::<Result<_, String>>()?;
    let mut tail = Vec::new();
    let borrowed = headers.iter().map(|(name, value)| (*name, value.as_deref()));
    record::put_tail(&mut tail, key.as_deref(), value.as_deref(), borrowed);
    let len = |bytes: &Option<Vec<u8>>| bytes.as_ref().map_or(-1, |bytes| bytes.len() as i32);
    let model = Record {
        key: Key { len: len(&key), murmur2: 0 },
        value_len: len(&value),
        headers_count: headers.len() as u32,
        headers_bytes: headers
            .iter()
            .map(|(name, value)| {
                size::header(name.len() as u32, value.as_ref().map(|value| value.len() as u32))
            })
            .sum::<u64>() as u32,
        ..Record::EMPTY
    };
    Ok(RowRecord {
        timestamp_ms: row.integer("ts")?,
        offset: if row.is_null("offset") { None } else { Some(row.integer("offset")?) },
        tail,
        fixed_bytes: model.fixed_bytes(),
    })
}
