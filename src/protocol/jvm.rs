//! Iteration order of the JVM's hash tables (0.5): several loops of the client visit partitions, nodes or topics in
//! that order, and decisions depend on it.

/// A 32-bit `hashCode` as Java computes it.
pub type Hash = u32;

/// Table capacity of `new HashMap<>()`.
pub const DEFAULT_CAPACITY: usize = 16;

/// `String.hashCode`: `31 * s + c` over the UTF-16 units.
pub fn string_hash(text: &str) -> Hash {
    text.encode_utf16().fold(0, |h: u32, unit| h.wrapping_mul(31).wrapping_add(u32::from(unit)))
}

/// `TopicPartition.hashCode` (HSH-1).
pub fn topic_partition_hash(topic: Hash, partition: u32) -> Hash {
    31u32.wrapping_add(partition).wrapping_mul(31).wrapping_add(topic)
}

/// `Node.hashCode` (HSH-2). From 4.0 on the class has one more field, `isFenced`, false here (1237).
pub fn node_hash(host: &str, id: i32, port: u16, rack: Option<&str>, with_fenced_field: bool) -> Hash {
    let mut h = 31u32.wrapping_add(string_hash(host));
    h = h.wrapping_mul(31).wrapping_add(id as u32);
    h = h.wrapping_mul(31).wrapping_add(u32::from(port));
    h = h.wrapping_mul(31).wrapping_add(rack.map_or(0, string_hash));
    if with_fenced_field { h.wrapping_mul(31).wrapping_add(1237) } else { h }
}

/// Capacity of `new HashMap<>(expected)`: the next power of two.
pub const fn capacity_for(expected: usize) -> usize {
    if expected <= 1 { 1 } else { expected.next_power_of_two() }
}

/// Capacity after `len` insertions into a table that started with `capacity`: it doubles beyond three quarters.
pub const fn grown(capacity: usize, len: usize) -> usize {
    let mut capacity = capacity;
    while len > capacity / 4 * 3 + (capacity % 4) * 3 / 4 {
        capacity *= 2;
    }
    capacity
}

/// The bucket of a hash in a table of `capacity`.
pub const fn bucket(hash: Hash, capacity: usize) -> usize {
    (hash ^ (hash >> 16)) as usize & (capacity - 1)
}

/// Sorts items, given in order of insertion, into the order in which a table that started with
/// `initial_capacity` iterates over them. Splits keep the order inside a bucket, so only the final capacity counts.
pub fn sort_as_table<T>(items: &mut [T], initial_capacity: usize, hash: impl Fn(&T) -> Hash) {
    let capacity = grown(initial_capacity, items.len());
    items.sort_by_key(|item| bucket(hash(item), capacity));
}

/// The same for a table that was filled with `computeIfAbsent`, which puts a new entry before the others of its bucket.
pub fn sort_as_computed_table<T>(items: &mut [T], initial_capacity: usize, hash: impl Fn(&T) -> Hash) {
    items.reverse();
    sort_as_table(items, initial_capacity, hash);
}

/// The table of a map whose entries come and go: it grows with them, and never shrinks.
#[derive(Clone, Copy, Debug)]
pub struct Table {
    capacity: usize,
    entries: usize,
}

impl Default for Table {
    fn default() -> Table {
        Table { capacity: DEFAULT_CAPACITY, entries: 0 }
    }
}

impl Table {
    /// A new key by `put`, which makes room once there is one entry too many.
    pub fn put(&mut self) {
        self.entries += 1;
        self.make_room();
    }

    /// A key by `computeIfAbsent`, which makes room before it looks: one entry too many stays in the old table until
    /// the next call, for whatever key.
    pub fn compute_if_absent(&mut self, is_new: bool) {
        self.make_room();
        self.entries += usize::from(is_new);
    }

    /// A key has been removed.
    pub fn remove(&mut self) {
        self.entries -= 1;
    }

    /// All keys have been removed.
    pub fn clear(&mut self) {
        self.entries = 0;
    }

    fn make_room(&mut self) {
        if self.entries > self.capacity / 4 * 3 {
            self.capacity *= 2;
        }
    }

    /// Sorts keys, given in order of insertion by `put`, into the table's own order.
    pub fn sort<T>(&self, keys: &mut [T], hash: impl Fn(&T) -> Hash) {
        keys.sort_by_key(|key| bucket(hash(key), self.capacity));
    }

    /// The same for keys that came by `computeIfAbsent`, which puts a new entry before the others of its bucket.
    pub fn sort_computed<T>(&self, keys: &mut [T], hash: impl Fn(&T) -> Hash) {
        keys.reverse();
        self.sort(keys, hash);
    }
}

/// Adds an item to a copy-on-write map, whose every `put` copies the table into a new one sized for its content
/// (the accumulator's maps, HSH-3 and HSH-4). `items` is in iteration order before and after.
pub fn put_copy_on_write<T>(items: &mut Vec<T>, item: T, hash: impl Fn(&T) -> Hash) {
    let capacity = match items.len() {
        0 => DEFAULT_CAPACITY,
        // `(int) (n / 0.75f + 1.0f)`, exact in integers for every n in question.
        n => capacity_for(n * 4 / 3 + 1),
    };
    items.push(item);
    sort_as_table(items, capacity, hash);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn partition_order(topic: &str, n: u32) -> Vec<u32> {
        let topic = string_hash(topic);
        let mut partitions: Vec<u32> = (0..n).collect();
        sort_as_table(&mut partitions, capacity_for(n as usize), |&p| topic_partition_hash(topic, p));
        partitions
    }

    #[test]
    fn hsh_1_the_measured_orders() {
        assert_eq!(partition_order("test", 3), [1, 0, 2]);
        assert_eq!(partition_order("test", 6), [5, 4, 1, 0, 3, 2]);
        assert_eq!(partition_order("test", 12), [1, 0, 3, 2, 5, 4, 7, 6, 9, 8, 11, 10]);
        assert_eq!(partition_order("topic", 3), [2, 1, 0]);
        assert_eq!(partition_order("topic", 6), [2, 1, 4, 3, 5, 0]);
        assert_eq!(partition_order("orders", 6), [0, 1, 2, 3, 4, 5]);
        assert_eq!(partition_order("orders", 12), [7, 8, 9, 10, 11, 0, 1, 2, 3, 4, 5, 6]);
        assert_eq!(partition_order("my-topic", 6), [4, 5, 0, 1, 2, 3]);
    }

    #[test]
    fn tables_grow_beyond_three_quarters() {
        assert_eq!((grown(16, 12), grown(16, 13)), (16, 32));
        assert_eq!((grown(1, 1), grown(2, 1), grown(2, 2), grown(4, 3), grown(4, 4)), (2, 2, 4, 4, 8));
    }

    #[test]
    fn a_computed_entry_comes_first_in_its_bucket() {
        let (mut put, mut computed) = ([17u32, 2, 1, 33], [17u32, 2, 1, 33]);
        sort_as_table(&mut put, DEFAULT_CAPACITY, |&id| id);
        sort_as_computed_table(&mut computed, DEFAULT_CAPACITY, |&id| id);
        assert_eq!((put, computed), ([17, 1, 33, 2], [33, 1, 17, 2]));
    }

    #[test]
    fn a_computed_entry_too_many_stays_until_the_next_call() {
        let (mut put, mut computed) = (Table::default(), Table::default());
        for _ in 0..13 {
            put.put();
            computed.compute_if_absent(true);
        }
        assert_eq!((put.capacity, computed.capacity), (32, 16));
        let mut once_more = computed;
        once_more.compute_if_absent(false);
        assert_eq!(once_more.capacity, 32);
        computed.remove();
        computed.compute_if_absent(false);
        assert_eq!(computed.capacity, 16, "the entry too many is gone");
        let (mut small, mut large) = ([20u32, 3, 4], [20u32, 3, 4]);
        computed.sort_computed(&mut small, |&id| id);
        put.sort(&mut large, |&id| id);
        assert_eq!((small, large), ([3, 4, 20], [3, 4, 20]));
    }

    #[test]
    fn a_copy_on_write_map_is_sized_by_its_content() {
        let mut ids = Vec::new();
        for id in [16u32, 1, 17] {
            put_copy_on_write(&mut ids, id, |&id| id);
        }
        // Three entries live in a table of four: 16 in bucket 0, then 1 and 17 in bucket 1.
        assert_eq!(ids, [16, 1, 17]);
        put_copy_on_write(&mut ids, 0, |&id| id);
        assert_eq!(ids, [16, 0, 1, 17]);
    }
}
