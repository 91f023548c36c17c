import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { type IssuerKeysOptions, issuerKeys } from '../../src/resource-server/keys.ts';
import { checkRequirement } from '../../src/resource-server/requirement.ts';
import { checkToken, type Outcome } from '../../src/resource-server/token.ts';
import { audience, newKey, TestIssuer } from './issuer.ts';

const discovery = '/.well-known/openid-configuration';
const first = await newKey('first');
const second = await newKey('second');

let issuer: TestIssuer;
/** The middleware's clock; jose keeps one of its own for what it has fetched. */
let time: Date;
const now = () => time;

beforeEach(async () => {
  issuer = await TestIssuer.start(first);
  time = new Date();
});
afterEach(() => issuer.stop());

/** Checks tokens with one set of keys, as one gate does. */
function checker(options: Partial<IssuerKeysOptions> = {}): (token: string) => Promise<Outcome> {
  const keys = issuerKeys({ issuer: issuer.url, now, ...options });
  const requirement = checkRequirement({ issuer: options.issuer ?? issuer.url, audience });
  return (token) => checkToken(`Bearer ${token}`, requirement, keys, time);
}

describe('where keys come from', () => {
  test('discovery leads to them, at the first token', async () => {
    const check = checker();
    expect(issuer.requests).toEqual([]);
    expect((await check(await issuer.token(time))).kind).toBe('passed');
    expect((await check(await issuer.token(time))).kind).toBe('passed');
    expect(issuer.requests).toEqual([discovery, '/jwks']);
  });

  test('a given jwksUri needs no discovery', async () => {
    const check = checker({ jwksUri: `${issuer.url}/jwks` });
    expect((await check(await issuer.token(time))).kind).toBe('passed');
    expect(issuer.requests).toEqual(['/jwks']);
  });

  test('many tokens at once cause one fetch', async () => {
    const check = checker();
    const token = await issuer.token(time);
    const outcomes = await Promise.all(Array.from({ length: 20 }, () => check(token)));
    expect(outcomes.every(({ kind }) => kind === 'passed')).toBe(true);
    expect(issuer.requests).toEqual([discovery, '/jwks']);
  });
});

describe('the issuer changes its keys', () => {
  test('a token with a new key makes the set be fetched anew; the old key stays good while it is published', async () => {
    const check = checker({ cooldown: 0 });
    const before = await issuer.token(time);
    expect((await check(before)).kind).toBe('passed');
    const after = await issuer.token(time, {}, {}, second);
    expect((await check(after)).kind).toBe('invalid-token');
    issuer.keys = [second, first];
    expect((await check(after)).kind).toBe('passed');
    expect((await check(before)).kind).toBe('passed');
  });

  test('a key that is no longer published is no longer good, once the set has been fetched anew', async () => {
    const check = checker({ cooldown: 0, keepFor: 0 });
    const before = await issuer.token(time);
    expect((await check(before)).kind).toBe('passed');
    issuer.keys = [second];
    expect((await check(before)).kind).toBe('invalid-token');
  });

  test('tokens with made-up keys cannot make it fetch again and again', async () => {
    const check = checker();
    for (let count = 0; count < 10; count++)
      expect((await check(await issuer.token(time, {}, { kid: `made-up-${count}` }))).kind).toBe('invalid-token');
    expect(issuer.requests).toEqual([discovery, '/jwks']);
  });
});

describe('the issuer cannot be reached', () => {
  test('no token passes; it is asked again after a pause, and then all is well', async () => {
    const check = checker({ pause: 2 });
    const token = await issuer.token(time);
    issuer.down = true;
    expect((await check(token)).kind).toBe('keys-unavailable');
    issuer.down = false;
    expect((await check(token)).kind).toBe('keys-unavailable');
    expect(issuer.requests).toEqual([]);
    time = new Date(time.getTime() + 2000);
    expect((await check(token)).kind).toBe('passed');
  });

  test('keys that are still kept serve on; a token with an unknown key cannot be judged', async () => {
    const check = checker({ cooldown: 0 });
    const token = await issuer.token(time);
    expect((await check(token)).kind).toBe('passed');
    issuer.down = true;
    expect((await check(await issuer.token(time, {}, {}, second))).kind).toBe('keys-unavailable');
    expect((await check(token)).kind).toBe('passed');
  });

  test('keys that have been kept for long enough do not serve on', async () => {
    const check = checker({ keepFor: 0 });
    const token = await issuer.token(time);
    expect((await check(token)).kind).toBe('passed');
    issuer.down = true;
    expect((await check(token)).kind).toBe('keys-unavailable');
  });

  test('an issuer that does not answer is not waited for', async () => {
    const check = checker({ patience: 50 });
    const hung: Parameters<Parameters<typeof issuer.instead.set>[1]>[0][] = [];
    issuer.instead.set('/jwks', (res) => void hung.push(res));
    const started = performance.now();
    const outcome = await check(await issuer.token(time));
    expect(performance.now() - started).toBeLessThan(3000);
    expect(outcome).toMatchObject({ kind: 'keys-unavailable', cause: { code: 'ERR_JWKS_TIMEOUT' } });
    for (const res of hung) res.destroy();
  });
});

describe('what answers is not the issuer', () => {
  const answer = (path: string, status: number, body: unknown, headers = {}) =>
    issuer.instead.set(path, (res) => void res.writeHead(status, headers).end(JSON.stringify(body)));

  test.each<[string, () => unknown]>([
    [
      'discovery names another issuer',
      () => answer(discovery, 200, { issuer: 'https://evil.example', jwks_uri: `${issuer.url}/jwks` }),
    ],
    ['discovery names no issuer', () => answer(discovery, 200, { jwks_uri: `${issuer.url}/jwks` })],
    ['discovery names no key set', () => answer(discovery, 200, { issuer: issuer.url })],
    [
      'discovery is an error page',
      () => answer(discovery, 500, { issuer: issuer.url, jwks_uri: `${issuer.url}/jwks` }),
    ],
    ['discovery redirects', () => answer(discovery, 302, {}, { location: '/elsewhere' })],
    ['discovery is not JSON', () => issuer.instead.set(discovery, (res) => void res.end('<html>'))],
    ['the key set is an error page', () => answer('/jwks', 404, { keys: [] })],
    ['the key set redirects', () => answer('/jwks', 302, {}, { location: '/elsewhere' })],
    ['the key set is no set', () => answer('/jwks', 200, { keys: 'none' })],
    ['the key set is not JSON', () => issuer.instead.set('/jwks', (res) => void res.end('<html>'))],
  ])('%s: nothing passes', async (_what, prepare) => {
    const token = await issuer.token(time);
    prepare();
    expect((await checker()(token)).kind).toBe('keys-unavailable');
    expect(issuer.requests).not.toContain('/elsewhere');
  });

  test('keys over plain http of an https issuer are not taken', async () => {
    const secure = 'https://login.example';
    const asked: string[] = [];
    const check = checker({
      issuer: secure,
      fetch: async (url) => {
        asked.push(String(url));
        return Response.json({ issuer: secure, jwks_uri: `${issuer.url}/jwks` });
      },
    });
    expect((await check(await issuer.token(time, { iss: secure }))).kind).toBe('keys-unavailable');
    expect(asked).toEqual([`${secure}${discovery}`]);
  });
});
