// The issuer that oauth2-mock-server makes: other code, other claims, other headers than those of oidc-provider. It believes
// every client. It cannot take a key back, so new keys are a new server at the same address.
import { OAuth2Server } from 'oauth2-mock-server';
import { privateKey } from './keys.mjs';

export class Issuer {
  constructor(settings) {
    Object.assign(this, settings);
  }

  get url() {
    return this.server.issuer.url;
  }

  get tokenUrl() {
    return `${this.url}/token`;
  }

  async setKeys(names) {
    this.keys = await Promise.all(names.map(privateKey));
    if (this.port) {
      await this.close();
      await this.listen(this.port);
    }
  }

  async listen(port) {
    this.server = new OAuth2Server();
    for (const key of this.keys) await this.server.issuer.keys.add(key);
    this.server.service.on('beforeTokenSigning', (token, request) => this.#sign(token.payload, request));
    await this.server.start(port || undefined, '127.0.0.1');
    this.port = this.server.address().port;
  }

  async close() {
    await this.server.stop();
  }

  #sign(claims, request) {
    const basic = Buffer.from((request.headers.authorization ?? '').replace(/^Basic /, ''), 'base64').toString();
    const id = basic.split(':')[0] || request.body.client_id;
    const client = this.clients.find((known) => known.id === id);
    Object.assign(claims, { aud: [this.audience], azp: id, [this.organisationClaim]: client?.organisation });
    claims.exp = claims.iat + this.lifetime;
  }
}
