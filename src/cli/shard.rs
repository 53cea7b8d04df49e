//! `--shard`: which part of a sweep this process does.

use super::environment::number;
use crate::experiment::sweep::journal::Shard;

/// `3/16`, or `auto`.
///
/// # Errors
/// What would be right.
pub fn parse(text: &str) -> Result<Shard, String> {
    let from_one = match text {
        "auto" => return shard_of_task(),
        text => text.split_once('/'),
    };
    let numbers = from_one
        .and_then(|(index, count)| Some((index.parse::<usize>().ok()?, count.parse::<usize>().ok()?)));
    match numbers {
        Some((index, count)) if index >= 1 && index <= count => Ok(Shard { index: index - 1, count }),
        _ => Err("expected a part of all, such as 3/16 (the first is 1/16), or auto".to_owned()),
    }
}

/// What the engine that has started this process says: which task of how many.
fn shard_of_task() -> Result<Shard, String> {
    let shard = |index: Option<usize>, count: Option<usize>| {
        index.zip(count).filter(|(index, count)| index < count).map(|(index, count)| Shard { index, count })
    };
    // Slurm counts from whatever the array begins with.
    let slurm = number("SLURM_ARRAY_TASK_ID").zip(number("SLURM_ARRAY_TASK_MIN"));
    let slurm = slurm.and_then(|(id, first)| id.checked_sub(first));
    shard(slurm, number("SLURM_ARRAY_TASK_COUNT"))
        .or_else(|| shard(number("JOB_COMPLETION_INDEX"), number("JOB_COMPLETION_COUNT")))
        .or_else(|| shard(number("AWS_BATCH_JOB_ARRAY_INDEX"), number("AWS_BATCH_JOB_ARRAY_SIZE")))
        .ok_or_else(|| {
            "auto needs SLURM_ARRAY_TASK_ID, _MIN and _COUNT, or JOB_COMPLETION_INDEX and JOB_COMPLETION_COUNT, or \
             AWS_BATCH_JOB_ARRAY_INDEX and _SIZE"
                .to_owned()
        })
}
