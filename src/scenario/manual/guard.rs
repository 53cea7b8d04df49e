//! What a run is held to.

use super::kind::Kind;
use super::{Section, row};
use crate::scenario::gate::PROMISES;
use crate::scenario::limits;

/// A condition on a figure of the run.
pub const GATE: Section = Section::new(
    "gate",
    "A condition on a figure of the run.",
    &[
        row("metric", Kind::Text, "which figure; `lingersim metrics` lists all").needed(),
        row("expr", Kind::Text, "what has to hold: `p(99) < 25ms`").said("condition").needed(),
        row("where", Kind::Table, "labels of the metric, for example `{ partition = \"0..5\" }`"),
        row(
            "during",
            Kind::Text,
            "a part of the run: `10s..30s`, `10s..`, `fault:NAME`, `recovery:NAME`; all of it without",
        )
        .said("time"),
        row("seeds", Kind::Text, "for which of several seeds: `all` (the worst counts), `median`, `95%`")
            .preset("all"),
        row("level", Kind::Words(&["error", "warn", "off"]), "what it means if it does not hold")
            .preset("error"),
        row("allow-empty", Kind::Flag, "a part of the run without any value is no error").preset("false"),
        row("why", Kind::Text, "told if it does not hold"),
    ],
);

/// What a sweep varies.
pub const SWEEP: Section = Section::new(
    "sweep",
    "What a sweep varies.",
    &[
        row(
            "axes",
            Kind::Table,
            "keys with their values: a list, or a range such as `\"0..50 step 10\"`, `\"1KiB..1MiB log 11\"`",
        ),
        row("design", Kind::Words(&["grid", "latin-hypercube"]), "every combination, or so many `samples`")
            .preset("grid"),
        row("samples", Kind::Count(1, limits::POINTS), "points of a Latin hypercube").preset("64"),
        row(
            "replications",
            Kind::Count(1, limits::CHECK_SEEDS),
            "runs of each point, with the same seeds in all",
        )
        .preset("3"),
        row(
            "metrics",
            Kind::List(&Kind::Text, 0, 1_000),
            "what is read of each run: `[\"sim-record-latency p(99)\"]`; without it the usual figures",
        ),
    ],
);

/// How a run is checked.
pub const CHECK: Section = Section::new(
    "check",
    "How a run is checked.",
    &[
        row("seeds", Kind::Count(1, limits::CHECK_SEEDS), "runs, with seeds from that of the scenario on")
            .preset("1"),
        row(
            "baseline",
            Kind::Words(&["exact", "tolerance", "off"]),
            "nothing may have changed, or no metric is worse by more than its tolerance, or there is no baseline",
        )
        .preset("exact"),
        row(
            "tolerance",
            Kind::Either(&[Kind::Text, Kind::Named(&Kind::Either(&[Kind::Text, Kind::Table]))]),
            "`\"2%\"`, or by metric (`*`: all others) a share or `{ rel = \"2%\", abs = \"0.5ms\" }`",
        )
        .said("share, or table"),
        row(
            "may-break",
            Kind::List(&Kind::Words(&PROMISES), 0, 5),
            "promises of the configuration that Kafka itself does not keep here",
        ),
    ],
);
