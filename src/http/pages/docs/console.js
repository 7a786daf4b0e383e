// The console: a form for the parameters and the body of an operation, which sends what is typed and shows what comes back.

import { authorisation } from "./authorise.js";
import { element } from "./elements.js";
import { indentExactly } from "./exact.js";
import { requestOf } from "./operations.js";
import { LANGUAGES } from "./samples.js";

/** Opens the console of an operation, over the page. */
export function openConsole(operation, service) {
  const fields = operation.parameters.map(fieldOf);
  const editor = operation.bodies.length > 0 ? editorOf(operation.bodies) : undefined;
  const request = () => {
    const values = new Map(fields.map(({ name, input }) => [name, input.value]));
    const sent = requestOf(operation, service, values, editor?.body(), editor?.text());
    return { ...sent, headers: [...sent.headers, ...authorisation(operation)] };
  };
  const code = codeOf(request);
  const send = element("button", { type: "submit", className: "send" }, "Send");
  const answer = element("section", { className: "answer", ariaLive: "polite" });
  const close = element("button", { type: "button", className: "close", ariaLabel: "Close" }, "×");
  const form = element(
    "form",
    { noValidate: true },
    element("header", {}, element("h2", {}, operation.summary), close),
    element("p", { className: "call" }, element("b", {}, operation.method), ` ${operation.path}`),
    ...fields.map((field) => field.row),
    editor?.row,
    element("div", { className: "actions" }, send),
    answer,
    code.row,
  );
  const dialog = element("dialog", { className: "console", ariaLabel: operation.summary }, form);
  close.addEventListener("click", () => dialog.close());
  // A click on the backdrop is one on the dialog itself.
  dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
  dialog.addEventListener("close", () => dialog.remove());
  form.addEventListener("input", code.refresh);
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const missing = fields.find((field) => field.required && !field.input.value);
    if (missing) return missing.input.focus();
    send.disabled = true;
    answer.replaceChildren(...(await ask(request())));
    send.disabled = false;
  });
  document.body.append(dialog);
  dialog.showModal();
  // Not the button that closes it, which comes first.
  (fields[0]?.input ?? editor?.area ?? send).focus();
}

/** A field for a parameter. It is empty unless the parameter is required: all examples at once would exclude each other. */
function fieldOf({ name, in: place, required, deprecated, description, example }) {
  const value = required ? String(example ?? "") : "";
  const hint = example === undefined ? "" : `for example ${example}`;
  const input = element("input", { name, value, placeholder: hint, autocomplete: "off", spellcheck: false });
  const notes = [place, required && "required", deprecated && "deprecated"].filter(Boolean).join(", ");
  const label = element("span", {}, element("code", {}, name), ` ${notes}`);
  const text = element("small", {}, (description ?? "").replaceAll("**", "").replaceAll("`", ""));
  return { name, required, input, row: element("label", {}, label, input, text) };
}

/** A field for the body, and choices of media type and example where there are several. */
function editorOf(bodies) {
  const area = element("textarea", { name: "body", rows: 14, spellcheck: false, ariaLabel: "Body" });
  const choices = bodies.flatMap((body) => body.examples.map((example) => ({ body, ...example })));
  const several = bodies.length > 1;
  const options = choices.map(({ body, name }) => new Option(several ? `${body.mediaType}: ${name}` : name));
  const select = element("select", { name: "example" }, ...options);
  const fill = () => (area.value = choices[select.selectedIndex]?.text ?? "");
  select.addEventListener("input", fill);
  fill();
  const row = element("div", { className: "body" }, element("label", {}, element("span", {}, "Body"), select), area);
  return { row, area, body: () => choices[select.selectedIndex]?.body ?? bodies[0], text: () => area.value };
}

/** The request as code, which follows what is typed. */
function codeOf(request) {
  const select = element("select", { name: "language" }, ...LANGUAGES.map(({ label }) => new Option(label)));
  const shown = element("pre", { tabIndex: 0 });
  const refresh = () => (shown.textContent = LANGUAGES[select.selectedIndex].write(request()));
  refresh();
  const label = element("label", {}, element("span", {}, "This request as code"), select);
  return { row: element("section", { className: "code" }, label, shown), refresh };
}

/** Sends a request; returns what there is to show. */
async function ask({ method, url, headers, text }) {
  const began = performance.now();
  try {
    const response = await fetch(url, { method, headers, body: text, cache: "no-store", redirect: "manual" });
    const body = await response.text();
    const took = Math.round(performance.now() - began);
    const isJson = /json/i.test(response.headers.get("content-type") ?? "");
    return [
      element("p", { className: response.ok ? "status good" : "status bad" }, `${response.status} ${response.statusText}`, element("small", {}, ` ${took} ms`)),
      element("pre", { className: "payload", tabIndex: 0 }, isJson ? indentExactly(body) : body || "(no body)"),
      element(
        "details",
        { open: true },
        element("summary", {}, "Headers"),
        element("pre", { className: "headers", tabIndex: 0 }, [...response.headers].map((pair) => pair.join(": ")).join("\n")),
      ),
    ];
  } catch (error) {
    return [element("p", { className: "status bad" }, `The request could not be sent: ${error.message}`)];
  }
}
