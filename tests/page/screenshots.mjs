// Makes the pictures of docs/images again: `tests/page/run screenshots.mjs`.

import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { launch, open, pageOf, project } from "./browser.mjs";

const folder = join(project, "docs/images");
mkdirSync(folder, { recursive: true });
const browser = await launch();

/** A picture of a page at a moment. */
async function picture(name, address, options, act) {
  const { page, context } = await open(browser, address, { reducedMotion: "reduce", ...options });
  await page.evaluate(act);
  await page.evaluate(() => document.fonts.ready);
  await page.screenshot({ path: join(folder, `${name}.png`) });
  await context.close();
}

const replay = pageOf("replay", "scenarios/not-enough-replicas.toml");
const held = () => {
  window.page.clock.seek(12e9);
  window.page.select({ kind: "batch", number: 1175 }, 0);
};
await picture("replay-light", replay, { viewport: { width: 1280, height: 1120 } }, held);
await picture("replay-dark", replay, { viewport: { width: 1280, height: 1120 }, colorScheme: "dark" }, held);
await picture("replay-phone", replay, { viewport: { width: 360, height: 740 }, deviceScaleFactor: 2 }, held);
await picture("charts", replay, { viewport: { width: 1280, height: 760 } }, () => {
  window.page.clock.seek(20e9);
  document.getElementById("charts").scrollIntoView();
});
const lesson = pageOf("lesson", "scenarios/lessons/03-piggyback.toml");
await picture("lesson", lesson, { viewport: { width: 1280, height: 760 } }, () => {
  window.page.lessons.go(3);
  scrollTo(0, 0);
});
await picture("lesson-korean", lesson, { viewport: { width: 1280, height: 760 } }, () => {
  const choice = document.getElementById("language");
  choice.value = "ko";
  choice.dispatchEvent(new Event("change"));
  window.page.lessons.go(3);
  scrollTo(0, 0);
});
await browser.close();
