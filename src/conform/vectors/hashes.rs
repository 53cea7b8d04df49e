//! Hashes of keys and the partitions they choose (`murmur2_partitions`).

use super::differs;
use super::row::Row;
use crate::protocol::murmur2::{murmur2, to_positive};

pub(super) fn check(row: &Row) -> Result<Option<String>, String> {
    let hash = murmur2(&row.some_bytes("key")?);
    let positive = to_positive(hash);
    if let Some(difference) = differs("murmur2", &row.integer::<i32>("murmur2")?, &hash).or(differs(
        "the positive hash",
        &row.integer::<u32>("positive")?,
        &positive,
    )) {
        return Ok(Some(difference));
    }
    for pair in row.list("partitions")? {
        let number = |at: usize| pair[at].as_u64().and_then(|number| u32::try_from(number).ok());
        let (Some(count @ 1..), Some(client)) = (number(0), number(1)) else {
            return Err("a partition should be [number of partitions, partition]".to_owned());
        };
        let difference = differs(&format!("the partition of {count}"), &client, &(positive % count));
        if difference.is_some() {
            return Ok(difference);
        }
    }
    Ok(None)
}
