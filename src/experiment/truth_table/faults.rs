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
    /// Its `[[fault]]` tables. Broker 1 leads the partition, 2 and 3 follow. Each seed draws another time.
    pub faults: &'static str,
}

/// All of them, in the order of the table.
pub const FAULTS: &[FaultCase] = &[
    FaultCase { name: "none", what: "nothing goes wrong", cluster: "", faults: "" },
    FaultCase {
        name: "leader-crash",
        what: "the leader's process dies and stays away; its log survives",
        cluster: "",
        faults: "[[fault]]\nat = [\"3s\", \"6s\"]\ncrash = 1\n",
    },
    FaultCase {
        name: "leader-restart",
        what: "the leader's process dies and is back before that is noticed",
        cluster: "broker-startup = \"1s\"\n",
        faults: "[[fault]]\nat = [\"3s\", \"6s\"]\ncrash = 1\nfor = \"2s\"\n",
    },
    FaultCase {
        name: "unclean-election",
        what: "the leader dies while its followers lag; one may lead",
        cluster: "unclean.leader.election.enable = true\nfollower-append = \"2s\"\nreplica.lag.time.max.ms = 1000\n\
                  \"broker.session.timeout.ms\" = 3000\n",
        faults: "[[fault]]\nat = [\"3s\", \"6s\"]\ncrash = 1\n",
    },
    FaultCase {
        name: "disks-lost",
        what: "the followers die, then the leader's machine and disk cache",
        cluster: "eligible-leader-replicas = false\nbroker-startup = \"1s\"\n",
        faults: "[[fault]]\nat = [\"3s\", \"4s\"]\ncrash = 2\n[[fault]]\nat = [\"3s\", \"4s\"]\ncrash = 3\n\
                 [[fault]]\nat = [\"14s\", \"16s\"]\ncrash = 1\nlose-unflushed = true\nfor = \"500ms\"\n",
    },
    FaultCase {
        name: "follower-crash",
        what: "a follower's process dies and stays away",
        cluster: "",
        faults: "[[fault]]\nat = [\"3s\", \"6s\"]\ncrash = 2\n",
    },
    FaultCase {
        name: "follower-lag",
        what: "a follower stands still for four seconds",
        cluster: "",
        faults: "[[fault]]\nat = [\"3s\", \"6s\"]\npause = 2\nfor = \"4s\"\n",
    },
    FaultCase {
        name: "shutdown",
        what: "the leader is shut down in order, and starts again",
        cluster: "",
        faults: "[[fault]]\nat = [\"3s\", \"6s\"]\nshutdown = 1\nfor = \"4s\"\n",
    },
    FaultCase {
        name: "planned-move",
        what: "leadership moves to another replica, as in a preferred election",
        cluster: "",
        faults: "[[fault]]\nat = [\"3s\", \"6s\"]\nelect = \"events-0\"\nto = 2\n",
    },
    FaultCase {
        name: "leader-pause",
        what: "the leader stands still until after it has been fenced",
        cluster: "",
        faults: "[[fault]]\nat = [\"3s\", \"6s\"]\npause = 1\nfor = \"12s\"\n",
    },
    FaultCase {
        name: "leader-isolated",
        what: "only clients can reach the leader",
        cluster: "",
        faults: "[[fault]]\nat = [\"3s\", \"6s\"]\nisolate = 1\nfrom = \"cluster\"\nfor = \"12s\"\n",
    },
    FaultCase {
        name: "lost-requests",
        what: "one request in ten is lost with its connection",
        cluster: "",
        faults: "[[fault]]\nat = \"2s\"\ndrop-requests = \"all\"\nchance = \"10%\"\nfor = \"10s\"\n",
    },
    FaultCase {
        name: "lost-responses",
        what: "the answer to one request in ten is lost, after the append",
        cluster: "",
        faults: "[[fault]]\nat = \"2s\"\ndrop-responses = \"all\"\nchance = \"10%\"\nfor = \"10s\"\n",
    },
];
