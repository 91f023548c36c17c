/** Who reads all that Redis holds learns nobody's name, address or secret, and finds nothing that could be presented. */

import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Redis } from 'ioredis';
import { atCodePage, signIn } from '../flow/journey.ts';
import { roomy, startKapu, type TestKapu } from '../support/kapu.ts';
import { type RedisServer, startRedis } from '../support/redis.ts';
import type { RelyingParty } from '../support/relying-party.ts';
import { seen } from '../support/secrets.ts';

let redis: RedisServer;
let kapu: TestKapu;
let service: RelyingParty;

beforeAll(async () => {
  redis = await startRedis();
  kapu = await startKapu({
    change(settings) {
      roomy(settings);
      settings.state = { kind: 'redis', url: redis.url, prefix: 'kapu:', commandPatience: 1000 };
    },
  });
  service = await kapu.service({ scope: 'openid profile email offline_access' });
});
afterAll(async () => {
  await kapu.stop();
  await redis.stop();
});

/** Everything that the server holds, as texts: keys, names of fields, values. */
async function dump(client: Redis): Promise<{ keys: string[]; texts: string[] }> {
  const keys = await client.keys('*');
  const held = await Promise.all(
    keys.map(async (key) => {
      if ((await client.type(key)) === 'string') return [(await client.get(key))!];
      return Object.entries(await client.hgetall(key)).flat();
    }),
  );
  return { keys, texts: [...keys, ...held.flat()] };
}

test('a dump holds nothing that tells or opens anything', async () => {
  // One person signed in at plus, with a refresh token; one request pushed; one sign-in at the code, one at a wrong password.
  const agent = kapu.agent();
  const { tokens, claims, page } = await signIn(kapu, service, agent, { acr_values: 'plus', prompt: 'consent' });
  const userinfo = await fetch(`${kapu.issuer}/userinfo`, {
    headers: { authorization: `Bearer ${tokens.access_token}` },
  });
  const waiting = await atCodePage(kapu, service, 'john');
  const typed = await kapu.codeFor(waiting.page);
  const wrong = kapu.agent();
  const { page: form } = await service.visit(wrong);
  await wrong.submit(form, { username: 'bela', password: 'a wrong password' });
  const { url } = await service.ask();
  const pushed = await fetch(`${kapu.issuer}/request`, { method: 'POST', body: url.searchParams });
  const { request_uri: requestUri } = (await pushed.json()) as { request_uri: string };

  const { keys, texts } = await dump(redis.client);
  const kinds = new Set(keys.map((key) => /^kapu:([\w-]+):/.exec(key)?.[1]));
  expect([...kinds]).toEqual(
    expect.arrayContaining(['Session', 'Grant', 'AuthorizationCode', 'RefreshToken', 'Interaction', 'throttle']),
  );
  for (const key of keys) expect(key).toMatch(/^kapu:([A-Z][A-Za-z]+|[a-z-]+):[\w-]{32}$|^kapu:ready:\{\w+\}$/);

  const people = await Promise.all(['anna', 'john', 'bela'].map((name) => kapu.records.accounts.findByUsername(name)));
  const facts = people.flatMap((person) => [
    person!.username,
    person!.id,
    person!.name!,
    ...(person!.email ? [person!.email] : []),
  ]);
  const told = Object.values((await userinfo.json()) as object).filter((value) => typeof value === 'string');
  const secrets = [
    ...kapu.secrets,
    ...facts,
    ...told,
    typed,
    claims.sub,
    String(claims.sid ?? claims.sub),
    'a wrong password',
  ];
  secrets.push(
    page.url.searchParams.get('code')!,
    requestUri.split(':').at(-1)!,
    uidOf(waiting.page.url),
    uidOf(form.url),
  );
  expect(secrets.length).toBeGreaterThan(30);
  const readable = texts.flatMap((text) => [text, Buffer.from(text, 'base64url').toString('latin1')]);
  const found = secrets.filter((secret) => secret.length > 3 && readable.some((text) => text.includes(secret)));
  expect(found).toEqual([]);

  const strings = [...new Set(texts.flatMap((text) => [text, ...text.split(':'), text.slice(16)]))].filter(Boolean);
  expect(strings.length).toBeGreaterThan(30);
  expect((await Promise.all(strings.map(opens))).filter(Boolean)).toEqual([]);
  // They have opened nothing: the name of an authorization may stand in the audit.
  for (const text of strings) seen.forget(text);

  // And all that was tried has harmed nobody.
  expect((await refresh(tokens.refresh_token!)).status).toBe(200);
  const done = await waiting.agent.submit(waiting.page, { code: typed });
  expect((await waiting.asked.redeem(done.url)).claims.acr).toBe('plus');
});

function uidOf(url: URL): string {
  return url.pathname.split('/')[2]!;
}

const token = (fields: Record<string, string>) =>
  fetch(`${kapu.issuer}/token`, { method: 'POST', body: new URLSearchParams({ client_id: 'demo-native', ...fields }) });
const refresh = (refreshToken: string) => token({ grant_type: 'refresh_token', refresh_token: refreshToken });

/** What `text` opens when it is presented as anything that is kept; undefined when nothing. */
async function opens(text: string): Promise<string | undefined> {
  const asCode = {
    grant_type: 'authorization_code',
    code: text,
    redirect_uri: service.redirectUri,
    code_verifier: 'v'.repeat(43),
  };
  if ((await token(asCode)).ok) return `code ${text}`;
  if ((await refresh(text)).ok) return `refresh token ${text}`;
  const header = (name: string, value: string) => ({ [name]: value.replaceAll(/[^ -~]/g, '') });
  const bearer = await fetch(`${kapu.issuer}/userinfo`, { headers: header('authorization', `Bearer ${text}`) });
  if (bearer.ok) return `access token ${text}`;
  const { url } = await service.ask({ prompt: 'none' });
  for (const cookie of [`kapu-session=${text}`, `kapu-session=${text}; kapu-session.sig=${text}`]) {
    const answer = await fetch(url, { redirect: 'manual', headers: header('cookie', cookie) });
    if (!answer.headers.get('location')?.includes('error=login_required')) return `session ${text}`;
  }
  const page = `${kapu.issuer}/interaction/${encodeURIComponent(text)}`;
  const visit = await fetch(page, { redirect: 'manual', headers: header('cookie', `kapu-interaction=${text}`) });
  if (visit.status < 400) return `interaction ${text}`;
  const parameters = { client_id: 'demo-native', request_uri: `urn:ietf:params:oauth:request_uri:${text}` };
  const asked = await fetch(`${kapu.issuer}/auth?${new URLSearchParams(parameters)}`, { redirect: 'manual' });
  return asked.headers.get('location')?.includes('/interaction/') ? `request ${text}` : undefined;
}
