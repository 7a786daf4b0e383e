// The tour with the client that OpenAPI Generator makes for fetch (generator typescript-fetch).

import assert from 'node:assert/strict';
import { Configuration, PaymentsApi, ResponseError, type Payment, type Problem } from './fetch/index.js';
import { id, step, stored, url, writtenByAnother, written } from './steps.js';

const payments = new PaymentsApi(new Configuration({ basePath: url }));
const invoice = id('invoice');

await step('create', async () => {
  const attributes = { amount: '100.21', currency: 'GBP' };
  const { data } = await payments.createPayment({
    paymentRequest: { data: { id: invoice, type: 'Payment', organisationId: 'bakery', attributes } },
  });
  assert.equal(data.version, 0);
});

await step('read only what has changed', async () => {
  const read = await payments.getPaymentRaw({ id: invoice });
  const etag = read.raw.headers.get('ETag')!;
  // What is not a success is thrown, 304 too.
  const unchanged = await payments.getPayment({ id: invoice, ifNoneMatch: etag }).catch((error: ResponseError) => error.response.status);
  assert.equal(unchanged, 304);
});

await step('replace, and lose to another writer', async () => {
  const { data } = await payments.getPayment({ id: invoice });
  data.attributes.amount = '120.00';
  await payments.updatePayment({ id: invoice, paymentRequest: { data } });
  // The same once more: `data.version` is the one that was read, and no longer the current one.
  const error: unknown = await payments.updatePayment({ id: invoice, paymentRequest: { data } }).catch((error) => error);
  assert(error instanceof ResponseError);
  const problem: Problem = await error.response.json();
  assert.equal(problem.type, '/problems/version-conflict');
});

await step('JSON Patch', async () => {
  const { data } = await payments.patchPayment({
    id: invoice,
    ifMatch: '"1"',
    jsonPatchOperation: [{ op: 'replace', path: '/data/attributes/amount', value: '130.00' }],
  });
  assert.equal(data.attributes.amount, '130.00');
});

await step('merge patch, which has no method of its own', async () => {
  const { data } = await payments.patchPayment({ id: invoice, jsonPatchOperation: [] }, async ({ init }) => ({
    headers: { ...init.headers, 'Content-Type': 'application/merge-patch+json' },
    body: { data: { attributes: { currency: null } } } as unknown as BodyInit,
  }));
  assert.deepEqual(data.attributes, { amount: '130.00' });
});

await step('walk through all', async () => {
  for (const name of ['a', 'b', 'c']) await writtenByAnother(id(name));
  const seen: Payment[] = [];
  let page = await payments.listPayments({ size: 2 });
  while (page.data.length > 0) {
    seen.push(...page.data);
    // The link has the cursor; the client takes it as a parameter.
    const after = new URL(page.links.next).searchParams.get('after')!;
    page = await payments.listPayments({ after, size: 2 });
  }
  for (const own of [invoice, id('a'), id('b'), id('c')]) assert.equal(seen.filter((payment) => payment.id === own).length, 1);
});

await step('send back what was read: all is kept but the spelling of numbers', async () => {
  await payments.updatePayment({ id: id('a'), paymentRequest: await payments.getPayment({ id: id('a') }) });
  // JSON.parse makes doubles of numbers.
  assert.equal(await stored(id('a')), written.replace('1.10', '1.1').replace('12345678901234567890', '12345678901234567000'));
});

await step('delete', async () => {
  await payments.deletePayment({ id: invoice, version: 3 });
  const error: unknown = await payments.getPayment({ id: invoice }).catch((error) => error);
  assert(error instanceof ResponseError);
  assert.equal(error.response.status, 404);
});
