//! The faults of the table: the one list to extend.

/// One fault, as the piece of a scenario that makes it happen.
#[derive(Debug)]
pub struct FaultCase {
    /// What `--only fault=` and the reports call it.
    pub name: &'static str,
    /// One line that says what happens.
    pub what: &'static str,
    /// Lines of `[cluster]` that it needs.
    pub cluster: &'static str,
    /// Its `[[fault]]` tables. Broker 1 leads the partition, 2 and 3 follow. Times are those of the earliest start;
    /// each seed moves all of them by the same part of [`super::cell::SPREAD`].
    pub faults: &'static str,
}

/// All of them, in the order of the table.
pub const FAULTS: &[FaultCase] = &[
    FaultCase { name: "none", what: "nothing goes wrong", cluster: "", faults: "" },
    FaultCase {
        name: "leader-crash",
        what: "the leader's process dies and stays away; its log survives",
        cluster: "",
        faults: "[[fault]]\nat = \"3s\"\ncrash = 1\n",
    },
    FaultCase {
        name: "leader-restart",
        what: "the leader's process dies and is back before that is noticed",
        cluster: "",
        faults: "[[fault]]\nat = \"3s\"\ncrash = 1\n[[fault]]\nat = \"6s\"\nrestart = 1\n",
    },
    FaultCase {
        name: "follower-crash",
        what: "a follower's process dies and stays away",
        cluster: "",
        faults: "[[fault]]\nat = \"3s\"\ncrash = 2\n",
    },
    FaultCase {
        name: "followers-crash",
        what: "both followers die within a second; one of them comes back",
        cluster: "",
        faults: "[[fault]]\nat = \"3s\"\ncrash = 2\n[[fault]]\nat = \"4s\"\ncrash = 3\n\
                 [[fault]]\nat = \"14s\"\nrestart = 3\n",
    },
    FaultCase {
        name: "leaders-crash",
        what: "the leader dies and comes back, then its successor dies",
        cluster: "",
        faults: "[[fault]]\nat = \"3s\"\ncrash = 1\n[[fault]]\nat = \"12500ms\"\nrestart = 1\n\
                 [[fault]]\nat = \"13s\"\ncrash = 2\n",
    },
];
