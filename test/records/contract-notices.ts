/** What every implementation of Records promises of notices: written with what they are about, claimed by one, marked once. */

import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { Account, Notice, Records } from '../../src/records/records.ts';
import type { Subject } from './contract.ts';

export function noticesContract(name: string, subject: () => Promise<Subject>): void {
  describe(`records, notices: ${name}`, () => {
    let database: Subject;
    let records: Records;
    let opened: Records[];
    let clock: Date;
    let anna: Account;

    const another = async () => {
      const one = await database.open(() => clock);
      opened.push(one);
      return one;
    };
    const pass = (milliseconds: number) => {
      clock = new Date(clock.getTime() + milliseconds);
    };
    const lease = 60_000;
    const kinds = ['passwordSet', 'newBrowser'];
    const claim = (by = records) => by.notices.claim({ kinds, lease });
    const passwordSet = { kind: 'passwordSet' };
    const person = (username: string, email?: string, emailVerified = true) =>
      records.accounts.add({ username, locale: 'en', email, emailVerified }, 'hash');

    beforeEach(async () => {
      clock = new Date('2026-11-22T10:00:00.123Z');
      database = await subject();
      opened = [];
      records = await another();
      await records.migrate();
      anna = await person('anna', 'anna@demo.example');
    });

    afterEach(async () => {
      await Promise.all(opened.map((one) => one.end()));
      await database.remove();
    });

    describe('written', () => {
      test('with a change, for the address and in the language of the account; claimed as it was written', async () => {
        const at = clock;
        const detail = { browser: 'Firefox', system: 'O\'Neil "Linux"' };
        expect(await records.accounts.setPassword(anna.id, 'new', { kind: 'passwordSet', detail })).toBe(true);
        pass(5000);
        expect(await records.notices.oldest()).toEqual(at);
        expect(await claim()).toEqual({
          ...{ id: expect.any(String), accountId: anna.id, kind: 'passwordSet', email: 'anna@demo.example' },
          ...{ locale: 'en', detail, at, tries: 1 },
        });
      });

      test('with each change that takes one, and with none that is not asked to', async () => {
        const { accounts } = records;
        await accounts.setStatus(anna.id, 'disabled', { kind: 'a' });
        await accounts.setStatus(anna.id, 'active', { kind: 'b' });
        await accounts.endSessions(anna.id, { kind: 'c' });
        await accounts.setPassword(anna.id, 'x');
        await accounts.setStatus(anna.id, 'disabled');
        await accounts.endSessions(anna.id);
        for (const kind of ['a', 'b', 'c'])
          expect(await records.notices.claim({ kinds: [kind], lease })).toMatchObject({ kind, detail: {} });
        expect(await records.notices.claim({ kinds: ['a', 'b', 'c'], lease })).toBeUndefined();
        expect(await accounts.find(anna.id)).toMatchObject({ status: 'disabled', validSince: clock });
      });

      test('for nobody without a confirmed address; the change happens all the same', async () => {
        const [bela, cili] = [await person('bela'), await person('cili', 'cili@demo.example', false)];
        for (const { id } of [bela, cili]) {
          expect(await records.accounts.setPassword(id, 'new', passwordSet)).toBe(true);
          expect(await records.notices.add(id, passwordSet)).toBe(false);
        }
        expect(await records.notices.add('nobody', passwordSet)).toBe(false);
        expect(await records.accounts.setPassword('nobody', 'x', passwordSet)).toBe(false);
        expect(await records.accounts.endSessions('nobody', passwordSet)).toBe(false);
        expect(await claim()).toBeUndefined();
        expect(await records.notices.oldest()).toBeUndefined();
      });

      test('a change and its notice happen together or not at all', async () => {
        const broken = { kind: null as unknown as string };
        const { accounts } = records;
        await expect(accounts.setPassword(anna.id, 'new', broken)).rejects.toThrow();
        await expect(accounts.setStatus(anna.id, 'disabled', broken)).rejects.toThrow();
        await expect(accounts.endSessions(anna.id, broken)).rejects.toThrow();
        expect(await accounts.findForPassword('anna')).toEqual({ account: anna, passwordHash: 'hash' });
      });

      test('only after an event of the account, where it says so', async () => {
        const notice = { kind: 'newBrowser', onlyAfter: 'sign-in.completed' };
        const john = await person('john', 'john@demo.example');
        await records.audit.append({ at: clock, event: 'sign-in.completed', accountId: john.id });
        await records.audit.append({ at: clock, event: 'password.passed', accountId: anna.id });
        expect(await records.notices.add(anna.id, notice)).toBe(false);
        await records.audit.append({ at: clock, event: 'sign-in.completed', accountId: anna.id });
        expect(await records.notices.add(anna.id, notice)).toBe(true);
      });

      test('never fails for what a browser says of itself', async () => {
        const detail = { browser: `\0\ud800${'x'.repeat(5000)}` };
        expect(await records.notices.add(anna.id, { kind: 'newBrowser', detail })).toBe(true);
        expect((await claim())!.detail.browser).toHaveLength(255);
      });
    });

    test('one for the first address goes to no other; the oldest is told by kind', async () => {
      await records.accounts.change(anna.id, { noticeEmail: 'two@demo.example', formerEmail: 'old@demo.example' });
      const at = clock;
      await records.notices.add(anna.id, { kind: 'newBrowser', toFirst: true });
      pass(1);
      expect((await claim())?.email).toBe('anna@demo.example');
      expect(await claim()).toBeUndefined();
      expect(await records.notices.oldest(['newBrowser', 'passwordSet'])).toEqual(at);
      expect(await records.notices.oldest(['passwordSet'])).toBeUndefined();
    });

    describe('claimed', () => {
      test('by one for the time of its lease, then by the next; tries are counted', async () => {
        await records.notices.add(anna.id, passwordSet);
        const others = await another();
        const first = await claim();
        pass(lease - 1);
        expect(await claim(others)).toBeUndefined();
        pass(1);
        expect(await claim(others)).toEqual({ ...first, tries: 2 });
        expect(await claim()).toBeUndefined();
      });

      test('the one that has been due longest first, of the kinds that are asked for', async () => {
        const { id: ofLater } = await person('later', 'later@demo.example');
        await records.notices.add(anna.id, { kind: 'ofTheNextVersion' });
        await records.notices.add(anna.id, passwordSet);
        pass(1);
        await records.notices.add(ofLater, { kind: 'newBrowser' });
        expect((await claim())?.kind).toBe('passwordSet');
        expect((await claim())?.kind).toBe('newBrowser');
        expect(await claim()).toBeUndefined();
        expect((await records.notices.claim({ kinds: ['ofTheNextVersion'], lease }))?.accountId).toBe(anna.id);
      });

      test('of parallel claims no two get the same', async () => {
        for (let n = 0; n < 60; n++) await records.notices.add(anna.id, passwordSet);
        const others = await another();
        const claimed: Notice[] = [];
        const all = async (by: Records) => {
          // What another one has just locked is passed over: nothing left is only sure when nobody claims.
          for (let found = await claim(by); found; found = await claim(by)) claimed.push(found);
        };
        await Promise.all([records, others, records, others, others].map(all));
        await all(records);
        expect(claimed).toHaveLength(60);
        expect(new Set(claimed.map(({ id }) => id)).size).toBe(60);
        expect(claimed.every(({ tries }) => tries === 1)).toBe(true);
      });
    });

    describe('marked', () => {
      let notice: Notice;
      beforeEach(async () => {
        await records.notices.add(anna.id, passwordSet);
        notice = (await claim())!;
      });

      test('sent: it is gone', async () => {
        expect(await records.notices.sent(notice.id)).toBe(true);
        pass(2 * lease);
        expect(await claim()).toBeUndefined();
        expect(await records.notices.oldest()).toBeUndefined();
        expect(await records.notices.sent(notice.id)).toBe(false);
        expect(await records.notices.retry(notice.id, clock)).toBe(false);
        expect(await records.notices.failed(notice.id, 'late')).toBe(false);
      });

      test('to be tried again: not before that time', async () => {
        expect(await records.notices.retry(notice.id, new Date(clock.getTime() + 3 * lease))).toBe(true);
        pass(3 * lease - 1);
        expect(await claim()).toBeUndefined();
        pass(1);
        expect(await claim()).toEqual({ ...notice, tries: 2 });
        expect(await records.notices.retry(notice.id, clock)).toBe(true);
        expect(await claim()).toMatchObject({ tries: 3 });
      });

      test('failed: it waits no more, and stays failed', async () => {
        expect(await records.notices.failed(notice.id, `no server\0 takes it ${'x'.repeat(5000)}`)).toBe(true);
        pass(2 * lease);
        expect(await claim()).toBeUndefined();
        expect(await records.notices.oldest()).toBeUndefined();
        expect(await records.notices.retry(notice.id, clock)).toBe(false);
        expect(await records.notices.failed(notice.id, 'again')).toBe(false);
        expect(await claim()).toBeUndefined();
      });

      test('failed: it is kept for as long as it is wanted, and what waits is not touched', async () => {
        await records.notices.failed(notice.id, 'no server takes it');
        await records.notices.add(anna.id, passwordSet);
        expect(await records.notices.purge(clock)).toBe(0);
        expect(await records.notices.purge(new Date(clock.getTime() + 1))).toBe(1);
        expect(await records.notices.purge(new Date(clock.getTime() + 1))).toBe(0);
        expect(await claim()).toBeDefined();
      });
    });
  });
}
