//! `[[fault]]` of a drawn scenario: the one list to extend.

use toml::Table;

use super::draw::Draw;
use super::scenario::Shape;
use super::table::{ms, number, put};

/// A kind of fault: its key in a `[[fault]]`, and how the tables of one such fault are drawn. What is already drawn is
/// there to be looked at, as some faults exclude each other.
type Kind = (&'static str, fn(&mut Draw, &Shape, &[Table]) -> Vec<Table>);

/// All kinds that are drawn.
const KINDS: &[Kind] = &[("crash", outage)];

/// The keys that tell a fault's kind, for the coverage.
pub const KIND_KEYS: &[&str] = &["crash", "restart"];

/// Several faults at once, or none.
pub fn drawn(draw: &mut Draw, shape: &Shape) -> Vec<Table> {
    let mut faults = Vec::new();
    for _ in 0..draw.pick(&[0, 1, 1, 1, 2, 2, 3, 5]) {
        let (_, kind) = draw.pick(KINDS);
        let more = kind(draw, shape, &faults);
        faults.extend(more);
    }
    faults
}

/// A crash, mostly with the restart that ends it. Outages of one broker do not overlap, so each broker has only one.
fn outage(draw: &mut Draw, shape: &Shape, faults: &[Table]) -> Vec<Table> {
    let broker = draw.between(1, shape.brokers);
    let at_ms = draw.between(0, shape.duration_ms + 1_000);
    let for_ms = draw.magnitude(1, 15_000);
    let stays_away = draw.chance(20);
    if faults.iter().any(|fault| fault.get("crash") == Some(&number(broker))) {
        return Vec::new();
    }
    let mut outage = vec![broker_fault("crash", broker, at_ms)];
    if !stays_away {
        outage.push(broker_fault("restart", broker, at_ms + for_ms));
    }
    outage
}

fn broker_fault(kind: &str, broker: u64, at_ms: u64) -> Table {
    let mut fault = Table::new();
    put(&mut fault, "at", ms(at_ms));
    put(&mut fault, kind, number(broker));
    fault
}

/// The kind of a fault, by its key.
pub fn kind_of(fault: &Table) -> Option<&'static str> {
    KIND_KEYS.iter().copied().find(|kind| fault.contains_key(*kind))
}
