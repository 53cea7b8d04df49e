//! `SampledStat`: averages, maxima and rates over the last few windows of time (10.1).

/// One window of one sensor. All statistics of a sensor are recorded together, so they share their windows.
#[derive(Clone, Copy, Debug)]
struct Sample<const N: usize> {
    start_ms: i64,
    last_event_ms: i64,
    events: u64,
    sums: [f64; N],
    maxima: [f64; N],
}

impl<const N: usize> Sample<N> {
    fn new(now_ms: i64) -> Sample<N> {
        Sample {
            start_ms: now_ms,
            last_event_ms: now_ms,
            events: 0,
            sums: [0.0; N],
            maxima: [f64::NEG_INFINITY; N],
        }
    }
}

/// A sensor of `N` values that are always recorded together.
#[derive(Clone, Debug)]
pub(crate) struct Sampled<const N: usize> {
    window_ms: i64,
    windows: usize,
    /// A window that began before the time in question still counts while its last event is in it; one sample more
    /// than windows is kept for that.
    overlap: bool,
    samples: Vec<Sample<N>>,
    current: usize,
    /// From this time on the current window is over.
    current_ends_ms: i64,
}

impl<const N: usize> Sampled<N> {
    /// `metrics.sample.window.ms` and `metrics.num.samples`.
    pub(crate) fn new(window_ms: i64, windows: u32, overlap: bool) -> Sampled<N> {
        let windows = windows.max(1) as usize;
        Sampled {
            window_ms,
            windows,
            overlap,
            samples: Vec::new(),
            current: usize::MAX,
            current_ends_ms: i64::MIN,
        }
    }

    #[inline]
    pub(crate) fn record(&mut self, values: [f64; N], now_ms: i64) {
        if now_ms >= self.current_ends_ms {
            self.advance(now_ms);
        }
        let sample = &mut self.samples[self.current];
        for (at, value) in values.into_iter().enumerate() {
            sample.sums[at] += value;
            sample.maxima[at] = if value > sample.maxima[at] { value } else { sample.maxima[at] };
        }
        sample.events += 1;
        sample.last_event_ms = now_ms;
    }

    #[cold]
    fn advance(&mut self, now_ms: i64) {
        let kept = self.windows + usize::from(self.overlap);
        self.current = self.current.wrapping_add(1) % kept;
        self.current_ends_ms = now_ms.saturating_add(self.window_ms);
        match self.samples.get_mut(self.current) {
            Some(sample) => *sample = Sample::new(now_ms),
            None => self.samples.push(Sample::new(now_ms)),
        }
    }

    fn live(&self, now_ms: i64) -> impl Iterator<Item = &Sample<N>> {
        let age_ms = self.window_ms.saturating_mul(self.windows as i64);
        self.samples.iter().filter(move |sample| {
            let since_ms = if self.overlap { sample.last_event_ms } else { sample.start_ms };
            sample.events > 0 && now_ms - since_ms < age_ms
        })
    }

    /// NaN without events.
    pub(crate) fn average(&self, at: usize, now_ms: i64) -> f64 {
        let (sum, events) = self
            .live(now_ms)
            .fold((0.0, 0), |(sum, events), sample| (sum + sample.sums[at], events + sample.events));
        sum / events as f64
    }

    /// NaN without events.
    pub(crate) fn maximum(&self, at: usize, now_ms: i64) -> f64 {
        self.live(now_ms).map(|sample| sample.maxima[at]).fold(f64::NAN, f64::max)
    }

    /// Per second. All but one window count as full even if they have not been (10.1).
    pub(crate) fn rate(&self, at: usize, now_ms: i64) -> f64 {
        let Some(start_ms) = self.live(now_ms).map(|sample| sample.start_ms).min() else { return 0.0 };
        let sum: f64 = self.live(now_ms).map(|sample| sample.sums[at]).sum();
        let mut elapsed_ms = now_ms - start_ms;
        let missing = self.windows as i64 - 1 - elapsed_ms / self.window_ms.max(1);
        // As Java's longs do with windows of millions of years.
        elapsed_ms = elapsed_ms.wrapping_add(missing.max(0).wrapping_mul(self.window_ms));
        if elapsed_ms == 0 { 0.0 } else { sum * 1000.0 / elapsed_ms as f64 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn averages_forget_what_is_older_than_all_windows() {
        let mut sampled = Sampled::<1>::new(30_000, 2, true);
        assert!(sampled.average(0, 0).is_nan() && sampled.maximum(0, 0).is_nan());
        sampled.record([10.0], 0);
        sampled.record([20.0], 31_000);
        assert_eq!((sampled.average(0, 31_000), sampled.maximum(0, 31_000)), (15.0, 20.0));
        assert_eq!((sampled.average(0, 60_000), sampled.maximum(0, 60_000)), (20.0, 20.0));
        assert!(sampled.average(0, 91_000).is_nan());
    }

    #[test]
    fn without_overlap_a_window_is_forgotten_from_its_beginning() {
        let [mut with, mut without] = [true, false].map(|overlap| Sampled::<1>::new(30_000, 2, overlap));
        for (value, at_ms) in [(10.0, 0), (20.0, 29_000), (40.0, 31_000)] {
            with.record([value], at_ms);
            without.record([value], at_ms);
        }
        assert_eq!((with.maximum(0, 60_000), without.average(0, 60_000)), (40.0, 40.0));
        assert_eq!((with.average(0, 60_000), without.samples.len()), (70.0 / 3.0, 2));
        with.record([1.0], 61_000);
        without.record([1.0], 61_000);
        assert_eq!((with.samples.len(), without.samples.len()), (3, 2));
    }

    #[test]
    fn a_rate_assumes_that_one_window_has_passed() {
        let mut sampled = Sampled::<1>::new(30_000, 2, true);
        sampled.record([300.0], 1_000);
        assert_eq!(sampled.rate(0, 1_000), 10.0);
        assert_eq!(sampled.rate(0, 11_000), 7.5);
        assert_eq!(sampled.rate(0, 31_000), 10.0);
    }
}
