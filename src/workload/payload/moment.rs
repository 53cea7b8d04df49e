//! Times as text.

use std::io::Write;

/// Bytes of a moment as text.
pub(super) const LENGTH: u64 = 24;

const DAY_MS: i64 = 86_400_000;
/// Days of 400 years, after which the calendar repeats.
const ERA_DAYS: i64 = 146_097;
/// Days from the first of March of year 0 to the first of January of 1970.
const EPOCH_DAY: i64 = 719_468;

/// Appends epoch milliseconds as ISO-8601 in UTC: `2023-11-14T22:13:20.000Z`.
pub(super) fn write(epoch_ms: i64, out: &mut Vec<u8>) {
    let (year, month, day) = date(epoch_ms.div_euclid(DAY_MS));
    let ms = epoch_ms.rem_euclid(DAY_MS);
    let (hour, minute, second) = (ms / 3_600_000, ms / 60_000 % 60, ms / 1_000 % 60);
    // Writing to a vector cannot fail.
    let _ = write!(out, "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{:03}Z", ms % 1_000);
}

/// Year, month and day of a day since 1970 in the Gregorian calendar. Years are counted from March, so that the day that
/// not all years have is the last.
fn date(days: i64) -> (i64, i64, i64) {
    let day = days + EPOCH_DAY;
    let (era, day) = (day.div_euclid(ERA_DAYS), day.rem_euclid(ERA_DAYS));
    // Leap days in the era before this day: every 4 years, not every 100 years, again in its last year.
    let year = (day - day / 1_460 + day / 36_524 - day / (ERA_DAYS - 1)) / 365;
    let day_of_year = day - (365 * year + year / 4 - year / 100);
    // Five months in a row have 153 days, whichever they are.
    let month = (5 * day_of_year + 2) / 153;
    let day_of_month = day_of_year - (153 * month + 2) / 5 + 1;
    let year = 400 * era + year;
    if month < 10 { (year, month + 3, day_of_month) } else { (year + 1, month - 9, day_of_month) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(epoch_ms: i64) -> String {
        let mut out = Vec::new();
        write(epoch_ms, &mut out);
        String::from_utf8(out).expect("ASCII")
    }

    // As `date -u -d @SECONDS` says.
    #[test]
    fn moments_are_iso_8601() {
        assert_eq!(text(1_700_000_000_000), "2023-11-14T22:13:20.000Z");
        assert_eq!(text(0), "1970-01-01T00:00:00.000Z");
        assert_eq!(text(951_782_399_999), "2000-02-28T23:59:59.999Z");
        assert_eq!(text(951_782_400_000), "2000-02-29T00:00:00.000Z");
        assert_eq!(text(4_107_542_399_001), "2100-02-28T23:59:59.001Z");
        assert_eq!(text(4_107_542_400_000), "2100-03-01T00:00:00.000Z");
        assert_eq!(text(1_735_689_599_500), "2024-12-31T23:59:59.500Z");
        assert_eq!(text(0).len() as u64, LENGTH);
    }

    #[test]
    fn every_day_follows_the_one_before() {
        let mut before = date(-1);
        assert_eq!(before, (1969, 12, 31));
        for day in 0..100_000 {
            let next = date(day);
            let (year, month, of_month) = before;
            let follows = [(year, month, of_month + 1), (year, month + 1, 1), (year + 1, 1, 1)];
            assert!(follows.contains(&next), "{before:?} {next:?}");
            before = next;
        }
        // 99,999 days after the first.
        assert_eq!(before, (2243, 10, 16));
    }
}
