/**
 * A thief who reads somebody's mail, with and without the user name, against two servers on one store: a mailbox alone never
 * gives plus (docs/design.md, section 7, rule 11). In every order that chance finds: test/model/mailbox-thief.test.ts.
 */

import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { newKey } from '../../interactions/methods/totp/app.ts';
import { appOf } from '../../interactions/methods/totp/credential.ts';
import type { Account, Records } from '../../src/records/records.ts';
import { createSqliteRecords } from '../../src/records/sqlite.ts';
import { createMemoryState } from '../../src/state/memory.ts';
import type { State } from '../../src/state/state.ts';
import { createVault } from '../../src/vault.ts';
import { credentials, errorOf, heldError, stepOf } from '../flow/journey.ts';
import { activate, askForCode, newPassword, reset, resetStep } from '../flow/reset.ts';
import { codeAt } from '../methods/app.ts';
import type { Agent, Page } from '../support/agent.ts';
import { type Clock, testClock } from '../support/clock.ts';
import { seenAtDesk } from '../support/desk.ts';
import { eventually } from '../support/eventually.ts';
import { roomy, startKapu, type TestKapu } from '../support/kapu.ts';
import type { RelyingParty } from '../support/relying-party.ts';
import { seen } from '../support/secrets.ts';

const hour = 3600_000;
const plus = { acr_values: 'plus' };
const unmet = 'unmet_authentication_requirements';

let clock: Clock;
/** When records are written, where that is not now. */
let then: Date | undefined;
let records: Records;
let state: State;
let kapus: [TestKapu, TestKapu];
let services: [RelyingParty, RelyingParty];

beforeEach(async () => {
  clock = testClock();
  state = createMemoryState({ now: clock.now });
  records = await createSqliteRecords({ file: ':memory:', now: () => then ?? clock.now() });
  const start = () => startKapu({ clock, state, records, change: roomy, mailPause: [0, 1] });
  kapus = [await start(), await start()];
  services = [await kapus[0].service(), await kapus[1].service()];
});
afterEach(async () => {
  for (const kapu of kapus) await kapu.stop();
  await Promise.all([records.end(), state.end()]);
});

const anna = async (): Promise<Account> => (await records.accounts.findByUsername('anna'))!;
const begin = async (server: number, agent = kapus[server]!.agent(), parameters: Record<string, string> = plus) => ({
  agent,
  ...(await services[server]!.visit(agent, parameters)),
});
/** The thief's reset at one server; the browser is signed in at basic afterwards. */
async function stolen(server = 0): Promise<Agent> {
  const { agent, page } = await begin(server, undefined, {});
  await agent.submit(await reset(kapus[server]!, agent, page), {});
  return agent;
}
const signIn = async (server: number, password = newPassword): Promise<Page> => {
  const { agent, page } = await begin(server);
  const next = await agent.submit(page, { username: 'anna', password });
  return stepOf(next) === 'held' ? agent.submit(next, { cancel: '1' }) : next;
};
async function withApp(): Promise<string> {
  const key = newKey();
  const vault = createVault(kapus[0].settings.secrets.credentialKeys);
  // What is younger may have been set up by a thief.
  then = new Date(clock.now().getTime() - 73 * hour);
  await records.credentials.add((await anna()).id, await appOf(vault, await anna(), key, 0));
  then = undefined;
  return key;
}

test('a reset at one server holds the account at the other, for what was begun before as well', async () => {
  const before = await begin(1);
  const code = await before.agent.submit(before.page, credentials('anna'));
  const mailed = await kapus[1].codeFor(code);
  const thief = await stolen(0);
  expect(await heldError(thief, (await begin(0, thief)).page)).toBe(unmet);
  for (const server of [0, 1]) expect(errorOf(await signIn(server))).toBe(unmet);
  await clock.pass(1000);
  // A code that was mailed before, and is right, in the sign-in that it was mailed for.
  expect(await heldError(before.agent, await before.agent.submit(code, { code: mailed }))).toBe(unmet);
});

test('a step-up that waits while the thief resets in another browser comes to nothing', async () => {
  // The thief knows the password of before from nowhere: this is the owner's session, whose mail the thief reads.
  const owner = await begin(0, undefined, {});
  await owner.agent.submit(owner.page, credentials('anna'));
  const stepUp = await begin(0, owner.agent);
  expect(stepOf(stepUp.page)).toBe('email-code');
  const code = await kapus[0].codeFor(stepUp.page);
  await clock.pass(1000);
  await stolen(1);
  const after = await owner.agent.submit(stepUp.page, { code });
  expect(stepOf(after) === 'service' ? errorOf(after) : 'asked').not.toBeUndefined();
});

test('resets one after the other only make it longer', async () => {
  await stolen(0);
  const { hold: first } = await anna();
  await clock.pass(71 * hour);
  await stolen(1);
  const { hold: second } = await anna();
  expect(second!.since).toEqual(first!.since);
  expect(second!.until!.getTime() - first!.until!.getTime()).toBeGreaterThanOrEqual(71 * hour);
  await clock.pass(2 * hour);
  expect(errorOf(await signIn(0))).toBe(unmet);
});

test('a change of password, as often as one likes, does not end it', async () => {
  const thief = await stolen();
  const form = await thief.get('/account/password');
  expect([form.url.pathname, form.status]).toEqual(['/account/password', 200]);
  const next = `${newPassword} too`;
  const done = await thief.submit(form, { password: newPassword, 'new-password': next, repeat: next });
  expect(done.url.pathname).toBe('/account/password/done');
  expect(errorOf(await signIn(1, next))).toBe(unmet);
  expect((await anna()).hold).toBeDefined();
});

describe('in a hold the thief', () => {
  test.each(['/account/email', '/account/methods/totp', '/account/methods/passkey', '/account/methods/recovery-code'])(
    'does not get to %s',
    async (path) => {
      const thief = await stolen();
      const held = await thief.get(path);
      expect(stepOf(held)).toBe('held');
      const page = await thief.submit(held, { cancel: '1' });
      expect([page.url.pathname, page.status]).toEqual(['/account/callback', 403]);
      const posted = await thief.post(path, { email: 'thief@demo.example', code: '123456' });
      expect(posted.status === 404 || stepOf(posted) === 'held').toBe(true);
      expect(await anna()).toMatchObject({ email: 'anna@demo.example', setUp: ['password'] });
    },
  );

  test('does not get to the page of a code, nor anything by sending one', async () => {
    const thief = await stolen();
    const asked = await begin(0, thief, { acr_values: 'plus basic' });
    expect(stepOf(asked.page)).toBe('service');
    const { agent, page } = await begin(0);
    const uid = /interaction\/([\w-]+)/.exec(page.url.pathname)![1]!;
    for (const step of ['email-code', 'totp', 'enrol', 'choose']) {
      const there = await agent.get(`/interaction/${uid}/${step}`);
      expect(stepOf(there)).not.toBe('email-code');
      const sent = await agent.post(`/interaction/${uid}/${step}`, { code: '123456', resend: '1' });
      expect(stepOf(sent)).not.toBe('service');
    }
  });

  test('gains nothing by the code that a guarded account asks for', async () => {
    await stolen();
    expect((await anna()).hold).toBeDefined();
    for (const server of [0, 1]) expect(errorOf(await signIn(server))).toBe(unmet);
  });
});

test('a stop cannot be waited out, nor undone by another reset', async () => {
  await stolen();
  const { hold, id } = await anna();
  const { createStopLinks } = await import('../../interactions/stop/link.ts');
  const links = createStopLinks(kapus[1].issuer, kapus[1].settings.secrets.credentialKeys);
  const stopped = await kapus[1].agent().post(links.to({ accountId: id, since: hold!.since }), { stop: '1' });
  expect(stopped.status).toBe(200);
  await clock.pass(1000);
  await stolen(0);
  await clock.pass(1000 * hour);
  for (const server of [0, 1]) expect(errorOf(await signIn(server))).toBe(unmet);
});

test('the owner ends a hold with the password and the app, and not by the app in the browser of somebody else', async () => {
  const key = await withApp();
  const thief = await stolen();
  await clock.pass(60_000);
  // The thief knows the new password, and has no app.
  const at = await begin(0, thief);
  expect(stepOf(at.page)).toBe('totp');
  expect((await thief.submit(at.page, { code: '000000' })).status).toBe(422);
  expect((await anna()).hold).toBeDefined();
  // The owner has a new one set as well, and proves both.
  const owner = await begin(1, undefined, {});
  await owner.agent.submit(await reset(kapus[1], owner.agent, owner.page, 'anna', `${newPassword} mine`), {});
  await clock.pass(60_000);
  const step = await begin(1, owner.agent);
  expect(stepOf(step.page)).toBe('totp');
  const done = await owner.agent.submit(step.page, { code: codeAt(key, clock.now()) });
  expect(errorOf(done)).toBeUndefined();
  expect((await anna()).hold).toBeUndefined();
  const entries = await records.audit.list({ accountId: (await anna()).id, limit: 5 });
  expect(entries.find(({ event }) => event === 'hold.ended')?.detail).toEqual({ method: 'totp' });
  // And the thief's password is none any more.
  const late = await begin(0);
  expect((await late.agent.submit(late.page, { username: 'anna', password: newPassword })).status).toBe(422);
});

test('neither a hold that has passed nor a stop at the same moment leaves an entry that it was ended', async () => {
  const key = await withApp();
  await stolen();
  const { id } = await anna();
  await clock.pass(72 * hour);
  const signInWithApp = async () => {
    const { agent, page } = await begin(0);
    const next = await agent.submit(page, { username: 'anna', password: newPassword });
    const at = await agent.get(next.url.pathname.replace(/\/[\w-]+$/, '/totp'));
    await clock.pass(30_000);
    return agent.submit(at, { code: codeAt(key, clock.now()) });
  };
  expect(errorOf(await signInWithApp())).toBeUndefined();
  const ended = async () => (await records.audit.list({ accountId: id, limit: 50 })).map(({ event }) => event);
  expect(await ended()).not.toContain('hold.ended');
  await records.accounts.change(id, { hold: { since: new Date(clock.now().getTime() - 1000) } });
  expect(errorOf(await signInWithApp())).toBeUndefined();
  expect(await ended()).toContain('hold.ended');
});

test('without the user name a mailbox is nothing: a name that nobody has sends no mail anywhere', async () => {
  const { agent, page } = await begin(0, undefined, {});
  for (const guess of ['anna@demo.example', 'Anna ', 'anna\u0000', 'annaa', 'ANNA@DEMO.EXAMPLE']) {
    const asked = await askForCode(agent, page, guess);
    if (guess.trim() === 'Anna') continue;
    expect(resetStep(asked)).toBe('code');
  }
  await clock.pass(5_000);
  await kapus[0].restart();
  // 'Anna ' is a spelling of the name; the others are nobody's.
  expect(kapus[0].mailsTo('anna@demo.example').length).toBeLessThanOrEqual(1);
});

test('a desk check leaves the thief without the password, and its code begins no hold', async () => {
  const thief = await stolen();
  await clock.pass(60_000);
  const code = await seenAtDesk(kapus[0], 'anna', clock.now);
  await clock.pass(1000);
  // The mailbox counts again; the password that the thief had set does not.
  const late = await begin(1);
  expect((await late.agent.submit(late.page, { username: 'anna', password: newPassword })).status).toBe(422);
  expect(stepOf((await begin(0, thief)).page)).toBe('password');
  const owner = await begin(1, undefined, {});
  const mine = `${newPassword} mine`;
  await activate(owner.agent, owner.page, 'anna', code, mine);
  expect((await anna()).hold).toBeUndefined();
  await clock.pass(1000);
  expect(stepOf(await signIn(0, mine))).toBe('email-code');
  expect((await signIn(0)).status).toBe(422);
});

describe('an app that has been set up by a thief who knew the password as well', () => {
  const mailed = /^http\S+\/account\/stop\/\S+$/m;
  async function withThiefsApp(): Promise<void> {
    const agent = kapus[0].agent();
    const asked = await agent.get('/account/methods/totp');
    const code = await agent.submit(asked, credentials('anna'));
    const form = await agent.submit(code, { code: await kapus[0].codeFor(code) });
    const [, key] = /secret=([A-Z2-7]+)/.exec(form.html)!;
    seen.add('app key', key!);
    await agent.submit(form, { code: codeAt(key!, clock.now()) });
    expect((await anna()).setUp).toContain('totp');
  }
  /** The link in the newest mail of `subject` to the owner. */
  async function linkIn(subject: RegExp): Promise<string> {
    const link = () =>
      kapus.flatMap((kapu) => kapu.mailsTo('anna@demo.example')).findLast((mail) => subject.test(mail.subject ?? ''));
    await eventually(`a notice ${subject}`, () => link() !== undefined);
    return mailed.exec(link()!.text!)![0];
  }

  test('goes with a stop from the notice that tells of it, and the page says so', async () => {
    await withThiefsApp();
    await clock.pass(71 * hour);
    const owner = kapus[1].agent();
    const link = await linkIn(/igazolási mód/);
    const asked = await owner.get(new URL(link).pathname);
    expect(asked.status).toBe(200);
    const done = await owner.submit(asked, { stop: '1' });
    expect(done.html).toMatch(/ways to confirm it is you: Authenticator app/);
    expect(await anna()).toMatchObject({ setUp: ['password'], hold: { until: undefined } });
    await clock.pass(1000);
    const { password } = credentials('anna');
    for (const server of [0, 1]) expect(errorOf(await signIn(server, password))).toBe(unmet);
  });

  test('can be stopped for as long as a hold lasts', async () => {
    await withThiefsApp();
    const link = new URL(await linkIn(/igazolási mód/)).pathname;
    await clock.pass(73 * hour);
    expect((await kapus[0].agent().get(link)).status).toBe(410);
  });

  test('goes with a stop of a reset that came after it, with a second address of the same time', async () => {
    await withThiefsApp();
    await records.accounts.change((await anna()).id, { noticeEmail: 'thief@demo.example' });
    await clock.pass(hour);
    await stolen(1);
    const { id, hold } = await anna();
    const { createStopLinks } = await import('../../interactions/stop/link.ts');
    const links = createStopLinks(kapus[1].issuer, kapus[1].settings.secrets.credentialKeys);
    const stopped = await kapus[1].agent().post(links.to({ accountId: id, since: hold!.since }), { stop: '1' });
    expect(stopped.html).toMatch(/Authenticator app.*t\*\*\*@demo.example/s);
    expect(await anna()).toMatchObject({ setUp: ['password'], noticeEmail: undefined });
  });
});

test('six resets at once end in one password and one hold', async () => {
  const visits = await Promise.all(
    Array.from({ length: 6 }, async (_, nth) => {
      const { agent, page } = await begin(nth % 2, undefined, {});
      const asked = await askForCode(agent, page);
      return { agent, form: await agent.submit(asked, { code: await kapus[nth % 2]!.codeFor(asked) }), nth };
    }),
  );
  const ends = await Promise.all(
    visits.map(({ agent, form, nth }) => {
      const text = `${newPassword} ${nth}`;
      return agent.submit(form, { 'new-password': text, repeat: text });
    }),
  );
  expect(ends.some((page) => resetStep(page) === 'done')).toBe(true);
  expect((await anna()).hold).toBeDefined();
  for (const server of [0, 1])
    for (let nth = 0; nth < 6; nth++) {
      const page = await signIn(server, `${newPassword} ${nth}`);
      expect(stepOf(page) === 'service' ? errorOf(page) : 'refused').toMatch(/unmet|refused/);
    }
});
