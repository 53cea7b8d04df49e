// Lessons: a guided tour through the run, with questions, for one reader or for a class.

class Lessons {
  constructor(root, run, clock, page) {
    Object.assign(this, { root, run, clock, page });
    this.at = 0;
    this.answers = new Map();
  }

  get list() {
    return this.run.lessons;
  }

  get current() {
    return this.list[this.at];
  }

  /** A text of a step in the language of the page. */
  text(step, part) {
    return step[`${part}_${language.code}`] ?? step[part];
  }

  open() {
    this.go(0);
  }

  go(at) {
    if (this.list.length === 0) return;
    this.at = Math.max(0, Math.min(at, this.list.length - 1));
    this.clock.pause();
    this.clock.goTo(this.current.index);
    this.page.spot(this.current.highlight);
    this.draw();
  }

  draw() {
    const step = this.current;
    if (!step) return;
    const words = LESSON_WORDS[language.code] ?? LESSON_WORDS.en;
    const steps = el("ol", { class: "dots", "aria-label": words.steps });
    this.list.forEach((other, i) => steps.append(el("li", {}, el("button", {
      type: "button", "aria-current": i === this.at ? "step" : null, "aria-label": `${i + 1}`, click: () => this.go(i),
    }, String(i + 1)))));
    const title = this.text(step, "title");
    const focused = this.root.contains(document.activeElement) ? document.activeElement.dataset.act : null;
    this.root.replaceChildren(
      el("header", { class: "row" }, el("h2", { tabindex: "-1" }, title || `${this.at + 1} / ${this.list.length}`), steps),
      el("p", { class: "lessontext", "data-lesson": step.id }, this.text(step, "text")),
      ...this.question(step, words),
      el("p", { class: "row buttons" },
        el("button", { type: "button", "data-act": "back", disabled: this.at === 0, click: () => this.go(this.at - 1) }, words.back),
        el("button", { type: "button", "data-act": "next", class: "primary", disabled: this.at === this.list.length - 1, click: () => this.go(this.at + 1) }, words.on),
        el("button", { type: "button", "data-act": "present", "aria-pressed": String(document.body.hasAttribute("data-presenting")), click: () => this.present() }, words.present),
        el("span", { class: "small" }, this.standing(words))),
    );
    // Whoever steps with the keyboard stays where they are.
    if (focused) this.root.querySelector(`[data-act="${focused}"]:not(:disabled)`)?.focus();
  }

  question(step, words) {
    const question = this.text(step, "question");
    if (!question) return [];
    const given = this.answers.get(step.id);
    const choices = this.text(step, "choices") ?? [];
    const list = el("div", { class: "choices", role: "group", "aria-label": question });
    choices.forEach((choice, i) => list.append(el("button", {
      type: "button", "data-act": `choice-${i}`, "data-right": given !== undefined && i === step.right ? "yes" : null, "aria-pressed": given === i ? "true" : "false",
      click: () => this.answer(step, i),
    }, choice)));
    if (choices.length === 0) list.append(el("button", { type: "button", click: () => this.answer(step, -1) }, words.show));
    const parts = [el("p", { class: "question" }, question), list];
    if (given !== undefined) {
      const verdict = choices.length === 0 ? "" : given === step.right ? `✓ ${words.right} ` : `✗ ${words.wrong} `;
      parts.push(el("p", { class: "answer", role: "status" }, `${verdict}${words.answer}: ${step.answer}. ${this.text(step, "why") ?? ""}`));
    }
    return parts;
  }

  answer(step, choice) {
    this.answers.set(step.id, choice);
    this.draw();
  }

  /** Large letters, and nothing but the lesson and the stage: for a class. */
  present() {
    document.body.toggleAttribute("data-presenting");
    this.draw();
  }

  /** The time of the step, and how the quiz stands. */
  standing(words) {
    const { right, asked } = this.score();
    return `${timeText(this.current.at)}${asked > 0 ? ` · ${words.score} ${right} / ${asked}` : ""}`;
  }

  /** How many of the answered questions were right. */
  score() {
    const asked = this.list.filter((step) => step.right >= 0 && this.answers.has(step.id));
    return { right: asked.filter((step) => this.answers.get(step.id) === step.right).length, asked: asked.length };
  }
}

const LESSON_WORDS = {
  en: { steps: "steps of the lesson", back: "Back", on: "Next", show: "Show the answer", right: "Right.", wrong: "Not quite.", answer: "From this run", present: "Present", score: "right:" },
  ko: { steps: "수업 단계", back: "이전", on: "다음", show: "답 보기", right: "맞습니다.", wrong: "아쉽습니다.", answer: "이 실행에서 계산한 답", present: "발표 모드", score: "정답:" },
};
