//! A comparison for tables: one figure of one run a line.

use super::Comparison;

/// `arm,seed,metric,stat,value,unit`, by arm, seed and figure; figures that a run does not have are left out.
pub fn report(comparison: &Comparison) -> String {
    let mut writer = ::csv::Writer::from_writer(Vec::new());
    // Writing to memory cannot fail, and all lines have equally many fields.
    let _ = writer.write_record(["arm", "seed", "metric", "stat", "value", "unit"]);
    for (arm, label) in comparison.labels.iter().enumerate() {
        for (figures, seed) in comparison.figures[arm].iter().zip(&comparison.seeds) {
            for (value, wanted) in figures.values.iter().zip(&comparison.wanted) {
                let Some(value) = value else { continue };
                let (metric, stat) = (wanted.metric.to_string(), wanted.stat.to_string());
                let unit = wanted.metric.metric.dimension.unit();
                let _ = writer.write_record([
                    label.as_str(),
                    &seed.to_string(),
                    &metric,
                    &stat,
                    &value.to_string(),
                    unit,
                ]);
            }
        }
    }
    String::from_utf8(writer.into_inner().unwrap_or_default()).unwrap_or_default()
}
