// Runs what `make contract-check`, `make api-changes` and `make release-contract` ask for.
//
//   main.mjs check             fails, with all that is wrong, unless the contract may be merged
//   main.mjs changes           writes docs/API-CHANGES.md
//   main.mjs release           freezes the contract as the version that info.version says

import { execFileSync } from 'node:child_process';
import { appendFileSync, copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import * as changelog from './changelog.mjs';
import * as claims from './claims.mjs';
import { Contract } from './contract.mjs';
import * as gate from './gate.mjs';
import * as oasdiff from './oasdiff.mjs';
import * as readers from './readers.mjs';
import * as versions from './versions.mjs';

const HEAD = 'api/openapi.yml';
const NO_CLAIMS = '[]\n';

async function faults() {
  const { claims: claimed, faults: malformed } = claims.read();
  const newest = versions.dates().at(-1);
  const [base, head] = [versions.contractOf(newest), new Contract(HEAD)];
  const changes = await gate.changesBetween(base, head);
  const unknown = await oasdiff.unknownRules();
  const found = [
    ...versions.faults(),
    ...versions.headFaults(head, claimed),
    ...malformed,
    ...unknown.map((id) => `openapi/evolution/oasdiff.mjs names the rule ${id}, which this oasdiff does not know: look how it is called now`),
    ...(await readers.faults(HEAD)),
    ...gate.faults(changes, base, head, claimed, newest),
  ];
  if (found.length === 0 && readFileSync(changelog.PAGE, 'utf8') !== (await changelog.render(head, claimed))) {
    found.push(`${changelog.PAGE} is not what the contract and the claims give: run \`make api-changes\` and commit`);
  }
  return found;
}

async function check() {
  const found = await faults();
  for (const fault of found) console.error(`${fault}\n`);
  return found.length === 0;
}

async function writeChanges() {
  writeFileSync(changelog.PAGE, await changelog.render());
  console.log(`${changelog.PAGE}: written`);
  return true;
}

/// Freezes the head: writes a contract, its claims and their hashes, which never change again.
async function release() {
  const date = new Contract(HEAD).root.info.version;
  const refusal = await refuse(date);
  if (refusal !== undefined) {
    console.error(`no version was made: ${refusal}`);
    return false;
  }
  const added = [`${date}.yml`];
  copyFileSync(HEAD, `${versions.FOLDER}/${date}.yml`);
  const text = readFileSync(claims.FILE, 'utf8');
  if (claims.read().claims.length > 0) {
    writeFileSync(`${versions.FOLDER}/${date}.changes.yml`, text.replace(/^#.*\n/gm, '').trimStart());
    added.push(`${date}.changes.yml`);
  }
  appendFileSync(versions.SUMS, added.map((name) => `${versions.hashOf(`${versions.FOLDER}/${name}`)}  ${name}\n`).join(''));
  writeFileSync(claims.FILE, `${text.split('\n').filter((line) => line.startsWith('#')).join('\n')}\n${NO_CLAIMS}`);
  await writeChanges();
  console.log(`${versions.FOLDER}/${date}.yml: written; commit it with what else has changed, and it is released`);
  return true;
}

/// Returns why the head cannot become the version of a date.
async function refuse(date) {
  const newest = versions.dates().at(-1);
  const dirty = execFileSync('git', ['status', '--porcelain'], { encoding: 'utf8' }).trim();
  if (dirty !== '') return `what is not committed would be released; commit it, or put it away:\n${dirty}`;
  if (date <= newest) return `info.version of ${HEAD} is ${date}, which is not after ${newest}, the newest version: write the day of this one, there and at Accept-Version`;
  const found = await faults();
  if (found.length > 0) return `\`make contract-check\` fails:\n\n${found.join('\n\n')}`;
  return undefined;
}

const [command, ...rest] = process.argv.slice(2);
const run = { check, changes: writeChanges, release }[command];
if (run === undefined) {
  console.error('main.mjs check | changes | release [DATE]');
  process.exitCode = 2;
} else if (!(await run(...rest.filter((arg) => arg !== '')).catch(complain))) {
  process.exitCode = 1;
}

/// Prints an error without its stack: a contract that is no YAML is no fault of this program, and the message names the file.
function complain({ message }) {
  console.error(message);
  return false;
}
