//! snappy in the framing of snappy-java (`SnappyOutputStream`).

use super::super::WireError;
use super::too_many;

/// Magic, version 1, compatible with version 1.
const HEADER: [u8; 16] = [0x82, b'S', b'N', b'A', b'P', b'P', b'Y', 0, 0, 0, 0, 1, 0, 0, 0, 1];

/// How much the Java library compresses at a time.
const BLOCK_BYTES: usize = 32 * 1024;

/// An encoder that is used again.
pub(super) struct Snappy {
    encoder: snap::raw::Encoder,
    block: Vec<u8>,
}

impl std::fmt::Debug for Snappy {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Snappy")
    }
}

impl Snappy {
    pub(super) fn new() -> Snappy {
        Snappy { encoder: snap::raw::Encoder::new(), block: Vec::new() }
    }

    pub(super) fn compress(&mut self, records: &[u8], out: &mut Vec<u8>) -> Result<(), WireError> {
        out.extend_from_slice(&HEADER);
        for block in records.chunks(BLOCK_BYTES) {
            self.block.resize(snap::raw::max_compress_len(block.len()), 0);
            let len = self.encoder.compress(block, &mut self.block);
            let len = len.or_else(|error| WireError::corrupt(format!("snappy: {error}")))?;
            out.extend_from_slice(&(len as u32).to_be_bytes());
            out.extend_from_slice(&self.block[..len]);
        }
        Ok(())
    }
}

pub(super) fn decompress(packed: &[u8], most_bytes: usize) -> Result<Vec<u8>, WireError> {
    let Some(mut rest) = packed.strip_prefix(&HEADER[..8]).and_then(|rest| rest.get(8..)) else {
        return WireError::corrupt("no snappy data: it does not begin as the Java library does");
    };
    let mut records = Vec::new();
    while let Some((len, behind)) = rest.split_first_chunk::<4>() {
        let Some((block, behind)) = behind.split_at_checked(u32::from_be_bytes(*len) as usize) else {
            return WireError::corrupt("snappy data ends inside a block");
        };
        let broken = |error: snap::Error| WireError::Corrupt(format!("no snappy data: {error}"));
        if records.len() + snap::raw::decompress_len(block).map_err(broken)? > most_bytes {
            return too_many("snappy", most_bytes);
        }
        records.append(&mut snap::raw::Decoder::new().decompress_vec(block).map_err(broken)?);
        rest = behind;
    }
    if rest.is_empty() { Ok(records) } else { WireError::corrupt("snappy data ends inside a length") }
}
