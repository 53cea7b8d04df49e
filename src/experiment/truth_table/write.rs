//! The table for programs.

use std::fmt::Write as _;

use serde_json::{Map, Value, json};

use super::measure::{MEASURES, Unit};
use super::{Table, Tally};

/// Name and version of the format.
const SCHEMA: &str = "lingersim/truth-table/1";

/// The figures of a cell with their names: shares from 0 to 1, means of records, and of times in ms.
fn figures(tally: &Tally) -> Vec<(String, f64)> {
    let mut figures = Vec::new();
    for (at, measure) in MEASURES.iter().enumerate() {
        let name = measure.name.replace(' ', "_");
        match measure.unit {
            Unit::Records => {
                figures.push((format!("{name}_share"), tally.share(at)));
                figures.push((format!("{name}_mean"), tally.mean(at)));
            }
            Unit::Nanoseconds => figures.push((format!("{name}_ms"), tally.mean(at) / 1e6)),
        }
    }
    figures
}

/// One row a cell under a header.
pub fn csv(table: &Table) -> String {
    let mut text = String::new();
    for (cell, tally) in table.plan.cells.iter().zip(&table.tallies) {
        let (labels, figures) = (cell.labels(), figures(tally));
        if text.is_empty() {
            let keys = labels.iter().map(|(key, _)| *key).chain(["runs", "records"]);
            let names: Vec<&str> = keys.chain(figures.iter().map(|(name, _)| name.as_str())).collect();
            text.push_str(&names.join(","));
            text.push('\n');
        }
        let labels: Vec<String> = labels.into_iter().map(|(_, value)| value).collect();
        // Writing to a String cannot fail.
        let _ = write!(text, "{},{},{}", labels.join(","), tally.runs, tally.offered);
        for (_, value) in figures {
            let _ = write!(text, ",{value:.6}");
        }
        text.push('\n');
    }
    text
}

/// One JSON object, indented, with a newline at the end. Shares are 0 to 1, times in milliseconds.
pub fn json(table: &Table) -> String {
    let plan = &table.plan;
    let cells: Vec<Value> = plan
        .cells
        .iter()
        .zip(&table.tallies)
        .map(|(cell, tally)| {
            let setting = cell.setting;
            let mut object = Map::new();
            object.insert("fault".to_owned(), json!(cell.fault.name));
            object.insert("acks".to_owned(), json!(setting.acks));
            object.insert("min.insync.replicas".to_owned(), json!(setting.min_insync_replicas));
            object.insert("enable.idempotence".to_owned(), json!(setting.idempotence));
            object.insert("max.in.flight.requests.per.connection".to_owned(), json!(setting.in_flight));
            object.insert("runs".to_owned(), json!(tally.runs));
            object.insert("records".to_owned(), json!(tally.offered));
            object.extend(figures(tally).into_iter().map(|(name, value)| (name, json!(value))));
            Value::Object(object)
        })
        .collect();
    let report = json!({
        "schema": SCHEMA,
        "first_seed": plan.first_seed,
        "seeds": plan.seeds,
        "cells": cells,
    });
    format!("{report:#}\n")
}
