//! `[[fault]]`: what goes wrong, and when.

use super::limits;
use super::section::Section;
use crate::cluster::spec::{Fault, FaultKind};
use crate::values::ids::NodeId;
use crate::values::time::{Span, Time};

/// Reads all faults of a scenario with `brokers` brokers, in order of time.
pub fn read(root: &mut Section<'_, '_>, brokers: u64) -> Vec<Fault> {
    let mut faults: Vec<(Fault, String)> = Vec::new();
    let tables = root.tables("fault", limits::FAULTS);
    for (path, table) in &tables {
        let mut section = Section::new(path.clone(), Some(table), root.intake);
        faults.extend(one(&mut section, brokers).map(|fault| (fault, path.clone())));
        section.finish();
    }
    faults.sort_by_key(|(fault, _)| fault.at);
    for (index, (fault, path)) in faults.iter().enumerate() {
        let earlier = faults[..index].iter().map(|(fault, _)| fault.kind);
        if let Some(message) = contradiction(earlier, fault.kind) {
            let table = tables.iter().find(|(other, _)| other == path).map(|&(_, table)| table);
            let key = if matches!(fault.kind, FaultKind::Crash(_)) { "crash" } else { "restart" };
            let mut section = Section::new(path.clone(), table, root.intake);
            section.problem(key, message, "crashes and restarts of a broker take turns, in order of `at`");
        }
    }
    faults.into_iter().map(|(fault, _)| fault).collect()
}

fn one(section: &mut Section<'_, '_>, brokers: u64) -> Option<Fault> {
    let at: Option<Span> = section.optional_span("at");
    if !section.has("at") {
        section.problem("at", "is missing", "say when it happens: at = \"3s\"");
    }
    let crash = section.optional_count("crash", 1..=brokers);
    let restart = section.optional_count("restart", 1..=brokers);
    let kind = match (section.has("crash"), section.has("restart")) {
        (true, false) => FaultKind::Crash(NodeId(crash? as i32)),
        (false, true) => FaultKind::Restart(NodeId(restart? as i32)),
        (true, true) => {
            section.problem("restart", "stands beside `crash`", "a [[fault]] is one thing: make two of them");
            return None;
        }
        (false, false) => {
            section.problem(
                "crash",
                "is missing",
                "say what happens: crash = 1 or restart = 1 (a broker id)",
            );
            return None;
        }
    };
    Some(Fault { at: Time::START + at?, kind })
}

/// Why a fault cannot follow the earlier ones.
fn contradiction(earlier: impl DoubleEndedIterator<Item = FaultKind>, kind: FaultKind) -> Option<String> {
    let node_of = |kind: FaultKind| match kind {
        FaultKind::Crash(node) | FaultKind::Restart(node) => node,
    };
    let last = earlier.rev().find(|other| node_of(*other) == node_of(kind));
    match (kind, last) {
        (FaultKind::Crash(node), Some(FaultKind::Crash(_))) => {
            Some(format!("is {node}, which is down already"))
        }
        (FaultKind::Restart(node), None | Some(FaultKind::Restart(_))) => {
            Some(format!("is {node}, which is not down at that time"))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn crashes_and_restarts_take_turns() {
        let crash = |id| FaultKind::Crash(NodeId(id));
        let restart = |id| FaultKind::Restart(NodeId(id));
        assert_eq!(contradiction([crash(1), restart(1), crash(2)].into_iter(), crash(1)), None);
        assert!(contradiction([crash(1), crash(2)].into_iter(), crash(1)).is_some());
        assert!(contradiction([crash(2)].into_iter(), restart(1)).is_some());
    }
}
