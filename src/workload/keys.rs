//! Which keys records carry.

use std::sync::Arc;

use super::key_table::{KeyTable, Numbered};
use super::spec;
use crate::engine::rng::{Purpose, Stream, Streams};
use crate::protocol::record::{Key, Record};

/// What the threads of a source share about their keys.
#[derive(Clone, Debug)]
pub(super) enum KeyPlan {
    /// Null keys, no draw.
    None,
    Drawn(Arc<KeyTable>),
    Placed {
        table: Arc<KeyTable>,
        hashes: Arc<Vec<u32>>,
        partitions: Arc<Vec<u32>>,
    },
}

/// The keys of one thread.
#[derive(Clone, Debug)]
pub(super) enum Keys {
    None,
    /// A large table is not in the processor's cache: the next key is fetched while this record is under way.
    Drawn {
        table: Arc<KeyTable>,
        stream: Box<Stream>,
        next: Numbered,
        /// The last record's.
        number: u32,
    },
    /// Each key brings the partition that another client would choose.
    Placed(Box<Placed>),
}

/// Keys that choose partitions as another client would.
#[derive(Clone, Debug)]
pub(super) struct Placed {
    table: Arc<KeyTable>,
    /// By number of the key, its hash with that client.
    hashes: Arc<Vec<u32>>,
    /// Of each topic, by id.
    partitions: Arc<Vec<u32>>,
    stream: Stream,
    /// The last record's.
    number: u32,
}

impl KeyPlan {
    /// Keys that choose partitions as `placement` says, if that is not Java's way.
    pub(super) fn placed(keys: &spec::Keys, placement: Option<&spec::Placement>) -> KeyPlan {
        match (KeyPlan::new(keys), placement) {
            (KeyPlan::Drawn(table), Some(placement)) => {
                let hash = |number| placement.hash.of(&keys.bytes(number));
                let hashes = Arc::new((0..table.count()).map(hash).collect());
                KeyPlan::Placed { table, hashes, partitions: Arc::new(placement.partitions.clone()) }
            }
            (plan, _) => plan,
        }
    }

    fn new(keys: &spec::Keys) -> KeyPlan {
        KeyTable::new(keys).map_or(KeyPlan::None, |table| KeyPlan::Drawn(Arc::new(table)))
    }

    pub(super) fn start(&self, streams: &Streams, entity: u32) -> Keys {
        match self {
            KeyPlan::None => Keys::None,
            KeyPlan::Drawn(table) => {
                let mut stream = Box::new(streams.stream(Purpose::Key, entity));
                let next = table.draw(stream.next_u64());
                Keys::Drawn { table: Arc::clone(table), stream, next, number: 0 }
            }
            KeyPlan::Placed { table, hashes, partitions } => Keys::Placed(Box::new(Placed {
                table: Arc::clone(table),
                hashes: Arc::clone(hashes),
                partitions: Arc::clone(partitions),
                stream: streams.stream(Purpose::Key, entity),
                number: 0,
            })),
        }
    }
}

impl Keys {
    /// Gives the next record its key; its topic is known.
    #[inline]
    pub(super) fn draw(&mut self, record: &mut Record) {
        match self {
            Keys::None => record.key = Key::NULL,
            Keys::Drawn { table, stream, next, number } => {
                let drawn = std::mem::replace(next, table.draw(stream.next_u64()));
                record.key = drawn.key;
                *number = drawn.number;
            }
            Keys::Placed(placed) => placed.draw(record),
        }
    }

    /// Appends the bytes of the last record's key; nothing of a null key.
    pub(super) fn write(&self, out: &mut Vec<u8>) {
        if let Some((table, number)) = self.last() {
            table.write(number, out);
        }
    }

    /// Appends the last record's key as text: of one in eight bytes, its number.
    pub(super) fn write_text(&self, out: &mut Vec<u8>) {
        if let Some((table, number)) = self.last() {
            table.write_text(number, out);
        }
    }

    /// The number of the last record's key.
    pub(super) fn number(&self) -> Option<u32> {
        self.last().map(|(_, number)| number)
    }

    /// The table, and the number of the last record's key in it.
    fn last(&self) -> Option<(&KeyTable, u32)> {
        match self {
            Keys::None => None,
            Keys::Drawn { table, number, .. } => Some((table, *number)),
            Keys::Placed(placed) => Some((&placed.table, placed.number)),
        }
    }
}

impl Placed {
    fn draw(&mut self, record: &mut Record) {
        let number = self.table.number(self.stream.next_u64());
        self.number = number;
        record.key = self.table.key(number);
        let partitions = self.partitions.get(record.topic.index()).copied().unwrap_or(1).max(1);
        record.partition = (self.hashes[number as usize] % partitions) as i32;
    }
}

#[cfg(test)]
mod tests {
    use super::super::spec::KeyForm;
    use super::*;
    use crate::protocol::key_hash::KeyHash;

    const N: usize = 200_000;

    /// Shares of the keys 0, 1, … among `N` draws.
    fn shares(keys: &spec::Keys, forms: &[Key]) -> Vec<f64> {
        let mut thread = KeyPlan::new(keys).start(&Streams::new(4), 0);
        let mut counts = vec![0u32; forms.len()];
        for _ in 0..N {
            let mut record = Record::EMPTY;
            thread.draw(&mut record);
            counts[forms.iter().position(|&form| form == record.key).expect("a known key")] += 1;
        }
        counts.into_iter().map(|count| f64::from(count) / N as f64).collect()
    }

    fn texts(count: u32) -> (KeyForm, Vec<Key>) {
        let keys = (0..count).map(|k| Key::of(format!("user-{k}").as_bytes())).collect();
        (KeyForm::Text("user-".to_owned()), keys)
    }

    #[test]
    fn a_key_goes_where_the_other_client_would_put_it() {
        let (form, keys) = texts(100);
        let placement = spec::Placement { hash: KeyHash::Crc32, partitions: vec![7] };
        let plan = KeyPlan::placed(&spec::Keys::Uniform { count: 100, form }, Some(&placement));
        let mut thread = plan.start(&Streams::new(4), 0);
        for _ in 0..1_000 {
            let mut record = Record::EMPTY;
            thread.draw(&mut record);
            let number = keys.iter().position(|key| *key == record.key).expect("a known key");
            let hash = KeyHash::Crc32.of(format!("user-{number}").as_bytes());
            assert_eq!(record.partition, (hash % 7) as i32);
        }
    }

    #[test]
    fn the_bytes_of_a_key_are_those_that_were_hashed() {
        let (form, _) = texts(100);
        let crc32 = || spec::Placement { hash: KeyHash::Crc32, partitions: vec![7] };
        for (form, placement) in [
            (form.clone(), None),
            (form, Some(crc32())),
            (KeyForm::BigEndian8, None),
            (KeyForm::BigEndian8, Some(crc32())),
        ] {
            let plan = KeyPlan::placed(&spec::Keys::Uniform { count: 100, form }, placement.as_ref());
            let mut thread = plan.start(&Streams::new(4), 0);
            for _ in 0..1_000 {
                let mut record = Record::EMPTY;
                thread.draw(&mut record);
                let mut bytes = Vec::new();
                thread.write(&mut bytes);
                assert_eq!(Key::of(&bytes), record.key);
            }
        }
    }

    #[test]
    fn zipf_shares_follow_the_power_law() {
        let (form, keys) = texts(50);
        let shares = shares(&spec::Keys::Zipf { count: 50, exponent_permille: 990, form }, &keys);
        let weights: Vec<f64> = (1..=50).map(|k| libm::pow(f64::from(k), -0.99)).collect();
        let sum: f64 = weights.iter().sum();
        for (k, (share, weight)) in shares.iter().zip(&weights).enumerate() {
            let expected = weight / sum;
            let tolerance = 4.5 * libm::sqrt(expected / N as f64);
            assert!((share - expected).abs() < tolerance, "key {k}: {share} instead of {expected}");
        }
    }

    #[test]
    fn the_hot_set_takes_its_share() {
        let (form, keys) = texts(20);
        let shares = shares(&spec::Keys::HotSet { count: 20, hot: 4, hot_permille: 900, form }, &keys);
        for (k, share) in shares.iter().enumerate() {
            let expected = if k < 4 { 0.9 / 4.0 } else { 0.1 / 16.0 };
            assert!((share / expected - 1.0).abs() < 0.15, "key {k}: {share} instead of {expected}");
        }
        let hot: f64 = shares[..4].iter().sum();
        assert!((hot - 0.9).abs() < 0.003, "{hot}");
    }

    #[test]
    fn a_hot_set_of_no_keys_or_of_all_makes_them_alike() {
        for hot in [0, 10] {
            let (form, keys) = texts(10);
            let shares = shares(&spec::Keys::HotSet { count: 10, hot, hot_permille: 900, form }, &keys);
            assert!(shares.iter().all(|share| (share - 0.1).abs() < 0.004), "{hot}: {shares:?}");
        }
    }

    #[test]
    fn uniform_keys_are_all_alike_and_eight_bytes_big_endian() {
        let keys: Vec<Key> = (0u64..10).map(|k| Key::of(&k.to_be_bytes())).collect();
        let shares = shares(&spec::Keys::Uniform { count: 10, form: KeyForm::BigEndian8 }, &keys);
        assert!(shares.iter().all(|share| (share - 0.1).abs() < 0.004), "{shares:?}");
    }
}
