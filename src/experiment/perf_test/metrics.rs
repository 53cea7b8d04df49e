//! `--print-metrics`: the client's own metrics as Kafka's tools print them (`ToolsUtils.printMetrics`).

use super::java::fixed;
use crate::world::result::ProducerResult;

/// The table, with the empty line before it.
pub fn table(producers: &[ProducerResult]) -> String {
    let mut rows: Vec<(String, f64)> = Vec::new();
    for producer in producers {
        let name = |metric: &str| format!("producer-metrics:{metric}:{{client-id={}}}", producer.client_id);
        rows.extend(producer.metrics.iter().map(|(metric, value)| (name(metric), *value)));
    }
    rows.sort_by(|a, b| a.0.cmp(&b.0));
    let width = rows.iter().map(|(name, _)| name.len()).max().unwrap_or(0);
    let mut text = format!("\n{:<width$}   Value\n", "Metric Name");
    for (name, value) in rows {
        text.push_str(&format!("{name:<width$} : {}\n", fixed(value, 3)));
    }
    text
}
