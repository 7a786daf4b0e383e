// Tokens that jose and Node.js forge in the name of an issuer, with its keys or without, and what each should be judged as:
// `ok`, or a label of identity's InvalidToken. Keys are new each time, so nothing here is a secret.
//
//   openapi/tool node tests/issuer/forge/jose.mjs ISSUER AUDIENCE
import * as crypto from 'node:crypto';
import { CompactEncrypt, exportJWK, exportSPKI, generateKeyPair, SignJWT, UnsecuredJWT } from 'jose';

const [issuer, audience] = process.argv.slice(2);
const now = Math.floor(Date.now() / 1000);
const good = { iss: issuer, aud: audience, sub: 'mallory', iat: now, exp: now + 600, scope: 'payments:read', organisation_id: 'acme' };
const tokens = [];
const published = [];
const add = (expected, name, token) => tokens.push({ name, token, expected });

const pairs = {};
async function pair(name, alg, published_as, options = {}) {
  pairs[name] = await generateKeyPair(alg, { extractable: true, ...options });
  if (published_as) published.push({ ...(await exportJWK(pairs[name].publicKey)), kid: name, ...published_as });
  return pairs[name];
}

const encode = (value) => Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');
// Signs whatever it is given, as no library would.
function sign(name, header, claims, hash = 'sha256', options = {}) {
  const signed = `${typeof header === 'string' ? encode(header) : encode({ kid: name, ...header })}.${encode(claims)}`;
  const key = crypto.KeyObject.from(pairs[name].privateKey);
  return `${signed}.${crypto.sign(hash, Buffer.from(signed), { key, dsaEncoding: 'ieee-p1363', ...options }).toString('base64url')}`;
}
const jwt = (name, alg, claims = good, header = {}) =>
  new SignJWT(claims).setProtectedHeader({ alg, kid: name, typ: 'at+jwt', ...header }).sign(crypto.KeyObject.from(pairs[name].privateKey));

await pair('rsa', 'RS256', { use: 'sig' });
await pair('rsa-rs256', 'RS256', { alg: 'RS256' });
await pair('p256', 'ES256', { use: 'sig', key_ops: ['verify'] });
await pair('p384', 'ES384', { alg: 'ES384' });
await pair('ed25519', 'Ed25519', {});
await pair('for-encryption', 'RS256', { use: 'enc' });
await pair('stranger', 'RS256');
await pair('stranger-p256', 'ES256');

// ---- good ones: the corpus is worth nothing if all is refused
for (const alg of ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512']) add('ok', alg, await jwt('rsa', alg));
add('ok', 'ES256', await jwt('p256', 'ES256'));
add('ok', 'ES384', await jwt('p384', 'ES384'));
add('ok', 'EdDSA', await jwt('ed25519', 'EdDSA'));
add('ok', 'Ed25519', await jwt('ed25519', 'Ed25519'));
add('ok', 'aud is a list with ours', await jwt('rsa', 'RS256', { ...good, aud: ['https://other.example', audience] }));
add('ok', 'typ JWT', await jwt('rsa', 'RS256', good, { typ: 'JWT' }));
add('ok', 'typ application/at+jwt', await jwt('rsa', 'RS256', good, { typ: 'application/at+jwt' }));
add('ok', 'no typ', await jwt('rsa', 'RS256', good, { typ: undefined }));
add('ok', 'no kid, one key fits', await jwt('p384', 'ES384', good, { kid: undefined }));

// ---- none
add('algorithm', 'alg none', new UnsecuredJWT(good).encode());
for (const alg of ['none', 'None', 'NONE', 'nOnE', '']) {
  add('algorithm', `alg ${alg}, with a signature`, sign('rsa', { alg }, good));
  add('algorithm', `alg ${alg}, no signature`, `${encode({ alg, kid: 'rsa' })}.${encode(good)}.`);
}
add('malformed', 'alg is a list', sign('rsa', { alg: ['RS256', 'none'] }, good));
add('malformed', 'alg is null', sign('rsa', { alg: null }, good));
add('algorithm', 'no alg', sign('rsa', {}, good));
add('algorithm', 'alg ES256K', sign('p256', { alg: 'ES256K' }, good));
add('algorithm', 'alg ES512', sign('p256', { alg: 'ES512' }, good));
add('algorithm', 'alg RS1', sign('rsa', { alg: 'RS1' }, good, 'sha1'));
add('signature', 'SHA-1 under the name of RS256', sign('rsa', { alg: 'RS256' }, good, 'sha1'));

// ---- the public key as a shared secret
const spki = await exportSPKI(pairs.rsa.publicKey);
const jwk = await exportJWK(pairs.rsa.publicKey);
const der = crypto.KeyObject.from(pairs.rsa.publicKey).export({ type: 'spki', format: 'der' });
for (const [what, secret] of [['PEM', spki], ['trimmed PEM', spki.trim()], ['DER', der], ['JWK', JSON.stringify(jwk)], ['modulus', Buffer.from(jwk.n, 'base64url')], ['nothing', '']]) {
  for (const [alg, hash] of [['HS256', 'sha256'], ['HS512', 'sha512']]) {
    const signed = `${encode({ alg, kid: 'rsa', typ: 'at+jwt' })}.${encode(good)}`;
    add('algorithm', `${alg} by the public key as ${what}`, `${signed}.${crypto.createHmac(hash, secret).update(signed).digest('base64url')}`);
  }
}
{
  const signed = `${encode({ alg: 'RS256', kid: 'rsa' })}.${encode(good)}`;
  add('signature', 'an HMAC under the name of RS256', `${signed}.${crypto.createHmac('sha256', spki).update(signed).digest('base64url')}`);
}

// ---- keys
add('key_mismatch', 'PS256 by a key for RS256', await jwt('rsa-rs256', 'PS256'));
add('key_mismatch', 'RS256 says the header, ES256 is the key', sign('p256', { alg: 'RS256' }, good));
add('key_mismatch', 'ES384 says the header, P-256 is the key', sign('p256', { alg: 'ES384' }, good));
add('signature', 'PS256 says the header, RS256 is the signature', sign('rsa', { alg: 'PS256' }, good));
add('signature', 'PS256 with a salt of another length', sign('rsa', { alg: 'PS256' }, good, 'sha256', {
  padding: crypto.constants.RSA_PKCS1_PSS_PADDING, saltLength: crypto.constants.RSA_PSS_SALTLEN_MAX_SIGN }));
add('unknown_key', 'a key for encryption', await jwt('for-encryption', 'RS256'));
add('unknown_key', 'a key of somebody else', await jwt('stranger', 'RS256'));
add('signature', 'a key of somebody else, under the name of ours', await jwt('stranger', 'RS256', good, { kid: 'rsa' }));
add('ambiguous_key', 'no kid, two keys fit', await jwt('rsa', 'RS256', good, { kid: undefined }));
add('malformed', 'kid is a number', sign('rsa', { alg: 'RS256', kid: 7 }, good));
add('malformed', 'kid is an object', sign('rsa', { alg: 'RS256', kid: { rsa: 1 } }, good));
for (const kid of ['../../../../dev/null', '/dev/null', "rsa' OR '1'='1", "x' UNION SELECT 'secret", 'rsa\u0000', 'http://evil.example/key', 'RSA', ' rsa', '', 'k'.repeat(3000), '\ud83d\udd11']) {
  add('unknown_key', `kid ${JSON.stringify(kid).slice(0, 40)}`, sign('rsa', { alg: 'RS256', kid }, good));
}
add('signature', 'kid of nothing, HMAC with nothing', `${encode({ alg: 'RS256', kid: 'rsa' })}.${encode(good)}.${crypto.createHmac('sha256', '').update('').digest('base64url')}`);
const own = await exportJWK(pairs.stranger.publicKey);
for (const [what, header] of [
  ['jwk', { jwk: own }],
  ['jku', { jku: 'http://127.0.0.1:9/keys' }],
  ['x5u', { x5u: 'http://127.0.0.1:9/certificate' }],
  ['x5c', { x5c: [der.toString('base64')] }],
  ['jwk with the kid of ours', { jwk: { ...own, kid: 'rsa' } }],
]) {
  add('signature', `brings its own key: ${what}`, await jwt('stranger', 'RS256', good, { kid: 'rsa', ...header }));
  add('unknown_key', `brings its own key: ${what}, of another kid`, await jwt('stranger', 'RS256', good, header));
  add('ok', `ours, and mentions another key: ${what}`, await jwt('rsa', 'RS256', good, header));
}

// ---- keys of the issuer that are none
await pair('twice-a', 'ES256', { kid: 'twice' });
await pair('twice-b', 'ES256', { kid: 'twice' });
for (const name of ['twice-a', 'twice-b']) add('ok', `one of two keys of one id: ${name}`, await jwt(name, 'ES256', good, { kid: 'twice' }));
add('signature', 'neither of two keys of one id', await jwt('stranger-p256', 'ES256', good, { kid: 'twice' }));
{
  const { x, y } = await exportJWK(pairs['stranger-p256'].publicKey);
  const beside = Buffer.from(y, 'base64url');
  beside[31] ^= 1;
  published.push({ kty: 'EC', crv: 'P-256', x, y: beside.toString('base64url'), kid: 'beside-the-curve' });
  add('signature', 'a point beside the curve', await jwt('stranger-p256', 'ES256', good, { kid: 'beside-the-curve' }));
}
{
  const weak = crypto.generateKeyPairSync('rsa', { modulusLength: 1024 });
  published.push({ ...weak.publicKey.export({ format: 'jwk' }), kid: 'weak' });
  const signed = `${encode({ alg: 'RS256', kid: 'weak' })}.${encode(good)}`;
  add('unknown_key', 'an RSA key of 1024 bits', `${signed}.${crypto.sign('sha256', Buffer.from(signed), weak.privateKey).toString('base64url')}`);
}
published.push({ kty: 'oct', k: encode('secret'), alg: 'HS256', kid: 'shared' }, { kty: 'EC', kid: 'broken' }, 'no key');
{
  const signed = `${encode({ alg: 'HS256', kid: 'shared' })}.${encode(good)}`;
  add('algorithm', 'a shared key that the issuer published', `${signed}.${crypto.createHmac('sha256', 'secret').update(signed).digest('base64url')}`);
}

// ---- signatures
const es256 = await jwt('p256', 'ES256');
const rs256 = await jwt('rsa', 'RS256');
const cut = (token, length) => {
  const [header, claims, signature] = token.split('.');
  return `${header}.${claims}.${Buffer.from(signature, 'base64url').subarray(0, length).toString('base64url')}`;
};
for (const [name, token, length] of [['ES256', es256, 64], ['RS256', rs256, 256]]) {
  for (const left of [0, 1, length / 2, length - 1]) add('signature', `${name}, ${left} bytes of the signature are left`, cut(token, left));
  const [header, claims, signature] = token.split('.');
  const bytes = Buffer.from(signature, 'base64url');
  add('malformed', `${name}, no signature and no dot`, `${header}.${claims}`);
  add('signature', `${name}, a byte more`, `${header}.${claims}.${Buffer.concat([bytes, Buffer.alloc(1)]).toString('base64url')}`);
  add('signature', `${name}, zeros`, `${header}.${claims}.${Buffer.alloc(length).toString('base64url')}`);
  add('signature', `${name}, ones`, `${header}.${claims}.${Buffer.alloc(length, 0xff).toString('base64url')}`);
  bytes[length - 1] ^= 1;
  add('signature', `${name}, a bit is another`, `${header}.${claims}.${bytes.toString('base64url')}`);
  add('signature', `${name}, another organisation`, `${header}.${encode({ ...good, organisation_id: 'globex' })}.${signature}`);
  add('signature', `${name}, another header`, `${encode({ alg: name, kid: name === 'ES256' ? 'p256' : 'rsa', typ: 'JWT', x: 1 })}.${claims}.${signature}`);
}
add('signature', 'ES256 in DER', sign('p256', { alg: 'ES256' }, good, 'sha256', { dsaEncoding: 'der' }));
add('signature', 'ES256 over SHA-512', sign('p256', { alg: 'ES256' }, good, 'sha512'));

// ---- headers and types
for (const crit of [['exp'], ['b64'], ['http://example.com/unknown'], [], 'exp', [1]]) add('critical', `crit ${JSON.stringify(crit)}`, sign('rsa', { alg: 'RS256', crit, b64: true, exp: now }, good));
add('type', 'a DPoP proof', await jwt('rsa', 'RS256', good, { typ: 'dpop+jwt' }));
add('type', 'a logout token', await jwt('rsa', 'RS256', good, { typ: 'logout+jwt' }));
add('type', 'a security event', await jwt('rsa', 'RS256', good, { typ: 'secevent+jwt' }));
add('type', 'an ID token', await jwt('rsa', 'RS256', { ...good, nonce: 'n', at_hash: 'h' }, { typ: 'JWT' }));
add('malformed', 'typ is a number', sign('rsa', { alg: 'RS256', typ: 1 }, good));
add('malformed', 'a member of the header twice', sign('rsa', '{"alg":"none","alg":"RS256","kid":"rsa"}', good));
add('malformed', 'a header that is a list', sign('rsa', '["RS256"]', good));
add('malformed', 'a header that is no JSON', sign('rsa', 'RS256', good));
add('malformed', 'a header with a comment', sign('rsa', '{"alg":"RS256"/**/}', good));
add('malformed', 'encrypted (JWE)', await new CompactEncrypt(Buffer.from(JSON.stringify(good))).setProtectedHeader({ alg: 'RSA-OAEP', enc: 'A128GCM' })
  .encrypt(crypto.createPublicKey(spki)));

// ---- claims
const claim = async (expected, name, change) => add(expected, name, sign('rsa', { alg: 'RS256', typ: 'at+jwt' }, { ...good, ...change }));
await claim('claim_type', 'exp is a text', { exp: String(now + 600) });
await claim('claim_type', 'exp is a list', { exp: [now + 600] });
await claim('claim_type', 'exp is null', { exp: null });
await claim('claim_type', 'exp is true', { exp: true });
await claim('missing_claim', 'no exp', { exp: undefined });
await claim('expired', 'expired', { exp: now - 31 });
await claim('expired', 'expired before 1970', { exp: -1e300 });
await claim('ok', 'exp beyond all bounds', { exp: 1e300 });
await claim('not_yet_valid', 'nbf in the future', { nbf: now + 60 });
await claim('claim_type', 'nbf is a text', { nbf: 'now' });
await claim('not_yet_valid', 'iat in the future', { iat: now + 600 });
await claim('issuer', 'another issuer with the same keys', { iss: 'https://other.example' });
await claim('issuer', 'the issuer with a slash', { iss: `${issuer}/` });
await claim('claim_type', 'iss is a list', { iss: [issuer] });
await claim('missing_claim', 'no iss', { iss: undefined });
await claim('audience', 'another audience', { aud: 'https://other.example' });
await claim('audience', 'other audiences', { aud: ['https://other.example', `${audience}/`] });
await claim('audience', 'no audience in the list', { aud: [] });
await claim('claim_type', 'aud is an object', { aud: { [audience]: true } });
await claim('claim_type', 'aud has a number', { aud: [audience, 1] });
await claim('missing_claim', 'no aud', { aud: undefined });
await claim('missing_claim', 'nobody', { sub: undefined });
await claim('claim_type', 'the organisation is a list', { organisation_id: ['acme', 'globex'] });
await claim('claim_type', 'the organisation is empty', { organisation_id: '' });
await claim('claim_type', 'the organisation has a line break', { organisation_id: 'acme\nglobex' });
await claim('claim_type', 'scope is an object', { scope: { admin: true } });
add('malformed', 'a claim twice', sign('rsa', { alg: 'RS256' }, `{"exp":1,${JSON.stringify(good).slice(1)}`));
add('malformed', 'claims that are a list', sign('rsa', { alg: 'RS256' }, '[]'));
add('malformed', 'claims that are no JSON', sign('rsa', { alg: 'RS256' }, '<xml/>'));
add('malformed', 'no claims', sign('rsa', { alg: 'RS256' }, ''));

// ---- the text around
add('malformed', 'nothing', '');
add('malformed', 'dots', '..');
add('malformed', 'a fourth part', `${rs256}.AAAA`);
add('malformed', 'padding', `${rs256}==`);
add('malformed', 'base64 instead of base64url', rs256.split('.').map((part) => Buffer.from(part, 'base64url').toString('base64')).join('.'));
add('malformed', 'a space before', ` ${rs256}`);
add('malformed', 'a line break after', `${rs256}\n`);
add('malformed', 'the JSON serialization', JSON.stringify({ protected: rs256.split('.')[0], payload: rs256.split('.')[1], signature: rs256.split('.')[2] }));
add('too_long', 'a megabyte of claims', sign('rsa', { alg: 'RS256' }, { ...good, groups: 'x'.repeat(1 << 20) }));
add('too_long', 'a megabyte of dots', '.'.repeat(1 << 20));

process.stdout.write(JSON.stringify({ jwks: { keys: published }, tokens }));
