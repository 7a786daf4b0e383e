// Tests which patterns, deprecations, names and examples the linter takes, and what it says of the others.

import assert from 'node:assert/strict';
import { clashes } from './components.mjs';
import { faults, misplaced } from './deprecations.mjs';
import { excluded, strayed } from './examples.mjs';
import { fault } from './patterns.mjs';
import { lacksStatuses, scopeOf, securityFault } from './security.mjs';
import { lacksVersion, versionFaults } from './versions.mjs';

const TAKEN = [
  '', '^$', 'a', '^[0-9]{1,18}(\\.[0-9]{1,10})?$', '^\\.*[!"$&-\\-0->@-~]+$', '^(/([^/~]|~[01])*)*$', '^(\\*|(?:W/)?"[!#-~]*")$',
  '[\\x00-\\x1f\\x7f-\\xa0\u2028\ufefe-\uff00]', '[a-]', '[-a]', '[\\]\\[\\^\\\\]', 'a{2}', 'a{2,}', 'a{0,1000}', '\\t\\n\\/\\|', 'é', '(a|b|)',
];
const REFUSED = {
  '(?=a)': /look-around/, '(?<!a)b': /look-around/, '(?i)a': /flags/, '(?P<n>a)': /flags/, '(?<n>a)': /flags/, '(a)\\1': /references/,
  '\\d': /\[0-9\]/, '[\\d]': /\[0-9\]/, '\\W': /letters/, '\\s': /white space/, '[^\\S]': /white space/, '\\bx': /word/, '\\u0041': /RE2/,
  '\\p{L}': /properties/, '\\A': /not all/, '\\-': /not all/, '\\x1': /not all/, '.': /end a line/, '[]a]': /begin/, '[^]': /begin/, '[a': /end/,
  '[[a]': /another/, '[[:alpha:]]': /another/, '[a&&b]': /computes/, '[a--b]': /computes|middle/, '[a~~b]': /computes/, '[a-c-e]': /middle/,
  '[z-a]': /order/, 'a{2,1}': /order/, 'a{1001}': /1000/, 'a{,2}': /by itself/, 'a{': /by itself/, ']': /by itself/, '*': /nothing/,
  'a*?': /lazy/, 'a++': /lazy/, 'a**': /lazy/, '^*': /anchor/, '(a': /end/, 'a)': /closes nothing/, '\u{1f9fe}': /two/, '[\ufeff]': /Go/,
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

const versioned = (version, ...values) => {
  const parameters = { Other: { name: 'id', in: 'path' }, Chosen: { name: 'Accept-Version', in: 'header', schema: { enum: values } } };
  return versionFaults({ info: { version }, components: { parameters } }).map(([keys, message]) => `${keys.join('.')}: ${message}`).join('\n');
};
assert.equal(versioned('2027-01-15', '2026-11-28', '2027-01-15'), '');
assert.match(versioned('2027-01-15', '2026-11-28'), /^components\.parameters\.Chosen\.schema\.enum: the last value is 2026-11-28/);
assert.match(versioned('2027-01-15', '2026-11-28', '2026-10-01', '2027-01-15'), /not in their order/);
for (const version of ['1.0.0', '2027-02-30', 20270115]) assert.match(versioned(version, version), /^info\.version: .* is no day/);
assert.match(versionFaults({ info: { version: '2027-01-15' } }).join(), /no parameter Accept-Version/);
assert.equal(lacksVersion('/v1/payments', [{ name: 'Accept-Version', in: 'header' }]), undefined);
assert.equal(lacksVersion('/health', []), undefined);
assert.match(lacksVersion('/v1/payments', [{ name: 'Accept-Version', in: 'query' }]), /could not choose/);

assert.deepEqual(clashes({ schemas: { Payment: {} }, responses: { Up: {} }, examples: { Payment: {} } }), []);
assert.deepEqual(clashes({ schemas: { Payment: {} }, requestBodies: { Payment: {} } }), [['requestBodies', 'Payment', 'schemas']]);
assert.deepEqual(clashes({ headers: { ETag: {} }, schemas: { Etag: {} } }), [['headers', 'ETag', 'schemas']]);

const exclusive = { description: 'The page begins after it. Not together with `before`.' };
assert.deepEqual(excluded({ ...exclusive, schema: { type: 'string' } }), []);
assert.deepEqual(excluded({ ...exclusive, example: 'a', schema: {} }), [['example']]);
assert.deepEqual(excluded({ ...exclusive, examples: {}, schema: { example: 'a', default: 0 } }), [['examples'], ['schema', 'example'], ['schema', 'default']]);
assert.deepEqual(excluded({ ...exclusive, required: true, example: 'a' }), []);
assert.deepEqual(excluded({ description: 'How many.', example: 20, schema: { default: 20 } }), []);

assert.deepEqual(strayed({ data: { id: 'a' } }, { id: 'a' }), []);
assert.deepEqual(strayed({ data: {} }, { id: 'a' }), []);
assert.deepEqual(strayed({ data: { version: 0 } }, { version: '0' }), []);
assert.deepEqual(strayed({ data: { version: 0 } }, { version: '7' }), ['data.version is 0, and the path has "7"']);
assert.deepEqual(strayed([{ op: 'remove' }], { id: 'a' }), []);
assert.deepEqual(strayed({ data: { id: 'b' } }, { id: undefined }), []);
assert.deepEqual(strayed({ data: { id: 'b' } }, { id: 'a' }), ['data.id is "b", and the path has "a"']);

const SCHEMES = { issuer: { type: 'openIdConnect', description: '| scope | allows |\n|---|---|\n| `read` | to read |\n' }, key: { type: 'apiKey' } };
const judged = (security) => securityFault({ security }, SCHEMES) ?? '';
assert.equal(judged([]), '');
assert.equal(judged([{}, { issuer: ['read'] }]), '');
assert.match(judged(undefined), /no decision/);
assert.match(judged([{}, { issuer: ['write'] }]), /the scope write, which the description of issuer does not list/);
for (const security of [[{ issuer: ['read'] }], [{}], [{}, { issuer: [] }], [{}, { key: [] }], [{}, { other: ['read'] }],
  [{}, { issuer: ['read', 'write'] }], [{}, { issuer: ['read'] }, { key: [] }], [{}, { issuer: ['read'], key: [] }]]) {
  assert.match(judged(security), /not `\[\{\}/, JSON.stringify(security));
}
assert.equal(scopeOf({ security: [{}, { issuer: ['read'] }] }), 'read');
assert.equal(scopeOf({ security: [] }), undefined);
assert.deepEqual(lacksStatuses({ security: [{}, { issuer: ['read'] }], responses: { 401: {} } }), ['403', '503']);
assert.deepEqual(lacksStatuses({ security: [], responses: {} }), []);
