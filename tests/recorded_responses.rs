//! A broker with recorded response times answers when the recorded one did, and keeps the order of each connection.

use lingersim::cluster::{Cluster, ClusterOutput, Listening, RecordedResponses};
use lingersim::engine::rng::Streams;
use lingersim::protocol::message::{Acks, ProduceBatch};
use lingersim::scenario::load::{Overrides, from_arguments};
use lingersim::values::ids::{BatchMark, ConnId, NodeId, TopicId, TopicPartition};
use lingersim::values::time::{Span, Time};

/// Three brokers with one topic, replicated on all; what broker 1 answers has been recorded.
fn cluster(recorded: &[(u64, u64)]) -> Cluster {
    let mut spec = from_arguments("recorded", &Overrides::default()).expect("defaults").scenario.cluster;
    let requests = recorded.iter().map(|&(sent, took)| (Time(sent), Span(took))).collect();
    spec.brokers[0].recorded = RecordedResponses::new(requests);
    let mut cluster = Cluster::new(&spec, &Streams::new(1));
    assert!((0..2).all(|conn| cluster.connect(Time::START, ConnId(conn), 0, NodeId(1)) == Listening::Yes));
    cluster
}

fn produce(cluster: &mut Cluster, now: u64, conn: u32, token: u64) {
    let batch = ProduceBatch {
        tp: TopicPartition { topic: TopicId(0), partition: 0 },
        records: 1,
        bytes: 1_000,
        producer_id: -1,
        producer_epoch: -1,
        base_sequence: -1,
        mark: BatchMark::NONE,
    };
    cluster.produce(Time(now), ConnId(conn), token, Acks::All, 30_000, &[batch]);
}

/// When each request was answered: time and token.
fn answers(cluster: &mut Cluster, until: u64) -> Vec<(u64, u64)> {
    let (mut answers, mut outputs) = (Vec::new(), Vec::new());
    while cluster.next_poll() <= Time(until) {
        let now = cluster.next_poll();
        cluster.poll(now, &mut outputs);
        for output in outputs.drain(..) {
            if let ClusterOutput::Produced { token, .. } = output {
                answers.push((now.0, token));
            }
        }
    }
    answers
}

#[test]
fn requests_in_flight_each_take_their_own_recorded_time() {
    let mut cluster = cluster(&[(0, 1_000), (100, 1_200), (200, 300), (300, 2_000)]);
    for (token, now) in [0, 100, 200, 300].into_iter().enumerate() {
        produce(&mut cluster, now, 0, token as u64);
    }
    // The third was as fast as 300 ns, but its connection still has the second before it.
    assert_eq!(answers(&mut cluster, 10_000), [(1_000, 0), (1_300, 1), (1_300, 2), (2_300, 3)]);
}

#[test]
fn connections_do_not_wait_for_each_other_nor_for_followers() {
    let mut cluster = cluster(&[(0, 5_000), (100, 10)]);
    produce(&mut cluster, 0, 0, 0);
    produce(&mut cluster, 100, 1, 1);
    // Followers need 100 µs and more, and have until the end of time.
    assert_eq!(answers(&mut cluster, 10_000), [(110, 1), (5_000, 0)]);
}
