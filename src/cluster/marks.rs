//! What the faults of a driver have touched: requests that meet a broker in trouble.

use super::{Cluster, broker_index};
use crate::values::ids::NodeId;

/// Brokers that are watched, each for a fault, and the counts.
#[derive(Debug, Default)]
pub(super) struct Marks {
    watched: Vec<(u32, u32)>,
    /// By the driver's mark of the fault.
    touched: Vec<u64>,
    /// The fault that the loss of the controller is owed to.
    controller: Option<u32>,
}

impl Marks {
    #[inline]
    pub(super) fn is_empty(&self) -> bool {
        self.watched.is_empty()
    }

    fn touch(&mut self, fault: u32) {
        if self.touched.len() <= fault as usize {
            self.touched.resize(fault as usize + 1, 0);
        }
        self.touched[fault as usize] += 1;
    }

    /// A connection was refused.
    pub(super) fn refused(&mut self, broker: u32) {
        self.concerning(|watched| watched == broker);
    }

    /// Something concerns the brokers for which `concerned` says so.
    pub(super) fn concerning(&mut self, concerned: impl Fn(u32) -> bool) {
        for at in 0..self.watched.len() {
            let (fault, broker) = self.watched[at];
            if concerned(broker) {
                self.touch(fault);
            }
        }
    }

    /// A decision has to wait for a controller.
    pub(super) fn without_controller(&mut self) {
        if let Some(fault) = self.controller {
            self.touch(fault);
        }
    }
}

impl Cluster {
    /// Counts what concerns a broker from now on; `fault` is the driver's mark.
    pub fn watch(&mut self, fault: u32, node: NodeId) {
        self.marks.watched.push((fault, broker_index(node)));
    }

    /// No longer.
    pub fn unwatch(&mut self, fault: u32) {
        self.marks.watched.retain(|(other, _)| *other != fault);
    }

    /// The controller's absence is owed to a fault.
    pub(super) fn blame_controller_loss(&mut self, fault: u32) {
        self.marks.controller = Some(fault);
    }

    /// Requests, connections and decisions that a fault has touched.
    pub fn touched(&self, fault: u32) -> u64 {
        self.marks.touched.get(fault as usize).copied().unwrap_or(0) + self.struck(fault)
    }
}
