// A headless Chromium, and the pages that it is shown.

import { execFileSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";

export const project = resolve(dirname(fileURLToPath(import.meta.url)), "../..");
export const binary = process.env.LINGERSIM ?? join(project, "target/release/lingersim");
const folder = join(project, "target/tmp/page");

/** Runs the program in the project's folder, and gives what it prints. */
export function lingersim(...words) {
  return execFileSync(binary, words, { cwd: project, encoding: "utf8", maxBuffer: 1 << 28 });
}

/** Writes a page, and gives the address of the file. */
export function pageOf(name, ...words) {
  mkdirSync(folder, { recursive: true });
  const file = join(folder, `${name}.html`);
  lingersim("report", ...words, "--html", file, "-q");
  return `file://${file}`;
}

/** A browser that reaches nothing. */
export function launch() {
  return chromium.launch({
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    args: [
      "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
      "--disable-component-update", "--disable-sync",
    ],
  });
}

/** Opens a page and waits until it is there; whatever the browser complains of is collected. */
export async function open(browser, address, options = {}) {
  const context = await browser.newContext({ offline: true, viewport: { width: 1400, height: 1000 }, ...options });
  const page = await context.newPage();
  const complaints = [];
  page.on("console", (message) => ["error", "warning"].includes(message.type()) && complaints.push(message.text()));
  page.on("pageerror", (error) => complaints.push(error.message));
  page.on("request", (request) => request.url().split("#")[0] !== address.split("#")[0] && complaints.push(`asks for ${request.url()}`));
  await page.goto(address);
  if (options.javaScriptEnabled !== false) await page.waitForFunction(() => window.page);
  return { page, context, complaints };
}

/** Numbers that look random and are the same every time. */
export function* numbers(seed, below) {
  let state = seed;
  for (;;) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    yield state % below;
  }
}
