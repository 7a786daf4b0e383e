// The token of the reader: pasted, or fetched from the issuer with the credentials of a client. It is kept in this page only,
// and is gone when the page is.

import { element } from "./elements.js";

let token = "";

/** Returns whether the service asks for a token at this operation: the contract then lists no alternative without one. */
export function needsToken({ source }) {
  const alternatives = source.security ?? [];
  return alternatives.length > 0 && alternatives.every((each) => Object.keys(each).length > 0);
}

/** The headers that carry the token. */
export function authorisation(operation) {
  return token && needsToken(operation) ? [["Authorization", `Bearer ${token}`]] : [];
}

/** Adds the button that opens the dialog, if the service asks for tokens. */
export function offerAuthorisation(contract, operations) {
  if (!operations.some(needsToken)) return;
  const schemes = Object.values(contract.components.securitySchemes ?? {});
  const discovery = schemes.find(({ type }) => type === "openIdConnect")?.openIdConnectUrl;
  const scopes = [...new Set(operations.flatMap(({ source }) => (source.security ?? []).flatMap((each) => Object.values(each).flat())))];
  const button = element("button", { type: "button", className: "authorise" }, "Authorize");
  const show = () => (button.textContent = token ? "Authorized" : "Authorize");
  button.addEventListener("click", () => openDialog(discovery, scopes, show));
  document.querySelector("body > header nav").append(button);
}

function openDialog(discovery, scopes, changed) {
  const field = (name, label, value, type = "text") => {
    const input = element("input", { name, type, value, autocomplete: "off", spellcheck: false });
    return { input, row: element("label", {}, element("span", {}, label), input) };
  };
  const pasted = field("token", "Token, as the issuer gave it", token);
  const id = field("client_id", "Client id", "");
  const secret = field("client_secret", "Client secret", "", "password");
  const wanted = field("scope", "Scopes", scopes.filter((scope) => scope !== "admin").join(" "));
  const answer = element("p", { className: "answer", ariaLive: "polite" });
  const submit = element("button", { type: "submit", className: "send" }, "Use");
  const forget = element("button", { type: "button" }, "Forget");
  const close = element("button", { type: "button", className: "close", ariaLabel: "Close" }, "×");
  const form = element(
    "form",
    { noValidate: true },
    element("header", {}, element("h2", {}, "Authorize"), close),
    element("p", {}, `Paste a token, or fetch one with the credentials of a client (${discovery}). It stays in this page.`),
    pasted.row,
    id.row,
    secret.row,
    wanted.row,
    element("div", { className: "actions" }, submit, forget),
    answer,
  );
  const dialog = element("dialog", { className: "console", ariaLabel: "Authorize" }, form);
  const use = (text) => {
    token = text;
    changed();
    dialog.close();
  };
  close.addEventListener("click", () => dialog.close());
  dialog.addEventListener("close", () => dialog.remove());
  forget.addEventListener("click", () => use(""));
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const credentials = { id: id.input.value, secret: secret.input.value, scope: wanted.input.value };
    try {
      use(credentials.id ? await fetchToken(discovery, credentials) : pasted.input.value.trim());
    } catch (error) {
      answer.textContent = error.message;
    }
  });
  document.body.append(dialog);
  dialog.showModal();
  pasted.input.focus();
}

/**
 * Fetches a token with the credentials of a client (RFC 6749, section 4.4). For issuers that ask for it the audience is named,
 * as a resource (RFC 8707) and as Auth0 does.
 */
async function fetchToken(discovery, { id, secret, scope }) {
  const { token_endpoint: endpoint } = await ask(discovery, {}, "The issuer's configuration");
  if (!endpoint) throw new Error(`${discovery} names no token endpoint; paste a token instead.`);
  const { resource } = await ask(".well-known/oauth-protected-resource", {}, "The metadata of this service");
  const body = new URLSearchParams({ grant_type: "client_credentials", scope, resource, audience: resource });
  // RFC 6749, section 2.3.1: both are encoded as in a form first.
  const encoded = (text) => new URLSearchParams([["", text]]).toString().slice(1);
  const authorization = `Basic ${btoa(`${encoded(id)}:${encoded(secret)}`)}`;
  const { access_token: issued } = await ask(endpoint, { method: "POST", body, headers: { authorization } }, "The token endpoint");
  if (!issued) throw new Error("The token endpoint gave no access_token.");
  return issued;
}

async function ask(url, request, what) {
  const response = await fetch(url, { cache: "no-store", ...request }).catch(() => {
    throw new Error(`${what} cannot be asked from this page: the issuer lets no pages of other origins in (CORS), or is away. Paste a token instead.`);
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${what} answered ${response.status}: ${text.slice(0, 300)}`);
  try {
    return JSON.parse(text);
  } catch {
    throw new Error(`${what} answered with what is no JSON: ${text.slice(0, 300)}`);
  }
}
