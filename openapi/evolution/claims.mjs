// Reads api/changes.yml, which claims what is broken on purpose, and compares it with what was found. Each claim names its reason,
// what clients read about it, and the findings that it stands for.

import { readFileSync } from 'node:fs';
import { parse } from 'yaml';

export const FILE = 'api/changes.yml';
const REASON = /^(fix|version \d{4}-\d{2}-\d{2})$/;

/// Reads the claims of a file, and the faults of its form.
export function read(file = FILE, text = readFileSync(file, 'utf8')) {
  const claims = parse(text) ?? [];
  if (!Array.isArray(claims)) return { claims: [], faults: [`${file}: not a list of claims`] };
  const faults = claims.flatMap((claim, index) => faultsOf(claim).map((fault) => `${file}, claim ${index + 1}: ${fault}`));
  return { claims: faults.length > 0 ? [] : claims.map(normalised), faults };
}

function faultsOf(claim) {
  if (typeof claim !== 'object' || claim === null) return ['no map of reason, text and breaks'];
  const { reason, text, breaks, ...others } = claim;
  const faults = Object.keys(others).map((key) => `${key} is not known here; a claim has reason, text and breaks`);
  if (!REASON.test(reason ?? '')) faults.push('the reason is `fix`, or `version` and the date of the version that breaks it');
  if (typeof text !== 'string' || text.trim() === '') faults.push('no text: say what clients notice, and why it has to be');
  const isMap = (value) => typeof value === 'object' && value !== null && !Array.isArray(value) && Object.keys(value).length > 0;
  if (!isMap(breaks) || !Object.values(breaks).every(isMap)) {
    faults.push('breaks is no map from rules to maps from places to what stands there now (nothing, where that is no single value)');
  }
  return faults;
}

function normalised({ reason, text, breaks }) {
  const all = Object.entries(breaks).flatMap(([rule, places]) => Object.entries(places).map(([place, value]) => ({ rule, place, value })));
  return { reason, version: reason.split(' ')[1], text: text.trim().replace(/\s*\n\s*/g, ' '), breaks: all };
}

/// Returns what stands now at the place of a change, if that is a single value. A claim names it, so that it covers this change and
/// no later one at the same place.
export function valueAt({ keys, value }, head) {
  const found = value ?? head.at(keys);
  return typeof found === 'object' || found === undefined ? null : found;
}

/// Compares what was found with what is claimed, and returns what no claim names, and what a claim names in vain.
export function compare(found, claims, head) {
  const id = ({ rule, place, value }) => JSON.stringify([rule, place, value]);
  const breaking = found.filter(({ isBreaking }) => isBreaking).map((change) => ({ ...change, value: valueAt(change, head) }));
  const [claimed, broken] = [new Set(claims.flatMap(({ breaks }) => breaks.map(id))), new Set(breaking.map(id))];
  return {
    unclaimed: breaking.filter((change) => !claimed.has(id(change))),
    absent: claims.flatMap(({ breaks }) => breaks.filter((claim) => !broken.has(id(claim)))),
  };
}
