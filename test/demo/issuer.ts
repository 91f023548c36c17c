/** An issuer of a few lines, that says what a test tells it to say: for what Kapu itself would never do. */

import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair, type JWTPayload, SignJWT } from 'jose';

export interface Issuer {
  url: string;
  /** The claims of the next ID token, beside those that every token has. */
  say(claims: JWTPayload): void;
  stop(): Promise<void>;
}

export async function startIssuer(clientId: string, port = 0): Promise<Issuer> {
  const { publicKey, privateKey } = await generateKeyPair('ES256');
  const key = { ...(await exportJWK(publicKey)), alg: 'ES256', use: 'sig', kid: 'test' };
  const person = {
    sub: 'person',
    name: 'Szabóné Kiss <Anna>',
    email: 'anna@demo.example',
    birthdate: '1985-04-12',
  };
  let claims: JWTPayload = {};

  const server = createServer(async (request, response) => {
    const answers: Record<string, () => unknown> = {
      '/.well-known/openid-configuration': () => ({
        issuer: url,
        authorization_endpoint: `${url}/auth`,
        token_endpoint: `${url}/token`,
        end_session_endpoint: `${url}/session/end`,
        jwks_uri: `${url}/jwks`,
        id_token_signing_alg_values_supported: ['ES256'],
      }),
      '/jwks': () => ({ keys: [key] }),
      '/token': async () => ({ access_token: 'at', token_type: 'Bearer', id_token: await token() }),
    };
    send(response, await answers[request.url ?? '']?.());
  });
  await once(server.listen(port, 'localhost'), 'listening');
  const url = `http://localhost:${(server.address() as AddressInfo).port}`;

  const token = () =>
    new SignJWT({ ...person, ...claims })
      .setProtectedHeader({ alg: 'ES256', kid: 'test' })
      .setIssuer(url)
      .setAudience(clientId)
      .setIssuedAt()
      .setExpirationTime('5m')
      .sign(privateKey);

  return {
    url,
    say: (next) => {
      claims = next;
    },
    async stop() {
      server.closeAllConnections();
      await new Promise((stopped) => server.close(stopped));
    },
  };
}

function send(response: ServerResponse, body: unknown): void {
  response.writeHead(body ? 200 : 404, { 'content-type': 'application/json' });
  response.end(JSON.stringify(body ?? {}));
}
