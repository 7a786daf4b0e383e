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
    await reader.prepare(page);
    await page.goto(`${base}/docs${settings.address ?? ""}`);
    await reader.operation("listPayments").waitFor();
    return reader;
  }

  /** Deprecates a parameter in the contract that the page gets: at times the service has nothing that is. */
  async prepare(page) {
    await page.route("**/openapi.json", async (route) => {
      const response = await route.fetch();
      const contract = await response.json();
      const days = { deprecated: true, "x-deprecated-on": "2026-11-28", "x-sunset": "2027-11-28" };
      Object.assign(contract.components.parameters.Size, days);
      await route.fulfill({ response, json: contract });
    });
  }

  /** The part of the page about an operation. */
  operation(id) {
    return this.page.locator(`[data-section-id$="operation/${id}"]`).first();
  }

  /** What the page did wrong so far, and forgets it. */
  faults() {
    const origin = new URL(this.base).origin;
    const elsewhere = this.#requests.filter((url) => !/^(data|blob):/.test(url) && new URL(url).origin !== origin);
    return [...this.#faults.splice(0), ...elsewhere.map((url) => `asked another host: ${url}`)];
  }

  picture(name) {
    return this.page.screenshot({ path: join(pictures, `${name}.png`) });
  }

  /** Opens the console of an operation. */
  async openConsole(id) {
    await this.page.locator("dialog").waitFor({ state: "detached" }); // one that was closed just now
    await this.operation(id).getByRole("link", { name: "Send a request" }).click();
    const form = this.page.locator("dialog.console");
    await form.waitFor();
    return form;
  }

  /** Sends what is filled in; returns what is shown of the answer. */
  async send(form) {
    const answered = this.page.waitForResponse((answer) => answer.url().startsWith(`${this.base}/${version}/`));
    await form.getByRole("button", { name: "Send", exact: true }).click();
    await answered;
    // Until the button is enabled again, the console shows the answer to the request before.
    await form.locator("button.send:enabled").waitFor();
    const shown = form.locator(".answer");
    await shown.locator(".status").waitFor();
    const [status, body, headers] = await Promise.all(
      [".status", ".payload", ".headers"].map((part) => shown.locator(part).innerText()),
    );
    return { status: status.split(/\s/)[0], body, headers };
  }

  async close() {
    assert.deepEqual(this.faults(), [], "the page did what it must not");
    await this.context.close();
  }
}

/** All that the contract has is there, and calls go where the page came from. */
async function showsTheContract(reader) {
  const { page, base } = reader;
  const contract = await (await fetch(`${service}/openapi.json`)).json();
  assert.match(await page.locator(".api-info h1").innerText(), new RegExp(contract.info.title));
  assert.match(await page.title(), new RegExp(contract.info.title));
  for (const { name } of contract.tags) await page.locator(`[data-item-id="tag/${name}"]`).waitFor();
  const operations = Object.values(contract.paths).flatMap((path) => Object.values(path).filter((each) => each.operationId));
  const entries = page.locator('.menu-content [data-item-id*="/operation/"]');
  assert.equal(await entries.count(), operations.length, "one entry an operation");
  for (const { operationId } of operations) await reader.operation(operationId).waitFor();
  const list = reader.operation("listPayments");
  await list.getByRole("tab", { name: "curl" }).click();
  await list.getByText(`curl '${base}/${version}/payments?size=`).waitFor();
  assert.equal(await page.getByRole("link", { name: "What changed" }).getAttribute("href"), "docs/changes");
}

/** At a desk every operation is in sight at once, and so are the search and the way to what changed. */
async function isInSight({ page }) {
  const parts = page.locator('.menu-content [data-item-id*="/operation/"], input[type=text], header a');
  for (const part of await parts.all()) {
    const { y, height } = (await part.boundingBox()) ?? {};
    assert.ok(y >= 0 && y + height <= 900, `below the window, at ${y}: ${await part.innerText()}`);
  }
}

/** What is deprecated says so, with its days. */
async function showsWhatIsDeprecated(reader) {
  const parameter = reader.operation("listPayments").locator("tr").filter({ hasText: /^size/ });
  await parameter.getByText("Deprecated on 2026-11-28, to be removed on 2027-11-28.").waitFor();
}

/** The search finds words of a text, and leads there. */
async function finds({ page }, words, id) {
  await page.getByPlaceholder("Search...").fill(words);
  await page.locator(`[role=search] [data-item-id$="operation/${id}"]`).click();
  await isAt({ page }, id);
  await page.getByPlaceholder("Search...").fill("");
}

/** Waits until the page was scrolled to an operation. */
async function isAt({ page }, id) {
  const place = (suffix) => Math.abs(document.querySelector(`[data-section-id$="${suffix}"]`).getBoundingClientRect().top - 48) < 40;
  await page.waitForFunction(place, `operation/${id}`);
}

/** An operation is no longer than a few windows, and has samples in each language. */
async function showsSamples(reader) {
  const create = reader.operation("createPayment");
  const { height } = await create.boundingBox();
  assert.ok(height < 3000, `the description of POST is ${height} tall`);
  for (const [language, text] of [
    ["curl", "curl -X POST"],
    ["Rust", "client.create_payment(&body).send().await?"],
    ["TypeScript", "await fetch("],
    ["Python", "requests.post("],
    ["Go", "http.NewRequest("],
  ]) {
    await create.getByRole("tab", { name: language, exact: true }).click();
    await create.getByText(text).waitFor();
  }
}

/** Creates a payment and reads it, and another that is not there; what is shown is what the service said. */
async function triesCalls(reader) {
  const { page } = reader;
  const create = await reader.openConsole("createPayment");
  const body = `{"data": {"id": "tried", "type": "Payment", "organisation_id": "acme",
    "attributes": {"amount": "100.21", "rate": 1.10, "large": 123456789012345678901234567890}}}`;
  await create.getByRole("textbox", { name: "Body" }).fill(body);
  await create.locator(".code").getByText('"rate": 1.10').waitFor();
  const created = await reader.send(create);
  assert.equal(created.status, "201", created.body);
  assert.match(created.body, /"rate": 1\.10,\s+"large": 123456789012345678901234567890\b/, "numbers as they were sent");
  assert.match(created.headers, /etag: "0"/);
  await reader.picture("tried");
  await page.keyboard.press("Escape");

  const read = await reader.openConsole("getPayment");
  const id = read.locator('input[name="id"]');
  await id.fill("tried");
  const found = await reader.send(read);
  assert.equal(found.status, "200", found.body);
  assert.match(found.body, /"id": "tried"/);
  assert.deepEqual(reader.faults(), [], "calls do no more than to ask the service");

  await read.locator('input[name="If-None-Match"]').fill('"0"');
  assert.equal((await reader.send(read)).status, "304", "a header that was filled in is sent");
  await read.locator('input[name="If-None-Match"]').fill("");
  await id.fill("absent");
  const absent = await reader.send(read);
  assert.equal(absent.status, "404", absent.body);
  assert.match(absent.body, /problems\/payment-not-found/);
  const faults = reader.faults();
  const deadline = Date.now() + 60_000; // the browser reports after the answer was shown
  while (faults.length === 0 && Date.now() < deadline) {
    await new Promise((wait) => setTimeout(wait, 20));
    faults.push(...reader.faults());
  }
  assert.equal(faults.length, 1, faults.join("; "));
  assert.match(faults[0], /console: .* 404 /, "the browser says of every 404 that it was one");
  await id.fill("");
  await read.getByRole("button", { name: "Send", exact: true }).click();
  assert.ok(await id.evaluate((input) => input === document.activeElement), "what is required is asked for");
  await read.getByRole("button", { name: "Close" }).click();
  await page.locator("dialog").waitFor({ state: "detached" });
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

/** The page has no more to the right than the window shows, and neither has the console. */
async function fits({ page }) {
  const parts = await page.evaluate(() =>
    [document.documentElement, ...document.querySelectorAll("dialog")].map((each) => [each.scrollWidth, each.clientWidth]),
  );
  for (const [wide, shown] of parts) assert.ok(wide <= shown, `what is shown is ${wide} wide, in a window of ${shown}`);
}

async function isDark({ page }) {
  const parts = [".api-info h1", ".redoc-markdown p", ".menu-content label", "h5", "td"];
  const colours = await page.evaluate((parts) =>
    ["body", ...parts].map((each) => {
      const { color, backgroundColor } = getComputedStyle(document.querySelector(each));
      return (each === "body" ? backgroundColor : color).match(/\d+/g).slice(0, 3).reduce((sum, part) => sum + +part, 0) / 3;
    }),
    parts,
  );
  const [background, ...texts] = colours;
  assert.ok(background < 64 && texts.every((text) => text > 140), `not light on dark: ${colours}`);
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
  await isInSight(reader);
  await reader.picture("desk");
  await showsTheContract(reader);
  await fits(reader);
  await showsWhatIsDeprecated(reader);
  await showsSamples(reader);
  await finds(reader, "stays taken", "deletePayment");
  await triesCalls(reader);
  await keepsToItself(reader);
  await reader.close();

  // The address that the header `Link` of a deprecated operation has.
  const address = "#/payments/patchPayment";
  const behind = (last = await Reader.open(browser, proxied.base, { ...desk, colorScheme: "dark", address }));
  await isAt(behind, "patchPayment");
  await behind.picture("dark");
  await showsTheContract(behind);
  await isDark(behind);
  const listed = await behind.send(await behind.openConsole("listPayments"));
  assert.equal(listed.status, "200", `a call through a proxy that adds a path, with nothing filled in: ${listed.body}`);
  await behind.close();

  const mobile = (last = await Reader.open(browser, service, phone));
  await fits(mobile);
  await mobile.picture("phone");
  await mobile.openConsole("patchPayment");
  await fits(mobile);
  await mobile.picture("phone-console");
  await mobile.close();
} catch (error) {
  await last?.picture("failed");
  throw error;
} finally {
  proxied.server.close();
  await browser.close();
}
