//! `--print-metrics`: the client's metrics as Kafka's `ToolsUtils.printMetrics` prints them.

use super::decimal::fixed;
use crate::world::result::ProducerResult;

/// The table: `group:name:{tags} : value`, in order of the names.
pub fn table(producer: &ProducerResult) -> String {
    let tags = format!("{{client-id={}}}", producer.client_id);
    let mut rows: Vec<(String, f64)> = producer
        .metrics
        .iter()
        .map(|(name, value)| (format!("producer-metrics:{name}:{tags}"), *value))
        .collect();
    rows.sort_by(|(name, _), (other, _)| name.cmp(other));
    let width = rows.iter().map(|(name, _)| name.len()).max().unwrap_or(0);
    let mut text = format!("\n{:<width$}   Value\n", "Metric Name");
    for (name, value) in rows {
        text.push_str(&format!("{name:<width$} : {}\n", fixed(value, 3)));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_in_order_and_values_below_each_other() {
        let metrics = vec![("batch-size-avg", 1_234.567_89), ("acks", f64::NAN)];
        let table = table(&ProducerResult { client_id: "perf".to_owned(), metrics });
        assert_eq!(
            table,
            "\nMetric Name                                        Value\n\
             producer-metrics:acks:{client-id=perf}           : NaN\n\
             producer-metrics:batch-size-avg:{client-id=perf} : 1234.568\n"
        );
    }
}
