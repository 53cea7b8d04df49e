//! The application's side: `send`, its waits, partitioners, `flush`, `close`.

use lingersim::config::producer::{ClientVersion, PartitionerKind, ProducerConfig};
use lingersim::producer::partitioner::{Partitioner, TopicPartitions};
use lingersim::producer::{BlockedOn, Draws, Exception, START_MS, Sent};
use lingersim::protocol::error::ErrorCode;
use lingersim::protocol::message::BatchResult;
use lingersim::protocol::record::{Key, Record};
use lingersim::values::time::Time;

use crate::client::{Client, Did, partition_of, plain};

fn rejected(exception: Exception, partition: i32) -> Sent {
    Sent::Rejected { exception, partition }
}

fn is_blocked(sent: Sent, on: BlockedOn) -> bool {
    matches!(sent, Sent::Blocked { on: other, .. } if other == on)
}

/// RDN-5: the metadata request itself does not wait for metadata.
#[test]
fn haz_1_kafkas_clock_starts_far_from_zero_so_that_the_first_metadata_is_due_at_once() {
    const { assert!(START_MS > 1_000_000_000) };
    let mut client = Client::new(plain(), &[1]);
    client.until(0);
    assert_eq!(client.news(), [Did::Connect(-1), Did::Metadata(-1, vec![])]);
}

/// CON-9: the sender connects at its first step, before any record. PID-4: and asks for a producer id.
#[test]
fn the_sender_connects_and_asks_for_a_producer_id_before_any_record() {
    let mut client = Client::new(ProducerConfig { enable_idempotence: true, ..plain() }, &[1]);
    client.until(10);
    let first = [Did::Connect(-1), Did::Metadata(-1, vec![])];
    let news = client.news();
    assert_eq!(news[..2], first);
    assert!(news.iter().any(|did| matches!(did, Did::InitProducerId(_))), "{news:?}");
}

/// SEND-2, CLO-9.
#[test]
fn a_closed_producer_throws() {
    let mut client = Client::warm(plain(), &[1]);
    client.producer.close();
    let errors = client.metric("record-error-total");
    assert_eq!(client.send_to(0), rejected(Exception::IllegalStateException, 0));
    assert_eq!(client.metric("record-error-total"), errors, "it is not counted");
}

/// SEND-3, CLO-8, META-4: who waits for metadata when the producer closes gets a KafkaException.
#[test]
fn close_ends_a_wait_for_metadata() {
    let mut client = Client::new(plain(), &[1]);
    client.metadata_answers = false;
    assert!(is_blocked(client.send_to(-1), BlockedOn::Metadata));
    client.producer.force_close();
    client.until(5);
    assert!(client.producer.is_runnable(0));
    assert_eq!(client.resume(0), rejected(Exception::KafkaException, -1));
}

/// META-11, META-2: without time to wait the send fails at once, but the topic has been asked for, and the next one works.
#[test]
fn max_block_ms_0_fails_at_once_and_asks_all_the_same() {
    let mut client = Client::new(ProducerConfig { max_block_ms: 0, ..plain() }, &[1]);
    client.until(0);
    assert_eq!(client.send_to(0), rejected(Exception::TimeoutException, 0));
    client.until(0);
    assert!(matches!(client.send_to(0), Sent::Appended { .. }));
}

/// SEND-6, 2.2: explicit before partitioner before key before the built-in choice; an empty key is a key.
#[test]
fn the_partition_is_chosen_in_order_of_precedence() {
    let mut client = Client::warm(plain(), &[1; 12]);
    let keyed = |client: &mut Client, key: &[u8], partition| {
        let record = Record { key: Key::of(key), ..client.record(partition, 10) };
        partition_of(client.send(0, &record))
    };
    assert_eq!(keyed(&mut client, b"foobar", 7), 7);
    assert_eq!(keyed(&mut client, b"foobar", -1), 6);
    assert_eq!(keyed(&mut client, b"", -1), 9);
    let ignoring = ProducerConfig { partitioner_ignore_keys: true, ..plain() };
    let mut client = Client::warm(ignoring, &[1; 12]);
    let sticky = partition_of(client.send_to(-1));
    assert_eq!(keyed(&mut client, b"foobar", -1), sticky);
}

#[derive(Debug)]
struct Fixed(i32);

impl Partitioner for Fixed {
    fn partition(&mut self, _: &Record, _: TopicPartitions<'_>, _: &mut Draws) -> i32 {
        self.0
    }
}

/// SEND-6: what a partitioner answers is used as it is, unless it is negative.
#[test]
fn a_negative_answer_of_a_partitioner_is_thrown_back() {
    for (answer, expected) in [(2, None), (-3, Some(Exception::IllegalArgumentException))] {
        let mut client = Client::with(plain(), &[1; 3], vec![], Some(Box::new(Fixed(answer))));
        client.until(0);
        client.send_to(-1);
        client.until(0);
        match (client.resume(0), expected) {
            (Sent::Appended { tp, .. }, None) => assert_eq!(tp.partition, 2),
            (Sent::Rejected { exception, .. }, Some(expected)) => assert_eq!(exception, expected),
            other => panic!("{other:?}"),
        }
    }
}

fn in_version(version: ClientVersion, partitioner: PartitionerKind) -> ProducerConfig {
    ProducerConfig { version, partitioner, ..plain() }
}

fn chosen(config: ProducerConfig, sends: usize) -> Vec<u32> {
    let mut client = Client::warm(config, &[1; 6]);
    (0..sends)
        .map(|_| {
            let partition = partition_of(client.send_to(-1));
            client.until(client.now);
            client.answer_ok(0);
            client.until(client.now + 1);
            partition
        })
        .collect()
}

/// SEND-10, SEND-11, RR-5: from 2.4 to 3.9 a partitioner is asked again when a batch has to be opened, and round robin
/// then leaves out every second partition (KAFKA-9965). `orders` with 6 partitions is listed as 0 to 5.
#[test]
fn opening_a_batch_asks_the_partitioner_twice_in_3_9_and_once_in_4_3() {
    let round_robin = |version| chosen(in_version(version, PartitionerKind::RoundRobin), 6);
    assert_eq!(round_robin(ClientVersion::V3_9), [1, 3, 5, 1, 3, 5]);
    assert_eq!(round_robin(ClientVersion::V4_3), [0, 1, 2, 3, 4, 5]);
}

/// STK-1, STK-6: in 3.1 every new batch, a keyed record's too, moves the sticky partition if it is that batch's.
/// STK-7: in 3.9 the built-in choice stays where it is.
#[test]
fn a_new_batch_moves_the_sticky_partition_of_3_1() {
    let sticky = in_version(ClientVersion::V3_1, PartitionerKind::DefaultSticky);
    let partitions = chosen(sticky, 5);
    assert!(partitions.windows(2).all(|pair| pair[0] != pair[1]), "{partitions:?}");
    let built_in = chosen(in_version(ClientVersion::V3_9, PartitionerKind::BuiltIn), 5);
    assert!(built_in.windows(2).all(|pair| pair[0] == pair[1]), "{built_in:?}");
}

/// BIP-1, BIP-11: nothing but bytes moves the built-in choice, however long it takes.
#[test]
fn an_idle_producer_stays_on_its_partition() {
    let mut client = Client::warm(plain(), &[1; 6]);
    let first = partition_of(client.send_to(-1));
    client.until(100_000);
    client.answer_ok(0);
    client.until(200_000);
    assert_eq!(partition_of(client.send_to(-1)), first);
}

/// BIP-9, BIP-10: a choice that has been made outlives the leader of its partition; the next one avoids it.
#[test]
fn the_built_in_choice_looks_at_leaders_only_when_it_switches() {
    let config = ProducerConfig { batch_size: 200, ..plain() };
    let mut client = Client::warm(config, &[1, 1, 1]);
    let first = partition_of(client.send_to(-1));
    client.leaders[first as usize] = (-1, 1);
    client.until(client.now);
    client.answer_error(0, ErrorCode::NotLeaderOrFollower);
    client.until(client.now + 1_000);
    let mut seen: Vec<u32> = (0..20).map(|_| partition_of(client.send_to(-1))).collect();
    assert_eq!(seen[0], first);
    seen.dedup();
    assert!(seen.len() > 2 && !seen[1..].contains(&first), "{seen:?}");
}

/// SEND-8: the bound of the uncompressed record decides, and equality passes; then `buffer.memory` likewise.
#[test]
fn a_record_may_be_as_large_as_the_limits() {
    let sizes = |limit: u64, memory: u64| {
        let config = ProducerConfig {
            max_request_size: limit as u32,
            buffer_memory: memory,
            batch_size: 1,
            ..plain()
        };
        let mut client = Client::warm(config, &[1]);
        // 100 bytes without key have a bound of 186 (3.4).
        [100, 101].map(|len| {
            let record = client.record(0, len);
            matches!(client.send(0, &record), Sent::Appended { .. })
        })
    };
    assert_eq!(sizes(186, 10_000), [true, false]);
    assert_eq!(sizes(10_000, 186), [true, false]);
}

/// BUF-19: with less memory than a batch every send fails, and nothing counts it.
#[test]
fn a_buffer_smaller_than_a_batch_is_an_error_of_the_caller() {
    let mut client = Client::new(ProducerConfig { buffer_memory: 1_000, ..plain() }, &[1]);
    client.until(0);
    client.send_to(0);
    client.until(0);
    assert_eq!(client.resume(0), rejected(Exception::IllegalArgumentException, 0));
    assert_eq!(client.metric("record-error-total"), 0.0);
}

/// SEND-4, META-9, BUF-17: what a send has waited for metadata is missing when it waits for memory.
#[test]
fn both_waits_together_last_max_block_ms() {
    let mut client = Client::warm(two_batches_of_memory(), &[1, 2]);
    client.send_to(0);
    client.send_to(1);
    client.until(client.now);
    let start = client.now;
    // A partition that does not exist yet.
    assert!(is_blocked(client.send_to(2), BlockedOn::Metadata));
    client.until(start + 200);
    client.leaders.push((3, 0));
    let mut sent = client.resume(0);
    while !is_blocked(sent, BlockedOn::Buffer) {
        client.until(client.now + 1);
        sent = client.resume(0);
    }
    assert!(client.now > start + 200);
    assert_eq!(client.producer.blocked_until(0), Time::from_millis(start + 500));
}

/// BUF-12, BUF-2, THR-5: two threads wait for memory for the same partition; the record of the second joins the batch
/// of the first, and its memory comes back unused.
#[test]
fn memory_that_turns_out_not_to_be_needed_comes_back() {
    let config = ProducerConfig { max_in_flight: 5, ..two_batches_of_memory() };
    let mut client = Client::warm(config, &[1, 2, 3]);
    client.send_to(1);
    client.send_to(2);
    client.until(client.now);
    for thread in 0..2 {
        let record = client.record(0, 100);
        assert!(is_blocked(client.send(thread, &record), BlockedOn::Buffer));
    }
    client.answer_ok(0);
    client.answer_ok(0);
    client.until(client.now);
    let opened = client.resume(0);
    let joined = client.resume(1);
    match (opened, joined) {
        (Sent::Appended { batch: opened, .. }, Sent::Appended { batch: joined, .. }) => {
            assert_eq!(opened, joined);
        }
        other => panic!("{other:?}"),
    }
    assert_eq!(client.metric("buffer-available-bytes"), 1_000.0);
}

fn two_batches_of_memory() -> ProducerConfig {
    ProducerConfig { buffer_memory: 2_000, batch_size: 1_000, max_block_ms: 500, max_in_flight: 1, ..plain() }
}

/// ACC-4: a record that waits for memory keeps the time of its `send`, its batch has the time of the memory.
#[test]
fn a_wait_for_memory_is_part_of_the_records_time_and_not_of_its_batchs() {
    let config = ProducerConfig { delivery_timeout_ms: 1_000, ..two_batches_of_memory() };
    let mut client = Client::warm(config, &[1, 1, 1]);
    let start = client.now;
    client.send_to(0);
    client.send_to(1);
    let sent = client.send_to(2);
    assert!(is_blocked(sent, BlockedOn::Buffer));
    client.until(start + 400);
    client.answer_ok(0);
    client.until(start + 400);
    let Sent::Appended { batch, .. } = client.resume(0) else { panic!("there is memory") };
    let record = client.producer.batch(batch).records()[0];
    assert_eq!(record.timestamp_ms, START_MS + start as i64);
    assert_eq!(client.producer.batch(batch).opened_at(), Time::from_millis(start + 400));
    client.did.clear();
    client.until(start + 1_399);
    assert_eq!(client.completions(), []);
    client.until(start + 1_400);
    assert_eq!(client.completions().len(), 1);
}

/// ACC-6: a send that gets no memory has closed the open batch all the same. BUF-5: it is counted. SEND-1: the callback
/// is told the partition.
#[test]
fn a_send_that_gets_no_memory_leaves_the_batch_closed() {
    let config = ProducerConfig { buffer_memory: 1_000, linger_ms: 10_000, ..two_batches_of_memory() };
    let mut client = Client::warm(config, &[1]);
    client.send_to(0);
    let large = client.record(0, 900);
    let sent = client.send(0, &large);
    assert!(is_blocked(sent, BlockedOn::Buffer));
    client.at(client.now + 500);
    assert_eq!(client.resume(0), rejected(Exception::BufferExhaustedException, 0));
    assert_eq!((client.metric("buffer-exhausted-total"), client.metric("waiting-threads")), (1.0, 0.0));
    let small = client.send_to(0);
    assert!(is_blocked(small, BlockedOn::Buffer), "the batch had room for it, but is closed");
}

/// BUF-3, BUF-14: what is not handed out is available, whatever form it has.
#[test]
fn available_memory_is_what_no_batch_holds() {
    let mut client =
        Client::warm(ProducerConfig { buffer_memory: 10_000, batch_size: 1_000, ..plain() }, &[1]);
    assert_eq!(client.metric("buffer-available-bytes"), 10_000.0);
    client.send_to(0);
    let large = client.record(0, 3_000);
    client.send(0, &large);
    // 3,000 bytes need one more byte for their length than 100 do: 186 + 2,900 + 0 (both lengths take two bytes).
    assert_eq!(client.metric("buffer-available-bytes"), 10_000.0 - 1_000.0 - 3_086.0);
}

/// FLU-1, FLU-3: a flush sends the open batch without closing it before, and waits for no later one.
#[test]
fn a_flush_takes_along_what_is_appended_to_the_open_batch() {
    let mut client = Client::warm(ProducerConfig { linger_ms: 10_000, ..plain() }, &[1]);
    client.send_to(0);
    let mark = client.flush();
    client.send_to(0);
    client.until(client.now);
    assert_eq!(client.written[0].batches[0].records, 2);
    client.send_to(0);
    assert!(!client.producer.is_flushed(mark));
    client.answer_ok(0);
    client.until(client.now);
    assert!(client.producer.is_flushed(mark), "the third record is a later batch");
}

/// FLU-5: a flush of 4.3 waits for the children of a batch that is split, one of 3.9 only until the split.
#[test]
fn a_flush_waits_for_the_children_of_a_split() {
    for (version, waits) in [(ClientVersion::V4_3, true), (ClientVersion::V3_9, false)] {
        let config = ProducerConfig { version, linger_ms: 10_000, max_in_flight: 1, ..plain() };
        let mut client = Client::warm(config, &[1]);
        client.send_to(0);
        client.send_to(0);
        let mark = client.flush();
        client.until(client.now);
        client.answer_error(0, ErrorCode::MessageTooLarge);
        client.until(client.now);
        assert_eq!(client.producer.is_flushed(mark), !waits);
        client.answer_ok(0);
        client.until(client.now);
        assert!(client.producer.is_flushed(mark));
    }
}

/// FLU-7: a flush of a closed producer has nothing to wait for.
#[test]
fn a_flush_after_close_returns() {
    let mut client = Client::warm(plain(), &[1]);
    client.producer.close();
    client.until(client.now);
    assert!(client.producer.has_ended());
    let mark = client.flush();
    assert!(client.producer.is_flushed(mark));
}

/// CLO-2, ABT-4: a closed producer sends what it has without linger; waits for memory end.
#[test]
fn close_sends_what_lingers_and_frees_who_waits() {
    let config = ProducerConfig { buffer_memory: 1_000, linger_ms: 10_000, ..two_batches_of_memory() };
    let mut client = Client::warm(config, &[1]);
    client.send_to(0);
    let large = client.record(0, 900);
    client.send(0, &large);
    client.producer.close();
    assert!(client.producer.is_runnable(0));
    assert_eq!(client.resume(0), rejected(Exception::KafkaException, 0));
    client.until(client.now);
    assert_eq!(client.written.len(), 1);
    assert!(!client.producer.has_ended());
    client.answer_ok(0);
    client.until(client.now);
    assert!(client.producer.has_ended());
}

/// CLO-3, ABT-3, ABT-6: a forced close leaves nothing incomplete.
#[test]
fn a_forced_close_fails_everything() {
    let mut client = Client::warm(ProducerConfig { linger_ms: 10_000, ..plain() }, &[1]);
    client.send_to(0);
    client.producer.force_close();
    client.until(client.now);
    assert!(client.producer.has_ended());
    assert_eq!(client.completions(), [(0, vec![1], Err("KafkaException".to_owned()))]);
    assert_eq!(client.metric("buffer-available-bytes"), client.metric("buffer-total-bytes"));
}

/// CLO-10: a partition without leader holds a closing sender until its batches expire.
#[test]
fn close_waits_for_a_partition_without_leader() {
    let config = ProducerConfig { delivery_timeout_ms: 5_000, request_timeout_ms: 1_000, ..plain() };
    let mut client = Client::warm(config, &[1, 1]);
    client.leaders[1] = (-1, 1);
    let start = client.now;
    client.send_to(1);
    client.until(start);
    client.answer_error(0, ErrorCode::NotLeaderOrFollower);
    client.producer.close();
    client.until(start + 4_999);
    assert!(!client.producer.has_ended());
    client.until(start + 5_000);
    assert!(client.producer.has_ended());
}

/// CB-1, CB-4, CB-5: records complete in the order of their append; offsets of a success count from the base; a failure has the exception instead.
#[test]
fn a_batch_completes_with_its_base_offset_or_its_exception() {
    let mut client = Client::warm(ProducerConfig { linger_ms: 5, ..plain() }, &[1]);
    for _ in 0..2 {
        client.send_to(0);
        client.send_to(0);
        client.until(client.now + 5);
    }
    client.answer(0, &[BatchResult::ok(42)]);
    client.answer_error(0, ErrorCode::InvalidTimestamp);
    client.until(client.now);
    let exception = Err("InvalidTimestampException".to_owned());
    assert_eq!(client.completions(), [(0, vec![1, 2], Ok(42)), (0, vec![3, 4], exception)]);
}

/// BIP-4 is not imitated: the real client never returns from this `send`.
#[test]
fn a_batch_size_of_a_gigabyte_does_not_hang() {
    let config = ProducerConfig { batch_size: 1 << 30, buffer_memory: 1 << 33, ..plain() };
    let mut client = Client::warm(config, &[1, 1, 1]);
    let first = partition_of(client.send_to(-1));
    assert_eq!(partition_of(client.send_to(-1)), first);
}
