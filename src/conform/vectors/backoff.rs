//! Waits between attempts (`backoff`).

use super::differs;
use super::row::Row;
use crate::protocol::backoff::Backoff;

pub(super) fn check(row: &Row) -> Result<Option<String>, String> {
    let initial_ms: i64 = row.integer("initial_ms")?;
    let multiplier: i64 = row.integer("multiplier")?;
    let backoff = Backoff::with(initial_ms, multiplier, row.integer("max_ms")?, row.double("jitter")?);
    for sample in row.rows("samples")? {
        let attempts: u32 = sample.integer("attempts")?;
        // Without jitter nothing is drawn.
        let unit = if sample.is_null("unit") { 0.5 } else { sample.double("unit")? };
        let (client, here) = (sample.integer::<i64>("backoff_ms")?, backoff.after(attempts, unit));
        // Where the power reaches the maximum, another logarithm may end a hair below it.
        let power = initial_ms as f64 * (multiplier as f64).powi(attempts.min(64) as i32);
        let tolerance_ms = u64::from(power >= backoff.max_ms() as f64);
        if client.abs_diff(here) > tolerance_ms {
            return Ok(differs(&format!("the backoff after {attempts} attempts"), &client, &here));
        }
    }
    Ok(None)
}
