/** Setting a passkey up, over plain HTTP: from the person's own pages and inside a sign-in, and what is refused. */

import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { nameIn, suggestedName } from '../../interactions/methods/passkey/names.ts';
import { texts } from '../../interactions/methods/passkey/texts.ts';
import { visit } from '../account/journey.ts';
import { credentials, stepOf } from '../flow/journey.ts';
import { type Agent, type Page, textOf } from '../support/agent.ts';
import { Authenticator, type Lies, type Options } from '../support/authenticator.ts';
import { testClock } from '../support/clock.ts';
import { eventually } from '../support/eventually.ts';
import { roomy, startKapu, type TestKapu } from '../support/kapu.ts';

const t = texts.en;
const home = '/account/methods/passkey';
const clock = testClock();
let kapu: TestKapu;

beforeAll(async () => {
  kapu = await startKapu({
    clock,
    change(settings) {
      roomy(settings);
      settings.account = { ...settings.account!, firstMethodOnPassword: true };
    },
  });
});
afterAll(() => kapu?.stop());

let people = 0;
let username: string;
let accountId: string;
let agent: Agent;
let authenticator: Authenticator;

/** Somebody new, at the page where a passkey is made. */
beforeEach(async () => {
  username = `maker-${++people}`;
  const { passwordHash } = (await kapu.records.accounts.findForPassword('anna'))!;
  const given = { username, locale: 'en', email: `${username}@demo.example`, emailVerified: true } as const;
  accountId = (await kapu.records.accounts.add(given, passwordHash)).id;
  agent = kapu.agent();
  authenticator = new Authenticator({ origin: kapu.issuer });
  const { page } = await visit(kapu, agent, home, username);
  expect([page.url.pathname, page.status]).toEqual([home, 200]);
});

const post = (path: string, fields: Record<string, string> = {}) => agent.post(path, fields, { origin: kapu.issuer });

async function optionsAt(path = home): Promise<Options & Record<string, unknown>> {
  const answer = await post(`${path}/options`);
  expect(answer.status).toBe(200);
  return JSON.parse(answer.html);
}

/** Makes a passkey as the script does. */
async function make(lies: Lies = {}, fields = {}, by = authenticator): Promise<Page> {
  return post(home, { ...by.create(await optionsAt(), lies), ...fields });
}

const kept = (of = accountId) => kapu.records.credentials.list(of, 'passkey');

test('what is made is kept, told of, and signs in', async () => {
  const page = await make({}, { name: '  My\tphone ' });
  expect(page.url.pathname).toBe('/account/methods');
  expect(textOf(page)).toContain('My phone');
  expect(textOf(page)).toContain(t.kept.bound);
  const [passkey, ...others] = await kept();
  expect(others).toEqual([]);
  expect(passkey).toMatchObject({
    name: 'My phone',
    data: { id: authenticator.held[0]!.id, counter: 1, synced: false, backedUp: false, transports: ['internal'] },
  });
  await eventually('a notice', () =>
    kapu.mailsTo(`${username}@demo.example`).some(({ text }) => text?.includes('Passkey')),
  );

  const service = await kapu.service({ clientId: 'demo-plus' });
  const other = kapu.agent();
  const { asked, page: first } = await service.visit(other);
  const path = first.url.pathname.replace(/\/password$/, '/passkey');
  const options = await other.post(`${path}/options`, {}, { origin: kapu.issuer });
  const back = await other.post(path, authenticator.get(JSON.parse(options.html)), { origin: kapu.issuer });
  expect((await asked.redeem(back.url)).claims).toMatchObject({ acr: 'plus', amr: ['hwk', 'user', 'mfa'] });
});

test('several are told apart, and no device gets a second one', async () => {
  const synced = new Authenticator({ origin: kapu.issuer, synced: true, transports: ['hybrid'] });
  await make();
  const second = await optionsAt();
  expect(second).toMatchObject({
    rp: { id: 'localhost' },
    attestation: 'none',
    authenticatorSelection: { residentKey: 'required', userVerification: 'required' },
    excludeCredentials: [{ id: authenticator.held[0]!.id }],
  });
  await post(home, synced.create(second));
  const list = await agent.get('/account/methods');
  expect(textOf(list)).toContain(t.kept.bound);
  expect(textOf(list)).toContain(t.kept.synced);
  // The user handle is the account's, the same for all of its passkeys, and tells nothing.
  const [one, other] = [authenticator.held[0]!, synced.held[0]!];
  expect(one.user).toBe(other.user);
  expect(Buffer.from(one.user, 'base64url')).toHaveLength(32);
  expect(one.user).not.toBe(accountId);
});

describe('is refused', () => {
  test.each<[string, Lies]>([
    ['from another origin', { origin: 'https://kapu.evil.example' }],
    ['from a frame of another', { crossOrigin: true }],
    ['for another host', { rpId: 'evil.example' }],
    ['for another challenge', { challenge: Buffer.alloc(32, 7).toString('base64url') }],
    ['without user verification', { unverified: true }],
    ['that is a use', { type: 'webauthn.get' }],
  ])('%s', async (_, lies) => {
    const page = await make(lies, { name: 'Mine' });
    expect(page.status).toBe(422);
    expect(textOf(page)).toContain(t.setUp.problem.refused);
    expect(page.html).toContain('value="Mine"');
    expect(await kept()).toEqual([]);
  });

  test('when it is sent again, or too late', async () => {
    const fields = authenticator.create(await optionsAt());
    await post(home, fields);
    expect(textOf(await post(home, fields))).toContain(t.problem.expired);
    const late = authenticator.create(await optionsAt());
    await clock.pass(5 * 60_000 + 1);
    expect(textOf(await post(home, late))).toContain(t.problem.expired);
    expect(await kept()).toHaveLength(1);
  });

  test('for a challenge of a sign-in', async () => {
    const stranger = kapu.agent();
    const service = await kapu.service();
    const { page } = await service.visit(stranger);
    const path = page.url.pathname.replace(/\/password$/, '/passkey/options');
    const options = JSON.parse((await stranger.post(path, {}, { origin: kapu.issuer })).html);
    const mine = await optionsAt();
    const fields = authenticator.create({ ...mine, challenge: options.challenge });
    expect(textOf(await post(home, fields))).toContain(t.setUp.problem.refused);
  });

  test('when somebody else has it, also when both come at once', async () => {
    await make();
    const theirs = authenticator.held[0]!;
    const [before, again] = [agent, authenticator];
    const other = `maker-${++people}`;
    const { passwordHash } = (await kapu.records.accounts.findForPassword('anna'))!;
    const given = { username: other, locale: 'en', email: `${other}@demo.example`, emailVerified: true } as const;
    const { id } = await kapu.records.accounts.add(given, passwordHash);
    agent = kapu.agent();
    await visit(kapu, agent, home, other);
    const thief = new Authenticator({ origin: kapu.issuer });
    const copied = (by: Authenticator, options: Options) => by.create(options, {}, theirs.id);
    await clock.pass(61_000);
    expect(textOf(await post(home, copied(thief, await optionsAt())))).toContain(t.problem.already);
    expect(await kept(id)).toEqual([]);
    expect(again.held[0]).toBe(theirs);
    expect(await kapu.records.credentials.owner('passkey', (await kept())[0]!.id)).toMatchObject({ accountId });
    expect(before).not.toBe(agent);
  });

  test('without a script, with words for it', async () => {
    const page = await agent.submit(await agent.get(home), {});
    expect(page.status).toBe(422);
    expect(textOf(page)).toContain(t.setUp.problem['no-script']);
    expect(textOf(page)).toContain(t.setUp.noScript);
  });

  test('to who has ten', async () => {
    for (let at = 0; at < 10; at++)
      await kapu.records.credentials.add(accountId, new Authenticator({ origin: kapu.issuer }).credential(`${at}`));
    expect(textOf(await agent.get(home))).toContain(t.setUp.full(10));
    expect(textOf(await make())).toContain(t.setUp.full(10));
    expect(await kept()).toHaveLength(10);
  });
});

test('giving up leads back to the list', async () => {
  const page = await agent.submit(await agent.get(home), { cancel: '1' });
  expect(page.url.pathname).toBe('/account/methods');
  expect(await kept()).toEqual([]);
});

test('who has nothing else sets one up inside the sign-in that asks for more', async () => {
  const service = await kapu.service({ clientId: 'demo-plus' });
  agent = kapu.agent();
  const { asked, page } = await service.visit(agent);
  const enrol = await agent.submit(page, credentials('bela'));
  const path = `${enrol.url.pathname.replace(/\/enrol.*$/, '')}/enrol/passkey`;
  const shown = await agent.get(path);
  expect(textOf(shown)).toContain('Sample Health Record');
  const made = await post(path, authenticator.create(await optionsAt(path)));
  expect(stepOf(made)).toBe('passkey');
  const options = await post(`${made.url.pathname}/options`);
  const back = await post(made.url.pathname, authenticator.get(JSON.parse(options.html)));
  expect((await asked.redeem(back.url)).claims).toMatchObject({ acr: 'plus', amr: ['hwk', 'user', 'mfa'] });
});

describe('a name', () => {
  const unknown = { aaguid: '00000000-0000-0000-0000-000000000000', transports: [] };
  test.each([
    [
      { aaguid: 'ea9b8d66-4d01-1d21-3ce4-b6b48cb575d4', transports: ['hybrid'] },
      'Android',
      [],
      'Google Password Manager',
    ],
    [{ ...unknown, transports: ['usb', 'nfc'] }, 'Windows', [], 'Security key'],
    [{ ...unknown, transports: ['hybrid'] }, 'Windows', [], 'Phone'],
    [{ ...unknown, transports: ['internal', 'hybrid'] }, 'Android', [], 'Android'],
    [unknown, undefined, [], 'Own device'],
    [unknown, 'macOS', ['macOS', 'macOS 2'], 'macOS 3'],
  ])('is suggested: %j, %s', (made, system, taken, name) => {
    expect(suggestedName(made, system, 'en', taken)).toBe(name);
  });

  test.each([
    ['  a\n\tb  ', 'a b'],
    ['‮evil', 'evil'],
    [' ', ''],
    ['🙂'.repeat(101), '🙂'.repeat(100)],
    ['\ud800x', '�x'],
  ])('is taken as a person means it: %j', (typed, name) => {
    expect(nameIn(typed)).toBe(name);
  });
});
