//! The codecs of record batches.

/// `compression.type`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names are Kafka's own")]
pub enum Compression {
    #[default]
    None,
    Gzip,
    Snappy,
    Lz4,
    Zstd,
}

impl Compression {
    /// All of them, by their number in a batch's attributes.
    pub const ALL: [Compression; 5] =
        [Compression::None, Compression::Gzip, Compression::Snappy, Compression::Lz4, Compression::Zstd];

    /// Bits 0 to 2 of a batch's attributes (3.3).
    pub const fn id(self) -> i16 {
        self as i16
    }

    /// The codec with this number.
    pub fn of_id(id: i16) -> Option<Compression> {
        Compression::ALL.get(usize::try_from(id).ok()?).copied()
    }

    /// The word of `compression.type`.
    pub const fn word(self) -> &'static str {
        match self {
            Compression::None => "none",
            Compression::Gzip => "gzip",
            Compression::Snappy => "snappy",
            Compression::Lz4 => "lz4",
            Compression::Zstd => "zstd",
        }
    }

    /// The codec with this word.
    pub fn of_word(word: &str) -> Option<Compression> {
        Compression::ALL.into_iter().find(|codec| codec.word() == word)
    }

    /// The level that a client takes if none is given; codecs without levels have none. -1 leaves it to zlib.
    pub const fn default_level(self) -> Option<i32> {
        match self {
            Compression::None | Compression::Snappy => None,
            Compression::Gzip => Some(-1),
            Compression::Lz4 => Some(9),
            Compression::Zstd => Some(3),
        }
    }

    /// Whether the client takes this level (`GzipCompression`, `Lz4Compression`, `ZstdCompression`).
    pub const fn takes(self, level: i32) -> bool {
        match self {
            Compression::None | Compression::Snappy => false,
            Compression::Gzip => level == -1 || (level >= 1 && level <= 9),
            Compression::Lz4 => level >= 1 && level <= 17,
            Compression::Zstd => level >= -131_072 && level <= 22,
        }
    }
}
