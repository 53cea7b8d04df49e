//! What happened before the pipeline: interceptors, serializers, the schema registry.

use std::fmt;

use serde_json::{Value, json};

use super::figures::{grouped, ms};
use super::look::{Look, Tone};
use super::text::{and_more, clipped, wrap};
use crate::world::result::{InterceptorResult, PreparationResult, RegistryResult};

/// Interceptors, subjects and lines of findings that are shown.
const MOST_LINES: usize = 12;

/// Characters of an exception's message that are shown.
const MESSAGE: usize = 600;

/// Writes the section of the summary.
pub(super) fn write(f: &mut fmt::Formatter<'_>, look: Look, result: &PreparationResult) -> fmt::Result {
    let PreparationResult { serializing_ns, interceptors, exceptions, registry } = result;
    if *serializing_ns == 0 && interceptors.is_empty() && exceptions.is_empty() && registry.is_none() {
        return Ok(());
    }
    look.heading(f, "Before the pipeline")?;
    if *serializing_ns > 0 {
        writeln!(f, "    application threads were in serializers for {:.3} s", ms(*serializing_ns) / 1e3)?;
    }
    for (name, message) in exceptions {
        let mut text = String::new();
        wrap(&mut text, "    ", &format!("{name}: {}", clipped(message, MESSAGE)));
        text.lines().try_for_each(|line| writeln!(f, "{}", look.paint(Tone::Bad, line)))?;
    }
    if let Some(registry) = registry {
        write_registry(f, registry)?;
    }
    for interceptor in interceptors.iter().take(MOST_LINES) {
        write_interceptor(f, interceptor)?;
    }
    and_more(f, interceptors.len(), MOST_LINES, ["interceptor", "interceptors"])
}

fn write_registry(f: &mut fmt::Formatter<'_>, registry: &RegistryResult) -> fmt::Result {
    let RegistryResult { counts, subjects } = registry;
    let calls = counts.answered + counts.refused + counts.unanswered;
    writeln!(
        f,
        "    schema registry: {} {}, {} refused, {} without an answer",
        grouped(calls),
        if calls == 1 { "call" } else { "calls" },
        grouped(counts.refused),
        grouped(counts.unanswered)
    )?;
    for (subject, versions) in subjects.iter().take(MOST_LINES) {
        let versions: Vec<String> =
            versions.iter().map(|(version, id)| format!("version {version} (id {id})")).collect();
        let line = format!("      {subject}: {}", versions.join(", "));
        writeln!(f, "{}", clipped(&line, 80))?;
    }
    and_more(f, subjects.len(), MOST_LINES, ["subject", "subjects"])
}

fn write_interceptor(f: &mut fmt::Formatter<'_>, interceptor: &InterceptorResult) -> fmt::Result {
    let InterceptorResult { client_id, name, tally, findings } = interceptor;
    writeln!(f, "{}", clipped(&format!("    {client_id}, interceptor {name}:"), 80))?;
    let mut line = format!(
        "{} sent, {} acknowledged, {} failed",
        grouped(tally.sends),
        grouped(tally.acknowledged),
        grouped(tally.failed)
    );
    if tally.swallowed > 0 {
        let message = tally.first_message.as_deref().unwrap_or_default();
        line += &format!("; threw {} times, and nobody saw it: {message}", grouped(tally.swallowed));
    }
    for line in std::iter::once(&line).chain(findings.iter().take(MOST_LINES)) {
        let mut text = String::new();
        wrap(&mut text, "      ", line);
        f.write_str(&text)?;
    }
    Ok(())
}

/// The same for programs; null if nothing of it could be seen.
pub(super) fn json(result: Option<&PreparationResult>) -> Value {
    let Some(PreparationResult { serializing_ns, interceptors, exceptions, registry }) = result else {
        return Value::Null;
    };
    json!({
        "serializing_s": ms(*serializing_ns) / 1e3,
        "exceptions": exceptions.iter().map(|(name, message)| json!({
            "exception": name,
            "first_message": message,
        })).collect::<Vec<_>>(),
        "interceptors": interceptors.iter().map(|interceptor| json!({
            "client_id": interceptor.client_id,
            "name": interceptor.name,
            "sent": interceptor.tally.sends,
            "acknowledged": interceptor.tally.acknowledged,
            "failed": interceptor.tally.failed,
            "swallowed": interceptor.tally.swallowed,
            "first_message": interceptor.tally.first_message,
            "findings": interceptor.findings,
        })).collect::<Vec<_>>(),
        "registry": registry.as_ref().map(|registry| json!({
            "answered": registry.counts.answered,
            "refused": registry.counts.refused,
            "unanswered": registry.counts.unanswered,
            "subjects": registry.subjects.iter().map(|(subject, versions)| json!({
                "subject": subject,
                "versions": versions.iter().map(|(version, id)| json!({ "version": version, "id": id }))
                    .collect::<Vec<_>>(),
            })).collect::<Vec<_>>(),
        })),
    })
}
