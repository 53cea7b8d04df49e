//! zstd as `ZstdOutputStream` writes it.

use std::io;

use zstd::stream::raw::{Encoder, InBuffer, Operation, OutBuffer};

use super::super::WireError;
use super::read_all;

/// An encoder that is used again.
pub(super) struct Zstd {
    encoder: Encoder<'static>,
    room: Vec<u8>,
}

impl std::fmt::Debug for Zstd {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Zstd")
    }
}

/// Output is taken in pieces of this size.
const ROOM_BYTES: usize = 64 * 1024;

impl Zstd {
    pub(super) fn new(level: i32) -> Result<Zstd, WireError> {
        let encoder = Encoder::new(level).or_else(failed)?;
        Ok(Zstd { encoder, room: vec![0; ROOM_BYTES] })
    }

    /// The Java stream flushes before it ends the frame: the last block is an empty one.
    pub(super) fn compress(&mut self, records: &[u8], out: &mut Vec<u8>) -> Result<(), WireError> {
        self.encoder.reinit().or_else(failed)?;
        let mut input = InBuffer::around(records);
        while input.pos() < records.len() {
            self.step(out, |encoder, room| encoder.run(&mut input, room))?;
        }
        while self.step(out, |encoder, room| encoder.flush(room))? > 0 {}
        while self.step(out, |encoder, room| encoder.finish(room, true))? > 0 {}
        Ok(())
    }

    /// One call of the library; gives its hint, which is 0 when nothing is left to write.
    fn step(
        &mut self,
        out: &mut Vec<u8>,
        call: impl FnOnce(&mut Encoder<'static>, &mut OutBuffer<'_, [u8]>) -> io::Result<usize>,
    ) -> Result<usize, WireError> {
        let mut room = OutBuffer::around(&mut self.room[..]);
        let left = call(&mut self.encoder, &mut room).or_else(failed)?;
        out.extend_from_slice(room.as_slice());
        Ok(left)
    }
}

fn failed<T>(error: io::Error) -> Result<T, WireError> {
    WireError::corrupt(format!("zstd: {error}"))
}

pub(super) fn decompress(packed: &[u8], most_bytes: usize) -> Result<Vec<u8>, WireError> {
    let decoder = zstd::stream::read::Decoder::with_buffer(packed).or_else(failed)?;
    read_all("zstd", decoder, most_bytes)
}
