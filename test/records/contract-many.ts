/** What every implementation of Records promises of many accounts that are added together. */

import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { type Arrival, type NewAccount, type Records, TextRefused } from '../../src/records/records.ts';
import type { Subject } from './contract.ts';

export function manyContract(name: string, subject: () => Promise<Subject>): void {
  describe(`records, many accounts: ${name}`, () => {
    let database: Subject;
    let records: Records;
    let others: Records;
    const clock = new Date('2026-11-22T10:00:00.123Z');

    beforeEach(async () => {
      database = await subject();
      records = await database.open(() => clock);
      await records.migrate();
      others = await database.open(() => clock);
    });

    afterEach(async () => {
      await Promise.all([records.end(), others.end()]);
      await database.remove();
    });

    const arrival = (username: string, more: Partial<Arrival> = {}, account: Partial<NewAccount> = {}): Arrival => ({
      id: randomUUID(),
      account: { username, locale: 'hu', ...account },
      ...more,
    });
    const code = { method: 'activation', id: '', data: { hash: 'x' } };
    const notice = { kind: 'activation', detail: { code: 'sealed' } };
    const whole = { email: 'a@demo.example', emailVerified: true, name: 'Á', birthName: 'B', birthDate: '1980-02-29' };

    test('each is added with all that is its own, and found', async () => {
      const anna = arrival('Anna', { credentials: [code], notice }, whole);
      const bela = arrival('béla', { passwordHash: 'hash', notice }, { email: 'b@demo.example', locale: 'en' });
      expect(await records.accounts.addMany([anna, bela])).toEqual(new Set([anna.id, bela.id]));
      const dated = { status: 'active', createdAt: clock, updatedAt: clock };
      expect(await records.accounts.findForPassword('anna')).toEqual({
        account: { ...anna.account, ...dated, id: anna.id, setUp: ['activation'] },
        passwordHash: undefined,
      });
      expect(await records.accounts.find(bela.id)).toMatchObject({
        ...bela.account,
        emailVerified: false,
        setUp: ['password'],
      });
      expect((await records.accounts.findForPassword('béla'))?.passwordHash).toBe('hash');
      expect(await records.credentials.list(anna.id)).toEqual([{ ...code, createdAt: clock }]);
      const claim = () => records.notices.claim({ kinds: ['activation'], lease: 1000 });
      const { accountId, email, locale, detail, at, tries } = (await claim())!;
      expect({ accountId, email, locale, detail, at, tries }).toEqual({
        ...{ accountId: anna.id, email: 'a@demo.example', locale: 'hu', detail: notice.detail, at: clock, tries: 1 },
      });
      // Nobody has confirmed the other one's address.
      expect(await claim()).toBeUndefined();
    });

    test('who is there already stays as they are, and of two in one go the first is added', async () => {
      const before = await records.accounts.add({ username: 'anna', locale: 'en' }, 'hash');
      const [taken, first, second] = [
        arrival('ANNA', { credentials: [code], notice }, whole),
        arrival('béla'),
        arrival('BÉLA'),
      ];
      expect(await records.accounts.addMany([taken, first, second])).toEqual(new Set([first.id]));
      expect(await records.accounts.findForPassword('anna')).toEqual({ account: before, passwordHash: 'hash' });
      expect(await records.notices.oldest()).toBeUndefined();
      expect(await records.accounts.addMany([first])).toEqual(new Set());
      expect(await records.accounts.addMany([])).toEqual(new Set());
    });

    test('all of them or none', async () => {
      const good = arrival('anna', { credentials: [code] }, whole);
      await expect(records.accounts.addMany([good, arrival('b\0')])).rejects.toThrow(TextRefused);
      const twice = arrival('béla', { credentials: [code, code] });
      await expect(records.accounts.addMany([good, twice])).rejects.toThrow();
      expect(await records.accounts.list({ limit: 10 })).toEqual([]);
      expect(await records.accounts.addMany([good])).toEqual(new Set([good.id]));
    });

    test('hundreds at once, by several at once: each user name once', async () => {
      const names = Array.from({ length: 777 }, (_, n) => `person-${n}`);
      const batches = [records, others, records].map((by) => {
        const arrivals = names.map((username) => arrival(username, { credentials: [code], notice }, whole));
        return by.accounts.addMany(by === others ? arrivals.reverse() : arrivals);
      });
      const added = await Promise.all(batches);
      expect(added.reduce((sum, { size }) => sum + size, 0)).toBe(names.length);
      const found = await records.accounts.findMany([...names.slice(0, 500), 'nobody', 'a\0', '']);
      expect(found.map(({ username }) => username).sort()).toEqual(names.slice(0, 500).sort());
      for (const { setUp } of found) expect(setUp).toEqual(['activation']);
    });

    test('found together, by any spelling', async () => {
      await records.accounts.add({ username: 'József', locale: 'hu' }, 'hash');
      expect((await records.accounts.findMany(['JÓZSEF', 'Jo\u0301zsef'])).map(({ username }) => username)).toEqual([
        'József',
      ]);
      expect(await records.accounts.findMany([])).toEqual([]);
    });

    test('a change uses a credential up once, with all that it changes', async () => {
      const anna = arrival('anna', { credentials: [code] }, whole);
      await records.accounts.addMany([anna]);
      const attempts = await Promise.all(
        Array.from({ length: 10 }, (_, n) =>
          (n % 2 ? records : others).accounts.change(
            anna.id,
            { uses: code, passwordHash: `hash-${n}`, endSessions: true },
            { notices: [{ kind: 'used' }] },
          ),
        ),
      );
      expect(attempts.filter(Boolean)).toHaveLength(1);
      const { account, passwordHash } = (await records.accounts.findForPassword('anna'))!;
      expect(passwordHash).toBe(`hash-${attempts.indexOf(true)}`);
      expect(account.setUp).toEqual(['password']);
      const claim = () => records.notices.claim({ kinds: ['used'], lease: 60_000 });
      expect([(await claim())?.kind, await claim()]).toEqual(['used', undefined]);
    });

    test('whatever sets the password or ends sessions takes a code to choose one away; but for one that is new', async () => {
      const { accounts, credentials } = records;
      const person = arrival('anna', { credentials: [code] }, whole);
      const { id } = person;
      await accounts.addMany([person, arrival('béla', { credentials: [code] })]);
      const left = async () => (await credentials.list(id, 'activation')).map(({ data }) => data.hash);
      await accounts.setStatus(id, 'active');
      await accounts.change(id, { hold: null, noticeEmail: 'c@demo.example' });
      expect(await left()).toEqual(['x']);
      const overtakes: (() => Promise<boolean>)[] = [
        () => accounts.change(id, { passwordHash: 'hash-1' }),
        () => accounts.change(id, { endSessions: true }),
        () => accounts.setPassword(id, 'hash-2'),
        () => accounts.endSessions(id),
        () => accounts.setStatus(id, 'disabled'),
      ];
      for (const overtake of overtakes) {
        expect(await overtake()).toBe(true);
        expect(await left()).toEqual([]);
        await accounts.change(id, { add: [code] });
      }
      await accounts.change(id, { endSessions: true, add: [{ ...code, data: { hash: 'y' } }] });
      expect(await left()).toEqual(['y']);
      const bela = (await accounts.findByUsername('béla'))!;
      expect(bela.setUp).toEqual(['activation']);
    });

    test('a change that uses what is another by now writes nothing', async () => {
      const anna = arrival('anna', { credentials: [code] }, whole);
      await records.accounts.addMany([anna]);
      const before = await records.accounts.find(anna.id);
      const other = { ...code, data: { hash: 'y' } };
      const change = { uses: other, passwordHash: 'hash', email: 'b@demo.example', clear: ['activation'] };
      expect(await records.accounts.change(anna.id, change, { notices: [{ kind: 'used' }] })).toBe(false);
      expect(await records.accounts.find(anna.id)).toEqual(before);
      expect(await records.notices.oldest()).toBeUndefined();
    });
  });
}
