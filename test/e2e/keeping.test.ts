/** Keeping an account right, in Chromium: another address and its stop, first and last methods, "this was not me", services, browsers, the end. */

import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import type { Browser, Page } from 'playwright-core';
import { texts as activity } from '../../interactions/account/activity/texts.ts';
import { texts as data } from '../../interactions/account/data/texts.ts';
import { texts as email } from '../../interactions/account/email/texts.ts';
import { texts as methods } from '../../interactions/account/methods/texts.ts';
import { texts as overview } from '../../interactions/account/overview/texts.ts';
import { texts as services } from '../../interactions/account/services/texts.ts';
import { texts as sessions } from '../../interactions/account/sessions/texts.ts';
import { texts as consent } from '../../interactions/consent/texts.ts';
import { texts as enrol } from '../../interactions/enrol/texts.ts';
import { texts as passkey } from '../../interactions/methods/passkey/texts.ts';
import { newKey } from '../../interactions/methods/totp/app.ts';
import { appOf } from '../../interactions/methods/totp/credential.ts';
import { texts as totp } from '../../interactions/methods/totp/texts.ts';
import { texts as every } from '../../interactions/pages/texts.ts';
import { texts as stop } from '../../interactions/stop/texts.ts';
import type { Account } from '../../src/records/records.ts';
import { createVault } from '../../src/vault.ts';
import { codeAt } from '../methods/app.ts';
import { fillIn, startWorld, type World } from '../methods/world.ts';
import { launchBrowser } from '../support/browser.ts';
import { eventually } from '../support/eventually.ts';
import { seen } from '../support/secrets.ts';
import { heading } from './people.ts';
import { accountOf, sceneOf, take, variants } from './scene.ts';

jest.setTimeout(240_000);

const password = 'kapu-demo-2026';

let browser: Browser;
let world: World;
beforeAll(async () => {
  const change = (settings: { account?: { firstMethodOnPassword?: boolean } }) => {
    settings.account!.firstMethodOnPassword = true;
  };
  [browser, world] = await Promise.all([launchBrowser(), startWorld(change)]);
});
afterAll(async () => {
  await browser?.close();
  await world?.stop();
});

/** Gives somebody an app; its key. */
async function withApp(person: Account): Promise<string> {
  const key = newKey();
  const vault = createVault(world.kapu.settings.secrets.credentialKeys);
  await world.kapu.records.credentials.add(person.id, await appOf(vault, person, key, 0));
  return key;
}

/** Gives a page a device that makes passkeys, whose owner touches it at once. */
async function withAuthenticator(page: Page): Promise<void> {
  const devtools = await page.context().newCDPSession(page);
  await devtools.send('WebAuthn.enable', {});
  const can = { hasResidentKey: true, hasUserVerification: true, isUserVerified: true };
  const options = { protocol: 'ctap2', transport: 'internal', automaticPresenceSimulation: true, ...can } as const;
  await devtools.send('WebAuthn.addVirtualAuthenticator', { options });
}

/** The link that stops, in the newest notice to `address`. */
async function linkTo(address: string): Promise<string> {
  const links = () =>
    world.kapu.mailsTo(address).flatMap(({ text }) => /^http\S+\/account\/stop\/\S+$/m.exec(text ?? '') ?? []);
  await eventually(`a link to ${address}`, () => links().length > 0);
  return links().at(-1)!;
}

describe.each(variants)('in $locale, with JavaScript: $javaScriptEnabled, at $width pixels', (variant) => {
  const { locale, javaScriptEnabled } = variant;

  test('another address, and the link in the notice that takes it back', async () => {
    const scene = await sceneOf(browser, world, variant);
    const { page, look, own, mailedCode } = scene;
    const person = await world.person({ locale });
    await own('/account/email', person.username);
    await look('email');
    await fillIn(page, { email: 'thief' });
    await look('email-malformed');
    await fillIn(page, { email: `new-${person.username}@demo.example` });
    expect(await heading(page)).toBe(email[locale].code.heading);
    await look('email-code');
    await mailedCode();
    await look('email-done');
    await page.goto(`${world.kapu.issuer}/account`);
    await look('account-held');

    const elsewhere = await scene.another();
    await elsewhere.page.goto(await linkTo(person.email!));
    await look('stop', elsewhere);
    await take(elsewhere.page, stop[locale].ask.submit);
    expect(await heading(elsewhere.page)).toBe(stop[locale].done.heading);
    await look('stop-done', elsewhere);
    expect(await accountOf(world, person)).toMatchObject({ email: person.email, hold: { since: expect.any(Date) } });
    await scene.end();
  });

  test('a first method inside a sign-in, which then is the last one', async () => {
    const scene = await sceneOf(browser, world, variant);
    const { page, look, toService, isBack } = scene;
    const person = await world.person({ mailbox: false, locale });
    await toService({ acr_values: 'plus' });
    await fillIn(page, { username: person.username, password });
    expect(await heading(page)).toBe(enrol[locale].heading);
    await look('enrol');
    await page.locator('.option', { hasText: totp[locale].methodTitle }).click();
    await look('enrol-app');
    const [, key = ''] = /secret=([A-Z2-7]+)/.exec(await page.content())!;
    seen.add('app key', key);
    await fillIn(page, { code: codeAt(key, world.clock.now()) });
    await isBack();

    await page.goto(`${world.kapu.issuer}/account/methods`);
    await take(page, new RegExp(`^${methods[locale].remove}: `));
    expect(await page.textContent('main')).toContain(methods[locale].refusedText);
    await look('remove-refused');
    await scene.end();
  });

  test('a passkey as the first method inside a sign-in; without scripts the page says what it takes', async () => {
    const scene = await sceneOf(browser, world, variant);
    const { page, look, toService, isBack } = scene;
    if (javaScriptEnabled) await withAuthenticator(page);
    const person = await world.person({ mailbox: false, locale });
    await toService({ acr_values: 'plus' });
    await fillIn(page, { username: person.username, password });
    await page.locator('.option', { hasText: passkey[locale].methodTitle }).click();
    expect(await heading(page)).toBe(passkey[locale].setUp.heading);
    await look('enrol-passkey');
    if (javaScriptEnabled) {
      await page.click('.ds-button[data-variant=primary]');
      await page.waitForURL(/\/passkey$/);
      await page.click('.ds-button[data-variant=primary]');
      await isBack();
    } else {
      expect(await page.textContent('main')).toContain(passkey[locale].setUp.noScript);
      await take(page, every[locale].cancel);
      expect(await heading(page)).toBe(enrol[locale].heading);
    }
    await scene.end();
  });

  test('the last method of one’s own goes with a warning', async () => {
    const scene = await sceneOf(browser, world, variant);
    const { page, look } = scene;
    const person = await world.person({ locale });
    const key = await withApp(person);
    await page.goto(`${world.kapu.issuer}/account/methods`);
    await fillIn(page, { username: person.username, password });
    await take(page, new RegExp(`^${methods[locale].remove}: `));
    if (page.url().endsWith('/choose')) await page.locator('.option', { hasText: totp[locale].methodTitle }).click();
    await fillIn(page, { code: codeAt(key, world.clock.now()) });
    if (!page.url().includes('/remove')) await take(page, new RegExp(`^${methods[locale].remove}: `));
    expect(await page.textContent('main')).toContain(methods[locale].removeLastOwn);
    await look('remove-last');
    await take(page, methods[locale].removeConfirm);
    await look('methods-none');
    expect((await accountOf(world, person)).setUp).toEqual(['password']);
    await scene.end();
  });

  test('a service is looked at and taken back', async () => {
    const scene = await sceneOf(browser, world, variant);
    const { page, look, own } = scene;
    const person = await world.person({ locale });
    const library = await world.kapu.service({ clientId: 'demo-library', redirectUri: world.service.redirectUri });
    const asked = await library.ask({ scope: 'openid profile email' });
    await page.goto(asked.url.href);
    await fillIn(page, { username: person.username, password });
    await look('consent');
    await take(page, consent[locale].allow);
    await asked.redeem(new URL(page.url()));
    await own('/account/services', person.username);
    await look('services');
    await take(page, new RegExp(services[locale].revoke));
    await look('services-revoke');
    await take(page, services[locale].revoke);
    expect(await page.textContent('[role=status]')).toContain(services[locale].revoked);
    await look('services-revoked');
    await scene.end();
  });

  test('another browser is signed out; and somebody who was not it says so', async () => {
    const scene = await sceneOf(browser, world, variant);
    const { page, look, own, toService } = scene;
    const person = await world.person({ locale });
    const other = await scene.another();
    await toService({}, other.page);
    await fillIn(other.page, { username: person.username, password });
    await own('/account/sessions', person.username);
    await look('sessions');
    await take(page, new RegExp(`^${sessions[locale].end}: `));
    expect(await page.textContent('[role=status]')).toContain(sessions[locale].done.ended);
    await toService({}, other.page);
    expect(other.page.url()).toContain('/password');

    await page.goto(`${world.kapu.issuer}/account/activity`);
    await look('activity');
    await take(page, new RegExp(`^${activity[locale].notMe}`));
    await look('activity-report');
    await take(page, activity[locale].report);
    expect(await heading(page)).toBe(stop[locale].done.heading);
    await look('activity-reported');
    await world.clock.pass(2000);
    await own('/account', person.username);
    await look('account-stopped');
    expect((await accountOf(world, person)).hold).toEqual({ since: expect.any(Date) });
    await scene.end();
  });

  test('one’s data, and giving the account up and keeping it after all', async () => {
    const scene = await sceneOf(browser, world, variant);
    const { page, look, own } = scene;
    const person = await world.person({ locale });
    await own('/account/data', person.username);
    await take(page, data[locale].download);
    if (page.url().endsWith('/email-code')) await scene.mailedCode();
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: data[locale].download }).click(),
    ]);
    expect(download.suggestedFilename()).toMatch(/\.json$/);
    await look('data');
    await take(page, data[locale].remove);
    if (page.url().endsWith('/email-code')) await scene.mailedCode();
    await look('delete');
    await take(page, data[locale].confirm);
    await look('delete-asked');
    expect((await accountOf(world, person)).deleteAt).toBeDefined();
    await world.clock.pass(2000);
    await own('/account', person.username);
    await look('account-deletion');
    await take(page, overview[locale].toDeletion);
    await look('data-pending');
    await take(page, data[locale].keep);
    expect(await page.textContent('[role=status]')).toContain(data[locale].kept);
    expect((await accountOf(world, person)).deleteAt).toBeUndefined();
    await scene.end();
  });
});
