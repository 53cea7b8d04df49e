//! A cache of bounded size and age, as Guava's `CacheBuilder.maximumSize(..).expireAfterWrite(..)` makes it.

use crate::values::time::Time;
use std::collections::BTreeMap;

/// Values by key. When it is full, the value that was used longest ago goes; Guava does so in each of up to four
/// segments by hash code, and may therefore drop one a little earlier.
#[derive(Clone, Debug)]
pub struct Cache<K, V> {
    capacity: usize,
    ttl_ns: Option<u64>,
    uses: u64,
    entries: BTreeMap<K, Entry<V>>,
}

#[derive(Clone, Debug)]
struct Entry<V> {
    value: V,
    used: u64,
    written: Time,
}

impl<K: Ord + Clone, V> Cache<K, V> {
    /// An empty cache for `capacity` values that count for `ttl_sec` seconds, for ever if that is negative.
    pub fn new(capacity: u32, ttl_sec: i64) -> Cache<K, V> {
        let ttl_ns = u64::try_from(ttl_sec).ok().map(|ttl| ttl.saturating_mul(1_000_000_000));
        Cache { capacity: capacity as usize, ttl_ns, uses: 0, entries: BTreeMap::new() }
    }

    /// The value of a key, if it is there and not too old.
    pub fn get(&mut self, now: Time, key: &K) -> Option<&mut V> {
        let entry = self.entries.get_mut(key)?;
        if self.ttl_ns.is_some_and(|ttl| now.0.saturating_sub(entry.written.0) >= ttl) {
            self.entries.remove(key);
            return None;
        }
        self.uses += 1;
        let uses = self.uses;
        self.entries.get_mut(key).map(|entry| {
            entry.used = uses;
            &mut entry.value
        })
    }

    /// Puts a value in, and if there is no room the one out that was used longest ago.
    pub fn put(&mut self, now: Time, key: K, value: V) {
        self.uses += 1;
        self.entries.insert(key, Entry { value, used: self.uses, written: now });
        if self.entries.len() > self.capacity {
            let oldest = self.entries.iter().min_by_key(|(_, entry)| entry.used).map(|(key, _)| key.clone());
            oldest.map(|key| self.entries.remove(&key));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_value_used_longest_ago_goes_first() {
        let mut cache = Cache::new(2, -1);
        cache.put(Time(0), "a", 1);
        cache.put(Time(0), "b", 2);
        assert_eq!(cache.get(Time(0), &"a"), Some(&mut 1));
        cache.put(Time(0), "c", 3);
        assert_eq!(cache.get(Time(0), &"b"), None);
        assert_eq!(cache.get(Time::NEVER, &"a"), Some(&mut 1));
    }

    #[test]
    fn a_value_counts_until_its_age_is_reached() {
        let mut cache = Cache::new(2, 3);
        cache.put(Time::from_millis(1000), "a", 1);
        assert_eq!(cache.get(Time::from_millis(3999), &"a"), Some(&mut 1));
        assert_eq!(cache.get(Time::from_millis(4000), &"a"), None);
    }

    #[test]
    fn no_room_or_no_time_is_no_cache() {
        for (capacity, ttl) in [(0, -1), (5, 0)] {
            let mut cache = Cache::new(capacity, ttl);
            cache.put(Time(7), "a", 1);
            assert_eq!(cache.get(Time(7), &"a"), None);
        }
    }
}
