//! The simulated cluster from outside: requests in at a time, answers out at a time, to the nanosecond.

use lingersim::cluster::spec::{
    BrokerSpec, ClusterSpec, ControllerSpec, LogSpec, QuotaSpec, ReplicationSpec, RetentionSpec, TopicSpec,
};
use lingersim::cluster::{Cluster, ClusterOutput, CutOff, Listening};
use lingersim::engine::rng::{Purpose, Stream, Streams};
use lingersim::protocol::error::ErrorCode;
use lingersim::protocol::message::{Acks, BatchResult, LeaderHint, MetadataResponse, ProduceBatch};
use lingersim::values::ids::{BatchMark, ConnId, NodeId, TopicId, TopicPartition};
use lingersim::values::time::{Span, Time};
use proptest::prelude::*;

const US: u64 = 1_000;
const MS: u64 = 1_000_000;
const S: u64 = 1_000_000_000;

/// Service of a produce request with one batch of [`BYTES`]: 100 us, and 1 ns for each of 1 000 bytes.
const SERVICE: u64 = 101 * US;
const BYTES: u32 = 1_000;
/// To a follower and back by its next fetch, with its append: 20 us, and 3 ns for each of 1 000 bytes.
const REPLICATION: u64 = 2 * 10 * US + 23 * US;
/// From one empty fetch to the next.
const EMPTY_ROUND: u64 = 500 * MS + 2 * 10 * US;

const CONN: ConnId = ConnId(0);
const TIMEOUT_MS: i64 = 30_000;

fn spec(brokers: i32, assignment: &[&[i32]]) -> ClusterSpec {
    let broker = |id| BrokerSpec {
        node: NodeId(id),
        rack: None,
        io_threads: 8,
        network_threads: 3,
        network_per_request: Span::ZERO,
        network_ps_per_byte: 0,
        service: Span::from_micros(100),
        service_ps_per_byte: 1_000,
        service_per_batch: Span::from_micros(7),
        service_other: Span::from_micros(50),
        service_is_exponential: false,
        distance: Span::ZERO,
        recorded: None,
    };
    ClusterSpec {
        brokers: (1..=brokers).map(broker).collect(),
        topics: vec![TopicSpec {
            name: "t".to_owned(),
            assignment: assignment.iter().map(|ids| ids.iter().map(|id| NodeId(*id)).collect()).collect(),
            min_insync_replicas: 1,
            max_message_bytes: 1_048_588,
            retention: RetentionSpec::KEEPS_ALL,
        }],
        replication: ReplicationSpec {
            replica_lag_time_max: Span::from_secs(30),
            replica_fetch_wait_max: Span::from_millis(500),
            replica_fetch_backoff: Span::from_secs(1),
            broker_latency: Span::from_micros(10),
            rack_latency: Span::ZERO,
            follower_append: Span::from_micros(20),
            follower_ps_per_byte: 3_000,
            watermark_needs_min_isr: true,
            os_flush_interval: Span::from_secs(5),
        },
        logs: LogSpec {
            retention_check_interval: Span::from_secs(300),
            segment_roll: Span::ZERO,
            producers_go_with_records: false,
        },
        controller: ControllerSpec {
            broker: None,
            broker_session_timeout: Span::from_secs(9),
            broker_heartbeat_interval: Span::from_secs(2),
            metadata_propagation: Span::from_millis(50),
            metadata_propagation_jitter: Span::ZERO,
            failover: Span::from_secs(2),
            broker_startup: Span::ZERO,
            broker_shutdown: Span::from_millis(500),
            resignation: Span::ZERO,
            unclean_elections: false,
            eligible_leader_replicas: false,
            rebalance_every: None,
        },
        quotas: QuotaSpec::default(),
        reassigns: false,
        logs_can_be_lost: false,
    }
}

fn three_replicas() -> ClusterSpec {
    spec(3, &[&[1, 2, 3]])
}

/// What goes wrong.
#[derive(Clone, Copy, Debug)]
enum FaultKind {
    Crash(NodeId),
    LoseDisk(NodeId),
    Restart(NodeId),
    ShutDown(NodeId),
    /// Until then.
    Pause(NodeId, u64),
    Isolate(NodeId, u64),
    Move(NodeId),
    Reassign([i32; 3]),
    FailController,
}

/// A cluster with a plan of faults.
struct Faulty {
    spec: ClusterSpec,
    faults: Vec<(u64, FaultKind)>,
}

/// What a driver can be made of.
trait Case {
    fn parts(&self) -> (&ClusterSpec, &[(u64, FaultKind)]);
}

impl Case for ClusterSpec {
    fn parts(&self) -> (&ClusterSpec, &[(u64, FaultKind)]) {
        (self, &[])
    }
}

impl Case for Faulty {
    fn parts(&self) -> (&ClusterSpec, &[(u64, FaultKind)]) {
        (&self.spec, &self.faults)
    }
}

fn with_faults(spec: ClusterSpec, faults: &[(u64, FaultKind)]) -> Faulty {
    Faulty { spec, faults: faults.to_vec() }
}

fn tp(partition: u32) -> TopicPartition {
    TopicPartition::new(TopicId(0), partition)
}

fn batch(partition: u32) -> ProduceBatch {
    let (producer_id, producer_epoch, base_sequence) = (-1, -1, -1);
    ProduceBatch {
        tp: tp(partition),
        records: 10,
        bytes: BYTES,
        producer_id,
        producer_epoch,
        base_sequence,
        mark: BatchMark::NONE,
    }
}

fn numbered(partition: u32, base_sequence: i32) -> ProduceBatch {
    ProduceBatch { producer_id: 1000, producer_epoch: 0, base_sequence, ..batch(partition) }
}

#[derive(Clone, Debug, PartialEq)]
enum Answer {
    Produced(u64, Vec<BatchResult>),
    Metadata(Box<MetadataResponse>),
    ProducerId(i64),
    Disconnected(ConnId),
}

/// A cluster and everything that it has said.
struct Driver {
    cluster: Cluster,
    /// The next one last.
    faults: Vec<(u64, FaultKind)>,
    out: Vec<ClusterOutput>,
    answers: Vec<(u64, Answer)>,
}

impl Driver {
    /// With connection n open to broker n + 1.
    fn new(case: &impl Case) -> Driver {
        Driver::seeded(case, 1)
    }

    fn seeded(case: &impl Case, seed: u64) -> Driver {
        let (spec, faults) = case.parts();
        let cluster = Cluster::new(spec, &Streams::new(seed));
        let faults = faults.iter().rev().copied().collect();
        let mut driver = Driver { cluster, faults, out: Vec::new(), answers: Vec::new() };
        for broker in 0..spec.brokers.len() as u32 {
            assert!(driver.connect(0, ConnId(broker), NodeId(broker as i32 + 1)));
        }
        driver
    }

    fn connect(&mut self, now: u64, conn: ConnId, node: NodeId) -> bool {
        self.cluster.connect(Time(now), conn, 0, node) == Listening::Yes
    }

    fn strike(&mut self, at: u64, fault: FaultKind) {
        let (now, cluster) = (Time(at), &mut self.cluster);
        match fault {
            FaultKind::Crash(node) => drop(cluster.crash(now, node, false)),
            FaultKind::LoseDisk(node) => drop(cluster.crash(now, node, true)),
            FaultKind::Restart(node) => drop(cluster.restart(now, node)),
            FaultKind::ShutDown(node) => drop(cluster.shut_down(now, node)),
            FaultKind::Pause(node, until) => drop(cluster.pause(now, node, Time(until))),
            FaultKind::Isolate(node, until) => {
                cluster.cut_off(now, node, Time(until), CutOff { brokers: true, controller: true });
            }
            FaultKind::Move(node) => drop(cluster.elect_replica(now, tp(0), node)),
            FaultKind::Reassign(to) => drop(cluster.reassign(now, tp(0), &to.map(NodeId))),
            FaultKind::FailController => cluster.fail_controller(now, 0),
        }
    }

    /// Lets everything happen that is due by `at`.
    fn until(&mut self, at: u64) {
        loop {
            let fault_at = self.faults.last().map_or(Time::NEVER, |(at, _)| Time(*at));
            let now = self.cluster.next_poll().min(fault_at);
            if now > Time(at) || now == Time::NEVER {
                return;
            }
            if fault_at == now
                && let Some((at, fault)) = self.faults.pop()
            {
                self.strike(at, fault);
            }
            self.cluster.poll(now, &mut self.out);
            for output in self.out.drain(..) {
                let answer = match output {
                    ClusterOutput::Produced { token, response, .. } => {
                        let results = self.cluster.results(response).to_vec();
                        self.cluster.release(response);
                        Answer::Produced(token, results)
                    }
                    ClusterOutput::Metadata { response, .. } => Answer::Metadata(response),
                    ClusterOutput::InitProducerId { producer_id, .. } => Answer::ProducerId(producer_id),
                    ClusterOutput::Disconnected { conn } => Answer::Disconnected(conn),
                };
                self.answers.push((now.0, answer));
            }
        }
    }

    /// Sends a produce request; its token is the time.
    fn produce(&mut self, at: u64, conn: ConnId, acks: Acks, batches: &[ProduceBatch]) {
        self.until(at);
        self.cluster.produce(Time(at), conn, at, acks, TIMEOUT_MS, batches);
    }

    /// What has been answered by `at` and was not told before.
    fn answers(&mut self, at: u64) -> Vec<(u64, Answer)> {
        self.until(at);
        std::mem::take(&mut self.answers)
    }

    fn metadata(&mut self, at: u64, conn: ConnId) -> MetadataResponse {
        self.until(at);
        self.answers.clear();
        self.cluster.metadata(Time(at), conn, 0, &[TopicId(0)]);
        match self.answers(at + 50 * US).pop() {
            Some((_, Answer::Metadata(response))) => *response,
            other => panic!("{other:?} is no metadata response"),
        }
    }
}

fn ok(token: u64, base_offset: i64) -> Answer {
    Answer::Produced(token, vec![BatchResult::ok(base_offset)])
}

fn failed(token: u64, error: ErrorCode) -> Answer {
    Answer::Produced(token, vec![BatchResult::failed(error)])
}

#[test]
fn a_leader_answers_when_it_has_appended() {
    let mut driver = Driver::new(&spec(1, &[&[1], &[1]]));
    driver.produce(0, CONN, Acks::Leader, &[batch(0)]);
    driver.produce(S, CONN, Acks::All, &[batch(0), batch(1)]);
    let both = vec![BatchResult::ok(10), BatchResult::ok(0)];
    let two = 100 * US + 2 * US + 7 * US;
    assert_eq!(driver.answers(2 * S), [(SERVICE, ok(0, 0)), (S + two, Answer::Produced(S, both))]);
    assert_eq!((driver.cluster.log_end(tp(0)), driver.cluster.high_watermark(tp(0))), (20, 20));
    assert_eq!(driver.cluster.next_poll(), Time::NEVER);
}

/// NETB-2, NETB-3.
#[test]
fn a_connection_has_one_request_served_at_a_time() {
    let mut driver = Driver::new(&spec(1, &[&[1]]));
    driver.produce(0, CONN, Acks::Leader, &[batch(0)]);
    driver.produce(1, CONN, Acks::Leader, &[batch(0)]);
    driver.produce(2, CONN, Acks::Leader, &[batch(0)]);
    let answers = driver.answers(S);
    assert_eq!(answers, [(SERVICE, ok(0, 0)), (2 * SERVICE, ok(1, 10)), (3 * SERVICE, ok(2, 20))]);
}

/// NETB-1.
#[test]
fn connections_share_the_handlers_in_order_of_arrival() {
    for (io_threads, times) in [(1, [1, 2, 3]), (2, [1, 1, 2]), (8, [1, 1, 1])] {
        let mut spec = spec(1, &[&[1]]);
        spec.brokers[0].io_threads = io_threads;
        let mut driver = Driver::new(&spec);
        for conn in 1..=3 {
            assert!(driver.connect(0, ConnId(conn), NodeId(1)));
            driver.cluster.produce(Time(0), ConnId(conn), conn.into(), Acks::Leader, TIMEOUT_MS, &[batch(0)]);
        }
        let expected: Vec<_> =
            (0..3).map(|n| (times[n] * SERVICE, ok(n as u64 + 1, n as i64 * 10))).collect();
        assert_eq!(driver.answers(S), expected, "{io_threads} handlers");
    }
}

/// NETB-1: a network thread reads and writes for its connections one after the other; another's does not wait for it.
#[test]
fn connections_share_the_network_threads_in_turn() {
    for (network_threads, times) in [(1, [4, 5, 6]), (3, [2, 2, 2])] {
        let mut spec = spec(1, &[&[1]]);
        (spec.brokers[0].network_threads, spec.brokers[0].network_per_request) =
            (network_threads, Span::from_secs(1));
        let mut driver = Driver::new(&spec);
        for conn in 1..=3 {
            assert!(driver.connect(0, ConnId(conn), NodeId(1)));
            driver.cluster.produce(Time(0), ConnId(conn), conn.into(), Acks::Leader, TIMEOUT_MS, &[batch(0)]);
        }
        // With one thread, three are read before the first is written; with three, each has its own.
        let late = if network_threads == 1 { 0 } else { SERVICE };
        let expected: Vec<_> =
            (0..3).map(|n| (times[n] * S + late, ok(n as u64 + 1, n as i64 * 10))).collect();
        assert_eq!(driver.answers(100 * S), expected, "{network_threads} threads");
    }
}

/// REP-2, REP-3.
#[test]
fn acks_all_waits_for_the_followers_next_fetch() {
    let mut driver = Driver::new(&three_replicas());
    driver.produce(0, CONN, Acks::All, &[batch(0)]);
    driver.until(SERVICE + REPLICATION - 1);
    assert_eq!((driver.cluster.log_end(tp(0)), driver.cluster.high_watermark(tp(0))), (10, 0));
    assert_eq!(driver.answers(S), [(SERVICE + REPLICATION, ok(0, 0))]);
    assert_eq!(driver.cluster.high_watermark(tp(0)), 10);
}

#[test]
fn acks_1_does_not_wait() {
    let mut driver = Driver::new(&three_replicas());
    driver.produce(0, CONN, Acks::Leader, &[batch(0)]);
    assert_eq!(driver.answers(S), [(SERVICE, ok(0, 0))]);
}

/// REP-1.
#[test]
fn one_fetch_brings_all_partitions_of_a_request() {
    let mut driver = Driver::new(&spec(3, &[&[1, 2, 3], &[1, 2, 3], &[1, 3, 2]]));
    driver.produce(0, CONN, Acks::All, &[batch(0), batch(1), batch(2)]);
    let served = 100 * US + 3 * US + 2 * 7 * US;
    let replicated = 20 * US + 20 * US + 3 * 3 * US;
    let results = vec![BatchResult::ok(0); 3];
    assert_eq!(driver.answers(S), [(served + replicated, Answer::Produced(0, results))]);
}

#[test]
fn data_that_misses_a_fetch_waits_for_the_next() {
    let mut driver = Driver::new(&three_replicas());
    assert!(driver.connect(0, ConnId(7), NodeId(1)));
    driver.produce(0, CONN, Acks::All, &[batch(0)]);
    driver.produce(1, ConnId(7), Acks::All, &[batch(0)]);
    let first = SERVICE + REPLICATION;
    assert_eq!(driver.answers(S), [(first, ok(0, 0)), (first + REPLICATION, ok(1, 10))]);
}

#[test]
fn a_fetch_between_two_waits_cannot_be_answered() {
    // Fetches reach the leader at 0, EMPTY_ROUND, ... and wait there for 500 ms.
    for (served, fetched) in
        [(500 * MS - 1, 500 * MS - 1), (500 * MS, EMPTY_ROUND), (EMPTY_ROUND, EMPTY_ROUND)]
    {
        let mut driver = Driver::new(&three_replicas());
        driver.produce(served - SERVICE, CONN, Acks::All, &[batch(0)]);
        assert_eq!(driver.answers(S), [(fetched + REPLICATION, ok(served - SERVICE, 0))], "{served}");
    }
}

#[test]
fn a_handler_is_free_and_the_connection_muted_while_followers_fetch() {
    let mut spec = spec(3, &[&[1, 2, 3], &[1]]);
    spec.brokers[0].io_threads = 1;
    let mut driver = Driver::new(&spec);
    assert!(driver.connect(0, ConnId(7), NodeId(1)));
    driver.produce(0, CONN, Acks::All, &[batch(0)]);
    driver.produce(1, CONN, Acks::Leader, &[batch(1)]);
    driver.produce(SERVICE, ConnId(7), Acks::Leader, &[batch(1)]);
    let second = 2 * SERVICE;
    assert_eq!(
        driver.answers(S),
        [(SERVICE + REPLICATION, ok(0, 0)), (second, ok(SERVICE, 0)), (second + SERVICE, ok(1, 10))]
    );
}

#[test]
fn an_idle_cluster_has_nothing_to_do() {
    let mut driver = Driver::new(&three_replicas());
    assert_eq!(driver.cluster.next_poll(), Time::NEVER);
    driver.produce(0, CONN, Acks::All, &[batch(0)]);
    driver.until(20 * S);
    assert_eq!(driver.cluster.next_poll(), Time::NEVER);
}

/// NETB-5.
#[test]
fn acks_0_has_no_answer_and_an_error_closes_the_connection() {
    let mut driver = Driver::new(&spec(1, &[&[1]]));
    driver.produce(0, CONN, Acks::None, &[batch(0)]);
    assert_eq!(driver.answers(S), []);
    assert_eq!(driver.cluster.log_end(tp(0)), 10);
    driver.produce(S, CONN, Acks::None, &[batch(9)]);
    driver.produce(S, CONN, Acks::Leader, &[batch(0)]);
    driver.produce(2 * S, CONN, Acks::Leader, &[batch(0)]);
    assert_eq!(driver.answers(3 * S), [(S + SERVICE, Answer::Disconnected(CONN))]);
    assert_eq!(driver.cluster.log_end(tp(0)), 10);
}

#[test]
fn batches_are_checked_one_by_one() {
    let mut spec = spec(2, &[&[1], &[2], &[1]]);
    spec.topics[0].max_message_bytes = BYTES;
    let mut driver = Driver::new(&spec);
    let large = ProduceBatch { bytes: BYTES + 1, ..batch(0) };
    driver.produce(0, CONN, Acks::Leader, &[batch(0), batch(1), batch(3), large, batch(2)]);
    let hint = LeaderHint { node: NodeId(2), leader_epoch: 0 };
    let expected = vec![
        BatchResult::ok(0),
        BatchResult { leader_hint: Some(hint), ..BatchResult::failed(ErrorCode::NotLeaderOrFollower) },
        BatchResult::failed(ErrorCode::UnknownTopicOrPartition),
        BatchResult::failed(ErrorCode::MessageTooLarge),
        BatchResult::ok(0),
    ];
    let answers = driver.answers(S);
    assert_eq!(answers.len(), 1);
    assert_eq!(answers[0].1, Answer::Produced(0, expected));
}

#[test]
fn a_batch_that_comes_again_is_not_appended_again() {
    let mut driver = Driver::new(&three_replicas());
    driver.produce(0, CONN, Acks::All, &[numbered(0, 0)]);
    driver.produce(1, CONN, Acks::All, &[numbered(0, 0)]);
    driver.produce(2, CONN, Acks::All, &[numbered(0, 20)]);
    driver.produce(3, CONN, Acks::All, &[numbered(0, 10)]);
    let answers: Vec<Answer> = driver.answers(S).into_iter().map(|(_, answer)| answer).collect();
    // It says where the log begins, as brokers do with errors that are not about the batch itself.
    let out_of_order =
        BatchResult { log_start_offset: 0, ..BatchResult::failed(ErrorCode::OutOfOrderSequenceNumber) };
    assert_eq!(answers, [ok(0, 0), ok(1, 0), Answer::Produced(2, vec![out_of_order]), ok(3, 10)]);
    assert_eq!(driver.cluster.log_end(tp(0)), 20);
}

#[test]
fn a_duplicate_waits_for_followers_like_its_original() {
    let mut driver = Driver::new(&three_replicas());
    assert!(driver.connect(0, ConnId(7), NodeId(1)));
    driver.produce(0, CONN, Acks::All, &[numbered(0, 0)]);
    driver.produce(1, ConnId(7), Acks::All, &[numbered(0, 0)]);
    let both = SERVICE + REPLICATION;
    assert_eq!(driver.answers(S), [(both, ok(0, 0)), (both, ok(1, 0))]);
}

/// RND-10.
#[test]
fn producer_ids_count_up_over_all_brokers() {
    let mut driver = Driver::new(&spec(2, &[&[1]]));
    driver.cluster.init_producer_id(Time(0), ConnId(1), 0);
    driver.cluster.init_producer_id(Time(1), ConnId(0), 0);
    let expected = [(50 * US, Answer::ProducerId(1000)), (50 * US + 1, Answer::ProducerId(1001))];
    assert_eq!(driver.answers(S), expected);
}

#[test]
fn metadata_lists_what_was_asked() {
    let mut driver = Driver::new(&spec(2, &[&[2, 1], &[1]]));
    driver.cluster.metadata(Time(0), CONN, 0, &[TopicId(5), TopicId(0)]);
    let Some((_, Answer::Metadata(response))) = driver.answers(S).pop() else { panic!("no response") };
    let brokers: Vec<_> = response.brokers.iter().map(|b| (b.node.0, b.host.as_str(), b.port)).collect();
    assert_eq!(brokers, [(1, "broker-1", 9092), (2, "broker-2", 9092)]);
    let topics: Vec<_> = response.topics.iter().map(|topic| (topic.topic.0, topic.error)).collect();
    assert_eq!(topics, [(5, ErrorCode::UnknownTopicOrPartition), (0, ErrorCode::None)]);
    let leaders: Vec<_> = response.topics[1].partitions.iter().map(|p| (p.partition, p.leader)).collect();
    assert_eq!(leaders, [(0, Some(NodeId(2))), (1, Some(NodeId(1)))]);
}

#[test]
fn what_a_client_has_sent_outlives_its_connection_until_a_second_answer_meets_nobody() {
    let mut driver = Driver::new(&spec(1, &[&[1]]));
    for _ in 0..3 {
        driver.produce(0, CONN, Acks::Leader, &[batch(0)]);
    }
    driver.cluster.disconnect(CONN);
    driver.produce(1, CONN, Acks::Leader, &[batch(0)]);
    assert!(driver.connect(0, CONN, NodeId(1)));
    driver.produce(2, CONN, Acks::Leader, &[batch(0)]);
    assert_eq!(driver.answers(S), [(SERVICE + 2, ok(2, 10))], "only the new connection hears");
    let end = driver.cluster.log_end(tp(0));
    assert_eq!(end, 30, "the third request, and the one behind the close, are lost");
}

#[test]
fn a_crash_takes_connections_and_requests_along() {
    let mut driver =
        Driver::new(&with_faults(spec(1, &[&[1]]), &[(SERVICE - 1, FaultKind::Crash(NodeId(1)))]));
    driver.produce(0, CONN, Acks::Leader, &[batch(0)]);
    driver.produce(0, CONN, Acks::Leader, &[batch(0)]);
    assert_eq!(driver.answers(S), [(SERVICE - 1, Answer::Disconnected(CONN))]);
    assert_eq!(driver.cluster.log_end(tp(0)), 0);
    assert!(!driver.connect(0, CONN, NodeId(1)));
}

/// What draws the phases of a broker, or of the controller.
fn phases(entity: u32) -> Stream {
    Streams::new(1).stream(Purpose::Phase, entity)
}

/// When the controller fences a broker that dies at `dies`: with its first look, one every eighth of the session, that
/// finds the last heartbeat, one every 2 s, to be a session ago.
fn session_ends(broker: u32, dies: u64, session: u64) -> u64 {
    let heartbeats = Span(2 * S);
    let heard = Time(dies).next_in_period(heartbeats, phases(broker - 1).phase(heartbeats)).0 - 2 * S;
    let looks = Span(session / 8);
    Time(heard + session - 1).next_in_period(looks, phases(u32::MAX).phase(looks)).0
}

/// When the other brokers know, with a session of 9 s.
fn fenced(broker: u32, dies: u64) -> u64 {
    session_ends(broker, dies, 9 * S) + 50 * MS
}

/// When a leader looks for laggards next.
fn isr_check(leader: u32, after: u64, lag: u64) -> u64 {
    let mut phases = phases(leader - 1);
    phases.phase(Span(2 * S));
    Time(after).next_in_period(Span(lag / 2), phases.phase(Span(lag / 2))).0
}

/// CTL-1, CTL-2.
#[test]
fn a_dead_follower_stalls_acks_all_until_it_is_fenced() {
    let crash = (10 * S, FaultKind::Crash(NodeId(2)));
    let mut driver = Driver::new(&with_faults(three_replicas(), &[crash]));
    driver.produce(11 * S, CONN, Acks::All, &[batch(0)]);
    driver.produce(11 * S, CONN, Acks::Leader, &[batch(0)]);
    assert_eq!(driver.answers(12 * S), [(10 * S, Answer::Disconnected(ConnId(1)))]);
    assert_eq!(driver.cluster.isr(tp(0)), [NodeId(1), NodeId(2), NodeId(3)]);
    let fenced = fenced(2, 10 * S);
    assert_eq!(driver.answers(20 * S), [(fenced, ok(11 * S, 0)), (fenced + SERVICE, ok(11 * S, 10))]);
    assert_eq!(driver.cluster.isr(tp(0)), [NodeId(1), NodeId(3)]);
}

/// ACK-2, TMO-6.
#[test]
fn what_waits_too_long_times_out_and_stays_in_the_log() {
    let mut case = with_faults(three_replicas(), &[(10 * S, FaultKind::Crash(NodeId(2)))]);
    case.spec.controller.broker_session_timeout = Span::from_secs(1_000);
    case.spec.replication.replica_lag_time_max = Span::from_secs(1_000);
    let mut driver = Driver::new(&case);
    driver.produce(11 * S, CONN, Acks::All, &[batch(0)]);
    let timed_out = failed(11 * S, ErrorCode::RequestTimedOut);
    assert_eq!(driver.answers(100 * S)[1..], [(41 * S + SERVICE, timed_out)]);
    assert_eq!((driver.cluster.log_end(tp(0)), driver.cluster.high_watermark(tp(0))), (10, 0));
}

/// ACK-1.
#[test]
fn below_min_insync_replicas_nothing_is_promised() {
    let mut case = with_faults(three_replicas(), &[(10 * S, FaultKind::Crash(NodeId(2)))]);
    case.spec.topics[0].min_insync_replicas = 3;
    let mut driver = Driver::new(&case);
    driver.produce(11 * S, CONN, Acks::All, &[batch(0)]);
    assert!(driver.connect(0, ConnId(7), NodeId(1)));
    driver.produce(20 * S, ConnId(7), Acks::All, &[batch(0)]);
    driver.produce(21 * S, ConnId(7), Acks::Leader, &[batch(0)]);
    let answers = driver.answers(60 * S);
    let expected = [
        (20 * S + SERVICE, failed(20 * S, ErrorCode::NotEnoughReplicas)),
        (21 * S + SERVICE, ok(21 * S, 10)),
        (41 * S + SERVICE, failed(11 * S, ErrorCode::RequestTimedOut)),
    ];
    assert_eq!(answers[1..], expected, "the request that was appended before hangs");
    assert_eq!((driver.cluster.log_end(tp(0)), driver.cluster.high_watermark(tp(0))), (20, 0));
}

/// REP-6.
#[test]
fn a_laggard_leaves_the_isr_with_the_first_check_after_its_time() {
    let mut case = with_faults(three_replicas(), &[(100 * S, FaultKind::Crash(NodeId(3)))]);
    case.spec.controller.broker_session_timeout = Span::from_secs(1_000);
    let mut driver = Driver::new(&case);
    driver.produce(100 * S + MS, CONN, Acks::All, &[batch(0)]);
    let last_fetch = 100 * S / EMPTY_ROUND * EMPTY_ROUND;
    let leaves = isr_check(1, last_fetch + 30 * S, 30 * S);
    assert_eq!(
        driver.answers(leaves - 1)[1..],
        [(130 * S + MS + SERVICE, failed(100 * S + MS, ErrorCode::RequestTimedOut))]
    );
    assert_eq!(driver.cluster.isr(tp(0)).len(), 3);
    driver.until(leaves);
    assert_eq!(driver.cluster.isr(tp(0)), [NodeId(1), NodeId(2)]);
    assert_eq!(driver.cluster.high_watermark(tp(0)), 10);
    driver.until(200 * S);
    assert_eq!(driver.cluster.next_poll(), Time(session_ends(3, 100 * S, 1_000 * S)), "its session");
}

#[test]
fn without_new_data_nobody_lags() {
    let mut case = with_faults(three_replicas(), &[(100 * S, FaultKind::Crash(NodeId(3)))]);
    case.spec.controller.broker_session_timeout = Span::from_secs(1_000);
    let mut driver = Driver::new(&case);
    driver.produce(99 * S, CONN, Acks::All, &[batch(0)]);
    driver.until(900 * S);
    assert_eq!(driver.cluster.isr(tp(0)).len(), 3);
}

/// REP-7.
#[test]
fn a_restarted_follower_catches_up_and_is_in_sync_again() {
    let faults = [(10 * S, FaultKind::Crash(NodeId(2))), (30 * S, FaultKind::Restart(NodeId(2)))];
    let mut driver = Driver::new(&with_faults(three_replicas(), &faults));
    for n in 0..10 {
        driver.produce(20 * S + n * S, CONN, Acks::All, &[batch(0)]);
    }
    let registered = 30 * S + 50 * MS;
    driver.until(registered - 1);
    assert!(!driver.connect(0, ConnId(1), NodeId(2)));
    assert_eq!(driver.cluster.high_watermark(tp(0)), 100);
    // Its first fetch, ten batches, its second fetch; it is fenced until that is at the leader, and the third one counts.
    let caught_up = registered + 10 * US + 10 * US + 20 * US + 30 * US + 10 * US + EMPTY_ROUND;
    driver.until(caught_up - 1);
    assert_eq!(driver.cluster.isr(tp(0)), [NodeId(1), NodeId(3)]);
    driver.until(caught_up);
    assert_eq!(driver.cluster.isr(tp(0)), [NodeId(1), NodeId(2), NodeId(3)]);
    assert!(driver.connect(0, ConnId(1), NodeId(2)));
}

/// Broker 1 dies at 11 s.
fn broker_1_fenced() -> u64 {
    fenced(1, 11 * S)
}

/// CTL-3, CTL-7.
#[test]
fn a_dead_leader_is_replaced_when_everybody_knows() {
    let crash = (11 * S, FaultKind::Crash(NodeId(1)));
    let mut driver = Driver::new(&with_faults(spec(3, &[&[1, 3, 2], &[2, 1]]), &[crash]));
    driver.produce(0, CONN, Acks::All, &[numbered(0, 0)]);
    let before = driver.metadata(broker_1_fenced() - 51 * US, ConnId(1));
    assert_eq!(before.brokers.len(), 3);
    assert_eq!(before.topics[0].partitions[0].leader, Some(NodeId(1)));
    let after = driver.metadata(broker_1_fenced(), ConnId(1));
    assert_eq!(after.brokers.len(), 2);
    let new = after.topics[0].partitions[0];
    assert_eq!((new.leader, new.leader_epoch), (Some(NodeId(3)), 1));
    assert_eq!(after.topics[0].partitions[1].leader_epoch, 0);
    assert_eq!(driver.cluster.isr(tp(0)), [NodeId(2), NodeId(3)]);
    // The new leader knows the producer, and its follower has to show itself first.
    driver.produce(20 * S, ConnId(2), Acks::All, &[numbered(0, 0)]);
    driver.produce(20 * S, ConnId(2), Acks::All, &[numbered(0, 10)]);
    let done = 20 * S + 2 * SERVICE + REPLICATION;
    assert_eq!(driver.answers(30 * S), [(20 * S + SERVICE, ok(20 * S, 0)), (done, ok(20 * S, 10))]);
}

/// REP-10.
#[test]
fn what_only_the_dead_leader_had_is_lost() {
    let faults = [(11 * S, FaultKind::Crash(NodeId(1))), (30 * S, FaultKind::Restart(NodeId(1)))];
    let mut driver = Driver::new(&with_faults(three_replicas(), &faults));
    driver.produce(5 * S, CONN, Acks::Leader, &[numbered(0, 0)]);
    // Acknowledged just before the crash: on its way, and not even that.
    assert!(driver.connect(0, ConnId(7), NodeId(1)));
    driver.produce(11 * S - SERVICE - 10 * US, CONN, Acks::Leader, &[numbered(0, 10)]);
    driver.produce(11 * S - SERVICE - 5 * US, ConnId(7), Acks::Leader, &[numbered(0, 20)]);
    driver.until(11 * S - 1);
    assert_eq!(driver.cluster.log_end(tp(0)), 30);
    driver.until(20 * S);
    assert_eq!(driver.cluster.leader(tp(0)), Some(NodeId(2)));
    assert_eq!((driver.cluster.log_end(tp(0)), driver.cluster.high_watermark(tp(0))), (10, 10));
    driver.answers.clear();
    driver.produce(20 * S, ConnId(1), Acks::All, &[numbered(0, 10)]);
    assert_eq!(
        driver.answers(21 * S),
        [(20 * S + SERVICE + REPLICATION, ok(20 * S, 10))],
        "it is no duplicate"
    );
    // The former leader cuts off its 20 records, which takes it a round trip, and fetches what it lacks. It is fenced
    // until after that, and then its next fetch counts.
    let registered = 30 * S + 50 * MS;
    let cut = registered + 10 * US + 10 * US + 20 * US + 10 * US;
    let caught_up = cut + 10 * US + 23 * US + 10 * US + EMPTY_ROUND;
    driver.until(caught_up - 1);
    assert_eq!(driver.cluster.isr(tp(0)), [NodeId(2), NodeId(3)]);
    driver.until(caught_up);
    assert_eq!(driver.cluster.isr(tp(0)), [NodeId(1), NodeId(2), NodeId(3)]);
    assert!(driver.connect(0, CONN, NodeId(1)));
    driver.produce(31 * S, CONN, Acks::All, &[batch(0)]);
    let hint = Some(LeaderHint { node: NodeId(2), leader_epoch: 1 });
    let refused = BatchResult { leader_hint: hint, ..BatchResult::failed(ErrorCode::NotLeaderOrFollower) };
    assert_eq!(
        driver.answers(40 * S).pop(),
        Some((31 * S + SERVICE, Answer::Produced(31 * S, vec![refused])))
    );
}

/// The first fetch after that of a follower that has nothing to fetch.
fn next_empty_fetch() -> u64 {
    (broker_1_fenced() / EMPTY_ROUND + 1) * EMPTY_ROUND
}

#[test]
fn a_follower_that_fetches_from_the_new_leader_already_asks_for_more_with_its_next_fetch() {
    let crash = (11 * S, FaultKind::Crash(NodeId(1)));
    let spec = with_faults(spec(3, &[&[1, 2, 3], &[2, 3]]), &[crash]);
    let sent = broker_1_fenced() + MS;
    let mut driver = Driver::new(&spec);
    driver.produce(sent, ConnId(1), Acks::All, &[batch(0)]);
    let waited = (next_empty_fetch() + REPLICATION, ok(sent, 0));
    assert_eq!(driver.answers(30 * S)[1..], [waited], "the fetch under way does not ask for it");
    // Data of the other partition ends that wait.
    let mut driver = Driver::new(&spec);
    assert!(driver.connect(0, ConnId(7), NodeId(2)));
    driver.produce(sent, ConnId(1), Acks::All, &[batch(0)]);
    driver.produce(sent + MS, ConnId(7), Acks::All, &[batch(1)]);
    let other = sent + MS + SERVICE + REPLICATION;
    let expected = [(other, ok(sent + MS, 0)), (other + REPLICATION, ok(sent, 0))];
    assert_eq!(driver.answers(30 * S)[1..], expected);
}

/// REP-9.
#[test]
fn a_new_leader_believes_no_position_that_its_predecessor_knew() {
    // Broker 3 is busy with a large batch of the other partition while broker 2 gets one that broker 3 never will.
    let crash = (11 * S + 3 * MS, FaultKind::Crash(NodeId(1)));
    let mut driver = Driver::new(&with_faults(spec(3, &[&[1, 3, 2], &[1, 3]]), &[crash]));
    let large = ProduceBatch { bytes: 1_000_000, ..batch(1) };
    driver.produce(10 * S, CONN, Acks::All, &[batch(0)]);
    driver.produce(11 * S - MS, CONN, Acks::Leader, &[large]);
    driver.produce(11 * S + MS, CONN, Acks::Leader, &[batch(0)]);
    let sent = broker_1_fenced() + US - SERVICE;
    driver.produce(sent, ConnId(2), Acks::All, &[batch(0)]);
    driver.until(broker_1_fenced());
    assert_eq!(driver.cluster.leader(tp(0)), Some(NodeId(3)));
    assert_eq!((driver.cluster.log_end(tp(0)), driver.cluster.high_watermark(tp(0))), (10, 10));
    // Broker 2 has to ask, to cut off its surplus, and to ask again. Until then it stands at 20, as the new log does.
    let asked_again = broker_1_fenced() + 10 * US + 10 * US + 20 * US + 10 * US;
    assert_eq!(driver.answers(30 * S).pop(), Some((asked_again + REPLICATION, ok(sent, 10))));
}

#[test]
fn a_follower_that_a_new_leader_never_hears_of_leaves_the_isr() {
    let faults = [(11 * S, FaultKind::Crash(NodeId(1))), (19 * S, FaultKind::Crash(NodeId(3)))];
    let mut case = with_faults(three_replicas(), &faults);
    case.spec.replication.replica_lag_time_max = Span::from_secs(2);
    let mut driver = Driver::new(&case);
    driver.produce(5 * S, CONN, Acks::All, &[batch(0)]);
    let leaves = isr_check(2, broker_1_fenced() + 2 * S, 2 * S);
    driver.until(leaves - 1);
    assert_eq!(driver.cluster.isr(tp(0)), [NodeId(2), NodeId(3)]);
    driver.until(leaves);
    assert_eq!(driver.cluster.isr(tp(0)), [NodeId(2)], "2 s after the election, at the next check");
}

#[test]
fn a_partition_without_clean_candidate_waits_for_its_last_in_sync_replica() {
    let faults = [
        (10 * S, FaultKind::Crash(NodeId(2))),
        (30 * S, FaultKind::Crash(NodeId(1))),
        (50 * S, FaultKind::Restart(NodeId(2))),
        (60 * S, FaultKind::Restart(NodeId(1))),
    ];
    let mut driver = Driver::new(&with_faults(spec(3, &[&[1, 2]]), &faults));
    driver.produce(25 * S, CONN, Acks::All, &[batch(0)]);
    let leaderless = driver.metadata(55 * S, ConnId(2)).topics[0].partitions[0];
    assert_eq!((leaderless.leader, leaderless.error), (None, ErrorCode::LeaderNotAvailable));
    assert_eq!(driver.cluster.isr(tp(0)), [NodeId(1)]);
    assert_eq!(driver.cluster.log_end(tp(0)), 10);
    // It hears of its registration, asks to be let in, and hears that it leads.
    let back = driver.metadata(60 * S + 3 * 50 * MS, ConnId(2)).topics[0].partitions[0];
    assert_eq!((back.leader, back.leader_epoch), (Some(NodeId(1)), 2));
    driver.until(61 * S);
    assert_eq!(driver.cluster.isr(tp(0)), [NodeId(1), NodeId(2)]);
}

#[test]
fn a_restart_within_the_session_still_costs_the_leadership() {
    let faults = [(10 * S, FaultKind::Crash(NodeId(1))), (11 * S, FaultKind::Restart(NodeId(1)))];
    let mut driver = Driver::new(&with_faults(three_replicas(), &faults));
    driver.until(11 * S - 1);
    assert_eq!(driver.cluster.leader(tp(0)), Some(NodeId(1)));
    driver.until(11 * S);
    assert_eq!(driver.cluster.leader(tp(0)), Some(NodeId(2)));
    driver.until(30 * S);
    assert_eq!(driver.cluster.leader(tp(0)), Some(NodeId(2)), "the session of the former life ends unheard");
    assert_eq!(driver.cluster.isr(tp(0)).len(), 3);
}

/// CTL-6.
#[test]
fn the_controller_may_elect_a_broker_that_is_dead_but_not_yet_fenced() {
    let faults = [(11 * S, FaultKind::Crash(NodeId(1))), (18 * S, FaultKind::Crash(NodeId(2)))];
    let mut driver = Driver::new(&with_faults(three_replicas(), &faults));
    driver.produce(5 * S, CONN, Acks::All, &[numbered(0, 0)]);
    driver.until(20 * S);
    assert_eq!(driver.cluster.leader(tp(0)), Some(NodeId(2)));
    driver.until(30 * S);
    assert_eq!(driver.cluster.leader(tp(0)), Some(NodeId(3)));
    driver.answers.clear();
    driver.produce(30 * S, ConnId(2), Acks::All, &[numbered(0, 0)]);
    assert_eq!(driver.answers(31 * S), [(30 * S + SERVICE, ok(30 * S, 0))], "it is known as a duplicate");
}

/// Broker 1 hears of the controller's decisions 10 ms after the others.
fn with_late_news(mut case: Faulty) -> Faulty {
    case.spec.controller.metadata_propagation_jitter = Span::from_millis(20);
    case
}

/// CTL-5. The old leader goes on for a moment after its successor has begun: what it confirms on its own is cut off.
#[test]
fn a_planned_move_loses_what_acks_1_confirms_meanwhile() {
    let mut lost = 0;
    for start in 0..20 {
        let fault = (10 * S + start * MS, FaultKind::Move(NodeId(2)));
        let mut driver = Driver::new(&with_late_news(with_faults(three_replicas(), &[fault])));
        for n in 0..200 {
            driver.produce(10 * S + n * MS, CONN, Acks::Leader, &[batch(0)]);
        }
        let answers = driver.answers(20 * S);
        let confirmed =
            answers.iter().filter(|(_, answer)| matches!(answer, Answer::Produced(_, results) if results[0].error == ErrorCode::None)).count();
        lost += confirmed as u64 * 10 - driver.cluster.log_end(tp(0));
        assert_eq!(driver.cluster.leader(tp(0)), Some(NodeId(2)));
    }
    assert!(lost > 0 && lost.is_multiple_of(10), "{lost}");
}

/// CTL-5, 11.3: nothing that acks=all has confirmed is lost, and what waits is told that the leader is none any more.
#[test]
fn a_shutdown_moves_the_leader_and_fails_what_waits() {
    let faults = [(10 * S, FaultKind::ShutDown(NodeId(1)))];
    let mut case = with_faults(three_replicas(), &faults);
    case.spec.replication.follower_append = Span::from_millis(200);
    let mut driver = Driver::new(&case);
    driver.produce(10 * S - MS, CONN, Acks::All, &[batch(0)]);
    let heard = 10 * S + 50 * MS;
    let hint = Some(LeaderHint { node: NodeId(2), leader_epoch: 1 });
    let moved = BatchResult { leader_hint: hint, ..BatchResult::failed(ErrorCode::NotLeaderOrFollower) };
    assert_eq!(driver.answers(heard), [(heard, Answer::Produced(10 * S - MS, vec![moved]))]);
    assert_eq!(driver.cluster.isr(tp(0)), [NodeId(2), NodeId(3)]);
    // It has its next heartbeat and half a second, and until then it answers.
    driver.produce(heard + MS, CONN, Acks::All, &[batch(0)]);
    let ends = heard + 2 * S + 500 * MS;
    let answers = driver.answers(ends);
    assert_eq!(answers[0], (heard + MS + SERVICE, Answer::Produced(heard + MS, vec![moved])));
    assert_eq!(answers[1], (ends, Answer::Disconnected(CONN)));
    assert!(!driver.connect(ends, CONN, NodeId(1)));
}

/// A leader that the controller cannot reach does not hear that it is none any more.
#[test]
fn a_leader_that_is_cut_off_promises_nothing_with_acks_all() {
    let faults = [(10 * S, FaultKind::Isolate(NodeId(1), 40 * S))];
    let mut driver = Driver::new(&with_faults(three_replicas(), &faults));
    driver.produce(11 * S, CONN, Acks::All, &[batch(0)]);
    driver.until(30 * S);
    assert_eq!(driver.cluster.leader(tp(0)), Some(NodeId(2)));
    assert!(driver.connect(0, ConnId(7), NodeId(1)));
    driver.produce(30 * S, ConnId(7), Acks::Leader, &[batch(0)]);
    driver.produce(31 * S, ConnId(1), Acks::All, &[numbered(0, 0)]);
    let answers = driver.answers(39 * S);
    assert_eq!(
        answers,
        [(30 * S + SERVICE, ok(30 * S, 10)), (31 * S + SERVICE + REPLICATION, ok(31 * S, 0))]
    );
    // At last it hears of its successor.
    let hint = Some(LeaderHint { node: NodeId(2), leader_epoch: 1 });
    let moved = BatchResult { leader_hint: hint, ..BatchResult::failed(ErrorCode::NotLeaderOrFollower) };
    assert_eq!(driver.answers(60 * S), [(40 * S, Answer::Produced(11 * S, vec![moved]))]);
    assert_eq!((driver.cluster.log_end(tp(0)), driver.cluster.high_watermark(tp(0))), (10, 10));
    assert_eq!(driver.cluster.isr(tp(0)).len(), 3, "it has cut off its 20 records, and follows");
}

/// REP-1: a follower that turns to the new leader before that one knows has to wait for `replica.fetch.backoff.ms`.
#[test]
fn a_follower_that_comes_too_early_is_turned_away() {
    let resumes = |seed: u64| {
        let faults = [(10 * S, FaultKind::Move(NodeId(2)))];
        let mut case = with_faults(three_replicas(), &faults);
        case.spec.controller.metadata_propagation_jitter = Span::from_millis(20);
        let mut driver = Driver::seeded(&case, seed);
        driver.until(11 * S - 500 * MS);
        driver.produce(11 * S - 500 * MS, ConnId(1), Acks::All, &[batch(0)]);
        driver.answers(20 * S).pop().map(|(at, _)| at - (11 * S - 500 * MS))
    };
    let times: Vec<u64> = (0..40).filter_map(resumes).collect();
    let early = times.iter().filter(|time| **time < 10 * MS).count();
    let late = times.iter().filter(|time| (500 * MS..600 * MS).contains(*time)).count();
    assert_eq!((early + late, times.len()), (40, 40), "{times:?}");
    assert!(early > 5 && late > 5, "{early} at once, {late} after the backoff");
}

/// What was not on disk is gone with the machine, and with it what acks=all has confirmed if nobody else has it.
#[test]
fn a_machine_that_dies_takes_what_was_not_on_disk() {
    for (eligible, leader, end) in [(false, Some(NodeId(1)), 10), (true, None, 10)] {
        let faults = [
            (S, FaultKind::Crash(NodeId(2))),
            (S, FaultKind::Crash(NodeId(3))),
            (24 * S, FaultKind::LoseDisk(NodeId(1))),
            (26 * S, FaultKind::Restart(NodeId(1))),
        ];
        let mut case = with_faults(three_replicas(), &faults);
        case.spec.logs_can_be_lost = true;
        case.spec.controller.eligible_leader_replicas = eligible;
        let mut driver = Driver::new(&case);
        driver.produce(19 * S, CONN, Acks::All, &[batch(0)]);
        driver.produce(22 * S, CONN, Acks::All, &[batch(0)]);
        assert_eq!(driver.answers(23 * S).len(), 4, "two are confirmed, two connections are gone");
        driver.until(40 * S);
        assert_eq!(
            (driver.cluster.leader(tp(0)), driver.cluster.log_end(tp(0))),
            (leader, end),
            "{eligible}"
        );
    }
}

/// KIP-966: who left an ISR that was too small for promises has everything that was promised.
#[test]
fn an_eligible_replica_may_lead_although_it_is_not_in_sync() {
    for (eligible, leader) in [(true, Some(NodeId(2))), (false, None)] {
        let faults = [
            (S, FaultKind::Crash(NodeId(3))),
            (12 * S, FaultKind::Crash(NodeId(2))),
            (24 * S, FaultKind::Crash(NodeId(1))),
            (36 * S, FaultKind::Restart(NodeId(2))),
        ];
        let mut case = with_faults(three_replicas(), &faults);
        case.spec.topics[0].min_insync_replicas = 2;
        case.spec.controller.eligible_leader_replicas = eligible;
        let mut driver = Driver::new(&case);
        driver.produce(11 * S, CONN, Acks::All, &[batch(0)]);
        driver.until(50 * S);
        assert_eq!(driver.cluster.leader(tp(0)), leader);
        assert_eq!(driver.cluster.log_end(tp(0)), 10);
    }
}

/// CTL-4.
#[test]
fn an_unclean_election_cuts_off_what_the_new_leader_lacks() {
    let faults = [
        (S, FaultKind::Crash(NodeId(2))),
        (20 * S, FaultKind::Crash(NodeId(1))),
        (40 * S, FaultKind::Restart(NodeId(2))),
    ];
    let mut case = with_faults(spec(3, &[&[1, 2]]), &faults);
    case.spec.controller.unclean_elections = true;
    let mut driver = Driver::new(&case);
    driver.produce(15 * S, CONN, Acks::All, &[batch(0)]);
    driver.until(39 * S);
    assert_eq!((driver.cluster.leader(tp(0)), driver.cluster.log_end(tp(0))), (None, 10));
    driver.until(50 * S);
    assert_eq!((driver.cluster.leader(tp(0)), driver.cluster.log_end(tp(0))), (Some(NodeId(2)), 0));
    assert_eq!(driver.cluster.counters().unclean_elections, 1);
}

/// A new controller gives every broker a whole session from the time it takes over.
#[test]
fn a_lost_controller_starts_the_sessions_anew() {
    let faults = [(11 * S, FaultKind::FailController), (11 * S, FaultKind::Crash(NodeId(1)))];
    let mut driver = Driver::new(&with_faults(three_replicas(), &faults));
    let elected = 11 * S + 2 * S + 9 * S;
    driver.until(elected - 1);
    assert_eq!(driver.cluster.leader(tp(0)), Some(NodeId(1)));
    driver.until(elected);
    assert_eq!(driver.cluster.leader(tp(0)), Some(NodeId(2)));
}

#[test]
fn a_reassigned_partition_moves_when_its_new_replicas_are_in_sync() {
    let faults = [(10 * S, FaultKind::Reassign([3, 2, 4]))];
    let mut case = with_faults(spec(4, &[&[1, 2, 3]]), &faults);
    case.spec.reassigns = true;
    let mut driver = Driver::new(&case);
    driver.produce(5 * S, CONN, Acks::All, &[batch(0)]);
    driver.until(20 * S);
    assert_eq!(driver.cluster.leader(tp(0)), Some(NodeId(3)));
    assert_eq!(driver.cluster.isr(tp(0)), [NodeId(2), NodeId(3), NodeId(4)]);
    driver.answers.clear();
    driver.produce(21 * S, ConnId(2), Acks::All, &[batch(0)]);
    assert_eq!(driver.answers(22 * S), [(21 * S + SERVICE + REPLICATION, ok(21 * S, 10))]);
}

/// Broker 1 appends to its own log, not to another's, until its successor knows; then both forget about it.
#[test]
fn a_leader_that_is_reassigned_away_while_its_successor_has_not_heard_keeps_its_own_log() {
    let faults = [(10 * S, FaultKind::Move(NodeId(2))), (10 * S + MS, FaultKind::Reassign([2, 3, 4]))];
    let mut case = with_faults(spec(4, &[&[1, 2, 3, 4]]), &faults);
    case.spec.reassigns = true;
    case.spec.controller.metadata_propagation = Span::from_millis(500);
    let mut driver = Driver::new(&case);
    let (sent, answered) = (10 * S + 2 * MS, 10 * S + 2 * MS + SERVICE);
    driver.produce(sent, CONN, Acks::Leader, &[batch(0)]);
    assert_eq!(driver.answers(answered), [(answered, ok(sent, 0))]);
    assert_eq!(driver.cluster.log_end(tp(0)), 0, "broker 2 is elected, and has not fetched it yet");
    driver.until(20 * S);
    assert_eq!(driver.cluster.isr(tp(0)), [NodeId(2), NodeId(3), NodeId(4)]);
}

/// What retention has deleted stays deleted under the next leader, which goes on looking.
#[test]
fn a_new_leader_goes_on_where_retention_was() {
    let mut case = with_faults(three_replicas(), &[(30 * S, FaultKind::Move(NodeId(2)))]);
    case.spec.topics[0].retention = RetentionSpec {
        segment: Span::from_secs(5),
        retention: Some(Span::from_secs(20)),
        ..RetentionSpec::KEEPS_ALL
    };
    case.spec.logs.retention_check_interval = Span::from_secs(1);
    let mut driver = Driver::new(&case);
    for n in 0..5 {
        driver.produce(n * 6 * S, CONN, Acks::All, &[batch(0)]);
    }
    driver.until(29 * S);
    assert_eq!(driver.cluster.log_start(tp(0)), 20, "of 0 s, 6 s, and not of 12 s");
    driver.until(40 * S);
    assert_eq!((driver.cluster.leader(tp(0)), driver.cluster.log_start(tp(0))), (Some(NodeId(2)), 40));
    driver.until(100 * S);
    assert_eq!((driver.cluster.log_start(tp(0)), driver.cluster.log_end(tp(0))), (50, 50));
    assert_eq!(driver.cluster.next_poll(), Time::NEVER);
}

#[test]
fn preferred_replicas_lead_again_after_a_while() {
    let faults = [(10 * S, FaultKind::Crash(NodeId(1))), (30 * S, FaultKind::Restart(NodeId(1)))];
    let mut case = with_faults(three_replicas(), &faults);
    case.spec.controller.rebalance_every = Some(Span::from_secs(300));
    let mut driver = Driver::new(&case);
    driver.until(300 * S - 1);
    assert_eq!(driver.cluster.leader(tp(0)), Some(NodeId(2)));
    driver.until(300 * S);
    assert_eq!(driver.cluster.leader(tp(0)), Some(NodeId(1)));
    driver.until(700 * S);
    assert_eq!(driver.cluster.next_poll(), Time::NEVER, "there is nothing more to look after");
}

#[test]
fn a_paused_broker_does_later_what_it_would_have_done() {
    let faults = [(10 * S, FaultKind::Pause(NodeId(1), 15 * S))];
    let mut driver = Driver::new(&with_faults(three_replicas(), &faults));
    driver.produce(11 * S, CONN, Acks::Leader, &[batch(0)]);
    assert_eq!(driver.cluster.connect(Time(12 * S), ConnId(7), 0, NodeId(1)), Listening::Later(Time(15 * S)));
    assert_eq!(driver.answers(30 * S), [(15 * S + SERVICE, ok(11 * S, 0))]);
    assert_eq!(driver.cluster.leader(tp(0)), Some(NodeId(1)), "its session has not ended");
    // A follower that stands still stalls acks=all as long.
    let faults = [(10 * S, FaultKind::Pause(NodeId(2), 15 * S))];
    let mut driver = Driver::new(&with_faults(three_replicas(), &faults));
    driver.produce(11 * S, CONN, Acks::All, &[batch(0)]);
    let (at, answer) = driver.answers(30 * S).remove(0);
    assert_eq!(answer, ok(11 * S, 0));
    assert!((15 * S..15 * S + MS).contains(&at), "{at}");
}

/// 11.3 without KIP-966: the high watermark moves, and what it has passed with too few replicas is answered so.
#[test]
fn an_old_cluster_says_not_enough_replicas_after_the_append() {
    let mut case = with_faults(three_replicas(), &[(10 * S, FaultKind::Crash(NodeId(2)))]);
    case.spec.topics[0].min_insync_replicas = 3;
    case.spec.replication.watermark_needs_min_isr = false;
    let mut driver = Driver::new(&case);
    driver.produce(11 * S, CONN, Acks::All, &[batch(0)]);
    let too_few = failed(11 * S, ErrorCode::NotEnoughReplicasAfterAppend);
    assert_eq!(driver.answers(20 * S)[1..], [(fenced(2, 10 * S), too_few)]);
    assert_eq!((driver.cluster.log_end(tp(0)), driver.cluster.high_watermark(tp(0))), (10, 10));
}

/// QUO-2, QUO-4, ACK-4: who sends more than its quota is told so at once, and heard again when it has made up for that.
#[test]
fn a_client_over_its_quota_waits() {
    let mut spec = spec(1, &[&[1]]);
    spec.quotas.producer_byte_rate = 1_000;
    let mut driver = Driver::new(&spec);
    let twelve_seconds = ProduceBatch { bytes: 12_000, ..batch(0) };
    driver.produce(0, CONN, Acks::Leader, &[twelve_seconds]);
    driver.produce(1, CONN, Acks::Leader, &[batch(0)]);
    let answers: Vec<u64> = driver.answers(60 * S).into_iter().map(|(at, _)| at).collect();
    let first = 112 * US;
    assert_eq!(answers, [first, first + 2 * S + SERVICE], "ten seconds are free");
    assert_eq!(driver.cluster.counters().throttled_responses, 2);
}

#[test]
fn a_new_controller_begins_every_session_anew() {
    let mut case = with_faults(three_replicas(), &[(10 * S, FaultKind::Crash(NodeId(1)))]);
    case.spec.controller.broker = Some(NodeId(1));
    let mut driver = Driver::new(&case);
    // Two seconds without controller; then eight looks until the session is over.
    driver.until(21 * S - 1);
    assert_eq!(driver.cluster.leader(tp(0)), Some(NodeId(1)));
    driver.until(21 * S);
    assert_eq!(driver.cluster.leader(tp(0)), Some(NodeId(2)));
    assert_eq!(driver.cluster.counters().clean_elections, 1);
}

/// CTL-5.
#[test]
fn who_leads_nothing_may_leave_at_once_and_others_a_heartbeat_later() {
    let heard = 10 * S + 50 * MS;
    for (node, leaves) in [(3, heard + 500 * MS), (1, heard + 2 * S + 500 * MS)] {
        let mut driver =
            Driver::new(&with_faults(three_replicas(), &[(10 * S, FaultKind::ShutDown(NodeId(node)))]));
        let known = |driver: &mut Driver| driver.metadata(heard, ConnId(1)).brokers.len();
        assert_eq!(known(&mut driver), if node == 3 { 2 } else { 3 }, "who leads nothing is fenced at once");
        assert_eq!(driver.cluster.isr(tp(0)).len(), 2);
        driver.until(leaves - 1);
        assert!(driver.connect(leaves - 1, ConnId(7), NodeId(node)));
        driver.until(leaves);
        assert!(!driver.connect(leaves, ConnId(8), NodeId(node)));
    }
}

#[test]
fn news_of_the_isr_do_not_disturb_a_follower() {
    let mut driver = Driver::new(&with_faults(three_replicas(), &[(10 * S, FaultKind::ShutDown(NodeId(3)))]));
    let sent = 10 * S + 51 * MS;
    driver.produce(sent, CONN, Acks::All, &[batch(0)]);
    assert_eq!(driver.answers(10 * S + 400 * MS), [(sent + SERVICE + REPLICATION, ok(sent, 0))]);
}

#[test]
fn a_leader_that_resigns_serves_nothing_for_a_while() {
    let mut case = with_faults(three_replicas(), &[(10 * S, FaultKind::Move(NodeId(2)))]);
    case.spec.controller.resignation = Span(20 * MS);
    let mut driver = Driver::new(&case);
    let (heard, refused) = (10 * S + 50 * MS, ErrorCode::NotLeaderOrFollower);
    driver.produce(heard - MS, CONN, Acks::Leader, &[batch(0)]);
    driver.produce(heard + MS, CONN, Acks::Leader, &[batch(0)]);
    let answers = driver.answers(11 * S);
    assert_eq!(answers[0], (heard - MS + SERVICE, ok(heard - MS, 0)));
    let (at, Answer::Produced(_, results)) = &answers[1] else { panic!("no answer") };
    assert_eq!((*at, results[0].error), (heard + 20 * MS + SERVICE, refused));
    assert_eq!(driver.cluster.log_end(tp(0)), 10);
}

/// A step of a random run: wait, then do something.
#[derive(Clone, Debug)]
struct Step {
    wait_us: u64,
    broker: u32,
    action: Action,
}

#[derive(Clone, Debug)]
enum Action {
    Produce { acks: Acks, batches: Vec<ProduceBatch> },
    Reconnect,
    Metadata,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let acks = prop_oneof![Just(Acks::None), Just(Acks::Leader), Just(Acks::All)];
    let batch = (0u32..5, 1u32..20, 100u32..5_000).prop_map(|(partition, records, bytes)| ProduceBatch {
        records,
        bytes,
        ..batch(partition)
    });
    let produce = (acks, prop::collection::vec(batch, 0..4))
        .prop_map(|(acks, batches)| Action::Produce { acks, batches });
    let action = prop_oneof![8 => produce, 2 => Just(Action::Reconnect), 1 => Just(Action::Metadata)];
    let wait_us = prop_oneof![4 => 0u64..300, 2 => 0u64..600_000, 1 => 0u64..5_000_000];
    let step =
        (wait_us, 0u32..3, action).prop_map(|(wait_us, broker, action)| Step { wait_us, broker, action });
    prop::collection::vec(step, 1..80)
}

fn faults() -> impl Strategy<Value = Vec<(u64, FaultKind)>> {
    let kind = (0u32..9, 1i32..4, 1u64..20_000).prop_map(|(kind, id, for_ms)| {
        let node = NodeId(id);
        match kind {
            0 | 1 => (FaultKind::Crash(node), 0),
            2 => (FaultKind::Restart(node), 0),
            3 => (FaultKind::ShutDown(node), 0),
            4 => (FaultKind::Pause(node, 0), for_ms),
            5 => (FaultKind::Isolate(node, 0), for_ms),
            6 => (FaultKind::Move(node), 0),
            7 => (FaultKind::Reassign([id, id % 3 + 1, (id + 1) % 3 + 1]), 0),
            _ => (FaultKind::FailController, 0),
        }
    });
    prop::collection::vec((0u64..60_000, kind), 0..10).prop_map(|mut faults| {
        faults.sort_by_key(|(at, _)| *at);
        let lasting = |at_ms: u64, kind, for_ms: u64| match kind {
            FaultKind::Pause(node, _) => FaultKind::Pause(node, (at_ms + for_ms) * MS),
            FaultKind::Isolate(node, _) => FaultKind::Isolate(node, (at_ms + for_ms) * MS),
            other => other,
        };
        faults.into_iter().map(|(at, (kind, for_ms))| (at * MS, lasting(at, kind, for_ms))).collect()
    })
}

/// Runs the steps, looking at the watermarks all the time; gives all answers, and all ends of logs.
fn run(case: &Faulty, steps: &[Step]) -> (Vec<(u64, Answer)>, Vec<u64>) {
    let mut driver = Driver::new(case);
    let mut watermarks = [0; 4];
    let mut now = 0;
    let mut batches_sent = std::collections::BTreeMap::new();
    for (token, step) in steps.iter().enumerate() {
        now += step.wait_us * US;
        driver.until(now);
        let conn = ConnId(step.broker);
        match &step.action {
            Action::Produce { acks, batches } => {
                batches_sent.insert(token as u64, (*acks, batches.clone()));
                driver.cluster.produce(Time(now), conn, token as u64, *acks, 3_000, batches);
            }
            Action::Reconnect => {
                driver.cluster.disconnect(conn);
                driver.connect(0, conn, NodeId(step.broker as i32 + 1));
            }
            Action::Metadata => driver.cluster.metadata(Time(now), conn, 0, &[TopicId(0)]),
        }
        for (partition, last) in (0..4).zip(&mut watermarks) {
            let high_watermark = driver.cluster.high_watermark(tp(partition));
            assert!(*last <= high_watermark, "the high watermark of {partition} fell back");
            assert!(high_watermark <= driver.cluster.log_end(tp(partition)), "{partition} promised too much");
            *last = high_watermark;
        }
    }
    driver.until(now + 500 * S);
    assert_eq!(driver.cluster.next_poll(), Time::NEVER, "it comes to rest");
    for (_, answer) in &driver.answers {
        let Answer::Produced(token, results) = answer else { continue };
        let (acks, batches) = &batches_sent[token];
        assert_ne!(*acks, Acks::None);
        assert_eq!(results.len(), batches.len());
        for (result, batch) in results.iter().zip(batches) {
            if result.error == ErrorCode::None && *acks == Acks::All {
                let end = result.base_offset as u64 + u64::from(batch.records);
                assert!(end <= driver.cluster.high_watermark(batch.tp), "an acknowledged batch is lost");
            }
        }
    }
    let ends = (0..4).map(|partition| driver.cluster.log_end(tp(partition))).collect();
    (driver.answers, ends)
}

proptest! {
    /// With clean elections nothing is lost that acks=all has promised, whatever fails; and the same inputs give the
    /// same outputs.
    #[test]
    fn random_runs_keep_their_promises(
        steps in steps(),
        faults in faults(),
        min_insync_replicas in 1u32..3,
        lag_s in prop_oneof![Just(2u64), Just(30)],
        io_threads in 1u32..3,
        jitter_ms in 0u64..100,
        eligible_leader_replicas: bool,
    ) {
        let mut case = with_faults(spec(3, &[&[1, 2, 3], &[2, 3, 1], &[3, 1], &[2]]), &faults);
        case.spec.topics[0].min_insync_replicas = min_insync_replicas;
        case.spec.replication.replica_lag_time_max = Span::from_secs(lag_s);
        case.spec.controller.broker_heartbeat_interval = Span::from_millis(500);
        case.spec.controller.broker_session_timeout = Span::from_secs(2);
        case.spec.controller.metadata_propagation_jitter = Span::from_millis(jitter_ms);
        case.spec.controller.eligible_leader_replicas = eligible_leader_replicas;
        case.spec.reassigns = true;
        case.spec.brokers.iter_mut().for_each(|broker| broker.io_threads = io_threads);
        let first = run(&case, &steps);
        prop_assert_eq!(first, run(&case, &steps));
    }
}
