//! Leaders and in-sync replicas over time: a lane for each replica.

use std::collections::BTreeMap;

use plotters::prelude::WHITE;
use plotters::style::text_anchor::HPos;

use super::chart::{Axis, Chart, Sign, shortened};
use super::look::colour;
use super::scale::TimeAxis;
use super::{Picture, Shown};
use crate::recording::totals::Change;
use crate::report::drawing::{Area, GRID, filled, line, text};
use crate::report::figures::grouped;
use crate::values::ids::{NodeId, TopicPartition};
use crate::values::time::Time;

const MOST_LANES: usize = 36;
const LANE: i32 = 18;
/// The numbers of the colours of leaders, followers, and replicas that are not in sync.
const LEADER: usize = 0;
const FOLLOWER: usize = 4;
const OUT: usize = 1;

/// What a replica is for some time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Role {
    Leader,
    InSync,
    Out,
}

/// A replica with what it was, each since when.
#[derive(Debug)]
struct Lane {
    name: String,
    is_first: bool,
    roles: Vec<(Time, Role)>,
}

/// Draws it.
///
/// # Errors
/// What the drawing library says.
pub fn draw(shown: &Shown<'_>) -> Result<Picture, String> {
    let mut histories: BTreeMap<TopicPartition, Vec<&Change>> = BTreeMap::new();
    for change in &shown.recording.totals.changes {
        histories.entry(change.tp).or_default().push(change);
    }
    let (lanes, partitions) = lanes(shown, &histories);
    let end = shown.recording.result.ended_at;
    let time = TimeAxis::new(end);
    let count = lanes.len().max(1) as f64;
    let from_above = |lane: f64| 1.0 - lane / count;
    let widest = lanes.iter().map(|lane| lane.name.chars().count()).max().unwrap_or(1) as i32;
    let chart = Chart {
        shown,
        file: "in-sync-replicas.svg",
        title: "Leaders and in-sync replicas over time",
        says: says(shown, &histories, partitions),
        height: (lanes.len() as i32 * LANE).max(120),
        more_left: (widest * 7 - 44).max(0),
        across: Axis { name: time.name().to_owned(), ticks: time.ticks() },
        up: Axis {
            name: "replica, by broker".to_owned(),
            ticks: lanes
                .iter()
                .enumerate()
                .map(|(place, lane)| (from_above(place as f64 + 0.5), lane.name.clone()))
                .collect(),
        },
        has_names: true,
        is_over_time: true,
        legend: vec![
            (Sign::Fill(LEADER), "leader, marked L".to_owned()),
            (Sign::Fill(FOLLOWER), "follower in sync".to_owned()),
            (Sign::Line(OUT), "not in sync".to_owned()),
        ],
    };
    chart.draw(|area, plot| {
        for (place, lane) in lanes.iter().enumerate() {
            let y = plot.y(from_above(place as f64 + 0.5));
            if lane.is_first && place > 0 {
                let above = plot.y(from_above(place as f64));
                line(area, vec![(plot.left, above), (plot.right, above)], GRID, 1)?;
            }
            for (number, (from, role)) in lane.roles.iter().enumerate() {
                let until = lane.roles.get(number + 1).map_or(end, |(next, _)| *next);
                let (left, right) = (plot.x(time.share(*from)), plot.x(time.share(until)));
                draw_role(area, *role, (left, right), y)?;
            }
        }
        Ok(())
    })
}

fn draw_role(area: &Area<'_>, role: Role, (left, right): (i32, i32), y: i32) -> Result<(), String> {
    match role {
        Role::Leader => {
            filled(area, (left, y - 7), (right.max(left + 1), y + 7), colour(LEADER))?;
            match right - left > 14 {
                true => text(area, "L", (left + 4, y), 14, HPos::Left, WHITE),
                false => Ok(()),
            }
        }
        Role::InSync => filled(area, (left, y - 4), (right.max(left + 1), y + 4), colour(FOLLOWER)),
        Role::Out => line(area, vec![(left, y), (right.max(left + 1), y)], colour(OUT), 2),
    }
}

/// The lanes that there is room for, and of how many partitions they are: those in which something changed come first.
fn lanes(shown: &Shown<'_>, histories: &BTreeMap<TopicPartition, Vec<&Change>>) -> (Vec<Lane>, usize) {
    let mut order: Vec<(&TopicPartition, &Vec<&Change>)> = histories.iter().collect();
    order.sort_by_key(|(tp, history)| (history.len() < 2, **tp));
    let mut lanes = Vec::new();
    let mut partitions = 0;
    for (tp, history) in order {
        let nodes = nodes(shown, *tp, history);
        if !lanes.is_empty() && lanes.len() + nodes.len() > MOST_LANES {
            break;
        }
        partitions += 1;
        let topic = shortened(&shown.scenario.cluster.topics[tp.topic.index()].name, 16);
        for (place, node) in nodes.iter().enumerate() {
            let name = format!("{topic}-{} on {node}", tp.partition);
            lanes.push(Lane { name, is_first: place == 0, roles: roles(*node, history) });
        }
    }
    (lanes, partitions)
}

/// Brokers that have, or had, a replica of a partition.
fn nodes(shown: &Shown<'_>, tp: TopicPartition, history: &[&Change]) -> Vec<NodeId> {
    let mut nodes = shown.scenario.cluster.topics[tp.topic.index()].assignment[tp.partition as usize].clone();
    for node in history.iter().flat_map(|change| change.in_sync.iter().copied().chain(change.leader)) {
        if !nodes.contains(&node) {
            nodes.push(node);
        }
    }
    nodes
}

fn roles(node: NodeId, history: &[&Change]) -> Vec<(Time, Role)> {
    let mut roles: Vec<(Time, Role)> = Vec::new();
    for change in history {
        let role = match () {
            () if change.leader == Some(node) => Role::Leader,
            () if change.in_sync.contains(&node) => Role::InSync,
            () => Role::Out,
        };
        if roles.last().is_none_or(|(_, before)| *before != role) {
            roles.push((change.at, role));
        }
    }
    roles
}

fn says(shown: &Shown<'_>, histories: &BTreeMap<TopicPartition, Vec<&Change>>, partitions: usize) -> String {
    let (mut leaders, mut in_sync) = (0, 0);
    for pair in histories.values().flat_map(|history| history.windows(2)) {
        leaders += u64::from(pair[0].leader != pair[1].leader);
        in_sync += u64::from(pair[0].in_sync != pair[1].in_sync);
    }
    let mut says =
        format!("Changes of leaders: {}, of in-sync replicas: {}.", grouped(leaders), grouped(in_sync));
    if partitions < histories.len() {
        says.push_str(&format!(
            " {} of {} partitions are shown, those with changes first.",
            grouped(partitions as u64),
            grouped(histories.len() as u64)
        ));
    }
    match shown.recording.totals.changes_left_out {
        0 => says,
        more => says + &format!(" The last {} changes are not in it.", grouped(more)),
    }
}
