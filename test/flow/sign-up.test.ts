/** Making an account of one's own: the way through, what it tells strangers, and that nothing is there before the end. ASVS 6.3.8. */

import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { SettingsInput } from '../../config/settings.ts';
import type { Agent, Page } from '../support/agent.ts';
import { type Clock, testClock } from '../support/clock.ts';
import { roomy, startKapu, type TestKapu } from '../support/kapu.ts';
import type { RelyingParty } from '../support/relying-party.ts';
import { credentials, signIn, stepOf } from './journey.ts';

let kapu: TestKapu;
let service: RelyingParty;
const all: SettingsInput['signUp'] = { enabled: true, asks: ['name', 'birthName', 'birthDate'] };
async function start(change: (settings: SettingsInput) => void = () => {}, clock?: Clock): Promise<void> {
  kapu = await startKapu({
    clock,
    change(settings) {
      roomy(settings);
      settings.signUp = all;
      change(settings);
    },
  });
  service = await kapu.service();
}
async function restart(...how: Parameters<typeof start>): Promise<void> {
  await kapu.stop();
  await start(...how);
}
beforeEach(() => start());
afterEach(() => kapu?.stop());

const chosen = 'ladder umbrella seventeen';
const about = {
  ...{ username: 'dora', name: 'Kiss Dóra', birthName: 'Nagy Dóra', birthDate: '1985. 4. 12.' },
  ...{ 'new-password': chosen, repeat: chosen },
};
const place = (page: Page) => page.url.pathname.replace(/^\/interaction\/[\w-]+\//, '');
const textOf = ({ html }: Page) => html.replaceAll(/<[^>]+>/g, ' ').replaceAll(/\s+/g, ' ');

async function begun(parameters: Record<string, string> = {}, agent = kapu.agent()) {
  const visit = await service.visit(agent, { prompt: 'create', ...parameters });
  expect([visit.page.status, place(visit.page)]).toEqual([200, 'sign-up']);
  return { agent, ...visit };
}
/** With the address confirmed: at the page that asks for the rest. */
async function confirmed(email = 'dora@demo.example', parameters: Record<string, string> = {}, agent?: Agent) {
  const visit = await begun(parameters, agent);
  const atCode = await visit.agent.submit(visit.page, { email });
  expect([atCode.status, place(atCode)]).toEqual([200, 'sign-up/code']);
  const form = await visit.agent.submit(atCode, { code: await kapu.codeFor(atCode) });
  expect([form.status, place(form)]).toEqual([200, 'sign-up/about']);
  return { ...visit, atCode, form };
}
async function promptValues(): Promise<string[]> {
  const answer = await fetch(`${kapu.issuer}/.well-known/openid-configuration`);
  return ((await answer.json()) as { prompt_values_supported: string[] }).prompt_values_supported;
}
const found = (username = 'dora') => kapu.records.accounts.findByUsername(username);

test('the link of the sign-in page leads to an account, and on to the service', async () => {
  const agent = kapu.agent();
  const { page, asked } = await service.visit(agent);
  expect(page.html).toMatch(/\/sign-up">Create an account</);
  const atStart = await agent.get(page.url.pathname.replace('/password', '/sign-up'));
  const atCode = await agent.submit(atStart, { email: 'dora@demo.example' });
  expect(textOf(atCode)).toContain('dora@demo.example');
  const form = await agent.submit(atCode, { code: await kapu.codeFor(atCode) });
  expect(await found()).toBeUndefined();
  const back = await agent.submit(form, about);
  expect(stepOf(back)).toBe('service');
  expect((await asked.redeem(back.url)).claims).toMatchObject({ acr: 'basic', amr: ['pwd'] });
  const account = (await found())!;
  expect(account).toMatchObject({
    ...{ email: 'dora@demo.example', emailVerified: true, name: 'Kiss Dóra', birthName: 'Nagy Dóra' },
    ...{ birthDate: '1985-04-12', locale: 'en', hold: undefined, setUp: ['password'], signedUp: true },
  });
  expect((await kapu.mail('dora@demo.example', 2)).subject).toContain('Your account is ready');
  const events = (await kapu.records.audit.list({ limit: 100 })).reverse();
  const own = events.filter(({ accountId }) => accountId === account.id).map(({ event }) => event);
  expect(own.slice(0, 3)).toEqual(['account.signed-up', 'password.passed', 'sign-in.completed']);
  const again = await service.visit(kapu.agent());
  expect(stepOf(await kapu.agent().get(again.page.url.href))).toBe('none');
});

describe('prompt=create', () => {
  test('is in discovery, leads straight there, and back to signing in for who has an account', async () => {
    expect(await promptValues()).toContain('create');
    const { agent, page, asked } = await begun();
    const atPassword = await agent.get(page.url.pathname.replace('/sign-up', '/password'));
    const back = await agent.submit(atPassword, credentials('anna'));
    expect((await asked.redeem(back.url)).claims.acr).toBe('basic');
  });

  test('asks for a new person where somebody is signed in', async () => {
    const agent = kapu.agent();
    const { claims } = await signIn(kapu, service, agent);
    const { form, asked } = await confirmed('dora@demo.example', {}, agent);
    const back = await agent.submit(form, about);
    expect((await asked.redeem(back.url)).claims.sub).not.toBe(claims.sub);
  });

  test('leads on to plus where that is asked', async () => {
    const { agent, form, asked } = await confirmed('dora@demo.example', { acr_values: 'plus' });
    const atCode = await agent.submit(form, about);
    expect(stepOf(atCode)).toBe('email-code');
    const back = await agent.submit(atCode, { code: await kapu.codeFor(atCode) });
    expect((await asked.redeem(back.url)).claims.acr).toBe('plus');
  });

  test('leads to what a service takes where that is no password', async () => {
    const { metadata } = (await kapu.records.clients.find('demo-native'))!;
    await kapu.records.clients.put('demo-native', { ...metadata, excluded_methods: ['password'] });
    const { page } = await service.visit(kapu.agent(), { prompt: 'create' });
    expect([page.status, stepOf(page)]).toEqual([200, 'passkey']);
  });

  test('is an error where it is off, and so is the page', async () => {
    await restart((settings) => {
      settings.signUp = { ...all, enabled: false };
    });
    const { page } = await service.visit(kapu.agent(), { prompt: 'create' });
    expect(page.url.searchParams.get('error')).toBe('invalid_request');
    expect(await promptValues()).not.toContain('create');
    const agent = kapu.agent();
    const other = await service.visit(agent);
    expect(other.page.html).not.toContain('Create an account');
    expect((await agent.get(other.page.url.pathname.replace('/password', '/sign-up'))).status).toBe(404);
  });
});

describe('the address', () => {
  test('has the same answer whether an account has it or not', async () => {
    const pages: string[] = [];
    for (const email of ['anna@demo.example', 'unknown@demo.example']) {
      const { agent, page } = await begun();
      const atCode = await agent.submit(page, { email });
      pages.push(
        textOf(atCode)
          .replaceAll(email, 'ADDRESS')
          .replaceAll(/Reference of the email \w{4}/g, ''),
      );
      const form = await agent.submit(atCode, { code: await kapu.codeFor(atCode) });
      expect(place(form)).toBe('sign-up/about');
    }
    expect(pages[0]).toBe(pages[1]);
  });

  test.each([
    '',
    'nobody',
    'a@b',
    'a b@demo.example',
    'a@demo.example\r\nBcc: b@demo.example',
    `${'a'.repeat(250)}@b.hu`,
  ])('is refused where it is none: %j', async (email) => {
    const { agent, page } = await begun();
    const again = await agent.submit(page, { email });
    expect([again.status, place(again)]).toEqual([422, 'sign-up']);
  });

  /** Asks for a code from an origin; what the answer was. */
  async function asked(email: string, from: string): Promise<number> {
    const { agent, page } = await begun();
    const origin = { origin: kapu.issuer, 'x-forwarded-for': from };
    return (await agent.post(page.url.pathname, { email }, origin)).status;
  }

  test('nobody fills a mailbox, nor keeps its owner out: mails are counted for it where they are asked for and wherever from', async () => {
    await restart(({ emailCode }) => void Object.assign(emailCode!, { sendsPerSignIn: 5, sendsPerAccount: 5 }));
    const answers: number[] = [];
    for (let n = 0; n < 3; n++) answers.push(await asked(`Dora+${n}@demo.example`, '203.0.113.1'));
    expect(answers).toEqual([200, 200, 429]);
    for (const n of [2, 3, 4, 5]) answers.push(await asked('dora@demo.example', `203.0.113.${n}`));
    expect(answers.slice(3)).toEqual([200, 200, 200, 429]);
  });

  test('sign-ups are mailed a part of all codes: who has an account gets theirs, and what is refused costs the address nothing', async () => {
    const clock = testClock();
    await restart(({ emailCode }) => void Object.assign(emailCode!, { sendsPerAccount: 5, sendsInAll: 20 }), clock);
    const refused = 'dora@demo.example';
    for (const n of [1, 2]) expect(await asked(`nobody${n}@demo.example`, '203.0.113.1')).toBe(200);
    for (let n = 0; n < 6; n++) expect(await asked(refused, '203.0.113.2')).toBe(429);
    const { claims } = await signIn(kapu, service, kapu.agent(), { acr_values: 'plus' });
    expect(claims.acr).toBe('plus');
    await clock.pass((kapu.settings.emailCode.window + 1) * 1000);
    for (const n of [1, 2]) expect([n, await asked(refused, '203.0.113.2')]).toEqual([n, 200]);
  });
});

describe('the code', () => {
  test('is for its own sign-in and address, once', async () => {
    const one = await begun();
    const atCode = await one.agent.submit(one.page, { email: 'dora@demo.example' });
    const code = await kapu.codeFor(atCode);
    const other = await begun();
    const elsewhere = await other.agent.submit(other.page, { email: 'eve@demo.example' });
    expect((await other.agent.submit(elsewhere, { code })).status).toBe(422);
    // Another address in the same sign-in: the code of the first one does not confirm it.
    const changed = await one.agent.submit(one.page, { email: 'eve@demo.example' });
    expect((await one.agent.submit(changed, { code })).status).toBe(422);
  });

  test('wrong too often: no more tries in this sign-in', async () => {
    const { agent, page } = await begun();
    let at = await agent.submit(page, { email: 'dora@demo.example' });
    const { tries } = kapu.settings.emailCode;
    for (let n = 0; n < tries; n++) at = await agent.submit(at, { code: '000000000000' });
    expect(textOf(at)).toContain('too many times');
    expect(await found()).toBeUndefined();
  });

  test('used in one tab: the other goes on; the page for the rest is for who has confirmed', async () => {
    const { agent, page } = await begun();
    const early = await agent.get(page.url.pathname.replace('/sign-up', '/sign-up/about'));
    expect(place(early)).toBe('sign-up');
    const { agent: same, atCode, form } = await confirmed();
    const again = await same.submit(atCode, { code: '000000000000' });
    expect(place(again)).toBe('sign-up/about');
    expect(stepOf(await same.submit(form, about))).toBe('service');
  });
});

describe('the rest', () => {
  test.each<[Partial<typeof about>, string]>([
    [{ username: '' }, 'Enter a username'],
    [{ username: 'a' }, '3 to 64 characters'],
    [{ username: 'аnna' }, '3 to 64 characters'],
    [{ username: 'admın' }, '3 to 64 characters'],
    [{ username: 'ɑnna' }, '3 to 64 characters'],
    [{ username: 'ꜱmith' }, '3 to 64 characters'],
    [{ username: 'ɡabor' }, '3 to 64 characters'],
    [{ username: 'iǀdi' }, '3 to 64 characters'],
    [{ username: 'anna٣' }, '3 to 64 characters'],
    [{ username: 'anna@demo.example' }, '3 to 64 characters'],
    [{ username: 'ANNA' }, 'This username is taken'],
    [{ name: '' }, 'Enter your name'],
    [{ name: '<b>Anna' }, 'cannot be in one'],
    [{ birthName: '' }, 'Enter your name at birth'],
    [{ birthDate: '' }, 'Enter your date of birth'],
    [{ birthDate: '1985-02-30' }, 'cannot be a date of birth'],
    [{ birthDate: '2985-02-20' }, 'cannot be a date of birth'],
    [{ 'new-password': 'dora', repeat: 'dora' }, 'too short'],
    [{ 'new-password': 'kiss.dora.1985', repeat: 'kiss.dora.1985' }, 'little more than'],
    [{ repeat: 'another one entirely' }, 'not the same'],
  ])('%j is told, what was typed stays, and it goes on', async (wrong, words) => {
    const { agent, form } = await confirmed();
    const again = await agent.submit(form, { ...about, ...wrong });
    expect([again.status, place(again)]).toEqual([422, 'sign-up/about']);
    expect(textOf(again)).toContain(words);
    if (!('name' in wrong)) expect(again.html).toContain('value="Kiss Dóra"');
    expect(await found()).toBeUndefined();
    expect(stepOf(await agent.submit(again, about))).toBe('service');
  });

  test('a user name has the letters of the languages, in either spelling of Unicode', async () => {
    const { agent, form } = await confirmed();
    expect(stepOf(await agent.submit(form, { ...about, username: 'Őrsi.Dóra-1985'.normalize('NFD') }))).toBe('service');
    expect(await found('őrsi.dóra-1985')).toBeDefined();
  });

  test('which user names are taken is told so often a day: from one origin, and to whoever has confirmed one address', async () => {
    const answers = new Map<number, number>();
    const { form, agent } = await confirmed();
    for (let n = 0; n < 32; n++) {
      const origin = { origin: kapu.issuer, 'x-forwarded-for': `198.51.100.${n}` };
      const { status } = await agent.post(form.url.pathname, { ...about, username: 'anna' }, origin);
      answers.set(status, (answers.get(status) ?? 0) + 1);
    }
    expect([...answers]).toEqual([
      [422, 30],
      [429, 2],
    ]);
    const other = await confirmed('eve@demo.example');
    const taken = await other.agent.submit(other.form, { ...about, username: 'anna' });
    expect(textOf(taken)).toContain('This username is taken');
  });

  test('two clicks, and two people who want one name: one account each, and nobody is lost', async () => {
    const one = await confirmed();
    const ends = await Promise.all([one.agent.submit(one.form, about), one.agent.submit(one.form, about)]);
    expect(ends.map(stepOf)).toContain('service');
    expect(
      (await kapu.records.accounts.list({ limit: 100 })).filter(({ username }) => username === 'dora'),
    ).toHaveLength(1);
    const other = await confirmed('eve@demo.example');
    const again = await other.agent.submit(other.form, about);
    expect(textOf(again)).toContain('This username is taken');
    expect(stepOf(await other.agent.submit(again, { ...about, username: 'dora2' }))).toBe('service');
  });
});
