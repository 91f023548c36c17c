/** Ways into an account, and back into it, in Chromium: a forgotten password and what it is worth, a letter, a sign-up. */

import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import type { Browser } from 'playwright-core';
import { createActivationCodes } from '../../interactions/activate/code.ts';
import { texts as activate } from '../../interactions/activate/texts.ts';
import { texts as held } from '../../interactions/held/texts.ts';
import { newKey } from '../../interactions/methods/totp/app.ts';
import { appOf } from '../../interactions/methods/totp/credential.ts';
import { texts as reset } from '../../interactions/reset/texts.ts';
import type { Account } from '../../src/records/records.ts';
import { createVault } from '../../src/vault.ts';
import { codeAt } from '../methods/app.ts';
import { fillIn, startWorld, type World } from '../methods/world.ts';
import { launchBrowser } from '../support/browser.ts';
import { heading } from './people.ts';
import { accountOf, goOn, type Scene, sceneOf, take, variants } from './scene.ts';

jest.setTimeout(240_000);

const newPassword = 'ladder umbrella seventeen';
const chosen = { 'new-password': newPassword, repeat: newPassword };
const unmet = 'unmet_authentication_requirements';
const plus = { acr_values: 'plus', prompt: 'login' };

let browser: Browser;
let world: World;
beforeAll(async () => {
  browser = await launchBrowser();
});
afterAll(() => browser?.close());

describe.each(variants)('in $locale, with JavaScript: $javaScriptEnabled, at $width pixels', (variant) => {
  const { locale } = variant;

  // Each in a world of its own: a session that begins when a clock is days ahead has ended for the library, which takes real time.
  beforeAll(async () => {
    world = await startWorld();
  });
  afterAll(() => world?.stop());

  /** From the sign-in page to the one that says what the new password is worth. */
  async function forgotten({ page, look, mailedCode }: Scene, username: string): Promise<void> {
    await take(page, reset[locale].title);
    expect(await heading(page)).toBe(reset[locale].start.heading);
    await look('reset-start');
    await fillIn(page, { username });
    await look('reset-code');
    await mailedCode();
    await fillIn(page, { 'new-password': 'short', repeat: 'short' });
    await look('reset-password-refused');
    await fillIn(page, chosen);
    expect(await heading(page)).toBe(reset[locale].done.heading);
    await look('reset-done');
    await goOn(page);
  }

  test('a forgotten password: what it is worth, the page of the hold, and what the other browser says', async () => {
    const scene = await sceneOf(browser, world, variant);
    const { page, look, toService, isBack } = scene;
    const person = await world.person({ locale });
    const before = await scene.another();
    await toService({}, before.page);
    await fillIn(before.page, { username: person.username, password: 'kapu-demo-2026' });
    await isBack(undefined, before.page);
    await world.clock.pass(60_000);

    await toService(plus);
    await look('sign-in-links');
    await forgotten(scene, person.username);
    expect(await heading(page)).toBe(held[locale].heading);
    await look('held');
    await take(page, held[locale].back);
    await isBack(unmet);

    await toService({});
    await fillIn(page, { username: person.username, password: newPassword });
    await isBack();
    await toService({ acr_values: 'plus' });
    await take(page, held[locale].back);
    await isBack(unmet);

    await toService({}, before.page);
    await look('signed-out-everywhere', before);
    await fillIn(before.page, { username: person.username, password: 'kapu-demo-2026' });
    await look('signed-out-everywhere-wrong', before);
    await fillIn(before.page, { username: person.username, password: newPassword });
    await isBack(undefined, before.page);
    expect((await accountOf(world, person)).hold).toBeDefined();
    await scene.end();
  });

  test('a forgotten password, and an app of one’s own that ends the hold', async () => {
    const scene = await sceneOf(browser, world, variant);
    const { page, toService, isBack } = scene;
    const person = await world.person({ locale });
    const key = newKey();
    const vault = createVault(world.kapu.settings.secrets.credentialKeys);
    await world.kapu.records.credentials.add(person.id, await appOf(vault, person, key, 0));
    // Set up long enough ago that it cannot be a thief's.
    await world.clock.pass(4 * 24 * 3600_000);
    await toService(plus);
    await forgotten(scene, person.username);
    await fillIn(page, { code: codeAt(key, world.clock.now()) });
    await isBack();
    expect((await accountOf(world, person)).hold).toBeUndefined();
    await scene.end();
  });

  test('a letter with a code leads to a password, and to the service', async () => {
    const scene = await sceneOf(browser, world, variant);
    const { page, look, toService, isBack } = scene;
    const person = await world.person({ locale });
    const code = await letterFor(person);
    await toService({});
    await take(page, activate[locale].title);
    await look('activate');
    await fillIn(page, { username: person.username, code: 'ABCD-EFGH-JKMN-PQRS' });
    await look('activate-wrong');
    await fillIn(page, { username: person.username, code: code.toLowerCase() });
    await look('activate-password');
    await fillIn(page, chosen);
    await look('activate-done');
    await goOn(page);
    await isBack();
    await scene.end();
  });

  test('a sign-up that the service has sent for, and back to it', async () => {
    const scene = await sceneOf(browser, world, variant);
    const { page, look, toService, isBack, mailedCode } = scene;
    const username = `new-${locale}-${variant.width}`;
    await toService({ prompt: 'create' });
    await look('sign-up');
    await fillIn(page, { email: `${username}@` });
    await look('sign-up-malformed');
    await fillIn(page, { email: `${username}@demo.example` });
    await look('sign-up-code');
    await mailedCode();
    await fillIn(page, { username, name: 'Nagy Ilona', 'new-password': 'short', repeat: 'other' });
    await look('sign-up-about');
    await fillIn(page, { username, name: 'Nagy Ilona', ...chosen });
    await isBack();
    expect(await world.kapu.records.accounts.findByUsername(username)).toMatchObject({ emailVerified: true, locale });
    await scene.end();
  });
});

/** A code as an operator prints it. */
async function letterFor(person: Account): Promise<string> {
  const { secrets, recovery } = world.kapu.settings;
  const codes = createActivationCodes({ keys: secrets.credentialKeys, life: recovery.codeLife, now: world.clock.now });
  const { code, credential } = codes.make(person, 'letter');
  await world.kapu.records.accounts.change(person.id, { clear: ['activation'], add: [credential] });
  return code;
}
