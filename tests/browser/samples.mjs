// Runs the samples of the documentation page, as far as this machine has the language.
//
//   openapi/tool node tests/browser/samples.mjs URL
//
// URL is that of a service which holds no payments. curl, TypeScript and Python are run (TypeScript on this Node.js, Python with
// a `requests` of a few lines); Rust is compared with the examples in generated/client, which are compiled; Go is read by
// gofmt, if that is there. Exits with 1, and says why, if a sample does not send what it should.

import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { exampleRequest, operationsOf, requestOf } from "../../src/http/pages/docs/operations.js";
import { LANGUAGES } from "../../src/http/pages/docs/samples.js";

const [service] = process.argv.slice(2);
const operations = operationsOf(await (await fetch(`${service}/openapi.json`)).json());
const operation = (id) => operations.find((each) => each.id === id);
const write = Object.fromEntries(LANGUAGES.map(({ label, write }) => [label, write]));

const REQUESTS = `
import sys, types, urllib.request
def call(method, url, headers={}, data=None):
    made = urllib.request.Request(url, data, headers, method=method)
    with urllib.request.urlopen(made) as answer:
        return types.SimpleNamespace(status_code=answer.status, text=answer.read().decode())
names = ["get", "post", "put", "patch", "delete"]
sys.modules["requests"] = types.SimpleNamespace(**{name: (lambda name: lambda *a, **k: call(name.upper(), *a, **k))(name) for name in names})
exec(sys.stdin.read())
`;

/** How to run a sample; returns what it prints. */
const RUN = {
  curl: (text) => execFileSync("bash", ["-c", text.replace(/^curl/, "curl -sS --fail-with-body")], { encoding: "utf8" }),
  Python: (text) => execFileSync("python3", ["-c", REQUESTS], { input: text, encoding: "utf8" }),
  TypeScript: async (text) => {
    const printed = [];
    const AsyncFunction = (async () => {}).constructor;
    await new AsyncFunction("console", text)({ log: (...parts) => printed.push(parts.join(" ")) });
    return printed.join("\n");
  },
};

const has = (program) => spawnSync(program, ["--version"]).error === undefined;

/** Creates and reads a payment whose text has whatever a language could mistake for its own. */
async function runs(language, name) {
  const note = `it's "quoted" \\ \`\${here}\` """ "# "## %s é € 😀 $HOME`;
  const data = { id: name, type: "Payment", organisation_id: "acme", attributes: { amount: "1.10", note } };
  const text = JSON.stringify({ data }).replace('"1.10"', '"1.10","rate":1.10');
  const create = operation("createPayment");
  const created = await RUN[language](write[language](requestOf(create, service, new Map(), create.bodies[0], text)));
  assert.ok(created.includes(`"rate":1.10,"note":${JSON.stringify(note)}`), `${language}: ${created}`);
  const read = requestOf(operation("getPayment"), service, new Map([["id", name], ["If-None-Match", '"7"']]));
  assert.ok((await RUN[language](write[language](read))).includes(name), language);
  const list = await RUN[language](write[language](exampleRequest(operation("listPayments"), service)));
  assert.ok(list.includes(name), `${language}: ${list}`);
}

/** The Rust sample is a call that the generated client has. */
function rustIsCompiled() {
  const client = ["admin", "events", "identity", "metrics", "monitoring", "payments"]
    .map((tag) => readFileSync(new URL(`../../generated/client/src/apis/${tag}.rs`, import.meta.url), "utf8"))
    .join("");
  for (const each of operations) {
    const sample = write.Rust(exampleRequest(each, service));
    const call = /^let response = (.+)\.send\(\)\.await\?;$/m.exec(sample)[1];
    const [begin, ...setters] = call.split(/(?<=\))\./);
    assert.ok(client.includes(`    /// let response = ${begin}.send().await?;`), `the client has no example like ${call}`);
    for (const setter of setters) assert.ok(client.includes(`pub fn ${setter.split("(")[0]}(`), `the client has no ${setter}`);
    for (const line of sample.match(/^let body: .*$/gm) ?? []) assert.ok(client.includes(`    /// ${line}`), line);
  }
}

/** Go is formatted as gofmt would, so it is Go. */
function goIsGo() {
  for (const each of operations) {
    const sample = `${write.Go(exampleRequest(each, service))}\n`;
    const formatted = spawnSync("gofmt", [], { input: sample, encoding: "utf8" });
    assert.equal(formatted.stdout, sample, formatted.stderr);
  }
}

for (const language of Object.keys(RUN)) {
  if (language !== "curl" || has("curl")) await runs(language, `by-${language}`);
}
rustIsCompiled();
if (has("gofmt")) goIsGo();
