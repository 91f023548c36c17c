/** The method `recovery-code`: the contract, and what only codes on paper can do wrong (ASVS 6.5.1, 6.5.2). */

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { demoPassword } from '../../config/demo.ts';
import { hashOf, newSet, useCode } from '../../interactions/methods/recovery-code/credential.ts';
import { recoveryCode } from '../../interactions/methods/recovery-code/recovery-code.ts';
import { texts } from '../../interactions/methods/recovery-code/texts.ts';
import { codeOf, newCode, written } from '../../interactions/printed-code.ts';
import type { Account, Credential } from '../../src/records/records.ts';
import { stepOf } from '../flow/journey.ts';
import { type Page, textOf } from '../support/agent.ts';
import { eventually } from '../support/eventually.ts';
import { type Driver, methodContract } from './contract.ts';
import { atMethod, startWorld, type World } from './world.ts';

/** The sheets of people, without what they have crossed out. */
const sheets = new Map<string, string[]>();

const driver: Driver = {
  facts: recoveryCode,
  async setUp({ kapu }, account) {
    const { codes, credentials } = newSet(account, kapu.settings.secrets.credentialKeys);
    for (const credential of credentials) await kapu.records.credentials.add(account.id, credential);
    sheets.set(account.id, codes);
  },
  right: async (_, { id }) => ({ code: written(sheets.get(id)!.shift()!) }),
  wrong: () => ({ code: written(newCode()) }),
  malformed: [{ code: '' }, { code: 'ABCD-EFGH' }, { code: 'ABCD-EFGH-JKMN-PQR!' }],
  limit: 10,
  again: 'refused',
  without: { mailbox: true },
};

methodContract(driver);

describe('in a sign-in', () => {
  let world: World;
  beforeAll(async () => {
    world = await startWorld((settings) => {
      settings.notices = { ...settings.notices, lookEvery: '1s' };
    });
  });
  afterAll(() => world.stop());

  async function holder() {
    const account = await world.person();
    await driver.setUp(world, account);
    return { account, codes: sheets.get(account.id)!.map(written) };
  }
  const arrived = (page: Page) => stepOf(page) === 'service';
  const left = async ({ id }: Account) => (await world.kapu.records.credentials.list(id, 'recovery-code')).length;

  test('one code at once from eight browsers passes once, and is told once, with how many are left', async () => {
    const { account, codes } = await holder();
    const visits = await Promise.all(Array.from({ length: 8 }, () => atMethod(world, recoveryCode, account)));
    const ends = await Promise.all(visits.map(({ agent, page }) => agent.submit(page, { code: codes[0]! })));
    expect(ends.filter(arrived)).toHaveLength(1);
    expect(await left(account)).toBe(9);
    const told = () =>
      world.kapu.mailsTo(account.email!).filter(({ subject }) => subject?.includes('A recovery code has been used'));
    await eventually('the notice', () => told().length > 0);
    expect(told().map(({ text }) => text)).toEqual([expect.stringContaining('You have 9 unused codes left.')]);
    expect(told()[0]!.text).not.toContain(codes[0]);
  });

  test('each code works, in any order and spelling, and the page says how many there are', async () => {
    const { account, codes } = await holder();
    const [first, second, ...others] = codes;
    const spellings = [first!.toLowerCase(), ` ${second!.replaceAll('-', ' ')} `, ...others.reverse()];
    for (const [at, code] of spellings.entries()) {
      const { agent, page } = await atMethod(world, recoveryCode, account);
      expect(textOf(page)).toContain(texts.en.left(10 - at));
      expect(arrived(await agent.submit(page, { code }))).toBe(true);
    }
    // It is not asked for any more, by anybody who has none left.
    expect(await left(account)).toBe(0);
    const agent = world.kapu.agent();
    const { page } = await world.service.visit(agent, { acr_values: 'plus' });
    const next = await agent.submit(page, { username: account.username, password: demoPassword });
    expect([stepOf(next), next.html.includes('recovery-code')]).toEqual(['email-code', false]);
  });

  test('whoever has another way is led to that, and finds the codes among the other ways', async () => {
    const { account } = await holder();
    const agent = world.kapu.agent();
    const { page } = await world.service.visit(agent, { acr_values: 'plus' });
    const next = await agent.submit(page, { username: account.username, password: demoPassword });
    expect(stepOf(next)).toBe('email-code');
    expect(next.html).toMatch(/<nav class="others"[\s\S]*\/recovery-code"/);
  });

  test('whoever has nothing else is led straight to them', async () => {
    const account = await world.person({ mailbox: false });
    await driver.setUp(world, account);
    const agent = world.kapu.agent();
    const { page } = await world.service.visit(agent, { acr_values: 'plus' });
    expect(stepOf(await agent.submit(page, { username: account.username, password: demoPassword }))).toBe(
      'recovery-code',
    );
  });

  test("somebody else's code is nobody's, and is not used up", async () => {
    const [mine, theirs] = [await holder(), await holder()];
    const { agent, page } = await atMethod(world, recoveryCode, mine.account);
    expect((await agent.submit(page, { code: theirs.codes[0]! })).status).toBe(422);
    expect(await left(theirs.account)).toBe(10);
  });
});

test('codes work for as long as the key is there that they were hashed with', async () => {
  const account = { id: 'anna' } as Account;
  const { codes, credentials: kept } = newSet(account, ['old'.repeat(11), 'new'.repeat(11)]);
  const credentials = {
    list: async () => kept as unknown as Credential[],
    remove: async (_: string, __: string, id: string) => kept.some((each) => each.id === id),
  };
  const use = (keys: string[]) => useCode(credentials, keys, account, codes[3]!, () => undefined);
  expect(await use(['new'.repeat(11), 'old'.repeat(11)])).toBe('right');
  expect(await use(['new'.repeat(11)])).toBe('wrong');
});

describe('a code', () => {
  test('has 80 bits: 16 characters, each of 32 as likely as another', () => {
    const codes = Array.from({ length: 400 }, newCode);
    for (const code of codes) expect(code).toMatch(/^[0-9A-HJKMNP-TV-Z]{16}$/);
    expect(new Set(codes).size).toBe(400);
    const counts = new Map<string, number>();
    for (const character of codes.join('')) counts.set(character, (counts.get(character) ?? 0) + 1);
    // 200 of each are to be expected; one in so many runs that nobody will see it has 100 more or less.
    expect([counts.size, Math.min(...counts.values()) > 100, Math.max(...counts.values()) < 300]).toEqual([
      32,
      true,
      true,
    ]);
  });

  test.each([
    ['abcd-efgh-jkmn-pqrs', 'ABCDEFGHJKMNPQRS'],
    [' ABCD EFGH JKMN PQRS\n', 'ABCDEFGHJKMNPQRS'],
    ['ABCD–EFGH—JKMN\u00a0PQRS', 'ABCDEFGHJKMNPQRS'],
    ['\u200eABCD.EFGH.JKMN.PQRS\u200b', 'ABCDEFGHJKMNPQRS'],
    ['ＡＢＣＤ-EFGH-JKMN-PQRS', 'ABCDEFGHJKMNPQRS'],
    ['oOiI-lL01-0000-0000', '0011110100000000'],
    ['ABCD-EFGH-JKMN-PQR', undefined],
    ['ABCD-EFGH-JKMN-PQRST', undefined],
    ['UBCD-EFGH-JKMN-PQRS', undefined],
    ['ABCD-EFGH-JKMN-PQRÁ', undefined],
    ['', undefined],
  ])('typed as %j is %s', (typed, code) => {
    expect(codeOf(typed)).toBe(code);
  });

  test('is kept as a hash under a key, of one account', () => {
    const code = newCode();
    const hash = hashOf('k'.repeat(32), 'anna', code);
    expect(hash).toMatch(/^[\w-]{43}$/);
    expect(hashOf('k'.repeat(32), 'anna', code)).toBe(hash);
    expect(hashOf('l'.repeat(32), 'anna', code)).not.toBe(hash);
    expect(hashOf('k'.repeat(32), 'john', code)).not.toBe(hash);
  });
});
