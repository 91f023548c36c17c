/** The plan oidcc-basic from outside: the code flow of clients as they were before PKCE, with everything that they may ask. */

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createRemoteJWKSet, decodeJwt, decodeProtectedHeader, jwtVerify, UnsecuredJWT } from 'jose';
import { stepOf, walk } from '../../flow/journey.ts';
import { type Page, textOf } from '../../support/agent.ts';
import { testClock } from '../../support/clock.ts';
import { roomy, startKapu, type TestKapu } from '../../support/kapu.ts';
import { Client, codeOn, verifier } from '../client.ts';
import type { Answer } from '../wire.ts';

const redirectUri = 'https://suite.example/test/a/kapu/callback';
const withQuery = `${redirectUri}?one=1&two=2`;
const secrets: Record<string, string> = {
  first: 'the-secret-of-the-first-client-0123456789',
  second: 'the-secret-of-the-second-client-0123456789',
  post: 'the-secret-of-the-client-that-posts-it-0123',
};
const clock = testClock();
let kapu: TestKapu;

beforeAll(async () => {
  kapu = await startKapu({ change: roomy, clock });
  for (const [id, client_secret] of Object.entries(secrets))
    await kapu.records.clients.put(id, {
      profile: 'legacy',
      client_name: id,
      client_uri: 'https://suite.example/',
      redirect_uris: id === 'first' ? [redirectUri, withQuery] : [redirectUri],
      token_endpoint_auth_method: id === 'post' ? 'client_secret_post' : 'client_secret_basic',
      id_token_signed_response_alg: 'RS256',
      client_secret,
    });
});
afterAll(() => kapu.stop());

type More = Record<string, string | undefined>;
const client = (clientId = 'first') => new Client({ issuer: kapu.issuer, clientId, redirectUri });
/** What the plan sends: no PKCE. */
const parameters = (more: More = {}, id = 'first') =>
  client(id).parameters({ code_challenge: undefined, code_challenge_method: undefined, ...more });
const address = (more: More = {}, id?: string) => `${kapu.issuer}/auth?${new URLSearchParams(parameters(more, id))}`;
const basic = (id: string, secret = secrets[id]) => ({
  authorization: `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}`,
});

/** Signs in as asked, up to the code. */
async function authorize(more: More = {}, agent = kapu.agent(), id = 'first') {
  const { page, steps } = await walk(kapu, agent, await agent.get(address(more, id)));
  return { agent, page, steps, code: codeOn(page) };
}
function redeem(code: string, id = 'first', headers: Record<string, string> = basic(id)): Promise<Answer> {
  return client(id).post('token', { grant_type: 'authorization_code', code, redirect_uri: redirectUri }, headers);
}
async function signIn(more: More = {}, agent = kapu.agent()) {
  const { code, steps, page } = await authorize(more, agent);
  const { body } = await redeem(code);
  const [idToken, accessToken, refreshToken] = [body.id_token, body.access_token, body.refresh_token].map(String);
  return { agent, body, page, steps, idToken: idToken!, accessToken: accessToken!, refreshToken: refreshToken! };
}
const userinfo = async (token: string) => (await client().userinfo(token)).body;
/** What came back to the service. */
function answerOn(page: Page): Record<string, string> {
  expect(page.url.href.startsWith(redirectUri)).toBe(true);
  return Object.fromEntries(page.url.searchParams);
}
function onOurPage(page: Page): void {
  expect(page.url.origin).toBe(kapu.issuer);
  expect(page.status).toBe(400);
}

describe('the sign-in', () => {
  test('gives an ID token that says what it has to, signed with a key of the JWKS', async () => {
    const { idToken, body, page } = await signIn({ nonce: 'n-1', state: 's-1' });
    expect(answerOn(page)).toMatchObject({ state: 's-1', iss: kapu.issuer });
    expect(body).toMatchObject({ token_type: 'Bearer', expires_in: 600 });
    const { payload, protectedHeader } = await jwtVerify(idToken, createRemoteJWKSet(new URL(`${kapu.issuer}/jwks`)), {
      issuer: kapu.issuer,
      audience: 'first',
    });
    expect(protectedHeader).toMatchObject({ alg: 'RS256', kid: expect.any(String) });
    expect(payload).toMatchObject({ nonce: 'n-1', sub: expect.any(String), acr: 'basic', amr: ['pwd'] });
    expect(payload.exp! - payload.iat!).toBe(600);
    expect(payload.auth_time as number).toBeLessThanOrEqual(payload.iat!);
    // OPTIONAL where the token comes from the token endpoint (Core, 3.1.3.6), and left out.
    expect(payload.at_hash).toBeUndefined();
  });

  test('answers that hold tokens are kept by nobody', async () => {
    const { headers } = await redeem((await authorize()).code);
    expect(headers.get('cache-control')).toBe('no-store');
    expect(headers.get('content-type')).toMatch(/^application\/json/);
  });

  test.each(['first', 'second'])('works with client_secret_basic: %s', async (id) => {
    const { code } = await authorize({}, kapu.agent(), id);
    expect((await redeem(code, id)).status).toBe(200);
  });

  test('works with client_secret_post', async () => {
    const { code } = await authorize({}, kapu.agent(), 'post');
    const fields = { grant_type: 'authorization_code', code, redirect_uri: redirectUri };
    const answer = await client('post').post('token', { ...fields, client_id: 'post', client_secret: secrets.post });
    expect(answer.status).toBe(200);
  });

  test('may be asked for by POST', async () => {
    const agent = kapu.agent();
    const form = await agent.post('/auth', parameters({ state: 'posted' }), { origin: 'https://suite.example' });
    expect(stepOf(form)).toBe('password');
    const { page } = await walk(kapu, agent, form);
    expect(answerOn(page)).toMatchObject({ state: 'posted', code: expect.any(String) });
  });

  test('that is posted finds who is signed in, and a parameter that is there twice is refused', async () => {
    const { agent } = await signIn();
    const silent = await agent.post('/auth', parameters({ prompt: 'none' }), { origin: 'https://suite.example' });
    expect(answerOn(silent).code).toEqual(expect.any(String));
    const twice = [...Object.entries(parameters()), ['scope', 'email']] as [string, string][];
    expect(answerOn(await agent.post('/auth', twice)).error).toBe('invalid_request');
    expect((await agent.post('/auth', { state: 's'.repeat(13_000) })).status).toBe(413);
  });

  test('may have PKCE all the same', async () => {
    const agent = kapu.agent();
    const { page } = await walk(
      kapu,
      agent,
      await agent.get(`${kapu.issuer}/auth?${new URLSearchParams(client().parameters())}`),
    );
    const { body, status } = await client().post(
      'token',
      { grant_type: 'authorization_code', code: codeOn(page), redirect_uri: redirectUri, code_verifier: verifier },
      basic('first'),
    );
    expect({ status, type: body.token_type }).toEqual({ status: 200, type: 'Bearer' });
  });

  test('is refused, by the service hearing of it, without a response type', async () => {
    const page = await kapu.agent().get(address({ response_type: undefined, state: 's' }));
    expect(answerOn(page)).toMatchObject({ error: 'invalid_request', state: 's', iss: kapu.issuer });
  });

  test.each(['token', 'id_token', 'code id_token', 'none'])('is refused with the response type %s', async (type) => {
    const page = await kapu.agent().get(address({ response_type: type }));
    const given = new URLSearchParams(page.url.hash.slice(1) || page.url.search);
    expect(given.get('error')).toMatch(/unsupported_response_type|invalid_request/);
  });
});

describe('nonce and state', () => {
  test.each([64, 1000])('of %d characters come back whole', async (length) => {
    const [nonce, state] = ['n'.repeat(length), 's'.repeat(length)];
    const { idToken, page } = await signIn({ nonce, state });
    expect(answerOn(page).state).toBe(state);
    expect(decodeJwt(idToken).nonce).toBe(nonce);
  });

  test('may be missing, and are not made up', async () => {
    const { idToken, page } = await signIn({ nonce: undefined, state: undefined });
    expect(answerOn(page).state).toBeUndefined();
    expect(decodeJwt(idToken).nonce).toBeUndefined();
  });
});

describe('a code', () => {
  test.each([0, 30])('works once: used again after %d s it is refused, and the token with it', async (seconds) => {
    const { code } = await authorize();
    const { body } = await redeem(code);
    expect((await userinfo(String(body.access_token))).sub).toEqual(expect.any(String));
    await clock.pass(seconds * 1000);
    expect(await redeem(code)).toMatchObject({ status: 400, body: { error: 'invalid_grant' } });
    expect((await client().userinfo(String(body.access_token))).status).toBe(401);
  });

  test('is its client alone, and goes with the address that it came to', async () => {
    const { code } = await authorize();
    expect((await redeem(code, 'second')).body.error).toBe('invalid_grant');
    const { code: other } = await authorize();
    const fields = { grant_type: 'authorization_code', code: other, redirect_uri: withQuery };
    expect((await client().post('token', fields, basic('first'))).body.error).toBe('invalid_grant');
  });

  test('is nobody else for a wrong secret: 401, and how to do it right', async () => {
    const { code } = await authorize();
    const answer = await redeem(code, 'first', basic('first', 'not-the-secret'));
    expect(answer).toMatchObject({ status: 401, body: { error: 'invalid_client' } });
    expect(answer.headers.get('www-authenticate')).toMatch(/^Basic realm=/);
    expect((await redeem(code)).status).toBe(200);
  });
});

describe('prompt and max_age', () => {
  test('prompt=login shows the page again, and the sign-in is newer', async () => {
    const { agent, idToken } = await signIn();
    await clock.pass(2_000);
    const second = await signIn({ prompt: 'login' }, agent);
    expect(second.steps).toEqual(['password']);
    expect(decodeJwt(second.idToken).auth_time as number).toBeGreaterThan(decodeJwt(idToken).auth_time as number);
  });

  test('prompt=none: login_required for a stranger, a code for who is signed in', async () => {
    const stranger = await kapu.agent().get(address({ prompt: 'none', state: 's' }));
    expect(answerOn(stranger)).toMatchObject({ error: 'login_required', state: 's', iss: kapu.issuer });
    const { agent, idToken } = await signIn();
    const again = await signIn({ prompt: 'none' }, agent);
    expect(again.steps).toEqual([]);
    const [one, other] = [decodeJwt(idToken), decodeJwt(again.idToken)];
    expect([other.sub, other.auth_time]).toEqual([one.sub, one.auth_time]);
  });

  test('max_age=1 asks again after 2 s, and the token says when; max_age=10000 does not', async () => {
    const { agent, idToken } = await signIn();
    await clock.pass(2_000);
    const relaxed = await signIn({ max_age: '10000' }, agent);
    expect(relaxed.steps).toEqual([]);
    expect(decodeJwt(relaxed.idToken).auth_time).toBe(decodeJwt(idToken).auth_time);
    const strict = await signIn({ max_age: '1' }, agent);
    expect(strict.steps).toEqual(['password']);
    expect(decodeJwt(strict.idToken).auth_time as number).toBeGreaterThan(decodeJwt(idToken).auth_time as number);
  });

  test('id_token_hint: silent for the person of the hint, login_required for another', async () => {
    const { agent, idToken } = await signIn();
    const again = await signIn({ prompt: 'none', id_token_hint: idToken }, agent);
    expect(decodeJwt(again.idToken).sub).toBe(decodeJwt(idToken).sub);
    const john = kapu.agent();
    await walk(kapu, john, await john.get(address()), 'john');
    expect(answerOn(await john.get(address({ prompt: 'none', id_token_hint: idToken }))).error).toBe('login_required');
  });
});

describe('what is only a wish, or unknown, does no harm', () => {
  test.each<[string, More]>([
    ['display=page', { display: 'page' }],
    ['display=popup', { display: 'popup' }],
    ['ui_locales', { ui_locales: 'se' }],
    ['claims_locales', { claims_locales: 'se' }],
    ['login_hint', { login_hint: 'buffy@suite.example' }],
    ['a parameter that nobody knows', { extra: 'foobar' }],
    ['a parameter that nobody knows, twice as long as others', { 'x.y-z': 'v'.repeat(2_000) }],
    ['claims that nobody knows', { claims: JSON.stringify({ userinfo: { made_up: { essential: true } } }) }],
  ])('%s', async (_what, more) => {
    expect(decodeJwt((await signIn(more)).idToken).iss).toBe(kapu.issuer);
  });

  test('ui_locales that we speak are followed', async () => {
    const page = await kapu.agent({ language: 'en' }).get(address({ ui_locales: 'hu' }));
    expect(page.html).toMatch(/<html[^>]*lang="hu"/);
    expect(textOf(page)).toContain('Bejelentkezés');
  });

  test('acr_values, all that we say we support: the token has one of them', async () => {
    const { body } = await client().get(`${kapu.issuer}/.well-known/openid-configuration`);
    const supported = body.acr_values_supported as string[];
    const { idToken, steps } = await signIn({ acr_values: supported.join(' ') });
    expect(steps).toEqual(['password']);
    expect(decodeJwt(idToken).acr).toBe(supported[0]);
  });
});

describe('claims and scopes', () => {
  test('essential claims come from userinfo', async () => {
    const claims = JSON.stringify({
      userinfo: { name: { essential: true } },
      id_token: { auth_time: { essential: true } },
    });
    const { accessToken, idToken } = await signIn({ claims });
    expect(await userinfo(accessToken)).toMatchObject({ name: 'Szabóné Kiss Anna' });
    expect(decodeJwt(idToken).auth_time).toEqual(expect.any(Number));
  });

  test.each<[string, string[]]>([
    ['openid profile', ['name', 'birthdate', 'locale', 'updated_at']],
    ['openid email', ['email', 'email_verified']],
    ['openid address', []],
    ['openid phone', []],
    ['openid profile email address phone', ['name', 'email']],
    ['email openid', ['email']],
  ])('%s', async (scope, names) => {
    const { accessToken, idToken } = await signIn({ scope });
    const facts = await userinfo(accessToken);
    expect(Object.keys(facts)).toEqual(expect.arrayContaining(['sub', ...names]));
    expect(facts.sub).toBe(decodeJwt(idToken).sub);
    // We hold neither, and claim neither.
    for (const name of ['address', 'phone_number']) expect(facts[name]).toBeUndefined();
  });

  test('the token comes to userinfo by GET and POST, in the header or in the body', async () => {
    const { accessToken } = await signIn();
    for (const method of ['GET', 'POST']) expect((await client().userinfo(accessToken, {}, method)).status).toBe(200);
    expect((await client().post('userinfo', { access_token: accessToken })).status).toBe(200);
    const wrong = await client().userinfo('not-a-token');
    expect(wrong.status).toBe(401);
    expect(wrong.headers.get('www-authenticate')).toMatch(/^Bearer .*error="invalid_token"/);
  });

  test('a refresh token is for its client, and the subject stays', async () => {
    const offline = { scope: 'openid offline_access', prompt: 'consent' };
    const { refreshToken, idToken, accessToken } = await signIn(offline);
    const fields = { grant_type: 'refresh_token', refresh_token: refreshToken };
    expect((await client().post('token', fields, basic('second'))).body.error).toBe('invalid_grant');
    const { body } = await client().post('token', fields, basic('first'));
    expect(body.access_token).not.toBe(accessToken);
    const [before, after] = [decodeJwt(idToken), decodeJwt(String(body.id_token))];
    expect(after).toMatchObject({ iss: before.iss, sub: before.sub, aud: before.aud, auth_time: before.auth_time });
    expect(decodeProtectedHeader(String(body.id_token)).alg).toBe('RS256');
  });
});

describe('request objects and redirect addresses', () => {
  test('an unsigned request object is refused', async () => {
    const request = new UnsecuredJWT({ ...parameters(), iss: 'first', aud: kapu.issuer }).encode();
    const page = await kapu.agent().get(address({ request }));
    expect(answerOn(page).error).toMatch(/^(request_not_supported|invalid_request_object)$/);
  });

  test('a request_uri that was never pushed is refused', async () => {
    const page = await kapu.agent().get(address({ request_uri: 'https://suite.example/requests/1' }));
    expect(answerOn(page).error).toBe('request_uri_not_supported');
  });

  test('a registered query comes back with the answer', async () => {
    const { page } = await authorize({ redirect_uri: withQuery });
    expect(answerOn(page)).toMatchObject({ one: '1', two: '2', code: expect.any(String) });
  });

  test.each<[string, string | undefined]>([
    ['none', undefined],
    ['another path', `${redirectUri}/more`],
    ['another host', 'https://suite.example.evil.example/test/a/kapu/callback'],
    ['another port', 'https://suite.example:8443/test/a/kapu/callback'],
    ['http', redirectUri.replace('https', 'http')],
    ['another case', redirectUri.replace('callback', 'Callback')],
    ['a user name', redirectUri.replace('//', '//someone@')],
    ['a fragment', `${redirectUri}#x`],
    ['a query added', `${redirectUri}?x=1`],
    ['another query', `${redirectUri}?one=1&two=3`],
    ['a query and more', `${withQuery}&three=3`],
    ['dots', redirectUri.replace('/kapu/', '/other/../kapu/')],
  ])('a request with %s instead of the registered address stays with us', async (_what, redirect_uri) => {
    onOurPage(await kapu.agent().get(address({ redirect_uri })));
  });

  test('a request of a client with a single address has to name it', async () => {
    onOurPage(await kapu.agent().get(address({ redirect_uri: undefined }, 'second')));
  });

  test('a client that is not registered stays with us', async () => {
    onOurPage(await kapu.agent().get(address({ client_id: 'nobody' })));
  });
});
