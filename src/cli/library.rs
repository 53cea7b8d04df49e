//! The scenarios that the program carries with it: three that teach, those for people with a symptom, and the lessons.

use super::exit::Failure;
use crate::values::excerpt::short;
use crate::values::nearest::{did_you_mean, nearest};

/// A scenario of the library.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Example {
    /// The name of its file, without `.toml`.
    pub name: &'static str,
    /// What one sees, or would like to know, in one line.
    pub symptom: &'static str,
    /// The file.
    pub text: &'static str,
    /// Files that have to stand beside it, by name.
    pub beside: &'static [(&'static str, &'static str)],
}

macro_rules! examples {
    ($($name:literal: $symptom:literal $(with $($beside:literal)+)?,)*) => {
        &[$(Example {
            name: $name,
            symptom: $symptom,
            text: include_str!(concat!("../../scenarios/", $name, ".toml")),
            beside: &[$($(($beside, include_str!(concat!("../../scenarios/", $beside))),)+)?],
        },)*]
    };
}

macro_rules! lessons {
    ($($name:literal: $question:literal $(, $beside:literal)*;)*) => {
        &[$(Example {
            name: $name,
            symptom: $question,
            text: include_str!(concat!("../../scenarios/lessons/", $name, ".toml")),
            beside: &[
                (concat!($name, ".ko.toml"), include_str!(concat!("../../scenarios/lessons/", $name, ".ko.toml"))),
                $(($beside, include_str!(concat!("../../scenarios/lessons/", $beside))),)*
            ],
        },)*]
    };
}

/// Lessons, in the order in which they are taught, each with its translations and its trace.
pub const LESSONS: &[Example] = lessons! {
    "01-pipeline": "what happens to a record between send and its callback?";
    "02-linger": "what makes a batch leave: batch.size or linger.ms?";
    "03-piggyback": "why do batches leave before they are ready?", "03-piggyback.csv";
    "04-partitioner": "who chooses the partition, with keys and without?";
    "05-acks": "what has happened when a record is acknowledged?";
    "06-isr": "what does min.insync.replicas protect from?";
    "07-idempotence": "an answer is lost: is the batch written twice?";
    "08-ordering": "can a batch overtake another one?";
    "09-growing": "where do keys go when a topic grows?", "09-growing.csv";
    "10-failure": "a broker stands still: what does the application see?";
};

/// All others, in the order in which they are listed.
pub const EXAMPLES: &[Example] = examples! {
    "linger": "what does waiting a little buy?",
    "sticky-vs-round-robin": "who fills batches when records have no keys?",
    "buffer-exhaustion": "what if brokers are slower than the application?",
    "slower-after-upgrade": "tests are several times slower with client 4",
    "one-message-every-linger": "a linger of 5 s, and one message leaves every 5 s",
    "many-small-batches": "brokers are busy though few bytes come",
    "sticky-to-the-slow-broker": "a slow broker gets most of the records",
    "half-the-partitions-empty": "round robin leaves half of the partitions empty",
    "same-key-other-partition": "records with the same key in two partitions",
    "buffer-exhausted": "TimeoutException: Failed to allocate memory",
    "one-slow-broker-stops-all": "one slow broker, and sending to all others stops",
    "expiring-under-load": "records expire while all brokers are well",
    "expiring-one-broker-down": "records of some partitions expire",
    "more-stored-than-sent": "a topic has more records than were sent",
    "failed-but-delivered": "records failed, and are in the topic nevertheless",
    "out-of-order-sequence": "OutOfOrderSequenceException after a timeout",
    "lost-on-leader-move": "acknowledged records are gone, with no error",
    "not-enough-replicas": "NotEnoughReplicasException when a broker restarts",
    "stuck-to-a-dead-leader": "half a minute of nothing after a leader vanished",
    "pulled-cable": "records wait for a broker that is cut off",
    "schema-change": "SerializationException for all records after a deployment"
        with "schemas/order-v1.avsc" "schemas/order-v2.avsc" "schemas/order-v3.avsc",
    "interceptor-changes-key": "partitions are idle since there is an interceptor",
};

impl Example {
    /// What cures it, as `--set` takes it: each of several helps by itself. None for one that teaches.
    pub fn cures(&self) -> impl Iterator<Item = &'static str> {
        self.text.lines().filter_map(|line| line.strip_prefix("# Cure: "))
    }
}

/// The example or lesson of this name.
///
/// # Errors
/// [`Failure::Input`] with the names that may have been meant.
pub fn find(name: &str) -> Result<&'static Example, Failure> {
    let all = || EXAMPLES.iter().chain(LESSONS);
    all().find(|example| example.name == name).ok_or_else(|| {
        let meant = did_you_mean(&nearest(name, all().map(|example| example.name)));
        let help = meant.unwrap_or_else(|| "`lingersim list` shows all of them".to_owned());
        Failure::Input(format!("error: the library has no scenario `{}`\n = help: {help}", short(name)))
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::fs;
    use std::path::Path;

    use super::*;

    const TEACHING: [&str; 3] = ["linger", "sticky-vs-round-robin", "buffer-exhaustion"];

    #[test]
    fn the_table_has_the_files_of_the_library_and_no_other() {
        let mut files = BTreeSet::from(TEACHING.map(str::to_owned));
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios");
        for entry in fs::read_dir(folder).expect("the scenarios") {
            let path = entry.expect("a file").path();
            if path.is_file() && fs::read_to_string(&path).expect("text").starts_with("# Symptom: ") {
                files.insert(path.file_stem().expect("a name").to_string_lossy().into_owned());
            }
        }
        let table: BTreeSet<String> = EXAMPLES.iter().map(|example| example.name.to_owned()).collect();
        assert_eq!(table, files);
        assert_eq!(EXAMPLES.len(), files.len());
    }

    #[test]
    fn the_lessons_are_those_of_their_folder() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios/lessons");
        let mut files = BTreeSet::new();
        for entry in fs::read_dir(folder).expect("the lessons") {
            files.insert(entry.expect("a file").file_name().to_string_lossy().into_owned());
        }
        let of = |lesson: &Example| {
            let beside = lesson.beside.iter().map(|(name, _)| (*name).to_owned());
            beside.chain([format!("{}.toml", lesson.name)]).collect::<Vec<String>>()
        };
        assert_eq!(LESSONS.iter().flat_map(of).collect::<BTreeSet<String>>(), files);
    }

    #[test]
    fn what_has_a_symptom_has_a_cure_and_what_teaches_has_none() {
        for example in EXAMPLES {
            assert_eq!(
                example.cures().next().is_none(),
                TEACHING.contains(&example.name),
                "{}",
                example.name
            );
        }
    }
}
