//! Faults of connections, where several messages are under way at once.

mod support;

use lingersim::world::result::RunResult;
use support::simulate;

/// A record every 10 ms to one broker, from 10 s on over a connection that is worse for a second.
fn worse(name: &str, fault: &str) -> RunResult {
    let text = format!(
        "[run]\nduration = \"30s\"\n[cluster]\nbrokers = 1\npartitions = 1\nreplication = 1\n\
         [workload]\narrivals = \"constant\"\nrate = \"100/s\"\nvalue = \"200B\"\n\
         [[fault]]\nat = \"10s\"\nfor = \"1s\"\n{fault}\n"
    );
    simulate(&format!("link-faults-{name}"), &text)
}

#[test]
fn messages_that_are_late_are_not_late_behind_each_other() {
    // All five requests in flight are late on their way there; the answers are not, as it is over by then.
    let run = worse("delay", "delay = 1\nby = \"3s\"");
    assert_eq!(run.faults[0].touched, 5);
    let most_ms = run.latency.max() / 1_000_000;
    assert!((3_000..3_050).contains(&most_ms), "{most_ms} ms");
}

#[test]
fn retransmissions_of_several_messages_go_on_at_the_same_time() {
    // Nearly every message is lost ten times in a row: it is late by 200 ms x 1023, and so are those beside it.
    let run = worse(
        "loss",
        "loss = 1\nchance = \"99.9%\"\n[producer]\nrequest.timeout.ms = 300000\ndelivery.timeout.ms = 600000",
    );
    assert_eq!(run.populations.acked, run.populations.offered);
    let most_s = run.latency.max() / 1_000_000_000;
    assert!((200..206).contains(&most_s), "{most_s} s");
}

#[test]
fn messages_share_a_bandwidth() {
    // A batch of one record is 279 bytes, so five of them are 11 kbit and some overhead.
    let run = worse("bandwidth", "bandwidth = 1\nlimit = \"1kbit/s\"");
    let silence_ms = run.longest_silence.span.0 / 1_000_000;
    let most_ms = run.latency.max() / 1_000_000;
    assert!(most_ms > 4 * 2_200 && silence_ms < most_ms / 2, "{most_ms} ms, {silence_ms} ms of silence");
}
