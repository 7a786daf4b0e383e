// What both tours stand on: steps with names, and what other programs do to the service.

import { readFileSync } from 'node:fs';

const [, , address, tour, file] = process.argv;

/// Where the service is.
export const url = address;

/// The tour's own ids, new with each run: the service never gives one out again.
export const id = (name: string) => `${tour}-${name}-${process.pid}`;

export async function step(name: string, play: () => Promise<void>) {
  await play().catch((error) => {
    console.error(`${tour}: ${name}: FAILED`);
    throw error;
  });
  console.log(`${tour}: ${name}`);
}

/// Attributes as another program wrote them: with nulls, names in snake_case, and numbers that no double holds.
export const written = readFileSync(file, 'utf8').trim();

/// Stores a payment with these attributes.
export async function writtenByAnother(id: string) {
  const body = `{"data":{"id":"${id}","type":"Payment","organisation_id":"bakery","attributes":${written}}}`;
  const response = await fetch(`${url}/v1/payments`, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body });
  if (!response.ok) throw new Error(await response.text());
}

/// The text of the attributes that the service has.
export async function stored(id: string): Promise<string> {
  const text = await (await fetch(`${url}/v1/payments/${id}`)).text();
  return text.slice(text.indexOf('"attributes":') + '"attributes":'.length, text.indexOf(',"created_on":'));
}
