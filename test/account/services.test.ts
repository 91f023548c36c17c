/** What services were given, and taking it back (ASVS 10.4.9, 10.7.3). */

import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { refreshTokenGrant } from 'openid-client';
import { createStopLinks } from '../../interactions/stop/link.ts';
import { password, signIn, silently } from '../flow/journey.ts';
import { textOf } from '../support/agent.ts';
import { eventually } from '../support/eventually.ts';
import { roomy, startKapu, type TestKapu } from '../support/kapu.ts';
import { expectPage, visit } from './journey.ts';

let kapu: TestKapu;
/** What the service has been told by back-channel logout. */
const told: string[] = [];
const receiver = createServer((request, response) => {
  request.on('data', (chunk: Buffer) => told.push(String(chunk)));
  request.on('end', () => response.writeHead(200).end());
});

beforeAll(async () => {
  kapu = await startKapu({ change: roomy });
  await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve));
  const { port } = receiver.address() as AddressInfo;
  const { metadata } = (await kapu.records.clients.find('demo-library'))!;
  await kapu.records.clients.put('library-told', {
    ...metadata,
    client_id: 'library-told',
    application_type: 'native',
    backchannel_logout_uri: `http://127.0.0.1:${port}/logout`,
  });
});
afterAll(async () => {
  expect(await kapu.leaks()).toEqual([]);
  await kapu.stop();
  receiver.close();
});

const offline = { scope: 'openid profile offline_access', prompt: 'consent' };
const userinfo = async (token: string) => {
  const { status } = await fetch(`${kapu.issuer}/userinfo`, { headers: { authorization: `Bearer ${token}` } });
  return status;
};

test('an empty list says so', async () => {
  const agent = kapu.agent();
  const { page } = await visit(kapu, agent, '/account/services', 'bela');
  expectPage(page, '/account/services');
  expect(textOf(page)).toContain('You have not signed in to any service from here yet.');
});

describe('taking back', () => {
  test('ends consent, tokens of this session and of ones that are over, and tells the service', async () => {
    const library = await kapu.service({ clientId: 'library-told' });
    const native = await kapu.service();
    // A session that is over, whose refresh token lives.
    const before = kapu.agent();
    const old = await signIn(kapu, library, before, offline);
    await before.submit(await before.get('/session/end'), { logout: 'yes' });
    expect(await userinfo(old.tokens.access_token)).toBe(200);
    told.length = 0;
    const agent = kapu.agent();
    const now = await signIn(kapu, library, agent, offline);
    const session = await signIn(kapu, library, agent, { scope: 'openid', prompt: 'consent' });
    const other = await signIn(kapu, native, agent);
    const { page } = await visit(kapu, agent, '/account/services');
    expect(textOf(page)).toMatch(/City Library It gets:.*your name, your birth name.*You allowed it:/);
    expect(textOf(page)).not.toContain('My account It gets');

    const asked = await agent.get('/account/services/revoke?client=library-told');
    expect(textOf(asked)).toContain('Take back what City Library has?');
    const done = await agent.submit(asked, { revoke: '1' });
    expect(textOf(done)).toContain('This has been taken back.');
    expect(textOf(done)).toMatch(/City Library It got:.*Taken back:/);
    expect(done.html).not.toContain('client=library-told');

    for (const { tokens } of [old, now, session]) {
      expect(await userinfo(tokens.access_token)).toBe(401);
      if (tokens.refresh_token)
        await expect(refreshTokenGrant(library.config, tokens.refresh_token)).rejects.toMatchObject({
          error: 'invalid_grant',
        });
    }
    expect(await userinfo(other.tokens.access_token)).toBe(200);
    const anna = (await kapu.records.accounts.findByUsername('anna'))!;
    expect(await kapu.records.consents.find(anna.id, 'library-told')).toBeUndefined();
    await eventually('the service hears of it', () => told.some((body) => body.includes('logout_token=')));
    expect(await silently(native, agent)).toMatchObject({ claims: { acr: 'basic' } });
    expect(await silently(library, agent)).toBe('interaction_required');
    // And can be allowed again.
    const again = await signIn(kapu, library, agent, offline);
    expect(await userinfo(again.tokens.access_token)).toBe(200);
    expect(textOf((await visit(kapu, agent, '/account/services')).page)).toMatch(/City Library It gets:/);
  });

  test('of a code that is on its way, too', async () => {
    const native = await kapu.service();
    const agent = kapu.agent();
    await signIn(kapu, native, agent);
    const { asked, page } = await native.visit(agent);
    await agent.post('/account/services/revoke?client=demo-native', { revoke: '1' });
    // The first post has to sign in to the own pages.
    await agent.submit(await agent.get('/account/services/revoke?client=demo-native'), { revoke: '1' });
    await expect(asked.redeem(page.url)).rejects.toMatchObject({ error: 'invalid_grant' });
  });

  test.each(['/account/services/revoke', '/account/services/revoke?client=kapu-account'])(
    '%s asks nothing',
    async (path) => {
      const { page } = await visit(kapu, kapu.agent(), path);
      expectPage(page, '/account/services');
    },
  );

  test('what was never used is nothing', async () => {
    const agent = kapu.agent();
    await visit(kapu, agent);
    const asked = await agent.get('/account/services/revoke?client=%3Cscript%3E');
    expect(asked.html).not.toContain('<script>');
    expect(textOf(await agent.submit(asked, { revoke: '1' }))).toContain('taken back');
  });
});

test('a stop by the link of a notice tells the services of the sessions that it ends', async () => {
  const library = await kapu.service({ clientId: 'library-told' });
  await signIn(kapu, library, kapu.agent(), offline, 'john');
  const { id } = (await kapu.records.accounts.findByUsername('john'))!;
  // Sessions of the same millisecond as what ends them are those of after it.
  await new Promise((resolve) => setTimeout(resolve, 5));
  const since = new Date();
  await kapu.records.accounts.change(id, { hold: { since } });
  told.length = 0;
  const links = createStopLinks(kapu.issuer, kapu.settings.secrets.credentialKeys);
  const link = links.to({ accountId: id, since });
  expect((await kapu.agent().post(link, { stop: '1' })).status).toBe(200);
  await eventually('the service is told', () => told.length > 0);
  expect((await kapu.agent().post(link, { stop: '1' })).status).toBe(200);
  expect(told).toHaveLength(1);
});

test('a new password ends what others had at services, which are told; here all stays', async () => {
  const [library, native] = [await kapu.service({ clientId: 'library-told' }), await kapu.service()];
  const [other, agent] = [kapu.agent(), kapu.agent()];
  for (const each of [other, agent]) await signIn(kapu, library, each, { scope: 'openid', prompt: 'consent' }, 'john');
  const { page } = await visit(kapu, agent, '/account/password', 'john');
  told.length = 0;
  const chosen = 'ladder umbrella seventeen';
  expectPage(await agent.submit(page, { password, 'new-password': chosen, repeat: chosen }), '/account/password/done');
  await eventually('the service hears of it', () => told.length > 0);
  expect(await silently(native, other)).toBe('login_required');
  expect(await silently(native, agent)).toMatchObject({ claims: { acr: 'basic' } });
  expect(told).toHaveLength(1);
});
