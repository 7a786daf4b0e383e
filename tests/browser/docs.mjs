// Looks at the documentation page like a reader: in a browser, on a desk, on a phone and in the dark.
//
//   openapi/tool node tests/browser/docs.mjs URL VERSION PICTURES
//
// URL is that of a service which holds no payments, VERSION the first segment of its paths (v1). Pictures of the page are
// left in the folder PICTURES. Exits with 1, and says why, if the page is not as it should be.

import assert from "node:assert/strict";
import { createServer, request } from "node:http";
import { join } from "node:path";
import { launch } from "./chromium.mjs";

const [service, version, pictures] = process.argv.slice(2);
const desk = { viewport: { width: 1280, height: 900 } };
const phone = { viewport: { width: 390, height: 844 }, deviceScaleFactor: 2, isMobile: true, hasTouch: true };

/** A page that is open, and whatever it did that it must not do. */
class Reader {
  #faults = [];
  #requests = [];

  /** Opens the page below `base`. */
  static async open(browser, base, settings) {
    const reader = new Reader();
    reader.base = base;
    reader.context = await browser.newContext(settings);
    reader.context.setDefaultTimeout(60_000);
    const page = (reader.page = await reader.context.newPage());
    const fault = (text) => reader.#faults.push(text);
    page.on("request", (asked) => reader.#requests.push(asked.url()));
    page.on("requestfailed", (asked) => fault(`${asked.url()} failed: ${asked.failure()?.errorText}`));
    page.on("pageerror", (error) => fault(`an exception: ${error}`));
    page.on("console", (line) => /error|warning/.test(line.type()) && fault(`console: ${line.text()}`));
    await page.exposeFunction("reportViolation", (directive, uri) => fault(`policy: ${directive} forbids ${uri}`));
    await page.addInitScript(() =>
      addEventListener("securitypolicyviolation", (event) => reportViolation(event.violatedDirective, event.blockedURI)),
    );
    await page.goto(`${base}/docs`);
    await page.locator(".opblock").first().waitFor();
    return reader;
  }

  /** What the page did wrong so far, and forgets it. */
  faults() {
    const origin = new URL(this.base).origin;
    const elsewhere = this.#requests.filter((url) => !/^(data|blob):/.test(url) && new URL(url).origin !== origin);
    return [...this.#faults.splice(0), ...elsewhere.map((url) => `asked another host: ${url}`)];
  }

  picture(name) {
    return this.page.screenshot({ path: join(pictures, `${name}.png`), fullPage: true });
  }

  /** Unfolds an operation. */
  async unfold(tag, id) {
    const operation = this.page.locator(`#operations-${tag}-${id}`);
    await operation.locator(".opblock-summary-control").click();
    await operation.locator(".opblock-body").waitFor();
    return operation;
  }

  /** Sends what is filled in; returns what is shown of the answer. */
  async execute(operation) {
    const answered = this.page.waitForResponse((answer) => answer.url().startsWith(`${this.base}/${version}/`));
    await operation.getByRole("button", { name: "Execute" }).click();
    await answered;
    const shown = operation.locator(".live-responses-table");
    await shown.waitFor();
    const [status, answer] = await Promise.all([
      shown.locator(".response .response-col_status").innerText(),
      shown.locator(".response .response-col_description").innerText(),
    ]);
    return { status: status.trim().split(/\s/)[0], answer };
  }

  async close() {
    assert.deepEqual(this.faults(), [], "the page did what it must not");
    await this.context.close();
  }
}

/** All that the contract has is there. */
async function showsTheContract({ page, base }) {
  const contract = await (await fetch(`${service}/openapi.json`)).json();
  assert.match(await page.locator("h1.title").innerText(), new RegExp(contract.info.title));
  assert.match(await page.title(), new RegExp(contract.info.title));
  for (const { name } of contract.tags) await page.locator(`#operations-tag-${name}`).waitFor();
  const methods = Object.values(contract.paths).flatMap((path) => Object.values(path).filter((each) => each.operationId));
  assert.equal(await page.locator(".opblock").count(), methods.length, "one block an operation");
  const server = await page.locator(".servers select").inputValue();
  assert.equal(server, base, "calls go where the page came from");
}

/** What is deprecated says so, with its days. */
async function showsWhatIsDeprecated(reader) {
  const list = await reader.unfold("payments", "listPayments");
  const parameter = list.locator('tr[data-param-name="to"]');
  await parameter.getByText("Deprecated on 2026-11-28, to be removed on 2027-11-28.").waitFor();
  assert.equal(await parameter.locator(".parameter__deprecated").innerText(), "deprecated");
  await list.locator(".opblock-summary-control").click();
}

/** Creates a payment and reads it, and another that is not there; what is shown is what the service said. */
async function triesCalls(reader) {
  const { page } = reader;
  const create = await reader.unfold("payments", "createPayment");
  await create.getByRole("button", { name: "Try it out" }).click();
  const body = `{"data": {"id": "tried", "type": "Payment", "organisation_id": "acme",
    "attributes": {"amount": "100.21", "rate": 1.10, "large": 123456789012345678901234567890}}}`;
  await create.locator("textarea").fill(body);
  const created = await reader.execute(create);
  assert.equal(created.status, "201", created.answer);
  assert.match(created.answer, /"rate": 1\.10,\s+"large": 123456789012345678901234567890\b/, "numbers as they were sent");
  assert.match(created.answer, /etag: "0"/);

  const read = await reader.unfold("payments", "getPayment");
  await read.getByRole("button", { name: "Try it out" }).click();
  await read.locator('tr[data-param-name="id"] input').fill("tried");
  const found = await reader.execute(read);
  assert.equal(found.status, "200", found.answer);
  assert.match(found.answer, /"id": "tried"/);
  assert.deepEqual(reader.faults(), [], "calls do no more than to ask the service");

  await read.locator('tr[data-param-name="id"] input').fill("absent");
  const absent = await reader.execute(read);
  assert.equal(absent.status, "404", absent.answer);
  assert.match(absent.answer, /problems\/payment-not-found/);
  const faults = reader.faults();
  assert.equal(faults.length, 1, faults.join("; "));
  assert.match(faults[0], /console: .* 404 /, "the browser says of every 404 that it was one");

  // What errors look like is shown before one happens.
  const conflict = create.locator('.responses-wrapper tr.response[data-code="409"]');
  await conflict.getByRole("combobox").last().selectOption({ label: "The id is taken" });
  await conflict.getByText("/problems/payment-exists").waitFor();
  await page.locator(".models").getByText("ProblemError").waitFor();
}

/** The policy is in force: what would break it is seen here, and does not happen. */
async function keepsToItself(reader) {
  const faults = async (expected) => {
    for (const patience = Date.now() + 60_000; ; await new Promise((wait) => setTimeout(wait, 20))) {
      const seen = reader.faults();
      if (seen.some((fault) => expected.test(fault))) return;
      assert.ok(Date.now() < patience, `the policy does not forbid it: nothing was like ${expected}`);
    }
  };
  await reader.page.evaluate(() => fetch("http://127.0.0.1:9/").catch(() => {}));
  await faults(/policy: connect-src forbids http:\/\/127\.0\.0\.1:9\//);
  await reader.page.evaluate(() => {
    const script = document.createElement("script");
    script.textContent = "document.title = 'broken'";
    document.head.append(script);
  });
  await faults(/policy: script-src/);
  assert.notEqual(await reader.page.title(), "broken");
  reader.faults();
}

/** The page has no more to the right than the window shows. */
async function fits({ page }) {
  const [wide, shown] = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
  assert.ok(wide <= shown, `the page is ${wide} wide, in a window of ${shown}`);
}

async function isDark({ page }) {
  const colours = await page.evaluate(() =>
    ["body", ".info .title", ".info p", ".opblock-summary-path"].map((each) => {
      const { color, backgroundColor } = getComputedStyle(document.querySelector(each));
      return (each === "body" ? backgroundColor : color).match(/\d+/g).slice(0, 3).reduce((sum, part) => sum + +part, 0) / 3;
    }),
  );
  const [background, ...texts] = colours;
  assert.ok(background < 64 && texts.every((text) => text > 160), `not light on dark: ${colours}`);
}

/** A proxy that serves the service below the path /api. */
async function proxy() {
  const server = createServer((asked, answer) => {
    if (!asked.url.startsWith("/api/")) return void answer.writeHead(404).end();
    const { method, headers } = asked;
    const passed = request(service + asked.url.slice(4), { method, headers }, (response) => {
      answer.writeHead(response.statusCode, response.headers);
      response.pipe(answer);
    });
    passed.on("error", () => answer.writeHead(502).end());
    asked.pipe(passed);
  });
  await new Promise((listening) => server.listen(0, "127.0.0.1", listening));
  return { server, base: `http://127.0.0.1:${server.address().port}/api` };
}

const browser = await launch();
const proxied = await proxy();
let last;
try {
  const reader = (last = await Reader.open(browser, service, desk));
  await showsTheContract(reader);
  await fits(reader);
  await reader.picture("desk");
  await showsWhatIsDeprecated(reader);
  await triesCalls(reader);
  await reader.picture("tried");
  await keepsToItself(reader);
  await reader.close();

  const behind = (last = await Reader.open(browser, proxied.base, { ...desk, colorScheme: "dark" }));
  await showsTheContract(behind);
  await isDark(behind);
  const list = await behind.unfold("payments", "listPayments");
  await list.getByRole("button", { name: "Try it out" }).click();
  const listed = await behind.execute(list);
  assert.equal(listed.status, "200", `a call through a proxy that adds a path, with nothing filled in: ${listed.answer}`);
  await behind.picture("dark");
  await behind.close();

  const mobile = (last = await Reader.open(browser, service, phone));
  await fits(mobile);
  await mobile.unfold("payments", "getPayment");
  await fits(mobile);
  await mobile.picture("phone");
  await mobile.close();
} catch (error) {
  await last?.picture("failed");
  throw error;
} finally {
  proxied.server.close();
  await browser.close();
}
