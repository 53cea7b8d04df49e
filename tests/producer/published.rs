//! What Kafka's own unit tests of the built-in partitioner publish, and what follows from the same code (validation P2).

use lingersim::config::producer::{ClientVersion, ProducerConfig};

use crate::client::{Client, partition_of, plain};

/// A client whose random numbers are 0, 1, 2, …
fn client(config: ProducerConfig, partitions: usize) -> Client {
    Client::warm(config, &vec![1; partitions])
}

fn send(client: &mut Client, value_len: i32) -> u32 {
    let record = client.record(-1, value_len);
    partition_of(client.send(0, &record))
}

/// `RecordAccumulatorTest.testUniformBuiltInPartitioner`: a batch that is begun is filled before the choice moves on.
#[test]
fn bip_6_the_choice_waits_for_the_open_batch() {
    let mut client = client(ProducerConfig { batch_size: 1024, ..plain() }, 3);
    let chosen: Vec<u32> = [16, 1024, 1024, 1024, 1024].map(|len| send(&mut client, len)).to_vec();
    assert_eq!(chosen, [0, 0, 1, 2, 0]);
}

/// Lengths of the first whole visits to a partition: how many records in a row go there.
fn visits(value_len: i32, drains: bool, count: usize) -> Vec<usize> {
    let config = ProducerConfig { batch_size: 16_384, ..plain() };
    let mut client = client(config, 3);
    let (mut visits, mut length, mut last) = (Vec::new(), 0, None);
    while visits.len() <= count {
        let partition = send(&mut client, value_len);
        if drains {
            client.until(client.now);
            client.answer_ok(0);
            client.until(client.now + 1);
        }
        if last.is_some_and(|last| last != partition) {
            visits.push(length);
            length = 0;
        }
        last = Some(partition);
        length += 1;
    }
    visits.truncate(count);
    visits
}

/// Records of a visit, where each leaves at once, and where none does: a full batch is a few bytes short of `batch.size`,
/// so the counter passes it only in the second one, which is then filled.
#[test]
fn bip_5_records_of_a_visit() {
    for (value_len, alone, queued) in [(100, 97, 296), (512, 29, 62), (1000, 16, 32), (1024, 15, 30)] {
        assert_eq!(visits(value_len, true, 3), [alone; 3], "{value_len} bytes, drained at once");
        assert_eq!(visits(value_len, false, 3), [queued; 3], "{value_len} bytes, nothing drained");
    }
}

/// `BuiltInPartitionerTest`: ten small records, then a linger, ten times: one batch each time, of 451 bytes.
#[test]
fn bip_5_a_batch_that_lingers_keeps_its_partition() {
    let config = ProducerConfig { batch_size: 512, linger_ms: 10, ..plain() };
    let mut client = client(config, 3);
    for _ in 0..10 {
        for _ in 0..10 {
            send(&mut client, 32);
        }
        client.until(client.now + 10);
        let [written] = &client.written[..] else { panic!("{:?}", client.written) };
        let [batch] = &written.batches[..] else { panic!("{written:?}") };
        assert!(batch.bytes > 256 && batch.bytes < 512, "{}", batch.bytes);
        assert_eq!((batch.records, batch.bytes), (10, 451));
        client.answer_ok(0);
        client.until(client.now);
    }
}

/// KAFKA-9965, KAFKA-13303: where each record opens a batch, round robin moves by two up to client 3.9.1 (validation P3).
#[test]
fn rr_5_round_robin_in_step_with_an_even_number_of_partitions_leaves_out_half_of_them() {
    use lingersim::config::producer::PartitionerKind;
    let counts = |version, partitions: usize| {
        let config = ProducerConfig { version, partitioner: PartitionerKind::RoundRobin, ..plain() };
        let mut client = client(config, partitions);
        let mut counts = vec![0; partitions];
        for _ in 0..1_000 * partitions {
            counts[send(&mut client, 100) as usize] += 1;
            client.until(client.now);
            client.answer_ok(0);
            client.until(client.now + 1);
        }
        counts
    };
    for (partitions, every) in [(6, 2), (16, 2), (5, 1), (7, 1)] {
        let counted = counts(ClientVersion::V3_9, partitions);
        let mut sorted = counted.clone();
        sorted.sort_unstable();
        let mut expected = vec![0; if every == 2 { partitions / 2 } else { 0 }];
        expected.resize(partitions, 1_000 * every);
        assert_eq!(sorted, expected, "{partitions} partitions: {counted:?}");
        if every == 2 {
            assert!(counted.windows(2).all(|pair| pair[0] != pair[1]), "every second one: {counted:?}");
        }
        assert_eq!(counts(ClientVersion::V4_3, partitions), vec![1_000; partitions]);
    }
}
