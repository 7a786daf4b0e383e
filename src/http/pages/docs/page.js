// Shows the contract with Redoc. `console.js` sends requests to the service that served this page, `samples.js` writes them
// as code.

import { offerAuthorisation } from "./authorise.js";
import { openConsole } from "./console.js";
import { exampleRequest, operationsOf } from "./operations.js";
import { LANGUAGES } from "./samples.js";
import { theme } from "./theme.js";

/** The URL of the service, without a slash at its end: the part of this page's address before `/docs`. */
const service = new URL(".", document.baseURI).href.replace(/\/$/, "");
const place = document.getElementById("contract");

/** Loads the contract. Its server becomes this origin, because browsers block requests to any other. */
async function loadContract() {
  const response = await fetch("openapi.json");
  if (!response.ok) throw new Error(`openapi.json: ${response.status} ${response.statusText}`);
  const contract = await response.json();
  contract.servers = [{ url: service, description: "this service" }];
  return contract;
}

/** Adds to each operation a link that opens the console, and the request as code in each language. */
function extend(contract, operations) {
  for (const operation of operations) {
    const { source, id } = operation;
    source.description = `[Send a request](#try/${id})\n\n${source.description ?? ""}`;
    const request = exampleRequest(operation, service);
    source["x-codeSamples"] = LANGUAGES.map(({ lang, label, write }) => ({ lang, label, source: write(request) }));
  }
  showDays(contract);
}

/**
 * Adds the days to the description of everything that is deprecated in `node`: Redoc shows that it is, but not since when,
 * and until when.
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

/** Makes Redoc's address of an operation out of the one that links elsewhere have: `#/payments/listPayments`. */
function translateAddress() {
  const found = /^#\/([^/]+)\/([^/]+)$/.exec(location.hash);
  if (found) location.replace(`#tag/${found[1]}/operation/${found[2]}`);
}

/** Shows `contract` in the colours of the system, and again when these change. */
async function show(contract) {
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const draw = () =>
    new Promise((drawn, failed) => {
      const options = {
        theme: theme(dark.matches),
        scrollYOffset: "header",
        hideDownloadButtons: true,
        hideSchemaPattern: true,
        jsonSamplesExpandLevel: "all",
        minCharacterLengthToInitSearch: 2,
        nativeScrollbars: true,
        pathInMiddlePanel: true,
        schemasExpansionLevel: 1,
      };
      Redoc.init(contract, options, place, (error) => (error ? failed(error) : drawn()));
    });
  dark.addEventListener("change", draw);
  await draw();
}

try {
  const contract = await loadContract();
  const operations = operationsOf(contract);
  extend(contract, operations);
  offerAuthorisation(contract, operations);
  translateAddress();
  addEventListener("hashchange", translateAddress);
  // Before Redoc sees the click, which would look for a section of this name.
  document.addEventListener(
    "click",
    (event) => {
      const id = event.target.closest?.('a[href^="#try/"]')?.hash.slice("#try/".length);
      const operation = operations.find((each) => each.id === id);
      if (!operation) return;
      event.preventDefault();
      event.stopPropagation();
      openConsole(operation, service);
    },
    true,
  );
  await show(contract);
} catch (error) {
  place.textContent = `The contract cannot be shown: ${error.message}. Reload the page.`;
}
