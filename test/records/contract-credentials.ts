/** What every implementation of Records promises of credentials and of changes of an account: decided once, written whole, told of. */

import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { type Account, type Records, TextRefused } from '../../src/records/records.ts';
import type { Subject } from './contract.ts';

export function credentialsContract(name: string, subject: () => Promise<Subject>): void {
  describe(`records, credentials and changes: ${name}`, () => {
    let database: Subject;
    let records: Records;
    let others: Records;
    let clock: Date;
    let anna: Account;

    const passkey = (id: string, counter = 1) => ({ id, method: 'passkey', data: { counter } });
    const found = async () => (await records.accounts.find(anna.id))!;
    const broken = { kind: null as unknown as string };

    /** The addresses of the notices of one kind that wait. */
    async function told(kind: string): Promise<string[]> {
      const addresses: string[] = [];
      const claim = () => records.notices.claim({ kinds: [kind], lease: 60_000 });
      for (let notice = await claim(); notice; notice = await claim()) addresses.push(notice.email);
      return addresses.sort();
    }

    beforeEach(async () => {
      clock = new Date('2026-11-22T10:00:00.123Z');
      database = await subject();
      records = await database.open(() => clock);
      await records.migrate();
      others = await database.open(() => clock);
      const person = { username: 'anna', locale: 'hu', email: 'anna@demo.example', emailVerified: true } as const;
      anna = await records.accounts.add(person, 'hash');
    });

    afterEach(async () => {
      await Promise.all([records.end(), others.end()]);
      await database.remove();
    });

    describe('credentials', () => {
      test('what is added is listed, oldest first, each part as it was', async () => {
        const odd = { text: `\0 'O"Neil' 🌻`, nested: { a: [1, null, true] } };
        expect(await records.credentials.add(anna.id, { ...passkey('b'), data: odd, name: 'Telefon' })).toBe(true);
        const before = clock;
        clock = new Date(clock.getTime() + 1000);
        expect(await records.credentials.add(anna.id, passkey('a'))).toBe(true);
        expect(await records.credentials.add(anna.id, { id: 'b', method: 'totp', data: {} })).toBe(true);
        expect(await records.credentials.list(anna.id, 'passkey')).toEqual([
          { ...passkey('b'), data: odd, name: 'Telefon', createdAt: before },
          { ...passkey('a'), createdAt: clock },
        ]);
        const all = await records.credentials.list(anna.id);
        expect(all.map(({ method }) => method).sort()).toEqual(['passkey', 'passkey', 'password', 'totp']);
        expect([...(await found()).setUp].sort()).toEqual(['passkey', 'password', 'totp']);
        expect(await records.credentials.list('nobody')).toEqual([]);
      });

      test('of parallel additions of one id exactly one adds; nobody has none', async () => {
        const added = await Promise.all(
          Array.from({ length: 10 }, (_, n) => (n % 2 ? records : others).credentials.add(anna.id, passkey('one', n))),
        );
        expect(added.filter(Boolean)).toHaveLength(1);
        expect(await records.credentials.add('nobody', passkey('one'))).toBe(false);
        expect(await records.credentials.list(anna.id, 'passkey')).toHaveLength(1);
      });

      test('one that names nobody finds its owner, and no password is found so', async () => {
        await records.credentials.add(anna.id, passkey('one'));
        expect(await records.credentials.owner('passkey', 'one')).toEqual({
          accountId: anna.id,
          credential: { ...passkey('one'), createdAt: clock },
        });
        for (const [method, id] of [
          ['passkey', 'two'],
          ['totp', 'one'],
          ['password', ''],
          ['passkey', '\0'],
        ])
          expect(await records.credentials.owner(method!, id!)).toBeUndefined();
      });

      test('of parallel uses of what was read exactly one uses it, and when', async () => {
        await records.credentials.add(anna.id, passkey('one'));
        clock = new Date(clock.getTime() + 1000);
        const used = await Promise.all(
          Array.from({ length: 12 }, (_, n) =>
            (n % 2 ? records : others).credentials.use(anna.id, passkey('one'), { counter: n + 2 }),
          ),
        );
        expect(used.filter(Boolean)).toHaveLength(1);
        const [kept] = await records.credentials.list(anna.id, 'passkey');
        expect(kept).toMatchObject({ data: { counter: used.indexOf(true) + 2 }, usedAt: clock });
        expect(await records.credentials.use(anna.id, passkey('one'), { counter: 1 })).toBe(false);
        expect(await records.credentials.use(anna.id, passkey('none'), { counter: 1 })).toBe(false);
      });

      test('of parallel removals exactly one removes; whoever uses it later is late', async () => {
        await records.credentials.add(anna.id, passkey('one'));
        await records.credentials.add(anna.id, passkey('two'));
        const removed = await Promise.all(
          Array.from({ length: 12 }, (_, n) =>
            (n % 2 ? records : others).credentials.remove(anna.id, 'passkey', 'one', { kind: 'gone' }),
          ),
        );
        expect(removed.filter(Boolean)).toHaveLength(1);
        expect(await told('gone')).toEqual(['anna@demo.example']);
        expect(await records.credentials.use(anna.id, passkey('one'), { counter: 2 })).toBe(false);
        expect((await records.credentials.list(anna.id, 'passkey')).map(({ id }) => id)).toEqual(['two']);
      });

      test('is renamed; what cannot be kept is refused', async () => {
        await records.credentials.add(anna.id, passkey('one'));
        expect(await records.credentials.rename(anna.id, 'passkey', 'one', 'Kulcs 🌻')).toBe(true);
        expect(await records.credentials.rename(anna.id, 'passkey', 'two', 'Kulcs')).toBe(false);
        for (const label of ['a\nb', 'x'.repeat(2000)])
          await expect(records.credentials.rename(anna.id, 'passkey', 'one', label)).rejects.toThrow(TextRefused);
        for (const id of ['a\0', 'x'.repeat(256)])
          await expect(records.credentials.add(anna.id, passkey(id))).rejects.toThrow(TextRefused);
        expect(await records.credentials.list(anna.id, 'passkey')).toMatchObject([{ name: 'Kulcs 🌻' }]);
      });

      test('a credential and its notice happen together or not at all', async () => {
        await expect(records.credentials.add(anna.id, passkey('one'), broken)).rejects.toThrow();
        expect(await records.credentials.list(anna.id, 'passkey')).toEqual([]);
        await records.credentials.add(anna.id, passkey('one'), { kind: 'added' });
        expect(await told('added')).toEqual(['anna@demo.example']);
        await expect(records.credentials.remove(anna.id, 'passkey', 'one', broken)).rejects.toThrow();
        expect(await records.credentials.list(anna.id, 'passkey')).toHaveLength(1);
        expect(await records.credentials.add(anna.id, passkey('one'), { kind: 'added' })).toBe(false);
        expect(await told('added')).toEqual([]);
      });
    });

    describe('a change of an account', () => {
      test('writes all that it names and leaves the rest; null takes away', async () => {
        await records.credentials.add(anna.id, passkey('old'));
        clock = new Date(clock.getTime() + 1000);
        const later = new Date(clock.getTime() + 1000);
        const change = {
          ...{ email: 'new@demo.example', formerEmail: 'anna@demo.example', noticeEmail: 'two@demo.example' },
          ...{ hold: { since: clock, until: later }, deleteAt: later, passwordHash: 'hash-2', endSessions: true },
          ...{ clear: ['passkey'], add: [passkey('new'), { id: 'app', method: 'totp', data: {} }] },
        };
        expect(await records.accounts.change(anna.id, change)).toBe(true);
        const { email, formerEmail, noticeEmail, hold, deleteAt } = change;
        expect(await found()).toEqual({
          ...{ ...anna, email, formerEmail, noticeEmail, noticeEmailSince: clock, hold, deleteAt },
          ...{ validSince: clock, updatedAt: clock, setUp: expect.any(Array) },
        });
        expect((await records.accounts.findForPassword('anna'))?.passwordHash).toBe('hash-2');
        const ids = (await records.credentials.list(anna.id)).map(({ id }) => id);
        expect(ids.sort()).toEqual(['', 'app', 'new']);

        const away = { hold: null, formerEmail: null, noticeEmail: null, deleteAt: null, email: null };
        expect(await records.accounts.change(anna.id, { ...away, emailVerified: false })).toBe(true);
        const left = await found();
        expect(left).toMatchObject({ emailVerified: false, validSince: clock });
        for (const name of Object.keys(away)) expect([name, left[name as 'hold']]).toEqual([name, undefined]);
        expect(await records.accounts.change(anna.id, { hold: { since: clock } })).toBe(true);
        expect((await found()).hold).toEqual({ since: clock, until: undefined });
      });

      test('changes nothing where what was seen no longer holds, and nobody', async () => {
        const notices = [{ kind: 'changed' }];
        const hold = { since: clock };
        const attempt = (seen: Account) =>
          records.accounts.change(anna.id, { passwordHash: 'late', add: [passkey('late')] }, { notices, seen });
        for (const meanwhile of [
          { hold },
          { hold: { ...hold, until: clock } },
          { hold: null, email: 'b@demo.example' },
          { noticeEmail: 'second@demo.example' },
          { formerEmail: 'former@demo.example' },
          { deleteAt: clock },
          { noticeEmail: null, formerEmail: null, deleteAt: null },
          { endSessions: true },
        ]) {
          const seen = await found();
          await others.accounts.change(anna.id, meanwhile);
          expect(await attempt(seen)).toBe(false);
          clock = new Date(clock.getTime() + 1000);
        }
        const enabled = await found();
        await others.accounts.setStatus(anna.id, 'disabled');
        expect(await attempt({ ...enabled, validSince: clock })).toBe(false);
        await others.accounts.setStatus(anna.id, 'active');
        expect((await records.accounts.findForPassword('anna'))?.passwordHash).toBe('hash');
        expect(await records.credentials.list(anna.id, 'passkey')).toEqual([]);
        expect(await records.accounts.change('nobody', { passwordHash: 'x' }, { notices })).toBe(false);
        expect(await told('changed')).toEqual([]);
        expect(await attempt(await found())).toBe(true);
      });

      test('of parallel changes upon what was seen exactly one is made', async () => {
        const seen = await found();
        const changes = await Promise.all(
          Array.from({ length: 10 }, (_, n) =>
            (n % 2 ? records : others).accounts.change(
              anna.id,
              { email: `${n}@demo.example`, passwordHash: `hash-${n}` },
              { seen },
            ),
          ),
        );
        expect(changes.filter(Boolean)).toHaveLength(1);
        const winner = changes.indexOf(true);
        expect(await records.accounts.findForPassword('anna')).toMatchObject({
          account: { email: `${winner}@demo.example` },
          passwordHash: `hash-${winner}`,
        });
      });

      test('of parallel changes each is judged by the credentials that those before have left', async () => {
        const keys = Array.from({ length: 8 }, (_, n) => passkey(`key-${n}`));
        await records.accounts.change(anna.id, { add: keys });
        const changes = await Promise.all(
          keys.map((key, n) =>
            (n % 2 ? records : others).accounts.change(
              anna.id,
              { uses: key },
              { provided: (there) => there.filter(({ method }) => method === 'passkey').length > 2 },
            ),
          ),
        );
        expect(changes.filter(Boolean)).toHaveLength(6);
        expect(await records.credentials.list(anna.id, 'passkey')).toHaveLength(2);
      });

      test('takes away of some methods what is young enough, and dates what it adds as its notices', async () => {
        await records.credentials.add(anna.id, passkey('old'));
        clock = new Date(clock.getTime() + 1000);
        const since = clock;
        const notices = [{ kind: 'dated' }];
        await records.accounts.change(anna.id, { add: [passkey('at'), { id: 'app', method: 'totp', data: {} }] });
        clock = new Date(clock.getTime() + 1000);
        await records.accounts.change(anna.id, { add: [passkey('new')] }, { notices });
        const [dated] = (await records.credentials.list(anna.id)).filter(({ id }) => id === 'new');
        expect((await records.notices.claim({ kinds: ['dated'], lease: 1 }))?.at).toEqual(dated?.createdAt);
        await records.accounts.change(anna.id, { clearSince: { methods: ['passkey'], since } });
        const left = (await records.credentials.list(anna.id)).map(({ id }) => id);
        expect(left.sort()).toEqual(['', 'app', 'old']);
      });

      test('is told to the addresses that it takes away, where the notice is for them', async () => {
        const change = (given: object, kind: string, toLeft = true) =>
          records.accounts.change(anna.id, given, { notices: [{ kind, toLeft }, { kind: 'other' }] });
        await change({ noticeEmail: 'two@demo.example' }, 'added');
        expect(await told('added')).toEqual(['anna@demo.example', 'two@demo.example']);
        await change({ noticeEmail: 'three@demo.example', email: 'new@demo.example' }, 'both');
        const all = ['anna@demo.example', 'new@demo.example', 'three@demo.example', 'two@demo.example'];
        expect(await told('both')).toEqual(all);
        await change({ email: 'three@demo.example', noticeEmail: null }, 'moved');
        expect(await told('moved')).toEqual(['new@demo.example', 'three@demo.example']);
        await change({ email: 'last@demo.example' }, 'not', false);
        expect(await told('not')).toEqual(['last@demo.example']);
        expect((await found()).noticeEmailSince).toBeUndefined();
      });

      test('is told to each confirmed address, and once where two are the same', async () => {
        const change = (given: object, kind: string) =>
          records.accounts.change(anna.id, given, { notices: [{ kind }, { kind: 'other' }] });
        await change({ noticeEmail: 'two@demo.example', formerEmail: 'old@demo.example' }, 'all');
        expect(await told('all')).toEqual(['anna@demo.example', 'old@demo.example', 'two@demo.example']);
        expect(await told('other')).toHaveLength(3);
        await change({ noticeEmail: 'anna@demo.example' }, 'secondIsFirst');
        expect(await told('secondIsFirst')).toEqual(['anna@demo.example', 'old@demo.example']);
        await change({ noticeEmail: 'old@demo.example' }, 'secondIsFormer');
        expect(await told('secondIsFormer')).toEqual(['anna@demo.example', 'old@demo.example']);
        await change({ emailVerified: false, noticeEmail: null }, 'notConfirmed');
        expect(await told('notConfirmed')).toEqual(['old@demo.example']);
        await change({ noticeEmail: 'anna@demo.example' }, 'confirmedAsSecond');
        expect(await told('confirmedAsSecond')).toEqual(['anna@demo.example', 'old@demo.example']);
      });

      test('that is rolled back changes nothing and tells nobody', async () => {
        const notices = [{ kind: 'changed' }, broken];
        const change = { email: 'new@demo.example', passwordHash: 'new', endSessions: true, add: [passkey('new')] };
        await expect(records.accounts.change(anna.id, change, { notices })).rejects.toThrow();
        const twice = { ...change, add: [passkey('new'), passkey('new')] };
        await expect(records.accounts.change(anna.id, twice, { notices: [{ kind: 'changed' }] })).rejects.toThrow();
        const odd = { email: 'a@demo.example\r\nBcc: all' };
        await expect(records.accounts.change(anna.id, odd)).rejects.toThrow(TextRefused);
        expect(await records.accounts.findForPassword('anna')).toEqual({ account: anna, passwordHash: 'hash' });
        expect(await told('changed')).toEqual([]);
      });
    });
  });
}
