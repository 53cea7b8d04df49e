//! Producer id, sequences and epochs (section 8).

use lingersim::config::producer::ProducerConfig;
use lingersim::protocol::error::ErrorCode;
use lingersim::protocol::message::{BatchResult, ProduceBatch};

use crate::client::{Client, Did, plain};

fn idempotent() -> ProducerConfig {
    ProducerConfig { enable_idempotence: true, ..plain() }
}

fn numbers(batch: &ProduceBatch) -> (i16, i32) {
    (batch.producer_epoch, batch.base_sequence)
}

/// Epoch and sequence of the only batch of the request written last.
fn last(client: &Client) -> (i16, i32) {
    numbers(&client.written.last().expect("a request").batches[0])
}

fn send(client: &mut Client) {
    client.send_to(0);
    client.until(client.now);
}

/// 8.2, PB-8: sequences count records, in the order of draining.
#[test]
fn sequences_count_records() {
    let mut client = Client::warm(ProducerConfig { linger_ms: 5, ..idempotent() }, &[1]);
    for expected in [(0, 1), (0, 3), (0, 5)] {
        client.send_to(0);
        send(&mut client);
        client.until(client.now + 5);
        assert_eq!(last(&client), expected);
    }
}

/// 5.5, DRN-10, RDY-10: retries go one at a time and in sequence; what comes later waits behind them.
#[test]
fn retries_go_one_at_a_time_in_sequence() {
    let mut client = Client::warm(idempotent(), &[1]);
    for _ in 0..3 {
        send(&mut client);
    }
    client.answer_error(0, ErrorCode::NotEnoughReplicas);
    client.answer_error(0, ErrorCode::OutOfOrderSequenceNumber);
    client.answer_error(0, ErrorCode::OutOfOrderSequenceNumber);
    client.until(client.now + 50);
    client.send_to(0);
    for (requests, sequence) in [(1, 1), (1, 2), (2, 4)] {
        client.until(client.now + 200);
        assert_eq!((client.written.len(), last(&client)), (requests, (0, sequence)));
        client.answer_ok(0);
    }
}

/// EPO-1, EPO-2, SEQ-4, BLD-9: a batch that fails for good raises the epoch, and what is in flight starts again at 0.
#[test]
fn a_failed_batch_bumps_the_epoch_and_renumbers_the_rest() {
    let mut client = Client::warm(idempotent(), &[1]);
    send(&mut client);
    send(&mut client);
    client.answer_error(0, ErrorCode::InvalidTimestamp);
    client.answer_error(0, ErrorCode::OutOfOrderSequenceNumber);
    client.until(client.now + 500);
    assert_eq!(last(&client), (1, 0));
}

/// EPO-4: another partition takes the new epoch over when it has nothing in flight, from sequence 0.
#[test]
fn other_partitions_take_the_new_epoch_over_when_they_are_idle() {
    let mut client = Client::warm(idempotent(), &[1, 2]);
    client.send_to(1);
    client.until(client.now);
    send(&mut client);
    client.answer(1, &[BatchResult::failed(ErrorCode::InvalidTimestamp)]);
    client.until(client.now);
    client.send_to(1);
    client.until(client.now + 50);
    assert_eq!(client.written.len(), 1, "its batch of the old epoch is still in flight");
    client.answer_ok(0);
    client.until(client.now + 50);
    assert_eq!(last(&client), (1, 0));
}

/// UNR-1, UNR-2: the expiry of a batch in retry leaves a gap, which costs an epoch when nothing closes it.
#[test]
fn a_gap_that_nothing_closes_costs_an_epoch() {
    let config = ProducerConfig { delivery_timeout_ms: 500, ..idempotent() };
    let mut client = Client::warm(config, &[1]);
    send(&mut client);
    client.answer_error(0, ErrorCode::NotEnoughReplicas);
    client.until(client.now + 600);
    client.written.clear();
    client.producer.produced(
        lingersim::values::ids::NodeId(1),
        &[BatchResult::failed(ErrorCode::NotEnoughReplicas)],
        &[],
        0,
    );
    client.until(client.now);
    send(&mut client);
    assert_eq!(last(&client), (1, 0));
}

/// SND-21: the expiry of a batch on its first flight leaves no gap, and the next one counts on.
#[test]
fn a_batch_that_expires_on_its_first_flight_leaves_its_sequence() {
    let config = ProducerConfig { delivery_timeout_ms: 500, ..idempotent() };
    let mut client = Client::warm(config, &[1]);
    send(&mut client);
    client.until(client.now + 500);
    send(&mut client);
    assert_eq!(last(&client), (0, 2));
}

/// SEQ-2, 8.6: a later batch that was accepted stays the last acknowledged one; the earlier one is sent again until its
/// delivery timeout.
#[test]
fn a_batch_whose_successor_was_accepted_is_retried_in_vain() {
    let config = ProducerConfig { delivery_timeout_ms: 1_000, ..idempotent() };
    let mut client = Client::warm(config, &[1]);
    send(&mut client);
    send(&mut client);
    client.answer_error(0, ErrorCode::NotEnoughReplicas);
    client.answer_ok(0);
    client.until(client.now + 150);
    assert_eq!(last(&client), (0, 1));
    client.answer_error(0, ErrorCode::OutOfOrderSequenceNumber);
    client.until(client.now + 150);
    assert_eq!(last(&client), (0, 1), "neither a new epoch nor a new number");
}

/// 7.2: a duplicate is a success.
#[test]
fn a_duplicate_is_a_success() {
    let mut client = Client::warm(idempotent(), &[1]);
    send(&mut client);
    client.answer_error(0, ErrorCode::DuplicateSequenceNumber);
    client.until(client.now);
    assert_eq!(client.completions(), [(0, vec![1], Ok(-1))]);
}

/// PID-2, HAZ-5: an InitProducerId that failed is sent again after a sleep of retry.backoff.ms in which nothing else
/// happens. PID-3: one that was refused fails what there is, and another attempt is made.
#[test]
fn a_producer_id_is_asked_for_until_there_is_one() {
    let mut client = Client::new(idempotent(), &[1]);
    client.init_errors =
        [ErrorCode::CoordinatorLoadInProgress, ErrorCode::ClusterAuthorizationFailed].into_iter().collect();
    client.until(1_000);
    let asked: Vec<u64> = client
        .did
        .iter()
        .filter(|(_, did)| matches!(did, Did::InitProducerId(_)))
        .map(|(at, _)| *at)
        .collect();
    assert_eq!(asked.len(), 3, "{asked:?}");
    assert!(asked[1] - asked[0] >= 100 && asked[2] - asked[1] <= 1, "{asked:?}");
}

/// SEND-12, ABT-1: after a fatal error a send throws although its record has been appended, and everything fails.
#[test]
fn a_fatal_error_fails_everything_and_send_throws() {
    let mut client = Client::warm(idempotent(), &[1]);
    send(&mut client);
    send(&mut client);
    client.answer_error(0, ErrorCode::ClusterAuthorizationFailed);
    client.until(client.now);
    assert_eq!(client.completions().len(), 2);
    let sent = client.send_to(0);
    assert!(matches!(sent, lingersim::producer::Sent::Appended { thrown: Some(_), .. }), "{sent:?}");
    client.until(client.now + 100);
    assert_eq!(client.completions().len(), 1);
}

/// EPO-2, EPO-5: behind the last epoch there is a new producer id, and what was in flight goes without any.
#[test]
fn behind_the_last_epoch_there_is_a_new_producer_id() {
    let mut client = Client::new(idempotent(), &[1]);
    client.init_epoch = i16::MAX;
    client.until(0);
    client.send_to(0);
    client.until(50);
    client.resume(0);
    client.until(50);
    client.did.clear();
    client.init_epoch = 7;
    send(&mut client);
    client.answer_error(0, ErrorCode::InvalidTimestamp);
    client.answer_error(0, ErrorCode::OutOfOrderSequenceNumber);
    client.until(client.now + 200);
    assert!(client.did.iter().any(|(_, did)| matches!(did, Did::InitProducerId(_))), "{:?}", client.did);
    assert_eq!((client.written[0].batches[0].producer_id, last(&client)), (-1, (-1, 0)));
    client.answer_ok(0);
    client.until(client.now);
    send(&mut client);
    assert_eq!(client.written[0].batches[0].producer_epoch, 7);
}

/// SEQ-5: five requests in flight are the limit of a connection, not of a partition whose leader moves.
#[test]
fn a_partition_may_have_more_than_five_batches_in_flight_on_two_connections() {
    let mut client = Client::warm(idempotent(), &[1, 3]);
    for _ in 0..6 {
        send(&mut client);
    }
    assert_eq!(client.written.len(), 5);
    client.leaders[0] = (2, 1);
    client.disconnect(3);
    client.until(client.now + 500);
    let nodes: Vec<i32> = client.written.iter().map(|request| request.node).collect();
    assert_eq!(nodes, [1, 1, 1, 1, 1, 2]);
}

/// EPO-3: an epoch that is raised for a gap closes it: new batches follow the first one of the new epoch at once.
#[test]
fn a_new_epoch_closes_the_gap() {
    let config = ProducerConfig {
        delivery_timeout_ms: 1_000,
        retry_backoff_ms: 300,
        retry_backoff_max_ms: 300,
        ..idempotent()
    };
    let mut client = Client::warm(config, &[1]);
    let start = client.now;
    send(&mut client);
    client.answer_error(0, ErrorCode::NotEnoughReplicas);
    client.until(start + 500);
    send(&mut client);
    client.until(start + 750);
    client.answer_error(0, ErrorCode::NotEnoughReplicas);
    client.until(start + 1_001);
    assert_eq!(last(&client), (0, 2), "the first has expired in its backoff");
    client.answer_error(0, ErrorCode::OutOfOrderSequenceNumber);
    client.until(start + 1_002);
    send(&mut client);
    client.until(start + 1_400);
    let sent: Vec<(i16, i32)> = client.written.iter().map(|request| numbers(&request.batches[0])).collect();
    assert_eq!(sent, [(1, 0), (1, 1)]);
}
