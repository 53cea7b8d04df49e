//! JSON-like order events: what a shop's services tell each other.
//!
//! The mix of fresh digits and repeated text is such that batches of these values compress about as much as the order
//! events that were sent to real brokers, with each of Kafka's codecs and at several levels: in batches of 64 KiB, values
//! of 1000 bytes become 34 % with lz4, 35 % with snappy, 20 % with gzip and zstd. Short values hold the head of an event
//! and compress less.

use super::draws::{Draws, Room};
use super::words::WORDS;

/// Hexadecimal digits.
const HEX: &[u8; 16] = b"0123456789abcdef";
/// What happens to an order.
const EVENTS: [&str; 4] = ["created", "paid", "shipped", "delivered"];
/// Where customers live.
const CITIES: [&str; 16] = [
    "Berlin", "Hamburg", "Lisbon", "Madrid", "Paris", "Lyon", "Vienna", "Zurich", "Oslo", "Bergen",
    "Helsinki", "Dublin", "Warsaw", "Prague", "Milan", "Seoul",
];
/// Three orders in four are paid in euros.
const CURRENCIES: [&str; 4] = ["EUR", "EUR", "EUR", "USD"];
/// Words of a customer's note.
const NOTE_WORDS: u32 = 9;

/// Appends `len` bytes: events one after the other, the last one cut.
pub(super) fn write(seed: u64, len: u32, out: &mut Vec<u8>) {
    let mut text = Text { draws: Draws::new(seed), room: Room::new(out, len) };
    while !text.room.is_full() {
        text.event();
    }
}

/// The events of one value.
struct Text<'a> {
    draws: Draws,
    room: Room<'a>,
}

impl Text<'_> {
    fn event(&mut self) {
        self.put("{\"id\":\"");
        self.hex(16);
        self.put("\",\"event\":\"");
        self.one_of(&EVENTS);
        self.put("\",\"time\":17000");
        self.digits(8);
        self.put(",\"customer\":\"");
        self.hex(7);
        self.put("\",\"city\":\"");
        self.one_of(&CITIES);
        self.put("\",\"total\":");
        self.price(20, 1_000);
        self.put(",\"currency\":\"");
        self.one_of(&CURRENCIES);
        self.put("\",\"items\":[");
        self.items();
        self.put("],\"note\":\"");
        self.note();
        self.put("\"}");
    }

    fn items(&mut self) {
        let count = 3 + self.draws.below(6);
        for item in 0..count {
            self.put(if item > 0 { ",{\"sku\":\"" } else { "{\"sku\":\"" });
            self.digits(6);
            self.put("\",\"qty\":");
            let quantity = 1 + self.draws.below(5);
            self.room.put_number(u64::from(quantity), 1);
            self.put(",\"price\":");
            self.price(10, 100);
            self.put(",\"discount\":0.00,\"taxed\":true}");
        }
    }

    fn note(&mut self) {
        for word in 0..NOTE_WORDS {
            self.put(if word > 0 { " " } else { "" });
            self.one_of(&WORDS);
        }
    }

    fn put(&mut self, text: &str) {
        self.room.put(text.as_bytes());
    }

    fn one_of(&mut self, texts: &[&'static str]) {
        let text = self.draws.one_of(texts);
        self.put(text);
    }

    /// At most 16 hexadecimal digits.
    fn hex(&mut self, count: u32) {
        let word = self.draws.next_u64();
        for digit in 0..count {
            self.room.put(&[HEX[(word >> (60 - 4 * digit) & 0xf) as usize]]);
        }
    }

    /// At most 9 decimal digits.
    fn digits(&mut self, count: u32) {
        let number = self.draws.below(10u32.pow(count));
        self.room.put_number(u64::from(number), count as usize);
    }

    /// From `low` on, below `high`, with cents.
    fn price(&mut self, low: u32, high: u32) {
        let whole = low + self.draws.below(high - low);
        self.room.put_number(u64::from(whole), 1);
        self.put(".");
        self.digits(2);
    }
}
