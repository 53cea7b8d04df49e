//! A producer and a network that does what a test tells it. Connections come up, and metadata and producer ids are
//! answered, at once; produce requests are kept until the test answers them.

use std::collections::VecDeque;

use lingersim::config::producer::{ClientVersion, ProducerConfig, RecoveryStrategy};
use lingersim::producer::partitioner::Partitioner;
use lingersim::producer::{
    BatchId, Codec, Draws, FixedRatio, FlushMark, Outcome, Output, Producer, START_MS, Sent, Setup,
};
use lingersim::protocol::compression::Compression;
use lingersim::protocol::error::ErrorCode;
use lingersim::protocol::message::{
    BatchResult, Endpoint, MetadataResponse, PartitionMetadata, ProduceBatch, TopicMetadata,
};
use lingersim::protocol::record::{Key, Record};
use lingersim::values::ids::{NodeId, TopicId};
use lingersim::values::time::Time;

/// A produce request that has been written.
#[derive(Clone, Debug)]
pub struct Written {
    pub node: i32,
    /// Size on the wire.
    pub bytes: u64,
    pub batches: Vec<ProduceBatch>,
}

impl Written {
    pub fn partitions(&self) -> Vec<u32> {
        self.batches.iter().map(|batch| batch.tp.partition).collect()
    }
}

/// Everything else that the sender did, in short.
#[derive(Clone, Debug, PartialEq)]
pub enum Did {
    Connect(i32),
    Close(i32),
    /// The topics asked for.
    Metadata(i32, Vec<u32>),
    InitProducerId(i32),
    /// Partition, tags of the records, base offset or exception.
    Completed(u32, Vec<u64>, Result<i64, String>),
    Retried(u32),
    Split(u32),
}

/// Backoffs without jitter, no linger: what a test does not speak of should not move.
pub fn plain() -> ProducerConfig {
    let defaults = ProducerConfig::defaults(ClientVersion::V4_3);
    ProducerConfig {
        linger_ms: 0,
        enable_idempotence: false,
        retry_backoff_max_ms: defaults.retry_backoff_ms,
        reconnect_backoff_max_ms: defaults.reconnect_backoff_ms,
        socket_connection_setup_timeout_max_ms: defaults.socket_connection_setup_timeout_ms,
        metadata_recovery_strategy: RecoveryStrategy::None,
        ..defaults
    }
}

pub struct Client {
    pub producer: Producer,
    pub now: u64,
    /// By partition of topic 0: leader (-1: none) and epoch.
    pub leaders: Vec<(i32, i32)>,
    /// The same of topic 1, which is unknown without.
    pub other_leaders: Vec<(i32, i32)>,
    /// What is answered about topic 0 instead of its partitions.
    pub topic_error: ErrorCode,
    /// Whether connections come up.
    pub reachable: bool,
    /// Whether connection attempts come to any end.
    pub connects: bool,
    /// Metadata answers are without brokers.
    pub without_brokers: bool,
    /// Whether metadata requests are answered.
    pub metadata_answers: bool,
    /// What the next InitProducerId requests are answered.
    pub init_errors: VecDeque<ErrorCode>,
    /// The epoch that InitProducerId gives.
    pub init_epoch: i16,
    pub written: Vec<Written>,
    pub did: Vec<(u64, Did)>,
    next_tag: u64,
}

impl Client {
    pub fn new(config: ProducerConfig, leaders: &[i32]) -> Client {
        Client::with(config, leaders, vec![0, 1, 2, 3, 4, 5, 6, 7], None)
    }

    pub fn with(
        config: ProducerConfig,
        leaders: &[i32],
        draws: Vec<u64>,
        partitioner: Option<Box<dyn Partitioner>>,
    ) -> Client {
        let halves = || Box::new(FixedRatio { permille: 500 }) as Box<dyn Codec>;
        let setup = Setup {
            start_ms: START_MS,
            bootstrap: vec![endpoint(-1)],
            topics: vec!["orders".to_owned(), "clicks".to_owned()],
            thread_draws: vec![Draws::recorded(draws), Draws::recorded(vec![0; 8])],
            sender_draws: Draws::recorded(Vec::new()),
            codec: (config.compression != Compression::None).then(halves),
            partitioner,
        };
        Client {
            producer: Producer::new(config, setup),
            now: 0,
            leaders: leaders.iter().map(|&leader| (leader, 0)).collect(),
            other_leaders: Vec::new(),
            topic_error: ErrorCode::None,
            reachable: true,
            connects: true,
            without_brokers: false,
            metadata_answers: true,
            init_errors: VecDeque::new(),
            init_epoch: 0,
            written: Vec::new(),
            did: Vec::new(),
            next_tag: 0,
        }
    }

    /// With metadata of topic 0 and connections to its leaders, which a first record to each partition has brought.
    pub fn warm(config: ProducerConfig, leaders: &[i32]) -> Client {
        let mut client = Client::new(config, leaders);
        client.until(0);
        for partition in 0..leaders.len() {
            let mut sent = client.send_to(partition as i32);
            client.flush();
            while matches!(sent, Sent::Blocked { .. }) {
                client.until(0);
                sent = client.resume(0);
            }
            client.until(0);
            while !client.written.is_empty() {
                client.answer_ok(0);
                client.until(0);
            }
            client.producer.end_flush();
        }
        client.until(200);
        client.did.clear();
        client
    }

    /// Lets the sender do everything that is due by `at`.
    pub fn until(&mut self, at: u64) {
        let mut steps = 0;
        while self.producer.next_poll() <= Time::from_millis(at) {
            self.now = self.now.max(self.producer.next_poll().0.div_ceil(1_000_000));
            let mut out = Vec::new();
            self.producer.poll(Time::from_millis(self.now), &mut out);
            out.into_iter().for_each(|output| self.react(output));
            steps += 1;
            assert!(steps < 100_000, "the sender does not come to rest");
        }
        self.now = self.now.max(at);
    }

    /// Moves the clock past what is due, without any step of the sender.
    pub fn at(&mut self, at: u64) {
        self.now = self.now.max(at);
    }

    fn react(&mut self, output: Output) {
        let did = match output {
            Output::Connect { node } => {
                match (self.connects, self.reachable) {
                    (false, _) => {}
                    (true, true) => self.producer.connected(node),
                    (true, false) => self.producer.disconnected(node),
                }
                Did::Connect(node.0)
            }
            Output::Close { node } => Did::Close(node.0),
            Output::MetadataRequest { node, request } => {
                let topics = self.producer.request(request).topics().to_vec();
                if self.metadata_answers {
                    self.producer.metadata_arrived(node, Box::new(self.metadata(&topics)));
                }
                Did::Metadata(node.0, topics.iter().map(|topic| topic.0).collect())
            }
            Output::InitProducerIdRequest { node } => {
                let error = self.init_errors.pop_front().unwrap_or(ErrorCode::None);
                let (id, epoch) = if error == ErrorCode::None { (1000, self.init_epoch) } else { (-1, -1) };
                self.producer.producer_id_arrived(node, id, epoch, error);
                Did::InitProducerId(node.0)
            }
            Output::ProduceRequest { node, request } => {
                let bytes = self.producer.request(request).bytes();
                let batches = self.producer.request(request).batches().to_vec();
                let batches = batches.iter().map(|batch| self.producer.batch(*batch).on_wire()).collect();
                self.written.push(Written { node: node.0, bytes, batches });
                return;
            }
            Output::Completed { batch, outcome } => self.completed(batch, outcome),
            Output::Retried { batch, .. } => Did::Retried(self.producer.batch(batch).partition().partition),
            Output::Split { first, .. } => Did::Split(first),
            _ => return,
        };
        self.did.push((self.now, did));
    }

    fn completed(&self, batch: BatchId, outcome: Outcome) -> Did {
        let result = match outcome {
            Outcome::Acked { base_offset } => Ok(base_offset),
            outcome => {
                let exceptions = self.producer.record_exception(&outcome, 0);
                Err(exceptions.map_or("", |exception| exception.name()).to_owned())
            }
        };
        let batch = self.producer.batch(batch);
        let tags = batch.records().iter().map(|record| record.tag).collect();
        Did::Completed(batch.partition().partition, tags, result)
    }

    fn metadata(&self, topics: &[TopicId]) -> MetadataResponse {
        let answer = |&topic: &TopicId| {
            let (error, leaders) = match topic.0 {
                0 => (self.topic_error, &self.leaders),
                _ if self.other_leaders.is_empty() => {
                    (ErrorCode::UnknownTopicOrPartition, &self.other_leaders)
                }
                _ => (ErrorCode::None, &self.other_leaders),
            };
            let partitions = (0..).zip(leaders).map(|(partition, &(leader, leader_epoch))| {
                let (error, leader) = match leader {
                    -1 => (ErrorCode::LeaderNotAvailable, None),
                    leader => (ErrorCode::None, Some(NodeId(leader))),
                };
                PartitionMetadata { partition, error, leader, leader_epoch }
            });
            let partitions = if error == ErrorCode::None { partitions.collect() } else { Vec::new() };
            TopicMetadata { topic, error, partitions }
        };
        let mut brokers = [2, 1, 3].map(endpoint).to_vec();
        if self.without_brokers {
            brokers.clear();
        }
        MetadataResponse { brokers, topics: topics.iter().map(answer).collect() }
    }

    pub fn record(&mut self, partition: i32, value_len: i32) -> Record {
        self.next_tag += 1;
        Record {
            topic: TopicId(0),
            partition,
            key: Key::NULL,
            value_len,
            headers_bytes: 0,
            headers_count: 0,
            tail: lingersim::protocol::record::TailId::NONE,
            timestamp_ms: -1,
            tag: self.next_tag - 1,
        }
    }

    pub fn send(&mut self, thread: u32, record: &Record) -> Sent {
        self.producer.send(Time::from_millis(self.now), thread, record)
    }

    /// 100 bytes to a partition, -1: the producer chooses.
    pub fn send_to(&mut self, partition: i32) -> Sent {
        let record = self.record(partition, 100);
        self.send(0, &record)
    }

    /// 100 bytes to each of the first partitions.
    pub fn send_to_each(&mut self, partitions: i32) {
        for partition in 0..partitions {
            self.send_to(partition);
        }
    }

    pub fn resume(&mut self, thread: u32) -> Sent {
        self.producer.resume(Time::from_millis(self.now), thread)
    }

    /// Answers the `at`-th of the written requests and forgets it.
    pub fn answer(&mut self, at: usize, results: &[BatchResult]) {
        self.answer_throttled(at, results, 0);
    }

    pub fn answer_throttled(&mut self, at: usize, results: &[BatchResult], throttle_ms: i64) {
        let request = self.written.remove(at);
        self.producer.produced(NodeId(request.node), results, &[], throttle_ms);
    }

    pub fn answer_ok(&mut self, at: usize) {
        let results = vec![BatchResult::ok(0); self.written[at].batches.len()];
        self.answer(at, &results);
    }

    pub fn answer_error(&mut self, at: usize, error: ErrorCode) {
        let results = vec![BatchResult::failed(error); self.written[at].batches.len()];
        self.answer(at, &results);
    }

    pub fn disconnect(&mut self, node: i32) {
        self.producer.disconnected(NodeId(node));
        self.written.retain(|request| request.node != node);
    }

    /// Answers the metadata request that has been left unanswered at a node, for topic 0.
    pub fn answer_metadata(&mut self, node: i32) {
        let response = self.metadata(&[TopicId(0)]);
        self.producer.metadata_arrived(NodeId(node), Box::new(response));
    }

    pub fn answer_metadata_without_brokers(&mut self, node: i32) {
        self.producer.metadata_arrived(NodeId(node), Box::default());
    }

    pub fn flush(&mut self) -> FlushMark {
        self.producer.begin_flush()
    }

    /// What has happened since the last look, without times.
    pub fn news(&mut self) -> Vec<Did> {
        self.did.drain(..).map(|(_, did)| did).collect()
    }

    /// Completions since the last look.
    pub fn completions(&mut self) -> Vec<(u32, Vec<u64>, Result<i64, String>)> {
        let completion = |did| match did {
            Did::Completed(partition, tags, result) => Some((partition, tags, result)),
            _ => None,
        };
        self.news().into_iter().filter_map(completion).collect()
    }

    pub fn metric(&self, name: &str) -> f64 {
        let metrics = self.producer.metrics(Time::from_millis(self.now));
        metrics.get(name).unwrap_or_else(|| panic!("no metric {name}"))
    }
}

fn endpoint(node: i32) -> Endpoint {
    Endpoint { node: NodeId(node), host: format!("10.0.0.{node}"), port: 9092, rack: None }
}

/// The partition of a send that went through.
pub fn partition_of(sent: Sent) -> u32 {
    match sent {
        Sent::Appended { tp, .. } => tp.partition,
        other => panic!("{other:?}"),
    }
}
