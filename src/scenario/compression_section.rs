//! How batches compress: `compression-ratio`, `compression-sample` or `compression-curve` of a producer.

use std::io::ErrorKind;
use std::path::Path;

use super::problem::Problem;
use super::section::{Section, measure_of};
use super::source::Place;
use super::tree::{Entry, Value};
use super::{Compressing, defaults, input, limits};
use crate::producer::{CurveError, RatioCurve};
use crate::protocol::compression::Compression;
use crate::values::excerpt::short;
use crate::values::file::open_regular;
use crate::values::quantity::Measure;
use crate::values::units::{Bytes, Millionths, Permille};
use crate::wire::codec::Compressor;
use crate::wire::curve::{self, Sample, SizePoint};
use crate::workload::payload::file::Payloads;
use crate::workload::spec::Source;

/// Keys of which a producer has at most one.
const KEYS: [&str; 3] = ["compression-ratio", "compression-sample", "compression-curve"];

/// At most so many different keys are put into the records of a sample.
const SAMPLE_KEYS: u32 = 10_000;

/// What the keys say, before the codec is known.
pub struct Said {
    ratio: Option<Permille>,
    sample: Option<String>,
    curve: Option<RatioCurve>,
}

/// What the codec needs to know about the rest of the group.
pub struct Around<'a> {
    /// The codec.
    pub codec: Compression,
    /// Its level.
    pub level: i32,
    /// What is sent.
    pub source: &'a Source,
    /// Relative paths begin here.
    pub folder: &'a Path,
}

/// Reads the keys.
pub fn said(section: &mut Section<'_, '_>) -> Said {
    let ratio = section.optional_measure::<Permille>("compression-ratio");
    let sample = section.optional_text("compression-sample");
    let curve = if section.has("compression-curve") { written_curve(section) } else { None };
    Said { ratio, sample, curve }
}

/// What becomes of the bytes of a batch: what the scenario says, else what the codec does to JSON-like text.
pub fn compressing(section: &mut Section<'_, '_>, said: Said, around: &Around<'_>) -> Compressing {
    let usual = match around.codec {
        Compression::None => defaults::UNCOMPRESSED_PERMILLE,
        Compression::Gzip => defaults::GZIP_PERMILLE,
        Compression::Snappy => defaults::SNAPPY_PERMILLE,
        Compression::Lz4 => defaults::LZ4_PERMILLE,
        Compression::Zstd => defaults::ZSTD_PERMILLE,
    };
    let given: Vec<&str> = KEYS.into_iter().filter(|key| section.has(key)).collect();
    for key in given.iter().filter(|_| around.codec == Compression::None) {
        section.problem(key, "has no effect without compression", "set compression.type, or remove it");
    }
    if let [first, others @ ..] = &given[..] {
        for key in others {
            let help = "a producer has one of the two: remove the other";
            section.problem(key, format_args!("stands beside `{first}`"), help);
        }
    } else {
        let name = section.name("compression-ratio");
        section.intake.defaulted(name, Permille(usual).to_string());
    }
    let Said { ratio, sample, curve } = said;
    let measured = || measured_curve(section, &sample?, around);
    if let Some(curve) = curve.or_else(measured) {
        return Compressing::Curve(curve);
    }
    if let Some(Permille(given)) = ratio
        && !(1..=limits::COMPRESSION_PERMILLE).contains(&given)
    {
        let help = "expected the compressed size of a batch as a share of its size, 0.1% to 200%";
        section.problem("compression-ratio", format_args!("is {}", Permille(given)), help);
    }
    Compressing::Ratio(ratio.map_or(usual, |Permille(given)| given))
}

/// `compression-sample = "payloads.txt"`, which is measured now.
fn measured_curve(section: &mut Section<'_, '_>, file: &str, around: &Around<'_>) -> Option<RatioCurve> {
    const KEY: &str = "compression-sample";
    if around.codec == Compression::None {
        return None;
    }
    let path = around.folder.join(file);
    if open_regular(&path).is_err_and(|error| error.kind() == ErrorKind::NotFound) {
        let message = format!("\"{}\" does not exist", short(&path.display().to_string()));
        section.problem(KEY, message, input::neighbours(&path));
        return None;
    }
    let read = Payloads::read(&path, "\n", limits::PAYLOAD_MIB);
    let read = read.map_err(|error| {
        let message =
            format_args!("cannot be measured: the payload file {} {}", path.display(), error.message);
        section.problem(KEY, message, error.help);
    });
    let file = read.ok()?;
    let keys = sample_keys(around.source);
    let sample = Sample::new(file.all().collect(), &keys);
    let points = Compressor::new(around.codec, Some(around.level))
        .and_then(|mut compressor| curve::measure(&sample, &mut compressor));
    let points = points.map_err(|error| {
        section.problem(KEY, format_args!("cannot be measured: {error}"), "try another codec")
    });
    let curve = RatioCurve::new(points.ok()?);
    if curve.is_err() {
        let message = format!("has {} bytes of records", sample.bytes());
        section.problem(KEY, message, "expected a payload in each line, as many as make a few batches");
    }
    curve.ok()
}

/// Keys as the workload has them; those of a trace are unknown before it is read.
fn sample_keys(source: &Source) -> Vec<Vec<u8>> {
    let Source::Synthetic(synthetic) = source else { return Vec::new() };
    let all = synthetic.keys.count();
    let count = all.min(SAMPLE_KEYS);
    let number = |at: u32| u64::from(at) * u64::from(all) / u64::from(count);
    (0..count).map(|at| synthetic.keys.bytes(number(at) as u32)).collect()
}

/// `compression-curve = { "1KiB" = "45%", "16KiB" = ["32%", "1.5%"] }`.
fn written_curve(section: &mut Section<'_, '_>) -> Option<RatioCurve> {
    let mut below = section.section("compression-curve");
    let entries = below.rest();
    let mut points: Vec<(SizePoint, Place)> = Vec::new();
    for entry in &entries {
        let size = size(&mut below, &entry.key, entry.key_place);
        let ratio = ratio_and_spread(&mut below, entry);
        if let (Some(uncompressed_bytes), Some((ratio_millionths, spread_millionths))) = (size, ratio) {
            let point = SizePoint { uncompressed_bytes, ratio_millionths, spread_millionths };
            points.push((point, entry.key_place));
        }
    }
    let is_whole = points.len() == entries.len();
    let curve = RatioCurve::new(points.iter().map(|(point, _)| *point).collect());
    // Where a point is missing, that has been said already.
    if is_whole && let Err(error) = curve {
        refuse(section, error, &points);
    }
    curve.ok()
}

/// Ratio and standard deviation of batches of one size, in millionths: `"32%"` or `["32%", "1.5%"]`.
fn ratio_and_spread(below: &mut Section<'_, '_>, entry: &Entry) -> Option<(u32, u32)> {
    let name = below.name(&short(&entry.key));
    let (ratio, spread) = match &entry.node.value {
        Value::List(pair) => match &pair[..] {
            [ratio, spread] => (ratio, Some(spread)),
            other => {
                let message = format!("`{name}` is a list of {} items", other.len());
                let help = "expected a ratio and its standard deviation: [\"32%\", \"1.5%\"]";
                below.intake.problem(Problem::at(entry.node.place, message).help(help));
                return None;
            }
        },
        _ => (&entry.node, None),
    };
    let Millionths(ratio) = measure_of(below.intake, &name, ratio)?;
    let Millionths(spread) = match spread {
        Some(spread) => measure_of(below.intake, &name, spread)?,
        None => Millionths(0),
    };
    let shown = match spread {
        0 => Millionths(ratio).to_string(),
        spread => format!("{}, {}", Millionths(ratio), Millionths(spread)),
    };
    if !(1..=limits::COMPRESSION_PERMILLE * 1_000).contains(&ratio) || spread > ratio {
        let message = format!("`{name}` is {shown}");
        let help =
            "expected a share of the size, above 0% to 200%, and a standard deviation that is not above it";
        below.intake.problem(Problem::at(entry.node.place, message).help(help));
        return None;
    }
    below.intake.given(name, shown, entry.node.place);
    Some((ratio, spread))
}

/// The size of a batch, which is a key.
fn size(below: &mut Section<'_, '_>, key: &str, place: Place) -> Option<u32> {
    let name = below.name(&short(key));
    let (message, help) = match Bytes::parse(key) {
        Ok(Bytes(bytes)) if (1..=limits::VALUE_BYTES).contains(&bytes) => return Some(bytes as u32),
        Ok(bytes) => (format!("`{name}` is at {bytes}"), "expected 1B to 2147483647B".to_owned()),
        Err(error) => (format!("`{name}`: {}", error.message()), error.help()),
    };
    below.intake.problem(Problem::at(place, message).help(help));
    None
}

fn refuse(section: &mut Section<'_, '_>, error: CurveError, points: &[(SizePoint, Place)]) {
    let name = section.name("compression-curve");
    let (at, message, help) = match error {
        CurveError::Empty => {
            let help = "expected sizes with ratios: { \"1KiB\" = \"45%\", \"16KiB\" = \"32%\" }";
            return section.problem("compression-curve", "is empty", help);
        }
        CurveError::SameSize(bytes) => {
            let message = format!("`{name}` has several points at {}", Bytes(bytes.into()));
            (bytes, message, "remove all but one".to_owned())
        }
        CurveError::Falls(small, large) => {
            let (small, large_shown) = (Bytes(small.into()), Bytes(large.into()));
            let message = format!("`{name}`: {large_shown} compress to less than {small} do");
            let help = "a larger batch never gets smaller: its ratio may fall only as far as its size grows";
            (large, message, help.to_owned())
        }
    };
    let last = points.iter().rev().find(|(point, _)| point.uncompressed_bytes == at);
    if let Some((_, place)) = last {
        section.intake.problem(Problem::at(*place, message).help(help));
    }
}
