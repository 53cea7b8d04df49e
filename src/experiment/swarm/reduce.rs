//! Reduces a scenario that fails to what its failure needs: tables and keys go, numbers shrink.

use toml::{Table, Value};

/// The way to a value: keys and places in lists.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Step {
    Key(String),
    Place(usize),
}

/// The smallest scenario found for which `still_fails` holds, as it does for `scenario`. That is asked `tries` times at
/// most.
pub fn reduce(scenario: &Table, mut tries: u32, mut still_fails: impl FnMut(&Table) -> bool) -> Table {
    let mut best = Value::Table(scenario.clone());
    loop {
        let before = best.clone();
        for path in paths(&best) {
            let mut smaller = best.clone();
            if remove(&mut smaller, &path) && keep(&mut best, smaller, &mut tries, &mut still_fails) {
                continue;
            }
            shrink(&mut best, &path, &mut tries, &mut still_fails);
        }
        if best == before || tries == 0 {
            break;
        }
    }
    match best {
        Value::Table(table) => table,
        _ => scenario.clone(),
    }
}

/// Takes a scenario in place of the best one if it fails as well.
fn keep(
    best: &mut Value,
    smaller: Value,
    tries: &mut u32,
    still_fails: &mut impl FnMut(&Table) -> bool,
) -> bool {
    if *tries == 0 {
        return false;
    }
    *tries -= 1;
    let fails = smaller.as_table().is_some_and(&mut *still_fails);
    if fails {
        *best = smaller;
    }
    fails
}

/// Makes the number at the end of a path as small as halves of it can be.
fn shrink(best: &mut Value, path: &[Step], tries: &mut u32, still_fails: &mut impl FnMut(&Table) -> bool) {
    while let Some(n) = find(best, path).and_then(number) {
        let with = |smaller: u64| {
            let mut value = best.clone();
            set_number(&mut value, path, smaller).then_some(value)
        };
        let candidates: Vec<Value> =
            [0, 1, n / 10, n / 2].into_iter().filter(|&smaller| smaller < n).filter_map(with).collect();
        if !candidates.into_iter().any(|smaller| keep(best, smaller, tries, still_fails)) {
            return;
        }
    }
}

/// The ways to everything below a value: what is above comes first, and of a list the last item, so that removing one
/// leaves the ways that come later right.
fn paths(value: &Value) -> Vec<Vec<Step>> {
    let mut all = Vec::new();
    let below: Vec<(Step, &Value)> = match value {
        Value::Table(table) => table.iter().map(|(key, value)| (Step::Key(key.clone()), value)).collect(),
        Value::Array(items) => {
            items.iter().enumerate().rev().map(|(place, item)| (Step::Place(place), item)).collect()
        }
        _ => Vec::new(),
    };
    for (step, value) in below {
        all.push(vec![step.clone()]);
        all.extend(paths(value).into_iter().map(|mut path| {
            path.insert(0, step.clone());
            path
        }));
    }
    all
}

fn find<'v>(value: &'v Value, path: &[Step]) -> Option<&'v Value> {
    path.iter().try_fold(value, |value, step| match step {
        Step::Key(key) => value.as_table()?.get(key),
        Step::Place(place) => value.as_array()?.get(*place),
    })
}

fn find_mut<'v>(value: &'v mut Value, path: &[Step]) -> Option<&'v mut Value> {
    path.iter().try_fold(value, |value, step| match step {
        Step::Key(key) => value.as_table_mut()?.get_mut(key),
        Step::Place(place) => value.as_array_mut()?.get_mut(*place),
    })
}

/// False if there is nothing at the end of the path.
fn remove(value: &mut Value, path: &[Step]) -> bool {
    let Some((last, above)) = path.split_last() else { return false };
    match (find_mut(value, above), last) {
        (Some(Value::Table(table)), Step::Key(key)) => table.remove(key).is_some(),
        (Some(Value::Array(items)), Step::Place(place)) if *place < items.len() => {
            items.remove(*place);
            true
        }
        _ => false,
    }
}

/// A whole number, with a unit or without.
fn number(value: &Value) -> Option<u64> {
    match value {
        Value::Integer(n) => u64::try_from(*n).ok(),
        Value::String(text) => digits(text).0.parse().ok(),
        _ => None,
    }
}

fn set_number(value: &mut Value, path: &[Step], n: u64) -> bool {
    match find_mut(value, path) {
        Some(Value::Integer(old)) => *old = n as i64,
        Some(Value::String(text)) => *text = format!("{n}{}", digits(text).1),
        _ => return false,
    }
    true
}

/// `("250", "ms")`. A decimal fraction is left alone, as a version is.
fn digits(text: &str) -> (&str, &str) {
    let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    match text[end..].starts_with('.') {
        true => ("", text),
        false => text.split_at(end),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(text: &str) -> Table {
        text.parse().expect("TOML")
    }

    #[test]
    fn what_the_failure_needs_is_what_stays() {
        let scenario = table(
            "seed = 7\n[run]\nduration = \"5000ms\"\nrecords = 600\n[kafka]\nversion = \"3.9\"\n\
             [[fault]]\nat = \"10ms\"\ncrash = 1\n[[fault]]\nat = \"1500ms\"\ncrash = 2\n[[fault]]\nat = \"9ms\"\nrestart = 1\n\
             [[producer]]\n\"linger.ms\" = 5\nsender = { wake = \"3us\" }\n",
        );
        let mut tries = 0;
        let reduced = reduce(&scenario, 1_000, |candidate| {
            tries += 1;
            let records = candidate.get("run").and_then(|run| run.get("records")?.as_integer());
            let faults = candidate.get("fault").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
            let late = |fault: &Value| fault.get("at").and_then(number).is_some_and(|at| at >= 700);
            records.is_some_and(|records| records > 100) && faults.iter().any(late)
        });
        // 600 and 1500 are halved as long as they may be.
        assert_eq!(reduced, table("[run]\nrecords = 150\n[[fault]]\nat = \"750ms\"\n"));
        assert!(tries < 100, "{tries}");
    }

    #[test]
    fn a_predicate_that_always_holds_ends_with_nothing() {
        let scenario = table("[run]\nrecords = 600\n[[fault]]\nat = \"10ms\"\n");
        assert_eq!(reduce(&scenario, 1_000, |_| true), Table::new());
        assert_eq!(reduce(&scenario, 1_000, |_| false), scenario);
        let mut tries = 0;
        reduce(&scenario, 3, |_| {
            tries += 1;
            false
        });
        assert_eq!(tries, 3);
    }

    #[test]
    fn versions_are_no_numbers() {
        assert_eq!(number(&Value::from("3.9")), None);
        assert_eq!(number(&Value::from("250ms")), Some(250));
        assert_eq!(number(&Value::from("all")), None);
    }
}
