import { createHmac } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { exportJWK, exportSPKI } from 'jose';
import { issuerKeys, type Keys } from '../../src/resource-server/keys.ts';
import { type Algorithm, checkRequirement, type Requirement } from '../../src/resource-server/requirement.ts';
import { checkToken, type Outcome } from '../../src/resource-server/token.ts';
import { audience, encoded, newKey, type SigningKey, TestIssuer } from './issuer.ts';

const now = new Date('2026-11-20T10:00:00.500Z');
const seconds = Math.floor(now.getTime() / 1000);

let issuer: TestIssuer;
let keys: Keys;
const key = await newKey('first');
const stranger = await newKey('first');

beforeAll(async () => {
  issuer = await TestIssuer.start(key);
  keys = issuerKeys({ issuer: issuer.url });
});
afterAll(() => issuer?.stop());

function check(token: string, requirement: Partial<Requirement> = {}, at = now): Promise<Outcome> {
  return checkHeader(`Bearer ${token}`, requirement, at);
}

function checkHeader(header: string | undefined, requirement: Partial<Requirement> = {}, at = now): Promise<Outcome> {
  return checkToken(header, checkRequirement({ issuer: issuer.url, audience, ...requirement }), keys, at);
}

describe('a good token', () => {
  test('passes, and tells of the person and the sign-in', async () => {
    expect(await check(await issuer.token(now))).toEqual({
      kind: 'passed',
      token: {
        sub: 'person',
        clientId: 'service',
        acr: 'plus',
        authTime: new Date((seconds - 60) * 1000),
        scope: ['tax.read'],
      },
    });
  });

  test('needs neither acr nor auth_time nor scope where none is required', async () => {
    const token = await issuer.token(now, { acr: undefined, auth_time: undefined, scope: undefined });
    expect(await check(token)).toEqual({ kind: 'passed', token: { sub: 'person', clientId: 'service', scope: [] } });
  });

  test.each([
    ['the long form of typ (RFC 9068, 2.1)', {}, { typ: 'application/at+jwt' }],
    ['typ in other letters (RFC 2045, 5.1)', {}, { typ: 'AT+JWT' }],
    ['several audiences, ours among them', { aud: ['https://other.example', audience] }, {}],
    ['nbf in the past', { nbf: seconds - 1 }, {}],
  ])('passes with %s', async (_what, claims, header) => {
    expect((await check(await issuer.token(now, claims, header))).kind).toBe('passed');
  });

  test.each(['ES256', 'RS256', 'PS256', 'EdDSA'] as const)('may be signed with %s', async (alg) => {
    const signing = await newKey(`with-${alg}`, alg);
    const other = await TestIssuer.start(signing);
    try {
      const requirement = checkRequirement({ issuer: other.url, audience });
      const header = `Bearer ${await other.token(now)}`;
      expect((await checkToken(header, requirement, issuerKeys({ issuer: other.url }), now)).kind).toBe('passed');
      const narrower = { ...requirement, algorithms: [alg === 'ES256' ? 'RS256' : 'ES256'] as Algorithm[] };
      expect((await checkToken(header, narrower, issuerKeys({ issuer: other.url }), now)).kind).toBe('invalid-token');
    } finally {
      await other.stop();
    }
  });
});

describe('the Authorization header', () => {
  test.each([
    ['is missing', undefined],
    ['is empty', ''],
    ['has another scheme', 'Basic YTpi'],
    ['has a scheme that only begins like ours', 'Bearerish abc'],
  ])('%s: no token', async (_what, header) => {
    expect(await checkHeader(header)).toEqual({ kind: 'no-token' });
  });

  test.each(['Bearer', 'Bearer ', 'Bearer a b', 'Bearer a,b', 'Bearer "a"', 'Bearer =', 'Bearer é'])(
    '%j cannot be read',
    async (header) => {
      expect((await checkHeader(header)).kind).toBe('invalid-request');
    },
  );

  test('the scheme is read in any letters, with any number of spaces (RFC 9110, 11.1)', async () => {
    expect((await checkHeader(`bEARER   ${await issuer.token(now)} `)).kind).toBe('passed');
  });
});

describe('a token that is not good enough to be looked at', () => {
  const invalid = async (token: string, words: RegExp, requirement: Partial<Requirement> = {}) => {
    const outcome = await check(token, requirement);
    expect(outcome).toEqual({ kind: 'invalid-token', description: expect.stringMatching(words) });
  };

  test.each<[string, Record<string, unknown>, Record<string, unknown>, RegExp]>([
    ['an ID token', {}, { typ: 'JWT' }, /not an access token/],
    ['without typ', {}, { typ: undefined }, /not an access token/],
    ['from another issuer', { iss: 'https://evil.example' }, {}, /another issuer/],
    ['without an issuer', { iss: undefined }, {}, /another issuer/],
    ['for another resource', { aud: 'https://other.example' }, {}, /another resource/],
    ['for a resource that begins like ours', { aud: `${audience}/admin` }, {}, /another resource/],
    ['without an audience', { aud: undefined }, {}, /another resource/],
    ['expired', { exp: seconds - 6 }, {}, /expired/],
    ['without an end', { exp: undefined }, {}, /missing or wrong/],
    ['with an end that is no number', { exp: '9999999999' }, {}, /missing or wrong/],
    ['that begins in the future', { nbf: seconds + 6 }, {}, /not valid yet/],
    ['without a subject', { sub: undefined }, {}, /missing or wrong/],
    ['without a client', { client_id: undefined }, {}, /missing or wrong/],
    ['without an id', { jti: undefined }, {}, /missing or wrong/],
    ['whose subject is no text', { sub: { $ne: '' } }, {}, /not of its type/],
    ['whose acr is a list', { acr: ['plus'] }, {}, /not of its type/],
    ['whose auth_time is a text', { auth_time: '9999999999' }, {}, /not of its type/],
    ['whose scope is a list', { scope: ['tax.read'] }, {}, /not of its type/],
    ['bound to a key', { cnf: { jkt: 'abc' } }, {}, /not of its type/],
  ])('%s', async (_what, claims, header, words) => {
    await invalid(await issuer.token(now, claims, header), words);
  });

  test('the clock tolerance holds at both ends, and no further', async () => {
    const kindAt = async (claims: object, clockTolerance: number) =>
      (await check(await issuer.token(now, { ...claims }), { clockTolerance })).kind;
    expect(await kindAt({ exp: seconds - 4 }, 5)).toBe('passed');
    expect(await kindAt({ exp: seconds - 5 }, 5)).toBe('invalid-token');
    expect(await kindAt({ nbf: seconds + 5 }, 5)).toBe('passed');
    expect(await kindAt({ nbf: seconds + 6 }, 5)).toBe('invalid-token');
    expect(await kindAt({ exp: seconds }, 0)).toBe('invalid-token');
  });

  test('alg none', async () => {
    const body = encoded(issuer.claims(now));
    for (const alg of ['none', 'None', 'nOnE'])
      await invalid(`${encoded({ alg, typ: 'at+jwt', kid: 'first' })}.${body}.`, /algorithm/);
  });

  test('HS256 with the public key as the secret', async () => {
    const publicKey = await exportSPKI(key.publicKey);
    const jwk = JSON.stringify(await exportJWK(key.publicKey));
    const start = `${encoded({ alg: 'HS256', typ: 'at+jwt', kid: 'first' })}.${encoded(issuer.claims(now))}`;
    for (const secret of [publicKey, publicKey.trim(), jwk, ''])
      await invalid(`${start}.${createHmac('sha256', secret).update(start).digest('base64url')}`, /algorithm/);
  });

  test('tampered with, in each of its parts', async () => {
    const [head, body, signature] = (await issuer.token(now, { acr: 'basic' })).split('.') as [string, string, string];
    const better = encoded({ ...issuer.claims(now), acr: 'plus' });
    await invalid(`${head}.${better}.${signature}`, /signature/);
    await invalid(`${encoded({ alg: 'ES256', typ: 'at+jwt', kid: 'first', x: 1 })}.${body}.${signature}`, /signature/);
    await invalid(`${head}.${body}.${signature.replace(/^./, (c) => (c === 'A' ? 'B' : 'A'))}`, /signature/);
    await invalid(`${head}.${body}.`, /signature|cannot be verified/);
    await invalid(`${head}.${body}`, /JWT access token/);
    await invalid(`${head}.${body}.${signature}.${signature}`, /JWT access token/);
  });

  test('signed by a stranger under a known key id', async () => {
    await invalid(await issuer.token(now, {}, {}, stranger), /signature/);
  });

  test('that brings its own key, or the address of one', async () => {
    const jwk = await exportJWK(stranger.publicKey);
    const elsewhere = await TestIssuer.start(stranger);
    try {
      for (const header of [
        { jwk },
        { jku: `${elsewhere.url}/jwks` },
        { x5u: `${elsewhere.url}/x5u` },
        { x5c: ['AA=='] },
      ])
        await invalid(await issuer.token(now, {}, header, stranger), /signature/);
      expect(elsewhere.requests).toEqual([]);
    } finally {
      await elsewhere.stop();
    }
  });

  test('from an issuer that differs by a slash', async () => {
    await invalid(await issuer.token(now, { iss: `${issuer.url}/` }), /another issuer/);
  });

  test('with a critical header that is unknown (RFC 7515, 4.1.11)', async () => {
    await invalid(await issuer.token(now, {}, { crit: ['urn:example:limits'], 'urn:example:limits': 1 }), /cannot be/);
  });

  test('an opaque token', async () => {
    await invalid('vu6wb4uwJQQzuFQJn0ah9gvhkCqXjLOwvCUv9uqxGV0', /with the parameter resource/);
  });

  test('whatever else comes: never passed, never a fault', async () => {
    const good = await issuer.token(now);
    const part = fc.oneof(
      fc.base64String(),
      fc.json().map((text) => Buffer.from(text).toString('base64url')),
    );
    const bent = fc
      .tuple(fc.nat(good.length - 1), fc.constantFrom(...'AZaz09-_.~+/'))
      .map(([at, character]) => good.slice(0, at) + character + good.slice(at + 1))
      .filter((token) => token.split('.').slice(0, 2).join('.') !== good.split('.').slice(0, 2).join('.'));
    const anything = fc.oneof(
      fc.string(),
      fc.tuple(part, part, part).map((parts) => parts.join('.')),
      bent,
    );
    await fc.assert(
      fc.asyncProperty(anything, async (token) => {
        expect(['no-token', 'invalid-request', 'invalid-token']).toContain((await check(token)).kind);
      }),
      { numRuns: 500 },
    );
  });
});

describe('the level', () => {
  const acrValues = ['plus', 'https://levels.example/high'];

  test.each<[unknown, Outcome['kind']]>([
    ['plus', 'passed'],
    ['https://levels.example/high', 'passed'],
    ['basic', 'insufficient-user-authentication'],
    ['Plus', 'insufficient-user-authentication'],
    ['plus ', 'insufficient-user-authentication'],
    ['plus https://levels.example/high', 'insufficient-user-authentication'],
    ['', 'insufficient-user-authentication'],
    [undefined, 'insufficient-user-authentication'],
  ])('acr %j: %s', async (acr, kind) => {
    const token = await issuer.token(now, { acr });
    expect((await check(token, { acrValues })).kind).toBe(kind);
  });
});

describe('the age of the sign-in', () => {
  test.each<[string, unknown, number, Outcome['kind']]>([
    ['a moment ago', seconds, 300, 'passed'],
    ['exactly max_age ago', seconds - 300, 300, 'passed'],
    ['a second longer ago', seconds - 301, 300, 'insufficient-user-authentication'],
    ['unknown', undefined, 300, 'insufficient-user-authentication'],
    ['beyond what a date can hold', 1e300, 300, 'insufficient-user-authentication'],
    ['before 1970', -1, 300, 'insufficient-user-authentication'],
    ['in the future', seconds + 1, 300, 'insufficient-user-authentication'],
    ['now, with max_age 0', seconds, 0, 'passed'],
    ['a second ago, with max_age 0', seconds - 1, 0, 'insufficient-user-authentication'],
  ])('%s', async (_what, auth_time, maxAge, kind) => {
    const token = await issuer.token(now, { auth_time });
    expect((await check(token, { maxAge, clockTolerance: 0 })).kind).toBe(kind);
  });

  test('the clock tolerance lengthens it', async () => {
    const at = async (age: number) =>
      (await check(await issuer.token(now, { auth_time: seconds - age }), { maxAge: 300 })).kind;
    expect(await at(305)).toBe('passed');
    expect(await at(306)).toBe('insufficient-user-authentication');
  });

  test('a good token grows too old while it still lives', async () => {
    const token = await issuer.token(now, { auth_time: seconds });
    const later = new Date(now.getTime() + 306_000);
    expect((await check(token, { maxAge: 300 }, later)).kind).toBe('insufficient-user-authentication');
    expect((await check(token, {}, later)).kind).toBe('passed');
  });
});

describe('scopes', () => {
  test.each<[string | undefined, Outcome['kind']]>([
    ['tax.read tax.write', 'passed'],
    ['tax.write  tax.read openid', 'passed'],
    ['tax.read', 'insufficient-scope'],
    ['tax.readtax.write', 'insufficient-scope'],
    [undefined, 'insufficient-scope'],
  ])('%j: %s', async (scope, kind) => {
    const token = await issuer.token(now, { scope });
    expect((await check(token, { scopes: ['tax.read', 'tax.write'] })).kind).toBe(kind);
  });

  test('where the level is lacking too, a new sign-in is asked for, which can mend both', async () => {
    const token = await issuer.token(now, { acr: 'basic' });
    expect(await check(token, { acrValues: ['plus'], scopes: ['tax.write'] })).toMatchObject({
      kind: 'insufficient-user-authentication',
      lacksScope: true,
    });
  });
});

test('keys of a wrong kind in the set are passed over', async () => {
  const signing: SigningKey = await newKey('right');
  const other = await TestIssuer.start(await newKey('wrong', 'RS256'), signing);
  try {
    const requirement = checkRequirement({ issuer: other.url, audience });
    const token = await other.token(now, {}, {}, signing);
    const crossed = await other.token(now, {}, { kid: 'wrong' }, signing);
    const ask = (text: string) => checkToken(`Bearer ${text}`, requirement, issuerKeys({ issuer: other.url }), now);
    expect((await ask(token)).kind).toBe('passed');
    expect((await ask(crossed)).kind).toBe('invalid-token');
  } finally {
    await other.stop();
  }
});
