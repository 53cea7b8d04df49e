// The clock that everything on the page shares: a time of the run, how many steps have happened by it, and how fast it goes.

/** Nanoseconds of the run for one second of the reader: from 1 µs to real time. */
const SPEEDS = [1e3, 2e3, 5e3, 1e4, 2e4, 5e4, 1e5, 2e5, 5e5, 1e6, 2e6, 5e6, 1e7, 2e7, 5e7, 1e8, 2e8, 5e8, 1e9];

class Clock {
  /** `runs`: the first one gives the steps; all share the time. */
  constructor(runs) {
    this.runs = runs;
    this.run = runs[0];
    this.time = this.start;
    this.index = 0;
    this.speed = 9;
    this.playing = false;
    this.loop = null;
    this.bookmarks = [];
    this.listeners = [];
  }

  get start() {
    return this.run.parts[0]?.from ?? 0;
  }

  get end() {
    return Math.max(...this.runs.map((run) => run.meta.ended));
  }

  onChange(listener) {
    this.listeners.push(listener);
  }

  changed(how) {
    for (const listener of this.listeners) listener(how);
  }

  /** Goes to a time: everything up to it has happened. */
  seek(time, how = "seek") {
    this.time = Math.max(0, Math.min(Math.round(time), this.end));
    this.index = this.run.stepsAt(this.time);
    this.changed(how);
  }

  /** Goes to a step: it is the last one that has happened. */
  goTo(index, how = "step") {
    this.index = Math.max(0, Math.min(index, this.run.length));
    this.time = this.index === 0 ? this.start : this.run.steps.at[this.index - 1];
    this.changed(how);
  }

  step(count) {
    this.pause();
    this.goTo(this.index + count);
  }

  /** To the next step that people look for, in either direction. */
  jump(direction) {
    this.pause();
    const { kind } = this.run.steps;
    let index = this.index + direction;
    while (index > 0 && index <= this.run.length && !INTERESTING.has(this.run.kinds[kind[index - 1]])) index += direction;
    this.goTo(index);
  }

  /** How many steps of another run have happened by now. */
  indexIn(run) {
    return run === this.run ? this.index : run.stepsAt(this.time);
  }

  toggle() {
    if (this.playing) this.pause();
    else this.play();
  }

  play() {
    if (this.playing) return;
    if (this.time >= this.end) this.seek(this.start);
    this.playing = true;
    this.last = null;
    this.request = requestAnimationFrame((now) => this.tick(now));
    this.changed("play");
  }

  pause() {
    if (!this.playing) return;
    this.playing = false;
    cancelAnimationFrame(this.request);
    this.changed("pause");
  }

  tick(now) {
    if (!this.playing) return;
    // A page that was asleep goes on where it was.
    const passed = this.last === null ? 0 : Math.min(now - this.last, 100);
    this.last = now;
    const to = this.time + (passed * SPEEDS[this.speed]) / 1000;
    if (this.loop && to >= this.loop.until) this.seek(this.loop.from, "tick");
    else if (to >= this.end) {
      this.seek(this.end, "tick");
      this.pause();
      return;
    } else {
      // Fractions of a nanosecond add up at the lowest speeds.
      this.time = to;
      this.index = Math.max(this.index, this.run.stepsAt(to));
      this.changed("tick");
    }
    this.request = requestAnimationFrame((next) => this.tick(next));
  }

  setSpeed(speed) {
    this.speed = Math.max(0, Math.min(speed, SPEEDS.length - 1));
    this.changed("speed");
  }

  setLoop(from, until) {
    this.loop = from === null ? null : { from: Math.min(from, until), until: Math.max(from, until) };
    this.changed("loop");
  }

  addBookmark() {
    if (!this.bookmarks.some((mark) => mark.index === this.index)) {
      this.bookmarks.push({ time: Math.round(this.time), index: this.index });
      this.bookmarks.sort((one, other) => one.index - other.index);
    }
    this.changed("bookmark");
  }

  removeBookmark(index) {
    this.bookmarks = this.bookmarks.filter((mark) => mark.index !== index);
    this.changed("bookmark");
  }

  /** The bookmark before or after now. */
  toBookmark(direction) {
    const ordered = direction > 0 ? this.bookmarks : this.bookmarks.toReversed();
    const next = ordered.find((mark) => (mark.index - this.index) * direction > 0);
    if (next) {
      this.pause();
      this.goTo(next.index);
    }
  }
}
