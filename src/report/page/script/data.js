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

/** A time that is kept as the distance from another one; -1: it never came. */
const since = (base, distance) => (distance < 0 ? -1 : base + distance);

/** One recorded run. */
class Run {
  constructor(data, name) {
    Object.assign(this, data);
    this.name = name;
    this.batches = readBatches(data.batches);
    this.requests = readRequests(data.requests);
    readAttempts(data.attempts, this);
    this.records = readRecords(data.records, this);
    this.parts = data.parts.map((part) => readPart(part));
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

function readBatches(columns) {
  const numbers = undelta(columns.number);
  const opened = undelta(columns.opened);
  const batches = new Map();
  numbers.forEach((number, i) => {
    batches.set(number, {
      kind: "batch",
      number,
      client: columns.client[i],
      partition: columns.partition[i],
      limit: columns.limit[i],
      parent: columns.parent[i],
      opened: opened[i],
      full: since(opened[i], columns.full[i]),
      ready: since(opened[i], columns.ready[i]),
      readyBy: columns.readyBy[i],
      estimated: columns.estimated[i],
      ended: since(opened[i], columns.ended[i]),
      // 0: not yet, 1: acknowledged, 2: failed, 3: failed, but perhaps in the log
      ending: columns.ending[i],
      // the offset, or the place of the error
      result: columns.result[i],
      held: [],
      attempts: [],
      records: [],
    });
  });
  columns.held.forEach(([number, at, why]) => batches.get(number)?.held.push({ at, why }));
  return batches;
}

function readRequests(columns) {
  const numbers = undelta(columns.number);
  const sent = undelta(columns.sent);
  const requests = new Map();
  numbers.forEach((number, i) => {
    requests.set(number, {
      kind: "request",
      number,
      client: columns.client[i],
      node: columns.node[i],
      bytes: columns.bytes[i],
      sent: sent[i],
      arrived: since(sent[i], columns.arrived[i]),
      answered: since(sent[i], columns.answered[i]),
      response: since(sent[i], columns.response[i]),
      done: since(sent[i], columns.done[i]),
      batches: [],
    });
  });
  return requests;
}

function readAttempts(columns, run) {
  const batches = undelta(columns.batch);
  batches.forEach((number, i) => {
    const batch = run.batch(number);
    const attempt = {
      batch: number,
      request: columns.request[i],
      sent: batch.opened + columns.sent[i],
      reason: columns.reason[i],
      records: columns.records[i],
      bytes: columns.bytes[i],
      sequence: columns.sequence[i],
      waited: columns.waited[i],
      // 0: nobody looked at it, 1: appended, 2: duplicate, 3: rejected
      stored: columns.stored[i],
      storedAt: since(batch.opened, columns.storedAt[i]),
      storedValue: columns.storedValue[i],
      failed: since(batch.opened, columns.failed[i]),
      error: columns.error[i],
    };
    batch.attempts.push(attempt);
    run.request(attempt.request)?.batches.push({ batch: number, attempt: batch.attempts.length - 1 });
  });
}

function readRecords(columns, run) {
  const numbers = undelta(columns.number);
  const at = undelta(columns.since);
  const records = new Map();
  numbers.forEach((number, i) => {
    const record = {
      kind: "record",
      number,
      batch: columns.batch[i],
      thread: columns.thread[i],
      since: at[i],
      called: at[i] + columns.called[i],
      appended: at[i] + columns.appended[i],
      bytes: columns.bytes[i],
      keyLength: columns.keyLength[i],
      keyHash: columns.keyHash[i],
    };
    records.set(number, record);
    run.batch(record.batch)?.records.push(record);
  });
  return records;
}

function readPart(part) {
  return {
    from: part.from,
    until: part.until,
    scene: part.scene,
    at: undelta(part.steps.at),
    kind: part.steps.kind,
    subject: undelta(part.steps.subject),
    value: part.steps.value,
    other: part.steps.other,
  };
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
