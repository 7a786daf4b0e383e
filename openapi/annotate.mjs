// Adds to a contract what the generator does not hand to templates:
//
// * `x-scope` of an operation: its scope. The generator gives the scopes of OAuth 2 flows, and none of OpenID Connect. An
//   operation that is open to everybody has none.
// * `x-event-stream: true` of a response of `text/event-stream`, and of its operation. To the generator it is a string.
//
// and prints, as an option of the generator, the Rust names of parameters whose names have brackets.
//
//   openapi/tool node openapi/annotate.mjs CONTRACT.json    writes over the file

import { readFileSync, writeFileSync } from 'node:fs';
import { scopeOf } from './lint/security.mjs';
import { EVENT_STREAM } from './supported/media-types.mjs';
import { flat } from './supported/names.mjs';

const METHODS = ['get', 'put', 'post', 'patch', 'delete'];

const [contract] = process.argv.slice(2);
const root = JSON.parse(readFileSync(contract, 'utf8'));

/// Follows a `$ref`, which stays inside the file: it is a bundle.
function resolve(node) {
  const keys = node.$ref?.replace(/^#\//, '').split('/').map((key) => key.replaceAll('~1', '/').replaceAll('~0', '~'));
  return keys === undefined ? node : resolve(keys.reduce((value, key) => value[key], root));
}

for (const item of Object.values(root.paths)) {
  for (const operation of METHODS.map((method) => item[method]).filter((operation) => operation !== undefined)) {
    const scope = scopeOf(operation);
    if (scope !== undefined) operation['x-scope'] = scope;
    const streams = Object.values(operation.responses).map(resolve).filter(({ content }) => content?.[EVENT_STREAM] !== undefined);
    for (const marked of streams.length > 0 ? [operation, ...streams] : []) marked['x-event-stream'] = true;
  }
}
writeFileSync(contract, JSON.stringify(root));

const inPaths = Object.values(root.paths).flatMap((item) => [item, ...METHODS.map((method) => item[method] ?? {})]);
const parameters = inPaths.flatMap(({ parameters = [] }) => parameters.map(resolve)).filter((found) => found.in === 'query');
const bracketed = new Set(parameters.map(({ name }) => name).filter((name) => flat(name) !== name));
if (bracketed.size > 0) console.log(`--parameter-name-mappings=${[...bracketed].map((name) => `${name}=${flat(name)}`).join(',')}`);
