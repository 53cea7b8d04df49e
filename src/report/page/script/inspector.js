// The inspector: the life of a batch, a request, a record or a partition, with the reason of each step.

class Inspector {
  constructor(root, onSelect, onSeek) {
    this.root = root;
    this.onSelect = onSelect;
    this.onSeek = onSeek;
    this.selection = null;
  }

  show(run, selection) {
    this.run = run;
    this.selection = selection;
    this.root.replaceChildren();
    if (!selection) {
      this.root.append(el("p", { class: "hint" }, "Choose a batch, a request, a record or a partition to see its life."));
      return;
    }
    const shown = { batch: () => this.batch(), record: () => this.record(), request: () => this.request(), partition: () => this.partition() };
    shown[selection.kind]();
  }

  /** A link to something else. */
  link(kind, number, text) {
    return el("button", { class: "link", type: "button", click: () => this.onSelect({ kind, number }) }, text);
  }

  /** A link to a time. */
  time(ns) {
    return ns < 0 ? "–" : el("button", { class: "link", type: "button", click: () => this.onSeek(ns) }, timeText(ns));
  }

  facts(rows) {
    const list = el("dl", { class: "facts" });
    for (const [name, value] of rows) {
      if (value === null || value === undefined) continue;
      list.append(el("dt", {}, name), el("dd", {}, ...(Array.isArray(value) ? value : [value])));
    }
    return list;
  }

  missing(what) {
    this.root.append(el("p", { class: "hint" }, `${what} is not in the part of the run that this page has. ${this.run.meta.rule}`));
  }

  batch() {
    const { run } = this;
    const batch = run.batch(this.selection.number);
    if (!batch) return this.missing(`Batch ${this.selection.number}`);
    const first = batch.attempts[0];
    const records = batch.records.length;
    const rows = [
      ["partition", this.link("partition", batch.partition, run.partitionName(batch.partition))],
      ["producer", run.clients[batch.client].id],
      ["records", grouped(records)],
      ["size", first ? `${grouped(first.bytes)} of ${grouped(batch.limit)} bytes (${fillOf(first.bytes, batch.limit)})` : `about ${grouped(batch.estimated)} of ${grouped(batch.limit)} bytes`],
      ["opened", this.time(batch.opened)],
      ["ready", batch.ready < 0 ? "never before it left" : [this.time(batch.ready), ` by ${run.reasons[batch.readyBy]}`]],
      ["left", first ? [this.time(first.sent), ` by ${run.reasons[first.reason]} in `, this.link("request", first.request, `request ${first.request}`)] : "not yet"],
      ["ended", this.ending(batch)],
    ];
    if (batch.parent > 0) rows.push(["part of", this.link("batch", batch.parent, `batch ${batch.parent}`)]);
    this.root.append(el("h3", {}, `Batch ${grouped(batch.number)}`), this.facts(rows));
    this.why(batch);
    if (records > 0) {
      this.root.append(el("h4", {}, `Where the time of its first record went`), this.waterfall(batch.records[0], batch));
    }
    if (batch.attempts.length > 1) this.attempts(batch);
    if (records > 0) this.recordList(batch);
  }

  ending(batch) {
    const { run } = this;
    if (batch.ending === 0) return "not in the run";
    const words = batch.ending === 1
      ? `acknowledged${batch.result >= 0 ? ` at offset ${grouped(batch.result)}` : ""}`
      : `${run.errors[batch.result]}${batch.ending === 3 ? ", perhaps in the log" : ""}`;
    return [this.time(batch.ended), ` ${words}`];
  }

  /** Why it left when it did, and why not earlier. */
  why(batch) {
    const { run } = this;
    const list = el("ul", { class: "why" });
    for (const { id, text } of whyOf(run, batch)) list.append(el("li", { "data-sentence": id }, text));
    this.root.append(el("h4", {}, "Why then, and not earlier?"), list);
  }

  attempts(batch) {
    const { run } = this;
    const table = el("table", {}, el("caption", {}, "Transmissions"), el("thead", {}, headings("sent", "request", "what became of it")));
    const body = el("tbody");
    for (const attempt of batch.attempts) {
      body.append(el("tr", {}, el("td", {}, this.time(attempt.sent)), el("td", {}, this.link("request", attempt.request, `R${attempt.request}`)), el("td", {}, attemptWords(run, attempt))));
    }
    table.append(body);
    this.root.append(table);
  }

  recordList(batch) {
    const details = el("details", {}, el("summary", {}, `Its ${grouped(batch.records.length)} records`));
    const list = el("p", { class: "records" });
    batch.records.slice(0, 200).forEach((record) => list.append(this.link("record", record.number, grouped(record.number)), " "));
    if (batch.records.length > 200) list.append(`and ${grouped(batch.records.length - 200)} more`);
    details.append(list);
    this.root.append(details);
  }

  record() {
    const { run } = this;
    const record = run.records.get(this.selection.number);
    const batch = record && run.batch(record.batch);
    if (!batch) return this.missing(`Record ${this.selection.number}`);
    this.root.append(el("h3", {}, `Record ${grouped(record.number)}`), this.facts([
      ["batch", [this.link("batch", batch.number, `batch ${batch.number}`), ` of ${run.partitionName(batch.partition)}`]],
      ["key", record.keyLength < 0 ? "none" : `${record.keyLength} bytes${record.keyHash === undefined ? "" : `, murmur2 ${record.keyHash}`}`],
      ["size", `${grouped(record.bytes)} bytes without deltas`],
      ["due", this.time(record.since)],
      ["send() called", this.time(record.called)],
      ["in its batch", this.time(record.appended)],
      ["ended", this.ending(batch)],
    ]), el("h4", {}, "Where its time went"), this.waterfall(record, batch));
    this.why(batch);
  }

  /** Bars that follow each other, and a table that adds up. */
  waterfall(record, batch) {
    const { run } = this;
    const legs = legsOf(run, record, batch);
    const total = legs.reduce((sum, leg) => sum + leg.to - leg.from, 0);
    const body = el("tbody");
    for (const { stage, from, to } of legs) {
      const [code, words] = run.stages[stage];
      const bar = svg("svg", { class: "bar", viewBox: "0 0 100 10", preserveAspectRatio: "none", "aria-hidden": "true" },
        svg("rect", { x: ((from - record.since) * 100) / (total || 1), y: 1, width: Math.max(0.6, ((to - from) * 100) / (total || 1)), height: 8, class: `stage-${code}` }));
      body.append(el("tr", {}, el("th", { scope: "row" }, words), el("td", { class: "bars" }, bar), el("td", { class: "n" }, spanText(to - from))));
    }
    return el("table", { class: "waterfall" }, el("thead", {}, headings("stage", "", "time")), body,
      el("tfoot", {}, el("tr", {}, el("th", { scope: "row" }, "total"), el("td"), el("td", { class: "n" }, spanText(total)))));
  }

  request() {
    const { run } = this;
    const request = run.request(this.selection.number);
    if (!request) return this.missing(`Request ${this.selection.number}`);
    this.root.append(el("h3", {}, `Request ${grouped(request.number)}`), this.facts([
      ["broker", request.node], ["producer", run.clients[request.client].id], ["size", `${grouped(request.bytes)} bytes`],
      ["written", this.time(request.sent)], ["at the broker", this.time(request.arrived)], ["answered", this.time(request.answered)],
      ["answer at the client", this.time(request.response)], ["done with", this.time(request.done)],
    ]));
    const body = el("tbody");
    for (const { batch: number, attempt } of request.batches) {
      const batch = run.batch(number);
      const one = batch.attempts[attempt];
      const reason = run.reasons[one.reason];
      body.append(el("tr", {}, el("td", {}, this.link("batch", number, `B${number}`)), el("td", {}, run.partitionName(batch.partition)),
        el("td", {}, attempt > 0 ? `retry ${attempt}` : reason === "piggyback" ? "⤳ piggyback" : reason),
        el("td", { class: "n" }, grouped(one.records)), el("td", {}, attemptWords(run, one))));
    }
    this.root.append(el("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": "batches of the request" },
      el("table", {}, el("caption", {}, "Its batches, and why each left"), el("thead", {}, headings("batch", "partition", "reason", "records", "what became of it")), body)));
  }

  partition() {
    const { run, selection } = this;
    const partition = run.partitions[selection.number];
    if (!partition) return this.missing("That partition");
    const batches = [...run.batches.values()].filter((batch) => batch.partition === selection.number);
    const counts = new Map();
    for (const batch of batches) {
      for (const attempt of batch.attempts) counts.set(attempt.reason, (counts.get(attempt.reason) ?? 0) + 1);
    }
    this.root.append(el("h3", {}, run.partitionName(selection.number)), this.facts([
      ["replicas", partition.replicas.join(", ")],
      ["batches", `${grouped(batches.length)} in the parts that are here`],
      ["reasons", [...counts].sort((a, b) => a[0] - b[0]).map(([reason, count]) => `${run.reasons[reason]} ${grouped(count)}`).join(", ") || "–"],
    ]));
    const list = el("p", { class: "records" });
    batches.slice(-100).forEach((batch) => list.append(this.link("batch", batch.number, `B${batch.number}`), " "));
    this.root.append(el("h4", {}, batches.length > 100 ? "Its last 100 batches" : "Its batches"), list);
  }
}

const headings = (...names) => el("tr", {}, ...names.map((name) => (name === "" ? el("td") : el("th", { scope: "col" }, name))));

function attemptWords(run, attempt) {
  const words = ["no broker has looked at it", "appended", "duplicate, dropped", "rejected"][attempt.stored];
  const detail = attempt.stored === 3 ? ` (${run.errors[attempt.storedValue]})` : attempt.stored > 0 ? ` at offset ${grouped(attempt.storedValue)}` : "";
  return `${words}${detail}${attempt.failed >= 0 ? `; sent again after ${run.errors[attempt.error]}` : ""}`;
}

/** The sentences that say why a batch left when it did. */
function whyOf(run, batch) {
  const values = batchValues(run, batch);
  const told = [];
  const add = (id, more) => told.push({ id, text: sentence(run, id, { ...values, ...more }) });
  const first = batch.attempts[0];
  if (!first) {
    add("batch.never-left", {});
    return told;
  }
  const reason = run.reasons[first.reason];
  add(`sent.${reason}`, {
    request: grouped(first.request), records: grouped(first.records), bytes: grouped(first.bytes), fill: fillOf(first.bytes, batch.limit),
  });
  if (reason === "piggyback") {
    const other = run.request(first.request)?.batches.map((one) => run.batch(one.batch).attempts[one.attempt]).find((one) => run.reasons[one.reason] !== "piggyback");
    if (other) {
      const driver = run.batch(other.batch);
      add("batch.piggyback-with", {
        other: grouped(other.batch), otherpartition: run.partitionName(driver.partition), reason: run.reasons[other.reason], broker: run.request(first.request).node,
      });
    }
  }
  if (batch.ready >= 0 && first.sent > batch.ready) {
    const noted = [...new Set(batch.held.filter((one) => one.at <= first.sent).map((one) => run.helds[one.why]))];
    const list = noted.length > 0 ? noted.join(", ") : obstacleOf(run, batch, first);
    const ahead = aheadOf(run, batch);
    const last = Math.max(...ahead.map((one) => one.sent));
    add(ahead.length > 0 ? "why.queued" : list ? "why.held" : "why.wakeup", {
      span: spanText(first.sent - batch.ready), list, count: ahead.length, behind: spanText(last - batch.ready),
    });
  }
  if (batch.parent > 0) {
    add("why.split", {});
    return told;
  }
  add(`why.${batch.ready >= 0 ? run.reasons[batch.readyBy] : reason}`, {});
  return told;
}

/** What stood in the way of a batch when it became ready, although the sender had no reason to look then. */
function obstacleOf(run, batch, first) {
  const most = run.clients[batch.client].inFlight;
  const node = run.request(first.request)?.node;
  let out = 0;
  for (const request of run.requests.values()) {
    const isOut = request.sent <= batch.ready && (request.done < 0 || request.done > batch.ready);
    if (request.client === batch.client && request.node === node && isOut) out++;
  }
  if (node === undefined || out < most) return "";
  return most === 1 ? "muted" : "in-flight";
}

/** Transmissions of older batches of the same lane while a batch was ready and had not left. */
function aheadOf(run, batch) {
  const ahead = [];
  const first = batch.attempts[0];
  for (const other of run.batches.values()) {
    if (other.number >= batch.number || other.client !== batch.client || other.partition !== batch.partition) continue;
    const last = other.attempts.findLast((one) => one.sent > batch.ready && one.sent <= first.sent && one.request !== first.request);
    if (last) ahead.push(last);
  }
  return ahead;
}

/** The legs of a record's way: the same rule as the engine's, so that they add up to the nanosecond. */
function legsOf(run, record, batch) {
  const end = batch.ended < 0 ? run.meta.ended : batch.ended;
  const legs = [];
  let now = record.since;
  const place = (code) => run.stages.findIndex(([name]) => name === code);
  const go = (code, to) => {
    const stop = Math.min(to, end);
    if (stop > now) {
      legs.push({ stage: place(code), from: now, to: stop });
      now = stop;
    }
  };
  // A part of a split has the transmissions of the whole before its own.
  const attempts = [];
  for (let whole = run.batch(batch.parent); whole; whole = run.batch(whole.parent)) attempts.unshift(...whole.attempts);
  attempts.push(...batch.attempts);
  const sent = attempts[0]?.sent ?? end;
  go("late", record.called);
  go("blocked", record.appended);
  go("in-batch", batch.ready >= 0 ? batch.ready : sent);
  go("ready", sent);
  for (const attempt of attempts) {
    go("retry-wait", attempt.sent);
    if (attempt.failed >= 0) {
      go("failed-attempt", attempt.failed);
      continue;
    }
    const request = run.request(attempt.request);
    if (!request) continue;
    if (request.arrived >= 0) go("to-broker", request.arrived);
    if (attempt.stored > 0) go("broker", attempt.storedAt);
    if (request.answered >= 0) go("replication", request.answered);
    if (request.response >= 0) {
      go("to-client", request.response);
      go("sender", end);
    }
  }
  const waits = (attempts.at(-1)?.failed ?? -1) >= 0;
  go(waits ? "retry-wait" : "in-flight", end);
  return legs;
}
