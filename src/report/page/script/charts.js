// Charts of the whole run that share the clock of the replay: their crosshair is now, and dragging in one moves it.

const CHART = { width: 640, height: 150, left: 58, right: 10, top: 10, bottom: 22 };

/** What is drawn: a title, a unit, and lines (or stacked areas) made of a run's series. */
const CHARTS = [
  {
    id: "throughput", title: "Records per second", format: shortNumber,
    lines: (run) => [
      { name: "acknowledged", values: perSecond(run, run.series.acked), style: 0 },
      { name: "came into batches", values: perSecond(run, run.series.appended), style: 1 },
      { name: "failed", values: perSecond(run, run.series.failed), style: 2 },
    ],
  },
  {
    id: "latency", title: "Latency of acknowledged records, on a logarithmic scale", format: shortSpan, logarithmic: true,
    lines: (run) => [
      { name: "p50", values: run.series.p50, style: 0 },
      { name: "p99", values: run.series.p99, style: 1 },
      { name: "max", values: run.series.max, style: 2 },
    ],
  },
  {
    id: "reasons", title: "Why batches left", format: shortNumber, stacked: true,
    lines: (run) => run.reasons.map((name, i) => ({ name, values: run.series.reasons[i], style: i })).filter((line) => line.values.some((value) => value > 0)),
  },
  {
    id: "fill", title: "Mean fill of batches that left", format: (value) => `${Math.round(value / 10)} %`, most: 1000,
    lines: (run) => [{ name: "fill", values: run.series.fill, style: 0 }],
  },
  {
    id: "buffer", title: "buffer.memory in use", format: bytesText,
    lines: (run) => [{ name: "most in use", values: run.series.buffer, style: 0 }],
  },
  {
    id: "inflight", title: "Requests in flight", format: shortNumber,
    lines: (run) => [{ name: "most in flight", values: run.series.inFlight, style: 0 }],
  },
];

const perSecond = (run, values) => values.map((value) => (value * 1e9) / run.series.width);

class Charts {
  constructor(root, runs, clock) {
    this.root = root;
    this.runs = runs;
    this.clock = clock;
    this.hands = [];
    if (happened(runs[0]).length > 0) root.before(faultList(runs[0]));
    for (const chart of CHARTS) root.append(this.lineChart(chart));
    for (const run of runs) {
      if (run.partitions.length > 1 && run.partitions.length <= 128) root.append(this.heatMap(run));
      root.append(this.isrChart(run));
    }
  }

  get end() {
    return this.clock.end || 1;
  }

  x(time) {
    return CHART.left + (time / this.end) * (CHART.width - CHART.left - CHART.right);
  }

  timeAt(event, element) {
    const box = element.getBoundingClientRect();
    const x = ((event.clientX - box.left) / box.width) * CHART.width;
    return ((x - CHART.left) / (CHART.width - CHART.left - CHART.right)) * this.end;
  }

  /** Dragging moves the clock. */
  makeSeekable(element) {
    const seek = (event) => {
      this.clock.pause();
      this.clock.seek(this.timeAt(event, element));
    };
    element.addEventListener("pointerdown", (event) => {
      element.setPointerCapture(event.pointerId);
      seek(event);
    });
    element.addEventListener("pointermove", (event) => {
      if (event.buttons & 1) seek(event);
    });
  }

  frame(height, label) {
    const drawing = svg("svg", { viewBox: `0 0 ${CHART.width} ${height}`, role: "img", "aria-label": label, class: "chart" });
    happened(this.runs[0]).forEach((fault) => {
      const until = fault.until < 0 ? this.end : fault.until;
      drawing.append(svg("rect", { x: this.x(fault.at), y: CHART.top, width: Math.max(1, this.x(until) - this.x(fault.at)), height: height - CHART.top - CHART.bottom, class: "faultband" }, svg("title", {}, fault.said)));
    });
    return drawing;
  }

  hand(drawing, height) {
    const hand = svg("line", { class: "hand", y1: CHART.top, y2: height - CHART.bottom });
    drawing.append(hand);
    this.hands.push(hand);
    this.makeSeekable(drawing);
  }

  timeAxis(drawing, height) {
    for (const share of [0, 0.25, 0.5, 0.75, 1]) {
      const x = this.x(share * this.end);
      drawing.append(svg("text", { x, y: height - 6, class: "axis", "text-anchor": share === 0 ? "start" : share === 1 ? "end" : "middle" }, shortSpan(share * this.end)));
    }
  }

  lineChart(chart) {
    const sets = this.runs.map((run) => ({ run, lines: chart.lines(run) }));
    const stacks = chart.stacked ? this.runs.map((run, i) => totals(sets[i].lines)) : [];
    const highest = Math.max(chart.most ?? 0, 1e-9, ...(chart.stacked ? stacks.flat() : sets.flatMap((set) => set.lines.flatMap((line) => line.values))));
    const { height } = CHART;
    const values = sets.flatMap((set) => set.lines.flatMap((line) => line.values));
    const { share, ticks } = chart.logarithmic ? logarithmic(values, highest) : { share: (value) => value / highest, ticks: [0, highest / 2, highest] };
    const y = (value) => height - CHART.bottom - share(value) * (height - CHART.top - CHART.bottom);
    const drawing = this.frame(height, chart.title);
    for (const tick of ticks) {
      drawing.append(
        svg("line", { x1: CHART.left, x2: CHART.width - CHART.right, y1: y(tick), y2: y(tick), class: "grid" }),
        svg("text", { x: CHART.left - 6, y: y(tick) + 4, class: "axis", "text-anchor": "end" }, chart.format(tick)),
      );
    }
    this.timeAxis(drawing, height);
    sets.forEach(({ run, lines }, which) => {
      let base = run.series.acked.map(() => 0);
      for (const line of lines) {
        if (chart.stacked) {
          const top = base.map((value, i) => value + line.values[i]);
          drawing.append(svg("path", { d: area(this, run, base, top, y), class: `area s${line.style} run${which}` }, svg("title", {}, line.name)));
          base = top;
        } else drawing.append(svg("path", { d: path(this, run, line.values, y), class: `line s${line.style} run${which}` }, svg("title", {}, line.name)));
      }
    });
    this.hand(drawing, height);
    const legend = el("ul", { class: "legend" });
    sets.forEach(({ run, lines }, which) => lines.forEach((line) => legend.append(el("li", {},
      svg("svg", { viewBox: "0 0 24 10", "aria-hidden": "true" }, chart.stacked
        ? svg("rect", { x: 2, y: 1, width: 20, height: 8, class: `area s${line.style}` })
        : svg("line", { x1: 1, x2: 23, y1: 5, y2: 5, class: `line s${line.style} run${which}` })),
      this.runs.length > 1 ? `${run.name}: ${line.name}` : line.name))));
    return el("figure", { id: `chart-${chart.id}`, class: "figure" }, el("figcaption", {}, chart.title), drawing, legend, this.table(chart, sets));
  }

  /** The same numbers as a table, and as a file. */
  table(chart, sets) {
    const details = el("details", { class: "twin" }, el("summary", {}, "As a table"));
    details.addEventListener("toggle", () => {
      if (!details.open || details.querySelector("table")) return;
      const names = sets.flatMap(({ run, lines }) => lines.map((line) => (this.runs.length > 1 ? `${run.name}: ${line.name}` : line.name)));
      const columns = sets.flatMap(({ lines }) => lines.map((line) => line.values));
      const { width } = sets[0].run.series;
      const rows = columns[0]?.map((_, i) => [i * width, ...columns.map((column) => column[i])]) ?? [];
      details.append(
        el("p", {}, el("a", { download: `${chart.id}.csv`, href: csvLink(["from_ns", ...names], rows) }, "Download as CSV")),
        el("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": `${chart.title} as a table` },
          el("table", {}, el("thead", {}, headings("from", ...names)), el("tbody", {}, ...rows.map(([from, ...values]) =>
            el("tr", {}, el("th", { scope: "row" }, shortSpan(from)), ...values.map((value) => el("td", { class: "n" }, value < 0 || value === undefined ? "–" : chart.format(value)))))))),
      );
    });
    return details;
  }

  heatMap(run) {
    const rows = run.partitions.length;
    const row = Math.max(3, Math.min(14, Math.floor(220 / rows)));
    const height = CHART.top + rows * row + CHART.bottom;
    const drawing = this.frame(height, "Acknowledged records per partition over time");
    const bins = run.series.acked.length;
    const most = Math.max(1, ...run.series.partitions.flat());
    const cell = (CHART.width - CHART.left - CHART.right) * (run.series.width / this.end);
    for (let place = 0; place < rows; place++) {
      for (let bin = 0; bin < bins; bin++) {
        const count = run.series.partitions[place][bin];
        if (count > 0) drawing.append(svg("rect", { x: this.x(bin * run.series.width).toFixed(2), y: CHART.top + place * row, width: (cell + 0.3).toFixed(2), height: row - 0.5, class: `heat h${Math.min(7, Math.ceil((count * 7) / most))}` }));
      }
      if (rows <= 16 || place % Math.ceil(rows / 16) === 0) {
        drawing.append(svg("text", { x: CHART.left - 6, y: CHART.top + place * row + row * 0.8, class: "axis", "text-anchor": "end" }, run.partitionName(place).slice(-9)));
      }
    }
    this.timeAxis(drawing, height);
    this.hand(drawing, height);
    const rowsOfTable = run.partitions.map((_, place) => [run.partitionName(place), run.series.partitions[place].reduce((a, b) => a + b, 0)]);
    return el("figure", { class: "figure", id: "chart-heat" }, el("figcaption", {}, `Records per partition${this.nameOf(run)}`), drawing,
      el("p", { class: "small" }, `darker: more records, up to ${grouped(most)} in ${shortSpan(run.series.width)}`),
      el("details", { class: "twin" }, el("summary", {}, "As a table"),
        el("p", {}, el("a", { download: "partitions.csv", href: csvLink(["partition", "acknowledged"], rowsOfTable) }, "Download as CSV")),
        el("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": "Records per partition as a table" }, el("table", {}, el("thead", {}, headings("partition", "acknowledged records")), el("tbody", {}, ...rowsOfTable.map(([name, count]) =>
          el("tr", {}, el("th", { scope: "row" }, name), el("td", { class: "n" }, grouped(count)))))))));
  }

  nameOf(run) {
    return this.runs.length > 1 ? `: ${run.name}` : "";
  }

  /** Who was in sync: a lane for each partition whose replicas changed, or one that says that none did. */
  isrChart(run) {
    const changed = [...new Set(run.changes.filter((change) => change.at > 0).map((change) => change.partition))].sort((a, b) => a - b);
    const figure = el("figure", { class: "figure", id: "chart-isr" }, el("figcaption", {}, `Leaders and in-sync replicas${this.nameOf(run)}`));
    if (changed.length === 0) {
      figure.append(el("p", { class: "small" }, "All replicas were in sync, and no leader changed, in the whole run."));
      return figure;
    }
    const shown = changed.slice(0, 24);
    const lanes = shown.flatMap((place) => run.partitions[place].replicas.map((broker) => ({ place, broker })));
    const row = 10;
    const height = CHART.top + lanes.length * row + CHART.bottom;
    const drawing = this.frame(height, "Leaders and in-sync replicas over time");
    lanes.forEach(({ place, broker }, i) => {
      const y = CHART.top + i * row;
      drawing.append(svg("text", { x: CHART.left - 6, y: y + 8, class: "axis tiny", "text-anchor": "end" }, `${run.partitionName(place).slice(-7)} b${broker}`));
      const of = run.changes.filter((change) => change.partition === place);
      of.forEach((change, n) => {
        const until = of[n + 1]?.at ?? run.meta.ended;
        const state = change.leader === broker ? "leads" : change.inSync.includes(broker) ? "insync" : "outofsync";
        drawing.append(svg("rect", { x: this.x(change.at), y: y + 1, width: Math.max(0.5, this.x(until) - this.x(change.at)), height: state === "outofsync" ? 2 : row - 2, class: `isr ${state}` }, svg("title", {}, `${run.partitionName(place)}, broker ${broker}: ${state}`)));
      });
    });
    this.timeAxis(drawing, height);
    this.hand(drawing, height);
    figure.append(drawing, el("p", { class: "small" }, `dark: leader · light: in sync · thin line: not in sync${changed.length > 24 ? ` · ${changed.length - 24} more partitions changed` : ""}${run.meta.changesLeftOut > 0 ? ` · ${grouped(run.meta.changesLeftOut)} later changes are left out` : ""}`),
      el("details", { class: "twin" }, el("summary", {}, "As a table"), el("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": "Leaders and in-sync replicas as a table" }, el("table", {}, el("thead", {}, headings("from", "partition", "leader", "in sync")), el("tbody", {}, ...run.changes.slice(0, 500).map((change) =>
        el("tr", {}, el("th", { scope: "row" }, timeText(change.at)), el("td", {}, run.partitionName(change.partition)), el("td", {}, change.leader || "none"), el("td", {}, change.inSync.join(", "))))))) ));
    return figure;
  }

  /** The crosshairs are now. */
  draw() {
    const x = this.x(this.clock.time).toFixed(2);
    for (const hand of this.hands) {
      mark(hand, "x1", x);
      mark(hand, "x2", x);
    }
  }
}

/** Faults that the run lived to see. */
const happened = (run) => run.faults.filter((fault) => fault.at >= 0);

/** What the coloured bands are. */
function faultList(run) {
  const words = (fault) => `${fault.said}: ${shortSpan(fault.at)}${fault.until < 0 ? " on" : ` to ${shortSpan(fault.until)}`}`;
  const band = () => svg("svg", { viewBox: "0 0 24 10", "aria-hidden": "true" }, svg("rect", { width: 24, height: 10, class: "faultband" }));
  return el("ul", { class: "legend", "aria-label": "faults" }, ...happened(run).map((fault) => el("li", {}, band(), words(fault))));
}

const totals = (lines) => (lines[0]?.values ?? []).map((_, i) => lines.reduce((sum, line) => sum + line.values[i], 0));

/** A logarithmic scale over whole powers of ten, from below the smallest value to above the largest. */
function logarithmic(values, highest) {
  const lowest = Math.min(...values.filter((value) => value > 0), highest);
  const from = Math.floor(Math.log10(lowest));
  const until = Math.max(from + 1, Math.ceil(Math.log10(highest)));
  const every = Math.ceil((until - from) / 4);
  const ticks = [];
  for (let power = from; power <= until; power += every) ticks.push(10 ** power);
  return { share: (value) => Math.max(0, (Math.log10(Math.max(value, 1)) - from) / (until - from)), ticks };
}

/** A line through the middles of bins; where there is no value it stops. */
function path(charts, run, values, y) {
  let text = "";
  let pen = "M";
  values.forEach((value, i) => {
    if (value < 0) {
      pen = "M";
      return;
    }
    text += `${pen}${charts.x((i + 0.5) * run.series.width).toFixed(1)} ${y(value).toFixed(1)}`;
    pen = "L";
  });
  return text;
}

function area(charts, run, base, top, y) {
  const x = (i) => charts.x(i * run.series.width).toFixed(1);
  const forth = top.map((value, i) => `${x(i)} ${y(value).toFixed(1)}L${x(i + 1)} ${y(value).toFixed(1)}`).join("L");
  const back = base.map((value, i) => `${x(i + 1)} ${y(value).toFixed(1)}L${x(i)} ${y(value).toFixed(1)}`).reverse().join("L");
  return `M${forth}L${back}Z`;
}

function csvLink(names, rows) {
  const quote = (value) => (/[",\n]/.test(String(value)) ? `"${String(value).replaceAll('"', '""')}"` : value);
  return `data:text/csv;charset=utf-8,${encodeURIComponent([names, ...rows].map((row) => row.map(quote).join(",")).join("\n"))}`;
}
