// SPDX-License-Identifier: Apache-2.0
// Opens a page in headless Chromium: node measure.mjs PAGE [SCREENSHOTS_FOLDER]. Prints "NAME VALUE" lines: how soon it can be used, how
// long a filter and a sort take, memory, console errors, violations that axe-core calls serious or critical.
import { mkdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";
import { chromium } from "playwright-core";

const [path, shots] = process.argv.slice(2);
const url = path.includes("://") ? path : pathToFileURL(path).href;
const executablePath = process.env.CHROMIUM ?? "/usr/bin/chromium";
const server = await chromium.launchServer({ executablePath, args: ["--no-sandbox", "--disable-gpu"] });
const browser = await chromium.connect(server.wsEndpoint());

/** Proportional set size of the browser and all its processes, in bytes. */
function memory() {
  const kilobytes = (pid) => {
    try {
      const own = Number(/^Pss:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, "utf8"))?.[1] ?? 0);
      const children = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim().split(" ").filter(Boolean);
      return children.reduce((sum, child) => sum + kilobytes(child), own);
    } catch {
      return 0;
    }
  };
  return kilobytes(server.process().pid) * 1024;
}

async function open(options, errors) {
  const context = await browser.newContext(options);
  const page = await context.newPage();
  page.on("console", (message) => message.type() === "error" && errors.push(message.text()));
  page.on("pageerror", (error) => errors.push(String(error)));
  await page.addInitScript(() => {
    new MutationObserver((_changes, observer) => {
      if (!document.documentElement.dataset.ready) return;
      observer.disconnect();
      requestAnimationFrame(() => setTimeout(() => (window.usable = performance.now())));
    }).observe(document, { attributes: true, subtree: true, attributeFilter: ["data-ready"] });
  });
  await page.goto(url);
  await page.waitForFunction(() => window.usable, null, { timeout: 120000 });
  return page;
}

/** Milliseconds until what an action changes is on the screen; the median of five. */
const timed = (page, action, argument) => page.evaluate(async ([source, value]) => {
  const act = new Function("value", "round", source);
  const times = [];
  for (let round = 0; round < 5; round++) {
    const start = performance.now();
    act(value, round);
    await new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
    times.push(performance.now() - start);
  }
  return times.sort((a, b) => a - b)[2];
}, [action, argument]);

const errors = [];
const page = await open({ viewport: { width: 1400, height: 1000 }, bypassCSP: true }, errors);
console.log("interactive_ms", Math.round(await page.evaluate(() => window.usable)));
if (await page.locator(".results").count()) {
  console.log("filter_ms", Math.round(await timed(page, `const input = document.querySelector("input[type=search]");
    input.value = round % 2 ? "v2" : ""; input.dispatchEvent(new Event("input"));`)));
  console.log("sort_ms", Math.round(await timed(page, `[...document.querySelectorAll(".results th button")].at(-1 - round % 2).click();`)));
  await page.evaluate(() => document.querySelector(".results td.name button").click());
}
console.log("memory_bytes", memory());
await page.evaluate(readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8"));
const found = (await page.evaluate(() => window.axe.run())).violations.filter((v) => ["serious", "critical"].includes(v.impact));
console.log("violations", found.length);
for (const violation of found) console.error(`${violation.id} (${violation.impact}): ${violation.help}: ${violation.nodes.slice(0, 3).map((n) => n.target.join(" ")).join(", ")}`);
await page.context().close();
if (shots) {
  mkdirSync(shots, { recursive: true });
  for (const [width, height] of [[1400, 1000], [400, 800]])
    for (const colorScheme of ["light", "dark"]) {
      const one = await open({ viewport: { width, height }, colorScheme }, errors);
      await one.screenshot({ path: `${shots}/${width}x${height}-${colorScheme}.png` });
      await one.screenshot({ path: `${shots}/${width}x${height}-${colorScheme}-whole.png`, fullPage: true });
      await one.evaluate(() => document.querySelector(".results td.name button")?.click());
      await one.waitForTimeout(300);
      await one.screenshot({ path: `${shots}/${width}x${height}-${colorScheme}-opened.png` });
      const overflow = await one.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
      if (overflow > 0) console.error(`${width}x${height}: ${overflow} pixels wider than the window`);
      await one.context().close();
    }
  const printed = await open({ viewport: { width: 1000, height: 1000 } }, errors);
  await printed.pdf({ path: `${shots}/print.pdf`, format: "A4" });
}
console.log("console_errors", errors.length);
for (const error of errors) console.error(error);
await browser.close();
await server.close();
