// SPDX-License-Identifier: Apache-2.0
// Opens every page of a dashboard in headless Chromium, light, dark, and narrow: node measure.mjs ADDRESS PAGE... A page is what stands behind the
// '#' of its address; "PAGE SELECTOR" clicks an element of it first. Prints "NAME VALUE" lines: violations that axe-core calls serious or
// critical, console errors, requests to others.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { chromium } from "playwright-core";

const [address, ...pages] = process.argv.slice(2);
const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const executablePath = process.env.CHROMIUM ?? "/usr/bin/chromium";
const browser = await chromium.launch({ executablePath, args: ["--no-sandbox", "--disable-gpu"] });
const found = { pages: 0, violations: 0, console_errors: 0, foreign_requests: 0 };

/** Waits for a condition; waitForFunction() would need a policy that allows eval(). */
async function until(page, condition) {
  const deadline = Date.now() + 30000;
  /* While the page is loaded again there is nothing to ask. */
  while (!(await page.evaluate(condition).catch(() => false))) {
    if (Date.now() > deadline) throw new Error(`${page.url()}: never ${condition}`);
    await page.waitForTimeout(50);
  }
}

async function check(page, name) {
  await page.evaluate(axe);
  const { violations } = await page.evaluate(() => window.axe.run());
  found.pages++;
  for (const violation of violations.filter((one) => ["serious", "critical"].includes(one.impact))) {
    found.violations++;
    console.error(`${name}: ${violation.id} (${violation.impact}): ${violation.help}: ${violation.nodes.slice(0, 3).map((node) => node.target.join(" ")).join(", ")}`);
  }
}

for (const [colorScheme, width, height] of [["light", 1400, 1000], ["dark", 1400, 1000], ["light", 400, 800]]) {
  const context = await browser.newContext({ viewport: { width, height }, colorScheme });
  const page = await context.newPage();
  const complain = (text) => {
    found.console_errors++;
    console.error(`${page.url()}: ${text}`);
  };
  page.on("console", (message) => ["error", "warning"].includes(message.type()) && complain(message.text()));
  page.on("pageerror", (error) => complain(String(error)));
  page.on("request", (request) => {
    const { protocol, origin } = new URL(request.url());
    if (protocol === "data:" || protocol === "blob:" || origin === new URL(address).origin) return;
    found.foreign_requests++;
    console.error(`requests ${request.url()}`);
  });
  await page.goto(new URL("/", address).href);
  await until(page, () => document.documentElement.dataset.page === "sign-in");
  await check(page, `sign-in ${colorScheme} ${width}`);
  await page.goto(address);
  await until(page, () => document.documentElement.dataset.live === "yes");
  for (const one of pages) {
    const [path, ...selector] = one.split(" ");
    await page.evaluate((hash) => {
      delete document.documentElement.dataset.page;
      location.hash = hash;
      dispatchEvent(new HashChangeEvent("hashchange"));
    }, path);
    await until(page, () => document.documentElement.dataset.page);
    if (selector.length) await page.locator(selector.join(" ")).first().click();
    await page.waitForTimeout(500); /* what is read and drawn after the page is there */
    await check(page, `${one} ${colorScheme} ${width}`);
    await page.keyboard.press("Escape");
  }
  await context.close();
}
for (const [name, value] of Object.entries(found)) console.log(name, value);
await browser.close();
