// Writes docs/API-CHANGES.md: what clients notice of each version of the contract, in the words of oasdiff and of the claims.

import { read } from './claims.mjs';
import { Contract, METHODS } from './contract.mjs';
import { changesBetween } from './gate.mjs';
import { claimsOf, contractOf, dates } from './versions.mjs';

export const PAGE = 'docs/API-CHANGES.md';

const INTRODUCTION = `<!-- Written by \`make api-changes\`: change api/changes.yml, or the contract. -->

# Changes of the API

What clients notice from one version of the contract to the next.
`;

/// Returns the page, the newest changes first.
export async function render(head = new Contract('api/openapi.yml'), claims = read().claims) {
  const released = dates();
  const sections = await Promise.all(released.map(async (date, index) => {
    const since = released[index - 1];
    if (since === undefined) return `## ${date}\n\nThe first version.\n`;
    return section(date, contractOf(since), contractOf(date), claimsOf(date), since);
  }));
  const newest = released.at(-1);
  const { version } = head.root.info;
  const title = version > newest ? `${version}, not released yet` : 'Not released yet';
  const next = await section(title, contractOf(newest), head, claims, newest);
  return [INTRODUCTION, next, ...sections.reverse()].filter((text) => text !== '').join('\n');
}

async function section(title, base, head, claims, since) {
  const changes = await changesBetween(base, head);
  const others = changes.filter(({ isBreaking }) => !isBreaking);
  const parts = [
    part('Breaks', claims.filter(({ version }) => version !== undefined).map((claim) => claimed(claim, changes))),
    part('Mends', claims.filter(({ version }) => version === undefined).map((claim) => claimed(claim, changes))),
    part('Adds and changes', unique(others.map(({ text, operations }) => item(sentence(text), operations)))),
  ].filter((text) => text !== '');
  if (parts.length === 0) return '';
  return [`## ${title}\n`, `Since ${since}:\n`, ...parts].join('\n');
}

const part = (title, items) => (items.length === 0 ? '' : `### ${title}\n\n${items.join('\n')}\n`);
const unique = (items) => [...new Set(items)];
const sentence = (text) => text.charAt(0).toUpperCase() + text.slice(1).replaceAll('\n', ' ');

/// Writes a claim, with the operations in which its changes are seen.
function claimed({ text, breaks }, changes) {
  const isMine = (change) => breaks.some(({ rule, place }) => rule === change.rule && place === change.place);
  return item(text, unique(changes.filter(isMine).flatMap(({ operations }) => operations)));
}

function item(text, operations) {
  const shown = sorted(operations).slice(0, 5).map((operation) => `\`${operation}\``);
  const more = operations.length > shown.length ? ` and ${operations.length - shown.length} more` : '';
  return wrapped(`${text.replace(/\.$/, '')}${shown.length > 0 ? `: ${shown.join(', ')}${more}` : ''}.`);
}

/// Sorts by path, and then in the order that the contract has methods in.
function sorted(operations) {
  const parts = operations.map((operation) => operation.split(' '));
  const rank = ([method]) => METHODS.indexOf(method.toLowerCase());
  return parts.toSorted((a, b) => (a[1] === b[1] ? rank(a) - rank(b) : a[1] < b[1] ? -1 : 1)).map((words) => words.join(' '));
}

/// Writes an item of a list, in lines of at most 120 characters.
function wrapped(text) {
  const lines = ['*'];
  // What stands in backticks stays together.
  for (const word of text.match(/[^\s`]*`[^`]*`[^\s`]*|\S+/g)) {
    const longer = `${lines.at(-1)} ${word}`;
    if (longer.length <= 120) lines[lines.length - 1] = longer;
    else lines.push(`  ${word}`);
  }
  return lines.join('\n');
}

