// The issuer that oidc-provider makes. It reads its keys once, so new keys are a new provider behind the same address; no
// token depends on the old one, because all are JWTs.
import { createServer } from 'node:http';
import { once } from 'node:events';
import Provider from 'oidc-provider';
import { privateKey } from './keys.mjs';

export class Issuer {
  constructor(settings) {
    Object.assign(this, settings);
  }

  get url() {
    return `http://127.0.0.1:${this.port}`;
  }

  get tokenUrl() {
    return `${this.url}/token`;
  }

  async setKeys(names) {
    this.keys = await Promise.all(names.map(privateKey));
    if (this.port) this.#provide();
  }

  async listen(port) {
    this.server = createServer((request, response) => this.handle(request, response));
    this.server.listen(port, '127.0.0.1');
    await once(this.server, 'listening');
    this.port = this.server.address().port;
    this.#provide();
  }

  async close() {
    const closed = once(this.server, 'close');
    this.server.close();
    this.server.closeAllConnections();
    await closed;
  }

  #provide() {
    const provider = new Provider(this.url, this.#configuration());
    provider.on('server_error', (_, error) => console.error(error));
    this.handle = provider.callback();
  }

  #configuration() {
    const [{ alg, kid }] = this.keys;
    const organisations = new Map(this.clients.map(({ id, organisation }) => [id, organisation]));
    return {
      jwks: { keys: this.keys },
      // There are no ID tokens here, but what may sign them may sign access tokens.
      enabledJWA: { idTokenSigningAlgValues: this.keys.map((key) => key.alg) },
      clients: this.clients.map(({ id, secret }) => ({
        client_id: id,
        client_secret: secret,
        grant_types: ['client_credentials'],
        redirect_uris: [],
        response_types: [],
        id_token_signed_response_alg: alg,
      })),
      scopes: this.scopes.split(' '),
      // A page in a browser may ask for tokens, as the documentation's page does.
      clientBasedCORS: () => true,
      extraTokenClaims: (_, token) => ({ [this.organisationClaim]: organisations.get(token.clientId) }),
      features: {
        clientCredentials: { enabled: true },
        devInteractions: { enabled: false },
        resourceIndicators: {
          enabled: true,
          defaultResource: () => this.audience,
          useGrantedResource: () => true,
          getResourceServerInfo: () => ({
            audience: this.audience,
            scope: this.scopes,
            accessTokenFormat: 'jwt',
            accessTokenTTL: this.lifetime,
            jwt: { sign: { alg, kid } },
          }),
        },
      },
    };
  }
}
