// Every control of the transport, by mouse and by keyboard, against what the run's own steps say.

import assert from "node:assert/strict";
import { after, before, beforeEach, test } from "node:test";
import { launch, numbers, open, pageOf } from "./browser.mjs";

const SCENARIO = "scenarios/not-enough-replicas.toml";

let browser;
let address;
let page;
let context;
let complaints;
/** Times and kinds of all steps, from the data of the page. */
let steps;

before(async () => {
  browser = await launch();
  address = pageOf("transport", SCENARIO);
  ({ page, context, complaints } = await open(browser, address));
  steps = await page.evaluate(() => {
    const { run } = window.page;
    return run.steps.at.map((at, i) => ({ at, word: run.kinds[run.steps.kind[i]] }));
  });
});
after(() => browser.close());
beforeEach(() => page.evaluate(() => { window.page.clock.pause(); window.page.select(null, 0); window.page.clock.goTo(500); }));

// What people look for, as the document of the page says it.
const INTERESTING = ["sent", "duplicate", "rejected", "isr", "leader", "failed", "retried", "split", "blocked", "refused", "fault", "fault-end"];

const state = () => page.evaluate(() => ({ index: window.page.clock.index, time: window.page.clock.time, playing: window.page.clock.playing, speed: window.page.clock.speed }));

/** The page is at a step: clock, scene, texts and slider agree. */
async function isAt(index) {
  const shown = await page.evaluate(() => ({
    index: window.page.clock.index,
    time: window.page.clock.time,
    scene: window.page.scenes[0].now.index,
    now: document.getElementById("now").textContent,
    of: document.getElementById("step-of").textContent,
    slider: Number(document.querySelector("#scrubber input").value),
    told: document.querySelector("#narration [aria-current]")?.dataset.key ?? null,
    live: document.getElementById("live").textContent,
  }));
  const time = index === 0 ? 0 : steps[index - 1].at;
  assert.equal(shown.index, index);
  assert.equal(shown.time, time);
  assert.equal(shown.scene, index);
  assert.equal(shown.slider, index);
  assert.equal(shown.now.replaceAll(" ", ""), `${(time / 1e9).toFixed(9)}s`);
  assert.equal(shown.of, `step ${index.toLocaleString("en")} of ${steps.length.toLocaleString("en")}`);
  assert.equal(shown.told, index === 0 ? null : String(index - 1));
  assert.ok(shown.live.length > 10);
}

const nextInteresting = (from, direction) => {
  let index = from + direction;
  while (index > 0 && index <= steps.length && !INTERESTING.includes(steps[index - 1].word)) index += direction;
  return Math.max(0, Math.min(index, steps.length));
};

for (const [name, button, key, target] of [
  ["one step on", "#next", "ArrowRight", () => 501],
  ["one step back", "#previous", "ArrowLeft", () => 499],
  ["to the next interesting step", "#next-interesting", "Shift+ArrowRight", () => nextInteresting(500, 1)],
  ["to the previous interesting step", "#previous-interesting", "Shift+ArrowLeft", () => nextInteresting(500, -1)],
  ["to the beginning", "#first", "Home", () => 0],
  ["to the end", "#last", "End", () => steps.length],
]) {
  test(`${name}, by mouse and by keyboard`, async () => {
    await page.click(button);
    await isAt(target());
    await page.evaluate(() => { document.activeElement.blur(); window.page.clock.goTo(500); });
    await page.keyboard.press(key);
    await isAt(target());
  });
}

test("play and pause, by mouse and by keyboard", async () => {
  await page.click("#play");
  assert.equal((await state()).playing, true);
  assert.equal(await page.textContent("#play"), "Pause");
  await page.click("#play");
  assert.equal((await state()).playing, false);
  await page.evaluate(() => document.activeElement.blur());
  await page.keyboard.press(" ");
  assert.equal((await state()).playing, true);
  await page.keyboard.press(" ");
  assert.equal((await state()).playing, false);
});

test("playing takes the speed that is chosen, whatever the browser's frames are", async () => {
  for (const [speed, ns] of [[0, 1e3], [9, 1e6], [18, 1e9]]) {
    const passed = await page.evaluate((chosen) => {
      const { clock } = window.page;
      clock.goTo(500);
      clock.setSpeed(chosen);
      clock.play();
      cancelAnimationFrame(clock.request);
      const start = clock.time;
      // Frames of 10 ms, by a clock of our own; the first one only begins.
      for (let frame = 0; frame <= 20; frame++) {
        clock.tick(1000 + frame * 10);
        cancelAnimationFrame(clock.request);
      }
      const end = clock.time;
      clock.pause();
      return end - start;
    }, speed);
    assert.ok(Math.abs(passed - ns * 0.2) < 1e-3 * ns, `${passed} ns at ${ns} ns per second`);
  }
});

test("speed, by slider and by keyboard", async () => {
  await page.evaluate(() => window.page.clock.setSpeed(9));
  await page.fill("#speed", "12");
  assert.equal((await state()).speed, 12);
  assert.match(await page.textContent("#speed-text"), /^10 ms of the run per second$/);
  await page.evaluate(() => document.activeElement.blur());
  await page.keyboard.press("+");
  assert.equal((await state()).speed, 13);
  await page.keyboard.press("-");
  await page.keyboard.press("-");
  assert.equal((await state()).speed, 11);
  await page.evaluate(() => window.page.clock.setSpeed(18));
  assert.equal(await page.textContent("#speed-text"), "real time");
});

test("the step slider, by keyboard", async () => {
  await page.focus("#scrubber input");
  await page.keyboard.press("ArrowRight");
  await isAt(501);
  await page.keyboard.press("ArrowLeft");
  await page.keyboard.press("ArrowLeft");
  await isAt(499);
});

test("a click and a drag in the bar go to that time, with everything up to it", async () => {
  const box = await page.locator("#scrubber svg").boundingBox();
  const end = await page.evaluate(() => window.page.clock.end);
  const expected = (share) => {
    const time = Math.round(share * end);
    return { time, index: steps.filter((step) => step.at <= time).length };
  };
  await page.mouse.click(box.x + box.width * 0.25, box.y + 10);
  let { index, time } = await state();
  assert.ok(Math.abs(time - expected(0.25).time) <= end / 500, `${time}`);
  assert.equal(index, steps.filter((step) => step.at <= time).length);
  // The stage above may have another height now.
  const moved = await page.locator("#scrubber svg").boundingBox();
  await page.mouse.move(moved.x + moved.width * 0.5, moved.y + 10);
  await page.mouse.down();
  await page.mouse.move(moved.x + moved.width * 0.75, moved.y + 12);
  await page.mouse.up();
  ({ index, time } = await state());
  assert.ok(Math.abs(time - expected(0.75).time) <= end / 500, `${time}`);
  assert.equal(index, steps.filter((step) => step.at <= time).length);
});

test("a drag in a chart moves the same clock", async () => {
  const chart = page.locator("#chart-latency svg.chart");
  await chart.scrollIntoViewIfNeeded();
  const box = await chart.boundingBox();
  await page.mouse.click(box.x + box.width * 0.5, box.y + box.height * 0.4);
  const { time } = await state();
  const hands = await page.evaluate(() => window.page.charts.hands.map((hand) => hand.getAttribute("x1")));
  assert.ok(time > 0 && new Set(hands).size === 1, "all crosshairs stand at the same place");
});

test("bookmarks are set, gone to, linked and removed", async () => {
  await page.click("#bookmark");
  await page.evaluate(() => window.page.clock.goTo(900));
  await page.evaluate(() => document.activeElement.blur());
  await page.keyboard.press("b");
  assert.deepEqual(await page.evaluate(() => window.page.clock.bookmarks.map((mark) => mark.index)), [500, 900]);
  await page.keyboard.press("[");
  await isAt(500);
  await page.keyboard.press("]");
  await isAt(900);
  await page.click("#bookmarks li:first-child button:first-child");
  await isAt(500);
  await page.click("#bookmarks li:first-child button:last-child");
  await page.click("#bookmarks li:first-child button:last-child");
  assert.equal(await page.isVisible("#bookmarks"), false);
});

test("a loop begins anew at its end", async () => {
  await page.click("#loop");
  const { loop } = await page.evaluate(() => ({ loop: window.page.clock.loop }));
  assert.equal(await page.getAttribute("#loop", "aria-pressed"), "true");
  const time = await page.evaluate(({ until }) => {
    const { clock } = window.page;
    clock.setSpeed(18);
    clock.seek(until - 1000);
    clock.play();
    cancelAnimationFrame(clock.request);
    clock.tick(1000);
    cancelAnimationFrame(clock.request);
    clock.tick(1010);
    cancelAnimationFrame(clock.request);
    clock.pause();
    return clock.time;
  }, loop);
  assert.equal(time, Math.round(loop.from));
  await page.evaluate(() => document.activeElement.blur());
  await page.keyboard.press("l");
  assert.equal(await page.getAttribute("#loop", "aria-pressed"), "false");
});

test("go to a time as people write it; what is none is marked", async () => {
  for (const [text, ns] of [["12.5ms", 12_500_000], ["1.5", 1_500_000_000], ["2 s", 2_000_000_000], ["40us", 40_000]]) {
    await page.fill("#goto-time", text);
    await page.press("#goto-time", "Enter");
    const { time, index } = await state();
    assert.equal(time, ns);
    assert.equal(index, steps.filter((step) => step.at <= ns).length);
    assert.equal(await page.getAttribute("#goto-time", "aria-invalid"), null);
  }
  await page.fill("#goto-time", "soon");
  await page.press("#goto-time", "Enter");
  assert.equal(await page.getAttribute("#goto-time", "aria-invalid"), "true");
  assert.equal((await state()).time, 40_000);
});

test("theme, words, help and Escape", async () => {
  const before = await page.getAttribute("html", "data-theme");
  await page.click("#theme");
  assert.notEqual(await page.getAttribute("html", "data-theme"), before);
  await page.evaluate(() => document.activeElement.blur());
  await page.keyboard.press("t");
  assert.equal(await page.getAttribute("html", "data-theme"), before);
  const told = await page.textContent("#narration [aria-current]");
  await page.selectOption("#audience", "student");
  assert.notEqual(await page.textContent("#narration [aria-current]"), told);
  await page.selectOption("#audience", "engineer");
  assert.equal(await page.textContent("#narration [aria-current]"), told);
  await page.evaluate(() => document.activeElement.blur());
  await page.keyboard.press("?");
  assert.equal(await page.isVisible("#help"), true);
  const { index } = await state();
  await page.keyboard.press("End");
  assert.equal((await state()).index, index, "help has the keyboard");
  await page.click("#help-close");
  assert.equal(await page.isVisible("#help"), false);
  await page.click("#narration [aria-current] .plain");
  assert.notEqual(await page.evaluate(() => window.page.selection), null);
  await page.evaluate(() => document.activeElement.blur());
  await page.keyboard.press("Escape");
  assert.equal(await page.evaluate(() => window.page.selection), null);
  await page.keyboard.press("f");
  await page.keyboard.press(".");
  assert.notEqual(await page.getAttribute("body", "data-blank"), null);
  await page.keyboard.press(".");
});

test("a link to a moment and a selection survives re-opening, and history", async () => {
  await page.evaluate(() => { window.page.clock.goTo(1234); window.page.select({ kind: "batch", number: 17 }, 0); });
  await page.waitForURL(/sel=batch-17$/);
  const link = page.url();
  assert.match(link, /#t=\d+\.\d{9}&step=1234&sel=batch-17$/);
  await page.click("#copy-link");
  const other = await open(browser, link);
  const at = await other.page.evaluate(() => [window.page.clock.index, window.page.selection]);
  assert.deepEqual(at, [1234, { kind: "batch", number: 17 }]);
  assert.match(await other.page.textContent("#inspector h3"), /^Batch 17$/);
  await other.page.evaluate(() => { location.hash = "#t=2.5"; });
  await other.page.waitForFunction(() => window.page.clock.time === 2.5e9);
  assert.deepEqual(other.complaints, []);
  await other.context.close();
});

test("going back equals coming from the start", async () => {
  const random = numbers(3, steps.length + 1);
  const targets = Array.from({ length: 60 }, () => random.next().value);
  const differences = await page.evaluate((indices) => {
    const { run } = window.page;
    const scenes = new Scenes(run);
    // The same steps, one after another, without any frame.
    const fresh = new Scenes(run);
    fresh.frame = () => { throw new Error("no frames here"); };
    const wanted = new Map();
    for (const index of [...indices].sort((a, b) => a - b)) {
      fresh.advance(fresh.now, index);
      wanted.set(index, sceneText(fresh.now));
    }
    return indices.filter((index) => sceneText(scenes.at(index)) !== wanted.get(index));
  }, targets);
  assert.deepEqual(differences, []);
});

test("nothing was asked of a network, and nothing complained", () => assert.deepEqual(complaints, []));
