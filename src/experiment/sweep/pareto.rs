//! Points that no other one beats in two figures at once.

use super::Sweep;
use crate::metric::Better;

/// The points that nobody does better in both figures, in order of the first one. Figures that are neither better high
/// nor low count as better low.
pub fn front(sweep: &Sweep, x: usize, y: usize) -> Vec<usize> {
    let wanted = sweep.plan.wanted();
    let sign = |metric: usize| match wanted[metric].metric.metric.better {
        Better::Higher => -1.0,
        Better::Lower | Better::Neither => 1.0,
    };
    let (sx, sy) = (sign(x), sign(y));
    let mut costs: Vec<(f64, f64, usize)> = (0..sweep.results.len())
        .filter_map(|point| {
            Some((sx * sweep.estimate(point, x)?.mean, sy * sweep.estimate(point, y)?.mean, point))
        })
        .collect();
    costs.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.total_cmp(&b.1)).then(a.2.cmp(&b.2)));
    let mut least = f64::INFINITY;
    costs.retain(|&(_, cost, _)| {
        let is_better = cost < least;
        least = least.min(cost);
        is_better
    });
    costs.into_iter().map(|(.., point)| point).collect()
}

#[cfg(test)]
mod tests {
    use super::super::journal::PointResult;
    use super::super::plan::{Plan, SCHEMA};
    use super::*;

    fn sweep(values: &[(f64, f64)]) -> Sweep {
        let plan = Plan {
            schema: SCHEMA.to_owned(),
            model: 1,
            id: String::new(),
            scenario: "test".to_owned(),
            axes: vec!["a".to_owned()],
            values: Vec::new(),
            metrics: vec!["sim-record-latency p(99)".to_owned(), "sim-throughput".to_owned()],
            seeds: vec![1],
            points: values.iter().enumerate().map(|(at, _)| vec![at.to_string()]).collect(),
        };
        let result = |(point, &(x, y)): (usize, &(f64, f64))| PointResult {
            point,
            error: None,
            digests: Vec::new(),
            values: vec![vec![Some(x), Some(y)]],
        };
        Sweep { plan, results: values.iter().enumerate().map(result).collect() }
    }

    #[test]
    fn the_front_has_those_that_nobody_beats() {
        // Low latency is good, high throughput is.
        let sweep = sweep(&[(5.0, 10.0), (1.0, 1.0), (2.0, 9.0), (3.0, 8.0), (2.0, 9.0), (9.0, 10.0)]);
        assert_eq!(front(&sweep, 0, 1), [1, 2, 0]);
    }
}
