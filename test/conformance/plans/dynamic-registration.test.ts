/** The plan for services that register themselves, from outside (RFC 7591, RFC 7592; OpenID Connect Dynamic Client Registration 1.0). */

import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { invite } from '../../../src/commands/client.ts';
import { createRegistrationTokens } from '../../../src/oidc/clients/registration-tokens.ts';
import { signIn } from '../../flow/journey.ts';
import { testClock } from '../../support/clock.ts';
import { roomy, startKapu, type TestKapu } from '../../support/kapu.ts';
import { makeKeys } from '../client.ts';
import { type Answer, read, wire } from '../wire.ts';

const clock = testClock();
let kapu: TestKapu;
const redirect = 'http://127.0.0.1:45454/callback';
const asked = { redirect_uris: [redirect], client_name: 'Library', application_type: 'native' };

beforeAll(async () => {
  kapu = await startKapu({
    clock,
    change(settings) {
      roomy(settings);
      settings.registration = { enabled: true };
    },
  });
});
afterAll(async () => {
  expect(await kapu.leaks()).toEqual([]);
  await kapu.stop();
});

const tokens = () => createRegistrationTokens(kapu.settings.secrets.pairwiseSalt);
function invitation(uses = 1, life = 3600): string {
  const token = tokens().invite({ id: randomUUID(), uses, until: new Date(clock.now().getTime() + life * 1000) });
  kapu.secrets.add(token);
  return token;
}
async function send(method: string, url: string, token?: string, body?: unknown): Promise<Answer> {
  const headers = { 'content-type': 'application/json', ...(token && { authorization: `Bearer ${token}` }) };
  const text = body === undefined ? undefined : typeof body === 'string' ? body : JSON.stringify(body);
  return read(await wire()(url.startsWith('/') ? `${kapu.issuer}${url}` : url, { method, headers, body: text }));
}
const register = (body: unknown, token = invitation()) => send('POST', '/reg', token, body);

interface Own {
  id: string;
  uri: string;
  token: string;
  body: Answer['body'];
}
async function own(more: object = {}): Promise<Own> {
  const { status, body, text } = await register({ ...asked, ...more });
  if (status !== 201) throw new Error(text);
  const token = String(body.registration_access_token);
  kapu.secrets.add(token);
  if (body.client_secret) kapu.secrets.add(String(body.client_secret));
  return { id: String(body.client_id), uri: String(body.registration_client_uri), token, body };
}
const eventsOf = async (clientId: string) =>
  (await kapu.records.audit.list({ limit: 1000 }))
    .filter((entry) => entry.clientId === clientId)
    .map(({ event }) => event);

describe('registering', () => {
  test('discovery names the endpoint', async () => {
    const { body } = await read(await wire()(`${kapu.issuer}/.well-known/openid-configuration`));
    expect(body.registration_endpoint).toBe(`${kapu.issuer}/reg`);
  });

  test('with an invitation: all that was made of it, and a secret', async () => {
    const { status, headers, body } = await register(asked);
    kapu.secrets.add(String(body.client_secret));
    kapu.secrets.add(String(body.registration_access_token));
    expect([status, headers.get('cache-control')]).toEqual([201, 'no-store']);
    expect(body).toEqual({
      ...asked,
      client_id: expect.stringMatching(/^dyn-[\w-]{22}$/),
      client_uri: 'http://127.0.0.1:45454/',
      first_party: false,
      client_secret: expect.stringMatching(/^[\w-]{43}$/),
      client_secret_expires_at: 0,
      client_id_issued_at: expect.any(Number),
      registration_access_token: expect.any(String),
      registration_client_uri: `${kapu.issuer}/reg/${body.client_id}`,
    });
    expect(await eventsOf(String(body.client_id))).toEqual(['registration.added']);
  });

  test('and it signs people in, who are asked for consent', async () => {
    const { id, body } = await own();
    const service = await kapu.service({ clientId: id, secret: String(body.client_secret) });
    const { steps, claims } = await signIn(kapu, service, kapu.agent());
    expect([steps, claims.aud]).toEqual([['password', 'consent'], id]);
  });

  test('without a secret, or with keys, where it asks for that', async () => {
    const open = await own({ token_endpoint_auth_method: 'none' });
    expect(open.body.client_secret).toBeUndefined();
    const signs = { token_endpoint_auth_method: 'private_key_jwt', jwks: { keys: [makeKeys().jwk] } };
    expect((await own(signs)).body.client_secret).toBeUndefined();
  });

  test('what is not known is left out; what is an operator’s does not count', async () => {
    const { body } = await own({
      ...{ software_id: 'x', client_secret: 'mine'.repeat(10), client_id: 'demo-service', first_party: true },
      ...{ profile: 'legacy', minimum_level: 'plus', resources: ['https://api.example/'], refresh_beyond_level: true },
    });
    expect(body).toMatchObject({ first_party: false, client_id: expect.stringMatching(/^dyn-/) });
    for (const name of ['software_id', 'profile', 'minimum_level', 'resources', 'refresh_beyond_level'])
      expect(body).not.toHaveProperty(name);
    expect(body.client_secret).not.toBe('mine'.repeat(10));
  });

  test.each<[string, object, string]>([
    ['no redirect', { redirect_uris: undefined }, 'invalid_redirect_uri'],
    ['http beyond this machine', { redirect_uris: ['http://evil.example/'] }, 'invalid_redirect_uri'],
    ['a fragment', { redirect_uris: ['https://lib.example/#x'] }, 'invalid_redirect_uri'],
    ['a wildcard', { redirect_uris: ['https://*.lib.example/'] }, 'invalid_redirect_uri'],
    ['javascript', { redirect_uris: ['javascript:alert(1)'] }, 'invalid_redirect_uri'],
    ['an implicit answer', { response_types: ['token'] }, 'invalid_client_metadata'],
    ["a machine's grant", { grant_types: ['client_credentials'] }, 'invalid_client_metadata'],
    ['an algorithm that is none', { id_token_signed_response_alg: 'none' }, 'invalid_client_metadata'],
    ['keys over http', { jwks_uri: 'http://10.0.0.1/jwks' }, 'invalid_client_metadata'],
    ['a private key', { jwks: { keys: [{ ...makeKeys().jwk, d: 'AA' }] } }, 'invalid_client_metadata'],
    ['a scope that is none', { scope: 'openid admin' }, 'invalid_client_metadata'],
    ['a level that is none', { default_acr_values: ['high'] }, 'invalid_client_metadata'],
  ])('%s is refused, and does not use the invitation up', async (_what, more, error) => {
    const token = invitation();
    const refused = await register({ ...asked, application_type: 'web', ...more }, token);
    expect([refused.status, refused.body.error]).toEqual([400, error]);
    expect(refused.body.error_description).toMatch(/\w/);
    const { status, body } = await register(asked, token);
    kapu.secrets.add(String(body.client_secret));
    expect(status).toBe(201);
  });

  test.each<[string, unknown]>([
    ['no JSON', '{'],
    ['a list', [asked]],
    ['a text', '"x"'],
    ['prototypes', '{"__proto__":{"first_party":true},"redirect_uris":["x"]}'],
  ])('a body that is %s', async (_what, body) => {
    expect((await register(body)).status).toBe(400);
  });
});

describe('invitations', () => {
  test('none, made up, changed, over', async () => {
    const good = invitation();
    const parts = good.split('.');
    const more = [...parts.slice(0, 2), '99', ...parts.slice(3)].join('.');
    const over = invitation(1, 60);
    await clock.pass(61_000);
    for (const token of [undefined, 'x', 'invitation.a.1.9999999999.b', more, `${good}x`, over]) {
      const { status, headers, body } = await send('POST', '/reg', token, asked);
      expect([status, body.error]).toEqual([401, 'invalid_token']);
      expect(headers.get('www-authenticate')).toContain('Bearer');
    }
  });

  test('for two services: not for a third, in parallel either', async () => {
    const token = invitation(2);
    const answers = await Promise.all(Array.from({ length: 8 }, () => register(asked, token)));
    for (const { body } of answers) if (body.client_secret) kapu.secrets.add(String(body.client_secret));
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(2);
    expect(answers.filter(({ body }) => body.error === 'invalid_token')).toHaveLength(6);
  });

  test('an operator makes one, which is written down; where registration is off, none', async () => {
    const said: string[] = [];
    const terminal = { out: (text: string) => void said.push(text), err: () => {}, read: async () => '' };
    const surroundings = { levels: kapu.settings.levels, methods: [] };
    const effects = { records: kapu.records, surroundings, terminal, now: clock.now };
    await invite({ uses: 1, life: 60 }, { ...effects, invitations: { enabled: true, tokens: tokens() } });
    kapu.secrets.add(said[0]!);
    const [entry] = await kapu.records.audit.list({ limit: 1 });
    expect(entry).toMatchObject({ event: 'registration.invited', detail: { by: 'operator', uses: '1' } });
    const { status, body } = await register(asked, said[0]);
    kapu.secrets.add(String(body.client_secret));
    expect(status).toBe(201);
    const off = { ...effects, invitations: { enabled: false, tokens: tokens() } };
    await expect(invite({ uses: 1, life: 60 }, off)).rejects.toThrow('do not register themselves');
  });

  test('a registration token is no invitation, and the other way round', async () => {
    const { uri, token } = await own();
    expect((await register(asked, token)).status).toBe(401);
    expect((await send('GET', uri, invitation())).status).toBe(401);
  });
});

describe('managing', () => {
  test('read: as it is', async () => {
    const { uri, token, body } = await own();
    const { client_id_issued_at: _, ...rest } = body;
    const answer = await send('GET', uri, token);
    expect([answer.status, answer.body]).toEqual([200, rest]);
  });

  test('change: in the place of what was, with the same secret; what an operator has set since stays', async () => {
    const { id, uri, token, body } = await own({ post_logout_redirect_uris: [redirect] });
    const record = (await kapu.records.clients.find(id))!;
    await kapu.records.clients.put(id, { ...record.metadata, minimum_level: 'plus' });
    const changed = { ...asked, client_id: id, client_name: 'Public library', minimum_level: 'basic' };
    const answer = await send('PUT', uri, token, changed);
    expect(answer.status).toBe(200);
    expect(answer.body).toMatchObject({
      ...{ client_name: 'Public library', minimum_level: 'plus', first_party: false },
      client_secret: body.client_secret,
    });
    expect(answer.body).not.toHaveProperty('post_logout_redirect_uris');
    expect((await eventsOf(id))[0]).toBe('registration.changed');
  });

  test.each<[string, object, number]>([
    ['another id', { client_id: 'demo-service' }, 400],
    ['another secret', { client_secret: 'x'.repeat(43) }, 400],
    ['the token', { registration_access_token: 'x' }, 400],
    ['what is refused', { redirect_uris: ['http://evil.example/'] }, 400],
  ])('a change with %s changes nothing', async (_what, more, status) => {
    const { id, uri, token } = await own();
    const before = await kapu.records.clients.find(id);
    expect((await send('PUT', uri, token, { ...asked, client_id: id, ...more })).status).toBe(status);
    expect(await kapu.records.clients.find(id)).toEqual(before);
  });

  test('remove: gone, and the token with it', async () => {
    const { id, uri, token } = await own();
    expect((await send('DELETE', uri, token)).status).toBe(204);
    expect(await kapu.records.clients.find(id)).toBeUndefined();
    expect((await send('GET', uri, token)).status).toBe(401);
    expect(await eventsOf(id)).toEqual(['registration.removed', 'registration.added']);
  });

  test('only by its own token', async () => {
    const [one, other] = [await own(), await own()];
    for (const method of ['GET', 'PUT', 'DELETE'])
      for (const token of [undefined, 'x', other.token])
        expect((await send(method, one.uri, token, method === 'PUT' ? asked : undefined)).status).toBe(401);
    expect((await send('GET', '/reg/demo-service', one.token)).status).toBe(401);
  });
});

test('where it is off there is nothing of it', async () => {
  const other = await startKapu({ change: roomy });
  const answer = await wire()(`${other.issuer}/reg`, { method: 'POST', body: '{}' });
  expect(answer.status).toBe(404);
  const { body } = await read(await wire()(`${other.issuer}/.well-known/openid-configuration`));
  expect(body).not.toHaveProperty('registration_endpoint');
  await other.stop();
});
