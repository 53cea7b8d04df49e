//! Adaptive partitioning: queue lengths as weights, and nodes that are too slow (2.6, 2.7).

use lingersim::config::producer::ProducerConfig;
use lingersim::protocol::error::ErrorCode;

use crate::client::{Client, partition_of, plain};

/// One record a batch, two requests in flight a node, and every record chooses anew.
fn config() -> ProducerConfig {
    ProducerConfig {
        batch_size: 170,
        max_in_flight: 2,
        request_timeout_ms: 60_000,
        partitioner_availability_timeout_ms: 1_000,
        ..plain()
    }
}

/// With two requests in flight at every node, so that queues grow to these lengths.
fn with_queues(config: ProducerConfig, leaders: &[i32], lengths: &[usize]) -> Client {
    let mut client = Client::warm(config, leaders);
    fill(&mut client, leaders, lengths);
    client
}

fn fill(client: &mut Client, leaders: &[i32], lengths: &[usize]) {
    for (partition, length) in lengths.iter().enumerate() {
        for _ in 0..2 * usize::from(leaders[partition] > 0) {
            client.send_to(partition as i32);
            client.until(client.now);
        }
        for _ in 0..*length {
            client.send_to(partition as i32);
        }
    }
    client.until(client.now);
}

/// What the draws choose between two looks of the sender.
fn choices(client: &mut Client, draws: usize) -> Vec<u32> {
    (0..draws).map(|_| partition_of(client.send_to(-1))).collect()
}

/// ADP-3, ADP-8, ADP-9, ADP-10: queues of 5, 0 and 3 batches give weights of 1, 6 and 3 until the sender looks again;
/// what is in flight does not count.
#[test]
fn short_queues_are_chosen_more_often() {
    let mut client = with_queues(config(), &[1, 2, 3], &[5, 0, 3]);
    assert_eq!(choices(&mut client, 8), [0, 1, 1, 1, 1, 1, 1, 2], "draws 0 to 7 of 10");
}

/// ADP-7, ADP-6: queues of one length, or a single one, give no weights.
#[test]
fn equal_queues_give_an_even_choice() {
    let mut client = with_queues(config(), &[1, 2, 3], &[2, 2, 2]);
    let mut first = choices(&mut client, 6);
    assert_eq!(first.split_off(3), first, "the draw modulo three");
    assert_eq!(choices(&mut with_queues(config(), &[1], &[3]), 3), [0, 0, 0]);
}

/// ADP-1: before every partition has a queue there are no weights.
#[test]
fn a_partition_without_queue_prevents_weights() {
    let mut client = Client::new(config(), &[1, 2, 3]);
    client.until(0);
    client.send_to(0);
    client.until(0);
    client.resume(0);
    client.until(0);
    fill(&mut client, &[1, 2], &[5, 0]);
    let mut first = choices(&mut client, 3);
    first.sort();
    assert_eq!(first, [0, 1, 2]);
}

/// ADP-12, CON-5: nor without adaptive partitioning.
#[test]
fn without_adaptive_partitioning_queues_do_not_count() {
    let config = ProducerConfig { partitioner_adaptive_partitioning_enable: false, ..config() };
    let mut first = choices(&mut with_queues(config, &[1, 2, 3], &[5, 0, 3]), 3);
    first.sort();
    assert_eq!(first, [0, 1, 2]);
}

/// ADP-4: a partition without leader has no weight.
#[test]
fn a_partition_without_leader_has_no_weight() {
    let mut client = Client::warm(config(), &[1, 2, 3]);
    client.leaders[1] = (-1, 1);
    client.send_to(1);
    client.until(client.now);
    client.answer_error(0, ErrorCode::NotLeaderOrFollower);
    client.until(client.now + 50);
    fill(&mut client, &[1, -1, 3], &[5, 0, 3]);
    assert_eq!(choices(&mut client, 4), [0, 2, 2, 2], "weights 1 and 3");
}

/// AVL-2 to AVL-5, ADP-2, ADP-5: a node that could not be sent to for longer than the timeout gives its partitions'
/// places up, one look late, until it can be sent to again.
#[test]
fn a_slow_node_is_left_out() {
    for (waited, expected) in [(1_000, [0, 1, 1]), (1_001, [1, 2, 2])] {
        let mut client = Client::warm(config(), &[1, 2, 3]);
        fill(&mut client, &[1, -1, -1], &[5, 0, 0]);
        let start = client.now;
        client.at(start + waited);
        for _ in 0..2 {
            client.send_to(0);
            client.until(client.now);
        }
        // Partition 0 has now 7 batches. Left out, its length stays behind in the place that partition 1 takes over.
        assert_eq!(choices(&mut client, 3), expected, "after {waited} ms");
        client.answer_ok(0);
        client.until(client.now);
        client.until(client.now + 1);
        assert_eq!(choices(&mut client, 1).len(), 1);
    }
}

/// AVL-1: without a timeout nobody is slow.
#[test]
fn without_availability_timeout_nobody_is_slow() {
    let config = ProducerConfig { partitioner_availability_timeout_ms: 0, ..config() };
    let mut client = Client::warm(config, &[1, 2, 3]);
    fill(&mut client, &[1, -1, -1], &[5, 0, 0]);
    client.at(client.now + 50_000);
    for _ in 0..2 {
        client.send_to(0);
        client.until(client.now);
    }
    assert_eq!(choices(&mut client, 2), [0, 1]);
}

/// AVL-6: if all are slow the choice is even.
#[test]
fn if_all_nodes_are_slow_the_choice_is_even() {
    let mut client = with_queues(config(), &[1, 2, 3], &[5, 1, 3]);
    client.at(client.now + 2_000);
    for _ in 0..2 {
        client.send_to(0);
        client.until(client.now);
    }
    let mut first = choices(&mut client, 3);
    first.sort();
    assert_eq!(first, [0, 1, 2]);
}
