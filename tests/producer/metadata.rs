//! Metadata: what is asked when, and what of the answers counts.

use lingersim::config::producer::{ProducerConfig, RecoveryStrategy};
use lingersim::producer::{Exception, Sent};
use lingersim::protocol::error::ErrorCode;
use lingersim::values::time::Time;

use crate::client::{Client, Did, plain};

fn asked(client: &mut Client) -> Vec<(u64, Vec<u32>)> {
    let asked = |(at, did)| match did {
        Did::Metadata(_, topics) => Some((at, topics)),
        _ => None,
    };
    client.did.drain(..).filter_map(asked).collect()
}

/// META-5, META-6, META-7: metadata that comes at the very end of max.block.ms is too late, one millisecond before it
/// is in time.
#[test]
fn metadata_must_come_before_max_block_ms() {
    for (after, in_time) in [(999, true), (1_000, false)] {
        let mut client = Client::new(ProducerConfig { max_block_ms: 1_000, ..plain() }, &[1]);
        client.until(0);
        client.did.clear();
        client.topic_error = ErrorCode::UnknownTopicOrPartition;
        client.send_to(0);
        client.until(0);
        client.resume(0);
        client.metadata_answers = false;
        client.until(500);
        let request = client.did.iter().rev().find_map(|(_, did)| match did {
            Did::Metadata(node, _) => Some(*node),
            _ => None,
        });
        client.at(after);
        client.topic_error = ErrorCode::None;
        client.answer_metadata(request.expect("a request"));
        client.until(after);
        assert!(client.producer.is_runnable(0));
        match client.resume(0) {
            Sent::Appended { .. } => assert!(in_time),
            Sent::Rejected { exception, .. } => {
                assert_eq!((exception, in_time), (Exception::TimeoutException, false));
            }
            blocked => panic!("{blocked:?}"),
        }
    }
}

/// META-8, META-1: a topic that may not be written to fails the wait; an invalid one fails later sends at once.
#[test]
fn errors_of_a_topic_end_the_wait_for_it() {
    for (error, exception, blocks_again) in [
        (ErrorCode::TopicAuthorizationFailed, Exception::TopicAuthorizationException, true),
        (ErrorCode::InvalidTopicException, Exception::InvalidTopicException, false),
    ] {
        let mut client = Client::new(plain(), &[1]);
        client.topic_error = error;
        client.until(0);
        client.send_to(-1);
        client.until(0);
        assert_eq!(client.resume(0), Sent::Rejected { exception, partition: -1 });
        assert_eq!(matches!(client.send_to(-1), Sent::Blocked { .. }), blocks_again, "{error:?}");
    }
}

/// META-9, META-10: what the wait took is gone from the time for memory, and is a metric.
#[test]
fn the_wait_for_metadata_is_counted() {
    let mut client = Client::new(plain(), &[1]);
    client.metadata_answers = false;
    client.until(0);
    client.send_to(0);
    client.until(30);
    client.answer_metadata(-1);
    client.metadata_answers = true;
    client.until(30);
    client.resume(0);
    client.until(31);
    client.resume(0);
    assert!(matches!(client.resume(0), Sent::Rejected { .. }), "it is not blocked any more");
    assert!(client.metric("metadata-wait-time-ns-total") >= 30_000_000.0);
}

/// MDU-9, META-12: a topic that has not been used for metadata.max.idle.ms leaves with the next response, and is new
/// when it comes back.
#[test]
fn an_idle_topic_is_forgotten() {
    let config = ProducerConfig { metadata_max_idle_ms: 5_000, metadata_max_age_ms: 10_000, ..plain() };
    let mut client = Client::warm(config, &[1]);
    client.until(25_000);
    let asked = asked(&mut client);
    assert_eq!(asked.last().map(|(_, topics)| topics.len()), Some(0), "{asked:?}");
    assert!(matches!(client.send_to(0), Sent::Blocked { .. }));
}

/// MDU-10: an older leader epoch than the one seen is not believed.
#[test]
fn an_older_epoch_does_not_bring_the_old_leader_back() {
    let mut client = Client::warm(plain(), &[1]);
    client.leaders[0] = (2, 5);
    client.send_to(0);
    client.until(client.now);
    client.answer_error(0, ErrorCode::NotLeaderOrFollower);
    client.until(client.now + 1_000);
    assert_eq!(client.written[0].node, 2);
    client.leaders[0] = (1, 4);
    client.answer_error(0, ErrorCode::NotLeaderOrFollower);
    client.until(client.now + 1_000);
    assert_eq!(client.written[0].node, 2, "epoch 4 is older than 5");
    client.leaders[0] = (1, 6);
    client.answer_error(0, ErrorCode::NotLeaderOrFollower);
    client.until(client.now + 1_000);
    assert_eq!(client.written[0].node, 1);
}

/// MDU-6: an answer without brokers is a failure, after which the client asks again.
#[test]
fn an_empty_list_of_brokers_is_no_answer() {
    let mut client = Client::new(plain(), &[1]);
    client.metadata_answers = false;
    client.until(0);
    client.did.clear();
    client.answer_metadata_without_brokers(-1);
    client.until(1_000);
    let asked = asked(&mut client);
    assert_eq!(asked.first().map(|(at, _)| *at), Some(100), "after the backoff");
    assert!(client.metric("metadata-age") > 1_000.0, "never updated");
}

/// MDU-15: a leader that is not among the brokers is none. RDY-9: its partition does not wake the sender.
#[test]
fn a_leader_outside_the_list_of_brokers_is_no_leader() {
    let mut client = Client::new(plain(), &[9]);
    client.until(0);
    client.send_to(0);
    client.until(0);
    assert!(matches!(client.resume(0), Sent::Appended { .. }), "the partition exists");
    client.until(1_000);
    assert!(client.written.is_empty());
    assert!(asked(&mut client).len() > 5, "and new metadata is asked for again and again");
}

/// SND-3, DRN-11: a topic that has left the metadata while records of it linger is asked for again
/// at once: a queue without leader is seen in every pass.
#[test]
fn a_lingering_record_brings_its_forgotten_topic_back() {
    let config = ProducerConfig {
        linger_ms: 20_000,
        metadata_max_idle_ms: 5_000,
        metadata_max_age_ms: 6_000,
        ..plain()
    };
    let mut client = Client::warm(config, &[1]);
    client.send_to(0);
    client.until(client.now + 19_000);
    let asked = asked(&mut client);
    assert!(asked.windows(2).any(|pair| pair[1].0 - pair[0].0 <= 1), "{asked:?}");
    client.until(client.now + 1_000);
    assert_eq!(client.written.len(), 1);
}

/// MDU-2: metadata is asked for again at its age.
#[test]
fn metadata_is_refreshed_at_its_age() {
    let mut client = Client::warm(ProducerConfig { metadata_max_age_ms: 5_000, ..plain() }, &[1]);
    client.until(11_000);
    let times: Vec<u64> = asked(&mut client).iter().map(|(at, _)| *at).collect();
    assert_eq!(times.len(), 2);
    assert_eq!(times[1] - times[0], 5_000);
}

/// MDU-3: after so long without an answer every connection is given up for the bootstrap servers, unless the strategy
/// is `none`.
#[test]
fn without_an_answer_the_client_starts_again_from_its_bootstrap_servers() {
    for (strategy, again) in [(RecoveryStrategy::Rebootstrap, true), (RecoveryStrategy::None, false)] {
        let config = ProducerConfig {
            metadata_max_age_ms: 5_000,
            metadata_recovery_strategy: strategy,
            metadata_recovery_rebootstrap_trigger_ms: 1_000,
            request_timeout_ms: 500,
            ..plain()
        };
        let mut client = Client::warm(config, &[1]);
        client.metadata_answers = false;
        client.until(9_000);
        let asked: Vec<i32> = client
            .did
            .iter()
            .filter_map(|(_, did)| match did {
                Did::Metadata(node, _) => Some(*node),
                _ => None,
            })
            .collect();
        assert_eq!(asked.contains(&-1), again, "{asked:?}");
    }
}

/// Backoffs that grow; without recorded draws the jitter is always the smallest, a factor of 0.8.
fn growing() -> ProducerConfig {
    ProducerConfig { retry_backoff_max_ms: 1_000, reconnect_backoff_max_ms: 1_000, ..plain() }
}

fn gaps(times: &[u64]) -> Vec<u64> {
    times.windows(2).map(|pair| pair[1] - pair[0]).collect()
}

/// MDU-1, MDU-14, MDU-7: a topic that is missing is asked for again and again, and the more answers say nothing new, the
/// later.
#[test]
fn a_missing_topic_is_asked_for_ever_more_rarely() {
    let mut client = Client::new(growing(), &[1]);
    client.topic_error = ErrorCode::UnknownTopicOrPartition;
    client.until(0);
    client.did.clear();
    client.send_to(0);
    client.until(5_000);
    let times: Vec<u64> = asked(&mut client).iter().map(|(at, _)| *at).collect();
    let gaps = gaps(&times);
    assert_eq!(gaps[..5], [80, 160, 320, 640, 800], "{gaps:?}");
}

/// MDU-12, MDU-6: failed updates come ever more rarely too.
#[test]
fn failed_updates_are_repeated_ever_more_rarely() {
    let mut client = Client::new(growing(), &[1]);
    client.without_brokers = true;
    client.until(5_000);
    let times: Vec<u64> = asked(&mut client).iter().map(|(at, _)| *at).collect();
    let gaps = gaps(&times);
    assert_eq!(gaps[..5], [80, 160, 320, 640, 800], "{gaps:?}");
}

/// TMO-4: a metadata request that is lost with its connection counts as a failed update, and waits for the backoff.
#[test]
fn a_lost_metadata_request_waits_for_its_backoff() {
    let mut client = Client::new(plain(), &[1]);
    client.metadata_answers = false;
    client.until(1_000);
    client.did.clear();
    client.disconnect(-1);
    client.until(2_000);
    let times: Vec<u64> = asked(&mut client).iter().map(|(at, _)| *at).collect();
    assert!(times[0] >= 1_100, "{times:?}");
}

/// MDU-4: while a connection for metadata is being made the client looks again every reconnect.backoff.ms. CST-6: an
/// attempt that comes to no end is given up after its timeout.
#[test]
fn an_attempt_to_connect_is_given_up() {
    let mut client = Client::new(plain(), &[1]);
    client.connects = false;
    client.until(0);
    assert_eq!(client.producer.next_poll(), Time::from_millis(50));
    client.until(10_000);
    assert_eq!(client.news(), [Did::Connect(-1)]);
    client.until(10_050);
    assert_eq!(client.news()[0], Did::Close(-1));
}

/// CST-4, CST-5: reconnect backoffs double while attempts fail, and start again with a connection that comes up.
#[test]
fn a_connection_that_comes_up_starts_its_backoffs_again() {
    let config = ProducerConfig { retry_backoff_ms: 10, retry_backoff_max_ms: 10, ..growing() };
    let mut client = Client::warm(config, &[1]);
    let connects = |client: &mut Client| {
        client.send_to(0);
        client.until(client.now + 50);
        let broken = client.now;
        client.did.clear();
        client.reachable = false;
        client.disconnect(1);
        client.until(broken + 600);
        client.reachable = true;
        client.until(broken + 2_000);
        client.answer_ok(0);
        client.until(client.now);
        let times =
            client.did.drain(..).filter(|(_, did)| *did == Did::Connect(1)).map(|(at, _)| at - broken);
        times.collect::<Vec<_>>()
    };
    let first = connects(&mut client);
    assert_eq!(first[..4], [40, 120, 280, 600]);
    assert_eq!(connects(&mut client), first);
}

/// MDU-7, MDU-9: a topic that has been forgotten and comes back is no equivalent answer, whatever its epochs say; the
/// backoffs start again as they did the first time.
#[test]
fn a_topic_that_comes_back_counts_as_news() {
    let config = ProducerConfig { metadata_max_idle_ms: 5_000, metadata_max_age_ms: 8_000, ..growing() };
    let mut client = Client::new(config, &[-1]);
    client.until(0);
    let gaps_of_a_send = |client: &mut Client, thread| {
        client.did.clear();
        // A partition that does not exist: the topic is asked for as long as it is not forgotten.
        let record = client.record(5, 100);
        client.send(thread, &record);
        client.until(client.now + 20_000);
        let asked = asked(client);
        gaps(&asked.iter().take(6).map(|(at, _)| *at).collect::<Vec<_>>())
    };
    let first = gaps_of_a_send(&mut client, 0);
    assert_eq!(first[..4], [80, 80, 160, 320], "{first:?}");
    assert_eq!(gaps_of_a_send(&mut client, 1), first);
}
