/** What services get, for how long, and what ends it. */

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { fetchUserInfo, refreshTokenGrant, tokenIntrospection, tokenRevocation } from 'openid-client';
import { eventually } from '../support/eventually.ts';
import { roomy, startKapu, type TestKapu } from '../support/kapu.ts';
import type { RelyingParty } from '../support/relying-party.ts';
import { signIn, silently } from './journey.ts';

let kapu: TestKapu;
let native: RelyingParty;
let web: RelyingParty;
const offline = { scope: 'openid offline_access', prompt: 'consent' };

beforeAll(async () => {
  kapu = await startKapu({ change: roomy });
  native = await kapu.service();
  web = await kapu.service({ clientId: 'demo-web', secret: 'demo-web-secret-0123456789abcdef' });
});
afterAll(async () => {
  expect(await kapu.leaks()).toEqual([]);
  await kapu.stop();
});

const status = (token: string, at = kapu) =>
  fetch(`${at.issuer}/userinfo`, { headers: { authorization: `Bearer ${token}` } }).then((answer) => answer.status);
const errorOfCall = (call: Promise<unknown>) =>
  call.then(
    () => 'none',
    ({ error }: { error: string }) => error,
  );

describe('discovery', () => {
  test('says what there is, levels weakest first, and nothing that is weak', () => {
    const server = native.config.serverMetadata();
    expect(server).toMatchObject({
      issuer: kapu.issuer,
      acr_values_supported: ['basic', 'plus'],
      response_types_supported: ['code'],
      response_modes_supported: expect.arrayContaining(['query', 'fragment', 'form_post', 'jwt']) as never,
      code_challenge_methods_supported: ['S256'],
      ui_locales_supported: ['hu', 'en'],
      authorization_response_iss_parameter_supported: true,
    });
    const algorithms = Object.entries(server).filter(([name]) => name.endsWith('_alg_values_supported'));
    expect(algorithms.length).toBeGreaterThan(1);
    expect(JSON.stringify(algorithms)).not.toMatch(/none|HS256|RSA1_5/);
  });
});

describe('userinfo', () => {
  test.each<[string, string[]]>([
    ['openid', []],
    ['openid profile', ['birth_name', 'birthdate', 'locale', 'name', 'updated_at']],
    ['openid email', ['email', 'email_verified']],
    ['openid profile email', ['birth_name', 'birthdate', 'email', 'email_verified', 'locale', 'name', 'updated_at']],
  ])('gives for the scope %s what belongs to it', async (scope, expected) => {
    const { tokens, claims } = await signIn(kapu, native, kapu.agent(), { scope });
    const info = await fetchUserInfo(native.config, tokens.access_token, claims.sub);
    const always = ['sub', 'acr', 'amr', 'auth_time'];
    expect(
      Object.keys(info)
        .filter((name) => !always.includes(name))
        .sort(),
    ).toEqual(expected);
    expect(Object.keys(claims).filter((name) => expected.includes(name))).toEqual([]);
  });

  test('leaves out the address of who has none', async () => {
    const { tokens, claims } = await signIn(kapu, native, kapu.agent(), { scope: 'openid profile email' }, 'bela');
    const info = await fetchUserInfo(native.config, tokens.access_token, claims.sub);
    expect(info).toMatchObject({ name: 'Tóth Béla' });
    expect(info).not.toHaveProperty('email');
    expect(info).not.toHaveProperty('email_verified');
  });

  test.each(['', 'nonsense', 'a.b.c'])('refuses the token %j with a challenge', async (token) => {
    const answer = await fetch(`${kapu.issuer}/userinfo`, { headers: { authorization: `Bearer ${token}` } });
    expect(answer.status).toBe(token ? 401 : 400);
    expect(answer.headers.get('www-authenticate')).toMatch(/^Bearer /);
  });
});

describe('subjects', () => {
  test('differ between services, and stay the same for one', async () => {
    const subject = async (party: RelyingParty) => (await signIn(kapu, party, kapu.agent())).claims.sub;
    const [one, same, other] = [await subject(native), await subject(native), await subject(web)];
    expect(one).toBe(same);
    expect(one).not.toBe(other);
  });
});

describe('refresh tokens', () => {
  test('come with offline_access only, and only where consent is asked for', async () => {
    for (const asked of [undefined, { scope: 'openid offline_access' }])
      expect((await signIn(kapu, native, kapu.agent(), asked)).tokens.refresh_token).toBeUndefined();
    expect((await signIn(kapu, native, kapu.agent(), offline)).tokens.refresh_token).toBeDefined();
  });

  test('of a public client rotate; a used one ends all that came of it (RFC 9700, 4.14.2)', async () => {
    const { tokens } = await signIn(kapu, native, kapu.agent(), offline);
    const second = await refreshTokenGrant(native.config, tokens.refresh_token!);
    expect(second.refresh_token).not.toBe(tokens.refresh_token);
    expect(await status(second.access_token)).toBe(200);
    expect(await errorOfCall(refreshTokenGrant(native.config, tokens.refresh_token!))).toBe('invalid_grant');
    expect(await errorOfCall(refreshTokenGrant(native.config, second.refresh_token!))).toBe('invalid_grant');
    expect(await status(second.access_token)).toBe(401);
  });

  test('serve their own client alone', async () => {
    const { tokens } = await signIn(kapu, native, kapu.agent(), offline);
    expect(await errorOfCall(refreshTokenGrant(web.config, tokens.refresh_token!))).toBe('invalid_grant');
    expect((await refreshTokenGrant(native.config, tokens.refresh_token!)).access_token).toBeDefined();
  });

  test('cannot ask for more than was allowed', async () => {
    const { tokens } = await signIn(kapu, native, kapu.agent(), offline);
    const wider = refreshTokenGrant(native.config, tokens.refresh_token!, { scope: 'openid email' });
    expect(await errorOfCall(wider)).toBe('invalid_scope');
  });

  test('outlive the session, also where the session began without one', async () => {
    const brief = await startKapu({
      change(settings) {
        roomy(settings);
        Object.assign(settings.times, { sessionIdle: '2s', sessionMax: '2s' });
      },
    });
    try {
      const party = await brief.service();
      const agent = brief.agent();
      const bound = await signIn(brief, party, agent);
      const { tokens } = await signIn(brief, party, agent, offline);
      await eventually('the session ends', async () => {
        // A code may be given in the session's last moment and not be good any more in the next.
        return (await silently(party, agent).catch(() => 'at its end')) === 'login_required';
      });
      expect(await status(bound.tokens.access_token, brief)).toBe(401);
      expect((await refreshTokenGrant(party.config, tokens.refresh_token!)).access_token).toBeDefined();
    } finally {
      await brief.stop();
    }
  });
});

describe('revocation', () => {
  test('of an access token ends it, and says yes to whatever else', async () => {
    const { tokens } = await signIn(kapu, web, kapu.agent());
    await tokenRevocation(web.config, tokens.access_token);
    expect(await status(tokens.access_token)).toBe(401);
    await tokenRevocation(web.config, 'no-token-of-ours');
  });

  test('of a refresh token ends the access tokens that came of it', async () => {
    const { tokens } = await signIn(kapu, web, kapu.agent(), offline);
    await tokenRevocation(web.config, tokens.refresh_token!);
    expect(await status(tokens.access_token)).toBe(401);
    expect(await errorOfCall(refreshTokenGrant(web.config, tokens.refresh_token!))).toBe('invalid_grant');
  });

  test.each(['before', 'after'])('of a refresh token holds where it comes %s the person signs out', async (when) => {
    const agent = kapu.agent();
    const { tokens } = await signIn(kapu, web, agent, offline);
    const signOut = async () => agent.submit(await agent.get('/session/end'), { logout: 'yes' });
    if (when === 'after') await signOut();
    expect(await status(tokens.access_token)).toBe(200);
    await tokenRevocation(web.config, tokens.refresh_token!);
    if (when === 'before') await signOut();
    expect(await status(tokens.access_token)).toBe(401);
  });

  test("of another client's token does nothing", async () => {
    const { tokens } = await signIn(kapu, native, kapu.agent());
    await tokenRevocation(web.config, tokens.access_token);
    expect(await status(tokens.access_token)).toBe(200);
  });

  test('of a grant is not undone by the next silent sign-in of the session', async () => {
    const agent = kapu.agent();
    const first = await signIn(kapu, web, agent, offline);
    await tokenRevocation(web.config, first.tokens.refresh_token!);
    const second = await signIn(kapu, web, agent);
    expect(await status(second.tokens.access_token)).toBe(200);
    expect(await status(first.tokens.access_token)).toBe(401);
    expect(await errorOfCall(refreshTokenGrant(web.config, first.tokens.refresh_token!))).toBe('invalid_grant');
  });
});

describe('introspection', () => {
  test('by a service that authenticates tells of any token; by a public one of its own', async () => {
    const own = (await signIn(kapu, native, kapu.agent())).tokens.access_token;
    const others = (await signIn(kapu, web, kapu.agent())).tokens.access_token;
    expect(await tokenIntrospection(web.config, own)).toMatchObject({ active: true, client_id: 'demo-native' });
    expect(await tokenIntrospection(native.config, own)).toMatchObject({ active: true });
    expect(await tokenIntrospection(native.config, others)).toEqual({ active: false });
    expect(await tokenIntrospection(web.config, 'nonsense')).toEqual({ active: false });
  });

  test('never names a person by what another service calls them', async () => {
    const { tokens, claims } = await signIn(kapu, native, kapu.agent());
    expect((await tokenIntrospection(web.config, tokens.access_token)).sub).toBe(claims.sub);
  });

  test("of a disabled account's token says that it is over", async () => {
    const { tokens } = await signIn(kapu, native, kapu.agent(), offline, 'john');
    const { accounts } = kapu.records;
    const john = (await accounts.findByUsername('john'))!;
    await accounts.setStatus(john.id, 'disabled');
    for (const token of [tokens.access_token, tokens.refresh_token!])
      expect(await tokenIntrospection(web.config, token)).toEqual({ active: false });
    await accounts.setStatus(john.id, 'active');
  });
});
