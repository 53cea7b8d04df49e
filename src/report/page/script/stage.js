// The stage: producers with a lane for each partition, requests in flight, brokers with their logs.

/** More lanes than this do not fit on a screen; those with batches go first. */
const MOST_LANES = 16;
/** Slots that are drawn of a connection. */
const MOST_SLOTS = 5;
/** Batches that are named in a slot. */
const MOST_RIDERS = 4;
/** Batches that are drawn of a lane. */
const MOST_BATCHES = 6;

class Stage {
  constructor(run, scenes, onSelect) {
    this.run = run;
    this.scenes = scenes;
    this.onSelect = onSelect;
    this.selected = "";
    this.spot = "";
    this.root = el("div", { class: "scene" });
    this.left = el("div", { class: "producers" });
    this.right = el("div", { class: "brokers" });
    this.tally = el("p", { class: "small tally" });
    this.root.append(this.tally, this.left, this.right);
  }

  draw(clock) {
    const { run } = this;
    const scene = this.scenes.at(clock.indexIn(run));
    this.lanes = shownLanes(run, scene);
    const clients = shownClients(run, scene);
    say(this.tally, tallyText(run, scene));
    sync(this.left, clients, (client) => client, (client) => this.newClient(client), (element, client) =>
      this.drawClient(element, client, scene, clock.time));
    sync(this.right, run.brokers, (broker) => broker.id, (broker) => this.newBroker(broker), (element, broker) =>
      this.drawBroker(element, broker, scene));
    return scene;
  }

  entity(element, name) {
    mark(element, "data-entity", name);
    mark(element, "data-selected", name === this.selected);
    mark(element, "data-spot", name === this.spot);
  }

  // ---- a producer ----

  newClient(client) {
    const { run } = this;
    const card = el("article", { class: "card producer", "aria-label": `producer ${run.clients[client].id}` });
    card.parts = {
      state: el("span", { class: "chip warn" }),
      send: el("button", { class: "pill", type: "button" }),
      serialize: el("span", { class: "pill" }),
      partition: el("span", { class: "pill" }),
      buffer: el("div", { class: "meter" }, el("i")),
      bufferText: el("span", { class: "small" }),
      lanes: el("div", { class: "lanes" }),
      more: el("p", { class: "small more" }),
      slots: el("div", { class: "slots" }),
    };
    const { parts } = card;
    parts.send.addEventListener("click", () => {
      if (parts.send.value) this.onSelect({ kind: "record", number: Number(parts.send.value) });
    });
    card.append(
      el("header", {}, el("h3", {}, run.clients[client].id), parts.state),
      el("h4", {}, "Application: the latest record"),
      el("div", { class: "row way", "data-entity": "producer" }, parts.send, "→", parts.serialize, "→", parts.partition),
      el("div", { class: "row buffer", "data-entity": "buffer" },
        el("span", { class: "small" }, "buffer.memory"), parts.buffer, parts.bufferText),
      el("h4", {}, "Accumulator: a lane for each partition"), parts.lanes, parts.more,
      el("h4", {}, "Sender: requests in flight"), parts.slots,
    );
    return card;
  }

  drawClient(card, client, scene, time) {
    const { run } = this;
    const { parts } = card;
    const info = run.clients[client];
    const waits = [...scene.blocked].filter(([key]) => key.startsWith(`${client}/`));
    const text = waits.length === 0
      ? (scene.closed.has(client) ? "closing" : "")
      : `${waits.length} in send(): waits for ${waits[0][1] === 1 ? "buffer.memory" : "metadata"}`;
    say(parts.state, text);
    parts.state.hidden = text === "";
    this.drawWay(card, client, scene);
    this.entity(card.querySelector(".buffer"), "buffer");
    let used = 0;
    for (const number of scene.batches.keys()) {
      const batch = run.batch(number);
      if (batch && batch.client === client && batch.parent === 0) used += batch.limit;
    }
    const share = Math.min(100, (used * 100) / Math.max(1, info.buffer));
    parts.buffer.firstChild.style.width = `${share.toFixed(2)}%`;
    say(parts.bufferText, `${bytesText(used)} of ${bytesText(info.buffer)}`);
    const lanes = this.lanes.filter((one) => one.client === client);
    sync(parts.lanes, lanes, (one) => one.partition, (one) => this.newLane(one), (element, one) =>
      this.drawLane(element, one, scene, time));
    const hidden = run.partitions.length - lanes.length;
    say(parts.more, hidden > 0 ? `${hidden} more partitions are idle or not shown` : "");
    sync(parts.slots, run.brokers, (broker) => broker.id, (broker) => this.newConnection(broker), (element, broker) =>
      this.drawConnection(element, client, broker, scene, time));
  }

  /** The way of the latest record: the call, its bytes, its partition. */
  drawWay(card, client, scene) {
    const { run } = this;
    const { send, serialize, partition } = card.parts;
    this.entity(card.querySelector(".way"), "producer");
    const record = latestRecord(run, scene.index, client);
    send.value = record ? record.number : "";
    say(send, record ? `send() of record ${grouped(record.number)}` : "send()");
    const key = !record || record.keyLength < 0 ? "no key" : `key ${record.keyLength} B`;
    say(serialize, record ? `serialize: ${record.bytes} B, ${key}` : "serialize");
    const place = record && run.batch(record.batch)?.partition;
    const hash = record && record.keyLength >= 0 && record.keyHash !== undefined ? ` (murmur2 ${record.keyHash})` : "";
    say(partition, record ? `partition: ${run.partitionName(place)}${hash}` : "partition");
  }

  newLane({ partition }) {
    const name = this.run.partitionName(partition);
    const label = el("button", { class: "label", type: "button", click: () => this.onSelect({ kind: "partition", number: partition }) }, name);
    const lane = el("div", { class: "lane" }, label, el("div", { class: "queue" }));
    lane.parts = { label, queue: lane.lastChild };
    return lane;
  }

  drawLane(lane, { client, partition }, scene, time) {
    const list = scene.lanes.get(`${client}/${partition}`) ?? [];
    const muted = this.isMuted(scene, client, partition);
    this.entity(lane.parts.label, `partition-${partition}`);
    mark(lane, "data-muted", muted);
    mark(lane.parts.label, "title", muted ? "muted: a batch of it is in flight, and only one may be" : null);
    // The oldest first: it leaves first.
    sync(lane.parts.queue, list.slice(0, MOST_BATCHES), (number) => number, (number) => this.newBatch(number), (element, number) =>
      this.drawBatch(element, number, scene.batches.get(number), time));
    mark(lane.parts.queue, "data-more", list.length > MOST_BATCHES ? `+${list.length - MOST_BATCHES}` : null);
  }

  /** With one request in flight, a partition waits for its batch. */
  isMuted(scene, client, partition) {
    if (this.run.clients[client].inFlight !== 1) return false;
    for (const [number, state] of scene.batches) {
      const batch = this.run.batch(number);
      if (batch && state.where === IN_FLIGHT && batch.client === client && batch.partition === partition) return true;
    }
    return false;
  }

  newBatch(number) {
    const ring = svg("svg", { class: "ring", viewBox: "0 0 20 20", "aria-hidden": "true" },
      svg("circle", { cx: 10, cy: 10, r: 8, class: "back" }), svg("circle", { cx: 10, cy: 10, r: 8, class: "front" }));
    const text = el("span", { class: "number" });
    const bar = el("span", { class: "fill" }, el("i"));
    const state = el("span", { class: "tag" });
    const box = el("button", { class: "batch", type: "button", click: () => this.onSelect({ kind: "batch", number }) }, ring, text, bar, state);
    box.parts = { ring: ring.lastChild, text, bar: bar.firstChild, state };
    return box;
  }

  drawBatch(box, number, state, time) {
    const { run } = this;
    const batch = run.batch(number);
    if (!batch || !state) return;
    const { parts } = box;
    this.entity(box, `batch-${number}`);
    const linger = run.clients[batch.client].linger * 1e6;
    const opened = Math.floor(batch.opened / 1e6) * 1e6;
    const waited = linger === 0 ? 1 : Math.max(0, Math.min(1, (time - opened) / linger));
    // The circumference of the ring is 50.27.
    parts.ring.style.strokeDasharray = `${(waited * 50.27).toFixed(2)} 50.27`;
    const fill = Math.min(100, (state.estimated * 100) / Math.max(1, batch.limit));
    parts.bar.style.width = `${fill.toFixed(1)}%`;
    say(parts.text, `B${number} · ${state.count}`);
    const tag = state.held >= 0 ? run.helds[state.held] : state.ready ? "ready" : state.attempts > 0 ? "retry" : "";
    say(parts.state, tag);
    parts.state.hidden = tag === "";
    mark(box, "data-state", state.held >= 0 ? "held" : state.ready ? "ready" : "open");
    mark(box, "aria-label", `batch ${number}, ${state.count} records, ${Math.floor(fill)} percent full${tag ? `, ${tag}` : ""}`);
  }

  // ---- requests in flight ----

  newConnection(broker) {
    const name = el("span", { class: "label" }, `broker ${broker.id}`);
    const slots = el("div", { class: "wires" });
    const row = el("div", { class: "connection" }, name, slots);
    row.parts = { name, slots };
    return row;
  }

  drawConnection(row, client, broker, scene, time) {
    const { run } = this;
    const link = scene.links.get(`${client}/${broker.id}`) ?? "none";
    const words = { up: "", connecting: " connecting", down: " disconnected", none: "" };
    say(row.parts.name, `broker ${broker.id}${words[link]}`);
    mark(row, "data-link", link);
    const requests = [];
    for (const number of scene.requests.keys()) {
      const request = run.request(number);
      if (request && request.client === client && request.node === broker.id) requests.push(number);
    }
    requests.sort((one, other) => one - other);
    const free = Math.max(0, Math.min(MOST_SLOTS, run.clients[client].inFlight) - requests.length);
    const slots = requests.slice(0, MOST_SLOTS).concat(Array.from({ length: free }, (_, i) => -1 - i));
    sync(row.parts.slots, slots, (number) => number, (number) => this.newSlot(number), (element, number) =>
      this.drawSlot(element, number, scene, time));
  }

  newSlot(number) {
    if (number < 0) return el("div", { class: "slot free", title: "a free slot" });
    const title = el("span", { class: "number" }, `R${number}`);
    const riders = el("span", { class: "riders" });
    const dot = el("i");
    const slot = el("button", { class: "slot", type: "button", click: () => this.onSelect({ kind: "request", number }) },
      title, riders, el("span", { class: "wire" }, dot));
    slot.parts = { riders, dot };
    return slot;
  }

  drawSlot(slot, number, scene, time) {
    if (number < 0) return;
    const { run } = this;
    const request = run.request(number);
    const { where } = scene.requests.get(number);
    this.entity(slot, `request-${number}`);
    // A request is written batch by batch: those whose turn is still to come are in their lanes.
    const riders = request.batches.filter(({ batch, attempt }) => (scene.batches.get(batch)?.attempts ?? attempt + 1) > attempt);
    sync(slot.parts.riders, riders.slice(0, MOST_RIDERS), (rider) => rider.batch, () => el("span", { class: "rider" }), (element, rider) => {
      this.entity(element, `batch-${rider.batch}`);
      say(element, riderText(run, rider));
    });
    mark(slot.parts.riders, "data-more", riders.length > MOST_RIDERS ? `+${riders.length - MOST_RIDERS}` : null);
    const place = wirePlace(request, where, time);
    slot.parts.dot.style.left = `${(place * 100).toFixed(1)}%`;
    mark(slot, "data-where", ["to-broker", "at-broker", "to-client", "at-client"][where]);
    const words = ["on its way to the broker", "at the broker", "answer on its way", "answer at the client"][where];
    mark(slot, "aria-label", `request ${number}, ${riders.map((rider) => riderText(run, rider)).join(", ")}, ${words}`);
    mark(slot, "title", words);
  }

  // ---- a broker ----

  newBroker(broker) {
    const state = el("span", { class: "chip warn" });
    const busy = el("span", { class: "small" });
    const logs = el("div", { class: "logs" });
    const name = broker.rack ? `Broker ${broker.id} (${broker.rack})` : `Broker ${broker.id}`;
    const card = el("article", { class: "card broker", "aria-label": name }, el("header", {}, el("h3", {}, name), busy, state), logs);
    card.parts = { state, busy, logs };
    return card;
  }

  drawBroker(card, broker, scene) {
    const { run } = this;
    this.entity(card, `broker-${broker.id}`);
    const faults = [...scene.faults].map((number) => run.faults[number]).filter((fault) => fault && fault.node === broker.id);
    say(card.parts.state, faults.map((fault) => `⚠ ${fault.said}`).join("; "));
    card.parts.state.hidden = faults.length === 0;
    let busy = 0;
    for (const [number, state] of scene.requests) {
      if (state.where === AT_BROKER && run.request(number)?.node === broker.id) busy++;
    }
    say(card.parts.busy, busy > 0 ? `${busy} request${busy > 1 ? "s" : ""} in it` : "");
    const shown = new Set(this.lanes.map((one) => one.partition));
    const logs = [...shown].sort((a, b) => a - b).filter((place) => run.partitions[place].replicas.includes(broker.id));
    sync(card.parts.logs, logs, (place) => place, (place) => this.newLog(place), (element, place) =>
      this.drawLog(element, place, broker, scene.partitions[place]));
  }

  newLog(place) {
    const role = el("span", { class: "role" });
    const label = el("button", { class: "label", type: "button", click: () => this.onSelect({ kind: "partition", number: place }) },
      this.run.partitionName(place));
    const have = el("i", { class: "have" });
    const safe = el("i", { class: "safe" });
    const line = el("b", { class: "watermark" });
    const end = el("span", { class: "small end" });
    const row = el("div", { class: "log" }, role, label, el("span", { class: "track", "aria-hidden": "true" }, have, safe, line), end);
    row.parts = { role, have, safe, line, end };
    return row;
  }

  drawLog(row, place, broker, state) {
    const slot = this.run.partitions[place].replicas.indexOf(broker.id);
    const end = state.ends[slot] ?? 0;
    const most = Math.max(...state.ends, 1);
    const least = Math.min(...state.ends, state.watermark);
    // The newest part of the log is what moves: as far back as somebody lags, and at least some records.
    const shown = Math.max(20, Math.ceil((most - least) * 1.4));
    const from = Math.max(0, most - shown);
    const at = (offset) => `${Math.max(0, Math.min(100, ((offset - from) * 100) / (most - from || 1))).toFixed(1)}%`;
    row.parts.have.style.width = at(end);
    row.parts.safe.style.width = at(Math.min(end, state.watermark));
    row.parts.line.style.left = at(state.watermark);
    const leads = state.leader === broker.id;
    const inSync = hasBit(state.inSync, slot);
    say(row.parts.role, leads ? "L" : inSync ? "F" : "–");
    mark(row.parts.role, "title", leads ? "leader" : inSync ? "follower, in sync" : "follower, not in sync");
    mark(row, "data-role", leads ? "leader" : inSync ? "follower" : "out");
    say(row.parts.end, `${grouped(end)} · HW ${grouped(state.watermark)}`);
  }
}

/** What has become of records and batches so far, of the parts that the page has. */
function tallyText(run, scene) {
  const { appended, acked, failed, refused, retried, duplicates } = scene.counts;
  const parts = [`${grouped(appended)} records in batches`, `${grouped(acked)} acknowledged`];
  if (failed > 0) parts.push(`${grouped(failed)} failed`);
  if (refused > 0) parts.push(`${grouped(refused)} refused by send()`);
  if (retried > 0) parts.push(`${grouped(retried)} batches sent back`);
  if (duplicates > 0) parts.push(`${grouped(duplicates)} duplicates dropped by brokers`);
  return `So far${run.meta.whole ? "" : ", in the parts that are here"}: ${parts.join(" · ")}`;
}

/** A batch in a request, with the reason why it left. */
function riderText(run, { batch, attempt }) {
  const reason = run.reasons[run.batch(batch).attempts[attempt].reason];
  if (attempt > 0) return `B${batch} retry`;
  return `B${batch} ${reason === "piggyback" ? "⤳ piggyback" : reason}`;
}

/** Where a request or its answer is between the client (0) and the broker (1). */
function wirePlace(request, where, time) {
  const share = (from, to) => (to > from ? Math.max(0, Math.min(1, (time - from) / (to - from))) : 1);
  if (where === TO_BROKER) return request.arrived < 0 ? 0.5 : share(request.sent, request.arrived);
  if (where === AT_BROKER) return 1;
  if (where === TO_CLIENT) return request.response < 0 ? 0.5 : 1 - share(request.answered, request.response);
  return 0;
}

/** The record that came into a batch last, if that was not long ago. */
function latestRecord(run, index, client) {
  const append = run.kinds.indexOf("append");
  const { kind, value, subject } = run.steps;
  for (let i = index - 1; i >= 0 && i > index - 400; i--) {
    if (kind[i] === append && run.batch(subject[i])?.client === client) return run.records.get(value[i]);
  }
  return null;
}

/** Producers that fit: those with something under way first. */
function shownClients(run, scene) {
  const all = run.clients.map((_, client) => client);
  if (all.length <= 3) return all;
  const busy = new Set();
  for (const number of scene.batches.keys()) busy.add(run.batch(number)?.client);
  return all.sort((a, b) => busy.has(b) - busy.has(a) || a - b).slice(0, 3).sort((a, b) => a - b);
}

/** The lanes that are drawn: all if they fit, else those that have had batches most recently. */
function shownLanes(run, scene) {
  const lanes = [];
  for (const client of shownClients(run, scene)) {
    const places = run.partitions.map((_, place) => place);
    const isBusy = (place) => (scene.lanes.get(`${client}/${place}`)?.length ?? 0) > 0;
    const chosen = places.length <= MOST_LANES
      ? places
      : places.filter(isBusy).concat(places.filter((place) => !isBusy(place))).slice(0, MOST_LANES).sort((a, b) => a - b);
    for (const partition of chosen) lanes.push({ client, partition });
  }
  return lanes;
}
