// The page: everything is drawn from the clock, and every control moves only the clock or the selection.

class Page {
  constructor(runs) {
    this.runs = runs;
    this.run = runs[0];
    this.clock = new Clock(runs);
    this.scenes = runs.map((run) => new Scenes(run));
    this.stages = runs.map((run, i) => new Stage(run, this.scenes[i], (selection) => this.select(selection, i)));
    this.selection = null;
    this.selectedRun = 0;
    this.inspector = new Inspector(find("inspector"), (selection) => this.select(selection, this.selectedRun), (time) => this.seek(time));
    this.scrubber = new Scrubber(find("scrubber"), this.clock);
    this.charts = new Charts(find("charts-body"), runs, this.clock);
    this.lessons = new Lessons(find("lesson"), this.run, this.clock, this);
    this.stages.forEach((stage, i) => {
      const heading = runs.length > 1 ? `${"AB"[i]}: ${runs[i].name}` : "Stage";
      find("stage").append(el("h2", { class: runs.length > 1 ? "runname" : "visually-hidden" }, heading));
      find("stage").append(stage.root);
    });
    this.lastTold = -1;
    this.buttons();
    this.keys();
    this.switches();
    this.clock.onChange((how) => this.changed(how));
    this.fromLink();
    window.addEventListener("hashchange", () => this.fromLink());
    if (this.run.lessons.length > 0) this.startLesson();
    this.inspector.show(this.run, this.selection);
    this.changed("start");
  }

  // ---- what follows from the clock ----

  changed(how) {
    const { clock } = this;
    this.stages.forEach((stage) => stage.draw(clock));
    this.scrubber.draw();
    this.charts.draw();
    say(find("now"), timeText(clock.time));
    say(find("step-of"), `step ${grouped(clock.index)} of ${grouped(this.run.length)}`);
    const gap = this.gap();
    say(find("gap"), gap);
    find("gap").hidden = gap === "";
    const play = find("play");
    mark(play, "aria-pressed", String(clock.playing));
    say(play, clock.playing ? "Pause" : "Play");
    find("speed").value = clock.speed;
    const words = speedText(SPEEDS[clock.speed]);
    say(find("speed-text"), words);
    mark(find("speed"), "aria-valuetext", words);
    mark(find("loop"), "aria-pressed", String(clock.loop !== null));
    this.bookmarkList();
    this.narrate();
    if (!clock.playing && how !== "tick" && how !== "start") this.toLink();
  }

  /** What to say where the page has no steps. */
  gap() {
    const { run, clock } = this;
    if (run.meta.whole || run.parts.some((part) => clock.time >= part.from && clock.time < part.until)) return "";
    return "This time is not in the page in detail. The charts have it.";
  }

  narrate() {
    const { run, clock } = this;
    if (clock.index === this.lastTold) return;
    this.lastTold = clock.index;
    const list = find("narration");
    const shown = [];
    for (let i = Math.max(0, clock.index - 12); i < clock.index; i++) shown.push(i);
    sync(list, shown, (i) => i, (i) => this.newSentence(i), (item, i) => mark(item, "aria-current", i === clock.index - 1 ? "true" : null));
    list.scrollTop = list.scrollHeight;
    const last = clock.index > 0 ? tell(run, clock.index - 1).text : "Nothing has happened yet.";
    if (!clock.playing) say(find("live"), last);
  }

  newSentence(i) {
    const { id, text } = tell(this.run, i);
    const about = subjectOf(this.run, i);
    const time = el("button", { type: "button", class: "link time", click: () => { this.clock.pause(); this.clock.goTo(i + 1); } }, timeText(this.run.steps.at[i]));
    const words = about ? el("button", { type: "button", class: "link plain", click: () => this.select(about, 0) }, text) : el("span", {}, text);
    return el("li", { "data-sentence": id, class: INTERESTING.has(this.run.kinds[this.run.steps.kind[i]]) ? "interesting" : null }, time, words);
  }

  retell() {
    this.lastTold = -1;
    find("narration").replaceChildren();
    this.narrate();
    this.inspector.show(this.runs[this.selectedRun], this.selection);
    if (this.run.lessons.length > 0) this.lessons.draw();
  }

  // ---- selection ----

  select(selection, which) {
    this.selection = selection;
    this.selectedRun = which;
    const name = entityName(this.runs[which], selection);
    this.stages.forEach((stage, i) => (stage.selected = i === which ? name : ""));
    this.inspector.show(this.runs[which], selection);
    this.changed("select");
  }

  /** What a lesson points at. */
  spot(name) {
    for (const stage of this.stages) stage.spot = name ?? "";
    this.changed("spot");
    const target = name && document.querySelector(`[data-entity="${CSS.escape(name)}"]`);
    if (target) target.scrollIntoView({ block: "nearest", inline: "nearest" });
  }

  seek(time) {
    this.clock.pause();
    this.clock.seek(time);
  }

  // ---- controls ----

  buttons() {
    const { clock } = this;
    const on = (id, act) => find(id).addEventListener("click", act);
    on("first", () => { clock.pause(); clock.goTo(0); });
    on("previous-interesting", () => clock.jump(-1));
    on("previous", () => clock.step(-1));
    on("play", () => clock.toggle());
    on("next", () => clock.step(1));
    on("next-interesting", () => clock.jump(1));
    on("last", () => { clock.pause(); clock.goTo(this.run.length); });
    on("bookmark", () => clock.addBookmark());
    on("loop", () => this.toggleLoop());
    on("copy-link", () => this.copyLink());
    on("help-button", () => find("help").showModal());
    on("help-close", () => find("help").close());
    on("full-screen", () => this.fullScreen());
    find("speed").addEventListener("input", (event) => clock.setSpeed(Number(event.target.value)));
    find("goto").addEventListener("submit", (event) => {
      event.preventDefault();
      const ns = timeOf(find("goto-time").value);
      mark(find("goto-time"), "aria-invalid", ns === null ? "true" : null);
      if (ns !== null) this.seek(ns);
    });
  }

  /** A loop around now: a hundredth of the run to both sides. */
  toggleLoop() {
    const { clock } = this;
    const reach = clock.end / 100;
    if (clock.loop) clock.setLoop(null);
    else clock.setLoop(Math.max(0, clock.time - reach), Math.min(clock.end, clock.time + reach));
  }

  fullScreen() {
    if (document.fullscreenElement) document.exitFullscreen();
    else find("replay").requestFullscreen?.();
  }

  keys() {
    document.addEventListener("keydown", (event) => {
      if (event.ctrlKey || event.metaKey || event.altKey || find("help").open) return;
      if (event.target.closest("input:not([type=range]), select, textarea")) return;
      const onButton = event.target.closest("button, summary, a");
      if (onButton && (event.key === " " || event.key === "Enter")) return;
      if (event.target.closest("input[type=range]") && event.key.startsWith("Arrow")) return;
      const act = this.keyAction(event);
      if (act) {
        event.preventDefault();
        act();
      }
    });
  }

  keyAction(event) {
    const { clock } = this;
    const far = event.shiftKey;
    const actions = {
      " ": () => clock.toggle(),
      ArrowRight: () => (far ? clock.jump(1) : clock.step(1)),
      ArrowLeft: () => (far ? clock.jump(-1) : clock.step(-1)),
      Home: () => { clock.pause(); clock.goTo(0); },
      End: () => { clock.pause(); clock.goTo(this.run.length); },
      "+": () => clock.setSpeed(clock.speed + 1),
      "-": () => clock.setSpeed(clock.speed - 1),
      b: () => clock.addBookmark(),
      "[": () => clock.toBookmark(-1),
      "]": () => clock.toBookmark(1),
      l: () => this.toggleLoop(),
      t: () => this.setTheme(document.documentElement.dataset.theme === "dark" ? "light" : "dark"),
      f: () => this.fullScreen(),
      "?": () => find("help").showModal(),
      Escape: () => this.select(null, 0),
      p: () => this.run.lessons.length > 0 && this.lessons.present(),
      // Presenters' remote controls send these.
      ...(this.run.lessons.length > 0 && { PageDown: () => this.lessonStep(1), PageUp: () => this.lessonStep(-1) }),
      ".": () => document.body.toggleAttribute("data-blank"),
    };
    return actions[event.key];
  }

  /** A step of the lesson. */
  lessonStep(direction) {
    this.lessons.go(this.lessons.at + direction);
  }

  switches() {
    find("audience").addEventListener("change", (event) => {
      language.audience = event.target.value;
      this.retell();
    });
    const languages = Object.keys(this.run.sentences);
    find("language-field").hidden = languages.length < 2;
    languages.forEach((code) => find("language").append(el("option", { value: code }, { en: "English", ko: "한국어" }[code] ?? code)));
    find("language").addEventListener("change", (event) => {
      language.code = event.target.value;
      find("lesson").lang = language.code;
      find("narration").lang = language.code;
      this.retell();
    });
    const dark = matchMedia("(prefers-color-scheme: dark)");
    this.setTheme(dark.matches ? "dark" : "light");
    dark.addEventListener("change", () => this.setTheme(dark.matches ? "dark" : "light"));
    find("theme").addEventListener("click", () => this.setTheme(document.documentElement.dataset.theme === "dark" ? "light" : "dark"));
  }

  setTheme(theme) {
    document.documentElement.dataset.theme = theme;
    say(find("theme"), theme === "dark" ? "Light" : "Dark");
  }

  startLesson() {
    find("lesson").hidden = false;
    language.audience = "student";
    find("audience").value = "student";
    // A link to a place goes there and not to the beginning of the lesson.
    if (location.hash.length > 1) this.lessons.draw();
    else this.lessons.open();
  }

  bookmarkList() {
    const { clock } = this;
    const list = find("bookmarks");
    list.hidden = clock.bookmarks.length === 0;
    sync(list, clock.bookmarks, (one) => one.index, (one) => el("li", {},
      el("button", { type: "button", class: "link", click: () => { clock.pause(); clock.goTo(one.index); } }, timeText(one.time)),
      el("button", { type: "button", class: "link", "aria-label": `remove the bookmark at ${timeText(one.time)}`, click: () => clock.removeBookmark(one.index) }, "×")), () => {});
  }

  // ---- deep links ----

  link() {
    const parts = [`t=${(this.clock.time / 1e9).toFixed(9)}`, `step=${this.clock.index}`];
    if (this.selection) parts.push(`sel=${this.selection.kind}-${this.selection.number}`);
    if (this.selectedRun > 0) parts.push(`run=${this.selectedRun}`);
    return `#${parts.join("&")}`;
  }

  toLink() {
    this.ownLink = this.link();
    // Browsers limit how often this may be done; a link that is late is no harm.
    clearTimeout(this.linkTimer);
    this.linkTimer = setTimeout(() => history.replaceState(null, "", this.ownLink), 100);
  }

  fromLink() {
    if (location.hash === this.ownLink || location.hash.length < 2) return;
    const values = new URLSearchParams(location.hash.slice(1));
    const time = Number(values.get("t")) * 1e9;
    const step = Number(values.get("step"));
    this.clock.pause();
    if (values.has("step") && Number.isInteger(step)) this.clock.goTo(step);
    else if (values.has("t") && Number.isFinite(time)) this.clock.seek(time);
    const chosen = /^(batch|request|record|partition)-(\d+)$/.exec(values.get("sel") ?? "");
    if (chosen) this.select({ kind: chosen[1], number: Number(chosen[2]) }, values.get("run") === "1" && this.runs.length > 1 ? 1 : 0);
  }

  copyLink() {
    clearTimeout(this.linkTimer);
    this.ownLink = this.link();
    history.replaceState(null, "", this.ownLink);
    const done = () => say(find("live"), "The link to this moment is copied.");
    navigator.clipboard?.writeText(location.href).then(done, done);
  }
}

const find = (id) => document.getElementById(id);

const speedText = (ns) => (ns >= 1e9 ? "real time" : `${shortSpan(ns)} of the run per second`);

/** The name of what is selected on the stage. */
function entityName(run, selection) {
  if (!selection) return "";
  if (selection.kind === "record") return `batch-${run.records.get(selection.number)?.batch ?? 0}`;
  return `${selection.kind}-${selection.number}`;
}

/** A time as people type it: `12.031`, `250ms`, `1.5 s`, `40us`. */
function timeOf(text) {
  const found = /^\s*(\d+(?:[.,]\d+)?)\s*(ns|us|µs|ms|s)?\s*$/.exec(text);
  if (!found) return null;
  return Number(found[1].replace(",", ".")) * { ns: 1, us: 1e3, "µs": 1e3, ms: 1e6, s: 1e9 }[found[2] ?? "s"];
}

async function start() {
  const data = await unpack(find("data").textContent);
  const runs = data.runs.map((run) => new Run({ ...run, sentences: data.sentences }, run.meta.name));
  find("replay").hidden = false;
  find("charts").hidden = false;
  document.documentElement.dataset.scripts = "on";
  window.page = new Page(runs);
  performance.mark("replay-ready");
}

start().catch((error) => {
  find("problem").hidden = false;
  say(find("problem"), `The replay cannot be shown in this browser (${error.message}). The summary below is complete.`);
});
