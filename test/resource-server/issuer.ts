/** An issuer for tests: discovery and a key set on loopback, which can go away, and tokens of any kind. */

import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type CryptoKey, exportJWK, generateKeyPair, type JWK, type JWTPayload, SignJWT } from 'jose';

export const audience = 'https://tax.example/api';

export interface SigningKey {
  kid: string;
  alg: string;
  privateKey: CryptoKey;
  publicKey: CryptoKey;
}

export async function newKey(kid: string, alg = 'ES256'): Promise<SigningKey> {
  return { kid, alg, ...(await generateKeyPair(alg, { extractable: true })) };
}

export class TestIssuer {
  readonly url: string;
  /** Paths that were asked for. */
  readonly requests: string[] = [];
  /** Whether connections break off. */
  down = false;
  /** Answers in the place of the usual ones, by path. */
  readonly instead = new Map<string, (res: ServerResponse) => void>();
  keys: SigningKey[];
  readonly #stop: () => Promise<void>;

  static async start(...keys: SigningKey[]): Promise<TestIssuer> {
    const server = createServer();
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const issuer = new TestIssuer(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, keys, async () => {
      server.closeAllConnections();
      await new Promise((stopped) => server.close(stopped));
    });
    server.on('request', async (req, res) => {
      if (issuer.down) return req.destroy();
      const path = req.url!;
      issuer.requests.push(path);
      const instead = issuer.instead.get(path);
      if (instead) return instead(res);
      const answers: Record<string, () => unknown> = {
        '/.well-known/openid-configuration': () => ({ issuer: issuer.url, jwks_uri: `${issuer.url}/jwks` }),
        '/jwks': async () => ({ keys: await Promise.all(issuer.keys.map(publicJwk)) }),
      };
      const answer = answers[path];
      res.writeHead(answer ? 200 : 404, { 'content-type': 'application/json' });
      res.end(JSON.stringify(await answer?.()));
    });
    return issuer;
  }

  private constructor(url: string, keys: SigningKey[], stop: () => Promise<void>) {
    this.url = url;
    this.keys = keys;
    this.#stop = stop;
  }

  /** A good access token at `now` for `audience`, then changed by `claims` (undefined takes one away) and `header`. */
  async token(
    now: Date,
    claims: Record<string, unknown> = {},
    header: Record<string, unknown> = {},
    key: SigningKey = this.keys[0]!,
  ): Promise<string> {
    const { kid, alg, privateKey } = key;
    const crit = Object.fromEntries(((header.crit ?? []) as string[]).map((name) => [name, true]));
    return new SignJWT({ ...this.claims(now), ...claims } as JWTPayload)
      .setProtectedHeader({ alg, kid, typ: 'at+jwt', ...header })
      .sign(privateKey, { crit });
  }

  /** The claims of a good access token of a fresh sign-in at plus. */
  claims(now: Date): Record<string, unknown> {
    const at = Math.floor(now.getTime() / 1000);
    return {
      iss: this.url,
      aud: audience,
      sub: 'person',
      client_id: 'service',
      jti: 'one',
      iat: at,
      exp: at + 600,
      scope: 'tax.read',
      acr: 'plus',
      auth_time: at - 60,
    };
  }

  stop(): Promise<void> {
    return this.#stop();
  }
}

export async function publicJwk({ kid, alg, publicKey }: SigningKey): Promise<JWK> {
  return { ...(await exportJWK(publicKey)), kid, alg, use: 'sig' };
}

/** A header and claims as they stand in a token. */
export function encoded(part: object): string {
  return Buffer.from(JSON.stringify(part)).toString('base64url');
}
