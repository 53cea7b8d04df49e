//! What codecs make of a sample, by batch size: a table, and the lines of a scenario.

use std::fmt::Write;

use super::figures::grouped;
use crate::protocol::compression::Compression;
use crate::values::time::Span;
use crate::values::units::{Bytes, Millionths, PerByte};
use crate::wire::curve::SizePoint;

/// A codec that has been measured.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Measured {
    /// The codec.
    pub codec: Compression,
    /// Its level, if it was given.
    pub level: Option<i32>,
    /// What it makes of batches, small ones first. All codecs of a table have the same sizes.
    pub points: Vec<SizePoint>,
    /// What compressing takes on this machine, for each KiB before compression.
    pub per_kib: Option<Span>,
}

/// A column for each codec; at most 80 columns.
pub fn text(records: usize, bytes: usize, measured: &[Measured]) -> String {
    let records = grouped(records as u64);
    let mut text = format!(
        "{records} records, {} bytes; their size after compression, by the size of a\nbatch before it\n\n",
        grouped(bytes as u64)
    );
    // Writing to a String cannot fail.
    let _ = writeln!(text, "  batch{}", cells(measured, heading));
    let sizes = measured.first().map_or(&[][..], |first| &first.points);
    for (at, point) in sizes.iter().enumerate() {
        let size = Bytes(point.uncompressed_bytes.into()).to_string();
        let ratio = |one: &Measured| one.points.get(at).map_or_else(String::new, ratio);
        let _ = writeln!(text, "{size:>7}{}", cells(measured, ratio));
    }
    if measured.iter().any(|one| one.per_kib.is_some()) {
        let cost = |one: &Measured| one.per_kib.map_or_else(String::new, |cost| cost.to_string());
        let _ = writeln!(text, "\ntime of\n  a KiB{}", cells(measured, cost));
    }
    text
}

fn cells(measured: &[Measured], cell: impl Fn(&Measured) -> String) -> String {
    measured.iter().map(|one| format!("{:>12}", cell(one))).collect()
}

/// `zstd`, or `zstd 19` with a level.
fn heading(measured: &Measured) -> String {
    let word = measured.codec.word();
    measured.level.map_or_else(|| word.to_owned(), |level| format!("{word} {level}"))
}

/// With one decimal.
fn ratio(point: &SizePoint) -> String {
    let permille = (point.ratio_millionths + 500) / 1_000;
    format!("{}.{}%", permille / 10, permille % 10)
}

/// The lines of `[producer]` with which a scenario compresses like this.
pub fn toml(measured: &Measured) -> String {
    let word = measured.codec.word();
    let mut text = format!("compression.type = \"{word}\"\n");
    if let Some(level) = measured.level {
        let _ = writeln!(text, "compression.{word}.level = {level}");
    }
    let point = |point: &SizePoint| {
        let size = Bytes(point.uncompressed_bytes.into());
        let (ratio, spread) = (Millionths(point.ratio_millionths), Millionths(point.spread_millionths));
        format!("\"{size}\" = [\"{ratio}\", \"{spread}\"]")
    };
    let points: Vec<String> = measured.points.iter().map(point).collect();
    let _ = writeln!(text, "compression-curve = {{ {} }}", points.join(", "));
    if let Some(cost) = measured.per_kib {
        let picos_per_byte = PerByte(cost.0 * 1_000 / 1_024);
        let _ = writeln!(text, "cpu = {{ compress-per-byte = \"{picos_per_byte}\" }}");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn measured(codec: Compression, level: Option<i32>, ratio_millionths: u32) -> Measured {
        let point =
            |uncompressed_bytes| SizePoint { uncompressed_bytes, ratio_millionths, spread_millionths: 5_000 };
        Measured { codec, level, points: vec![point(64), point(1 << 14)], per_kib: Some(Span(5_250)) }
    }

    #[test]
    fn codecs_stand_side_by_side() {
        let both =
            [measured(Compression::Gzip, None, 213_450), measured(Compression::Zstd, Some(19), 1_000_000)];
        insta::assert_snapshot!(text(12_345, 6_789_000, &both), @r"
        12,345 records, 6,789,000 bytes; their size after compression, by the size of a
        batch before it

          batch        gzip     zstd 19
            64B       21.3%      100.0%
          16KiB       21.3%      100.0%

        time of
          a KiB      5250ns      5250ns
        ");
    }

    #[test]
    fn lines_for_a_scenario() {
        insta::assert_snapshot!(toml(&measured(Compression::Zstd, Some(19), 213_450)), @r#"
        compression.type = "zstd"
        compression.zstd.level = 19
        compression-curve = { "64B" = ["21.345%", "0.5%"], "16KiB" = ["21.345%", "0.5%"] }
        cpu = { compress-per-byte = "5.126ns/B" }
        "#);
    }
}
