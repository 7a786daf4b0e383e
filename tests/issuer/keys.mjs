// Private keys by name. A name begins with its algorithm: rs256-1, es256-new, eddsa-1.
import { exportJWK, generateKeyPair } from 'jose';

const ALGORITHMS = ['RS256', 'PS256', 'ES256', 'ES384', 'EdDSA'];
const keys = new Map();

export async function privateKey(name) {
  if (!keys.has(name)) {
    const alg = ALGORITHMS.find((known) => known.toLowerCase() === name.split('-')[0]);
    if (!alg) throw new Error(`${name} does not begin with one of ${ALGORITHMS.join(', ').toLowerCase()}`);
    const { privateKey } = await generateKeyPair(alg, { extractable: true });
    keys.set(name, { ...(await exportJWK(privateKey)), kid: name, alg, use: 'sig' });
  }
  return keys.get(name);
}
