// Looks at the living document of the features like a reader: searches, and reads how many scenarios match.
//
//   openapi/tool node tests/browser/report.mjs FOLDER
//
// FOLDER has index.html, with one scenario "A payment" and an outline of two examples, all of which passed. A picture is left
// there. Exits with 1, and says why, if the page is not as it should be.

import assert from "node:assert/strict";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { launch } from "./chromium.mjs";

const folder = resolve(process.argv[2]);
const browser = await launch();
try {
  const page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
  const faults = [];
  page.on("pageerror", (error) => faults.push(String(error)));
  page.on("request", (asked) => /^(file|data):/.test(asked.url()) || faults.push(`asked for ${asked.url()}`));
  await page.goto(pathToFileURL(join(folder, "index.html")).href);
  const hits = () => page.locator("#hits").innerText();
  assert.equal(await hits(), "3 scenarios");
  await page.getByRole("searchbox").fill("two KIND");
  assert.equal(await hits(), "2 of 3 scenarios match");
  await page.getByRole("searchbox").fill("nothing like it");
  assert.equal(await hits(), "0 of 3 scenarios match");
  await page.getByRole("searchbox").fill("");
  await page.getByLabel("only what failed").check();
  assert.equal(await hits(), "0 of 3 scenarios match");
  await page.screenshot({ path: join(folder, "searched.png") });
  assert.deepEqual(faults, [], "the page did what it must not");
} finally {
  await browser.close();
}
