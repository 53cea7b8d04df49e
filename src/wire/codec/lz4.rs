//! lz4 frames of independent blocks (`Lz4BlockOutputStream`).

use lz4::block::{CompressionMode, compress_bound, compress_to_buffer};

use super::super::WireError;
use super::read_all;
use crate::protocol::compression::Compression;

/// Magic, version 1 with independent blocks, blocks of 64 KB, checksum of these two.
const HEADER: [u8; 7] = [0x04, 0x22, 0x4d, 0x18, 0x60, 0x40, 0x82];

const BLOCK_BYTES: usize = 64 * 1024;

/// Set in the length of a block that is stored as it is.
const UNCOMPRESSED: u32 = 1 << 31;

/// An encoder with its level.
#[derive(Debug)]
pub(super) struct Lz4 {
    level: i32,
    block: Vec<u8>,
}

impl Lz4 {
    pub(super) fn new(level: i32) -> Lz4 {
        Lz4 { level, block: Vec::new() }
    }

    /// The client's default level is not that level of the thorough compressor, but the fast one.
    fn mode(&self) -> CompressionMode {
        if Compression::Lz4.default_level() == Some(self.level) {
            CompressionMode::DEFAULT
        } else {
            CompressionMode::HIGHCOMPRESSION(self.level)
        }
    }

    pub(super) fn compress(&mut self, records: &[u8], out: &mut Vec<u8>) -> Result<(), WireError> {
        let failed = |error: std::io::Error| WireError::Corrupt(format!("lz4: {error}"));
        out.extend_from_slice(&HEADER);
        for block in records.chunks(BLOCK_BYTES) {
            self.block.resize(compress_bound(block.len()).map_err(failed)?, 0);
            let mode = self.mode();
            let len = compress_to_buffer(block, Some(mode), false, &mut self.block).map_err(failed)?;
            let (bytes, flag) =
                if len < block.len() { (&self.block[..len], 0) } else { (block, UNCOMPRESSED) };
            out.extend_from_slice(&(bytes.len() as u32 | flag).to_le_bytes());
            out.extend_from_slice(bytes);
        }
        out.extend_from_slice(&[0; 4]);
        Ok(())
    }
}

pub(super) fn decompress(packed: &[u8], most_bytes: usize) -> Result<Vec<u8>, WireError> {
    let mut decoder =
        lz4::Decoder::new(packed).or_else(|error| WireError::corrupt(format!("lz4: {error}")))?;
    let records = read_all("lz4", &mut decoder, most_bytes)?;
    // A reader takes the end of its input for the end of the frame.
    match decoder.finish() {
        (_, Ok(())) => Ok(records),
        (_, Err(error)) => WireError::corrupt(format!("no lz4 data: {error}")),
    }
}
