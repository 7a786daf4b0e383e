// Shows the contract with Swagger UI, and makes calls go to the service that the page came from.

/** The service, without a slash at its end: what is before `/docs` in the page's own address. */
const service = new URL(".", document.baseURI).href.replace(/\/$/, "");

/** The contract. Its server is where we are: behind another name for it the browser would forbid the calls. */
async function contract() {
  const answer = await fetch("openapi.json");
  if (!answer.ok) throw new Error(`openapi.json: ${answer.status} ${answer.statusText}`);
  const contract = await answer.json();
  contract.servers = [{ url: service, description: "this service" }];
  const paths = Object.values(contract.paths).flatMap((path) => [path, ...Object.values(path)]);
  const inline = paths.flatMap(({ parameters }) => parameters ?? []);
  [...Object.values(contract.components.parameters), ...inline].forEach(leaveEmpty);
  return contract;
}

/**
 * Says in words what an optional parameter may be. Swagger UI would fill examples and defaults in, and send them all: both
 * cursors of a list, or a condition that does not hold.
 */
function leaveEmpty(parameter) {
  const { required, example, schema } = parameter;
  if (required || !schema) return;
  const said = [example !== undefined && `Example: \`${example}\``];
  said.push(schema.default !== undefined && `Default: \`${schema.default}\``);
  parameter.description = [parameter.description, ...said].filter(Boolean).join("\n\n");
  delete parameter.example;
  delete schema.default;
}

/** JSON on lines of its own, numbers as they were sent: Swagger UI would show `1.10` as 1.1. */
function indented(json) {
  const raw = (_, value, { source }) => (typeof value === "number" ? JSON.rawJSON(source) : value);
  // Browsers before 2025 do not tell how a number was written.
  return JSON.stringify(JSON.parse(json, JSON.rawJSON && raw), null, 2);
}

/** A plugin that shows JSON responses as `indented` has them. */
const exactResponses = () => ({
  wrapComponents: {
    responseBody: (Original, { React, getComponent }) => (properties) => {
      const { content, contentType } = properties;
      let text;
      try {
        if (typeof content === "string" && /json/i.test(contentType)) text = indented(content);
      } catch {
        // Not JSON after all: Swagger UI shows that as it is.
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

/** Swagger UI has colours for the dark, and leaves it to the page when to use them. */
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
    spec: await contract(),
    deepLinking: true,
    displayRequestDuration: true,
    plugins: [exactResponses],
    // No badge of a validator elsewhere.
    validatorUrl: null,
  });
} catch (error) {
  document.getElementById("contract").textContent = `The contract cannot be shown: ${error.message}. Reload the page.`;
}
