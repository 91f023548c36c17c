/** People's own methods: setting up, renaming, taking away; and a first one inside a sign-in. */

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { credentials, errorOf, signIn, stepOf } from '../flow/journey.ts';
import { codeAt } from '../methods/app.ts';
import { type Agent, type Page, textOf } from '../support/agent.ts';
import { testClock } from '../support/clock.ts';
import { roomy, startKapu, type TestKapu } from '../support/kapu.ts';
import { seen } from '../support/secrets.ts';
import { answered, expectPage, visit } from './journey.ts';

let kapu: TestKapu;
const clock = testClock();

beforeAll(async () => {
  kapu = await startKapu({
    clock,
    change(settings) {
      roomy(settings);
      settings.account = { ...settings.account, firstMethodOnPassword: true };
    },
  });
});
afterAll(async () => {
  expect(await kapu.leaks()).toEqual([]);
  await kapu.stop();
});

const find = async (username: string) => (await kapu.records.accounts.findByUsername(username))!;
const setUpOf = async (username: string) => (await find(username)).setUp;
const eventsOf = async (username: string) => {
  const entries = await kapu.records.audit.list({ accountId: (await find(username)).id, limit: 500 });
  return entries.map(({ event }) => event).filter((event) => /\.(added|removed|renamed)$/.test(event));
};

/** The key that a page hands to the app. */
function keyOn(page: Page): string {
  const [, key] = /secret=([A-Z2-7]+)/.exec(page.html) ?? [];
  if (!key) throw new Error(`no key on ${page.url.href} (${page.status}): ${textOf(page).slice(0, 200)}`);
  seen.add('app key', key);
  return key;
}

/** Sets the app up from the page that hands its key over. */
async function setUpApp(agent: Agent, page: Page): Promise<{ key: string; page: Page }> {
  const key = keyOn(page);
  return { key, page: await agent.submit(page, { code: codeAt(key, clock.now()) }) };
}

/** The next code of the app. */
async function nextCode(key: string): Promise<string> {
  await clock.pass(30_000);
  return codeAt(key, clock.now());
}

const link = (page: Page, words: string) =>
  [...page.html.matchAll(/<a [^>]*href="([^"]*)"[^>]*>([\s\S]*?)<\/a>/g)]
    .find(([, , text]) => text?.includes(words))?.[1]
    ?.replaceAll('&amp;', '&') ?? '';

describe('the list', () => {
  test('names what there is, and asks for nothing more than a sign-in', async () => {
    const { steps, page } = await visit(kapu, kapu.agent(), '/account/methods', 'john');
    expect(steps).toEqual(['password']);
    expectPage(page, '/account/methods');
    expect(textOf(page)).toContain('Codes by email go to this address: j***@demo.example.');
    expect(textOf(page)).toContain('Not set up.');
  });
});

describe('setting up, renaming and removing', () => {
  test('takes fresh plus, which is asked once; it is written down and told', async () => {
    const agent = kapu.agent();
    await visit(kapu, agent, '/account/methods', 'john');
    const mails = kapu.mailsTo('john@demo.example').length;
    const asked = await answered(kapu, agent, await agent.get('/account/methods/totp'), 'john');
    // The password of just now is fresh.
    expect(asked.steps).toEqual(['email-code']);
    expect(asked.page.url.pathname).toMatch(/^\/account\/methods\/totp\/setup\//);
    const set = await setUpApp(agent, asked.page);
    expectPage(set.page, '/account/methods');
    expect(textOf(set.page)).toContain('This has been set up.');
    expect(await setUpOf('john')).toContain('totp');
    const told = await kapu.mail('john@demo.example', mails + 2);
    expect(told.subject).toContain('A new way to confirm it is you');
    expect(told.text).toContain('Chrome, Linux');

    const name = await agent.get(link(set.page, 'Rename'));
    expect(textOf(await agent.submit(name, { name: ' ' }))).toContain('Enter a name.');
    const long = await agent.submit(name, { name: 'x'.repeat(101) });
    expect([long.status, textOf(long)]).toEqual([422, expect.stringContaining('100 characters at most')]);
    expect((await agent.submit(name, { name: 'a\u0000b' })).status).toBe(422);
    const named = await agent.submit(name, { name: 'My <b>phone</b>' });
    expect(textOf(named)).toContain('My &lt;b&gt;phone&lt;/b&gt;');

    const removal = await agent.get(link(named, 'Remove'));
    expect(textOf(removal)).toContain('This is the last one of your own.');
    const still = await agent.submit(removal, {});
    expect(await setUpOf('john')).toContain('totp');
    const removed = await agent.submit(still, { remove: '1' });
    expect(textOf(removed)).toContain('This has been removed.');
    expect(await setUpOf('john')).not.toContain('totp');
    expect((await kapu.mail('john@demo.example', mails + 3)).subject).toContain('has been removed');
    expect(await eventsOf('john')).toEqual(['totp.removed', 'totp.renamed', 'totp.added']);
    // Again is nothing.
    expectPage(await agent.submit(removal, { remove: '1' }), '/account/methods');
  });

  test('too late, the form comes back after another proof', async () => {
    const agent = kapu.agent();
    const { page } = await visit(kapu, agent, '/account/methods/recovery-code', 'john');
    await clock.pass(11 * 60_000);
    const late = await agent.submit(page, {});
    const back = await answered(kapu, agent, late, 'john');
    expect(back.steps).toEqual(['password', 'email-code']);
    expectPage(back.page, '/account/methods/recovery-code');
    const made = await agent.submit(back.page, {});
    const codes = made.html.match(/\b[0-9a-z]{4}(-[0-9a-z]{4}){3}\b/gi) ?? [];
    for (const code of codes) seen.add('recovery code', code);
    expect(await setUpOf('john')).toContain('recovery-code');
    const list = await agent.get('/account/methods');
    expect(link(list, 'Rename')).toBe('');
    const removal = await agent.get(link(list, 'Remove'));
    await agent.submit(removal, { remove: '1' });
    expect(await setUpOf('john')).not.toContain('recovery-code');
  });

  test('somebody else’s is nobody’s', async () => {
    const john = await find('john');
    await kapu.records.credentials.add(john.id, { id: 'johns', method: 'passkey', data: {} });
    const agent = kapu.agent();
    await visit(kapu, agent, '/account/methods/totp', 'anna');
    for (const path of ['remove', 'rename'])
      for (const id of ['johns', '', '../x']) {
        const address = `/account/methods/${path}?${new URLSearchParams({ method: 'passkey', id })}`;
        expectPage(await agent.get(address), '/account/methods');
        expectPage(await agent.post(address, { remove: '1', name: 'mine' }), '/account/methods');
      }
    for (const query of ['', '?method=password&id=', '?method=nonsense', '?method=passkey&method=totp&id=johns'])
      expectPage(await agent.post(`/account/methods/remove${query}`, { remove: '1' }), '/account/methods');
    expect(await kapu.records.credentials.list(john.id, 'passkey')).toHaveLength(1);
    expect((await kapu.records.credentials.list(john.id, 'passkey'))[0]?.name).toBeUndefined();
    await kapu.records.credentials.remove(john.id, 'passkey', 'johns');
  });
});

describe('a first method inside a sign-in', () => {
  /** At the offer, after the password. */
  async function offered(agent: Agent, parameters: Record<string, string> = {}) {
    const service = await kapu.service({ clientId: 'demo-plus' });
    const { asked, page } = await service.visit(agent, parameters);
    return { asked, page: await agent.submit(page, credentials('bela')) };
  }
  const started = (page: Page) => `${page.url.pathname}/totp`;

  test('is offered to who has nothing else, and what has proven itself there is not asked for once more', async () => {
    const agent = kapu.agent();
    const { asked, page } = await offered(agent);
    expect(stepOf(page)).toBe('enrol');
    expect(textOf(page)).toContain('Set up a way to confirm it is you');
    expect(page.html).not.toContain('recovery-code');
    const set = await setUpApp(agent, await agent.get(started(page)));
    expect((await asked.redeem(set.page.url)).claims).toMatchObject({ acr: 'plus', amr: ['pwd', 'otp', 'mfa'] });
    expect(await eventsOf('bela')).toContain('totp.added');

    // The way to it is closed from then on.
    const other = await offered(kapu.agent());
    expect(stepOf(other.page)).toBe('totp');
    // And without it there would be none left.
    await clock.pass(30_000);
    const list = await agent.get('/account/methods');
    const removal = await agent.get(link(list, 'Remove'));
    const at = stepOf(removal) === 'totp' ? await agent.submit(removal, { code: await nextCode(set.key) }) : removal;
    expect([at.status, textOf(at)]).toEqual([409, expect.stringContaining('You cannot remove this now')]);
    const forced = await agent.post(`${at.url.pathname}${at.url.search}`, { remove: '1' });
    expect(forced.status).toBe(409);
    expect(await setUpOf('bela')).toContain('totp');
    await kapu.records.accounts.change((await find('bela')).id, { clear: ['totp'] });
  });

  test('in two tabs: the second finds the way closed', async () => {
    const agent = kapu.agent();
    const { page } = await offered(agent);
    const [one, other] = [await agent.get(started(page)), await agent.get(started(page))];
    expect(stepOf((await setUpApp(agent, one)).page)).toBe('service');
    await agent.submit(other, { code: codeAt(keyOn(other), clock.now()) });
    expect(await kapu.records.credentials.list((await find('bela')).id, 'totp')).toHaveLength(1);
    await kapu.records.accounts.change((await find('bela')).id, { clear: ['totp'] });
  });

  test('by two people who have the password, at once: one of them sets it up', async () => {
    const browsers = await Promise.all(
      [kapu.agent(), kapu.agent()].map(async (agent) => {
        const form = await agent.get(started((await offered(agent)).page));
        return { agent, form, key: keyOn(form) };
      }),
    );
    const ends = await atOnce(/^totp.added$/, () =>
      browsers.map(({ agent, form, key }) => agent.submit(form, { code: codeAt(key, clock.now()) })),
    );
    expect(ends.map(({ status }) => status).sort()).toEqual([303, 422]);
    expect(await kapu.records.credentials.list((await find('bela')).id, 'totp')).toHaveLength(1);
    await change('bela', { clear: ['totp'] });
  });

  test('and another one: of the two, taken away at once, one stays', async () => {
    const agent = kapu.agent();
    const { page } = await offered(agent);
    const set = await setUpApp(agent, await agent.get(started(page)));
    const { id } = await find('bela');
    await kapu.records.credentials.add(id, { id: 'key', method: 'passkey', data: {} });
    await clock.pass(30_000);
    let at = await agent.get('/account/methods/passkey');
    if (stepOf(at) === 'choose') at = await agent.get(at.url.pathname.replace('choose', 'totp'));
    if (stepOf(at) === 'totp') at = await agent.submit(at, { code: await nextCode(set.key) });
    expectPage(at, '/account/methods/passkey');
    const [app] = await kapu.records.credentials.list(id, 'totp');
    const removals = [`method=totp&id=${app!.id}`, 'method=passkey&id=key'];
    await atOnce(/^(totp|passkey).removed$/, () =>
      removals.map((named) => agent.post(`/account/methods/remove?${named}`, { remove: '1' })),
    );
    const left = (await setUpOf('bela')).filter((method) => method !== 'password');
    expect(left).toHaveLength(1);
    await change('bela', { clear: ['totp', 'passkey'] });
  });

  test('given up, the service hears that it was not reached', async () => {
    const agent = kapu.agent();
    const { page } = await offered(agent);
    expect(errorOf(await agent.submit(page, { cancel: '1' }))).toBe('unmet_authentication_requirements');
  });

  test('takes the password again, where it was given some time ago', async () => {
    const agent = kapu.agent();
    await signIn(kapu, await kapu.service(), agent, {}, 'bela');
    await clock.pass(15 * 60_000);
    const { page } = await (await kapu.service({ clientId: 'demo-plus' })).visit(agent);
    expect(stepOf(page)).toBe('password');
    expect(stepOf(await agent.submit(page, credentials('bela')))).toBe('enrol');
  });

  test('is the way to fresh plus in the own pages, too', async () => {
    const agent = kapu.agent();
    const { page } = await visit(kapu, agent, '/account/methods/passkey', 'bela');
    expect(stepOf(page)).toBe('enrol');
  });

  test.each<[string, () => Promise<unknown>]>([
    ['in a hold', async () => change('bela', { hold: { since: clock.now() } })],
    [
      'in a hold that ends',
      async () => change('bela', { hold: { since: clock.now(), until: new Date(Date.now() + 9e9) } }),
    ],
  ])('is never offered %s', async (_what, begin) => {
    await begin();
    const agent = kapu.agent();
    const { page } = await offered(agent);
    expect(errorOf(page)).toBe('unmet_authentication_requirements');
    await change('bela', { hold: null });
  });

  test('is not offered to who has a mailbox, or something else that does not count here', async () => {
    const service = await kapu.service({ clientId: 'demo-plus' });
    const agent = kapu.agent();
    const { page } = await service.visit(agent);
    expect(stepOf(await agent.submit(page, credentials('anna')))).toBe('email-code');
    await kapu.records.credentials.add((await find('bela')).id, { id: 'x', method: 'recovery-code', data: {} });
    const { page: other } = await offered(kapu.agent());
    expect(stepOf(other)).not.toBe('enrol');
    await change('bela', { clear: ['recovery-code'] });
  });

  test('its pages are nobody’s who has not come to it', async () => {
    const agent = kapu.agent();
    const { page } = await (await kapu.service({ clientId: 'demo-plus' })).visit(agent);
    const uid = page.url.pathname.split('/')[2];
    for (const path of [`/interaction/${uid}/enrol`, `/interaction/${uid}/enrol/totp`])
      expect(stepOf(await agent.get(path))).toBe('password');
    expect(stepOf(await agent.post(`/interaction/${uid}/enrol/recovery-code`, {}))).toBe('password');
  });

  /** Does two things that have both been allowed before either is done: what is written down first waits for the other. */
  async function atOnce<T>(events: RegExp, work: () => Promise<T>[]): Promise<T[]> {
    const { audit } = kapu.records;
    const { append } = audit;
    const waiting: (() => void)[] = [];
    audit.append = async (entry) => {
      if (events.test(entry.event))
        await new Promise<void>((go) => {
          if (waiting.push(go) === 2) for (const each of waiting) each();
        });
      return append(entry);
    };
    try {
      return await Promise.all(work());
    } finally {
      audit.append = append;
    }
  }

  async function change(username: string, what: Parameters<typeof kapu.records.accounts.change>[1]) {
    return kapu.records.accounts.change((await find(username)).id, what);
  }
});
