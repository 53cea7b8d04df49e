//! `[[fault]]`: what goes wrong, and when.

use super::limits;
use super::section::Section;
use super::tree::Table;
use crate::cluster::spec::{Fault, FaultKind};
use crate::values::ids::NodeId;
use crate::values::time::{Span, Time};

/// Reads all faults of a scenario with `brokers` brokers, in order of time.
pub fn read(root: &mut Section<'_, '_>, brokers: u64) -> Vec<Fault> {
    let mut faults: Vec<(Fault, String, &Table)> = Vec::new();
    for (path, table) in root.tables("fault", limits::FAULTS) {
        let mut section = Section::new(path.clone(), Some(table), root.intake);
        let fault = one(&mut section, brokers);
        section.finish();
        faults.extend(fault.map(|fault| (fault, path, table)));
    }
    faults.sort_by_key(|(fault, ..)| fault.at);
    let mut is_down = vec![false; brokers as usize + 1];
    for (fault, path, table) in &faults {
        if let Err((key, message)) = take_turn(&mut is_down, fault.kind) {
            let mut section = Section::new(path.clone(), Some(table), root.intake);
            section.problem(key, message, "crashes and restarts of a broker take turns, in order of `at`");
        }
    }
    faults.into_iter().map(|(fault, ..)| fault).collect()
}

/// Applies a fault to what is down; an error is the key at fault with what is wrong.
fn take_turn(is_down: &mut [bool], kind: FaultKind) -> Result<(), (&'static str, String)> {
    match kind {
        FaultKind::Crash(NodeId(id)) => match std::mem::replace(&mut is_down[id as usize], true) {
            true => Err(("crash", format!("is {id}, which is down already"))),
            false => Ok(()),
        },
        FaultKind::Restart(NodeId(id)) => match std::mem::replace(&mut is_down[id as usize], false) {
            true => Ok(()),
            false => Err(("restart", format!("is {id}, which is not down at that time"))),
        },
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn crashes_and_restarts_take_turns() {
        let mut is_down = vec![false; 3];
        let (crash, restart) = (FaultKind::Crash(NodeId(1)), FaultKind::Restart(NodeId(1)));
        for kind in [crash, restart, FaultKind::Crash(NodeId(2)), crash] {
            assert_eq!(take_turn(&mut is_down, kind), Ok(()));
        }
        assert!(take_turn(&mut is_down, crash).is_err());
        assert!(take_turn(&mut [false; 3], restart).is_err());
    }
}
