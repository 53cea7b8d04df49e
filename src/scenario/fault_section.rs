//! `[[fault]]`: what goes wrong, and when.

use super::fault::{Direction, Fault, FaultKind, LinkChange, Peers, Target, When};
use super::fault_target::{self, Around};
use super::limits;
use super::section::{Section, measure_of, value_text};
use super::tree::{Table, Value};
use crate::cluster::{CERTAIN_PPM, Injected, Injection};
use crate::protocol::error::ErrorCode;
use crate::values::ids::NodeId;
use crate::values::time::{Span, Time};
use crate::values::units::BitRate;

/// The keys that say what happens. A fault has one of them.
const KINDS: [&str; 18] = [
    "crash",
    "restart",
    "shutdown",
    "pause",
    "slow",
    "isolate",
    "delay",
    "loss",
    "bandwidth",
    "cut",
    "drop-requests",
    "drop-responses",
    "error",
    "controller-loss",
    "pause-client",
    "registry",
    "elect",
    "reassign",
];

/// Reads all faults of a scenario, in order of their earliest time.
pub fn read(root: &mut Section<'_, '_>, around: &Around<'_>) -> Vec<Fault> {
    let mut faults: Vec<(Fault, String, &Table)> = Vec::new();
    for (path, table) in root.tables("fault", limits::FAULTS) {
        let mut section = Section::new(path.clone(), Some(table), root.intake);
        let fault = one(&mut section, around);
        section.finish();
        faults.extend(fault.map(|fault| (fault, path, table)));
    }
    faults.sort_by_key(|(fault, ..)| fault.at.earliest());
    if faults.iter().all(|(fault, ..)| fault.is_plain()) {
        let mut is_down = vec![false; around.brokers as usize + 1];
        for (fault, path, table) in &faults {
            if let Err((key, message)) = take_turn(&mut is_down, &fault.kind) {
                let mut section = Section::new(path.clone(), Some(table), root.intake);
                section.problem(
                    key,
                    message,
                    "crashes and restarts of a broker take turns, in order of `at`",
                );
            }
        }
    }
    faults.into_iter().map(|(fault, ..)| fault).collect()
}

impl When {
    fn earliest(self) -> Time {
        match self {
            When::At(at) | When::Between(at, _) => at,
        }
    }
}

impl Fault {
    /// It is known beforehand who is down when.
    fn is_plain(&self) -> bool {
        match self.kind {
            FaultKind::Crash { broker, .. } | FaultKind::Shutdown(broker) => {
                matches!((self.at, broker, self.lasts), (When::At(_), Target::Broker(_), None))
            }
            FaultKind::Restart(_) => matches!(self.at, When::At(_)),
            _ => true,
        }
    }
}

/// Applies a fault to what is down; an error is the key at fault with what is wrong.
fn take_turn(is_down: &mut [bool], kind: &FaultKind) -> Result<(), (&'static str, String)> {
    let (key, NodeId(id), goes_down) = match kind {
        FaultKind::Crash { broker: Target::Broker(node), .. } => ("crash", *node, true),
        FaultKind::Shutdown(Target::Broker(node)) => ("shutdown", *node, true),
        FaultKind::Restart(node) => ("restart", *node, false),
        _ => return Ok(()),
    };
    match (goes_down, std::mem::replace(&mut is_down[id as usize], goes_down)) {
        (true, true) => Err((key, format!("is {id}, which is down already"))),
        (false, false) => Err((key, format!("is {id}, which is not down at that time"))),
        _ => Ok(()),
    }
}

fn one(section: &mut Section<'_, '_>, around: &Around<'_>) -> Option<Fault> {
    let at = when(section);
    let lasts = section.optional_span("for");
    let name = section.optional_text("name");
    let said: Vec<&'static str> = KINDS.into_iter().filter(|key| section.has(key)).collect();
    let kind = match said[..] {
        [key] => kind(section, key, around),
        [] => {
            let help = "say what happens: crash = 1, pause = \"leader of events-0\", drop-responses = \"all\" …; the kinds \
                        are in docs/scenarios.md";
            section.problem("crash", "or another kind of fault is missing", help);
            None
        }
        [first, second, ..] => {
            let message = format!("stands beside `{first}`");
            section.problem(second, message, "a [[fault]] is one thing: make two of them");
            None
        }
    };
    let key = *said.first()?;
    check_length(section, key, lasts);
    let said = section.entry(key).map_or_else(String::new, |entry| match &entry.node.value {
        Value::Boolean(_) => key.to_owned(),
        value => format!("{key} = {}", value_text(value)),
    });
    Some(Fault { at: at?, lasts, kind: kind?, said, name })
}

/// `at = "3s"`, or `at = ["2s", "8s"]`.
fn when(section: &mut Section<'_, '_>) -> Option<When> {
    let Some(entry) = section.entry("at") else {
        section.problem("at", "is missing", "say when it happens: at = \"3s\", or at = [\"2s\", \"8s\"]");
        return None;
    };
    let Value::List(items) = &entry.node.value else {
        return Some(When::At(Time::START + section.optional_span("at")?));
    };
    let name = section.name("at");
    let times: Vec<Span> =
        items.iter().filter_map(|item| measure_of::<Span>(section.intake, &name, item)).collect();
    match times[..] {
        [first, last] if first <= last && last <= limits::SPAN => {
            section.intake.given(name, format!("{first} to {last}"), entry.node.place);
            Some(When::Between(Time::START + first, Time::START + last))
        }
        _ if times.len() < items.len() => None,
        _ => {
            let help = "expected two times, the earlier one first: at = [\"2s\", \"8s\"]";
            section.problem("at", format_args!("is a list of {} times", items.len()), help);
            None
        }
    }
}

/// Some faults have to end, some cannot.
fn check_length(section: &mut Section<'_, '_>, key: &'static str, lasts: Option<Span>) {
    match key {
        "pause" | "isolate" | "pause-client" if lasts.is_none() && !section.has("for") => {
            section.problem("for", "is missing", "say how long it lasts: for = \"5s\"");
        }
        "restart" | "cut" | "controller-loss" | "elect" | "reassign" => {
            section.refuse(&["for"], "a fault that does not last");
        }
        _ => {}
    }
}

fn kind(section: &mut Section<'_, '_>, key: &'static str, around: &Around<'_>) -> Option<FaultKind> {
    match key {
        "crash" => {
            let loses_unflushed = section.flag("lose-unflushed", false);
            let broker = fault_target::broker(section, key, around)?;
            Some(FaultKind::Crash { broker, loses_unflushed })
        }
        "restart" => Some(FaultKind::Restart(fault_target::node(section, key, around)?)),
        "shutdown" => Some(FaultKind::Shutdown(fault_target::broker(section, key, around)?)),
        "pause" => Some(FaultKind::Pause(fault_target::broker(section, key, around)?)),
        "cut" => Some(FaultKind::Cut(fault_target::broker(section, key, around)?)),
        "slow" => {
            let permille = section.decimal("factor", 1..=1_000_000_000, 10_000);
            Some(FaultKind::Slow { broker: fault_target::broker(section, key, around)?, permille })
        }
        "isolate" => isolate(section, around),
        "delay" | "loss" | "bandwidth" => {
            let change = link_change(section, key);
            let broker = fault_target::broker_or_all(section, key, around)?;
            Some(FaultKind::Link { broker, change: change? })
        }
        "drop-requests" => injected(section, key, Injected::LoseRequest, around),
        "drop-responses" => injected(section, key, Injected::LoseResponse, around),
        "error" => error(section, around),
        "controller-loss" => controller_loss(section),
        "pause-client" => Some(FaultKind::PauseClient(fault_target::clients(section, key, around)?)),
        "registry" => registry(section, around),
        "elect" => elect(section, around),
        _ => {
            let to = fault_target::nodes(section, "to", around);
            let partition = fault_target::partition(section, key, around)?;
            Some(FaultKind::Reassign { partition, to: to? })
        }
    }
}

fn isolate(section: &mut Section<'_, '_>, around: &Around<'_>) -> Option<FaultKind> {
    let peers = |clients, brokers, controller| Peers { clients, brokers, controller };
    let from = [
        ("all", peers(true, true, true)),
        ("clients", peers(true, false, false)),
        ("brokers", peers(false, true, false)),
        ("controller", peers(false, false, true)),
        ("cluster", peers(false, true, true)),
    ];
    let from = section.checked_choice("from", &from, 0);
    let directions = [("both", Direction::Both), ("in", Direction::In), ("out", Direction::Out)];
    let direction = section.checked_choice("direction", &directions, 0);
    let broker = fault_target::broker(section, "isolate", around)?;
    Some(FaultKind::Isolate { broker, from: from?, direction: direction? })
}

fn link_change(section: &mut Section<'_, '_>, key: &'static str) -> Option<LinkChange> {
    match key {
        "delay" => {
            let jitter = section.span("jitter", Span::ZERO);
            let by = section.optional_span("by");
            if !section.has("by") {
                section.problem("by", "is missing", "say how much later messages arrive: by = \"50ms\"");
            }
            Some(LinkChange::Delay { by: by?, jitter })
        }
        "loss" => match chance_ppm(section) {
            None => {
                if !section.has("chance") {
                    section.problem(
                        "chance",
                        "is missing",
                        "say how many messages are late: chance = \"2%\"",
                    );
                }
                None
            }
            Some(ppm) => Some(LinkChange::Loss { ppm: ppm.min(CERTAIN_PPM - 1) }),
        },
        _ => {
            let limit = section.optional_measure::<BitRate>("limit");
            match limit {
                Some(BitRate(0)) => {
                    section.problem("limit", "is 0: nothing would ever arrive", "isolate the broker instead");
                    None
                }
                Some(BitRate(bits_per_second)) => Some(LinkChange::Bandwidth { bits_per_second }),
                None => {
                    if !section.has("limit") {
                        section.problem("limit", "is missing", "say how much is left: limit = \"10 Mbit/s\"");
                    }
                    None
                }
            }
        }
    }
}

/// `chance = 0.02` in millionths, if it is given.
fn chance_ppm(section: &mut Section<'_, '_>) -> Option<u32> {
    if !section.has("chance") {
        return None;
    }
    let entry = section.entry("chance")?;
    let text = match &entry.node.value {
        Value::Integer(text) | Value::Float(text) | Value::Argument(text) | Value::Text(text) => {
            text.as_str()
        }
        _ => "",
    };
    let parsed = match text.strip_suffix('%') {
        Some(percent) => percent.trim().parse::<f64>().map(|percent| percent / 100.0),
        None => text.parse::<f64>(),
    };
    match parsed {
        Ok(chance) if chance > 0.0 && chance <= 1.0 => {
            let name = section.name("chance");
            section.intake.given(name, text.to_owned(), entry.node.place);
            // Rounded up, so that no chance is none.
            Some((chance * f64::from(CERTAIN_PPM)).ceil() as u32)
        }
        _ => {
            let help = "expected a part of all, above 0: 0.02 or \"2%\"";
            section.problem("chance", format_args!("is {}", value_text(&entry.node.value)), help);
            None
        }
    }
}

fn injected(
    section: &mut Section<'_, '_>,
    key: &'static str,
    what: Injected,
    around: &Around<'_>,
) -> Option<FaultKind> {
    let broker = fault_target::broker_or_all(section, key, around)?;
    let injection = injection(section, what, around)?;
    Some(FaultKind::Inject { broker, injection })
}

/// How often, and for which partition. What has neither a chance nor an end nor a count happens once.
fn injection(section: &mut Section<'_, '_>, what: Injected, around: &Around<'_>) -> Option<Injection> {
    let partition = match section.has("partition") {
        true => Some(fault_target::partition(section, "partition", around)?),
        false => None,
    };
    let chance = chance_ppm(section);
    if section.has("chance") && chance.is_none() {
        return None;
    }
    let usual = if chance.is_some() || section.has("for") { u64::MAX } else { 1 };
    let most = section.optional_count("count", 1..=limits::RECORDS).unwrap_or(usual);
    Some(Injection { broker: None, partition, what, chance_ppm: chance.unwrap_or(CERTAIN_PPM), most })
}

fn error(section: &mut Section<'_, '_>, around: &Around<'_>) -> Option<FaultKind> {
    let name = section.optional_text("error")?;
    let after_append = section.flag("after-append", false);
    let broker = match section.has("broker") {
        true => fault_target::broker_or_all(section, "broker", around)?,
        false => None,
    };
    let error = ErrorCode::from_name(&name).filter(|error| *error != ErrorCode::None);
    let Some(error) = error else {
        let help = "expected the name of a Kafka error, for example \"NOT_ENOUGH_REPLICAS\"";
        section.problem("error", format_args!("cannot be \"{name}\""), help);
        return None;
    };
    if after_append && !can_follow_an_append(error) {
        let help = "after an append a broker may say NOT_ENOUGH_REPLICAS_AFTER_APPEND, REQUEST_TIMED_OUT, \
                    NOT_LEADER_OR_FOLLOWER, KAFKA_STORAGE_ERROR or UNKNOWN_SERVER_ERROR";
        section.problem("after-append", format_args!("does not go with {name}"), help);
        return None;
    }
    let injection = injection(section, Injected::Answer { error, after_append }, around)?;
    Some(FaultKind::Inject { broker, injection })
}

/// Whether a client that gets this error must take the records for possibly stored.
fn can_follow_an_append(error: ErrorCode) -> bool {
    matches!(
        error,
        ErrorCode::NotEnoughReplicasAfterAppend
            | ErrorCode::RequestTimedOut
            | ErrorCode::NotLeaderOrFollower
            | ErrorCode::KafkaStorageError
            | ErrorCode::UnknownServerError
    )
}

fn controller_loss(section: &mut Section<'_, '_>) -> Option<FaultKind> {
    if section.flag("controller-loss", true) {
        return Some(FaultKind::ControllerLoss);
    }
    section.problem("controller-loss", "is false", "remove the [[fault]], or write true");
    None
}

/// `registry = "down"`, or `"slow"` with a factor.
fn registry(section: &mut Section<'_, '_>, around: &Around<'_>) -> Option<FaultKind> {
    let is_down = section.checked_choice("registry", &[("down", true), ("slow", false)], 0);
    if is_down.is_none() || !around.has_registry {
        // So that it is no unknown key.
        section.entry("factor");
    }
    let is_down = is_down?;
    if !around.has_registry {
        section.problem(
            "registry",
            "strikes a schema registry, and there is none",
            "add a section [registry]",
        );
        return None;
    }
    if is_down {
        section.refuse(&["factor"], "a registry that is down");
        return Some(FaultKind::RegistryDown);
    }
    let permille = section.decimal("factor", 1..=1_000_000_000, 10_000);
    Some(FaultKind::RegistrySlow { permille })
}

fn elect(section: &mut Section<'_, '_>, around: &Around<'_>) -> Option<FaultKind> {
    let is_preferred = matches!(
        section.entry("elect").map(|entry| &entry.node.value),
        Some(Value::Text(text) | Value::Argument(text)) if text == "preferred"
    );
    if is_preferred {
        section.refuse(&["to"], "`elect = \"preferred\"`");
        return Some(FaultKind::ElectPreferred);
    }
    let partition = fault_target::partition(section, "elect", around);
    if !section.has("to") {
        section.problem("to", "is missing", "say which broker is to lead: to = 2");
    }
    let to = fault_target::node(section, "to", around);
    Some(FaultKind::Elect { partition: partition?, to: to? })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn crashes_and_restarts_take_turns() {
        let mut is_down = vec![false; 3];
        let crash = |id| FaultKind::Crash { broker: Target::Broker(NodeId(id)), loses_unflushed: false };
        let restart = FaultKind::Restart(NodeId(1));
        let shutdown = FaultKind::Shutdown(Target::Broker(NodeId(1)));
        for kind in [&crash(1), &restart, &crash(2), &shutdown, &FaultKind::ControllerLoss] {
            assert_eq!(take_turn(&mut is_down, kind), Ok(()));
        }
        assert!(take_turn(&mut is_down, &crash(1)).is_err());
        assert!(take_turn(&mut [false; 3], &restart).is_err());
    }
}
