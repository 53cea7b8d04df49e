//! Small statistics over the seeds of an experiment.

/// Quantiles 0.975 of Student's t by degrees of freedom: 1 to 30, then 40, 60, 120 and more.
const T: [f64; 30] = [
    12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.160, 2.145, 2.131,
    2.120, 2.110, 2.101, 2.093, 2.086, 2.080, 2.074, 2.069, 2.064, 2.060, 2.056, 2.052, 2.048, 2.045, 2.042,
];

/// A mean with half the width of its 95 % interval.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Estimate {
    /// The mean.
    pub mean: f64,
    /// Half the width of the interval; `None` with fewer than two values.
    pub half: Option<f64>,
    /// Standard deviation of the values; 0 with fewer than two.
    pub sd: f64,
    /// How many values there are.
    pub count: usize,
}

impl Estimate {
    /// Of these values; `None` without any.
    pub fn of(values: &[f64]) -> Option<Estimate> {
        let count = values.len();
        if count == 0 {
            return None;
        }
        let n = count as f64;
        let mean = values.iter().sum::<f64>() / n;
        if count == 1 {
            return Some(Estimate { mean, half: None, sd: 0.0, count });
        }
        let variance = values.iter().map(|value| (value - mean) * (value - mean)).sum::<f64>() / (n - 1.0);
        let sd = variance.sqrt();
        Some(Estimate { mean, half: Some(t_975(count - 1) * sd / n.sqrt()), sd, count })
    }

    /// Whether 0 is within the interval, so that nothing can be told apart; of one value only 0 itself is.
    pub fn may_be_zero(&self) -> bool {
        self.mean.abs() <= self.half.unwrap_or(0.0)
    }
}

/// A bit too wide rather than too narrow between the rows of the table.
fn t_975(freedom: usize) -> f64 {
    match freedom {
        0 => f64::INFINITY,
        1..=30 => T[freedom - 1],
        31..=40 => 2.042,
        41..=60 => 2.021,
        61..=120 => 2.000,
        _ => 1.980,
    }
}

/// Two-sided p of Wilcoxon's signed-rank test of paired differences; `None` with fewer than two that are not 0. Exact up
/// to 25 of them, beyond that by the normal approximation.
pub fn wilcoxon(differences: &[f64]) -> Option<f64> {
    let mut sizes: Vec<f64> = differences.iter().copied().filter(|d| *d != 0.0).collect();
    let n = sizes.len();
    if n < 2 {
        return None;
    }
    sizes.sort_by(|a, b| a.abs().total_cmp(&b.abs()));
    // Twice the rank, so that the mean rank of ties is whole.
    let mut ranks = vec![0u64; n];
    let mut first = 0;
    while first < n {
        let last = (first..n).take_while(|&at| sizes[at].abs() == sizes[first].abs()).last().unwrap_or(first);
        ranks[first..=last].fill((first + last + 2) as u64);
        first = last + 1;
    }
    let total: u64 = ranks.iter().sum();
    let plus: u64 = sizes.iter().zip(&ranks).filter(|(size, _)| **size > 0.0).map(|(_, rank)| rank).sum();
    let low = plus.min(total - plus);
    if n > 25 {
        let mean = total as f64 / 2.0;
        let variance: f64 = ranks.iter().map(|&rank| (rank * rank) as f64 / 4.0).sum();
        let z = (low as f64 + 1.0 - mean) / variance.sqrt();
        return Some((2.0 * normal_below(z)).min(1.0));
    }
    // In how many of all choices of signs is the sum of the positive ranks at most `low`?
    let mut ways = vec![0u64; total as usize + 1];
    ways[0] = 1;
    for &rank in &ranks {
        for sum in (rank as usize..=total as usize).rev() {
            ways[sum] += ways[sum - rank as usize];
        }
    }
    let below: u64 = ways[..=low as usize].iter().sum();
    Some((2.0 * below as f64 / (1u64 << n) as f64).min(1.0))
}

fn normal_below(z: f64) -> f64 {
    0.5 * libm::erfc(-z / std::f64::consts::SQRT_2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_interval_of_three_values() {
        let estimate = Estimate::of(&[1.0, 2.0, 3.0]).expect("values");
        assert_eq!((estimate.mean, estimate.sd), (2.0, 1.0));
        assert!((estimate.half.expect("an interval") - 4.303 / 3f64.sqrt()).abs() < 1e-9);
        assert!(estimate.may_be_zero());
        assert!(!Estimate::of(&[2.0, 2.1, 2.0]).expect("values").may_be_zero());
        assert_eq!(Estimate::of(&[]), None);
        assert_eq!(Estimate::of(&[5.0]).expect("a value").half, None);
    }

    #[test]
    fn wilcoxon_agrees_with_its_published_table() {
        // All of one sign: p = 2 / 2^n.
        assert_eq!(wilcoxon(&[1.0, 2.0, 3.0, 4.0, 5.0]), Some(0.0625));
        // n = 10, W = 8: p = 0.0488 (the critical value at 5 %).
        let signs = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, -8.0, 9.0, 10.0];
        let p = wilcoxon(&signs).expect("differences");
        assert!((p - 0.0488).abs() < 5e-4, "{p}");
        assert_eq!(wilcoxon(&[0.0, 1.0]), None);
    }

    #[test]
    fn many_differences_take_the_normal_approximation() {
        let half: Vec<f64> =
            (1..=30).map(|n| if n % 2 == 0 { f64::from(n) } else { -f64::from(n) }).collect();
        assert!(wilcoxon(&half).expect("differences") > 0.5);
        let all: Vec<f64> = (1..=30).map(f64::from).collect();
        assert!(wilcoxon(&all).expect("differences") < 1e-5);
    }
}
