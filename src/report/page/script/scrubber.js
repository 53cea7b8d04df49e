// The bar that shows the whole run: how much happens when, faults, what the page has in detail, bookmarks, and now.

const BAR = { width: 1000, height: 46 };

class Scrubber {
  constructor(root, clock) {
    this.root = root;
    this.clock = clock;
    const { run } = clock;
    this.drawing = svg("svg", { viewBox: `0 0 ${BAR.width} ${BAR.height}`, preserveAspectRatio: "none", "aria-hidden": "true" });
    this.slider = el("input", { type: "range", min: 0, max: run.length, step: 1, value: 0, "aria-label": "step of the run" });
    this.marks = svg("g");
    this.loop = svg("rect", { y: 0, height: BAR.height, class: "loopband" });
    this.hand = svg("line", { y1: 0, y2: BAR.height, class: "hand" });
    this.background(run);
    this.drawing.append(this.loop, this.marks, this.hand);
    root.append(this.drawing, this.slider);
    // The slider moves by steps, and the picture by time.
    this.slider.addEventListener("input", () => {
      clock.pause();
      clock.goTo(Number(this.slider.value));
    });
    this.drag();
  }

  x(time) {
    return (time * BAR.width) / (this.clock.end || 1);
  }

  background(run) {
    const { series } = run;
    const most = Math.max(1, ...series.events);
    let d = `M0 ${BAR.height}`;
    series.events.forEach((count, i) => {
      const y = BAR.height - 4 - Math.sqrt(count / most) * (BAR.height - 10);
      d += `L${this.x(i * series.width).toFixed(1)} ${y.toFixed(1)}L${this.x((i + 1) * series.width).toFixed(1)} ${y.toFixed(1)}`;
    });
    d += `L${this.x(series.events.length * series.width).toFixed(1)} ${BAR.height}Z`;
    for (const fault of happened(run)) {
      const until = fault.until < 0 ? this.clock.end : fault.until;
      this.drawing.append(svg("rect", { x: this.x(fault.at), y: 0, width: Math.max(2, this.x(until) - this.x(fault.at)), height: BAR.height, class: "faultband" }, svg("title", {}, fault.said)));
    }
    this.drawing.append(svg("path", { d, class: "density" }));
    if (!run.meta.whole) {
      for (const part of run.parts) {
        this.drawing.append(svg("rect", { x: this.x(part.from), y: BAR.height - 4, width: Math.max(2, this.x(Math.min(part.until, this.clock.end)) - this.x(part.from)), height: 4, class: "detail" }, svg("title", {}, "in full detail")));
      }
    }
  }

  drag() {
    const timeAt = (event) => {
      const box = this.drawing.getBoundingClientRect();
      return ((event.clientX - box.left) / box.width) * this.clock.end;
    };
    let from = null;
    this.drawing.addEventListener("pointerdown", (event) => {
      this.drawing.setPointerCapture(event.pointerId);
      this.clock.pause();
      from = event.shiftKey ? timeAt(event) : null;
      if (from === null) this.clock.seek(timeAt(event));
    });
    this.drawing.addEventListener("pointermove", (event) => {
      if (!(event.buttons & 1)) return;
      if (from === null) this.clock.seek(timeAt(event));
      else this.clock.setLoop(from, timeAt(event));
    });
  }

  draw() {
    const { clock } = this;
    const x = this.x(clock.time).toFixed(1);
    mark(this.hand, "x1", x);
    mark(this.hand, "x2", x);
    this.slider.value = clock.index;
    mark(this.slider, "aria-valuetext", `step ${grouped(clock.index)} of ${grouped(clock.run.length)}, ${timeText(clock.time)}`);
    this.loop.setAttribute("x", clock.loop ? this.x(clock.loop.from).toFixed(1) : 0);
    this.loop.setAttribute("width", clock.loop ? Math.max(1, this.x(clock.loop.until) - this.x(clock.loop.from)).toFixed(1) : 0);
    const wanted = clock.bookmarks.map((one) => one.index).join();
    if (this.marks.dataset.shown !== wanted) {
      this.marks.dataset.shown = wanted;
      this.marks.replaceChildren(...clock.bookmarks.map((one) => svg("path", { class: "bookmark", d: `M${this.x(one.time).toFixed(1)} 0l6 0l0 12l-6 -4l-6 4l0 -12z` })));
    }
  }
}
