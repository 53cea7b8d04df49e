//! What clients before 3.9 do differently, where recorded traces do not show it.

use std::collections::VecDeque;

use lingersim::config::check;
use lingersim::config::version::ClientVersion;
use lingersim::producer::{Draws, FixedRatio, Output, Producer, RequestId, START_MS, Sent, Setup};
use lingersim::protocol::error::ErrorCode;
use lingersim::protocol::message::{
    BatchResult, Endpoint, MetadataResponse, PartitionMetadata, TopicMetadata,
};
use lingersim::protocol::record::{Key, Record};
use lingersim::values::ids::{NodeId, TopicId};
use lingersim::values::time::Time;

const BROKER: NodeId = NodeId(1);
const TOPIC: TopicId = TopicId(0);

/// A producer with a broker that answers everything but InitProducerId and produce requests at once.
struct Client {
    producer: Producer,
    now_ms: u64,
    /// Times at which a producer id was asked for, and who was asked, unanswered.
    inits: VecDeque<(u64, NodeId)>,
    requests: VecDeque<RequestId>,
    /// Exceptions of records that ended.
    ended: Vec<Option<&'static str>>,
}

impl Client {
    fn new(version: ClientVersion, keys: &[(&'static str, &'static str)]) -> Client {
        let given = [("bootstrap.servers", "a:9092"), ("client.id", "c")];
        let serializer = "org.apache.kafka.common.serialization.ByteArraySerializer";
        let serializers = [("key.serializer", serializer), ("value.serializer", serializer)];
        let all = given.into_iter().chain(serializers).chain(keys.iter().copied());
        let config = check::producer_config(version, all).expect("a configuration");
        let setup = Setup {
            start_ms: START_MS,
            bootstrap: vec![endpoint(NodeId(-1))],
            topics: vec!["t".to_owned()],
            thread_draws: vec![Draws::recorded(Vec::new())],
            sender_draws: Draws::recorded(Vec::new()),
            codec: Some(Box::new(FixedRatio { permille: 300 })),
            partitioner: None,
        };
        Client {
            producer: Producer::new(config, setup),
            now_ms: 0,
            inits: VecDeque::new(),
            requests: VecDeque::new(),
            ended: Vec::new(),
        }
    }

    fn now(&self) -> Time {
        Time::from_millis(self.now_ms)
    }

    /// Sends a record of `len` bytes; its thread may block.
    fn send(&mut self, len: i32) -> Sent {
        let record = Record {
            topic: TOPIC,
            partition: 0,
            key: Key::NULL,
            value_len: len,
            headers_bytes: 0,
            headers_count: 0,
            tail: lingersim::protocol::record::TailId::NONE,
            timestamp_ms: -1,
            tag: 0,
        };
        let sent = self.producer.send(self.now(), 0, &record);
        self.settle();
        if !matches!(sent, Sent::Blocked { .. }) || !self.producer.is_runnable(0) {
            return sent;
        }
        let sent = self.producer.resume(self.now(), 0);
        self.settle();
        sent
    }

    /// Lets the sender thread do what there is to do now.
    fn settle(&mut self) {
        while self.producer.next_poll() <= self.now() {
            let mut out = Vec::new();
            self.producer.poll(self.now(), &mut out);
            for output in out {
                self.act(output);
            }
        }
    }

    fn run_until(&mut self, ms: u64) {
        while self.now_ms < ms {
            self.now_ms += 1;
            self.settle();
        }
    }

    fn act(&mut self, output: Output) {
        match output {
            Output::Connect { node } => self.producer.connected(node),
            Output::MetadataRequest { node, .. } => {
                self.producer.metadata_arrived(node, Box::new(metadata()))
            }
            Output::InitProducerIdRequest { node } => self.inits.push_back((self.now_ms, node)),
            Output::ProduceRequest { request, .. } => self.requests.push_back(request),
            Output::Completed { outcome, .. } => {
                let exception = self.producer.record_exception(&outcome, 0);
                self.ended.push(exception.map(|exception| exception.name()));
            }
            _ => {}
        }
    }

    /// Answers the request for a producer id; gives the time at which it was made.
    fn give_id(&mut self, id: i64, error: ErrorCode) -> u64 {
        let (asked_ms, node) = self.inits.pop_front().expect("a request for a producer id");
        self.producer.producer_id_arrived(node, id, 0, error);
        self.settle();
        asked_ms
    }

    /// Answers the oldest produce request, which has one batch.
    fn answer(&mut self, result: BatchResult, throttle_ms: i64) {
        self.requests.pop_front().expect("a produce request");
        self.producer.produced(BROKER, &[result], &[], throttle_ms);
        self.settle();
    }

    /// Records, producer id and base sequence of the only batch of the newest request.
    fn newest(&self) -> (u32, i64, i32) {
        let request = self.producer.request(*self.requests.back().expect("a produce request"));
        let batch = self.producer.batch(request.batches()[0]).on_wire();
        (batch.records, batch.producer_id, batch.base_sequence)
    }
}

fn endpoint(node: NodeId) -> Endpoint {
    Endpoint { node, host: "a".to_owned(), port: 9092, rack: None }
}

fn metadata() -> MetadataResponse {
    let partition =
        PartitionMetadata { partition: 0, error: ErrorCode::None, leader: Some(BROKER), leader_epoch: 0 };
    let topic = TopicMetadata { topic: TOPIC, error: ErrorCode::None, partitions: vec![partition] };
    MetadataResponse { brokers: vec![endpoint(BROKER)], topics: vec![topic] }
}

const IDEMPOTENT: [(&str, &str); 3] =
    [("enable.idempotence", "true"), ("acks", "all"), ("retries", "2147483647")];

#[test]
fn the_sender_of_client_2_3_sleeps_until_its_producer_id_comes() {
    for (version, looks_again_ms) in [(ClientVersion::V2_3, 30_000), (ClientVersion::V3_1, 100)] {
        let mut client = Client::new(version, &[IDEMPOTENT.as_slice(), &[("linger.ms", "0")]].concat());
        client.send(10);
        while client.inits.is_empty() {
            client.run_until(client.now_ms + 1);
        }
        let asked_ms = client.inits[0].0;
        assert_eq!(client.producer.next_poll(), Time::from_millis(asked_ms + looks_again_ms), "{version}");
        client.give_id(7, ErrorCode::None);
        assert_eq!(client.newest(), (1, 7, 0), "{version}");
    }
}

#[test]
fn what_an_error_of_init_producer_id_means() {
    let cases = [
        (ClientVersion::V2_3, ErrorCode::NotEnoughReplicas, None),
        (ClientVersion::V2_3, ErrorCode::ClusterAuthorizationFailed, Some("ClusterAuthorizationException")),
        (ClientVersion::V2_3, ErrorCode::InvalidProducerEpoch, Some("ProducerFencedException")),
        (ClientVersion::V2_3, ErrorCode::ConcurrentTransactions, Some("ConcurrentTransactionsException")),
        (ClientVersion::V3_1, ErrorCode::CoordinatorLoadInProgress, None),
        (ClientVersion::V3_1, ErrorCode::ConcurrentTransactions, None),
        (ClientVersion::V3_1, ErrorCode::NotEnoughReplicas, Some("KafkaException")),
        (ClientVersion::V3_1, ErrorCode::ClusterAuthorizationFailed, Some("ClusterAuthorizationException")),
        (ClientVersion::V3_9, ErrorCode::NotEnoughReplicas, None),
    ];
    for (version, error, end) in cases {
        let mut client = Client::new(version, &IDEMPOTENT);
        client.send(10);
        client.run_until(5);
        let asked_ms = client.give_id(-1, error);
        client.run_until(200);
        assert_eq!(client.ended, end.map(Some).into_iter().collect::<Vec<_>>(), "{version} {error:?}");
        if end.is_none() {
            let again_ms = client.give_id(7, ErrorCode::None);
            assert!(again_ms >= asked_ms + 100, "{version} {error:?}: again after {again_ms} ms");
            client.run_until(210);
            assert_eq!(client.newest(), (1, 7, 0), "{version} {error:?}");
        } else if version == ClientVersion::V2_3 {
            // Its `send` goes on as if nothing had happened.
            assert!(matches!(client.send(10), Sent::Appended { thrown: None, .. }), "{error:?}");
        }
    }
}

#[test]
fn a_gap_costs_client_2_3_its_producer_id() {
    for (version, id, next_id) in [(ClientVersion::V2_3, 7, 8), (ClientVersion::V3_1, 7, 7)] {
        let mut client = Client::new(version, &IDEMPOTENT);
        client.send(10);
        client.run_until(5);
        client.give_id(id, ErrorCode::None);
        client.run_until(10);
        client.answer(BatchResult::ok(0), 0);
        client.send(10);
        client.answer(BatchResult::failed(ErrorCode::OutOfOrderSequenceNumber), 0);
        client.run_until(20);
        if version == ClientVersion::V2_3 {
            assert_eq!(client.ended, [None, Some("OutOfOrderSequenceException")]);
            client.give_id(next_id, ErrorCode::None);
            client.send(10);
        }
        client.run_until(200);
        assert_eq!(client.newest(), (1, next_id, 0), "{version}");
    }
}

#[test]
fn client_2_3_moves_numbers_up_behind_a_rejected_batch() {
    let keys = [IDEMPOTENT.as_slice(), &[("batch.size", "0")]].concat();
    let mut client = Client::new(ClientVersion::V2_3, &keys);
    client.send(10);
    client.run_until(5);
    client.give_id(7, ErrorCode::None);
    client.run_until(10);
    client.send(10);
    assert_eq!(client.newest(), (1, 7, 1));
    client.answer(BatchResult::failed(ErrorCode::InvalidRequiredAcks), 0);
    client.answer(BatchResult::failed(ErrorCode::OutOfOrderSequenceNumber), 0);
    client.run_until(200);
    assert_eq!(client.ended, [Some("InvalidRequiredAcksException")]);
    assert_eq!(client.newest(), (1, 7, 0));
}

#[test]
fn order_and_throttling_keep_a_partition_of_client_2_3_muted() {
    for version in [ClientVersion::V2_3, ClientVersion::V3_1] {
        let keys = [
            ("max.in.flight.requests.per.connection", "1"),
            ("acks", "1"),
            ("linger.ms", "0"),
            ("enable.idempotence", "false"),
        ];
        let mut client = Client::new(version, &keys);
        client.send(10);
        client.run_until(10);
        client.answer(BatchResult::ok(0), 50);
        client.send(10);
        client.run_until(59);
        assert!(client.requests.is_empty(), "{version}: the connection is throttled");
        client.run_until(60);
        // Nothing tells the sender of 2.3 when its muted partition may go on; a new batch wakes it.
        assert_eq!(client.requests.len(), usize::from(version == ClientVersion::V3_1), "{version}");
        client.send(17_000);
        assert_eq!(client.requests.len(), 1, "{version}");
    }
}

#[test]
fn the_last_child_of_a_split_takes_more_records_in_client_2_3() {
    for (version, last) in [(ClientVersion::V2_3, 5), (ClientVersion::V3_1, 4)] {
        let keys = [
            ("max.in.flight.requests.per.connection", "1"),
            ("acks", "1"),
            ("linger.ms", "0"),
            ("batch.size", "1000"),
            ("compression.type", "gzip"),
            ("enable.idempotence", "false"),
        ];
        let mut client = Client::new(version, &keys);
        // Sixty batches lower the estimated ratio from 1 to 0.7: a batch takes more than its children will.
        for _ in 0..60 {
            client.send(10);
            client.answer(BatchResult::ok(0), 0);
        }
        client.send(10);
        for _ in 0..19 {
            client.send(50);
        }
        client.answer(BatchResult::ok(0), 0);
        assert_eq!(client.newest().0, 19, "{version}");
        client.answer(BatchResult::failed(ErrorCode::MessageTooLarge), 0);
        assert_eq!(client.newest().0, 15, "{version}: the first child is in flight, the last one waits");
        client.send(50);
        client.answer(BatchResult::ok(0), 0);
        assert_eq!(client.newest().0, last, "{version}");
    }
}

#[test]
fn closing_wakes_who_waits_for_memory_but_not_in_client_2_3() {
    for (version, wakes) in [(ClientVersion::V2_3, false), (ClientVersion::V3_1, true)] {
        let keys = [("acks", "1"), ("buffer.memory", "20000"), ("batch.size", "16384"), ("linger.ms", "0")];
        let keys = [keys.as_slice(), &[("enable.idempotence", "false")]].concat();
        let mut client = Client::new(version, &keys);
        assert!(matches!(client.send(16_000), Sent::Appended { .. }), "{version}");
        assert!(matches!(client.send(16_000), Sent::Blocked { .. }), "{version}");
        client.producer.close();
        assert_eq!(client.producer.is_runnable(0), wakes, "{version}");
    }
}
