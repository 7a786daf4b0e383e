// An issuer of access tokens on this machine, for tests, demos, and people who try the service with identity on.
//
//   openapi/tool npm tests/issuer
//   openapi/tool node tests/issuer/main.mjs --port 9000
//
//   --port PORT             where it listens; 0, the default, is any free port
//   --audience NAME         for whom the tokens are: `aud`; by default http://localhost:8080
//   --organisation NAME     a client that belongs to it, with NAME as its id and NAME-secret as its secret; any number of
//                           them, by default acme and globex
//   --organisation-claim C  the claim that names it, by default organisation_id
//   --scopes 'A B'          what may be asked for, by default payments:read payments:write admin
//   --lifetime SECONDS      how long a token is valid, by default 3600
//   --issuer oauth2-mock    another implementation; the default, oidc-provider, is certified by the OpenID Foundation
//   --control               takes commands from standard input and answers each with a line: control.mjs has them.
//                           The end of input ends the program, so that it does not outlive a test
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';

// Libraries greet there, and warn that they are set up for tests.
console.info = console.warn = console.log = () => {};
const say = (line) => process.stdout.write(`${line}\n`);

const text = (value) => ({ type: 'string', default: value });
const { values } = parseArgs({
  options: {
    port: text('0'),
    audience: text('http://localhost:8080'),
    organisation: { type: 'string', multiple: true, default: ['acme', 'globex'] },
    'organisation-claim': text('organisation_id'),
    scopes: text('payments:read payments:write admin'),
    lifetime: text('3600'),
    issuer: text('oidc-provider'),
    control: { type: 'boolean', default: false },
  },
});
const implementations = { 'oidc-provider': './oidc-provider.mjs', 'oauth2-mock': './oauth2-mock.mjs' };
if (!(values.issuer in implementations)) {
  console.error(`--issuer must be one of ${Object.keys(implementations).join(', ')}, not ${values.issuer}`);
  process.exit(2);
}

const { Issuer } = await import(implementations[values.issuer]);
const issuer = new Issuer({
  audience: values.audience,
  clients: values.organisation.map((name) => ({ id: name, secret: `${name}-secret`, organisation: name })),
  organisationClaim: values['organisation-claim'],
  scopes: values.scopes,
  lifetime: Number(values.lifetime),
});
await issuer.setKeys(['rs256-1']);
await issuer.listen(Number(values.port));

if (values.control) {
  const { control } = await import('./control.mjs');
  say(JSON.stringify({ issuer: issuer.url, token: issuer.tokenUrl }));
  for await (const line of createInterface({ input: process.stdin })) say(await control(issuer, line));
  process.exit(0);
} else {
  const [client] = issuer.clients;
  say(`The issuer is at ${issuer.url}; Ctrl-C stops it. Its tokens are for ${issuer.audience}.`);
  for (const { id, secret, organisation } of issuer.clients) {
    say(`  client ${id}, secret ${secret}: ${issuer.organisationClaim} ${organisation}`);
  }
  say('\nThis gets a token:\n');
  say(`  curl -s ${issuer.tokenUrl} -u ${client.id}:${client.secret} \\`);
  say(`    -d grant_type=client_credentials -d 'scope=${issuer.scopes}'`);
}
