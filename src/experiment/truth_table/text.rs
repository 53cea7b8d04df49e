//! The table for people, 80 columns wide.

use std::fmt::Write as _;

use super::measure::{MEASURES, Unit};
use super::{Cell, Table, Tally};

const NS_PER_S: f64 = 1e9;
/// Columns of a measure, its separating blank included.
const WIDTH: usize = 12;
/// Columns of the configuration.
const SETTING: usize = 20;

/// The table for people: what the columns mean, then one block a fault.
pub fn text(table: &Table) -> String {
    let mut text = String::new();
    // Writing to a String cannot fail.
    let _ = write(&mut text, table);
    text
}

fn write(out: &mut String, table: &Table) -> std::fmt::Result {
    let plan = &table.plan;
    let runs: u64 = table.tallies.iter().map(|tally| tally.runs).sum();
    let offered: u64 = table.tallies.iter().map(|tally| tally.offered).sum();
    writeln!(out, "Truth table: what faults do, by configuration")?;
    let last = plan.first_seed.wrapping_add(plan.seeds - 1);
    let mean = offered / runs.max(1);
    writeln!(out, "{runs} runs, seeds {} to {last} of each cell, {mean} records a run\n", plan.first_seed)?;
    writeln!(out, "Share of the runs in which it happened, and mean of records over all runs:")?;
    for measure in MEASURES.iter().filter(|measure| measure.unit == Unit::Records) {
        writeln!(out, "  {:<12}{}", measure.name, measure.what)?;
    }
    writeln!(out, "Mean over all runs, in seconds:")?;
    for measure in MEASURES.iter().filter(|measure| measure.unit == Unit::Nanoseconds) {
        writeln!(out, "  {:<12}{}", measure.name, measure.what)?;
    }
    let mut fault = "";
    for (cell, tally) in plan.cells.iter().zip(&table.tallies) {
        if cell.fault.name != fault {
            fault = cell.fault.name;
            writeln!(out, "\n{fault}: {}", cell.fault.what)?;
            heading(out)?;
        }
        row(out, cell, tally)?;
    }
    Ok(())
}

/// Kafka's names are too long for a column: minimum of in-sync replicas, idempotence, requests in flight.
fn heading(out: &mut String) -> std::fmt::Result {
    let mut line = format!("{:<SETTING$}", " acks min idem. fly");
    for measure in MEASURES {
        write!(line, "{:>WIDTH$}", measure.name)?;
    }
    writeln!(out, "{line}")
}

fn row(out: &mut String, cell: &Cell, tally: &Tally) -> std::fmt::Result {
    let setting = cell.setting;
    let idempotence = if setting.idempotence { "yes" } else { "no" };
    write!(
        out,
        "{:>5}{:>4}{idempotence:>6}{:>4} ",
        setting.acks, setting.min_insync_replicas, setting.in_flight
    )?;
    for (at, measure) in MEASURES.iter().enumerate() {
        let shown = match (measure.unit, tally.sums[at]) {
            (_, (0, _)) => "-".to_owned(),
            (Unit::Records, _) => {
                format!("{:.0}%{:>7.1}", 100.0 * tally.share(at), tally.mean(at))
            }
            (Unit::Nanoseconds, _) => format!("{:.2}", tally.mean(at) / NS_PER_S),
        };
        write!(out, "{shown:>WIDTH$}")?;
    }
    writeln!(out)
}
