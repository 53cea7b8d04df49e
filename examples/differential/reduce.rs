//! Making a script smaller while it still shows its difference.

use serde_json::{Map, Value};

/// Trials that one reduction may take.
const MOST_TRIALS: usize = 400;

/// The smallest script found that still `differs`.
pub fn reduce(mut script: Value, mut differs: impl FnMut(&Value) -> bool) -> Value {
    let mut trials = 0;
    loop {
        let mut progress = false;
        let mut at = 0;
        // Candidates are made anew after each success; those before `at` have failed on nearly the same script.
        while let Some(smaller) = candidates(&script).into_iter().nth(at) {
            if trials == MOST_TRIALS {
                return script;
            }
            trials += 1;
            if differs(&smaller) {
                (script, progress) = (smaller, true);
            } else {
                at += 1;
            }
        }
        if !progress {
            return script;
        }
    }
}

/// Scripts that are one step smaller, large steps first.
fn candidates(script: &Value) -> Vec<Value> {
    let mut found = Vec::new();
    for list in ["/threads", "/faults", "/events", "/init_pid_errors", "/cluster/topics"] {
        without_items(script, list, if list == "/threads" { 1 } else { 0 }, &mut found);
    }
    let threads = script["threads"].as_array().map_or(0, Vec::len);
    for thread in 0..threads {
        let ops = format!("/threads/{thread}");
        without_items(script, &ops, 0, &mut found);
        for op in 0..script.pointer(&ops).and_then(Value::as_array).map_or(0, Vec::len) {
            smaller_op(script, &format!("{ops}/{op}"), &mut found);
        }
    }
    for object in ["/config", "/latency", "/latency/per_node", "/latency/per_request", "/cluster"] {
        without_keys(script, object, &mut found);
    }
    without_keys(script, "", &mut found);
    found
}

/// Half of the items gone, then each alone.
fn without_items(script: &Value, pointer: &str, least: usize, found: &mut Vec<Value>) {
    let count = script.pointer(pointer).and_then(Value::as_array).map_or(0, Vec::len);
    let mut cut = |from: usize, to: usize| {
        if count - (to - from) < least {
            return;
        }
        let mut smaller = script.clone();
        if let Some(Value::Array(items)) = smaller.pointer_mut(pointer) {
            items.drain(from..to);
        }
        found.push(smaller);
    };
    if count > 3 {
        cut(count / 2, count);
        cut(0, count / 2);
    }
    (0..count).rev().for_each(|at| cut(at, at + 1));
}

/// Fewer repetitions, simpler records.
fn smaller_op(script: &Value, pointer: &str, found: &mut Vec<Value>) {
    let Some(op) = script.pointer(pointer).and_then(Value::as_object) else { return };
    let mut with = |change: &dyn Fn(&mut Map<String, Value>)| {
        let mut smaller = script.clone();
        if let Some(Value::Object(op)) = smaller.pointer_mut(pointer) {
            change(op);
        }
        if smaller != *script {
            found.push(smaller);
        }
    };
    if let Some(n) = op.get("n").and_then(Value::as_u64).filter(|n| *n > 1) {
        with(&|op| drop(op.insert("n".to_owned(), (n / 2).into())));
        with(&|op| drop(op.insert("n".to_owned(), (n - 1).into())));
    }
    for kind in ["send", "send_sync"] {
        let Some(send) = op.get(kind).and_then(Value::as_object) else { continue };
        for (key, value) in send {
            let in_send = |op: &mut Map<String, Value>, change: &dyn Fn(&mut Map<String, Value>)| {
                if let Some(Value::Object(send)) = op.get_mut(kind) {
                    change(send);
                }
            };
            if let Some(first) = value.as_array().and_then(|list| list.first()).filter(|_| key != "headers") {
                with(&|op| in_send(op, &|send| drop(send.insert(key.clone(), first.clone()))));
            }
            if !matches!(key.as_str(), "topic" | "value_len") {
                with(&|op| in_send(op, &|send| drop(send.remove(key))));
            }
        }
    }
}

/// Each key gone that a script need not have.
fn without_keys(script: &Value, pointer: &str, found: &mut Vec<Value>) {
    const NEEDED: [&str; 11] = [
        "name",
        "family",
        "client",
        "seed",
        "random_seed",
        // Without it, a configuration that draws backoffs would make every script differ.
        "sender_random",
        "config",
        "cluster",
        "threads",
        "nodes",
        "topics",
    ];
    let keys = script.pointer(pointer).and_then(Value::as_object).into_iter().flat_map(Map::keys);
    for key in keys.filter(|key| !NEEDED.contains(&key.as_str())) {
        let mut smaller = script.clone();
        if let Some(Value::Object(object)) = smaller.pointer_mut(pointer) {
            object.remove(key);
        }
        found.push(smaller);
    }
}
