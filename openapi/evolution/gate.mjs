// Holds what breaks, from the newest version to the head, to what api/changes.yml claims: it must be exactly that.

import { stringify } from 'yaml';
import * as claims from './claims.mjs';
import { cureOf } from './cures.mjs';
import * as oasdiff from './oasdiff.mjs';
import * as rules from './rules.mjs';

/// Returns all changes: those that oasdiff knows, and those of our own rules.
export async function changesBetween(base, head) {
  return [...(await oasdiff.changes(base, head)), ...rules.changes(base, head)];
}

/// Returns what is wrong with the head, given all changes since the base, as texts for a person. `since` is the date of the base.
export function faults(changes, base, head, claimed, since) {
  const { unclaimed, absent } = claims.compare(changes, claimed, head);
  const found = unclaimed.map((change) => describe(change, base, head));
  if (unclaimed.length > 0) found.push(advice(unclaimed, base));
  for (const { rule, place, value } of absent) {
    const shown = value === null ? '' : `: ${JSON.stringify(value)}`;
    found.push(`${claims.FILE} claims what does not break: take it out of the claim, or correct it:\n    ${rule}: ${place}${shown}`);
  }
  for (const { version } of claimed.filter((claim) => claim.version !== undefined && claim.version <= since)) {
    found.push(`${claims.FILE} claims a break for version ${version}, which is not after ${since}, the newest: name a later date`);
  }
  return found;
}

function describe({ rule, keys, place, text, operations }, base, head) {
  const [file, line] = head.at(keys) === undefined && base.at(keys) !== undefined ? [base.file, base.lineOf(keys)] : [head.file, head.lineOf(keys)];
  const seen = operations.length > 4 ? [...operations.slice(0, 4), `${operations.length - 4} more`] : operations;
  return [
    `${file}:${line}: ${rule}`,
    `    place: ${place}`,
    `    what:  ${text}${seen.length > 0 ? ` (${seen.join(', ')})` : ''}`,
    `    cure:  ${cureOf(rule)}`,
  ].join('\n');
}

function advice(unclaimed, base) {
  const breaks = {};
  for (const { rule, place, value } of unclaimed) (breaks[rule] ??= {})[place] = value;
  const claim = [{ reason: 'fix', text: 'What clients notice, and why it has to be.', breaks }];
  return [
    `This breaks clients of ${base.file}. What mends a fault and cannot be mended without, claim in ${claims.FILE};`,
    'what goes with a new version of the API has the reason `version DATE`:',
    '',
    stringify(claim, { lineWidth: 0, nullStr: '' }),
  ].join('\n');
}

