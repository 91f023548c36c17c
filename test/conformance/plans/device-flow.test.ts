/** The plan for signing in on a device, from outside (RFC 8628): the flow, its limits, its races, its ends. */

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { decodeJwt } from 'jose';
import { deviceGrant } from '../../../src/oidc/clients/profiles.ts';
import { credentials, signIn, walk } from '../../flow/journey.ts';
import { type Agent, formOf, type Page, textOf } from '../../support/agent.ts';
import { testClock } from '../../support/clock.ts';
import { roomy, startKapu, type TestKapu } from '../../support/kapu.ts';
import { type Answer, read, wire } from '../wire.ts';

const clock = testClock();
let kapu: TestKapu;

const television = {
  client_name: 'Television',
  client_uri: 'https://tv.example/',
  token_endpoint_auth_method: 'none',
  grant_types: [deviceGrant, 'refresh_token'],
  subject_type: 'public',
};

beforeAll(async () => {
  kapu = await startKapu({
    clock,
    change(settings) {
      roomy(settings);
      settings.deviceFlow = { enabled: true, life: '10m', interval: '5s', guesses: 5, window: '15m' };
    },
  });
  await kapu.records.clients.put('tv', television);
  await kapu.records.clients.put('tv-plus', { ...television, minimum_level: 'plus' });
  await kapu.records.clients.put('tv-asks', { ...television, first_party: false });
  await kapu.records.clients.put('radio', television);
});
afterAll(async () => {
  expect(await kapu.leaks()).toEqual([]);
  await kapu.stop();
});

const post = async (path: string, fields: Record<string, string>) =>
  read(await wire()(`${kapu.issuer}${path}`, { method: 'POST', body: new URLSearchParams(fields) }));

interface Device {
  clientId: string;
  code: string;
  userCode: string;
}
async function begin(parameters: Record<string, string> = {}, clientId = 'tv'): Promise<Device> {
  const { status, body, text } = await post('/device/auth', { client_id: clientId, scope: 'openid', ...parameters });
  if (status !== 200) throw new Error(text);
  kapu.secrets.add(String(body.device_code));
  return { clientId, code: String(body.device_code), userCode: String(body.user_code) };
}
/** Asks once, at once. */
const ask = ({ clientId, code }: Pick<Device, 'clientId' | 'code'>): Promise<Answer> =>
  post('/token', { grant_type: deviceGrant, client_id: clientId, device_code: code });
/** Asks after having waited as long as a device should. */
async function poll(device: Device): Promise<Answer> {
  await clock.pass(5_000);
  return ask(device);
}

const type = async (agent: Agent, userCode: string) =>
  agent.submit(await agent.get('/device'), { user_code: userCode });
/** Types the code and confirms it; what comes next. */
async function confirm(agent: Agent, userCode: string): Promise<Page> {
  return agent.submit(await type(agent, userCode), { confirm: 'yes' });
}
/** The same, and signs in where asked. */
async function allow(device: Device, agent = kapu.agent(), username?: string) {
  return walk(kapu, agent, await confirm(agent, device.userCode), username);
}

describe('the flow', () => {
  test('discovery names the endpoint and the grant', async () => {
    const { body } = await read(await wire()(`${kapu.issuer}/.well-known/openid-configuration`));
    expect(body.device_authorization_endpoint).toBe(`${kapu.issuer}/device/auth`);
    expect(body.grant_types_supported).toContain(deviceGrant);
  });

  test('a device is told what to show, waits, and has its tokens once the person has signed in', async () => {
    const { status, body } = await post('/device/auth', { client_id: 'tv', scope: 'openid' });
    kapu.secrets.add(String(body.device_code));
    expect([status, body]).toEqual([
      200,
      {
        device_code: expect.stringMatching(/^[\w-]{43}$/),
        user_code: expect.stringMatching(/^[B-DF-HJ-NP-TV-XZ]{4}-[B-DF-HJ-NP-TV-XZ]{4}$/),
        verification_uri: `${kapu.issuer}/device`,
        verification_uri_complete: `${kapu.issuer}/device?user_code=${body.user_code}`,
        expires_in: 600,
        interval: 5,
      },
    ]);
    const device = { clientId: 'tv', code: String(body.device_code), userCode: String(body.user_code) };
    expect((await poll(device)).body.error).toBe('authorization_pending');
    const agent = kapu.agent();
    const page = await type(agent, device.userCode.toLowerCase().replace('-', ' '));
    expect(textOf(page)).toContain('Television');
    expect(textOf(page)).toContain(device.userCode);
    expect(textOf(page)).toContain('Only go on if you yourself started this');
    const { steps, page: end } = await walk(kapu, agent, await agent.submit(page, { confirm: 'yes' }));
    expect([steps, end.status, textOf(end)]).toEqual([
      ['password'],
      200,
      expect.stringContaining('The device is signed in'),
    ]);
    const answer = await poll(device);
    expect(answer.status).toBe(200);
    kapu.secrets.add(String(answer.body.access_token));
    expect(decodeJwt(String(answer.body.id_token))).toMatchObject({ acr: 'basic', amr: ['pwd'], aud: 'tv' });
    expect(answer.body.refresh_token).toBeUndefined();
    const [entry] = await kapu.records.audit.list({ limit: 1 });
    expect(entry).toMatchObject({ event: 'token.issued', clientId: 'tv', detail: { grant: deviceGrant } });
  });

  test('an address with the code fills it in, and still asks', async () => {
    const { userCode } = await begin();
    const agent = kapu.agent();
    const page = await agent.get(`/device?user_code=${userCode}`);
    expect(page.html).toContain(`value="${userCode}"`);
    expect(page.html).not.toContain('<script');
    expect(page.headers.get('content-security-policy')).toContain("default-src 'none'");
    expect(textOf(await agent.submit(page, { user_code: userCode }))).toContain('Do you allow this device');
    const evil = await agent.get(`/device?user_code=${encodeURIComponent('"><script>')}`);
    expect(evil.html).not.toContain('"><script>');
  });

  test('a browser that is signed in already is asked for the device all the same, and that is written down', async () => {
    const agent = kapu.agent();
    await signIn(kapu, await kapu.service(), agent);
    const device = await begin();
    const { steps, page } = await allow(device, agent);
    expect([steps, textOf(page)]).toEqual([[], expect.stringContaining('The device is signed in')]);
    const [entry] = await kapu.records.audit.list({ limit: 1 });
    expect(entry).toMatchObject({ event: 'sign-in.silent', clientId: 'tv', detail: { acr: 'basic' } });
    expect((await poll(device)).status).toBe(200);
  });

  test('who is no first party: the person is asked what it may have', async () => {
    const { steps } = await allow(await begin({}, 'tv-asks'));
    expect(steps).toEqual(['password', 'consent']);
  });

  test('offline_access: a refresh token, which goes on saying what was reached', async () => {
    const device = await begin({ scope: 'openid offline_access', acr_values: 'plus' });
    await allow(device);
    const { body } = await poll(device);
    kapu.secrets.add(String(body.refresh_token));
    const refreshed = await post('/token', {
      grant_type: 'refresh_token',
      client_id: 'tv',
      refresh_token: String(body.refresh_token),
    });
    expect(decodeJwt(String(refreshed.body.id_token))).toMatchObject({ acr: 'plus', amr: ['pwd', 'otp'] });
  });
});

describe('levels', () => {
  test('acr_values: the browser that confirms steps up', async () => {
    const device = await begin({ acr_values: 'plus' });
    expect((await allow(device)).steps).toEqual(['password', 'email-code']);
    expect(decodeJwt(String((await poll(device)).body.id_token)).acr).toBe('plus');
  });

  test('minimum_level: whatever the device asks', async () => {
    const device = await begin({ acr_values: 'basic' }, 'tv-plus');
    expect((await allow(device)).steps).toEqual(['password', 'email-code']);
    expect(decodeJwt(String((await poll(device)).body.id_token)).acr).toBe('plus');
  });

  test('max_age=0: a session is not enough', async () => {
    const agent = kapu.agent();
    await signIn(kapu, await kapu.service(), agent);
    expect((await allow(await begin({ max_age: '0' }), agent)).steps).toEqual(['password']);
  });

  test('what cannot be reached is told to the person and to the device', async () => {
    const device = await begin({}, 'tv-plus');
    const { page } = await allow(device, kapu.agent(), 'bela');
    expect(textOf(page)).toContain('The device is not signed in');
    expect((await poll(device)).body.error).toBe('unmet_authentication_requirements');
  });
});

describe('ends', () => {
  test('the person refuses: the device hears it, and the code is worth nothing', async () => {
    const device = await begin();
    const agent = kapu.agent();
    const page = await agent.submit(await type(agent, device.userCode), { abort: 'yes' });
    expect(textOf(page)).toContain('You have refused the device');
    const [entry] = await kapu.records.audit.list({ limit: 1 });
    expect(entry).toMatchObject({ event: 'sign-in.cancelled', clientId: 'tv' });
    expect((await poll(device)).body.error).toBe('access_denied');
    expect(textOf(await type(kapu.agent(), device.userCode))).toContain('This code is not right');
  });

  test('the person gives the sign-in up: the same', async () => {
    const device = await begin();
    const agent = kapu.agent();
    const page = await agent.submit(await confirm(agent, device.userCode), { cancel: '1' });
    expect(textOf(page)).toContain('You have refused the device');
    expect((await poll(device)).body.error).toBe('access_denied');
  });

  test('time passes: neither the device nor a person can use it', async () => {
    const device = await begin();
    await clock.pass(601_000);
    expect(['expired_token', 'invalid_grant']).toContain((await ask(device)).body.error);
    expect(textOf(await type(kapu.agent(), device.userCode))).toContain('This code is not right');
  });

  test('never was, over, refused, used: the same words', async () => {
    const used = await begin();
    await allow(used);
    const refused = await begin();
    const agent = kapu.agent();
    await agent.submit(await type(agent, refused.userCode), { abort: 'yes' });
    const answers = [];
    for (const code of ['BBBB-BBBB', used.userCode, refused.userCode]) {
      const page = await type(kapu.agent(), code);
      answers.push([page.status, textOf(page).replaceAll(/\s[B-Z-]{9}\s/g, ' ')]);
    }
    expect(answers[1]).toEqual(answers[0]);
    expect(answers[2]).toEqual(answers[0]);
    expect(answers[0]![0]).toBe(400);
    await clock.pass(15 * 60_000);
  });

  test('no code at all', async () => {
    const page = await type(kapu.agent(), '');
    expect([page.status, textOf(page)]).toEqual([400, expect.stringContaining('Type the code shown on the device.')]);
  });

  test('who began and left can begin again, in another browser too', async () => {
    const device = await begin();
    await confirm(kapu.agent(), device.userCode);
    const { page } = await allow(device);
    expect(textOf(page)).toContain('The device is signed in');
    expect((await poll(device)).status).toBe(200);
  });

  test('signed out in the browser: tokens without offline_access are worth nothing', async () => {
    const agent = kapu.agent();
    const device = await begin();
    await allow(device, agent);
    await agent.submit(await agent.get('/session/end'), { logout: 'yes' });
    expect((await poll(device)).body.error).toBe('invalid_grant');
  });
});

describe('limits', () => {
  test('a device that asks too soon is told to slow down', async () => {
    const device = await begin();
    expect((await poll(device)).body.error).toBe('authorization_pending');
    expect((await ask(device)).body.error).toBe('slow_down');
    expect((await poll(device)).body.error).toBe('authorization_pending');
  });

  test('wrong codes are counted before they are looked up; then not even the right one goes, and right ones cost nothing', async () => {
    await clock.pass(16 * 60_000);
    for (let n = 0; n < 8; n++) expect((await type(kapu.agent(), (await begin()).userCode)).status).toBe(200);
    const { userCode } = await begin();
    const guesses = await Promise.all(Array.from({ length: 12 }, () => type(kapu.agent(), 'CCCC-CCCC')));
    expect(guesses.filter(({ status }) => status === 400)).toHaveLength(5);
    const page = await type(kapu.agent(), userCode);
    expect([page.status, textOf(page)]).toEqual([429, expect.stringContaining('Too many wrong codes')]);
    expect(Number(page.headers.get('retry-after'))).toBeGreaterThan(0);
    await clock.pass(15 * 60_000);
    expect((await type(kapu.agent(), (await begin()).userCode)).status).toBe(200);
  });

  test('another client cannot redeem it', async () => {
    const device = await begin();
    await allow(device);
    expect((await poll({ ...device, clientId: 'radio' })).body.error).toBe('invalid_grant');
    expect((await poll(device)).status).toBe(200);
  });

  test('nor can what stands in the store be presented', async () => {
    expect((await ask({ clientId: 'tv', code: `#${'a'.repeat(32)}` })).body.error).toBe('invalid_grant');
  });

  test('a client without the grant gets no code; a large request is refused', async () => {
    expect((await post('/device/auth', { client_id: 'demo-native', scope: 'openid' })).body.error).toBe(
      'invalid_request',
    );
    const large = await post('/device/auth', { client_id: 'tv', scope: 'openid', login_hint: 'x'.repeat(13_000) });
    expect(large.status).toBe(400);
  });
});

describe('races', () => {
  test('asked fifty times at once: one answer with tokens', async () => {
    const device = await begin();
    await allow(device);
    await clock.pass(5_000);
    const answers = await Promise.all(Array.from({ length: 50 }, () => ask(device)));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    expect(new Set(answers.map(({ body }) => body.error))).toEqual(new Set([undefined, 'slow_down']));
    const { body } = answers.find(({ status }) => status === 200)!;
    const info = await wire()(`${kapu.issuer}/userinfo`, { headers: { authorization: `Bearer ${body.access_token}` } });
    expect(info.status).toBe(200);
  });

  test('redeemed again: what it gave is worth nothing', async () => {
    const device = await begin();
    await allow(device);
    const { body } = await poll(device);
    expect((await poll(device)).body.error).toBe('invalid_grant');
    const info = await wire()(`${kapu.issuer}/userinfo`, { headers: { authorization: `Bearer ${body.access_token}` } });
    expect(info.status).toBe(401);
  });

  test('two people confirm at once: the first decides', async () => {
    const device = await begin();
    const [one, other] = [kapu.agent(), kapu.agent()];
    const pages = [await confirm(one, device.userCode), await confirm(other, device.userCode)] as const;
    const [first, second] = await Promise.all([
      one.submit(pages[0], credentials('anna')),
      other.submit(pages[1], credentials('bela')),
    ]);
    const ends = [textOf(first), textOf(second)].map((text) => text.includes('The device is signed in'));
    expect(ends.filter(Boolean)).toHaveLength(1);
    const { body } = await poll(device);
    const who = ends[0] ? 'anna' : 'bela';
    expect(decodeJwt(String(body.id_token)).sub).toBe((await kapu.records.accounts.findByUsername(who))!.id);
  });
});

describe('the pages', () => {
  test('cannot be posted by another site, nor without their token', async () => {
    const { userCode } = await begin();
    const agent = kapu.agent();
    const { hidden } = formOf(await agent.get('/device'));
    const fields = { ...hidden, user_code: userCode, confirm: 'yes' };
    expect((await agent.post('/device', fields, { origin: 'https://evil.example' })).status).toBe(403);
    const page = await agent.post('/device', { ...fields, xsrf: 'made up' });
    expect([page.status, textOf(page)]).toEqual([400, expect.stringContaining('This page had gone out of date')]);
    const stranger = await kapu.agent().post('/device', fields, { origin: kapu.issuer });
    expect([stranger.status, textOf(stranger)]).toEqual([200, expect.stringContaining('Code on the device')]);
  });

  test('the address that resumes, again or from elsewhere, leads on and not into a wall', async () => {
    const device = await begin();
    const agent = kapu.agent();
    const { page } = await allow(device, agent);
    for (const browser of [agent, kapu.agent()]) {
      const again = await browser.get(page.url);
      expect(again.status).toBeLessThan(500);
      expect(textOf(again).length).toBeGreaterThan(20);
    }
  });
});

test('where it is off there is nothing of it', async () => {
  const other = await startKapu({ change: roomy });
  const answer = await wire()(`${other.issuer}/device`);
  expect(answer.status).toBe(404);
  const { body } = await read(await wire()(`${other.issuer}/.well-known/openid-configuration`));
  expect(body).not.toHaveProperty('device_authorization_endpoint');
  await other.stop();
});
