//! Where every record went, and what the logs have in the end, in the summary.

use std::fmt;

use super::figures::{grouped, ms, percent};
use super::look::{Look, Tone};
use crate::world::result::RunResult;

/// The populations as a sum that can be checked by eye.
pub(super) fn records(f: &mut fmt::Formatter<'_>, look: Look, result: &RunResult) -> fmt::Result {
    let populations = &result.populations;
    look.heading(f, "Records")?;
    let mut sign = ' ';
    for (name, count) in populations.parts() {
        let tone = match name {
            "failed" | "unknown" | "refused" => Tone::Bad.if_any(count),
            _ => Tone::Plain,
        };
        let line = format!("{name:<10}{:>18}{:>9}", grouped(count), percent(count, populations.offered));
        writeln!(f, "  {sign} {}", look.paint(tone, line))?;
        sign = '+';
    }
    let offered = grouped(populations.offered);
    match populations.add_up() {
        true => writeln!(f, "  = {:<10}{offered:>18}", "offered"),
        false => {
            writeln!(f, "  = {:<10}{:>18}", "sum", grouped(populations.sum()))?;
            let line = format!("! {:<10}{offered:>18}  the sum is wrong: a bug of lingersim", "offered");
            writeln!(f, "  {}", look.paint(Tone::Bad, line))
        }
    }
}

/// What the logs have in the end, against what producers were told; one line if all is well.
pub(super) fn audit(f: &mut fmt::Formatter<'_>, look: Look, result: &RunResult) -> fmt::Result {
    let audit = &result.audit;
    let silence = format!("longest silence {:.3} s", ms(result.longest_silence.span.0) / 1e3);
    if audit.is_quiet() {
        let well = look.paint(Tone::Good, "nothing lost, duplicated or reordered");
        return writeln!(f, "    audit: {well}; {silence}");
    }
    look.heading(f, "Audit of the logs")?;
    let meanings = [
        "acked, but not in the log",
        "copies beyond the first",
        "behind a record sent later",
        "reported as failed, but in the log",
    ];
    let mut line = |tone: Tone, name: &str, count: u64, meaning: &str| match count {
        0 => Ok(()),
        count => {
            let line = format!("{name:<18}{:>18}  {meaning}", grouped(count));
            writeln!(f, "    {}", look.paint(tone, line))
        }
    };
    for ((name, count), meaning) in audit.parts().into_iter().zip(meanings) {
        line(Tone::Bad, name, count, meaning)?;
    }
    line(Tone::Bad, "sequence gaps", audit.sequence_gaps, "places where sequences are missing")?;
    line(Tone::Warning, "under way", audit.under_way, "acks=0, not at the broker at the end")?;
    writeln!(f, "    {silence}, from {:.3} s on", ms(result.longest_silence.start.0) / 1e3)
}

#[cfg(test)]
mod tests {
    use super::super::sample;
    use super::super::text::summary;
    use crate::world::result::Audit;

    #[test]
    fn what_the_audit_has_found_is_told_line_by_line() {
        let mut result = sample::result();
        result.audit = Audit { lost: 12_345, failed_but_present: 7, ..Audit::default() };
        let text = sample::with_result(result, summary);
        let block: Vec<&str> = text.lines().skip_while(|line| !line.starts_with("Audit")).collect();
        assert_eq!(
            block[..4],
            [
                "Audit of the logs",
                "    lost                          12,345  acked, but not in the log",
                "    failed-but-present                 7  reported as failed, but in the log",
                "    longest silence 1.250 s, from 4.000 s on",
            ]
        );
    }

    #[test]
    fn populations_that_do_not_add_up_are_shown_as_a_bug() {
        let mut result = sample::result();
        result.populations.acked -= 1;
        let text = sample::with_result(result, summary);
        assert!(text.contains("the sum is wrong"), "{text}");
    }
}
