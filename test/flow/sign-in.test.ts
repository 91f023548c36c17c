/** The main journey: user name and password, the code where plus is asked, and what the service is told. */

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { tokenIntrospection } from 'openid-client';
import { textOf } from '../support/agent.ts';
import { testClock } from '../support/clock.ts';
import { roomy, startKapu, type TestKapu } from '../support/kapu.ts';
import type { RelyingParty } from '../support/relying-party.ts';
import { atCodePage, credentials, errorOf, signIn, silently, stepOf } from './journey.ts';

let kapu: TestKapu;
let service: RelyingParty;
const clock = testClock();

beforeAll(async () => {
  kapu = await startKapu({ change: roomy, clock });
  service = await kapu.service();
});
afterAll(async () => {
  expect(await kapu.leaks()).toEqual([]);
  await kapu.stop();
});

const nearNow = (seconds: number | undefined) => expect(Math.abs(Date.now() / 1000 - seconds!)).toBeLessThan(30);

describe('a service asks for nothing special', () => {
  test('user name and password give basic, and the token says so', async () => {
    const agent = kapu.agent();
    const { asked, page } = await service.visit(agent);
    expect(textOf(page)).toContain('Sample Phone App');
    const back = await agent.submit(page, credentials('anna'));
    expect(back.url.href).toMatch(/^http:\/\/127\.0\.0\.1:45454\/callback\?code=/);
    const { claims } = await asked.redeem(back.url);
    expect(claims).toMatchObject({ acr: 'basic', amr: ['pwd'], iss: kapu.issuer });
    nearNow(claims.auth_time);
  });

  test('the next service of the same browser asks nothing', async () => {
    const agent = kapu.agent();
    await signIn(kapu, service, agent);
    const other = await kapu.service({ clientId: 'demo-web', secret: 'demo-web-secret-0123456789abcdef' });
    const { steps, claims } = await signIn(kapu, other, agent);
    expect(steps).toEqual([]);
    expect(claims).toMatchObject({ acr: 'basic', amr: ['pwd'] });
  });

  test('a person without an e-mail address signs in', async () => {
    expect((await signIn(kapu, service, kapu.agent(), {}, 'bela')).claims.acr).toBe('basic');
  });

  test('the user name counts without regard to case and to spaces around it', async () => {
    expect((await signIn(kapu, service, kapu.agent(), {}, ' ANNA ')).claims.acr).toBe('basic');
  });
});

describe('a service asks for plus', () => {
  test('a code by e-mail after the password gives plus', async () => {
    const { agent, asked, page } = await atCodePage(kapu, service);
    expect(textOf(page)).toContain('a***@demo.example');
    const back = await agent.submit(page, { code: await kapu.codeFor(page) });
    const { claims } = await asked.redeem(back.url);
    expect(claims).toMatchObject({ acr: 'plus', amr: ['pwd', 'otp'] });
    nearNow(claims.auth_time);
  });

  test('a browser signed in at basic is asked for the code alone', async () => {
    const agent = kapu.agent();
    await signIn(kapu, service, agent);
    const { steps, claims } = await signIn(kapu, service, agent, { acr_values: 'plus' });
    expect(steps).toEqual(['email-code']);
    expect(claims).toMatchObject({ acr: 'plus', amr: ['pwd', 'otp'] });
  });

  test('a browser signed in at plus is asked nothing, for plus and for basic', async () => {
    const agent = kapu.agent();
    await signIn(kapu, service, agent, { acr_values: 'plus' });
    const again = await signIn(kapu, service, agent, { acr_values: 'plus' });
    expect([again.steps, again.claims.acr]).toEqual([[], 'plus']);
    const basic = await signIn(kapu, service, agent, { acr_values: 'basic' });
    expect([basic.steps, basic.claims.acr]).toEqual([[], 'basic']);
    expect((await signIn(kapu, service, agent)).claims.acr).toBe('plus');
  });

  test('who walks away from the code page is not signed in at all', async () => {
    const { agent } = await atCodePage(kapu, service);
    expect(await silently(service, agent)).toBe('login_required');
  });

  test('who had a session and walks away from the code page keeps it as it was', async () => {
    const agent = kapu.agent();
    await signIn(kapu, service, agent);
    await service.visit(agent, { acr_values: 'plus' });
    expect(await silently(service, agent)).toMatchObject({ claims: { acr: 'basic' } });
  });
});

describe('a person gives up', () => {
  test('at the password: access_denied', async () => {
    const agent = kapu.agent();
    const { page } = await service.visit(agent);
    expect(errorOf(await agent.submit(page, { cancel: '1' }))).toBe('access_denied');
    expect(await silently(service, agent)).toBe('login_required');
  });

  test('at the code: unmet_authentication_requirements, and nobody is signed in', async () => {
    const { agent, page } = await atCodePage(kapu, service);
    expect(errorOf(await agent.submit(page, { cancel: '1' }))).toBe('unmet_authentication_requirements');
    expect(await silently(service, agent)).toBe('login_required');
  });

  test.each<Record<string, string>>([{ prompt: 'login' }, { max_age: '0' }, { max_age: '1' }])(
    'at the password of a new sign-in (%j): access_denied, and the session stays',
    async (parameters) => {
      const agent = kapu.agent();
      await signIn(kapu, service, agent);
      await clock.pass(2000);
      const { page } = await service.visit(agent, parameters);
      expect(stepOf(page)).toBe('password');
      expect(errorOf(await agent.submit(page, { cancel: '1' }))).toBe('access_denied');
      expect(await silently(service, agent)).toMatchObject({ claims: { acr: 'basic' } });
    },
  );

  test('of the code, where a weaker level will do: basic, honestly named', async () => {
    const agent = kapu.agent();
    const { asked, page } = await service.visit(agent, { acr_values: 'plus basic' });
    const codePage = await agent.submit(page, credentials('anna'));
    expect(codePage.html).toContain('name="decline"');
    const back = await agent.submit(codePage, { decline: '1' });
    expect((await asked.redeem(back.url)).claims).toMatchObject({ acr: 'basic', amr: ['pwd'] });
  });

  test('of the code, where only plus will do: there is no such button, and pressing it gains nothing', async () => {
    const { agent, page } = await atCodePage(kapu, service);
    expect(page.html).not.toContain('name="decline"');
    expect(stepOf(await agent.submit(page, { decline: '1' }))).not.toBe('service');
    const choice = page.url.pathname.replace(/[\w-]+$/, 'choose');
    expect(stepOf(await agent.post(choice, { decline: '1' }, { origin: kapu.issuer }))).toBe('email-code');
  });
});

describe('how and when the person signed in', () => {
  test('stands in introspection too (RFC 9470, 6)', async () => {
    const web = await kapu.service({ clientId: 'demo-web', secret: 'demo-web-secret-0123456789abcdef' });
    const { tokens, claims } = await signIn(kapu, web, kapu.agent(), { acr_values: 'plus' });
    expect(await tokenIntrospection(web.config, tokens.access_token)).toMatchObject({
      active: true,
      acr: 'plus',
      auth_time: claims.auth_time,
      sub: claims.sub,
    });
  });
});
