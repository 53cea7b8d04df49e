//! A sweep as tables: every figure of every run, one line a point, and a summary for people.

use std::fmt::Write;

use super::Sweep;
use super::pareto::front;
use crate::metric::{Better, Wanted};
use crate::report::numbers::number;
use crate::report::text::wrap;

/// Points of a list that people read.
const MOST_SHOWN: usize = 12;

/// One figure of one run a line: the point, its values, seed, metric, stat, value, unit.
pub fn tidy(sweep: &Sweep) -> String {
    let plan = &sweep.plan;
    let wanted = plan.wanted();
    let mut writer = csv::Writer::from_writer(Vec::new());
    let head = ["point"].into_iter().chain(plan.axes.iter().map(String::as_str));
    // Writing to memory cannot fail, and all lines have equally many fields.
    let _ = writer.write_record(head.chain(["seed", "metric", "stat", "value", "unit"]));
    for (point, result) in sweep.results.iter().enumerate() {
        let place: Vec<String> =
            std::iter::once(point.to_string()).chain(plan.points[point].iter().cloned()).collect();
        for (values, seed) in result.values.iter().zip(&plan.seeds) {
            for (value, wanted) in values.iter().zip(&wanted) {
                let Some(value) = value else { continue };
                let figures = [
                    seed.to_string(),
                    wanted.metric.to_string(),
                    wanted.stat.to_string(),
                    value.to_string(),
                    wanted.metric.metric.dimension.unit().to_owned(),
                ];
                let _ = writer.write_record(place.iter().chain(&figures));
            }
        }
    }
    text_of(writer)
}

/// One line a point: its values, whether it has a result, and mean and half the 95 % interval of each figure.
pub fn points(sweep: &Sweep) -> String {
    let plan = &sweep.plan;
    let mut writer = csv::Writer::from_writer(Vec::new());
    let mut head: Vec<String> = vec!["point".to_owned()];
    head.extend(plan.axes.iter().cloned());
    head.push("error".to_owned());
    for metric in &plan.metrics {
        head.extend([format!("{metric} mean"), format!("{metric} half")]);
    }
    let _ = writer.write_record(&head);
    for (point, result) in sweep.results.iter().enumerate() {
        let mut row: Vec<String> = vec![point.to_string()];
        row.extend(plan.points[point].iter().cloned());
        row.push(result.error.clone().unwrap_or_default());
        for metric in 0..plan.metrics.len() {
            let estimate = sweep.estimate(point, metric);
            row.push(estimate.map_or_else(String::new, |estimate| estimate.mean.to_string()));
            row.push(
                estimate.and_then(|estimate| estimate.half).map_or_else(String::new, |half| half.to_string()),
            );
        }
        let _ = writer.write_record(&row);
    }
    text_of(writer)
}

fn text_of(writer: csv::Writer<Vec<u8>>) -> String {
    String::from_utf8(writer.into_inner().unwrap_or_default()).unwrap_or_default()
}

/// What people want to know first: the best point of each figure, the front, and what failed.
pub fn summary(sweep: &Sweep, goals: &[usize]) -> String {
    let plan = &sweep.plan;
    let mut text = String::new();
    let head = format!(
        "{}: {} points of {}, {} seeds each",
        plan.scenario,
        plan.points.len(),
        plan.axes.join(", "),
        plan.seeds.len()
    );
    wrap(&mut text, "", &head);
    text.push_str("\nBest point of each figure\n");
    for (metric, wanted) in plan.wanted().iter().enumerate() {
        if let Some((point, mean)) = best(sweep, metric, wanted) {
            wrap(&mut text, "    ", &format!("{}: {} at {}", wanted.name(), number(mean), plan.label(point)));
        }
    }
    if let [x, y] = goals {
        let _ = writeln!(text, "\nNobody does better in both: {} and {}", plan.metrics[*x], plan.metrics[*y]);
        let front = front(sweep, *x, *y);
        for &point in front.iter().take(MOST_SHOWN) {
            let shown = |metric| sweep.estimate(point, metric).map_or(0.0, |estimate| estimate.mean);
            let figures = format!("    {:>12} {:>12}  ", number(shown(*x)), number(shown(*y)));
            wrap(&mut text, &figures, &plan.label(point));
        }
        if let Some(more @ 1..) = front.len().checked_sub(MOST_SHOWN) {
            let _ = writeln!(text, "    and {more} more, see points.csv");
        }
    }
    let failures: Vec<(usize, &str)> = sweep.failures().collect();
    if !failures.is_empty() {
        let _ = writeln!(text, "\n{} points have no result", failures.len());
        for (point, error) in failures.iter().take(MOST_SHOWN) {
            wrap(&mut text, "    ", &format!("{}: {error}", plan.label(*point)));
        }
    }
    text
}

/// The point with the best mean of a figure, the first one of equals.
fn best(sweep: &Sweep, metric: usize, wanted: &Wanted) -> Option<(usize, f64)> {
    let sign = match wanted.metric.metric.better {
        Better::Lower => 1.0,
        Better::Higher => -1.0,
        Better::Neither => return None,
    };
    let means =
        (0..sweep.results.len()).filter_map(|point| Some((point, sweep.estimate(point, metric)?.mean)));
    let best = means.clone().min_by(|a, b| (sign * a.1).total_cmp(&(sign * b.1)))?;
    // Where all are alike, none is the best.
    means.clone().any(|(_, mean)| mean != best.1).then_some(best)
}
