//! `lingersim explain`: why batches left when they did.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::ValueEnum;

use super::exit::Failure;
use super::output;
use super::progress::Progress;
use super::recorded_run::RecordedRun;
use crate::protocol::record::Key;
use crate::recording::step::Steps;
use crate::recording::story::{BatchStory, RecordStory};
use crate::recording::{Limits, Recording, record};
use crate::report::explain::{Explanation, Told, json, markdown, sentences, text, time_text};
use crate::report::grouped;
use crate::values::excerpt::short;
use crate::values::quantity::Measure;
use crate::values::time::{Span, Time};

/// `lingersim explain`.
#[derive(clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct ExplainArgs {
    /// A scenario (.toml), or a folder that `run --out` has written
    #[arg(value_name = "SCENARIO|RUN")]
    run: PathBuf,

    /// The life of this batch; batches are numbered from 1 as they are opened
    #[arg(long, value_name = "N", group = "question")]
    batch: Option<u32>,

    /// The life of a record: its number, or key=KEY for the first record with this key
    #[arg(long, value_name = "N|key=KEY", group = "question")]
    record: Option<String>,

    /// What happens at this virtual time, 1.25s
    #[arg(long, value_name = "TIME", group = "question", value_parser = time)]
    at: Option<Time>,

    /// The slowest acknowledged records, so many of them
    #[arg(long, value_name = "N", group = "question", value_parser = clap::value_parser!(u32).range(1..=64))]
    worst: Option<u32>,

    /// For whom: in Kafka's own words, or with the words explained
    #[arg(long, value_enum, default_value_t = AudienceArg::Engineer)]
    audience: AudienceArg,

    /// No second runs that tell what another setting would have changed
    #[arg(long)]
    no_what_if: bool,

    /// Form of the answer on stdout
    #[arg(long, value_enum, default_value_t = ExplainFormat::Text)]
    format: ExplainFormat,

    /// Set a Kafka key of every producer (linger.ms=5) or a path of the scenario (network.latency=2ms); repeatable
    #[arg(long, value_name = "KEY=VALUE")]
    set: Vec<String>,

    /// The master seed
    #[arg(long, value_name = "N")]
    seed: Option<u64>,

    /// Look only at what happens from this virtual time on, if a run is too long to be kept
    #[arg(long, value_name = "TIME", value_parser = time)]
    from: Option<Time>,

    /// Look only at what happens before this virtual time
    #[arg(long, value_name = "TIME", value_parser = time)]
    until: Option<Time>,

    /// Nothing on stderr but errors
    #[arg(long, short)]
    quiet: bool,
}

const EXAMPLES: &str = "Without a question, the whole run: why batches left, how full, after how long, and where the\n\
    time of the median and of the slowest records went.\n\n\
    Examples:\n  \
    lingersim explain scenarios/linger.toml\n  \
    lingersim explain scenarios/linger.toml --batch 184\n  \
    lingersim explain scenarios/linger.toml --worst 3 --audience student\n  \
    lingersim explain results/ --record key=42 --format markdown";

/// For whom answers are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum AudienceArg {
    /// Kafka's own words
    Engineer,
    /// The words explained
    Student,
}

/// Forms of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ExplainFormat {
    /// For people
    Text,
    /// To paste into a ticket
    Markdown,
    /// Sentences with their ids, times in ns
    Json,
}

/// Happenings that are kept: some hundred megabytes at most.
const MOST_EVENTS: u64 = 1_000_000;

fn time(text: &str) -> Result<Time, String> {
    Span::parse(text).map(|span| Time::START + span).map_err(|error| error.to_string())
}

/// Runs the command.
pub fn run(args: &ExplainArgs) -> Result<ExitCode, Failure> {
    let run = RecordedRun::load(&args.run, &args.set, args.seed)?;
    let recording = recorded(args, &run)?;
    run.is_the_same(recording.result.digest)?;
    let audience = match args.audience {
        AudienceArg::Engineer => sentences::Audience::Engineer,
        AudienceArg::Student => sentences::Audience::Student,
    };
    let told = Told { scenario: &run.loaded.scenario, recording: &recording, audience };
    let steps = recording.steps();
    let mut answers = Vec::new();
    for question in questions(args, &told)? {
        answers.push(answer(args, &run, &told, &steps, question)?);
    }
    let summary = answers.is_empty().then(|| told.summary());
    let answer = match args.format {
        ExplainFormat::Json => json(&answers, summary.as_ref()),
        ExplainFormat::Markdown if summary.is_none() => {
            answers.iter().map(markdown).collect::<Vec<_>>().join("\n")
        }
        _ => match &summary {
            Some(summary) => summary.text(),
            None => answers.iter().map(text).collect::<Vec<_>>().join("\n"),
        },
    };
    output::print(&answer)?;
    if !args.quiet && summary.is_some() && args.format == ExplainFormat::Text {
        let shown = args.run.display();
        output::tell(&format!(
            "next: lingersim explain {shown} --worst 1, or report {shown} --html page.html"
        ));
    }
    Ok(ExitCode::SUCCESS)
}

fn recorded(args: &ExplainArgs, run: &RecordedRun) -> Result<Recording, Failure> {
    let mut progress = Progress::new(run.loaded.scenario.end, args.quiet);
    let limits = Limits {
        events: MOST_EVENTS,
        from: args.from.unwrap_or(Time::START),
        until: args.until.unwrap_or(Time::NEVER),
    };
    let recording = record(&run.loaded.scenario, limits, &mut |now, records| {
        progress.tick(now, records);
        true
    });
    progress.finish();
    Ok(recording?)
}

/// What is asked about.
enum Question<'a> {
    Batch(&'a BatchStory),
    Record(&'a BatchStory, &'a RecordStory),
    At(Time),
}

fn questions<'a>(args: &ExplainArgs, told: &Told<'a>) -> Result<Vec<Question<'a>>, Failure> {
    let recording = told.recording;
    if let Some(number) = args.batch {
        let batch = recording.batches.get(&number);
        return match batch {
            Some(batch) => Ok(vec![Question::Batch(batch)]),
            None => Err(unknown(&format!("batch {number}"), recording)),
        };
    }
    if let Some(text) = &args.record {
        return find_record(text, recording).map(|(batch, record)| vec![Question::Record(batch, record)]);
    }
    if let Some(at) = args.at {
        let is_kept = recording.parts.iter().any(|part| part.from <= at && at < part.until);
        return match is_kept || at > recording.result.ended_at {
            true => Ok(vec![Question::At(at)]),
            false => Err(unknown(&format!("the time {}", time_text(at)), recording)),
        };
    }
    let Some(worst) = args.worst else { return Ok(Vec::new()) };
    let slowest = recording.totals.worst.iter().take(worst as usize);
    // Of records that were not kept, only the latency is known.
    let found: Vec<Question<'_>> = slowest
        .clone()
        .filter_map(|slow| recording.record(slow.record))
        .map(|(batch, record)| Question::Record(batch, record))
        .collect();
    if found.is_empty() {
        return Err(match recording.result.populations.acked {
            0 => Failure::Input(
                "error: no record was acknowledged\n = help: without --worst, explain tells the run".into(),
            ),
            _ => unknown("none of the slowest records", recording),
        });
    }
    if found.len() < slowest.len() && !args.quiet {
        output::tell(&format!(
            "{} more are not in the parts of the run that were kept",
            slowest.len() - found.len()
        ));
    }
    Ok(found)
}

fn find_record<'a>(
    text: &str,
    recording: &'a Recording,
) -> Result<(&'a BatchStory, &'a RecordStory), Failure> {
    let found = match text.strip_prefix("key=") {
        Some(key) => {
            // Keys that a scenario draws as numbers are eight bytes, big end first.
            let number = key.parse::<u64>().ok().map(|number| Key::of(&number.to_be_bytes()));
            let text = Key::of(key.as_bytes());
            let is_it = |record: &&RecordStory| record.key == text || Some(record.key) == number;
            let records = recording.batches.values().flat_map(|batch| &batch.records);
            let first = records.filter(is_it).map(|record| record.number).min();
            first.and_then(|number| recording.record(number))
        }
        None => {
            let number = text.parse().map_err(|_| {
                let help = "its number, --record 17, or its key, --record key=user-42";
                Failure::Input(format!("error: `--record {}` is no record\n = help: {help}", short(text)))
            })?;
            recording.record(number)
        }
    };
    found.ok_or_else(|| unknown(&format!("record {}", short(text)), recording))
}

fn unknown(what: &str, recording: &Recording) -> Failure {
    let batches = recording.batches.keys().max().copied().unwrap_or(0);
    let records = recording.batches.values().flat_map(|batch| &batch.records).map(|one| one.number).max();
    let help = match recording.is_whole() {
        true => format!(
            "the run has batches 1 to {}, records 1 to {}, and ends at {}",
            grouped(batches.into()),
            grouped(records.unwrap_or(0)),
            time_text(recording.result.ended_at)
        ),
        false => "only parts of the run were kept: --from and --until say where to look".to_owned(),
    };
    Failure::Input(format!("error: {what} is not in the run\n = help: {help}"))
}

fn answer(
    args: &ExplainArgs,
    run: &RecordedRun,
    told: &Told<'_>,
    steps: &Steps,
    question: Question<'_>,
) -> Result<Explanation, Failure> {
    let settings = &run.loaded.settings;
    let (mut explanation, batch) = match question {
        Question::At(at) => return Ok(told.moment(at, steps)),
        Question::Batch(batch) => (told.batch(batch, steps, settings), batch),
        Question::Record(batch, record) => (told.record(batch, record, steps, settings), batch),
    };
    if args.no_what_if {
        return Ok(explanation);
    }
    for (key, value) in told.questions(batch) {
        let mut set = args.set.clone();
        set.push(format!("{key}={value}"));
        // A value that does not go with the others of the scenario is no alternative.
        let Ok(other) = RecordedRun::load(&args.run, &set, args.seed) else { continue };
        let recording = recorded(args, &other)?;
        explanation.what_if.push(told.what_if(batch, &recording, key, &value));
    }
    Ok(explanation)
}
