// What the page carries, unpacked: columns become arrays of plain numbers, and every entity can be found by its number.

/** Unpacks the block of data: base64, gzip, JSON. */
async function unpack(text) {
  const bytes = Uint8Array.from(atob(text.trim()), (c) => c.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  return JSON.parse(await new Response(stream).text());
}

/** Sums up differences, in place. */
function undelta(column) {
  for (let i = 1; i < column.length; i++) column[i] += column[i - 1];
  return column;
}

/** Instead of a distance: there is none. */
const NEVER = -1e15;

/** A time that is kept as the distance from another one; -1: it never came. */
const since = (base, distance) => (distance === NEVER ? -1 : base + distance);

/** One recorded run. */
class Run {
  constructor(data, name) {
    Object.assign(this, data);
    this.name = name;
    // Each is told from the ones before it.
    this.requests = readRequests(data.requests);
    this.records = readRecords(data.records);
    this.batches = readBatches(data.batches, this);
    readAttempts(data.attempts, this);
    endBatches(data.batches, this);
    this.parts = data.parts.map((part) => readPart(part, this));
    // All steps of all parts, one after another; a part begins with a scene.
    this.steps = joinSteps(this.parts);
    this.length = this.steps.at.length;
  }

  batch(number) {
    return this.batches.get(number);
  }

  request(number) {
    return this.requests.get(number);
  }

  /** `orders-3` */
  partitionName(place) {
    const partition = this.partitions[place];
    return partition ? `${partition.topic}-${partition.partition}` : "?";
  }

  /** How many steps have happened by a time. */
  stepsAt(time) {
    const at = this.steps.at;
    let low = 0;
    let high = at.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (at[middle] <= time) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** The part that a step belongs to. */
  partOf(index) {
    return this.parts.findLast((part) => part.first <= index) ?? this.parts[0];
  }
}

function readRequests(columns) {
  const numbers = undelta(columns.number);
  const sent = undelta(columns.sent);
  const requests = new Map();
  numbers.forEach((number, i) => {
    const after = (base, distance) => since(base < 0 ? sent[i] : base, distance);
    const arrived = since(sent[i], columns.arrived[i]);
    const answered = after(arrived, columns.answered[i]);
    const response = after(answered, columns.response[i]);
    requests.set(number, {
      kind: "request",
      number,
      client: columns.client[i],
      node: columns.node[i],
      bytes: columns.bytes[i],
      sent: sent[i],
      arrived,
      answered,
      response,
      done: after(response, columns.done[i]),
      batches: [],
    });
  });
  return requests;
}

function readRecords(columns) {
  const numbers = undelta(columns.number);
  const batches = undelta(columns.batch);
  const appended = undelta(columns.appended);
  const records = new Map();
  numbers.forEach((number, i) => {
    const called = appended[i] - columns.called[i];
    records.set(number, {
      kind: "record",
      number,
      batch: batches[i],
      thread: columns.thread[i],
      since: called - columns.since[i],
      called,
      appended: appended[i],
      bytes: columns.bytes[i],
      keyLength: columns.keyLength[i],
      keyHash: columns.keyHash[i],
    });
  });
  return records;
}

function readBatches(columns, run) {
  const lists = new Map();
  for (const record of run.records.values()) {
    const list = lists.get(record.batch);
    if (list) list.push(record);
    else lists.set(record.batch, [record]);
  }
  const numbers = undelta(columns.number);
  const batches = new Map();
  numbers.forEach((number, i) => {
    const records = lists.get(number) ?? [];
    const opened = columns.opened[i] + (records[0]?.appended ?? 0);
    batches.set(number, {
      kind: "batch",
      number,
      client: columns.client[i],
      partition: columns.partition[i],
      limit: columns.limit[i],
      parent: columns.parent[i],
      opened,
      full: since(opened, columns.full[i]),
      ready: since(opened, columns.ready[i]),
      readyBy: columns.readyBy[i],
      held: [],
      attempts: [],
      records,
    });
  });
  columns.held.forEach(([number, at, why]) => batches.get(number)?.held.push({ at, why }));
  return batches;
}

function readAttempts(columns, run) {
  const batches = undelta(columns.batch);
  const requests = undelta(columns.request);
  const next = new Map();
  batches.forEach((number, i) => {
    const batch = run.batch(number);
    const request = run.request(requests[i]);
    const sent = columns.sent[i] + (request?.sent ?? 0);
    const stored = columns.stored[i];
    const expected = next.get(batch.partition) ?? 0;
    const storedValue = columns.storedValue[i] + (stored === 1 ? expected : 0);
    if (stored === 1) next.set(batch.partition, storedValue + columns.records[i]);
    const arrived = request && request.arrived >= 0 ? request.arrived : sent;
    batch.attempts.push({
      batch: number,
      request: requests[i],
      sent,
      reason: columns.reason[i],
      records: columns.records[i],
      bytes: columns.bytes[i],
      sequence: columns.sequence[i] + expected,
      waited: columns.waited[i],
      // 0: nobody looked at it, 1: appended, 2: duplicate, 3: rejected
      stored,
      storedAt: since(arrived, columns.storedAt[i]),
      // the offset, or the place of the error
      storedValue,
      failed: since(sent, columns.failed[i]),
      error: columns.error[i],
    });
    request?.batches.push({ batch: number, attempt: batch.attempts.length - 1 });
  });
}

/** How batches ended, which follows from their transmissions. */
function endBatches(columns, run) {
  columns.number.forEach((number, i) => {
    const batch = run.batch(number);
    const last = batch.attempts.at(-1);
    const request = last && run.request(last.request);
    const base = request ? (request.response >= 0 ? request.response : request.sent) : batch.opened;
    const offset = batch.attempts.findLast((attempt) => attempt.stored === 1 || attempt.stored === 2)?.storedValue ?? 0;
    batch.ended = since(base, columns.ended[i]);
    // 0: not yet, 1: acknowledged, 2: failed, 3: failed, but perhaps in the log
    batch.ending = columns.ending[i];
    // the offset, or the place of the error
    batch.result = columns.result[i] + (batch.ending === 1 ? offset : 0);
    batch.estimated = columns.estimated[i] + (batch.attempts[0]?.bytes ?? 0);
  });
}

/** The time of a step as the stories have it, null if they do not. */
function expectedTime(run, word, subject, value) {
  switch (word) {
    case "open": return run.batch(subject)?.opened ?? null;
    case "ready": return run.batch(subject)?.ready ?? null;
    case "request": return run.request(subject)?.sent ?? null;
    case "sent": return run.request(value)?.sent ?? null;
    case "arrived": return known(run.request(subject)?.arrived);
    case "answered": return known(run.request(subject)?.answered);
    case "response": return known(run.request(subject)?.response);
    case "acked":
    case "failed": return known(run.batch(subject)?.ended);
    default: return null;
  }
}

const known = (time) => (time === undefined || time < 0 ? null : time);

/** Steps say only what is new: see `steps` in columns.rs. */
function readPart(part, run) {
  const { at, kind, subject, value, other } = part.steps;
  const subjects = run.kinds.map(() => 0);
  const values = run.kinds.map(() => 0);
  const sizes = new Map();
  let now = 0;
  for (let i = 0; i < at.length; i++) {
    const word = run.kinds[kind[i]];
    value[i] = values[kind[i]] += value[i];
    if (word === "append") {
      const record = run.records.get(value[i]);
      now = record?.appended ?? now;
      // A record of a batch that was split is with a part of it.
      subject[i] += record?.batch ?? 0;
      other[i] += (record?.bytes ?? 0) + (sizes.get(subject[i]) ?? 0);
      sizes.set(subject[i], other[i]);
    } else {
      subject[i] = subjects[kind[i]] += subject[i];
      now = at[i] + (expectedTime(run, word, subject[i], value[i]) ?? now);
    }
    at[i] = now;
  }
  return { from: part.from, until: part.until, scene: part.scene, at, kind, subject, value, other };
}

/** The steps of all parts behind each other. */
function joinSteps(parts) {
  const steps = { at: [], kind: [], subject: [], value: [], other: [] };
  let first = 0;
  for (const part of parts) {
    part.first = first;
    first += part.at.length;
    part.end = first;
    for (const column of Object.keys(steps)) {
      const from = part[column];
      const to = steps[column];
      for (let i = 0; i < from.length; i++) to.push(from[i]);
    }
  }
  return steps;
}
