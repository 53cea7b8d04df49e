//! `lingersim measure`: what codecs make of a sample of payloads.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::ValueEnum;

use super::effort;
use super::exit::Failure;
use super::output;
use crate::protocol::compression::Compression;
use crate::report::ratios::{self, Measured};
use crate::scenario::limits;
use crate::values::time::Span;
use crate::wire::WireError;
use crate::wire::codec::Compressor;
use crate::wire::curve::{self, Sample};
use crate::workload::payload::file::{FileError, Payloads, plain_delimiter};

/// `lingersim measure`.
#[derive(clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct MeasureArgs {
    /// Payloads of records in their order, a text of at most 64 MiB
    #[arg(value_name = "SAMPLE")]
    sample: PathBuf,

    /// The codec
    #[arg(long, value_name = "CODEC", value_enum, default_value_t = Codec::All)]
    codec: Codec,

    /// Its level [default: that of the client]
    #[arg(long, value_name = "N", allow_negative_numbers = true)]
    level: Option<i32>,

    /// The text between two payloads
    #[arg(long, value_name = "TEXT", default_value = "\\n")]
    delimiter: String,

    /// Records have so many different keys, key-0, key-1, ..., at most 1000000 [default: null keys]
    #[arg(long, value_name = "N", default_value_t = 0, hide_default_value = true, value_parser = clap::value_parser!(u32).range(0..=1_000_000))]
    keys: u32,

    /// Also measure how long compressing takes on this machine, in batches of 16 KiB
    #[arg(long)]
    time: bool,

    /// Print the lines of a producer in a scenario
    #[arg(long)]
    toml: bool,
}

/// What can be measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Codec {
    /// All four
    All,
    /// gzip
    Gzip,
    /// snappy
    Snappy,
    /// lz4
    Lz4,
    /// zstd
    Zstd,
}

impl Codec {
    fn codecs(self) -> &'static [Compression] {
        match self {
            Codec::All => &Compression::ALL[1..],
            Codec::Gzip => &[Compression::Gzip],
            Codec::Snappy => &[Compression::Snappy],
            Codec::Lz4 => &[Compression::Lz4],
            Codec::Zstd => &[Compression::Zstd],
        }
    }
}

const EXAMPLES: &str = "Examples:\n  \
    lingersim measure payloads.txt\n  \
    lingersim measure payloads.txt --codec zstd --level 9 --toml\n  \
    lingersim measure payloads.txt --time\n\n\
    Ratios depend on the sample only; it should be as what is sent, in its order. The time depends on this machine.";

/// How often the time is measured; the median counts.
const ROUNDS: usize = 9;
/// The size of batches whose time is measured, or the largest that the sample has.
const TIMED_BYTES: u32 = 16 << 10;

/// Runs the command.
pub fn run(args: &MeasureArgs) -> Result<ExitCode, Failure> {
    if args.codec == Codec::All && (args.toml || args.level.is_some()) {
        let flag = if args.toml { "--toml" } else { "--level" };
        return Err(input(&format!("{flag} is about one codec"), "add for example --codec zstd"));
    }
    let of =
        |subject: String| move |FileError { message, help }| input(&format!("{subject} {message}"), help);
    let delimiter = plain_delimiter(&args.delimiter).map_err(of("--delimiter".to_owned()))?;
    let payloads = Payloads::read(&args.sample, &delimiter, limits::PAYLOAD_MIB)
        .map_err(of(format!("the payload file {}", args.sample.display())))?;
    let keys: Vec<Vec<u8>> = (0..args.keys).map(|number| format!("key-{number}").into_bytes()).collect();
    let sample = Sample::new(payloads.all().collect(), &keys);
    let codecs = args.codec.codecs().iter();
    let measured: Vec<Measured> =
        codecs.map(|codec| measured(*codec, &sample, args)).collect::<Result<_, _>>()?;
    if measured.iter().any(|one| one.points.is_empty()) {
        let message = format!("{} has {} bytes of records", args.sample.display(), sample.bytes());
        return Err(input(&message, "expected as many payloads as make a few batches"));
    }
    output::print(&match &measured[..] {
        [only] if args.toml => ratios::toml(only),
        all => ratios::text(payloads.count(), sample.bytes(), all),
    })?;
    Ok(ExitCode::SUCCESS)
}

fn input(message: &str, help: &str) -> Failure {
    Failure::Input(format!("error: {message}\n = help: {help}"))
}

fn measured(codec: Compression, sample: &Sample<'_>, args: &MeasureArgs) -> Result<Measured, Failure> {
    let mut compressor = Compressor::new(codec, args.level).map_err(failure)?;
    let points = curve::measure(sample, &mut compressor).map_err(failure)?;
    let largest = points.last().map(|point| point.uncompressed_bytes.min(TIMED_BYTES));
    let per_kib = match largest.filter(|_| args.time) {
        Some(bytes) => Some(time(&curve::batches(sample, bytes as usize), &mut compressor).map_err(failure)?),
        None => None,
    };
    // A codec without levels takes any and does nothing with it.
    let level = args.level.filter(|_| codec.default_level().is_some());
    Ok(Measured { codec, level, points, per_kib })
}

/// A level that the client refuses. No library fails to compress.
fn failure(error: WireError) -> Failure {
    match error {
        WireError::IllegalArgument(message) => input(&message, "leave --level out for the client's default"),
        WireError::Corrupt(message) => Failure::Bug(message),
    }
}

/// What a KiB of these batches takes, the median of all rounds.
fn time(batches: &[Vec<u8>], compressor: &mut Compressor) -> Result<Span, WireError> {
    let bytes: usize = batches.iter().map(Vec::len).sum();
    let mut packed = Vec::new();
    let mut rounds = Vec::new();
    for _ in 0..ROUNDS {
        let stopwatch = effort::Stopwatch::start();
        for batch in batches {
            packed.clear();
            compressor.compress(batch, &mut packed)?;
        }
        rounds.push((stopwatch.stop().wall_s * 1e9) as u64);
    }
    rounds.sort_unstable();
    let kib = (bytes as u64).div_ceil(1024).max(1);
    Ok(Span((rounds[ROUNDS / 2] / kib).max(1)))
}
