// What is under way at a step: a fold over the steps of a run. Frames are kept now and then, so that any step is near;
// going back is the same fold from an earlier frame, and so equals coming from the start.

const FRAME = 1000;

/** Nothing has happened yet. */
function emptyScene(run) {
  return {
    index: 0,
    batches: new Map(),
    requests: new Map(),
    lanes: new Map(),
    partitions: run.partitions.map((partition) => ({
      leader: 0, epoch: 0, watermark: 0, inSync: 0, ends: partition.replicas.map(() => 0),
    })),
    links: new Map(),
    blocked: new Map(),
    faults: new Set(),
    closed: new Set(),
    counts: { appended: 0, acked: 0, failed: 0, refused: 0, retried: 0, duplicates: 0 },
  };
}

function copyScene(scene) {
  const copyOf = (map) => new Map(Array.from(map, ([key, value]) => [key, { ...value }]));
  return {
    index: scene.index,
    batches: copyOf(scene.batches),
    requests: copyOf(scene.requests),
    lanes: new Map(Array.from(scene.lanes, ([key, list]) => [key, list.slice()])),
    partitions: scene.partitions.map((partition) => ({ ...partition, ends: partition.ends.slice() })),
    links: new Map(scene.links),
    blocked: new Map(scene.blocked),
    faults: new Set(scene.faults),
    closed: new Set(scene.closed),
    counts: { ...scene.counts },
  };
}

/** A lane: the batches of one producer for one partition. */
const laneOf = (batch) => `${batch.client}/${batch.partition}`;

function lane(scene, batch) {
  const key = laneOf(batch);
  let list = scene.lanes.get(key);
  if (!list) scene.lanes.set(key, (list = []));
  return list;
}

/** Puts a part's opening scene in place of what was before. */
function openPart(scene, run, part) {
  const fresh = emptyScene(run);
  fresh.index = scene.index;
  fresh.counts = scene.counts;
  for (const [place, leader, epoch, watermark, inSync, ends] of part.scene.partitions) {
    Object.assign(fresh.partitions[place], { leader, epoch, watermark, inSync, ends: ends.slice() });
  }
  for (const [number, where, count, estimated, attempts] of part.scene.batches) {
    const batch = run.batch(number);
    const ready = where === IN_LANE && (attempts > 0 || (batch && batch.ready >= 0 && batch.ready < part.from));
    fresh.batches.set(number, { where, count, estimated, attempts, held: heldAt(batch, attempts, part.from), ready });
    if (batch && where !== IN_FLIGHT) lane(fresh, batch).push(number);
  }
  for (const [number, where] of part.scene.requests) fresh.requests.set(number, { where });
  for (const [client, node, link] of part.scene.links) fresh.links.set(`${client}/${node}`, link);
  for (const client of part.scene.closed) fresh.closed.add(client);
  run.faults.forEach((fault, number) => {
    if (fault.at >= 0 && fault.at < part.from && (fault.until < 0 || fault.until > part.from)) fresh.faults.add(number);
  });
  Object.assign(scene, fresh);
}

/** What holds a batch back at a time: what was noted last since it was sent last. */
function heldAt(batch, attempts, time) {
  const sent = attempts > 0 ? batch?.attempts[attempts - 1]?.sent ?? 0 : 0;
  return batch?.held.findLast((one) => one.at >= sent && one.at < time)?.why ?? -1;
}

// Where a batch is.
const IN_LANE = 0;
const IN_FLIGHT = 1;
// Where a request is.
const TO_BROKER = 0;
const AT_BROKER = 1;
const TO_CLIENT = 2;
const AT_CLIENT = 3;

/** Lets one step happen. */
function follow(scene, run, index) {
  const { kind, subject, value, other } = run.steps;
  const act = FOLLOW[run.kinds[kind[index]]];
  if (act) act(scene, run, subject[index], value[index], other[index]);
  scene.index = index + 1;
}

const FOLLOW = {
  open(scene, run, number) {
    const batch = run.batch(number);
    scene.batches.set(number, { where: IN_LANE, count: 0, estimated: 0, attempts: 0, held: -1, ready: false });
    lane(scene, batch).push(number);
  },
  append(scene, run, number, record, estimated) {
    const batch = scene.batches.get(number);
    scene.counts.appended++;
    if (batch) {
      batch.count++;
      batch.estimated = estimated;
    }
    const client = run.batch(number)?.client;
    const thread = run.records.get(record)?.thread;
    scene.blocked.delete(`${client}/${thread}`);
  },
  ready(scene, run, number) {
    const batch = scene.batches.get(number);
    if (batch) batch.ready = true;
  },
  held(scene, run, number, why) {
    const batch = scene.batches.get(number);
    if (batch) batch.held = why;
  },
  request(scene, run, number) {
    scene.requests.set(number, { where: TO_BROKER });
  },
  sent(scene, run, number) {
    const batch = scene.batches.get(number);
    if (!batch) return;
    Object.assign(batch, { where: IN_FLIGHT, held: -1, attempts: batch.attempts + 1 });
    take(lane(scene, run.batch(number)), number);
  },
  arrived(scene, run, number) {
    const request = scene.requests.get(number);
    if (request) request.where = AT_BROKER;
  },
  written(scene, run, number, offset, broker) {
    const batch = run.batch(number);
    const slot = run.partitions[batch.partition].replicas.indexOf(broker);
    const ends = scene.partitions[batch.partition].ends;
    if (slot >= 0) ends[slot] = offset + (scene.batches.get(number)?.count ?? batch.records.length);
  },
  duplicate(scene) {
    scene.counts.duplicates++;
  },
  replicated(scene, run, place, slot, end) {
    scene.partitions[place].ends[slot] = end;
  },
  "high-watermark"(scene, run, place, offset) {
    scene.partitions[place].watermark = offset;
  },
  isr(scene, run, place, bits) {
    scene.partitions[place].inSync = bits;
  },
  leader(scene, run, place, broker, epoch) {
    Object.assign(scene.partitions[place], { leader: broker, epoch });
  },
  answered(scene, run, number) {
    const request = scene.requests.get(number);
    if (request) request.where = TO_CLIENT;
  },
  response(scene, run, number) {
    const request = scene.requests.get(number);
    if (request) request.where = AT_CLIENT;
  },
  acked(scene, run, number) {
    scene.counts.acked += endBatch(scene, run, number);
  },
  failed(scene, run, number) {
    scene.counts.failed += endBatch(scene, run, number);
  },
  retried(scene, run, number) {
    const batch = scene.batches.get(number);
    scene.counts.retried++;
    if (!batch) return;
    batch.where = IN_LANE;
    batch.ready = true;
    const list = lane(scene, run.batch(number));
    // It goes back in the order of its number.
    const place = list.findIndex((other) => other > number);
    list.splice(place < 0 ? list.length : place, 0, number);
    leaveRequest(scene, run, number);
  },
  split(scene, run, number, child, first) {
    const part = run.batch(child);
    const count = part?.records.length ?? 0;
    scene.batches.set(child, { where: IN_LANE, count, estimated: part?.estimated ?? 0, attempts: 0, held: -1, ready: true });
    if (part) lane(scene, part).unshift(child);
    if (first === 0) endBatch(scene, run, number);
  },
  blocked(scene, run, client, on, thread) {
    scene.blocked.set(`${client}/${thread}`, on);
  },
  refused(scene, run, client, error, thread) {
    scene.counts.refused++;
    scene.blocked.delete(`${client}/${thread}`);
  },
  close(scene, run, client) {
    scene.closed.add(client);
  },
  connect(scene, run, client, node) {
    scene.links.set(`${client}/${node}`, "connecting");
  },
  connected(scene, run, client, node) {
    scene.links.set(`${client}/${node}`, "up");
  },
  disconnected(scene, run, client, node) {
    scene.links.set(`${client}/${node}`, "down");
  },
  fault(scene, run, number) {
    scene.faults.add(number);
  },
  "fault-end"(scene, run, number) {
    scene.faults.delete(number);
  },
};

function take(list, number) {
  const place = list.indexOf(number);
  if (place >= 0) list.splice(place, 1);
}

/** A batch is done with; gives the number of its records. */
function endBatch(scene, run, number) {
  const batch = scene.batches.get(number);
  if (!batch) return 0;
  const story = run.batch(number);
  take(lane(scene, story), number);
  scene.batches.delete(number);
  leaveRequest(scene, run, number);
  return batch.count;
}

/** A request is forgotten when none of its batches is in flight any more. */
function leaveRequest(scene, run, number) {
  for (const attempt of run.batch(number).attempts) {
    const request = scene.requests.get(attempt.request) && run.request(attempt.request);
    if (!request) continue;
    const busy = request.batches.some((entry) => {
      const state = scene.batches.get(entry.batch);
      return state && state.where === IN_FLIGHT && state.attempts === entry.attempt + 1;
    });
    if (!busy) scene.requests.delete(attempt.request);
  }
}

/** Any scene of a run. */
class Scenes {
  constructor(run) {
    this.run = run;
    const start = emptyScene(run);
    if (run.parts.length > 0 && run.parts[0].first === 0) openPart(start, run, run.parts[0]);
    this.frames = [start];
    this.now = copyScene(this.frames[0]);
  }

  /** The scene after `index` steps. It is changed by the next call. */
  at(index) {
    const target = Math.max(0, Math.min(index, this.run.length));
    if (target < this.now.index) this.now = this.frame(Math.floor(target / FRAME));
    else if (target - this.now.index > FRAME) this.now = this.frame(Math.floor(target / FRAME));
    this.advance(this.now, target);
    return this.now;
  }

  /** A copy of a frame; those before it are made if they are missing. */
  frame(number) {
    while (this.frames.length <= number) {
      const next = copyScene(this.frames[this.frames.length - 1]);
      this.advance(next, this.frames.length * FRAME);
      this.frames.push(next);
    }
    return copyScene(this.frames[number]);
  }

  advance(scene, target) {
    const { run } = this;
    while (scene.index < target) {
      const part = run.parts.find((one) => one.first === scene.index && one.end > one.first);
      if (part) openPart(scene, run, part);
      follow(scene, run, scene.index);
    }
  }
}

/** A scene as text, the same for the same scene: for tests. */
function sceneText(scene) {
  const list = (map) => Array.from(map).sort((a, b) => (String(a[0]) < String(b[0]) ? -1 : 1));
  const lanes = list(scene.lanes).filter(([, batches]) => batches.length > 0);
  return JSON.stringify([
    scene.index, list(scene.batches), list(scene.requests), lanes, scene.partitions, list(scene.links),
    list(scene.blocked), [...scene.faults].sort(), [...scene.closed].sort(), scene.counts,
  ]);
}
