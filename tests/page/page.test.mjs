// The page as a document: safe, offline, accessible, small, printable, and there without scripts.

import assert from "node:assert/strict";
import { readFileSync, statSync, writeFileSync, mkdirSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { launch, lingersim, numbers, open, pageOf, project } from "./browser.mjs";

const SCENARIO = "scenarios/not-enough-replicas.toml";
const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const fileOf = (address) => address.replace("file://", "");

let browser;
let address;
before(async () => {
  browser = await launch();
  address = pageOf("page", SCENARIO);
});
after(() => browser.close());

test("it opens offline, asks for nothing, and complains of nothing", async () => {
  const { page, context, complaints } = await open(browser, address);
  await page.evaluate(() => window.page.clock.goTo(2000));
  assert.deepEqual(complaints, []);
  await context.close();
});

test("its policy lets nothing in but its own script", async () => {
  const { page, context } = await open(browser, address);
  const policy = await page.getAttribute('meta[http-equiv="Content-Security-Policy"]', "content");
  assert.match(policy, /^default-src 'none'; script-src 'nonce-[0-9a-f]{32}'; style-src 'nonce-[0-9a-f]{32}'; img-src data:;/);
  assert.doesNotMatch(policy, /unsafe|http|\*/);
  const ran = await page.evaluate(() => {
    const script = document.createElement("script");
    script.textContent = "window.stranger = true";
    document.body.append(script);
    const picture = document.createElement("img");
    picture.setAttribute("onerror", "window.stranger = true");
    picture.src = "data:,";
    document.body.append(picture);
    return new Promise((done) => setTimeout(() => done(window.stranger ?? false), 50));
  });
  assert.equal(ran, false);
  await context.close();
});

test("names in a scenario are text, whatever they are", async () => {
  const folder = join(project, "target/tmp/page");
  mkdirSync(folder, { recursive: true });
  const evil = `</script><script>window.stranger=1</script><img src=x onerror='window.stranger=1'>{{data}}`;
  const text = readFileSync(join(project, SCENARIO), "utf8").replace(/^title = .*$/m, `title = ${JSON.stringify(evil)}`);
  writeFileSync(join(folder, "hostile.toml"), text);
  const { page, context, complaints } = await open(browser, pageOf("hostile", join(folder, "hostile.toml"), "--set", "client.id=<b>id</b>"));
  assert.equal(await page.evaluate(() => window.stranger), undefined);
  assert.equal(await page.textContent("h1"), evil);
  assert.equal(await page.textContent(".producer h3"), "<b>id</b>");
  assert.deepEqual(complaints, []);
  await context.close();
});

for (const scheme of ["light", "dark"]) {
  test(`axe finds nothing in the ${scheme} scheme`, async () => {
    const { page, context } = await open(browser, address, { colorScheme: scheme, bypassCSP: true });
    assert.equal(await page.getAttribute("html", "data-theme"), scheme);
    await page.evaluate(() => {
      window.page.clock.seek(12e9);
      window.page.select({ kind: "batch", number: 700 }, 0);
      document.querySelectorAll("details").forEach((details) => (details.open = true));
    });
    await page.waitForTimeout(300);
    await page.evaluate(axe);
    for (const help of [false, true]) {
      if (help) await page.click("#help-button");
      const violations = await page.evaluate(async () => {
        const tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
        const found = await axe.run(document, { runOnly: tags });
        return found.violations.map((one) => `${one.id}: ${one.nodes.slice(0, 3).map((node) => node.html.slice(0, 160)).join(" | ")}`);
      });
      assert.deepEqual(violations, []);
    }
    await context.close();
  });
}

test("axe finds nothing in a lesson", async () => {
  const { page, context } = await open(browser, pageOf("lesson", "scenarios/lessons/03-piggyback.toml"), { bypassCSP: true });
  await page.evaluate(axe);
  const violations = await page.evaluate(async () => {
    const { lessons } = window.page;
    lessons.go(lessons.list.findIndex((step) => step.question));
    if (lessons.current.choices.length > 0) lessons.answer(lessons.current, 0);
    const found = await axe.run(document, { runOnly: ["wcag2a", "wcag2aa", "wcag21aa", "best-practice"] });
    return found.violations.map((one) => `${one.id}: ${one.nodes.slice(0, 3).map((node) => node.html.slice(0, 160)).join(" | ")}`);
  });
  assert.deepEqual(violations, []);
  await context.close();
});

for (const [name, options] of [["360 px", { viewport: { width: 360, height: 740 } }], ["200 % of a small screen", { viewport: { width: 640, height: 400 }, deviceScaleFactor: 2 }]]) {
  test(`usable at ${name}: nothing is cut off, every control can be reached`, async () => {
    const { page, context } = await open(browser, address, options);
    await page.evaluate(() => { window.page.clock.seek(12e9); window.page.select({ kind: "batch", number: 700 }, 0); });
    const { wide, controls } = await page.evaluate(() => ({
      wide: document.documentElement.scrollWidth - document.documentElement.clientWidth,
      controls: [...document.querySelectorAll(".transport button, .transport input, .scripted button, .scripted select")]
        .filter((control) => control.offsetParent !== null)
        .map((control) => ({ id: control.id, left: control.getBoundingClientRect().left, right: control.getBoundingClientRect().right })),
    }));
    assert.ok(wide <= 0, `${wide} px too wide`);
    assert.ok(controls.length >= 14, `${controls.length} controls`);
    for (const control of controls) {
      assert.ok(control.left >= 0 && control.right <= options.viewport.width + 0.5, JSON.stringify(control));
    }
    for (const id of ["next", "play", "bookmark", "copy-link"]) {
      await page.click(`#${id}`);
    }
    await context.close();
  });
}

test("with reduced motion nothing moves by itself", async () => {
  const { page, context } = await open(browser, address, { reducedMotion: "reduce" });
  assert.equal(await page.evaluate(() => window.page.clock.playing), false);
  const moving = await page.evaluate(() => [...document.querySelectorAll("*")].filter((element) => {
    const style = getComputedStyle(element);
    return style.transitionDuration.split(", ").some((time) => time !== "0s") || style.animationName !== "none";
  }).length);
  assert.equal(moving, 0);
  await context.close();
});

test("it prints: controls are away, figures and tables are there", async () => {
  const { page, context } = await open(browser, address);
  await page.emulateMedia({ media: "print" });
  assert.equal(await page.isVisible(".transport"), false);
  assert.equal(await page.isVisible("#chart-latency"), true);
  assert.equal(await page.isVisible("#summary table"), true);
  const pdf = await page.pdf({ format: "A4" });
  assert.ok(pdf.length > 20_000, `${pdf.length} bytes`);
  await context.close();
});

test("with scripts off the summary is complete", async () => {
  const { page, context, complaints } = await open(browser, address, { javaScriptEnabled: false });
  assert.equal(await page.isVisible("noscript p"), true);
  assert.equal(await page.isVisible("#replay"), false);
  assert.equal(await page.isVisible("#audience"), false);
  const report = JSON.parse(lingersim("run", SCENARIO, "--format", "json", "-q"));
  const text = await page.textContent("#summary");
  for (const count of [report.records.acked, report.records.failed, report.reasons.linger]) {
    assert.ok(text.includes(count.toLocaleString("en")), `${count}`);
  }
  assert.ok((await page.textContent("#setup")).includes(report.digest));
  assert.deepEqual(complaints, []);
  await context.close();
});

test("it keeps its size, and says what it leaves out", async () => {
  for (const scenario of [SCENARIO, "scenarios/linger.toml", "scenarios/sticky-vs-round-robin.toml"]) {
    const { size } = statSync(fileOf(pageOf("size", scenario)));
    assert.ok(size <= 2_000_000, `${scenario}: ${size}`);
  }
  const small = pageOf("small", "scenarios/linger.toml", "--report-max", "700KiB");
  assert.ok(statSync(fileOf(small)).size <= 700 * 1024);
  const { page, context } = await open(browser, small);
  const { kept, happenings, parts } = await page.evaluate(() => ({ ...window.page.run.meta, parts: window.page.run.parts.length }));
  assert.ok(kept < happenings && parts >= 2, `${kept} of ${happenings} in ${parts} parts`);
  assert.ok((await page.textContent("#setup")).includes("Every happening is kept as long as there is room"));
  // A time between two parts is said to be missing; one in a part is not.
  const [inside, between] = await page.evaluate(() => {
    const [first, second] = window.page.run.parts;
    return [first.from + 1, (first.until + second.from) / 2];
  });
  await page.evaluate((time) => window.page.clock.seek(time), between);
  assert.equal(await page.isVisible("#gap"), true);
  await page.evaluate((time) => window.page.clock.seek(time), inside);
  assert.equal(await page.isVisible("#gap"), false);
  // Going back across parts equals coming from the start.
  const random = numbers(5, await page.evaluate(() => window.page.run.length));
  const targets = Array.from({ length: 40 }, () => random.next().value);
  const differences = await page.evaluate((indices) => {
    const scenes = new Scenes(window.page.run);
    const fresh = new Scenes(window.page.run);
    const wanted = new Map();
    for (const index of [...indices].sort((a, b) => a - b)) {
      fresh.advance(fresh.now, index);
      wanted.set(index, sceneText(fresh.now));
    }
    return indices.filter((index) => sceneText(scenes.at(index)) !== wanted.get(index));
  }, targets);
  assert.deepEqual(differences, []);
  await context.close();
});

test("half a million happenings: the summary is painted first, and the first scene needs no run through all steps", async () => {
  const big = pageOf("big", "scenarios/linger.toml", "--set", "run.records=110000", "--set", "run.duration=120s", "--report-max", "20MB");
  const { page, context, complaints } = await open(browser, big);
  const seen = await page.evaluate(() => ({
    paint: performance.getEntriesByName("first-contentful-paint")[0]?.startTime,
    ready: performance.getEntriesByName("replay-ready")[0]?.startTime,
    steps: window.page.run.length,
    frames: window.page.scenes[0].frames.length,
  }));
  console.log(`first paint ${Math.round(seen.paint)} ms, replay ${Math.round(seen.ready)} ms, ${seen.steps} steps`);
  assert.ok(seen.steps >= 500_000, `${seen.steps}`);
  assert.ok(seen.paint < seen.ready, "the summary comes first");
  assert.equal(seen.frames, 1);
  assert.deepEqual(complaints, []);
  await context.close();
});

test("waterfalls add up to the nanosecond", async () => {
  const { page, context } = await open(browser, address);
  const wrong = await page.evaluate(() => {
    const { run } = window.page;
    const all = [...run.records.values()];
    const bad = [];
    for (let i = 0; i < all.length; i += 37) {
      const batch = run.batch(all[i].batch);
      const legs = legsOf(run, all[i], batch);
      const sum = legs.reduce((total, leg) => total + leg.to - leg.from, 0);
      const joined = legs.every((leg, at) => leg.from === (at === 0 ? all[i].since : legs[at - 1].to));
      if (batch.ended >= 0 && (sum !== batch.ended - all[i].since || !joined)) bad.push(all[i].number);
    }
    return bad;
  });
  assert.deepEqual(wrong, []);
  await page.evaluate(() => window.page.select({ kind: "record", number: 700 }, 0));
  const rows = await page.$$eval(".waterfall tbody .n", (cells) => cells.map((cell) => cell.textContent));
  const total = await page.textContent(".waterfall tfoot .n");
  const ns = (text) => {
    const [, number, unit] = /^([\d,.]+) (s|ms|µs|ns)$/.exec(text);
    return Math.round(Number(number.replaceAll(",", "")) * { s: 1e9, ms: 1e6, µs: 1e3, ns: 1 }[unit]);
  };
  assert.equal(rows.map(ns).reduce((sum, one) => sum + one, 0), ns(total));
  await context.close();
});

test("two runs share a clock and scales", async () => {
  const { page, context, complaints } = await open(browser, pageOf("compared", SCENARIO, "--against", "linger.ms=50"));
  assert.equal(await page.locator(".scene").count(), 2);
  await page.evaluate(() => window.page.clock.seek(5e9));
  const both = await page.evaluate(() => window.page.runs.map((run, i) => window.page.scenes[i].now.index === run.stepsAt(5e9)));
  assert.deepEqual(both, [true, true]);
  const legend = await page.textContent("#chart-latency .legend");
  assert.ok(legend.includes("as it is: p99") && legend.includes("linger.ms=50: p99"), legend);
  assert.equal(await page.locator("#chart-latency path.run1").count(), 3);
  await page.evaluate(() => window.page.select({ kind: "batch", number: 5 }, 1));
  const lingers = await page.evaluate(() => window.page.inspector.run.clients[0].linger);
  assert.equal(lingers, 50);
  assert.deepEqual(complaints, []);
  await context.close();
});

test("a lesson: a tour, a quiz with the answers of the run, presenter mode", async () => {
  const { page, context, complaints } = await open(browser, pageOf("lesson", "scenarios/lessons/03-piggyback.toml"));
  const steps = await page.evaluate(() => window.page.run.lessons.length);
  for (let at = 0; at < steps; at++) {
    const { index, text, expected } = await page.evaluate(() => ({
      index: window.page.clock.index, text: document.querySelector("[data-lesson]").textContent, expected: window.page.lessons.current,
    }));
    assert.equal(index, expected.index);
    assert.equal(text, expected.text);
    if (expected.question && expected.choices.length > 0) {
      await page.click(`.choices button:nth-child(${expected.right + 1})`);
      assert.ok((await page.textContent(".answer")).startsWith("✓"));
    }
    if (at + 1 < steps) await page.keyboard.press("PageDown");
  }
  const score = await page.evaluate(() => window.page.lessons.score());
  assert.ok(score.asked > 0 && score.right === score.asked, JSON.stringify(score));
  await page.evaluate(() => document.activeElement.blur());
  await page.keyboard.press("p");
  assert.equal(await page.isVisible("#summary"), false);
  await page.keyboard.press("p");
  assert.deepEqual(complaints, []);
  await context.close();
});
