/** A code from the operator: the way in with it, what it is worth by the way it came, and what it tells strangers (ASVS 6.4.1, 6.4.6). */

import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { createActivationCodes, type Handing, placeOf } from '../../interactions/activate/code.ts';
import { written } from '../../interactions/printed-code.ts';
import { isHeld } from '../../src/assurance/hold.ts';
import type { Account } from '../../src/records/records.ts';
import { createVault } from '../../src/vault.ts';
import { visit } from '../account/journey.ts';
import type { Agent, Page } from '../support/agent.ts';
import { type Clock, testClock } from '../support/clock.ts';
import { eventually } from '../support/eventually.ts';
import { roomy, startKapu, type TestKapu } from '../support/kapu.ts';
import type { RelyingParty } from '../support/relying-party.ts';
import { credentials, signIn, stepOf } from './journey.ts';

let kapu: TestKapu;
let service: RelyingParty;
let clock: Clock;

beforeEach(async () => {
  clock = testClock();
  kapu = await startKapu({ clock, change: roomy });
  service = await kapu.service();
});
afterEach(() => kapu?.stop());

const chosen = 'ladder umbrella seventeen';
const accountOf = async (username: string) => (await kapu.records.accounts.findByUsername(username))!;
const textOf = ({ html }: Page) => html.replaceAll(/<[^>]+>/g, ' ').replaceAll(/\s+/g, ' ');
const place = (page: Page) => page.url.pathname.replace(/^\/interaction\/[\w-]+\//, '');

/** A code for an account, as an operator issues it. */
async function issued(username: string, handing: Handing = 'letter'): Promise<string> {
  const { secrets, recovery } = kapu.settings;
  const codes = createActivationCodes({ keys: secrets.credentialKeys, life: recovery.codeLife, now: clock.now });
  const account = await accountOf(username);
  const { code, credential } = codes.make(account, handing);
  await kapu.records.accounts.change(account.id, { clear: ['activation'], add: [credential] });
  return code;
}

/** A new browser at the page that asks for user name and code. */
async function begun(parameters: Record<string, string> = {}) {
  const agent = kapu.agent();
  const visit = await service.visit(agent, parameters);
  const start = await agent.get(visit.page.url.pathname.replace('/password', '/activate'));
  expect([start.status, place(start)]).toEqual([200, 'activate']);
  return { agent, start, ...visit };
}

/** With the right code: at the page that asks for the new password. */
async function atPassword(username: string, code: string, parameters: Record<string, string> = {}) {
  const visit = await begun(parameters);
  const form = await visit.agent.submit(visit.start, { username, code });
  expect([form.status, place(form)]).toEqual([200, 'activate/password']);
  return { ...visit, form };
}
/** Sets the password, and goes on. */
async function through(agent: Agent, form: Page): Promise<Page> {
  const done = await agent.submit(form, both);
  expect([done.status, place(done)]).toEqual([200, 'activate/done']);
  return agent.submit(done, {});
}
const both = { 'new-password': chosen, repeat: chosen };

/** A sign-in with the chosen password, as far as it leads. */
async function signInAs(username: string, parameters: Record<string, string> = {}) {
  const agent = kapu.agent();
  const { asked, page } = await service.visit(agent, parameters);
  let at = await agent.submit(page, { username, password: chosen });
  if (stepOf(at) === 'email-code') at = await agent.submit(at, { code: await kapu.codeFor(at) });
  return stepOf(at) === 'service' && at.url.searchParams.has('code')
    ? (await asked.redeem(at.url)).claims.acr
    : (at.url.searchParams.get('error') ?? stepOf(at));
}

describe('by letter', () => {
  test('somebody without a password chooses one, and is at the service', async () => {
    await kapu.records.accounts.add({
      username: 'dora',
      locale: 'hu',
      email: 'dora@demo.example',
      emailVerified: true,
    });
    const code = await issued('dora');
    const { agent, asked, page, form } = await atPassword('Dora', written(code).toLowerCase());
    expect(page.html).toMatch(/\/activate">I have a code for my account</);
    const back = await through(agent, form);
    expect(stepOf(back)).toBe('service');
    expect((await asked.redeem(back.url)).claims).toMatchObject({ acr: 'basic', amr: ['pwd'] });
    const account = await accountOf('dora');
    expect(account).toMatchObject({ hold: undefined, setUp: ['password'] });
    expect((await kapu.mail('dora@demo.example')).subject).toMatch(/Új jelszót állítottak be/);
    const [entry] = (await kapu.records.audit.list({ limit: 100 })).filter(
      ({ event }) => event === 'account.activated',
    );
    expect(entry).toMatchObject({ accountId: account.id, detail: { handing: 'letter' } });
    expect(await signInAs('dora')).toBe('basic');
  });

  test('codes by mail count at once: the letter and the mailbox are two things', async () => {
    const { agent, asked, form } = await atPassword('anna', await issued('anna'), { acr_values: 'plus' });
    const atCode = await through(agent, form);
    expect(stepOf(atCode)).toBe('email-code');
    const back = await agent.submit(atCode, { code: await kapu.codeFor(atCode) });
    expect((await asked.redeem(back.url)).claims).toMatchObject({ acr: 'plus' });
  });

  test('the old password stays until the code is used, and ends with it, as sessions do', async () => {
    const agent = kapu.agent();
    const before = await signIn(kapu, service, agent, {}, 'anna');
    const code = await issued('anna');
    expect((await signIn(kapu, service, kapu.agent(), {}, 'anna')).claims.sub).toBe(before.claims.sub);
    const { agent: other, form } = await atPassword('anna', code);
    expect(stepOf(await through(other, form))).toBe('service');
    const { page } = await service.visit(agent);
    expect(stepOf(page)).toBe('password');
    expect((await agent.submit(page, credentials('anna'))).status).toBe(422);
  });
});

describe('by mail', () => {
  test('the mail carries the code; the account is held, and both are said', async () => {
    const account = await accountOf('anna');
    const { id } = account;
    const { secrets, recovery } = kapu.settings;
    const codes = createActivationCodes({ keys: secrets.credentialKeys, life: recovery.codeLife, now: clock.now });
    const { code, credential } = codes.make(account, 'mail');
    const detail = { code: await createVault(secrets.credentialKeys).seal(code, placeOf(id)), username: 'anna' };
    const notices = [{ kind: 'activation', detail, toFirst: true }];
    await kapu.records.accounts.change(id, { add: [credential], noticeEmail: 'second@demo.example' }, { notices });
    const mail = await kapu.mail('anna@demo.example');
    expect(mail.text).toContain(written(code));
    expect(mail.text).toContain(`${kapu.issuer}/account`);
    expect(kapu.mailsTo('second@demo.example')).toEqual([]);

    const { agent, asked, form } = await atPassword('anna', written(code), { acr_values: 'basic' });
    expect(textOf(form)).toContain('codes by email are not enough for the stronger sign-in for 3 days');
    const done = await agent.submit(form, both);
    expect(place(done)).toBe('activate/done');
    expect(textOf(done)).toMatch(/not enough for the stronger sign-in until \d+ \w+ 20\d\d/);
    const back = await agent.submit(done, {});
    expect((await asked.redeem(back.url)).claims).toMatchObject({ acr: 'basic' });
    const afterwards = await accountOf('anna');
    expect(isHeld(afterwards.hold, clock.now())).toBe(true);
    expect((await kapu.mail('second@demo.example')).text).toContain('/account/stop/');
    // A mailbox alone never gives plus.
    expect(await signInAs('anna', { acr_values: 'plus' })).not.toBe('plus');
    await clock.pass((recovery.hold + 60) * 1000);
    const later = kapu.agent();
    const { page } = await service.visit(later, { acr_values: 'plus' });
    expect(stepOf(await later.submit(page, { username: 'anna', password: chosen }))).toBe('email-code');
  });

  test('the code is good for the address that it went to', async () => {
    const change = { email: 'other@demo.example', emailVerified: true };
    await overtaken('mail', ({ id }) => kapu.records.accounts.change(id, change));
  });
});

/** Neither who has given a code before nor who gives it afterwards has a use of it once `overtake` has happened. */
async function overtaken(handing: Handing, overtake: (account: Account) => Promise<unknown>, username = 'anna') {
  const code = await issued(username, handing);
  const { agent, form } = await atPassword(username, code);
  await clock.pass(1000);
  await overtake(await accountOf(username));
  const kept = await kapu.records.accounts.findForPassword(username);
  expect((await agent.submit(form, both)).html).toContain('name="code"');
  const anew = await begun();
  expect((await anew.agent.submit(anew.start, { username, code })).status).toBe(422);
  expect((await kapu.records.accounts.findForPassword(username))?.passwordHash).toBe(kept?.passwordHash);
}

describe('a code does not outlive', () => {
  test.each(['letter', 'mail'] as const)('sessions that were ended, a new password, a stop: by %s', async (handing) => {
    const { accounts } = kapu.records;
    await overtaken(handing, ({ id }) => accounts.endSessions(id));
    await overtaken(
      handing,
      ({ id }) => accounts.change(id, { hold: { since: clock.now() }, endSessions: true }),
      'bela',
    );
    const overtake = async () => {
      const agent = kapu.agent();
      const { page } = await visit(kapu, agent, '/account/password', 'john');
      const words = { password: credentials('john').password, 'new-password': 'seven umbrellas climb', keep: '1' };
      const done = await agent.submit(page, { ...words, repeat: words['new-password'] });
      expect(done.url.pathname).toBe('/account/password/done');
    };
    await overtaken(handing, overtake, 'john');
  });
});

describe('what is no code', () => {
  test('a wrong one, of another, of nobody, run out, of a disabled account: all have one answer', async () => {
    const anna = await issued('anna');
    const bela = await issued('bela');
    const john = await issued('john');
    await kapu.records.accounts.setStatus((await accountOf('john')).id, 'disabled');
    const answers: string[] = [];
    const attempt = async (username: string, code: string) => {
      const { agent, start } = await begun();
      const page = await agent.submit(start, { username, code });
      expect([page.status, place(page)]).toEqual([422, 'activate']);
      answers.push(textOf(page));
    };
    await attempt('anna', '0000-0000-0000-0000');
    await attempt('anna', 'short');
    await attempt('anna', bela);
    await attempt('nobody', anna);
    await attempt('john', john);
    await clock.pass((kapu.settings.recovery.codeLife + 1) * 1000);
    await attempt('anna', anna);
    expect([...new Set(answers)]).toEqual([answers[0]]);
  });

  test('works once, of two at the same moment too; and not once another was issued', async () => {
    const first = await issued('anna');
    const [one, other] = [await atPassword('anna', first), await atPassword('anna', first)];
    const ends = await Promise.all([one, other].map(({ agent, form }) => agent.submit(form, both)));
    expect(ends.map(({ status }) => status).sort()).toEqual([200, 422]);
    const { agent, start } = await begun();
    expect((await agent.submit(start, { username: 'anna', code: first })).status).toBe(422);

    const second = await issued('anna');
    const late = await atPassword('anna', second);
    await issued('anna');
    expect((await late.agent.submit(late.form, both)).status).toBe(422);
  });

  test('the password page is for whoever has given the code in this sign-in', async () => {
    const { agent, page } = await begun();
    const start = await agent.get(page.url.pathname.replace('/password', '/activate/password'));
    expect(place(start)).toBe('activate');
  });

  test('a weak password is refused and the code still works', async () => {
    const { agent, form } = await atPassword('anna', await issued('anna'));
    const again = await agent.submit(form, { 'new-password': 'anna', repeat: 'anna' });
    expect([again.status, place(again)]).toEqual([422, 'activate/password']);
    expect(stepOf(await through(agent, again))).toBe('service');
  });
});

test('tries are limited where they come from', async () => {
  await kapu.stop();
  kapu = await startKapu({
    clock,
    change: (settings) => void Object.assign(settings.password, { triesPerAccount: 3 }),
  });
  service = await kapu.service();
  const { agent, start } = await begun();
  let page = start;
  for (let n = 0; n < 3; n++) page = await agent.submit(page, { username: 'anna', code: '0000-0000-0000-0000' });
  expect(page.status).toBe(422);
  page = await agent.submit(page, { username: 'anna', code: '0000-0000-0000-0000' });
  expect(page.status).toBe(429);
  await eventually('it is written down once', async () => {
    const entries = await kapu.records.audit.list({ limit: 100 });
    return entries.filter(({ detail }) => detail?.reason === 'too-many-activations').length === 1;
  });
});
