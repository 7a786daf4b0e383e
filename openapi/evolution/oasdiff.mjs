// Runs oasdiff, and gives each change that it finds a place in the contract.

import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { dotted } from './contract.mjs';

const run = promisify(execFile);

/// Names changes that oasdiff takes for harmless, or for harmless once something is deprecated. Here they break: a generated client
/// calls these by name, or `v1` promises that nothing is removed.
const RAISED = new Set([
  'api-operation-id-removed',
  'api-path-removed-with-deprecation',
  'api-removed-with-deprecation',
  'api-schema-removed',
  'api-tag-removed',
  'optional-response-header-removed',
  'request-body-default-value-changed',
  'request-body-default-value-removed',
  'request-parameter-default-value-changed',
  'request-parameter-default-value-removed',
  'request-parameter-removed-with-deprecation',
  'request-property-default-value-changed',
  'request-property-default-value-removed',
  'request-property-removed-with-deprecation',
  'response-non-success-status-removed',
  'response-optional-property-removed',
  'response-required-property-removed-with-deprecation',
  'response-success-status-added',
]);

/// Names changes of `info.version`, which is a day here, and which versions.mjs looks after.
const IGNORED = new Set(['api-major-version-not-bumped', 'api-version-decreased', 'api-version-not-bumped']);

const INFO = 1;

async function oasdiff(...args) {
  const { stdout } = await run('openapi/tool', ['oasdiff', ...args], { maxBuffer: 1 << 28 });
  return stdout;
}

/// Returns the changes from `base` to `head`: each once, with its rule, its place, its words, and the operations that it is seen in.
export async function changes(base, head) {
  const found = JSON.parse(await oasdiff('changelog', base.file, head.file, '--format', 'json', '--include-path-params'));
  const merged = new Map();
  for (const change of found.filter(({ id }) => !IGNORED.has(id))) {
    const { keys, place } = locate(change, base, head);
    const { id: rule, text, level, operation, path } = change;
    const known = merged.get(`${rule} ${place}`) ?? { rule, place, keys, text, isBreaking: level > INFO || RAISED.has(rule), operations: [] };
    const where = operation === undefined ? undefined : `${operation} ${path}`;
    if (where !== undefined && !known.operations.includes(where)) known.operations.push(where);
    merged.set(`${rule} ${place}`, known);
  }
  return [...merged.values()];
}

/// Finds the place of a change: where it stands in the head; or, if it has gone, where it stood. What has gone from one operation
/// and still stands among the components, such as a header, is named by the operation and by what oasdiff says in backticks.
function locate({ text, path, operation, baseSource, revisionSource }, base, head) {
  if (revisionSource) {
    const keys = head.keysAt(revisionSource.line, revisionSource.column);
    return { keys, place: dotted(keys) };
  }
  const gone = baseSource ? base.keysAt(baseSource.line, baseSource.column) : [];
  if (gone.length > 0 && head.at(gone) === undefined) return { keys: gone, place: dotted(gone) };
  const keys = path === undefined ? gone : ['paths', path, operation.toLowerCase()];
  const names = [...text.matchAll(/`([^`]*)`/g)].map(([, name]) => name);
  return { keys, place: names.length > 0 ? `${dotted(keys)} (${names.join(', ')})` : dotted(keys) };
}

/// Returns the ids that are named here and that this oasdiff does not know.
export async function unknownRules() {
  const known = new Set(JSON.parse(await oasdiff('checks', 'changelog', '--format', 'json')).map(({ id }) => id));
  return [...RAISED, ...IGNORED].filter((id) => !known.has(id));
}

/// Returns what kin-openapi, on which oasdiff and many programs in Go rest, says against a contract.
export async function validate(file) {
  return oasdiff('validate', file).then(() => '', ({ stdout, stderr }) => `${stdout}${stderr}`.trim());
}
