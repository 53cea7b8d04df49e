//! A comparison for programs.

use serde_json::{Value, json};

use super::{Comparison, Relation, reasons, winner};
use crate::world::MODEL_VERSION;

/// Name and version of the format.
pub const SCHEMA: &str = "lingersim/compare/1";

/// The whole comparison, one JSON object with a newline at the end.
pub fn report(comparison: &Comparison) -> String {
    let arms: Vec<Value> = (0..comparison.labels.len()).map(|arm| arm_of(comparison, arm)).collect();
    let report = json!({
        "schema": SCHEMA,
        "model_version": MODEL_VERSION,
        "seeds": comparison.seeds,
        "populations_that_differ": comparison.different_populations(),
        "winner": winner(comparison),
        "arms": arms,
    });
    format!("{report:#}\n")
}

fn arm_of(comparison: &Comparison, arm: usize) -> Value {
    let digests: Vec<String> =
        comparison.figures[arm].iter().map(|figures| format!("{:016x}", figures.digest)).collect();
    let metrics: Vec<Value> = (0..comparison.wanted.len()).map(|row| metric(comparison, arm, row)).collect();
    json!({
        "label": comparison.labels[arm],
        "digests": digests,
        "why": if arm == 0 { Vec::new() } else { reasons(comparison, arm) },
        "metrics": metrics,
    })
}

fn metric(comparison: &Comparison, arm: usize, row: usize) -> Value {
    let wanted = &comparison.wanted[row];
    let estimate = comparison.estimate(arm, row);
    let mut value = json!({
        "metric": wanted.metric.to_string(),
        "stat": wanted.stat.to_string(),
        "unit": wanted.metric.metric.dimension.unit(),
        "mean": estimate.map(|estimate| estimate.mean),
        "half": estimate.and_then(|estimate| estimate.half),
        "values": comparison.values(arm, row).collect::<Vec<_>>(),
    });
    if arm > 0
        && let Some(difference) = comparison.difference(arm, row)
    {
        let relation = comparison.relation(arm, row).map(|relation| match relation {
            Relation::Identical => "identical",
            Relation::Indistinguishable => "indistinguishable",
            Relation::Better => "better",
            Relation::Worse => "worse",
            Relation::Different => "different",
        });
        value["difference"] = json!({
            "mean": difference.estimate.mean,
            "half": difference.estimate.half,
            "relative": difference.relative(),
            "relation": relation,
            "seeds_with_more": difference.more,
            "seeds_with_less": difference.less,
            "p": difference.p,
        });
    }
    value
}
