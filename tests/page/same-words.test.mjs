// The page says the same as `lingersim explain`: times, reasons, waterfalls and sentences, to the nanosecond and the letter.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { launch, lingersim, numbers, open, pageOf } from "./browser.mjs";

const SCENARIOS = ["scenarios/not-enough-replicas.toml", "scenarios/lessons/03-piggyback.toml", "scenarios/out-of-order-sequence.toml"];

let browser;
before(async () => (browser = await launch()));
after(() => browser.close());

for (const scenario of SCENARIOS) {
  test(`batches of ${scenario} are told alike`, async () => {
    const { page, context } = await open(browser, pageOf("same-words", scenario));
    const count = await page.evaluate(() => window.page.run.batches.size);
    const random = numbers(7, count);
    const audience = await page.evaluate(() => language.audience);
    for (let i = 0; i < 12; i++) {
      const number = 1 + random.next().value;
      const said = JSON.parse(lingersim("explain", scenario, "--batch", String(number), "--no-what-if", "--audience", audience, "--format", "json", "-q")).explanations[0];
      const shown = await page.evaluate((batchNumber) => {
        const { run } = window.page;
        const batch = run.batch(batchNumber);
        const legs = batch.records.length > 0 ? legsOf(run, batch.records[0], batch) : [];
        return {
          why: whyOf(run, batch),
          legs: legs.map((leg) => ({ stage: run.stages[leg.stage][0], from_ns: leg.from, to_ns: leg.to })),
        };
      }, number);
      assert.deepEqual(shown.why, said.why, `batch ${number}`);
      assert.deepEqual(shown.legs, said.legs, `batch ${number}`);
    }
    await context.close();
  });

  test(`steps of ${scenario} are told alike, at their times`, async () => {
    const { page, context } = await open(browser, pageOf("same-words", scenario));
    const length = await page.evaluate(() => window.page.run.length);
    const random = numbers(11, length);
    const audience = await page.evaluate(() => language.audience);
    for (let i = 0; i < 12; i++) {
      const index = random.next().value;
      const at = await page.evaluate((step) => window.page.run.steps.at[step], index);
      const said = JSON.parse(lingersim("explain", scenario, "--at", `${at}ns`, "--audience", audience, "--format", "json", "-q")).explanations[0];
      const shown = await page.evaluate((time) => {
        const { run } = window.page;
        const end = run.stepsAt(time);
        const list = [];
        for (let step = Math.max(0, end - 20); step < end; step++) {
          list.push({ at_ns: run.steps.at[step], ...tell(run, step) });
        }
        return list;
      }, at);
      assert.deepEqual(shown, said.story, `at ${at}`);
    }
    await context.close();
  });
}

test("the page counts what the run's own report counts", async () => {
  for (const scenario of SCENARIOS) {
    const report = JSON.parse(lingersim("run", scenario, "--format", "json", "-q"));
    const { page, context } = await open(browser, pageOf("same-words", scenario));
    const shown = await page.evaluate(() => {
      const { run, scenes } = window.page;
      const reasons = Object.fromEntries(run.reasons.map((name) => [name, 0]));
      for (const batch of run.batches.values()) for (const attempt of batch.attempts) reasons[run.reasons[attempt.reason]]++;
      const { counts } = scenes[0].at(run.length);
      return { reasons, counts, requests: run.requests.size, digest: run.meta.digest };
    });
    assert.equal(shown.digest, report.digest);
    assert.equal(shown.requests, report.requests.requests);
    for (const [reason, count] of Object.entries(shown.reasons)) assert.equal(count, report.reasons[reason], reason);
    assert.equal(shown.counts.acked, report.records.acked);
    assert.equal(shown.counts.failed, report.records.failed + report.records.unknown);
    assert.equal(shown.counts.refused, report.records.refused);
    await context.close();
  }
});
