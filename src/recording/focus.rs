//! Which parts of a run are kept if not everything can be: its beginning, what faults did, its slowest records, its end.

use super::{Limits, Recording};
use crate::values::time::Time;

/// The rule, as pages and reports state it.
pub const RULE: &str = "Every happening is kept as long as there is room; else equal shares of the room go to the \
    beginning of the run, to its slowest record, to the time around each fault (the first five) and to the end. Sums, percentiles and \
    charts are of the whole run in any case.";

/// Places that get a share: more would leave each too little to see.
const MOST_PLACES: usize = 8;

/// Times that are kept, in order, each with its room.
#[derive(Clone, Debug)]
pub(super) struct Windows {
    list: Vec<Window>,
    at: usize,
    is_cut: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Window {
    from: Time,
    until: Time,
    /// Happenings that still fit.
    room: u64,
}

impl Windows {
    /// One window.
    pub(super) fn one(from: Time, until: Time, room: u64) -> Windows {
        Windows { list: vec![Window { from, until, room }], at: 0, is_cut: false }
    }

    /// The window that a time is in, by its number, if it has room.
    pub(super) fn at(&mut self, now: Time) -> Option<usize> {
        while self.list.get(self.at).is_some_and(|window| window.until <= now) {
            self.at += 1;
        }
        let window = self.list.get(self.at)?;
        (window.from <= now && window.room > 0).then_some(self.at)
    }

    /// When the present window begins and ends.
    pub(super) fn bounds(&self) -> (Time, Time) {
        self.list.get(self.at).map_or((Time::NEVER, Time::NEVER), |window| (window.from, window.until))
    }

    /// One happening of the present window is kept.
    pub(super) fn spend(&mut self) {
        if let Some(window) = self.list.get_mut(self.at) {
            window.room -= 1;
        }
    }

    /// One happening of a window would not fit any more.
    pub(super) fn note_cut(&mut self, now: Time) {
        let is_in = |window: &Window| window.from <= now && now < window.until;
        self.is_cut |= self.list.get(self.at).is_some_and(is_in);
    }

    pub(super) fn are_cut(&self) -> bool {
        self.is_cut
    }
}

/// The windows of a second pass, from what the first one has seen.
pub(super) fn choose(seen: &Recording, limits: Limits) -> Windows {
    let end = seen.result.ended_at.min(limits.until);
    let mut places = vec![limits.from];
    places.extend(seen.totals.worst.first().map(|worst| worst.since));
    places.extend(seen.result.faults.iter().map(|fault| fault.at));
    places.retain(|at| (limits.from..end).contains(at));
    places.truncate(MOST_PLACES - 1);
    let share = limits.events / (places.len() as u64 + 1);
    let mut windows: Vec<Window> = places.iter().map(|at| around(seen, *at, end, share)).collect();
    windows.push(before(seen, end, share));
    windows.sort_by_key(|window| window.from);
    let mut list: Vec<Window> = Vec::new();
    for mut window in windows {
        window.from = window.from.max(limits.from);
        match list.last_mut() {
            Some(last) if window.from <= last.until => {
                last.until = last.until.max(window.until);
                last.room += window.room;
            }
            _ => list.push(window),
        }
    }
    Windows { list: widened(seen, list, limits.from, end), at: 0, is_cut: false }
}

/// Windows that were joined have room for more than lies between their ends.
fn widened(seen: &Recording, list: Vec<Window>, start: Time, end: Time) -> Vec<Window> {
    let mut wide: Vec<Window> = Vec::new();
    for window in list {
        let mut window = match wide.last() {
            Some(last) if window.from <= last.until => {
                let Window { from, until, room } = wide.pop().unwrap_or(window);
                Window { from, until: until.max(window.until), room: room + window.room }
            }
            _ => window,
        };
        let reach = forth(seen, window.from, window.room).min(Time(end.0.saturating_add(1)));
        window.until = window.until.max(reach);
        wide.push(window);
    }
    // The last one may reach back instead.
    if let Some(last) = wide.last_mut() {
        last.from = last.from.min(back(seen, last.until, last.room).max(start));
    }
    if let [.., before, last] = &mut wide[..]
        && last.from <= before.until
    {
        (before.until, before.room) = (last.until, before.room + last.room);
        wide.pop();
    }
    wide
}

/// A window from a little before a time on, which has about `share` happenings.
fn around(seen: &Recording, at: Time, end: Time, share: u64) -> Window {
    let from = back(seen, at, share / 5);
    Window { from, until: forth(seen, from, share).min(end), room: share }
}

/// The last window of a run.
fn before(seen: &Recording, end: Time, share: u64) -> Window {
    Window { from: back(seen, end, share), until: Time(end.0.saturating_add(1)), room: share }
}

/// The time `count` happenings after another, as far as bins tell.
fn forth(seen: &Recording, from: Time, count: u64) -> Time {
    let (series, mut left, mut now) = (&seen.totals.series, u128::from(count), from.0);
    let width = series.width().0;
    loop {
        let Some(bin) = series.bins().get((now / width) as usize) else { return Time::NEVER };
        let until = (now / width + 1) * width;
        let here = u128::from(bin.events) * u128::from(until - now) / u128::from(width);
        if here > left {
            return Time(now + (left * u128::from(width) / u128::from(bin.events)) as u64);
        }
        left -= here;
        now = until;
    }
}

/// The time `count` happenings before another, as far as bins tell.
fn back(seen: &Recording, from: Time, count: u64) -> Time {
    let (series, mut left, mut now) = (&seen.totals.series, u128::from(count), from.0);
    let width = series.width().0;
    while now > 0 {
        let index = (now - 1) / width;
        let start = index * width;
        // The last bin is as wide as the run goes.
        let width = width.min(seen.result.ended_at.0.saturating_sub(start).max(1));
        let events = series.bins().get(index as usize).map_or(0, |bin| bin.events);
        let here = u128::from(events) * u128::from(now - start) / u128::from(width);
        if here > left {
            return Time(now - (left * u128::from(width) / u128::from(events)) as u64);
        }
        left -= here;
        now = start;
    }
    Time::START
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_ends_with_its_room_or_its_time() {
        let mut windows = Windows::one(Time(10), Time(20), 2);
        assert_eq!(windows.at(Time(9)), None);
        for at in [10, 12] {
            assert_eq!(windows.at(Time(at)), Some(0), "{at}");
            windows.spend();
        }
        assert_eq!(windows.at(Time(13)), None, "it is full");
        windows.note_cut(Time(13));
        assert!(windows.are_cut());
        let mut windows = Windows::one(Time(10), Time(20), 2);
        assert_eq!(windows.at(Time(20)), None);
        windows.note_cut(Time(20));
        assert!(!windows.are_cut());
    }
}
