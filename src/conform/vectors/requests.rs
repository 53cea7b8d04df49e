//! Whole produce requests, in all versions that producers use (`produce_requests`).

use super::differs;
use super::row::Row;
use crate::protocol::message::Acks;
use crate::protocol::size::{RequestSize, TopicNames};
use crate::wire::request::{ProduceRequest, TopicBatches};

/// A row names versions like this: `v13`.
const VERSIONS: [i16; 8] = [3, 7, 8, 9, 10, 11, 12, 13];

struct Topic<'v> {
    name: &'v str,
    id: [u8; 16],
    partitions: Vec<(i32, Vec<u8>)>,
}

pub(super) fn check(row: &Row) -> Result<Option<String>, String> {
    let topics: Vec<Topic<'_>> = row.rows("topics")?.map(topic).collect::<Result<_, _>>()?;
    let borrowed: Vec<TopicBatches<'_>> = topics.iter().map(batches).collect();
    let text = |name| if row.is_null(name) { Ok(None) } else { row.text(name).map(Some) };
    let acks = match row.integer::<i16>("acks")? {
        0 => Acks::None,
        1 => Acks::Leader,
        -1 => Acks::All,
        other => return Err(format!("`acks` should be -1, 0 or 1, not {other}")),
    };
    let request = ProduceRequest {
        version: 0,
        correlation_id: row.integer("correlation_id")?,
        client_id: text("client_id")?,
        transactional_id: text("transactional_id")?,
        acks,
        timeout_ms: row.integer("timeout_ms")?,
        topics: &borrowed,
    };
    for version in VERSIONS {
        let expected = row.row("versions").row(&format!("v{version}"));
        let difference = check_version(&ProduceRequest { version, ..request }, expected)?;
        if let Some(difference) = difference {
            return Ok(Some(format!("version {version}: {difference}")));
        }
    }
    Ok(None)
}

fn topic(row: Row<'_>) -> Result<Topic<'_>, String> {
    let id = row.some_bytes("topic_id")?;
    let partition = |partition: Row| {
        let size: usize = partition.integer::<u32>("records_size")? as usize;
        let records = partition.bytes("records")?.unwrap_or_else(|| vec![0; size]);
        Ok((partition.integer("index")?, records))
    };
    Ok(Topic {
        name: row.text("name")?,
        id: id.try_into().map_err(|_| "`topic_id` should be 16 bytes".to_owned())?,
        partitions: row.rows("partitions")?.map(partition).collect::<Result<_, String>>()?,
    })
}

fn batches<'r>(topic: &'r Topic<'_>) -> TopicBatches<'r> {
    let partitions = topic.partitions.iter().map(|(index, records)| (*index, &records[..]));
    TopicBatches { name: topic.name, id: topic.id, partitions: partitions.collect() }
}

fn check_version(request: &ProduceRequest<'_>, expected: Row) -> Result<Option<String>, String> {
    let (bytes, header) = request.encode();
    let difference = differs("the header's size", &expected.integer("header_size")?, &header)
        .or(differs("the request's size", &expected.integer("size")?, &bytes.len()))
        .or(differs("the size on the wire", &expected.integer("size_on_wire")?, &on_wire(request)));
    match expected.bytes("bytes")? {
        Some(client) if difference.is_none() => Ok(differs("the bytes", &client, &bytes)),
        _ => Ok(difference),
    }
}

/// The size as the simulation counts it, without encoding anything.
fn on_wire(request: &ProduceRequest<'_>) -> u64 {
    let names = match request.version {
        ..9 => TopicNames::Plain,
        9..13 => TopicNames::Compact,
        13.. => TopicNames::Ids,
    };
    let len = |text: Option<&str>| text.map(str::len);
    let client_id_len = len(request.client_id).unwrap_or(0);
    let mut size =
        RequestSize::new(names, client_id_len, len(request.transactional_id), request.topics.len());
    for topic in request.topics {
        size.topic(topic.name.len(), topic.partitions.len());
        topic.partitions.iter().for_each(|(_, batch)| size.batch(batch.len() as u32));
    }
    size.total()
}
