//! How large values are, and which they are if their size follows from that.

use std::sync::Arc;

use super::java_random::JavaRandom;
use super::keys::Keys;
use super::payload::file::{Order, Payloads};
use super::payload::rendering::Rendering;
use super::payload::template::Template;
use super::spec::{self, Generator};
use crate::engine::alias::Alias;
use crate::engine::dist::Sampler;
use crate::engine::rng::{Purpose, Stream, Streams};
use crate::values::time::Time;

/// What the threads of a source share about their value sizes.
#[derive(Clone, Debug)]
pub(super) enum SizePlan {
    /// No draw.
    Constant(i32),
    Digits,
    Payloads {
        sizes: Arc<[u32]>,
        generator: Generator,
    },
    Rendered(Arc<Template>),
    Chosen {
        payloads: Payloads,
        order: Order,
    },
    Drawn(Distribution),
}

#[derive(Clone, Debug)]
pub(super) enum Distribution {
    Uniform { min: u32, max: u32 },
    LogNormal(Sampler),
    Empirical { sizes: Arc<[u32]>, choice: Arc<Alias> },
}

/// The value sizes of one thread.
#[derive(Clone, Debug)]
pub(super) enum Sizes {
    Constant(i32),
    /// Of the number of the next record.
    Digits {
        number: u64,
    },
    Payloads {
        sizes: Arc<[u32]>,
        random: JavaRandom,
    },
    Rendered(Box<Rendering>),
    Chosen(Box<Chosen>),
    Drawn {
        distribution: Distribution,
        stream: Box<Stream>,
    },
}

/// A file's payloads.
#[derive(Clone, Debug)]
pub(super) struct Chosen {
    payloads: Payloads,
    choice: NextPayload,
    /// The last record's.
    last: usize,
}

#[derive(Clone, Debug)]
enum NextPayload {
    InTurn(usize),
    Drawn(Box<Stream>),
}

impl SizePlan {
    pub(super) fn new(sizes: &spec::Sizes) -> SizePlan {
        SizePlan::Drawn(match sizes {
            spec::Sizes::Constant(bytes) => return SizePlan::Constant(as_len(u64::from(*bytes))),
            spec::Sizes::Digits => return SizePlan::Digits,
            spec::Sizes::Payloads { sizes, generator } => {
                return SizePlan::Payloads { sizes: sizes.clone(), generator: *generator };
            }
            spec::Sizes::Rendered(template) => return SizePlan::Rendered(Arc::clone(template)),
            spec::Sizes::Chosen { payloads, order } => {
                return SizePlan::Chosen { payloads: payloads.clone(), order: *order };
            }
            spec::Sizes::Uniform { min, max } => Distribution::Uniform { min: *min, max: *max },
            spec::Sizes::LogNormal { median, p99, max } => Distribution::LogNormal(Sampler::log_normal(
                u64::from(*median),
                u64::from(*p99),
                u64::from(*max),
            )),
            spec::Sizes::Empirical(choices) => Distribution::Empirical {
                sizes: choices.iter().map(|&(size, _)| size).collect(),
                choice: Arc::new(Alias::new(choices.iter().map(|&(_, weight)| u64::from(weight)).collect())),
            },
        })
    }

    pub(super) fn start(&self, streams: &Streams, entity: u32) -> Sizes {
        match self {
            SizePlan::Constant(bytes) => Sizes::Constant(*bytes),
            SizePlan::Digits => Sizes::Digits { number: 0 },
            SizePlan::Payloads { sizes, generator } => {
                Sizes::Payloads { sizes: sizes.clone(), random: JavaRandom::new(*generator) }
            }
            SizePlan::Rendered(template) => {
                let stream = streams.stream(Purpose::PayloadContent, entity);
                Sizes::Rendered(Box::new(Rendering::new(template, stream)))
            }
            SizePlan::Chosen { payloads, order } => {
                let choice = match order {
                    Order::InTurn => NextPayload::InTurn(0),
                    Order::Random => {
                        NextPayload::Drawn(Box::new(streams.stream(Purpose::PayloadContent, entity)))
                    }
                };
                Sizes::Chosen(Box::new(Chosen { payloads: payloads.clone(), choice, last: 0 }))
            }
            SizePlan::Drawn(distribution) => Sizes::Drawn {
                distribution: distribution.clone(),
                stream: Box::new(streams.stream(Purpose::RecordSize, entity)),
            },
        }
    }
}

impl Sizes {
    /// Length in bytes of the next value: that of the record with the last of these keys, which is due at `due`.
    #[inline]
    pub(super) fn next(&mut self, due: Time, keys: &Keys) -> i32 {
        match self {
            Sizes::Constant(bytes) => *bytes,
            Sizes::Digits { number } => {
                let digits = number.checked_ilog10().unwrap_or(0) + 1;
                *number += 1;
                digits as i32
            }
            Sizes::Payloads { sizes, random } => as_len(u64::from(sizes[random.below(sizes.len())])),
            Sizes::Rendered(rendering) => as_len(rendering.render(due, keys) as u64),
            Sizes::Chosen(chosen) => as_len(chosen.next().len() as u64),
            Sizes::Drawn { distribution, stream } => as_len(distribution.draw(stream.next_u64())),
        }
    }

    /// The last value, if its size followed from it.
    pub(super) fn value(&self) -> Option<&[u8]> {
        match self {
            Sizes::Rendered(rendering) => Some(rendering.bytes()),
            Sizes::Chosen(chosen) => Some(chosen.payloads.get(chosen.last)),
            _ => None,
        }
    }
}

impl Chosen {
    fn next(&mut self) -> &[u8] {
        let count = self.payloads.count();
        self.last = match &mut self.choice {
            NextPayload::Drawn(stream) => ((u128::from(stream.next_u64()) * count as u128) >> 64) as usize,
            NextPayload::InTurn(next) => std::mem::replace(next, (*next + 1) % count),
        };
        self.payloads.get(self.last)
    }
}

impl Distribution {
    fn draw(&self, u: u64) -> u64 {
        match self {
            Distribution::Uniform { min, max } => {
                let sizes = u128::from(max.saturating_sub(*min)) + 1;
                u64::from(*min) + ((u128::from(u) * sizes) >> 64) as u64
            }
            Distribution::LogNormal(sampler) => sampler.draw(u),
            Distribution::Empirical { sizes, choice } => u64::from(sizes[choice.draw(u) as usize]),
        }
    }
}

fn as_len(bytes: u64) -> i32 {
    i32::try_from(bytes).unwrap_or(i32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drawn(sizes: &spec::Sizes, n: usize) -> Vec<i32> {
        let mut thread = SizePlan::new(sizes).start(&Streams::new(9), 0);
        std::iter::repeat_with(|| thread.next(Time::START, &Keys::None)).take(n).collect()
    }

    fn mean(sizes: &[i32]) -> f64 {
        sizes.iter().map(|&size| f64::from(size)).sum::<f64>() / sizes.len() as f64
    }

    #[test]
    fn a_counting_number_has_its_digits() {
        let sizes = drawn(&spec::Sizes::Digits, 1_001);
        assert_eq!([0, 9, 10, 99, 100, 1_000].map(|number| sizes[number]), [1, 1, 2, 2, 3, 4]);
    }

    #[test]
    fn payloads_come_as_java_draws_them() {
        let sizes = [7, 70, 700].into();
        let payloads = spec::Sizes::Payloads { sizes, generator: Generator::SplittableRandom };
        assert_eq!(drawn(&payloads, 7), [70, 70, 7, 7, 70, 70, 700]);
    }

    #[test]
    fn uniform_sizes_reach_both_ends() {
        let sizes = drawn(&spec::Sizes::Uniform { min: 10, max: 13 }, 40_000);
        for size in 10..=13 {
            let count = sizes.iter().filter(|&&drawn| drawn == size).count();
            assert!(count.abs_diff(10_000) < 450, "{size}: {count}");
        }
        assert_eq!(sizes.iter().max(), Some(&13));
        assert_eq!(sizes.iter().min(), Some(&10));
    }

    #[test]
    fn log_normal_sizes_have_their_median_p99_and_mean() {
        let mut sizes = drawn(&spec::Sizes::LogNormal { median: 200, p99: 2_000, max: 1_000_000 }, 400_000);
        // The mean is median * exp(sigma^2 / 2), sigma = ln(10) / 2.3263.
        let sigma = libm::log(10.0) / 2.326_347_9;
        let expected = 200.0 * libm::exp(sigma * sigma / 2.0);
        assert!((mean(&sizes) / expected - 1.0).abs() < 0.01, "{}", mean(&sizes));
        sizes.sort_unstable();
        assert!(sizes[200_000].abs_diff(200) <= 2, "{}", sizes[200_000]);
        assert!(sizes[396_000].abs_diff(2_000) <= 60, "{}", sizes[396_000]);
    }

    #[test]
    fn empirical_sizes_come_by_weight() {
        let sizes = drawn(&spec::Sizes::Empirical(vec![(100, 3), (5_000, 1)]), 40_000);
        assert!((mean(&sizes) / 1_325.0 - 1.0).abs() < 0.03, "{}", mean(&sizes));
        assert!(sizes.iter().all(|&size| size == 100 || size == 5_000));
    }
}
