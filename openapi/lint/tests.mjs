// Tests which patterns and deprecations the linter takes, and what it says of the others.

import assert from 'node:assert/strict';
import { faults, misplaced } from './deprecations.mjs';
import { fault } from './patterns.mjs';

const TAKEN = [
  '', '^$', 'a', '^[0-9]{1,18}(\\.[0-9]{1,10})?$', '^\\.*[!"$&-\\-0->@-~]+$', '^(/([^/~]|~[01])*)*$', '^(\\*|(?:W/)?"[!#-~]*")$',
  '[\\x00-\\x1f\\x7f-\\xa0\u2028]', '[a-]', '[-a]', '[\\]\\[\\^\\\\]', 'a{2}', 'a{2,}', 'a{0,1000}', '\\t\\n\\/\\|', 'é', '(a|b|)',
];
const REFUSED = {
  '(?=a)': /look-around/, '(?<!a)b': /look-around/, '(?i)a': /flags/, '(?P<n>a)': /flags/, '(?<n>a)': /flags/, '(a)\\1': /references/,
  '\\d': /\[0-9\]/, '[\\d]': /\[0-9\]/, '\\W': /letters/, '\\s': /white space/, '[^\\S]': /white space/, '\\bx': /word/, '\\u0041': /RE2/,
  '\\p{L}': /properties/, '\\A': /not all/, '\\-': /not all/, '\\x1': /not all/, '.': /end a line/, '[]a]': /begin/, '[^]': /begin/, '[a': /end/,
  '[[a]': /another/, '[[:alpha:]]': /another/, '[a&&b]': /computes/, '[a--b]': /computes|middle/, '[a~~b]': /computes/, '[a-c-e]': /middle/,
  '[z-a]': /order/, 'a{2,1}': /order/, 'a{1001}': /1000/, 'a{,2}': /by itself/, 'a{': /by itself/, ']': /by itself/, '*': /nothing/,
  'a*?': /lazy/, 'a++': /lazy/, 'a**': /lazy/, '^*': /anchor/, '(a': /end/, 'a)': /closes nothing/, '\u{1f9fe}': /two/,
};

for (const pattern of TAKEN) {
  assert.equal(fault(pattern), undefined, pattern);
  for (const flags of ['', 'u']) assert.ok(new RegExp(pattern, flags), `${pattern} with the flags "${flags}"`);
}
for (const [pattern, reason] of Object.entries(REFUSED)) assert.match(fault(pattern) ?? 'taken', reason, pattern);

const deprecation = (since, sunset) => faults({ deprecated: true, 'x-deprecated-on': since, 'x-sunset': sunset }).map(([key, message]) => `${key}: ${message}`).join('\n');

assert.equal(deprecation('2026-11-28'), '');
assert.equal(deprecation('2026-11-28', '2027-05-27'), '');
assert.match(deprecation('2026-11-28', '2027-05-26'), /^x-sunset: .* 179 days .* not before 2027-05-27$/);
assert.match(deprecation('2026-11-28', '2026-11-27'), /^x-sunset: .* -1 days/);
assert.match(deprecation(undefined, '2027-05-27'), /^deprecated: no x-deprecated-on/);
for (const day of ['2026-02-30', '28.11.2026', '2026-11-28T00:00:00Z', '2026-13-01', 20261128, true]) {
  assert.match(deprecation(day), /^x-deprecated-on: .* is no day/, String(day));
  assert.match(deprecation('2026-11-28', day), /^x-sunset: .* is no day/, String(day));
}
assert.deepEqual(faults({}), []);
assert.deepEqual(faults({ deprecated: false }), []);
assert.deepEqual(faults({ 'x-sunset': '2027-05-27' }).map(([key]) => key), ['x-sunset']);
assert.deepEqual(misplaced({ deprecated: true, 'x-sunset': '2027-05-27' }).map(([key]) => key), ['deprecated', 'x-sunset']);
assert.deepEqual(misplaced({}), []);
