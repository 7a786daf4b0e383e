// Lists the released contracts in api/versions/, and finds those that are no longer what was released.

import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import * as claims from './claims.mjs';
import { Contract } from './contract.mjs';

export const FOLDER = 'api/versions';
/// The list has a line for each file, and lines are only ever added. `sha256sum --check` reads it too.
export const SUMS = `${FOLDER}/SHA256SUMS`;
const FILE = /^(\d{4}-\d{2}-\d{2})(\.changes)?\.yml$/;

/// Returns the dates of the versions, oldest first.
export function dates() {
  return readdirSync(FOLDER).flatMap((name) => (FILE.exec(name)?.[2] === undefined ? (FILE.exec(name)?.[1] ?? []) : [])).sort();
}

export function contractOf(date) {
  return new Contract(`${FOLDER}/${date}.yml`);
}

/// Returns what a version broke on purpose, as api/changes.yml said when it was released.
export function claimsOf(date) {
  const file = `${FOLDER}/${date}.changes.yml`;
  return existsSync(file) ? claims.read(file).claims : [];
}

export function hashOf(file) {
  return createHash('sha256').update(readFileSync(file)).digest('hex');
}

/// Reads `HASH  NAME` of each line.
const linesOf = (text) => [...text.matchAll(/^([0-9a-f]{64}) [ *](\S+)$/gm)].map(([, hash, name]) => ({ hash, name }));

/// Finds what is wrong with the version that the head says it is: that of the breaks that are claimed, or of the newest version.
export function headFaults(head, claimed) {
  const [version, newest] = [head.root.info.version, dates().at(-1)];
  const named = claimed.find((claim) => claim.version !== undefined);
  const place = `${head.file}:${head.lineOf(['info', 'version'])}: info.version is ${version}`;
  if (named !== undefined && named.version !== version) {
    return [`${place}, and ${claims.FILE} claims a break for version ${named.version}: let both say the same`];
  }
  if (named === undefined && version < newest) return [`${place}, and ${newest} was released: the contract is that version, or a later one`];
  return [];
}

/// Finds files that were changed, are missing or have no line, and lines that once were others.
export function faults() {
  const now = new Map(linesOf(readFileSync(SUMS, 'utf8')).map(({ name, hash }) => [name, hash]));
  const found = [];
  for (const [name, hash] of now) {
    const file = `${FOLDER}/${name}`;
    if (!existsSync(file)) found.push(`${file} is missing, and was released: git checkout it`);
    else if (hashOf(file) !== hash) found.push(`${file} was changed, and is frozen: put it back; what is to change goes into api/openapi.yml`);
  }
  for (const name of readdirSync(FOLDER).filter((entry) => `${FOLDER}/${entry}` !== SUMS && !now.has(entry))) {
    found.push(`${FOLDER}/${name} has no line in ${SUMS}: \`make release-contract\` makes versions, and nothing else belongs there`);
  }
  for (const { name, hash } of everReleased()) {
    if (now.get(name) !== hash) found.push(`${SUMS} no longer says ${hash} of ${name}, as it did when that was released: put the line back`);
  }
  return found;
}

/// Returns the first line of each file in the history of the hash list, as far as the history is here.
function everReleased() {
  let log;
  try {
    const args = ['log', '--reverse', '--format=', '--unified=0', '--patch', '--', SUMS];
    log = execFileSync('git', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
  } catch {
    return []; // A folder without its history, such as an archive.
  }
  const added = linesOf(log.split('\n').filter((line) => line.startsWith('+')).map((line) => line.slice(1)).join('\n'));
  return added.filter(({ name }, index) => added.findIndex((other) => other.name === name) === index);
}
