/** The method `totp`: the contract, and what only an authenticator app can do wrong (RFC 6238, 5.2; ASVS 6.5.1, 6.5.5). */

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { newKey } from '../../interactions/methods/totp/app.ts';
import { appOf, useCode } from '../../interactions/methods/totp/credential.ts';
import { texts } from '../../interactions/methods/totp/texts.ts';
import { totp } from '../../interactions/methods/totp/totp.ts';
import type { Account, Credential } from '../../src/records/records.ts';
import { createVault, type Vault } from '../../src/vault.ts';
import { stepOf } from '../flow/journey.ts';
import { type Page, textOf } from '../support/agent.ts';
import { codeAt } from './app.ts';
import { type Driver, methodContract } from './contract.ts';
import { atMethod, startWorld, type World } from './world.ts';

/** The keys of people's apps, and the step of the code that each has given last. */
const phones = new Map<string, { key: string; step: number }>();

const stepAt = ({ clock }: World) => Math.floor(clock.now().getTime() / 30_000);

async function setUp(world: World, account: Account): Promise<void> {
  const key = newKey();
  const step = stepAt(world) - 5;
  const vault = createVault(world.kapu.settings.secrets.credentialKeys);
  await world.kapu.records.credentials.add(account.id, await appOf(vault, account, key, step));
  phones.set(account.id, { key, step });
}

/** The phone shows a new code every 30 seconds; whoever has given the last one waits. */
async function right(world: World, account: Account): Promise<{ code: string }> {
  const phone = phones.get(account.id)!;
  if (phone.step >= stepAt(world)) await world.clock.pass((phone.step + 1) * 30_000 - world.clock.now().getTime());
  phone.step = stepAt(world);
  return { code: codeAt(phone.key, world.clock.now()) };
}

/** A code that the phone does not show, within some minutes. */
function wrong({ clock }: World, account: Account): { code: string } {
  const { key } = phones.get(account.id) ?? { key: 'A'.repeat(32) };
  const shown = new Set(Array.from({ length: 20 }, (_, at) => codeAt(key, clock.now(), at - 10)));
  for (let code = 111_111; ; code++) if (!shown.has(String(code))) return { code: String(code) };
}

const driver: Driver = {
  facts: totp,
  setUp,
  right,
  wrong,
  malformed: [{ code: '' }, { code: '12345' }, { code: 'abcdef' }],
  limit: 10,
  again: 'refused',
  without: { mailbox: true },
};

methodContract(driver);

describe('a code of the app', () => {
  let world: World;
  beforeAll(async () => {
    world = await startWorld();
  });
  afterAll(() => world.stop());

  const arrived = (page: Page) => stepOf(page) === 'service';

  /** Somebody whose clock stands in the middle of a step, and a way to give a code of another step from there. */
  async function holder() {
    const account = await world.person();
    await setUp(world, account);
    await world.clock.pass(30_000 - (world.clock.now().getTime() % 30_000) + 15_000);
    const { key } = phones.get(account.id)!;
    /** Gives the code that is `later` steps away, in a new browser. */
    const give = async (later: number) => {
      const { agent, page } = await atMethod(world, totp, account);
      return agent.submit(page, { code: codeAt(key, world.clock.now(), later) });
    };
    return { account, key, give };
  }

  test.each([
    ['of the last step is taken', -1, true],
    ['of this step is taken', 0, true],
    ['of the next step is taken', 1, true],
    ['from two steps before is refused', -2, false],
    ['from two steps ahead is refused', 2, false],
  ])('%s', async (_, later, taken) => {
    const { give } = await holder();
    expect(arrived(await give(later))).toBe(taken);
  });

  test.each([
    // Given first, then: what becomes of the second.
    [0, 0, 'used'],
    [0, -1, 'used'],
    [0, 1, 'taken'],
    [1, 0, 'used'],
    [1, 1, 'used'],
    [1, -1, 'used'],
    [-1, 0, 'taken'],
    [-1, -1, 'used'],
    [-1, 1, 'taken'],
  ])('after one of step %i, one of step %i is %s', async (first, second, outcome) => {
    const { account, give } = await holder();
    expect(arrived(await give(first))).toBe(true);
    const page = await give(second);
    expect(arrived(page) ? 'taken' : textOf(page)).toContain(outcome === 'taken' ? 'taken' : texts.en.problem.used);
    if (outcome === 'used') expect(await reasons(account)).toEqual(['code-used']);
  });

  const reasons = async ({ id }: Account) =>
    (await world.kapu.records.audit.list({ accountId: id, limit: 50 }))
      .filter(({ event }) => event === 'totp.refused')
      .map(({ detail }) => detail?.reason);

  test('passes once of forty times at once', async () => {
    const { account, key } = await holder();
    const visits = await Promise.all(Array.from({ length: 8 }, () => atMethod(world, totp, account)));
    const code = codeAt(key, world.clock.now());
    const ends = await Promise.all(
      visits.flatMap(({ agent, page }) => Array.from({ length: 5 }, () => agent.copy().submit(page, { code }))),
    );
    // One sign-in is over; whatever else its browser has sent finds it so.
    const over = (page: Page) =>
      arrived(page) || page.status === 410 || /\/interaction\/[\w-]+$/.test(page.url.pathname);
    expect(ends.filter(arrived).length).toBeGreaterThan(0);
    expect((await audited(account)).length).toBe(1);
    expect(ends.filter((page) => !over(page) && ![422, 429].includes(page.status))).toEqual([]);
  });

  const audited = async ({ id }: Account) =>
    (await world.kapu.records.audit.list({ accountId: id, limit: 200 })).filter(({ event }) => event === 'totp.passed');

  test('is taken with spaces and in wide digits, as phones and people write it', async () => {
    for (const write of [
      (code: string) => `${code.slice(0, 3)} ${code.slice(3)}`,
      (code: string) => [...code].map((digit) => String.fromCodePoint(0xff10 + Number(digit))).join(''),
    ]) {
      const { account, key } = await holder();
      const { agent, page } = await atMethod(world, totp, account);
      expect(arrived(await agent.submit(page, { code: write(codeAt(key, world.clock.now())) }))).toBe(true);
    }
  });

  test('that is wrong for the third time in a sign-in speaks of the clock', async () => {
    const { account } = await holder();
    const { agent, page } = await atMethod(world, totp, account);
    const said: string[] = [];
    for (let tries = 0; tries < 3; tries++) said.push(textOf(await agent.submit(page, wrong(world, account))));
    expect(said.map((text) => text.includes(texts.en.problem.wrongClock))).toEqual([false, false, true]);
  });

  test('is guessed at from everywhere thirty times, and then only known browsers and other ways are left', async () => {
    const { account, key } = await holder();
    const home = world.kapu.agent();
    const first = await atMethod(world, totp, account, home);
    expect(arrived(await home.submit(first.page, { code: codeAt(key, world.clock.now()) }))).toBe(true);
    const statuses: number[] = [];
    for (let tries = 0; tries < 31; tries++) {
      // Another quarter of an hour, in the place of another origin.
      if (tries % 10 === 0) await world.clock.pass(15 * 60_000 + 1000);
      const { agent, page } = await atMethod(world, totp, account);
      statuses.push((await agent.submit(page, wrong(world, account))).status);
    }
    expect([statuses.filter((status) => status === 422).length, statuses.at(-1)]).toEqual([30, 429]);
    const stranger = await atMethod(world, totp, account);
    const refused = await stranger.agent.submit(stranger.page, { code: codeAt(key, world.clock.now()) });
    expect([refused.status, textOf(refused)]).toEqual([429, expect.stringContaining(texts.en.problem.guarded)]);
    expect(refused.html).toMatch(/<nav class="others"[\s\S]*email-code/);
    await world.clock.pass(60_000);
    // Nor does its owner's browser lose what it has by ending everything.
    await world.kapu.records.accounts.endSessions(account.id);
    await world.clock.pass(1000);
    const again = await atMethod(world, totp, account, home);
    expect(arrived(await home.submit(again.page, { code: codeAt(key, world.clock.now()) }))).toBe(true);
  });

  test('is guessed at as by strangers in browsers that have proven another app before', async () => {
    const { account, key } = await holder();
    // A thief's, in browsers as many as they like.
    const minted = await atMethod(world, totp, account);
    expect(arrived(await minted.agent.submit(minted.page, { code: codeAt(key, world.clock.now()) }))).toBe(true);
    const { credentials } = world.kapu.records;
    await credentials.remove(account.id, totp.name, 'app');
    await world.clock.pass(16 * 60_000);
    await setUp(world, account);
    await world.clock.pass(1000);
    const { agent, page } = await atMethod(world, totp, account, minted.agent);
    const statuses: number[] = [];
    for (let tries = 0; tries < 11; tries++) statuses.push((await agent.submit(page, wrong(world, account))).status);
    expect(statuses).toEqual([...Array(10).fill(422), 429]);
  });
});

describe('the key of an app', () => {
  test('is kept sealed, is sealed anew under a new key of the vault, and an app whose key is gone says so', async () => {
    const account = { id: 'anna' } as Account;
    const old = createVault(['o'.repeat(32)]);
    const key = newKey();
    let kept = await appOf(old, account, key, 0);
    expect(JSON.stringify(kept)).not.toContain(key);
    const credentials = {
      list: async () => [kept as Credential],
      async use(_: string, previous: Pick<Credential, 'data'>, data: Credential['data']) {
        if (previous.data !== kept.data) return false;
        kept = { ...kept, data };
        return true;
      },
    };
    const at = new Date(1_764_000_000_000);
    const use = (vault: Vault, later: number) =>
      useCode({ credentials, vault, now: () => at }, account, codeAt(key, at, later));
    const both = createVault(['n'.repeat(32), 'o'.repeat(32)]);
    expect(await use(both, -1)).toBe('right');
    const renewed = createVault(['n'.repeat(32)]);
    expect(await use(renewed, 0)).toBe('right');
    expect(await use(old, 1)).toBe('unreadable');
    // Nor does it open for somebody else.
    const other = { credentials, vault: renewed, now: () => at };
    expect(await useCode(other, { id: 'john' } as Account, codeAt(key, at, 1))).toBe('unreadable');
  });
});
