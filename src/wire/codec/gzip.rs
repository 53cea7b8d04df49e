//! gzip as `GZIPOutputStream` writes it.

use flate2::{Compress, Compression, Crc, FlushCompress, Status, read::GzDecoder};

use super::super::WireError;
use super::read_all;

/// Magic, deflate, no flags, no time, no extra flags, and since Java 16 an unknown operating system.
const HEADER: [u8; 10] = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff];

/// A deflater that is used again.
#[derive(Debug)]
pub(super) struct Gzip {
    deflate: Compress,
}

impl Gzip {
    /// -1 is zlib's own choice, which is 6.
    pub(super) fn new(level: i32) -> Gzip {
        let level = u32::try_from(level).map_or(Compression::default(), Compression::new);
        Gzip { deflate: Compress::new(level, false) }
    }

    pub(super) fn compress(&mut self, records: &[u8], out: &mut Vec<u8>) -> Result<(), WireError> {
        out.extend_from_slice(&HEADER);
        self.deflate.reset();
        let mut done = 0;
        loop {
            out.reserve(records.len() / 4 + 256);
            let status = self.deflate.compress_vec(&records[done..], out, FlushCompress::Finish);
            done = self.deflate.total_in() as usize;
            match status {
                Ok(Status::StreamEnd) => break,
                Ok(Status::Ok | Status::BufError) => {}
                Err(error) => return WireError::corrupt(format!("zlib: {error}")),
            }
        }
        let mut crc = Crc::new();
        crc.update(records);
        out.extend_from_slice(&crc.sum().to_le_bytes());
        out.extend_from_slice(&(records.len() as u32).to_le_bytes());
        Ok(())
    }
}

pub(super) fn decompress(packed: &[u8], most_bytes: usize) -> Result<Vec<u8>, WireError> {
    read_all("gzip", GzDecoder::new(packed), most_bytes)
}
