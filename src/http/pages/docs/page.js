// Shows the contract with Swagger UI, which sends its requests to the service that served this page.

/** The URL of the service, without a slash at its end: the part of this page's address before `/docs`. */
const service = new URL(".", document.baseURI).href.replace(/\/$/, "");

/** Loads the contract. Its server becomes this origin, because browsers block requests to any other. */
async function loadContract() {
  const response = await fetch("openapi.json");
  if (!response.ok) throw new Error(`openapi.json: ${response.status} ${response.statusText}`);
  const contract = await response.json();
  contract.servers = [{ url: service, description: "this service" }];
  const paths = Object.values(contract.paths).flatMap((path) => [path, ...Object.values(path)]);
  const inline = paths.flatMap(({ parameters }) => parameters ?? []);
  [...Object.values(contract.components.parameters), ...inline].forEach(leaveFieldEmpty);
  showDays(contract);
  return contract;
}

/**
 * Moves example and default of an optional parameter into its description. Swagger UI would fill the form with them,
 * and send them all: both cursors of a list, or a precondition that does not hold.
 */
function leaveFieldEmpty(parameter) {
  const { required, example, schema } = parameter;
  if (required || !schema) return;
  const hints = [example !== undefined && `Example: \`${example}\``];
  hints.push(schema.default !== undefined && `Default: \`${schema.default}\``);
  parameter.description = [parameter.description, ...hints].filter(Boolean).join("\n\n");
  delete parameter.example;
  delete schema.default;
}

/**
 * Adds the days to the description of everything that is deprecated in `node`: Swagger UI shows that it is, but not
 * since when, and until when.
 */
function showDays(node) {
  if (typeof node !== "object" || node === null) return;
  const { deprecated, "x-deprecated-on": on, "x-sunset": sunset } = node;
  if (deprecated === true && on) {
    const days = `**Deprecated on ${on}${sunset ? `, to be removed on ${sunset}` : ""}.**`;
    node.description = [days, node.description].filter(Boolean).join("\n\n");
  }
  Object.values(node).forEach(showDays);
}

/** Indents JSON, and keeps numbers as they were sent: Swagger UI would show `1.10` as 1.1. */
function indent(json) {
  const raw = (_, value, { source }) => (typeof value === "number" ? JSON.rawJSON(source) : value);
  // Browsers before 2025 have no JSON.rawJSON, and lose the spelling of numbers.
  return JSON.stringify(JSON.parse(json, JSON.rawJSON && raw), null, 2);
}

/** A plugin that shows JSON responses by `indent`. */
const exactResponses = () => ({
  wrapComponents: {
    responseBody: (Original, { React, getComponent }) => (properties) => {
      const { content, contentType } = properties;
      let text;
      try {
        if (typeof content === "string" && /json/i.test(contentType)) text = indent(content);
      } catch {
        // Invalid JSON: Swagger UI shows the text.
      }
      if (text === undefined) return React.createElement(Original, properties);
      const HighlightCode = getComponent("HighlightCode", true);
      const code = { language: "json", canCopy: true, downloadable: true, fileName: "response.json" };
      return React.createElement(
        "div",
        null,
        React.createElement("h5", null, "Response body"),
        React.createElement(HighlightCode, code, text),
      );
    },
  },
});

/** Switches Swagger UI to its dark colours with the system; it does not do so by itself. */
function followColourScheme() {
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const apply = () => document.documentElement.classList.toggle("dark-mode", dark.matches);
  dark.addEventListener("change", apply);
  apply();
}

followColourScheme();
try {
  SwaggerUIBundle({
    dom_id: "#contract",
    spec: await loadContract(),
    deepLinking: true,
    displayRequestDuration: true,
    plugins: [exactResponses],
    // No validator badge, which is loaded from another site.
    validatorUrl: null,
  });
} catch (error) {
  document.getElementById("contract").textContent = `The contract cannot be shown: ${error.message}. Reload the page.`;
}
