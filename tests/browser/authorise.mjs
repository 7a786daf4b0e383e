// Gets a token on the documentation page, and calls an operation with it.
//
//   openapi/tool node tests/browser/authorise.mjs URL CLIENT_ID CLIENT_SECRET PICTURES
//
// URL is that of a service that asks for tokens of an issuer which knows the client. Exits with 1, and says why, if the page is
// not as it should be.

import assert from "node:assert/strict";
import { join } from "node:path";
import { launch } from "./chromium.mjs";

const [service, clientId, secret, pictures] = process.argv.slice(2);
const browser = await launch();
try {
  const page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
  page.setDefaultTimeout(60_000);
  const exceptions = [];
  page.on("pageerror", (error) => exceptions.push(String(error)));
  await page.goto(`${service}/docs`);
  const operation = page.locator('[data-section-id$="operation/listPayments"]').first();

  /** Lists payments by the console; returns what is shown of the answer. */
  async function list() {
    await operation.getByRole("link", { name: "Send a request" }).click();
    const form = page.locator("dialog.console");
    await form.getByRole("button", { name: "Send", exact: true }).click();
    await form.locator(".answer .status").waitFor();
    const status = (await form.locator(".answer .status").innerText()).split(/\s/)[0];
    const code = await form.locator(".code pre").innerText();
    await form.getByRole("button", { name: "Close" }).click();
    await form.waitFor({ state: "detached" });
    return { status, code };
  }

  /** Fills in the dialog, and presses a button of it. */
  async function authorise(values, button) {
    await page.locator("header .authorise").click();
    const dialog = page.getByRole("dialog", { name: "Authorize" });
    for (const [name, value] of Object.entries(values)) await dialog.locator(`input[name="${name}"]`).fill(value);
    await page.screenshot({ path: join(pictures, `${button.toLowerCase()}.png`) });
    await dialog.getByRole("button", { name: button, exact: true }).click();
    return dialog;
  }

  await operation.waitFor();
  assert.equal((await list()).status, "401", "without a token");

  const refused = await authorise({ client_id: clientId, client_secret: "wrong" }, "Use");
  await refused.getByText("answered 401").waitFor();
  await page.keyboard.press("Escape");

  await (await authorise({ client_id: clientId, client_secret: secret }, "Use")).waitFor({ state: "detached" });
  const authorised = await list();
  assert.equal(authorised.status, "200", "with the token of the client");
  const token = /authorization: bearer ([^'\s]+)/i.exec(authorised.code)?.[1];
  assert.ok(token, `the code beside it has the token: ${authorised.code}`);

  await (await authorise({}, "Forget")).waitFor({ state: "detached" });
  assert.equal((await list()).status, "401", "after the token was forgotten");

  await (await authorise({ token }, "Use")).waitFor({ state: "detached" });
  assert.equal((await list()).status, "200", "with a token that was pasted");
  assert.deepEqual(exceptions, []);
} finally {
  await browser.close();
}
