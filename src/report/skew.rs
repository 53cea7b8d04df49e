//! How unevenly something is spread.

/// Measures of unevenness; all are lowest when every part has the same.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Skew {
    /// The largest part by the mean: 1 if even, n if one of n parts has all.
    pub max_by_mean: f64,
    /// Standard deviation by the mean.
    pub cv: f64,
    /// Gini coefficient: 0 if even, (n - 1) / n if one of n parts has all.
    pub gini: f64,
}

impl Skew {
    /// Of these parts; `None` without parts, or if there is nothing in them.
    pub fn of(parts: impl IntoIterator<Item = u64>) -> Option<Skew> {
        let mut parts: Vec<u64> = parts.into_iter().collect();
        parts.sort_unstable();
        let sum: u128 = parts.iter().map(|&part| u128::from(part)).sum();
        let largest = *parts.last()?;
        if sum == 0 {
            return None;
        }
        let (n, sum) = (parts.len() as f64, sum as f64);
        let mean = sum / n;
        let variance = parts.iter().map(|&part| (part as f64 - mean) * (part as f64 - mean)).sum::<f64>() / n;
        // In ascending order, the part in place i (from 1) counts 2i - n - 1 times.
        let weighted: f64 =
            parts.iter().enumerate().map(|(at, &part)| (2.0 * at as f64 + 1.0 - n) * part as f64).sum();
        Some(Skew {
            max_by_mean: largest as f64 / mean,
            cv: variance.sqrt() / mean,
            gini: weighted / (n * sum),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::Skew;

    #[test]
    fn even_parts_have_none() {
        assert_eq!(Skew::of([7, 7, 7]), Some(Skew { max_by_mean: 1.0, cv: 0.0, gini: 0.0 }));
    }

    #[test]
    fn one_that_has_all_is_the_worst() {
        let skew = Skew::of([0, 0, 0, 8]).expect("parts");
        assert_eq!((skew.max_by_mean, skew.gini), (4.0, 0.75));
        assert!((skew.cv - 3f64.sqrt()).abs() < 1e-12);
    }

    #[test]
    fn nothing_has_no_skew() {
        assert_eq!(Skew::of([]), None);
        assert_eq!(Skew::of([0, 0]), None);
    }
}
