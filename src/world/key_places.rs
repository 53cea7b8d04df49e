//! In which partitions each key is: keys that are in several have no order among their records.

use std::collections::BTreeMap;

use crate::protocol::record::{Key, Record};

/// No partition yet, or several of them.
const SEVERAL: u32 = u32::MAX;

/// The partitions of keys, by topic.
#[derive(Debug, Default)]
pub(super) struct KeyPlaces {
    places: BTreeMap<(u32, i32, u32), Place>,
}

#[derive(Clone, Copy, Debug)]
struct Place {
    /// The only partition so far, or [`SEVERAL`].
    partition: u32,
    records: u64,
}

/// How many keys are in several partitions of their topic. Keys with the same length and hash count as one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SplitKeys {
    /// Keys that came, by topic.
    pub keys: u64,
    /// Those of them that are in several partitions.
    pub split: u64,
    /// Records with a key.
    pub records: u64,
    /// Records whose key is in several partitions.
    pub split_records: u64,
}

impl KeyPlaces {
    /// A record has gone to a partition.
    pub(super) fn appended(&mut self, record: &Record, partition: u32) {
        if record.key.len == Key::NULL.len {
            return;
        }
        let key = (record.topic.0, record.key.len, record.key.murmur2);
        let place = self.places.entry(key).or_insert(Place { partition, records: 0 });
        place.records += 1;
        if place.partition != partition {
            place.partition = SEVERAL;
        }
    }

    pub(super) fn count(&self) -> SplitKeys {
        let mut count = SplitKeys::default();
        for place in self.places.values() {
            count.keys += 1;
            count.records += place.records;
            if place.partition == SEVERAL {
                count.split += 1;
                count.split_records += place.records;
            }
        }
        count
    }
}
