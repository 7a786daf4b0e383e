// Which patterns the linter takes, and which it refuses for what.

import assert from 'node:assert/strict';
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
