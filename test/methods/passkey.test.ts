/** Passkeys over plain HTTP: what a right one gives, and everything that a wrong one is refused for. */

import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { passkey } from '../../interactions/methods/passkey/passkey.ts';
import { texts } from '../../interactions/methods/passkey/texts.ts';
import type { Account } from '../../src/records/records.ts';
import { atCodePage, attempt, credentials, errorOf, signIn, stepOf } from '../flow/journey.ts';
import { type Agent, type Page, textOf } from '../support/agent.ts';
import { Authenticator, type Lies, type Options } from '../support/authenticator.ts';
import { testClock } from '../support/clock.ts';
import { eventually } from '../support/eventually.ts';
import { roomy, startKapu, type TestKapu } from '../support/kapu.ts';
import type { RelyingParty } from '../support/relying-party.ts';
import { type At, methodContract } from './contract.ts';
import { type Answer, limits, type World } from './world.ts';

const t = texts.en;
const clock = testClock();
let kapu: TestKapu;
let service: RelyingParty;
let plus: RelyingParty;

beforeAll(async () => {
  kapu = await startKapu({
    clock,
    change(settings) {
      roomy(settings);
      settings.notices = { ...settings.notices, newBrowser: true, lookEvery: '1s' };
    },
  });
  service = await kapu.service();
  plus = await kapu.service({ clientId: 'demo-plus' });
});
afterAll(() => kapu?.stop());

let people = 0;
/** Somebody new with a passkey, which `authenticator` holds. */
async function person(options: { synced?: boolean } = {}) {
  const username = `holder-${++people}`;
  const { passwordHash } = (await kapu.records.accounts.findForPassword('anna'))!;
  const given = { username, locale: 'en', email: `${username}@demo.example`, emailVerified: true } as const;
  const account = await kapu.records.accounts.add(given, passwordHash);
  const authenticator = new Authenticator({ origin: kapu.issuer, ...options });
  await kapu.records.credentials.add(account.id, authenticator.credential());
  return { account, authenticator, username };
}

const pathOf = ({ url }: Page) => /^\/interaction\/[\w-]+/.exec(url.pathname)![0];

/** What the passkey page's script is told, from any page of the sign-in. */
async function optionsOf(agent: Agent, page: Page): Promise<Options> {
  const answer = await agent.post(`${pathOf(page)}/passkey/options`, {}, { origin: kapu.issuer });
  expect(answer.status).toBe(200);
  return JSON.parse(answer.html);
}

const send = (agent: Agent, page: Page, fields: Record<string, string>) =>
  agent.post(`${pathOf(page)}/passkey`, fields, { origin: kapu.issuer });

/** Uses the passkey as the script does. */
async function use(agent: Agent, page: Page, authenticator: Authenticator, lies?: Lies): Promise<Page> {
  return send(agent, page, authenticator.get(await optionsOf(agent, page), lies));
}

const reasons = async (account?: Account) =>
  (await kapu.records.audit.list({ accountId: account?.id, limit: 20 }))
    .filter(({ event }) => event === 'passkey.refused')
    .map(({ detail }) => detail?.reason);

/** The authenticators of the contract's people. */
const holders = new Map<string, Authenticator>();

async function answerTo({ kapu }: World, { id }: Account, { agent, page }: At, lies?: Lies): Promise<Answer> {
  const answer = await agent!.post(`${pathOf(page!)}/passkey/options`, {}, { origin: kapu.issuer });
  const authenticator = holders.get(id) ?? new Authenticator({ origin: kapu.issuer });
  if (authenticator.held.length === 0) authenticator.hold();
  return authenticator.get(JSON.parse(answer.html), lies);
}

methodContract({
  facts: passkey,
  async setUp({ kapu }, { id }) {
    const authenticator = new Authenticator({ origin: kapu.issuer });
    await kapu.records.credentials.add(id, authenticator.credential());
    holders.set(id, authenticator);
  },
  right: answerTo,
  wrong: (world, account, at) => answerTo(world, account, at, { forged: true }),
  malformed: [],
  limit: limits.password,
  again: 'refused',
  asksAnew: true,
  byScript: true,
});

describe('a passkey by itself', () => {
  test.each([
    ['bound to its device', { synced: false }, ['hwk', 'user', 'mfa']],
    ['synced', { synced: true }, ['swk', 'user', 'mfa']],
  ] as const)('%s reaches plus, and the token says how', async (_, options, amr) => {
    const { account, authenticator } = await person(options);
    const agent = kapu.agent();
    const { asked, page } = await plus.visit(agent);
    expect(stepOf(page)).toBe('password');
    expect(page.html).toContain(`href="${pathOf(page)}/passkey"`);
    const shown = await agent.get(`${pathOf(page)}/passkey`);
    expect(shown.html).toContain(t.noScript);
    expect(shown.html).toContain(`href="${pathOf(page)}/password"`);
    const back = await use(agent, page, authenticator);
    const { claims } = await asked.redeem(back.url);
    expect(claims).toMatchObject({ acr: 'plus', amr });
    expect((await kapu.records.credentials.list(account.id, 'passkey'))[0]?.usedAt).toBeDefined();

    // It counts for a quarter of an hour at plus, and as long as the session lives at basic; then it is what is asked first.
    expect((await signIn(kapu, plus, agent)).claims).toMatchObject({ acr: 'plus', amr });
    await clock.pass(16 * 60_000);
    expect((await signIn(kapu, service, agent)).claims).toMatchObject({ acr: 'basic', amr });
    const again = await plus.visit(agent);
    expect(stepOf(again.page)).toBe('passkey');
    expect((await optionsOf(agent, again.page)).allowCredentials).toMatchObject([{ id: authenticator.held[0]!.id }]);
    const renewed = await again.asked.redeem((await use(agent, again.page, authenticator)).url);
    expect(renewed.claims).toMatchObject({ acr: 'plus', amr });
  });

  test('allows any key where nobody is known, and the same for everybody', async () => {
    const agent = kapu.agent();
    const { page } = await service.visit(agent, { login_hint: 'anna' });
    expect(await optionsOf(agent, page)).toMatchObject({
      rpId: 'localhost',
      userVerification: 'required',
      allowCredentials: [],
    });
  });

  test('is told of where the browser is a new one', async () => {
    const { account, authenticator } = await person();
    for (const expected of [0, 1]) {
      const agent = kapu.agent();
      const { page } = await service.visit(agent);
      expect(stepOf(await use(agent, page, authenticator))).toBe('service');
      await eventually('no notice waits', async () => (await kapu.records.notices.oldest()) === undefined);
      const mails = kapu.mailsTo(account.email!).filter(({ subject }) => subject?.includes('new browser'));
      expect(mails).toHaveLength(expected);
    }
  });
});

describe('with a password', () => {
  test('is one of the ways to go on to plus, and only its own account’s', async () => {
    const { authenticator, username } = await person();
    const other = await person();
    const agent = kapu.agent();
    const { asked, page } = await plus.visit(agent);
    const choice = await agent.submit(page, credentials(username));
    expect(stepOf(choice)).toBe('choose');
    expect((await optionsOf(agent, choice)).allowCredentials).toHaveLength(1);
    const refused = await use(agent, choice, other.authenticator);
    expect(refused.status).toBe(422);
    expect(textOf(refused)).toContain(t.problem.refused);
    const back = await use(agent, choice, authenticator);
    expect((await asked.redeem(back.url)).claims).toMatchObject({ acr: 'plus', amr: ['hwk', 'user', 'mfa'] });
  });

  test('is not offered to who has none', async () => {
    const { agent, page } = await atCodePage(kapu, plus, 'john');
    expect(page.html).not.toContain('/passkey');
    const elsewhere = await agent.get(`${pathOf(page)}/passkey`);
    expect(stepOf(elsewhere)).toBe('email-code');
    const answer = await agent.post(`${pathOf(page)}/passkey/options`, {}, { origin: kapu.issuer });
    expect(answer.status).toBe(410);
  });
});

describe('is refused', () => {
  let holder: Awaited<ReturnType<typeof person>>;
  let agent: Agent;
  let page: Page;
  beforeEach(async () => {
    holder = await person();
    agent = kapu.agent();
    ({ page } = await plus.visit(agent));
  });

  test.each<[string, Lies, string]>([
    ['from another origin', { origin: 'https://kapu.evil.example' }, 'wrong-origin'],
    ['from a frame of another', { crossOrigin: true }, 'wrong-origin'],
    ['for another host', { rpId: 'evil.example' }, 'wrong-host'],
    ['for another challenge', { challenge: Buffer.alloc(32, 7).toString('base64url') }, 'wrong-challenge'],
    ['without user verification', { unverified: true }, 'no-user-verification'],
    ['signed by another key', { forged: true }, 'wrong-signature'],
    ['signed for a registration', { type: 'webauthn.create' }, 'wrong-signature'],
    ['that was bound and is synced', { synced: true }, 'wrong-signature'],
    ['for another person', { userHandle: Buffer.alloc(32, 7).toString('base64url') }, 'wrong-user-handle'],
    ['for nobody', { userHandle: '' }, 'wrong-user-handle'],
  ])('%s', async (_, lies, reason) => {
    const answer = await use(agent, page, holder.authenticator, lies);
    expect(answer.status).toBe(422);
    expect(textOf(answer)).toContain(t.problem.refused);
    expect(await reasons(holder.account)).toEqual([reason]);
    expect((await kapu.records.credentials.list(holder.account.id, 'passkey'))[0]?.usedAt).toBeUndefined();
    // The mistake has cost nothing but the try.
    expect(stepOf(await use(agent, page, holder.authenticator))).toBe('service');
  });

  test('when it is sent again, in this sign-in or in another', async () => {
    const fields = holder.authenticator.get(await optionsOf(agent, page));
    const elsewhere = await plus.visit(agent);
    await optionsOf(agent, elsewhere.page);
    const stolen = await send(agent, elsewhere.page, fields);
    expect(textOf(stolen)).toContain(t.problem.refused);
    expect(stepOf(await send(agent, page, fields))).toBe('service');
    const third = await plus.visit(agent, { prompt: 'login' });
    expect(textOf(await send(agent, third.page, fields))).toContain(t.problem.refused);
    expect(await reasons(holder.account)).toContain('wrong-challenge');
  });

  test('with a challenge that was used, whatever came of it', async () => {
    const options = await optionsOf(agent, page);
    await send(agent, page, holder.authenticator.get(options, { forged: true }));
    expect(textOf(await send(agent, page, holder.authenticator.get(options)))).toContain(t.problem.expired);
  });

  test('in none of two tabs for the other one', async () => {
    const [first, second] = [await optionsOf(agent, page), await optionsOf(agent, page)];
    expect(first.challenge).not.toBe(second.challenge);
    await send(agent, page, holder.authenticator.get(second, { forged: true }));
    expect(stepOf(await send(agent, page, holder.authenticator.get(first)))).toBe('service');
  });

  test('of many at once with one challenge all but one', async () => {
    const fields = holder.authenticator.get(await optionsOf(agent, page));
    const answers = await Promise.all(Array.from({ length: 10 }, () => send(agent.copy(), page, fields)));
    expect(answers.filter((answer) => stepOf(answer) === 'service')).toHaveLength(1);
    const entries = await kapu.records.audit.list({ accountId: holder.account.id, limit: 50 });
    expect(entries.filter(({ event }) => event === 'passkey.passed')).toHaveLength(1);
  });

  test('after five minutes', async () => {
    const fields = holder.authenticator.get(await optionsOf(agent, page));
    await clock.pass(5 * 60_000 + 1);
    expect(textOf(await send(agent, page, fields))).toContain(t.problem.expired);
    expect(stepOf(await use(agent, page, holder.authenticator))).toBe('service');
  });

  test('when nobody has it, or its account is disabled: in the same words', async () => {
    const stranger = new Authenticator({ origin: kapu.issuer });
    stranger.hold();
    const unknown = await use(agent, page, stranger);
    await kapu.records.accounts.setStatus(holder.account.id, 'disabled');
    const disabled = await use(agent, page, holder.authenticator);
    expect(disabled.status).toBe(unknown.status);
    expect(disabled.html).toBe(unknown.html);
    expect(await reasons(holder.account)).toEqual(['account-disabled']);
  });

  test('once it has been taken away', async () => {
    const fields = holder.authenticator.get(await optionsOf(agent, page));
    const [credential] = await kapu.records.credentials.list(holder.account.id, 'passkey');
    await kapu.records.credentials.remove(holder.account.id, 'passkey', credential!.id);
    expect(textOf(await send(agent, page, fields))).toContain(t.problem.refused);
  });

  test.each(['', '%', 'AAAA'])('as no passkey at all: %j', async (text) => {
    await optionsOf(agent, page);
    const names = ['id', 'client-data', 'authenticator-data', 'signature', 'user-handle'];
    const answer = await send(agent, page, Object.fromEntries(names.map((name) => [name, text])));
    expect(answer.status).toBe(422);
    expect(textOf(answer)).toContain(text === '' ? t.problem['no-script'] : t.problem.refused);
  });

  test('to another site that posts it', async () => {
    const fields = holder.authenticator.get(await optionsOf(agent, page));
    const answer = await agent.post(`${pathOf(page)}/passkey`, fields, { origin: 'https://evil.example' });
    expect(answer.status).toBe(403);
  });
});

describe('a counter', () => {
  test('that does not grow says that there is a copy: refused, written down, and told', async () => {
    const { account, authenticator } = await person();
    for (const [counter, outcome] of [
      [10, 'service'],
      [10, 'none'],
      [4, 'none'],
      [0, 'none'],
      [11, 'service'],
    ] as const) {
      const agent = kapu.agent();
      const { page } = await plus.visit(agent);
      const answer = await use(agent, page, authenticator, { counter });
      expect(stepOf(answer)).toBe(outcome);
      if (outcome === 'none') expect(textOf(answer)).toContain(t.problem.copied);
    }
    expect(await reasons(account)).toEqual(Array(3).fill('counter-not-grown'));
    const [kept] = await kapu.records.credentials.list(account.id, 'passkey');
    expect(kept?.data.counter).toBe(11);
    await eventually('a notice', () => kapu.mailsTo(account.email!).some(({ subject }) => subject?.includes('copied')));
  });

  test('is judged after the signature: nobody can say so of somebody else’s', async () => {
    const { account, authenticator } = await person();
    const agent = kapu.agent();
    const { page } = await plus.visit(agent);
    await use(agent, page, authenticator, { counter: 1, forged: true });
    expect(await reasons(account)).toEqual(['wrong-signature']);
  });

  test('of two uses at once with the same one, one is refused', async () => {
    const { account, authenticator } = await person();
    const uses = await Promise.all(
      [1, 2].map(async () => {
        const agent = kapu.agent();
        const { page } = await plus.visit(agent);
        return { agent, page, fields: authenticator.get(await optionsOf(agent, page), { counter: 20 }) };
      }),
    );
    const steps = await Promise.all(
      uses.map(async ({ agent, page, fields }) => stepOf(await send(agent, page, fields))),
    );
    expect(steps.sort()).toEqual(['none', 'service']);
    expect(await reasons(account)).toEqual(['counter-not-grown']);
  });

  test('of a key that does not count refuses nobody', async () => {
    const { authenticator } = await person({ synced: true });
    const steps = await Promise.all(
      [1, 2, 3].map(async () => {
        const agent = kapu.agent();
        const { page } = await plus.visit(agent);
        return stepOf(await use(agent, page, authenticator));
      }),
    );
    expect(steps).toEqual(['service', 'service', 'service']);
  });
});

test('a method that is switched off is neither offered nor counts', async () => {
  const off = await startKapu({
    change(settings) {
      roomy(settings);
      settings.methodsOff = ['passkey'];
    },
  });
  try {
    const party = await off.service();
    const agent = off.agent();
    const { page } = await party.visit(agent);
    expect(page.html).not.toContain('passkey');
    expect(page.html).toContain('autocomplete="username"');
    const answer = await agent.get(`${pathOf(page)}/passkey`);
    expect(answer.status).toBe(404);
    expect(errorOf((await attempt(off, party, agent)).page)).toBeUndefined();
  } finally {
    await off.stop();
  }
});

test('tries are counted for an origin, failures alone', async () => {
  const narrow = await startKapu({
    change(settings) {
      roomy(settings);
      settings.password!.triesPerOrigin = 3;
    },
  });
  try {
    const account = (await narrow.records.accounts.findByUsername('anna'))!;
    const authenticator = new Authenticator({ origin: narrow.issuer });
    await narrow.records.credentials.add(account.id, authenticator.credential());
    const party = await narrow.service();
    const tried = async (lies?: Lies) => {
      const agent = narrow.agent();
      const { page } = await party.visit(agent);
      const options = await agent.post(`${pathOf(page)}/passkey/options`, {}, { origin: narrow.issuer });
      const fields = authenticator.get(JSON.parse(options.html), lies);
      return agent.post(`${pathOf(page)}/passkey`, fields, { origin: narrow.issuer });
    };
    for (let at = 0; at < 4; at++) expect(stepOf(await tried())).toBe('service');
    for (let at = 0; at < 3; at++) expect((await tried({ forged: true })).status).toBe(422);
    const over = await tried();
    expect(over.status).toBe(429);
    expect(over.headers.get('retry-after')).toBeTruthy();
  } finally {
    await narrow.stop();
  }
});
