//! What went wrong, in the summary: planned faults, what the cluster did about them, why batches were sent again.

use std::fmt::{self, Write};

use super::figures::{grouped, ms};
use super::look::{Look, Tone};
use crate::world::result::{FaultResult, RetryWait, RunResult};

/// Faults that are shown.
const MAX_FAULTS: usize = 12;
/// What a line has room for.
const MAX_SAID: usize = 40;

/// The sections that have something to say.
pub(super) fn write(f: &mut impl Write, look: Look, result: &RunResult) -> fmt::Result {
    faults(f, look, &result.faults)?;
    cluster(f, look, result)?;
    retries(f, look, result)
}

fn faults(f: &mut impl Write, look: Look, faults: &[FaultResult]) -> fmt::Result {
    if faults.is_empty() {
        return Ok(());
    }
    look.heading(f, "Faults                                       at s    broker   met by it")?;
    for fault in faults.iter().take(MAX_FAULTS) {
        let node = fault.node.map_or_else(|| "-".to_owned(), |node| node.0.to_string());
        let said: String = fault.said.chars().take(MAX_SAID).collect();
        let at = format!("{:.3}", ms(fault.at.0) / 1e3);
        let met = match fault.touched {
            0 => "nothing".to_owned(),
            touched => grouped(touched),
        };
        let tone = if fault.touched == 0 { Tone::Warning } else { Tone::Plain };
        let met = format!("{met:>12}");
        writeln!(f, "    {said:<40}{at:>10}{node:>10}{}", look.paint(tone, met))?;
    }
    match faults.len().saturating_sub(MAX_FAULTS) {
        0 => Ok(()),
        more => writeln!(f, "    and {more} more"),
    }
}

fn cluster(f: &mut impl Write, look: Look, result: &RunResult) -> fmt::Result {
    let happened: Vec<_> = result.cluster.iter().filter(|(_, count)| *count > 0).collect();
    if happened.is_empty() {
        return Ok(());
    }
    look.heading(f, "Cluster")?;
    happened.into_iter().try_for_each(|(name, count)| writeln!(f, "    {name:<44}{:>18}", grouped(*count)))
}

fn retries(f: &mut impl Write, look: Look, result: &RunResult) -> fmt::Result {
    if result.retries.is_empty() {
        return Ok(());
    }
    look.heading(f, "Batches sent again after")?;
    result
        .retries
        .iter()
        .try_for_each(|(name, count)| writeln!(f, "    {name:<44}{:>18}", grouped(*count)))?;
    writeln!(
        f,
        "    {:<22}{:>10}{:>10}{:>10}{:>10}",
        "wait in ms before", "batches", "least", "mean", "most"
    )?;
    for wait in &result.retry_waits {
        let later = if wait.retry == RetryWait::LAST { " and later" } else { "" };
        writeln!(
            f,
            "      {:<20}{:>10}{:>10}{:>10.0}{:>10}",
            format!("retry {}{later}", wait.retry),
            grouped(wait.batches),
            grouped(wait.min_ms),
            wait.sum_ms as f64 / wait.batches as f64,
            grouped(wait.max_ms)
        )?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::sample;
    use super::*;
    use crate::values::ids::NodeId;
    use crate::values::time::Time;

    #[test]
    fn a_quiet_run_says_nothing_and_a_line_fits_its_column() {
        let mut text = String::new();
        write(&mut text, Look::default(), &sample::result()).expect("a String takes everything");
        assert_eq!(text, "");
        let fault = |said: &str, touched| FaultResult {
            at: Time::from_millis(12_345),
            said: said.to_owned(),
            node: Some(NodeId(1)),
            touched,
        };
        let faults = vec![fault(&"x".repeat(100), 0), fault("crash = 1", u64::MAX)];
        let result = RunResult {
            faults,
            cluster: vec![("clean elections", 3), ("throttled responses", 0)],
            ..sample::result()
        };
        write(&mut text, Look::default(), &result).expect("a String takes everything");
        assert!(text.contains("nothing") && text.contains("clean elections") && !text.contains("throttled"));
        assert!(text.lines().all(|line| line.chars().count() <= 80 || line.contains("18,446")), "{text}");
    }
}
