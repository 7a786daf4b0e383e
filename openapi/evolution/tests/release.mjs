// Tests that a released contract cannot be changed, and that claims are held to what they say, with a copy of the contract in a
// repository of its own.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { appendFileSync, cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { compare, read } from '../claims.mjs';
import { hashOf } from '../versions.mjs';

const DATE = '2999-01-01';
const TEXT = 'An operation has another name.';
const folder = mkdtempSync(join(tmpdir(), 'contract-release-'));

function run(command, ...args) {
  const { status, stdout, stderr } = spawnSync(command, args, { cwd: folder, encoding: 'utf8' });
  return { status, said: `${stdout}${stderr}` };
}

function succeed(command, ...args) {
  const { status, said } = run(command, ...args);
  assert.equal(status, 0, said);
}

const main = (...args) => run(process.execPath, 'openapi/evolution/main.mjs', ...args);
const author = ['-c', 'user.name=test', '-c', 'user.email=test@localhost', '-c', 'commit.gpgsign=false'];
const commit = () => {
  succeed('git', 'add', '--all');
  succeed('git', ...author, 'commit', '--quiet', '--allow-empty', '--no-verify', '--message', 'a step');
};
const faults = () => run(process.execPath, '--input-type=module', '--eval', "console.log((await import('./openapi/evolution/versions.mjs')).faults().join('\\n'))").said.trim();

/// Changes a file for as long as `look` takes.
function withChanged(file, change, look) {
  const path = join(folder, file);
  const text = readFileSync(path, 'utf8');
  writeFileSync(path, change(text));
  look();
  writeFileSync(path, text);
}

function copy() {
  for (const part of ['api', 'openapi', 'docs/API-CHANGES.md']) {
    cpSync(part, join(folder, part), { recursive: true, filter: (path) => !path.includes('node_modules') });
  }
  symlinkSync(resolve('.venv'), join(folder, '.venv'));
  symlinkSync(resolve('openapi/evolution/node_modules'), join(folder, 'openapi/evolution/node_modules'));
  mkdirSync(join(folder, 'target'));
  writeFileSync(join(folder, '.gitignore'), '.venv\nnode_modules\ntarget\n');
  succeed('git', 'init', '--quiet');
  commit();
}

/// Breaks the contract, and then claims that for a version, with the claims that are there before it.
function breakIt() {
  const contract = join(folder, 'api/openapi.yml');
  const text = readFileSync(contract, 'utf8');
  const [, id] = /operationId: (\w+)/.exec(text);
  const broken = text.replace(`operationId: ${id}`, 'operationId: renamed').replace(/^  version: .*$/m, `  version: '${DATE}'`);
  writeFileSync(contract, broken.replace(/(schema: \{type: string, enum: \['2026-11-28'[^\]]*)\]/, `$1, '${DATE}']`));
  const claims = join(folder, 'api/changes.yml');
  const claimed = readFileSync(claims, 'utf8').replace(/^\[\]$/m, '').replace(/reason: version .*$/gm, `reason: version ${DATE}`);
  writeFileSync(claims, claimed);
  commit();
  const { said } = main('release');
  assert.match(said, /no version was made: `make contract-check` fails[^]*api-operation-id-removed/);

  const [, place] = /^ {4}place: (.*)$/m.exec(said);
  appendFileSync(claims, `- reason: version ${DATE}\n  text: ${TEXT}\n  breaks: {api-operation-id-removed: {'${place}': }}\n`);
  assert.equal(main('changes').status, 0);
  commit();
}

function aReleaseIsRefused() {
  const versioned = (date) => (text) => text.replace(/^  version: .*$/m, `  version: '${date}'`);
  withChanged('api/openapi.yml', versioned('2026-01-01'), () => {
    commit();
    assert.match(main('release').said, /is not after/);
  });
  commit();
  withChanged('api/openapi.yml', versioned('2999-02-01'), () => assert.match(main('check').said, /2999-02-01, and .* claims a break for version 2999-01-01/));
  withChanged('api/openapi.yml', (text) => `${text}# more\n`, () => assert.match(main('release').said, /not committed/));
}

function aReleaseIsFrozen() {
  const { status, said } = main('release');
  assert.equal(status, 0, said);
  const page = readFileSync(join(folder, 'docs/API-CHANGES.md'), 'utf8');
  assert.ok(page.includes(`## ${DATE}\n`) && page.includes('### Breaks\n') && page.includes(`\n* ${TEXT.slice(0, -1)}: \`GET`) && !page.includes('not released'), page);
  assert.deepEqual(read(join(folder, 'api/changes.yml')).claims, [], 'claims are left after a release');
  assert.equal(faults(), '');
  commit();
  assert.equal(main('check').status, 0, 'what was just released breaks itself');
  assert.match(main('release').said, /is not after 2999-01-01/);

  const [file, sums] = [`api/versions/${DATE}.yml`, 'api/versions/SHA256SUMS'];
  withChanged(file, (text) => `${text}# more\n`, () => {
    assert.match(faults(), /was changed, and is frozen/);
    const hash = hashOf(join(folder, file));
    withChanged(sums, (text) => text.replace(/^.*2999-01-01\.yml$/m, `${hash}  ${DATE}.yml`), () => {
      assert.match(faults(), /no longer says/, 'a version can be changed together with its hash');
    });
  });
  withChanged(sums, (text) => text.replace(/^.*2999-01-01\.yml\n/m, ''), () => assert.match(faults(), /has no line[^]*no longer says/));
  rmSync(join(folder, file));
  assert.match(faults(), /is missing/);
}

function claimsAreHeld() {
  const place = 'components.schemas.A.properties.b.pattern';
  const found = [{ rule: 'pattern-changed', place, keys: [], value: '^c$', isBreaking: true }];
  const claim = (value) => read('claims', `[{reason: fix, text: A word., breaks: {pattern-changed: {${place}: '${value}'}}}]`).claims;
  const count = ({ unclaimed, absent }) => [unclaimed.length, absent.length];
  assert.deepEqual(count(compare(found, [], {})), [1, 0], 'what nothing claims passes');
  assert.deepEqual(count(compare(found, claim('^c$'), {})), [0, 0]);
  assert.deepEqual(count(compare(found, claim('^d$'), {})), [1, 1], 'a claim covers a later change at its place');
  assert.deepEqual(count(compare([], claim('^c$'), {})), [0, 1], 'a claim of nothing passes');
  const malformed = [
    'a: b',
    '[a]',
    '[{}]',
    '[{reason: whim, text: a, breaks: {a: {b: c}}}]',
    '[{reason: version 1, text: a, breaks: {a: {b: c}}}]',
    '[{reason: fix, breaks: {a: {b: c}}}]',
    '[{reason: fix, text: a, breaks: {a: [b]}}]',
    '[{reason: fix, text: a, breaks: {a: {b: c}}, more: 1}]',
  ];
  for (const text of malformed) {
    assert.notEqual(read('claims', text).faults.length, 0, `${text} passes for a claim`);
  }
}

try {
  claimsAreHeld();
  copy();
  breakIt();
  aReleaseIsRefused();
  aReleaseIsFrozen();
  console.log('a version is made, and then cannot be changed');
} finally {
  rmSync(folder, { recursive: true });
}
