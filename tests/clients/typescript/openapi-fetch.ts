// The tour with openapi-fetch, over the types that openapi-typescript makes.

import assert from 'node:assert/strict';
import createClient from 'openapi-fetch';
import type { components, paths } from './schema.js';
import { id, step, stored, url, writtenByAnother, written } from './steps.js';

type Payment = components['schemas']['Payment'];
type PaymentList = components['schemas']['PaymentList'];

const client = createClient<paths>({ baseUrl: url });
const invoice = { path: { id: id('invoice') } };

await step('create', async () => {
  const attributes = { amount: '100.21', currency: 'GBP' };
  const { data, error } = await client.POST('/v1/payments', {
    body: { data: { id: invoice.path.id, type: 'Payment', organisation_id: 'bakery', attributes } },
  });
  assert.equal(data?.data.version, 0, error?.detail);
});

await step('read only what has changed', async () => {
  const read = await client.GET('/v1/payments/{id}', { params: invoice });
  const etag = read.response.headers.get('ETag')!;
  const { response } = await client.GET('/v1/payments/{id}', { params: { ...invoice, header: { 'If-None-Match': etag } } });
  assert.equal(response.status, 304);
});

await step('replace, and lose to another writer', async () => {
  const { data } = await client.GET('/v1/payments/{id}', { params: invoice });
  const body = { data: { ...data!.data, attributes: { ...data!.data.attributes, amount: '120.00' } } };
  await client.PUT('/v1/payments/{id}', { params: invoice, body });
  // The same once more: `data.version` is the one that was read, and no longer the current one.
  const { error } = await client.PUT('/v1/payments/{id}', { params: invoice, body });
  assert.equal(error?.type, '/problems/version-conflict');
});

await step('JSON Patch', async () => {
  const { data } = await client.PATCH('/v1/payments/{id}', {
    params: { ...invoice, header: { 'If-Match': '"1"' } },
    headers: { 'Content-Type': 'application/json-patch+json' },
    body: [{ op: 'replace', path: '/data/attributes/amount', value: '130.00' }],
  });
  assert.equal(data?.data.attributes.amount, '130.00');
});

await step('merge patch', async () => {
  const { data } = await client.PATCH('/v1/payments/{id}', {
    params: invoice,
    headers: { 'Content-Type': 'application/merge-patch+json' },
    body: { data: { attributes: { currency: null } } },
  });
  assert.deepEqual(data?.data.attributes, { amount: '130.00' });
});

await step('walk through all', async () => {
  for (const name of ['a', 'b', 'c']) await writtenByAnother(id(name));
  const seen: Payment[] = [];
  let after: string | undefined;
  for (;;) {
    const { data: page }: { data?: PaymentList } = await client.GET('/v1/payments', { params: { query: { after, size: 2 } } });
    if (page === undefined || page.data.length === 0) break;
    seen.push(...page.data);
    // The link has the cursor; the client takes it as a parameter.
    after = new URL(page.links.next).searchParams.get('after')!;
  }
  for (const own of [invoice.path.id, id('a'), id('b'), id('c')]) assert.equal(seen.filter((payment) => payment.id === own).length, 1);
});

await step('send back what was read: all is kept but the spelling of numbers', async () => {
  const params = { path: { id: id('a') } };
  const { data } = await client.GET('/v1/payments/{id}', { params });
  await client.PUT('/v1/payments/{id}', { params, body: data! });
  // JSON.parse makes doubles of numbers.
  assert.equal(await stored(id('a')), written.replace('1.10', '1.1').replace('12345678901234567890', '12345678901234567000'));
});

await step('delete', async () => {
  const { response } = await client.DELETE('/v1/payments/{id}', { params: { ...invoice, query: { version: 3 } } });
  assert.equal(response.status, 204);
  const { error } = await client.GET('/v1/payments/{id}', { params: invoice });
  assert.equal(error?.status, 404);
});
