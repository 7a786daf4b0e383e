// Tests that the gate sees what it has to see. Applies each edit of edits.yml to the contract as it is, and holds the result to the newest
// version, with the claims of api/changes.yml.

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'yaml';
import { compare, read } from '../claims.mjs';
import { Contract } from '../contract.mjs';
import { changesBetween, faults } from '../gate.mjs';
import * as versions from '../versions.mjs';

const keysOf = (pointer) => pointer.split('/').slice(1).map((key) => key.replaceAll('~1', '/').replaceAll('~0', '~'));

/// Calls `change` with what holds the last key of a pointer, and that key; `-` is the end of a list.
function at(root, pointer, change, isThere = true) {
  const keys = keysOf(pointer);
  const parent = keys.slice(0, -1).reduce((node, key) => node?.[key], root);
  const last = keys.at(-1) === '-' ? (isThere ? parent?.length - 1 : parent?.length) : keys.at(-1);
  if (parent === undefined || (isThere && parent[last] === undefined)) throw new Error(`nothing is at ${pointer} any more: adapt the edit`);
  return change(parent, last);
}

const take = (parent, key) => {
  const value = parent[key];
  if (Array.isArray(parent)) parent.splice(key, 1);
  else delete parent[key];
  return value;
};

function redirect(node, from, to) {
  if (typeof node !== 'object' || node === null) return;
  if (node.$ref === `#${from}`) node.$ref = `#${to}`;
  for (const value of Object.values(node)) redirect(value, from, to);
}

function apply(root, { set = {}, remove = [], move = {}, replace = {} }) {
  for (const [from, to] of Object.entries(move)) {
    const value = at(root, from, take);
    at(root, to, (parent, key) => { parent[key] = value; }, false);
    redirect(root, from, to);
  }
  for (const pointer of remove) at(root, pointer, take);
  for (const [pointer, value] of Object.entries(set)) at(root, pointer, (parent, key) => { parent[key] = value; }, false);
  for (const [pointer, [old, now]] of Object.entries(replace)) {
    at(root, pointer, (parent, key) => {
      if (!parent[key].includes(old)) throw new Error(`${pointer} does not say ${old} any more: adapt the edit`);
      parent[key] = parent[key].replace(old, now);
    });
  }
}

const folder = mkdtempSync(join(tmpdir(), 'contract-edits-'));
const [newest, { claims }] = [versions.dates().at(-1), read()];
const [released, current] = [versions.contractOf(newest), new Contract('api/openapi.yml')];
let files = 0;

/// Writes a contract after some edits, as a file of its own.
function edited(contract, ...edits) {
  const root = structuredClone(contract.root);
  for (const edit of edits) apply(root, edit);
  files += 1;
  const [file, text] = [join(folder, `${files}.yml`), JSON.stringify(root, null, 2).replace(/[^\P{Z} ]|\ufeff/gu, escaped)];
  writeFileSync(file, text);
  return new Contract(file, text, root);
}

// oasdiff reads JSON as YAML, in which U+2028 ends a line.
const escaped = (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`;

/// Returns what is wrong with the gate's answer to an edit, if anything is.
async function judge(edit, isBreaking) {
  const base = edit.first === undefined ? released : edited(released, edit.first);
  const head = edited(current, edit.first ?? {}, edit);
  const changes = await changesBetween(base, head);
  const { unclaimed } = compare(changes, claims, head);
  const [rules, expected] = [unclaimed.map(({ rule }) => rule), edit.rules ?? []].map((list) => [...new Set(list)].sort().join(', ') || 'nothing');
  if (rules !== expected) return `says ${rules}, and has to say ${expected}`;
  const said = faults(changes, base, head, claims, newest);
  const complete = said.filter((text) => /^ {4}place: \S.*\n {4}what: {2}\S.*\n {4}cure: {2}\S/m.test(text));
  if (complete.length < unclaimed.length) return `names no place or cure: ${said.join('\n')}`;
  if (!isBreaking && said.length > 0) return `says ${said.join('\n')}`;
  return undefined;
}

async function judgeAll(edits, isBreaking) {
  const failures = [];
  const queue = [...edits];
  const worker = async () => {
    for (let edit = queue.shift(); edit !== undefined; edit = queue.shift()) {
      const failure = await judge(edit, isBreaking).catch(({ message }) => message);
      if (failure !== undefined) failures.push(`${edit.what} The gate ${failure}`);
    }
  };
  await Promise.all(Array.from({ length: availableParallelism() }, worker));
  return failures;
}

try {
  const { breaking, harmless } = parse(readFileSync('openapi/evolution/tests/edits.yml', 'utf8'));
  const failures = [...(await judgeAll(breaking, true)), ...(await judgeAll(harmless, false))];
  for (const failure of failures) console.error(failure);
  if (failures.length > 0) process.exitCode = 1;
  else console.log(`${breaking.length} edits that break are refused, each with its cure; ${harmless.length} that do not are not`);
} finally {
  rmSync(folder, { recursive: true });
}
