import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import Koa from 'koa';
import { requireLevel as connectLevel, type RequestWithToken } from '../../src/resource-server/express.ts';
import type { GateOptions } from '../../src/resource-server/gate.ts';
import { issuerKeys, KeysUnavailable } from '../../src/resource-server/keys.ts';
import { requireLevel as koaLevel } from '../../src/resource-server/koa.ts';
import type { Refusal } from '../../src/resource-server/token.ts';
import { audience, newKey, TestIssuer } from './issuer.ts';

const key = await newKey('first');
let issuer: TestIssuer;
const servers: Server[] = [];
let refusals: Refusal[] = [];

beforeAll(async () => {
  issuer = await TestIssuer.start(key);
});
afterAll(async () => {
  for (const server of servers) server.closeAllConnections();
  await Promise.all(servers.map((server) => new Promise((closed) => server.close(closed))));
  await issuer?.stop();
});

/** An API behind the middleware; it answers with what the middleware found in the token. */
type Start = (options: GateOptions) => RequestListener;

const onKoa: Start = (options) => {
  const app = new Koa();
  app.silent = true;
  app.use(koaLevel(options));
  app.use((ctx) => {
    ctx.body = ctx.state.token;
  });
  return app.callback();
};

const onConnect: Start = (options) => {
  const level = connectLevel(options);
  return (req, res) =>
    level(req, res, (fault) => {
      if (fault) return res.writeHead(500).end();
      res.setHeader('content-type', 'application/json').end(JSON.stringify((req as RequestWithToken).token));
    });
};

async function serve(start: Start, options: Partial<GateOptions>): Promise<number> {
  const report = (refusal: Refusal) => void refusals.push(refusal);
  const server = createServer(start({ issuer: issuer.url, audience, report, ...options }));
  await once(server.listen(0, '127.0.0.1'), 'listening');
  servers.push(server);
  refusals = [];
  return (server.address() as AddressInfo).port;
}

async function ask(port: number, token?: string) {
  const response = await fetch(`http://127.0.0.1:${port}/`, {
    headers: token === undefined ? {} : { authorization: `Bearer ${token}` },
  });
  const { status, headers } = response;
  return { status, headers, challenge: headers.get('www-authenticate'), body: await response.json() };
}

describe.each<[string, Start]>([
  ['Koa', onKoa],
  ['Express and Connect', onConnect],
])('%s', (_framework, start) => {
  const now = () => new Date();

  test('a good token goes on, with its facts', async () => {
    const { status, body } = await ask(
      await serve(start, { acrValues: ['plus'], maxAge: 300 }),
      await issuer.token(now()),
    );
    expect({ status, body }).toMatchObject({
      status: 200,
      body: { sub: 'person', clientId: 'service', acr: 'plus', scope: ['tax.read'] },
    });
    expect(refusals).toEqual([]);
  });

  test('no token: 401, and a challenge without an error', async () => {
    const answer = await ask(await serve(start, { acrValues: ['plus'] }));
    expect(answer.status).toBe(401);
    expect(answer.challenge).toBe(`Bearer realm="${audience}"`);
    expect(answer.headers.get('cache-control')).toBe('no-store');
  });

  test('a token in the query or in the body is none (RFC 9700, 4.3.2)', async () => {
    const port = await serve(start, {});
    const token = await issuer.token(now());
    const inQuery = await fetch(`http://127.0.0.1:${port}/?access_token=${token}`);
    const inBody = await fetch(`http://127.0.0.1:${port}/`, {
      method: 'POST',
      body: new URLSearchParams({ access_token: token }),
    });
    expect([inQuery.status, inBody.status]).toEqual([401, 401]);
  });

  test('a weak sign-in: 401, the levels in order of wish, and the age (RFC 9470, 3)', async () => {
    const port = await serve(start, { acrValues: ['plus', 'high'], maxAge: 300 });
    const answer = await ask(port, await issuer.token(now(), { acr: 'basic' }));
    expect(answer.status).toBe(401);
    expect(answer.challenge).toBe(
      'Bearer error="insufficient_user_authentication", ' +
        'error_description="a different authentication level is required", acr_values="plus high", max_age="300"',
    );
    expect(answer.body).toMatchObject({ error: 'insufficient_user_authentication' });
  });

  test('an old sign-in: 401, max_age alone where no level is required', async () => {
    const port = await serve(start, { maxAge: 0, clockTolerance: 0 });
    const answer = await ask(port, await issuer.token(now()));
    expect(answer.status).toBe(401);
    expect(answer.challenge).toBe(
      'Bearer error="insufficient_user_authentication", ' +
        'error_description="a more recent authentication is required", max_age="0"',
    );
  });

  test('a weak sign-in without the scope: the challenge names the scope too', async () => {
    const port = await serve(start, { acrValues: ['plus'], scopes: ['tax.write'] });
    const answer = await ask(port, await issuer.token(now(), { acr: 'basic' }));
    expect(answer.status).toBe(401);
    expect(answer.challenge).toContain('scope="tax.write"');
  });

  test('a missing scope: 403 (RFC 6750, 3.1)', async () => {
    const port = await serve(start, { acrValues: ['plus'], scopes: ['tax.read', 'tax.write'] });
    const answer = await ask(port, await issuer.token(now()));
    expect(answer.status).toBe(403);
    expect(answer.challenge).toBe(
      'Bearer error="insufficient_scope", error_description="the access token lacks a scope", scope="tax.read tax.write"',
    );
  });

  test('a bad token: 401 invalid_token, without a word on levels', async () => {
    const port = await serve(start, { acrValues: ['plus'], maxAge: 300 });
    const answer = await ask(port, await issuer.token(now(), { exp: 1 }));
    expect(answer.status).toBe(401);
    expect(answer.challenge).toBe('Bearer error="invalid_token", error_description="the access token has expired"');
  });

  test('a header that cannot be read: 400', async () => {
    const answer = await ask(await serve(start, {}), 'two words');
    expect(answer.status).toBe(400);
    expect(answer.challenge).toContain('error="invalid_request"');
  });

  test('no keys: 503 with Retry-After, and the reason for the log alone', async () => {
    const port = await serve(start, { issuer: 'http://127.0.0.1:1' });
    const answer = await ask(port, await issuer.token(now(), { iss: 'http://127.0.0.1:1' }));
    expect(answer.status).toBe(503);
    expect(answer.headers.get('retry-after')).toBe('5');
    expect(answer.challenge).toBeNull();
    expect(JSON.stringify(answer.body)).not.toContain('fetch');
    expect(refusals).toEqual([
      { kind: 'keys-unavailable', cause: expect.objectContaining({ message: 'fetch failed' }) },
    ]);
  });

  test('keys that are handed in are used', async () => {
    const keys = issuerKeys({ issuer: issuer.url });
    const [one, other] = [await serve(start, { keys }), await serve(start, { keys, acrValues: ['plus'] })];
    issuer.requests.length = 0;
    const token = await issuer.token(now());
    expect([(await ask(one, token)).status, (await ask(other, token)).status]).toEqual([200, 200]);
    expect(issuer.requests.filter((path) => path === '/jwks')).toHaveLength(1);
  });

  test('a fault is a fault: 500, and the next middleware does not run as if nothing were', async () => {
    const keys = () => Promise.reject(new Error('broken'));
    const port = await serve(start, { keys });
    const response = await fetch(`http://127.0.0.1:${port}/`, {
      headers: { authorization: `Bearer ${await issuer.token(now())}` },
    });
    expect(response.status).toBe(500);
  });

  test('an error thrown by hand-made keys as unavailable is 503', async () => {
    const keys = () => Promise.reject(new KeysUnavailable('no'));
    expect((await ask(await serve(start, { keys }), await issuer.token(now()))).status).toBe(503);
  });

  test('a requirement of no sense is refused when the middleware is made', () => {
    expect(() => start({ issuer: issuer.url, audience, acrValues: [] })).toThrow(TypeError);
  });
});

describe.each<[string, Start]>([
  ['Koa', onKoa],
  ['Express and Connect', onConnect],
])('%s: nothing from a token gets into the headers', (_framework, start) => {
  const evil = 'x"\r\nSet-Cookie: session=stolen\r\n\r\n<script>\u2028é, Bearer error="insufficient_scope"';

  test.each<[string, Record<string, unknown>, Record<string, unknown>]>([
    ['acr', { acr: evil }, {}],
    ['scope', { scope: evil, acr: 'plus' }, {}],
    ['iss', { iss: evil }, {}],
    ['aud', { aud: evil }, {}],
    ['kid', {}, { kid: evil }],
    ['typ', {}, { typ: evil }],
    ['a key of the claims', { [evil]: evil, exp: 1 }, {}],
  ])('%s', async (_where, claims, header) => {
    const port = await serve(start, { acrValues: ['plus'], scopes: ['tax.admin'] });
    const token = await issuer.token(new Date(), claims, header);
    const raw = await rawAnswer(
      port,
      `GET / HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer ${token}\r\nConnection: close\r\n\r\n`,
    );
    expect(raw).toMatch(/^HTTP\/1\.1 40[13] /);
    expect(raw).not.toMatch(/stolen|<script|set-cookie/i);
    expect(raw.match(/www-authenticate: .*/gi)).toHaveLength(1);
  });

  test('nor from the Authorization header', async () => {
    const port = await serve(start, {});
    const raw = await rawAnswer(
      port,
      'GET / HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer a"b, stolen="c"\r\nConnection: close\r\n\r\n',
    );
    expect(raw).toMatch(/^HTTP\/1\.1 400 /);
    expect(raw).not.toContain('stolen');
  });
});

/** The answer as it comes over the wire. */
async function rawAnswer(port: number, request: string): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  socket.write(request);
  let text = '';
  for await (const chunk of socket) text += chunk;
  return text;
}
