//! Answers for programs: sentences with their ids, times in ns.

use serde_json::{Value, json};

use super::explanation::Explanation;
use super::sentences::Sentence;
use super::summary::Summary;
use crate::recording::stages::{Stage, Sums};

/// Name and version of the format.
const SCHEMA: &str = "lingersim/explain/1";

/// Answers as one JSON object, with a newline at the end.
pub fn json(explanations: &[Explanation], summary: Option<&Summary>) -> String {
    let value = json!({
        "schema": SCHEMA,
        "explanations": explanations.iter().map(explanation).collect::<Vec<_>>(),
        "summary": summary.map(of_summary),
    });
    format!("{value:#}\n")
}

fn sentence(sentence: &Sentence) -> Value {
    json!({ "id": sentence.id, "text": sentence.text })
}

fn explanation(one: &Explanation) -> Value {
    json!({
        "title": one.title,
        "facts": one.facts.iter().map(|(name, value)| json!({ "name": name, "value": value })).collect::<Vec<_>>(),
        "story": one.story.iter().map(|(at, said)| json!({
            "at_ns": at.0,
            "id": said.id,
            "text": said.text,
        })).collect::<Vec<_>>(),
        "left_out": one.left_out,
        "why": one.why.iter().map(sentence).collect::<Vec<_>>(),
        "record": one.legs_of,
        "legs": one.legs.iter().map(|leg| json!({
            "stage": leg.stage.code(),
            "from_ns": leg.from.0,
            "to_ns": leg.to.0,
        })).collect::<Vec<_>>(),
        "total_ns": one.total_ns(),
        "keys": one.keys.iter().map(|(key, value, origin)| json!({
            "key": key,
            "value": value,
            "origin": origin,
        })).collect::<Vec<_>>(),
        "what_if": one.what_if.iter().map(sentence).collect::<Vec<_>>(),
        "log": one.log,
    })
}

fn of_summary(summary: &Summary) -> Value {
    let stages = |sums: &Sums| {
        let of = |stage: Stage| (stage.code().to_owned(), Value::from(sums[stage.index()]));
        Value::Object(Stage::ALL.into_iter().map(of).collect())
    };
    let counts = |all: &[(&str, u64)]| {
        let of = |(name, count): &(&str, u64)| ((*name).to_owned(), Value::from(*count));
        Value::Object(all.iter().map(of).collect())
    };
    json!({
        "records": counts(&summary.records),
        "errors": counts(&summary.errors),
        "left": summary.rows.iter().map(|row| json!({
            "topic": row.topic,
            "reason": row.reason.code(),
            "batches": row.left.batches,
            "records": row.left.records,
            "share_permille": row.share_permille(),
            "fill_permille": row.fill_permille(),
            "wait_ns": row.wait_ns(),
        })).collect::<Vec<_>>(),
        "decompositions": summary.decompositions.iter().map(|one| json!({
            "name": one.name,
            "record": one.record,
            "batch": one.batch,
            "total_ns": one.stages.iter().sum::<u64>(),
            "stages_ns": stages(&one.stages),
            "slower_records": one.slower,
            "mean_of_slower_ns": stages(&one.mean_of_slower),
        })).collect::<Vec<_>>(),
        "hints": summary.hints.iter().map(sentence).collect::<Vec<_>>(),
    })
}
