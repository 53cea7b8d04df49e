// Sentences for steps: the same ids, names and texts as those of `lingersim explain`.

const language = { code: "en", audience: "engineer" };

/** Fills in a sentence of the catalogue. */
function sentence(run, id, values) {
  const all = run.sentences[language.code] ?? run.sentences.en;
  const entry = all[id] ?? run.sentences.en[id];
  if (!entry) return id;
  return entry[language.audience].replace(/\{(\w+)(?:\|(\w+))?\}/g, (whole, name, noun) => {
    const value = values[name];
    if (value === undefined) return whole;
    return noun ? counted(String(value), noun) : value;
  });
}

/** `1 record`, `3 records`, `2 batches` */
const counted = (value, noun) => `${value} ${noun}${value === "1" ? "" : noun.endsWith("ch") ? "es" : "s"}`;

/** The fill of a batch as people read it. */
function fillOf(bytes, limit) {
  return permilleText(limit > 0 ? Math.min(1000, Math.floor((bytes * 1000) / limit)) : 0);
}

/** What the names of sentences about a batch are. */
function batchValues(run, batch) {
  return {
    batch: grouped(batch.number),
    partition: run.partitionName(batch.partition),
    client: run.clients[batch.client].id,
    linger: run.clients[batch.client].linger,
    inflight: run.clients[batch.client].inFlight,
    limit: grouped(batch.limit),
  };
}

/** A step in words: the id of its sentence, and the sentence. */
function tell(run, index) {
  const { kind, subject, value, other } = run.steps;
  const word = run.kinds[kind[index]];
  const teller = TELL[word];
  const [id, values] = teller(run, subject[index], value[index], other[index], index);
  return { id, text: sentence(run, id, values) };
}

/** A step that needs a batch, with its usual names. */
const ofBatch = (id, more = () => ({})) => (run, number, value, other) => {
  const batch = run.batch(number);
  const name = typeof id === "function" ? id(run, batch, value, other) : id;
  return [name, { ...batchValues(run, batch), ...more(run, batch, value, other) }];
};

const ofClient = (id, more = () => ({})) => (run, client, value) => [
  typeof id === "function" ? id(value) : id,
  { client: run.clients[client].id, ...more(run, value) },
];

const ofRequest = (id) => (run, number) => {
  const request = run.request(number);
  return [id, {
    request: grouped(number),
    client: run.clients[request.client].id,
    broker: request.node,
    bytes: grouped(request.bytes),
    count: request.batches.length,
  }];
};

const TELL = {
  open: ofBatch("opened"),
  append: ofBatch("appended", (run, batch, record, estimated) => ({
    record: grouped(record), estimated: grouped(estimated), fill: fillOf(estimated, batch.limit),
  })),
  full: ofBatch("full"),
  ready: ofBatch((run, batch, reason) => `ready.${run.reasons[reason]}`),
  held: ofBatch((run, batch, why) => `held.${run.helds[why]}`),
  request: ofRequest("requested"),
  sent: ofBatch(
    (run, batch, request, attempts) => (attempts > 0 ? "sent.again" : `sent.${run.reasons[batch.attempts[0].reason]}`),
    (run, batch, request, attempts) => {
      const attempt = batch.attempts.find((one) => one.request === request) ?? batch.attempts[0];
      return {
        request: grouped(request), records: grouped(attempt.records), bytes: grouped(attempt.bytes),
        fill: fillOf(attempt.bytes, batch.limit), attempt: attempts, sequence: attempt.sequence,
      };
    },
  ),
  arrived: ofRequest("arrived"),
  written: ofBatch("stored.appended", (run, batch, offset, broker) => ({ offset: grouped(offset), broker })),
  duplicate: ofBatch("stored.duplicate", (run, batch, offset, broker) => ({ offset: grouped(offset), broker })),
  rejected: ofBatch("stored.rejected", (run, batch, error, broker) => ({ error: run.errors[error], broker })),
  replicated: (run, place, slot, end) => [
    "moved.replica",
    { partition: run.partitionName(place), offset: grouped(end), broker: run.partitions[place].replicas[slot] },
  ],
  "high-watermark": (run, place, offset) => [
    "moved.high-watermark", { partition: run.partitionName(place), offset: grouped(offset) },
  ],
  isr: (run, place, bits) => [
    "moved.isr",
    {
      partition: run.partitionName(place),
      isr: run.partitions[place].replicas.filter((_, slot) => hasBit(bits, slot)).join(", ") || "-",
    },
  ],
  leader: (run, place, broker, epoch) => [
    broker === 0 ? "moved.no-leader" : "moved.leader", { partition: run.partitionName(place), broker, epoch },
  ],
  answered: ofRequest("answered"),
  response: ofRequest("response"),
  acked: ofBatch("acked", (run, batch, offset) => ({
    offset: offset < 0 ? "?" : grouped(offset), records: grouped(batch.records.length),
  })),
  failed: ofBatch("failed", (run, batch, error) => ({
    error: run.errors[error], records: grouped(batch.records.length),
  })),
  retried: ofBatch("retried", (run, batch, error) => ({ error: run.errors[error] })),
  split: ofBatch("split", (run, batch, child) => ({
    child: grouped(child), records: grouped(run.batch(child)?.records.length ?? 0),
  })),
  blocked: ofClient((on) => ["blocked.metadata", "blocked.memory", "blocked.serializers"][on]),
  refused: ofClient("refused", (run, error) => ({ error: run.errors[error] })),
  flush: ofClient("flush"),
  "flush-end": ofClient("flush-ends"),
  close: ofClient("close"),
  connect: ofClient("connecting", (run, node) => ({ broker: node })),
  connected: ofClient("connected", (run, node) => ({ broker: node })),
  disconnected: ofClient("disconnected", (run, node) => ({ broker: node })),
  metadata: ofClient("metadata"),
  "producer-id": ofClient("producer-id", (run, id) => ({ value: id })),
  fault: (run, number) => ["fault", { fault: run.faults[number]?.said ?? "?" }],
  "fault-end": (run, number) => ["fault-ends", { fault: run.faults[number]?.said ?? "?" }],
};

/** Whether a bit is set; numbers beyond 32 bits have bits too. */
const hasBit = (bits, place) => Math.floor(bits / 2 ** place) % 2 === 1;

/** Steps that people look for. */
const INTERESTING = new Set([
  "sent", "duplicate", "rejected", "isr", "leader", "failed", "retried", "split", "blocked", "refused", "fault", "fault-end",
]);

/** What a step is about, as the inspector names it. */
function subjectOf(run, index) {
  const word = run.kinds[run.steps.kind[index]];
  const number = run.steps.subject[index];
  if (["request", "arrived", "answered", "response"].includes(word)) return { kind: "request", number };
  if (["replicated", "high-watermark", "isr", "leader"].includes(word)) return { kind: "partition", number };
  if (word === "append") return { kind: "record", number: run.steps.value[index] };
  if (TELL_BATCH.has(word)) return { kind: "batch", number };
  return null;
}

const TELL_BATCH = new Set([
  "open", "full", "ready", "held", "sent", "written", "duplicate", "rejected", "acked", "failed", "retried", "split",
]);
