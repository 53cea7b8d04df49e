//! The codecs, with the libraries that the Java client carries, so that compressed sizes are its own: zlib, lz4 and zstd give
//! the same bytes; snappy, of which Java has a newer edition, nearly the same.

mod gzip;
mod lz4;
mod snappy;
mod zstd;

use super::WireError;
use crate::protocol::compression::Compression;

/// A codec with its level, ready to be used many times.
#[derive(Debug)]
pub struct Compressor(Kind);

#[derive(Debug)]
enum Kind {
    None,
    Gzip(gzip::Gzip),
    Snappy(Box<snappy::Snappy>),
    Lz4(lz4::Lz4),
    Zstd(zstd::Zstd),
}

impl Compressor {
    /// The codec with a level, or with its default one.
    ///
    /// # Errors
    /// A level that the client refuses, in its words.
    pub fn new(compression: Compression, level: Option<i32>) -> Result<Compressor, WireError> {
        let level = match (level, compression.default_level()) {
            (_, None) => 0,
            (Some(level), Some(_)) if !compression.takes(level) => {
                return WireError::illegal(format!(
                    "{} doesn't support given compression level: {level}",
                    compression.word()
                ));
            }
            (level, Some(default)) => level.unwrap_or(default),
        };
        Ok(Compressor(match compression {
            Compression::None => Kind::None,
            Compression::Gzip => Kind::Gzip(gzip::Gzip::new(level)),
            Compression::Snappy => Kind::Snappy(Box::new(snappy::Snappy::new())),
            Compression::Lz4 => Kind::Lz4(lz4::Lz4::new(level)),
            Compression::Zstd => Kind::Zstd(zstd::Zstd::new(level)?),
        }))
    }

    /// Appends the compressed records to `out`.
    ///
    /// # Errors
    /// What the library says, if it fails.
    pub fn compress(&mut self, records: &[u8], out: &mut Vec<u8>) -> Result<(), WireError> {
        match &mut self.0 {
            Kind::None => {
                out.extend_from_slice(records);
                Ok(())
            }
            Kind::Gzip(gzip) => gzip.compress(records, out),
            Kind::Snappy(snappy) => snappy.compress(records, out),
            Kind::Lz4(lz4) => lz4.compress(records, out),
            Kind::Zstd(zstd) => zstd.compress(records, out),
        }
    }
}

/// The records that were compressed to `packed`, if they are not more than `most_bytes`.
///
/// # Errors
/// Bytes that the codec has not written, and too many records.
pub fn decompress(compression: Compression, packed: &[u8], most_bytes: usize) -> Result<Vec<u8>, WireError> {
    match compression {
        Compression::None => Ok(packed.to_vec()),
        Compression::Gzip => gzip::decompress(packed, most_bytes),
        Compression::Snappy => snappy::decompress(packed, most_bytes),
        Compression::Lz4 => lz4::decompress(packed, most_bytes),
        Compression::Zstd => zstd::decompress(packed, most_bytes),
    }
}

/// All that a decoder gives, if it is not more than `most_bytes`.
fn read_all(codec: &str, decoder: impl std::io::Read, most_bytes: usize) -> Result<Vec<u8>, WireError> {
    use std::io::Read;
    let mut records = Vec::new();
    match decoder.take(most_bytes as u64 + 1).read_to_end(&mut records) {
        Err(error) => WireError::corrupt(format!("no {codec} data: {error}")),
        Ok(_) if records.len() > most_bytes => too_many(codec, most_bytes),
        Ok(_) => Ok(records),
    }
}

fn too_many<T>(codec: &str, most_bytes: usize) -> Result<T, WireError> {
    WireError::corrupt(format!("{codec} data of more than {most_bytes} bytes"))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Words, so that there is something to compress, and noise, which there is not.
    fn samples() -> Vec<Vec<u8>> {
        let words: Vec<u8> =
            (0..40_000u32).flat_map(|n| format!("{{\"order\":{}}}", n * 7919 % 1000).into_bytes()).collect();
        let noise = |len: usize| {
            (0..len)
                .scan(1u32, |x, _| {
                    *x = x.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                    Some((*x >> 24) as u8)
                })
                .collect()
        };
        vec![Vec::new(), b"a".to_vec(), words[..300].to_vec(), words, noise(100), noise(200_000)]
    }

    #[test]
    fn every_codec_gives_back_what_it_got_at_every_level() {
        for compression in Compression::ALL {
            let levels: &[i32] = match compression {
                Compression::None | Compression::Snappy => &[0],
                Compression::Gzip => &[-1, 1, 6, 9],
                Compression::Lz4 => &[1, 9, 17],
                Compression::Zstd => &[-5, 1, 3, 12],
            };
            for level in levels {
                let mut compressor = Compressor::new(compression, Some(*level)).expect("a level");
                for sample in samples() {
                    let mut packed = b"before".to_vec();
                    compressor.compress(&sample, &mut packed).expect("compressed");
                    let back = decompress(compression, &packed[6..], sample.len());
                    assert_eq!(back.as_ref(), Ok(&sample), "{compression:?} {level}");
                }
            }
        }
    }

    #[test]
    fn data_that_would_grow_without_end_is_refused() {
        for compression in &Compression::ALL[1..] {
            let mut packed = Vec::new();
            let mut compressor = Compressor::new(*compression, None).expect("a default level");
            compressor.compress(&[0; 300_000], &mut packed).expect("compressed");
            assert!(decompress(*compression, &packed, 299_999).is_err(), "{compression:?}");
            assert!(decompress(*compression, &packed, 300_000).is_ok(), "{compression:?}");
        }
    }

    #[test]
    fn broken_data_is_an_error() {
        for compression in &Compression::ALL[1..] {
            let mut packed = Vec::new();
            let mut compressor = Compressor::new(*compression, None).expect("a default level");
            compressor.compress(&samples()[3], &mut packed).expect("compressed");
            assert!(
                decompress(*compression, &packed[..packed.len() / 2], 1 << 20).is_err(),
                "{compression:?}"
            );
            assert!(
                decompress(*compression, b"nonsense nonsense nonsense", 1 << 20).is_err(),
                "{compression:?}"
            );
        }
    }

    #[test]
    fn levels_out_of_range_are_refused_in_the_clients_words() {
        let refused = |compression, level| {
            Compressor::new(compression, Some(level)).err().map(|error| error.to_string())
        };
        assert_eq!(
            refused(Compression::Gzip, 0).as_deref(),
            Some("gzip doesn't support given compression level: 0")
        );
        assert!(refused(Compression::Lz4, 18).is_some());
        assert!(refused(Compression::Zstd, 23).is_some());
        assert!(refused(Compression::Snappy, 23).is_none());
    }
}
