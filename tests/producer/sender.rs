//! The sender: what is ready, what is drained, what expires, and what the network makes of it.

use lingersim::config::producer::{ClientVersion, ProducerConfig};
use lingersim::producer::Exception;
use lingersim::protocol::compression::Compression;
use lingersim::protocol::error::ErrorCode;
use lingersim::protocol::message::{Acks, BatchResult, LeaderHint};
use lingersim::protocol::record::Record;
use lingersim::values::ids::{NodeId, TopicId};
use lingersim::values::time::Time;

use crate::client::{Client, Did, plain};

const LINGER_MS: u64 = 100;

fn lingering() -> ProducerConfig {
    ProducerConfig { linger_ms: LINGER_MS as i64, ..plain() }
}

/// RDY-3, HAZ-4: linger runs from the first record of a batch, and ends to the millisecond.
#[test]
fn linger_runs_from_the_first_record() {
    let mut client = Client::warm(lingering(), &[1]);
    let start = client.now;
    client.send_to(0);
    client.until(start + 60);
    client.send_to(0);
    client.until(start + LINGER_MS - 1);
    assert!(client.written.is_empty());
    client.until(start + LINGER_MS);
    assert_eq!(client.written[0].batches[0].records, 2);
}

/// DRN-2, RDY-1: one batch that is ready takes along what the other partitions of its node have, however young, and
/// nothing of other nodes.
#[test]
fn a_ready_batch_takes_its_nodes_other_batches_along() {
    let mut client = Client::warm(lingering(), &[1, 1, 2]);
    let start = client.now;
    client.send_to(0);
    client.until(start + 90);
    client.send_to(1);
    client.send_to(2);
    client.until(start + LINGER_MS);
    assert_eq!(client.written.len(), 1);
    assert_eq!((client.written[0].node, client.written[0].batches.len()), (1, 2));
}

/// RDY-4: without linger a record goes at once.
#[test]
fn without_linger_nothing_waits() {
    let mut client = Client::warm(plain(), &[1]);
    client.send_to(0);
    client.until(client.now);
    assert_eq!(client.written.len(), 1);
}

/// SEND-13: the sender is woken for a new batch and for a full queue, and not for a record that joins an open batch.
/// THR-6: several wake-ups end one poll.
#[test]
fn only_new_and_full_batches_wake_the_sender() {
    let mut client = Client::warm(ProducerConfig { batch_size: 500, ..lingering() }, &[1]);
    let due = |client: &Client| client.producer.next_poll() <= Time::from_millis(client.now);
    client.send_to(0);
    assert!(due(&client));
    client.until(client.now);
    client.send_to(0);
    assert!(!due(&client), "it joins the open batch");
    client.send_to(0);
    client.send_to(0);
    assert!(!due(&client), "four records fit");
    client.send_to(0);
    assert!(due(&client), "the fifth opens a second batch");
}

/// SND-2, SND-5, SND-12, DRN-1: one batch of a partition in a request. DRN-3: every circle starts one place before the last one.
#[test]
fn requests_have_one_batch_a_partition_and_start_one_place_earlier_each_time() {
    let mut client = Client::warm(ProducerConfig { batch_size: 186, ..plain() }, &[1; 4]);
    for _ in 0..3 {
        client.send_to_each(4);
    }
    client.until(client.now);
    let orders: Vec<Vec<u32>> = client.written.iter().map(|request| request.partitions()).collect();
    assert_eq!(orders.len(), 3);
    for pair in orders.windows(2) {
        let mut rotated = pair[0].clone();
        rotated.rotate_right(1);
        assert_eq!(pair[1], rotated);
    }
}

/// DRN-5 to DRN-9: max.request.size counts bytes of batches, and what does not fit ends the request; a batch that is
/// too large for any goes alone.
#[test]
fn a_request_takes_batches_up_to_max_request_size() {
    let batches = |max_request_size| {
        let mut client = Client::warm(ProducerConfig { max_request_size, ..plain() }, &[1; 3]);
        client.send_to_each(3);
        client.until(client.now);
        client.written.iter().map(|request| request.batches.len()).collect::<Vec<_>>()
    };
    // A batch with one such record has 170 bytes; 186 is what a record of its size must be allowed.
    assert_eq!(batches(186), [1, 1, 1]);
    assert_eq!(batches(339), [1, 1, 1]);
    assert_eq!(batches(340), [2, 1]);
    assert_eq!(batches(510), [3]);
}

/// RDN-4: no more requests in flight than allowed; SND-23: whoever comes later is batched meanwhile.
#[test]
fn at_most_so_many_requests_are_in_flight() {
    let mut client = Client::warm(ProducerConfig { max_in_flight: 2, ..plain() }, &[1]);
    for _ in 0..5 {
        client.send_to(0);
        client.until(client.now + 1);
    }
    assert_eq!(client.written.len(), 2);
    client.answer_ok(0);
    client.until(client.now);
    assert_eq!(client.written.iter().map(|request| request.batches[0].records).collect::<Vec<_>>(), [1, 3]);
}

/// CON-6, SND-7, RDY-2, ABT-5: with one request in flight a partition whose batch is on its way is left alone, also when its
/// leader has moved.
#[test]
fn one_in_flight_keeps_a_partition_in_order_over_a_move_of_its_leader() {
    let mut client = Client::warm(ProducerConfig { max_in_flight: 1, ..plain() }, &[1, 1]);
    client.send_to(0);
    client.until(client.now);
    client.leaders[0] = (2, 1);
    client.producer.disconnected(NodeId(2));
    client.until(client.now + 500);
    client.send_to(0);
    client.until(client.now + 500);
    assert_eq!(client.written.len(), 1);
    client.answer_ok(0);
    client.until(client.now + 500);
    assert_eq!(client.written.iter().map(|request| request.node).collect::<Vec<_>>(), [2]);
}

/// EXP-7: the expiry of what is in flight does not free its partition; only the answer does.
#[test]
fn an_expired_batch_still_holds_its_partition() {
    let config =
        ProducerConfig { max_in_flight: 1, delivery_timeout_ms: 1_000, request_timeout_ms: 5_000, ..plain() };
    let mut client = Client::warm(config, &[1, 2]);
    client.send_to(0);
    client.until(client.now + 1_000);
    assert_eq!(client.completions().len(), 1);
    client.send_to(0);
    client.until(client.now + 100);
    assert_eq!(client.written.len(), 1);
    client.answer_ok(0);
    client.until(client.now);
    assert_eq!(client.written.len(), 1, "the second batch");
}

/// EXP-1, EXP-3, EXP-5, PB-2, SND-6: what waits and what is in flight fails at its delivery timeout, queued batches first (SND-9).
#[test]
fn batches_expire_at_their_delivery_timeout() {
    let config = ProducerConfig { delivery_timeout_ms: 1_000, max_in_flight: 1, ..plain() };
    let mut client = Client::warm(config, &[1]);
    let start = client.now;
    client.send_to(0);
    client.until(start);
    client.send_to(0);
    client.until(start + 999);
    assert_eq!(client.completions(), []);
    client.until(start + 1_000);
    let timeout = Err("TimeoutException".to_owned());
    assert_eq!(client.completions(), [(0, vec![2], timeout.clone()), (0, vec![1], timeout)]);
}

/// EXP-2, EXP-3, EXP-4: an older batch behind a younger one, as retries can leave it, is not looked at, and does not
/// wake the sender either.
#[test]
fn an_older_batch_behind_a_younger_one_expires_with_it() {
    let config = ProducerConfig {
        delivery_timeout_ms: 1_000,
        retry_backoff_ms: 2_000,
        retry_backoff_max_ms: 2_000,
        ..plain()
    };
    let mut client = Client::warm(config, &[1]);
    let start = client.now;
    client.send_to(0);
    client.until(start + 10);
    client.send_to(0);
    client.until(start + 10);
    client.answer_error(0, ErrorCode::NotEnoughReplicas);
    client.answer_error(0, ErrorCode::NotEnoughReplicas);
    client.until(start + 1_005);
    assert!(client.completions().is_empty(), "the second stands before the first");
    assert!(client.producer.next_poll() >= Time::from_millis(start + 1_010), "there is nothing to do before");
    client.until(start + 1_010);
    let tags: Vec<Vec<u64>> = client.completions().into_iter().map(|(_, tags, _)| tags).collect();
    assert_eq!(tags, [[2], [1]]);
}

/// SND-8, SND-20: a batch that expires in the pass that drains it fails, and its request leaves all the same.
#[test]
fn a_batch_that_expires_as_it_is_drained_is_still_sent() {
    let config = ProducerConfig { delivery_timeout_ms: 100, ..lingering() };
    let mut client = Client::warm(config, &[1]);
    client.send_to(0);
    client.until(client.now + LINGER_MS);
    assert_eq!((client.completions().len(), client.written.len()), (1, 1));
    client.answer_ok(0);
    client.until(client.now);
    assert_eq!(client.completions(), [], "its answer is of no interest");
}

/// PB-7, 7.7: the first end of a batch counts; a late error only counts in the metric again.
#[test]
fn a_late_answer_changes_nothing() {
    let config = ProducerConfig { delivery_timeout_ms: 100, ..plain() };
    let mut client = Client::warm(config, &[1]);
    client.send_to(0);
    client.until(client.now + 100);
    assert_eq!((client.completions().len(), client.metric("record-error-total")), (1, 1.0));
    client.answer_error(0, ErrorCode::NotEnoughReplicas);
    client.until(client.now + 1_000);
    assert_eq!((client.completions().len(), client.written.len()), (0, 0));
    assert_eq!(client.metric("record-error-total"), 2.0);
}

/// PB-1, PB-3, PB-9, RDY-5, RDY-6, ACC-1, ACC-2: a batch in retry takes no more records, but one behind it does; it waits for its backoff, and so do younger ones of its partition.
#[test]
fn a_backoff_holds_the_whole_partition() {
    let mut client = Client::warm(plain(), &[1]);
    client.send_to(0);
    client.until(client.now);
    client.answer_error(0, ErrorCode::NotEnoughReplicas);
    client.until(client.now);
    client.send_to(0);
    client.send_to(0);
    let failed = client.now;
    client.until(failed + 99);
    assert!(client.written.is_empty());
    client.until(failed + 100);
    let records: Vec<u32> = client.written.iter().map(|request| request.batches[0].records).collect();
    assert_eq!(records, [1, 2], "then one after the other, without linger");
}

/// RDY-7, FLU-4: neither flush nor close ends a backoff.
#[test]
fn a_flush_does_not_end_a_backoff() {
    let mut client = Client::warm(plain(), &[1]);
    client.send_to(0);
    client.until(client.now);
    client.answer_error(0, ErrorCode::NotEnoughReplicas);
    client.until(client.now);
    client.flush();
    client.producer.close();
    client.until(client.now + 99);
    assert!(client.written.is_empty());
    client.until(client.now + 1);
    assert_eq!(client.written.len(), 1);
}

/// PB-5, PB-6, 7.6: a leader hint with a newer epoch sends the batch to the new leader at once, one with the same epoch
/// does not, and the next failure waits again.
#[test]
fn a_leader_hint_ends_the_backoff_once() {
    for (epoch, waits) in [(1, false), (0, true)] {
        let mut client = Client::warm(plain(), &[1, 2]);
        client.metadata_answers = false;
        client.send_to(0);
        client.until(client.now);
        let hint = Some(LeaderHint { node: NodeId(2), leader_epoch: epoch });
        let failed = BatchResult::failed(ErrorCode::NotLeaderOrFollower);
        client.answer(0, &[BatchResult { leader_hint: hint, ..failed }]);
        client.until(client.now);
        // New metadata is due, and has to be asked for before anything else is sent (RDN-2).
        client.until(client.now + 99);
        assert_eq!(client.written.is_empty(), waits, "epoch {epoch}");
        if !waits {
            assert_eq!(client.written[0].node, 2);
            client.answer_error(0, ErrorCode::NotEnoughReplicas);
            client.until(client.now + 99);
            assert!(client.written.is_empty(), "no news of the leader this time");
        }
    }
}

/// 5.6: without sequences two batches that fail change places.
#[test]
fn retries_without_idempotence_reorder() {
    let mut client = Client::warm(plain(), &[1]);
    for _ in 0..2 {
        client.send_to(0);
        client.until(client.now + 1);
    }
    client.answer_error(0, ErrorCode::NotEnoughReplicas);
    client.answer_error(0, ErrorCode::NotEnoughReplicas);
    client.until(client.now + 200);
    client.answer_ok(0);
    client.answer_ok(0);
    client.until(client.now);
    let tags: Vec<Vec<u64>> = client.completions().into_iter().map(|(_, tags, _)| tags).collect();
    assert_eq!(tags, [[2], [1]]);
}

/// SPL-1 to SPL-9: a batch that is too large becomes several that go one by one, keep its age, and complete for
/// themselves; a single record is refused.
#[test]
fn a_batch_that_is_too_large_is_split() {
    let mut client = Client::warm(ProducerConfig { batch_size: 400, ..lingering() }, &[1]);
    let start = client.now;
    client.send_to(0);
    client.send_to(0);
    client.send_to(0);
    client.until(start + LINGER_MS);
    assert_eq!(client.written[0].batches[0].records, 3);
    let retries = client.metric("record-retry-total");
    client.answer_error(0, ErrorCode::MessageTooLarge);
    client.until(client.now);
    assert_eq!(client.metric("batch-split-total"), 1.0);
    assert_eq!(client.metric("record-retry-total"), retries);
    assert_eq!(client.metric("buffer-available-bytes"), client.metric("buffer-total-bytes"));
    // The first split may give an equal child; a child is halved.
    client.answer_error(0, ErrorCode::MessageTooLarge);
    client.until(client.now);
    let counts: Vec<u32> = client.written.iter().map(|request| request.batches[0].records).collect();
    assert_eq!(counts, [1, 1, 1]);
    client.answer(0, &[BatchResult::ok(7)]);
    client.answer_error(0, ErrorCode::MessageTooLarge);
    client.answer(0, &[BatchResult::ok(8)]);
    client.until(client.now);
    let too_large = Err("RecordTooLargeException".to_owned());
    assert_eq!(client.completions(), [(0, vec![1], Ok(7)), (0, vec![2], too_large), (0, vec![3], Ok(8))]);
}

/// HSH-7, ABT-1: what is incomplete is aborted in order of creation, and the children of a split are created from the
/// last to the first.
#[test]
fn a_forced_close_aborts_the_children_of_a_split_last_one_first() {
    let mut client = Client::warm(ProducerConfig { batch_size: 250, max_in_flight: 1, ..lingering() }, &[1]);
    client.send_to(0);
    client.until(client.now + LINGER_MS);
    client.answer_ok(0);
    client.until(client.now);
    client.did.clear();
    // Two records of 30 bytes and the header fit into 250; a child takes one at its second split.
    for _ in 0..2 {
        let record = client.record(0, 30);
        client.send(0, &record);
    }
    client.until(client.now + LINGER_MS);
    assert_eq!(client.written[0].batches[0].records, 2);
    client.answer_error(0, ErrorCode::MessageTooLarge);
    client.until(client.now);
    client.answer_error(0, ErrorCode::MessageTooLarge);
    client.until(client.now);
    client.producer.force_close();
    client.until(client.now + 1);
    let tags: Vec<Vec<u64>> = client.completions().into_iter().map(|(_, tags, _)| tags).collect();
    assert_eq!(tags, [[3], [2]]);
}

/// TMO-1, HAZ-3: a request times out when more than request.timeout.ms have passed. TMO-2, TMO-7: its connection dies
/// with all that is on it.
#[test]
fn a_request_that_is_overdue_takes_its_connection_along() {
    let mut client = Client::warm(ProducerConfig { request_timeout_ms: 1_000, ..plain() }, &[1]);
    let start = client.now;
    client.send_to(0);
    client.until(start + 900);
    client.send_to(0);
    client.until(start + 1_000);
    assert!(!client.news().contains(&Did::Close(1)), "exactly the timeout is in time");
    client.until(start + 1_001);
    assert!(!client.news().contains(&Did::Close(1)), "nobody looks");
    client.send_to(0);
    client.until(start + 1_001);
    let news = client.news();
    assert!(news.contains(&Did::Close(1)), "{news:?}");
    assert_eq!(news.iter().filter(|did| matches!(did, Did::Retried(0))).count(), 2);
}

/// TMO-5, MDU-13: a connection that breaks asks for metadata. SND-4, RDN-1, CST-1, CST-2, CST-5: and is made again after the backoff,
/// TMO-3: when what was on it has failed.
#[test]
fn a_broken_connection_is_made_again_after_its_backoff() {
    let mut client = Client::warm(plain(), &[1]);
    client.send_to(0);
    client.until(client.now);
    client.did.clear();
    let broken = client.now;
    client.disconnect(1);
    client.until(broken + 200);
    let first = |wanted: fn(&Did) -> bool| client.did.iter().find(|(_, did)| wanted(did)).map(|(at, _)| *at);
    assert_eq!(first(|did| matches!(did, Did::Retried(0))), Some(broken));
    assert!(first(|did| matches!(did, Did::Metadata(..))).is_some());
    let again = first(|did| *did == Did::Connect(1)).expect("a second connection");
    assert!(again >= broken + 50, "{again}");
}

/// RDN-3, CST-7, CST-8, NET-5: a throttled connection is left alone until its time, which only moves forward. 6.13: the
/// time does not count against requests that are in flight.
#[test]
fn a_throttled_connection_is_left_alone() {
    let mut client = Client::warm(ProducerConfig { request_timeout_ms: 1_000, ..plain() }, &[1]);
    for _ in 0..3 {
        client.send_to(0);
        client.until(client.now + 1);
    }
    let start = client.now;
    client.answer_throttled(0, &[BatchResult::ok(0)], 800);
    client.until(start);
    client.answer_throttled(0, &[BatchResult::ok(1)], 100);
    client.until(start);
    assert_eq!(client.metric("produce-throttle-time-max"), 800.0);
    client.send_to(0);
    client.until(start + 799);
    assert_eq!(client.written.len(), 1, "the third request is still on its way");
    client.until(start + 800);
    assert_eq!(client.written.len(), 2);
    client.did.clear();
    client.until(start + 1_700);
    assert!(!client.news().contains(&Did::Close(1)), "900 ms of throttling come on top");
}

/// PRQ-4: acks=0 is done when it is written, without offset. PRQ-2: the request says so.
#[test]
fn acks_0_is_done_when_it_is_written() {
    let mut client = Client::warm(ProducerConfig { acks: Acks::None, ..plain() }, &[1]);
    client.written.clear();
    client.send_to(0);
    client.until(client.now);
    assert_eq!(client.completions(), [(0, vec![1], Ok(-1))]);
    assert_eq!(client.metric("requests-in-flight"), 0.0);
}

/// NET-1, RDN-6: of one connection the client takes one answer a poll, always that of the oldest request.
#[test]
fn answers_are_taken_one_a_poll() {
    let mut client = Client::warm(plain(), &[1]);
    for _ in 0..2 {
        client.send_to(0);
        client.until(client.now + 1);
    }
    client.answer_ok(0);
    client.answer_ok(0);
    let mut out = Vec::new();
    client.producer.poll(Time::from_millis(client.now), &mut out);
    assert_eq!(client.metric("requests-in-flight"), 1.0);
    client.producer.poll(Time::from_millis(client.now), &mut out);
    assert_eq!(client.metric("requests-in-flight"), 0.0);
}

/// 7.5: of a batch with rejected records, these get their own exception, and the others a general one.
#[test]
fn rejected_records_are_named() {
    for (errors, expected) in [
        (&[(0, 1)][..], [Exception::KafkaException, Exception::Broker(ErrorCode::InvalidRecord)]),
        (&[(0, 0), (0, 1)], [Exception::InvalidRecordException; 2]),
    ] {
        let mut client = Client::warm(lingering(), &[1]);
        client.send_to(0);
        client.send_to(0);
        client.until(client.now + LINGER_MS);
        client.written.clear();
        client.producer.produced(NodeId(1), &[BatchResult::failed(ErrorCode::InvalidRecord)], errors, 0);
        let mut out = Vec::new();
        client.producer.poll(Time::from_millis(client.now), &mut out);
        let outcome = out.iter().find_map(|output| match output {
            lingersim::producer::Output::Completed { outcome, .. } => Some(*outcome),
            _ => None,
        });
        let outcome = outcome.expect("the end of the batch");
        let exceptions = [0, 1].map(|index| client.producer.record_exception(&outcome, index));
        assert_eq!(exceptions, expected.map(Some));
    }
}

/// CB-7, HSH-5: batches of an answered request complete in the order of the answer. CB-6: requests of a connection in
/// the order of sending.
#[test]
fn batches_complete_in_the_order_of_answers() {
    let mut client = Client::warm(plain(), &[1; 4]);
    for _ in 0..2 {
        client.send_to_each(4);
        client.until(client.now);
    }
    let expected: Vec<u32> = client.written.iter().flat_map(|request| request.partitions()).collect();
    client.answer_ok(0);
    client.answer_ok(0);
    client.until(client.now);
    let completed: Vec<u32> = client.completions().iter().map(|(partition, ..)| *partition).collect();
    assert_eq!((completed.len(), completed), (8, expected));
}

/// SND-10: records count as sent when they are drained, again for a retry.
#[test]
fn metrics_count_what_is_drained() {
    let mut client = Client::warm(plain(), &[1]);
    let before = client.metric("record-send-total");
    client.send_to(0);
    client.until(client.now);
    assert_eq!(client.metric("record-send-total"), before + 1.0);
    client.answer_error(0, ErrorCode::NotEnoughReplicas);
    client.until(client.now + 200);
    assert_eq!(
        (client.metric("record-send-total"), client.metric("record-retry-total")),
        (before + 2.0, 1.0)
    );
}

/// PRQ-6: 4.3 names topics by 16 bytes, 3.9 and 3.1 by a name with a short length, 2.3 by one with a long length.
#[test]
fn versions_name_topics_differently() {
    let bytes = |version| {
        let mut client = Client::warm(ProducerConfig { version, ..plain() }, &[1]);
        client.send_to(0);
        client.until(client.now);
        client.written[0].bytes
    };
    let newest = bytes(ClientVersion::V4_3);
    // "orders" has six letters.
    assert_eq!([ClientVersion::V3_9, ClientVersion::V3_1].map(bytes), [newest - 16 + 7; 2]);
    assert_ne!(bytes(ClientVersion::V2_3), newest - 16 + 7);
}

/// NET-4: of what comes in one poll, metadata is dealt with first: an answer that asks for metadata asks after it.
#[test]
fn metadata_comes_before_answers_of_the_same_poll() {
    let mut client = Client::warm(plain(), &[1, 2, 3]);
    client.metadata_answers = false;
    client.send_to(0);
    client.until(client.now);
    client.disconnect(2);
    client.until(client.now + 200);
    let asked = |client: &Client| {
        client
            .did
            .iter()
            .filter_map(|(_, did)| match did {
                Did::Metadata(node, _) => Some(*node),
                _ => None,
            })
            .collect::<Vec<_>>()
    };
    let before = asked(&client);
    client.answer_error(0, ErrorCode::NotLeaderOrFollower);
    client.answer_metadata(*before.last().expect("a request"));
    client.until(client.now + 200);
    assert_eq!(asked(&client).len(), before.len() + 1);
}

/// CRE-2, CRE-3, CRE-5, BLD-1, BLD-8: with compression batches take in more and more records as the estimate follows the
/// ratio that is reached; without it they do not.
#[test]
fn an_estimate_follows_what_compression_achieves() {
    let records = |compression| {
        let mut client = Client::warm(ProducerConfig { compression, ..lingering() }, &[1]);
        let mut counts = Vec::new();
        for _ in 0..30 {
            while client.written.is_empty() {
                client.send_to(0);
                client.until(client.now);
            }
            counts.push(client.written[0].batches[0].records);
            client.answer_ok(0);
            client.until(client.now);
        }
        (counts[1], counts[29], client.metric("compression-rate-avg"))
    };
    let (first, last, rate) = records(Compression::Lz4);
    assert!(last > first * 11 / 10 && (0.5..0.51).contains(&rate), "{first} {last} {rate}");
    let (first, last, rate) = records(Compression::None);
    assert_eq!((first, rate), (last, 1.0));
}

/// HSH-8: connections whose requests are overdue are closed in the order of their ids' hashes, not of first contact.
#[test]
fn overdue_connections_are_closed_in_hash_order() {
    let mut client = Client::warm(ProducerConfig { request_timeout_ms: 1_000, ..plain() }, &[2, 1]);
    client.send_to(0);
    client.send_to(1);
    client.until(client.now + 3_000);
    let closed: Vec<Did> = client.news().into_iter().filter(|did| matches!(did, Did::Close(_))).collect();
    assert_eq!(closed[..2], [Did::Close(1), Did::Close(2)]);
}

/// HSH-4: topics are looked at in the order of a hash map, in which `clicks` is before `orders`.
#[test]
fn topics_are_looked_at_in_hash_order() {
    let config = ProducerConfig { linger_ms: 10_000, delivery_timeout_ms: 1_000, ..plain() };
    let mut client = Client::warm(config, &[1]);
    client.other_leaders = vec![(1, 0)];
    let clicks = Record { topic: TopicId(1), ..client.record(0, 100) };
    client.send_to(0);
    client.send(0, &clicks);
    client.until(client.now);
    client.resume(0);
    client.until(client.now + 1_000);
    let tags: Vec<Vec<u64>> = client.completions().into_iter().map(|(_, tags, _)| tags).collect();
    assert_eq!(tags, [[1], [2]], "record 1 is that of clicks");
}

/// CRE-6: a split takes the estimate back to 1, whatever had been learnt.
#[test]
fn a_split_takes_the_estimate_back() {
    let mut client = Client::warm(ProducerConfig { compression: Compression::Lz4, ..lingering() }, &[1]);
    let fill = |client: &mut Client| {
        while client.written.is_empty() {
            client.send_to(0);
            client.until(client.now);
        }
        client.written[0].batches[0].records
    };
    for _ in 0..30 {
        fill(&mut client);
        client.answer_ok(0);
        client.until(client.now);
    }
    let learnt = fill(&mut client);
    client.answer_error(0, ErrorCode::MessageTooLarge);
    client.until(client.now + 1_000);
    while !client.written.is_empty() {
        client.answer_ok(0);
        client.until(client.now + 1_000);
    }
    let after = fill(&mut client);
    assert!(after < learnt * 19 / 20, "{after} of {learnt}");
}
