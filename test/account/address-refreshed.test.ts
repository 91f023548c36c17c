/**
 * What a service hears of another address: tokens that are refreshed, and userinfo, tell of the account as it is, and of the sign-in as it
 * was; a level is never gained by it (docs/decisions/023; OpenID Connect Core, 12.2).
 */

import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { decodeJwt } from 'jose';
import { fetchUserInfo, refreshTokenGrant } from 'openid-client';
import { heldError, signIn, silently } from '../flow/journey.ts';
import { type Clock, testClock } from '../support/clock.ts';
import { roomy, startKapu, type TestKapu } from '../support/kapu.ts';
import type { RelyingParty } from '../support/relying-party.ts';
import { visit } from './journey.ts';

const [old, other] = ['john@demo.example', 'other@demo.example'];
const claims = JSON.stringify({ id_token: { email: null, email_verified: null } });
const offline = { scope: 'openid email offline_access', prompt: 'consent', claims };

let kapu: TestKapu;
let service: RelyingParty;
let clock: Clock;

beforeEach(async () => {
  clock = testClock();
  kapu = await startKapu({ clock, change: roomy });
  service = await kapu.service();
});
afterEach(() => kapu?.stop());

/** Refreshes, and asks userinfo with what came. */
async function refreshed(refreshToken: string) {
  const tokens = await refreshTokenGrant(service.config, refreshToken);
  const told = decodeJwt(tokens.id_token!);
  const info = await fetchUserInfo(service.config, tokens.access_token, String(told.sub));
  return { told, info, next: tokens.refresh_token ?? refreshToken };
}

test('after a change of address the new one is told, with acr and auth_time of the sign-in, and no plus is gained', async () => {
  const browser = kapu.agent();
  const first = await signIn(kapu, service, browser, { ...offline, acr_values: 'plus' }, 'john');
  expect(first.claims).toMatchObject({ acr: 'plus', email: old, email_verified: true });
  const { acr, auth_time: at, amr } = first.claims;
  const before = await refreshed(first.tokens.refresh_token!);
  expect(before.told).toMatchObject({ acr, amr, auth_time: at, email: old });

  const owner = kapu.agent();
  await visit(kapu, owner, '/account/email', 'john');
  await clock.pass(2000);
  const asked = await owner.post('/account/email', { email: other });
  const done = await owner.submit(asked, { code: await kapu.codeFor(asked) });
  expect([done.url.pathname, done.status]).toEqual(['/account/email/done', 200]);

  const after = await refreshed(before.next);
  expect(after.told).toMatchObject({ acr, amr, auth_time: at, email: other, email_verified: true });
  expect(after.info).toMatchObject({ email: other, email_verified: true, acr, auth_time: at });
  // The session has basic left: the mailbox counts for nothing now, wherever the code was given before.
  expect(await silently(service, browser)).toMatchObject({ claims: { acr: 'basic' } });
  const stepUp = await service.visit(browser, { acr_values: 'plus' });
  expect(await heldError(browser, stepUp.page)).toBe('unmet_authentication_requirements');
});

test('after a stop the old address is told again, and what was issued before it is worth nothing', async () => {
  const first = await signIn(kapu, service, kapu.agent(), offline, 'john');
  const account = (await kapu.records.accounts.findByUsername('john'))!;
  const since = clock.now();
  const until = new Date(since.getTime() + 72 * 3600_000);
  const change = { email: other, emailVerified: true, formerEmail: old, hold: { since, until } };
  await kapu.records.accounts.change(account.id, change);
  expect((await refreshed(first.tokens.refresh_token!)).info).toMatchObject({ email: other });
  const { createStopLinks } = await import('../../interactions/stop/link.ts');
  const links = createStopLinks(kapu.issuer, kapu.settings.secrets.credentialKeys);
  await clock.pass(2000);
  expect((await kapu.agent().post(links.to({ accountId: account.id, since }), { stop: '1' })).status).toBe(200);
  await expect(refreshed(first.tokens.refresh_token!)).rejects.toMatchObject({ error: 'invalid_grant' });
  await clock.pass(2000);
  const again = await signIn(kapu, service, kapu.agent(), offline, 'john');
  expect(again.claims).toMatchObject({ email: old, acr: 'basic' });
});
