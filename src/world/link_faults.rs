//! What faults do to messages between clients and brokers.

use crate::engine::rng::Stream;
use crate::scenario::fault::LinkChange;
use crate::values::ids::NodeId;
use crate::values::time::{Span, Time};

/// TCP sends a lost segment again after this, then after twice as long, and so on (`TCP_RTO_MIN` of Linux).
const RETRANSMISSION: Span = Span::from_millis(200);
/// Losses in a row, after which a segment passes all the same.
const MOST_LOSSES: u32 = 10;
const MILLION: u32 = 1_000_000;

/// A fault of connections.
#[derive(Debug)]
pub(super) struct LinkFault {
    number: u32,
    /// Only connections to this broker, by index.
    broker: Option<u32>,
    effect: Effect,
}

#[derive(Debug)]
enum Effect {
    Change(LinkChange, Box<Stream>),
    /// Messages to the broker, and from it, wait until then.
    Block {
        up: bool,
        down: bool,
        until: Time,
    },
}

impl LinkFault {
    pub(super) fn new(number: u32, node: Option<NodeId>, change: LinkChange, chance: Stream) -> LinkFault {
        LinkFault { number, broker: node.map(index), effect: Effect::Change(change, Box::new(chance)) }
    }

    /// No message passes in these directions until then: TCP keeps it for as long.
    pub(super) fn block(number: u32, node: NodeId, up: bool, down: bool, until: Time) -> LinkFault {
        LinkFault { number, broker: Some(index(node)), effect: Effect::Block { up, down, until } }
    }

    fn concerns(&self, broker: u32) -> bool {
        self.broker.is_none_or(|own| own == broker)
    }

    /// When a message arrives that would arrive at `usual`.
    fn arrival(&mut self, usual: Time, upstream: bool) -> Time {
        match &mut self.effect {
            Effect::Change(LinkChange::Delay { by, jitter }, stream) => {
                let spread = u128::from(jitter.0) + 1;
                usual + *by + Span(((u128::from(stream.next_u64()) * spread) >> 64) as u64)
            }
            Effect::Change(LinkChange::Loss { ppm }, stream) => {
                let mut losses = 0;
                while losses < MOST_LOSSES && stream.below(MILLION) < *ppm {
                    losses += 1;
                }
                usual + Span(RETRANSMISSION.0 * ((1 << losses) - 1))
            }
            Effect::Block { up, down, until } if if upstream { *up } else { *down } => usual.max(*until),
            Effect::Change(LinkChange::Bandwidth { .. }, _) | Effect::Block { .. } => usual,
        }
    }
}

fn index(node: NodeId) -> u32 {
    node.0.unsigned_abs().saturating_sub(1)
}

/// The faults of all connections.
#[derive(Debug, Default)]
pub(super) struct LinkFaults {
    active: Vec<LinkFault>,
    /// By the number of the fault.
    touched: Vec<u64>,
}

impl LinkFaults {
    #[inline]
    pub(super) fn is_empty(&self) -> bool {
        self.active.is_empty()
    }

    pub(super) fn add(&mut self, fault: LinkFault) {
        if self.touched.len() <= fault.number as usize {
            self.touched.resize(fault.number as usize + 1, 0);
        }
        self.active.push(fault);
    }

    pub(super) fn remove(&mut self, number: u32) {
        self.active.retain(|fault| fault.number != number);
    }

    pub(super) fn touched(&self, number: u32) -> u64 {
        self.touched.get(number as usize).copied().unwrap_or(0)
    }

    /// What is left of a bandwidth in bits per second, where 0 is no limit.
    #[cold]
    pub(super) fn bandwidth(&mut self, usual: u64, broker: u32) -> u64 {
        let mut least = usual;
        for fault in self.active.iter().filter(|fault| fault.concerns(broker)) {
            if let Effect::Change(LinkChange::Bandwidth { bits_per_second }, _) = fault.effect
                && (least == 0 || bits_per_second < least)
            {
                self.touched[fault.number as usize] += 1;
                least = bits_per_second;
            }
        }
        least
    }

    /// When a message arrives that would arrive at `usual` if there were no other.
    #[cold]
    pub(super) fn arrival(&mut self, usual: Time, broker: u32, upstream: bool) -> Time {
        let mut at = usual;
        for fault in self.active.iter_mut().filter(|fault| fault.concerns(broker)) {
            let later = fault.arrival(at, upstream);
            self.touched[fault.number as usize] += u64::from(later > at);
            at = later;
        }
        at
    }

    /// Until when nothing comes of an attempt to connect, whose packets go both ways.
    pub(super) fn blocks_until(&mut self, now: Time, broker: u32) -> Option<Time> {
        let mut blocked = None;
        for fault in self.active.iter().filter(|fault| fault.concerns(broker)) {
            if let Effect::Block { until, .. } = fault.effect
                && until > now
            {
                self.touched[fault.number as usize] += 1;
                blocked = blocked.max(Some(until));
            }
        }
        blocked
    }
}
