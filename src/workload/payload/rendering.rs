//! The values that a template makes for the records of one thread.

use std::io::Write;
use std::sync::Arc;

use super::moment;
use super::template::{Piece, Slot, Template};
use crate::engine::rng::Stream;
use crate::values::time::{START_MS, Time};
use crate::workload::keys::Keys;

/// A thread's template, and the value of its last record. Every field takes one word of the stream for each record,
/// wherever and however often it stands.
#[derive(Clone, Debug)]
pub(in crate::workload) struct Rendering {
    template: Arc<Template>,
    stream: Stream,
    /// Number of the next record.
    seq: u64,
    /// Of the last record, by number of the field.
    words: Vec<u64>,
    bytes: Vec<u8>,
}

impl Rendering {
    pub(in crate::workload) fn new(template: &Arc<Template>, stream: Stream) -> Rendering {
        let words = vec![0; template.fields().len()];
        Rendering { template: Arc::clone(template), stream, seq: 0, words, bytes: Vec::new() }
    }

    /// Makes the value of the next record; gives its length.
    pub(in crate::workload) fn render(&mut self, due: Time, keys: &Keys) -> usize {
        let Rendering { template, stream, seq, words, bytes } = self;
        words.iter_mut().for_each(|word| *word = stream.next_u64());
        bytes.clear();
        for piece in &template.pieces {
            // Writing to a vector cannot fail.
            let _ = match piece {
                Piece::Text(text) => bytes.write_all(text.as_bytes()),
                Piece::Slot(Slot::Seq, _) => write!(bytes, "{seq}"),
                Piece::Slot(Slot::TimeMs, _) => write!(bytes, "{}", epoch_ms(due)),
                Piece::Slot(Slot::Time, _) => {
                    moment::write(epoch_ms(due), bytes);
                    Ok(())
                }
                Piece::Slot(Slot::Key, _) => {
                    keys.write_text(bytes);
                    Ok(())
                }
                Piece::Slot(Slot::Field(number), _) => {
                    template.fields()[*number].1.write(words[*number], bytes);
                    Ok(())
                }
            };
        }
        *seq += 1;
        bytes.len()
    }

    /// The value of the record that was rendered last.
    pub(in crate::workload) fn bytes(&self) -> &[u8] {
        &self.bytes
    }
}

/// As Kafka's clock says it.
fn epoch_ms(time: Time) -> i64 {
    START_MS.saturating_add_unsigned(time.0 / 1_000_000)
}
