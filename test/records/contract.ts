/**
 * What every implementation of Records promises. Each test gets an empty database of its own, migrated unless it says
 * otherwise, and a clock that it moves itself.
 */

import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { type Account, type AuditEntry, type Records, TextRefused, UsernameTaken } from '../../src/records/records.ts';
import { credentialsContract } from './contract-credentials.ts';
import { manyContract } from './contract-many.ts';
import { noticesContract } from './contract-notices.ts';

/** One empty database. */
export interface Subject {
  /** Opens it; a second time gives a second set of connections to the same database. */
  open(now: () => Date): Promise<Records>;
  /** Runs a statement past Records. */
  run(statement: string): Promise<void>;
  /** Ends what `open` did not give. */
  remove(): Promise<void>;
}

export function recordsContract(name: string, subject: () => Promise<Subject>): void {
  noticesContract(name, subject);
  credentialsContract(name, subject);
  manyContract(name, subject);
  describe(`records: ${name}`, () => {
    let database: Subject;
    let records: Records;
    let opened: Records[];
    let clock: Date;

    const another = async () => {
      const one = await database.open(() => clock);
      opened.push(one);
      return one;
    };
    const later = () => {
      clock = new Date(clock.getTime() + 1000);
      return clock;
    };
    const anna = (): Promise<Account> => records.accounts.add({ username: 'anna', locale: 'hu' }, 'hash-1');

    beforeEach(async () => {
      clock = new Date('2026-11-22T10:00:00.123Z');
      database = await subject();
      opened = [];
      records = await another();
      await records.migrate();
    });

    afterEach(async () => {
      await Promise.all(opened.map((one) => one.end()));
      await database.remove();
    });

    describe('accounts', () => {
      test('what is added is found, each part as it was', async () => {
        const given = {
          username: 'Kovács.Anna',
          locale: 'hu' as const,
          email: 'anna@demo.example',
          emailVerified: true,
          name: 'Dr. Kovács Anna 🌻',
          birthName: 'O\'Neil \\ "Szabó"; DROP TABLE accounts; --',
          birthDate: '1980-02-29',
        };
        const added = await records.accounts.add(given, 'hash-1');
        const made = { id: added.id, status: 'active', setUp: ['password'], createdAt: clock, updatedAt: clock };
        expect(added).toEqual({ ...given, ...made });
        expect(await records.accounts.find(added.id)).toEqual(added);
        expect(await records.accounts.findByUsername('Kovács.Anna')).toEqual(added);
        expect(await records.accounts.findForPassword('Kovács.Anna')).toEqual({
          account: added,
          passwordHash: 'hash-1',
        });
      });

      test('what is left out stays out', async () => {
        const added = await records.accounts.add({ username: 'bela', locale: 'en' });
        expect(added.emailVerified).toBe(false);
        expect(Object.values({ ...added, id: undefined }).filter((value) => value === null)).toEqual([]);
        expect(await records.accounts.findForPassword('bela')).toEqual({ account: added, passwordHash: undefined });
      });

      test('who is not there is not found', async () => {
        await anna();
        expect(await records.accounts.find('4b1b8f0c-0000-4000-8000-000000000000')).toBeUndefined();
        expect(await records.accounts.findByUsername('john')).toBeUndefined();
        expect(await records.accounts.findForPassword('john')).toBeUndefined();
        expect(await records.accounts.setStatus('nobody', 'disabled')).toBe(false);
        expect(await records.accounts.setPassword('nobody', 'hash')).toBe(false);
        expect(await records.accounts.rehashPassword('nobody', 'hash-1', 'hash-2')).toBe(false);
      });

      test('a user name is unique without regard to case and spelling', async () => {
        const same = [
          ['anna', 'ANNA', ' anna ', 'ａｎｎａ', 'an\u200bna', '\u200fanna', 'anna\ufe0f'],
          ['József', 'JÓZSEF', 'Jo\u0301zsef'],
          ['straße', 'STRAẞE'],
          ['İlker', 'I\u0307LKER', 'i\u0307lker'],
          ['ﬁona', 'FIONA'],
        ];
        for (const [first, ...others] of same) {
          const added = await records.accounts.add({ username: first!, locale: 'hu' });
          for (const other of others) {
            await expect(records.accounts.add({ username: other, locale: 'hu' })).rejects.toThrow(UsernameTaken);
            expect((await records.accounts.findByUsername(other))?.id).toBe(added.id);
          }
        }
      });

      test('names that are spelt otherwise are other names', async () => {
        const different = ['strasse', 'straße', 'kis', 'kıs', 'anna', 'аnna', 'anna2', 'jozsef', 'józsef'];
        for (const username of different) await records.accounts.add({ username, locale: 'hu' });
        for (const username of different) {
          expect((await records.accounts.findByUsername(username.toUpperCase().toLowerCase()))?.username).toBeDefined();
          expect((await records.accounts.findByUsername(username))?.username).toBe(username);
        }
      });

      test('of parallel additions of one user name exactly one wins', async () => {
        const others = await another();
        const outcomes = await Promise.allSettled(
          Array.from({ length: 20 }, (_, index) =>
            (index % 2 ? records : others).accounts.add(
              { username: index % 3 ? 'anna' : 'ANNA', locale: 'hu' },
              'hash',
            ),
          ),
        );
        expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
        for (const outcome of outcomes) {
          if (outcome.status === 'rejected') expect(outcome.reason).toBeInstanceOf(UsernameTaken);
        }
        expect(await records.accounts.list({ limit: 10 })).toHaveLength(1);
      });

      test('an addition that is refused leaves nothing', async () => {
        const { id } = await anna();
        await expect(records.accounts.add({ username: 'Anna', locale: 'en' }, 'hash-2')).rejects.toThrow(UsernameTaken);
        expect((await records.accounts.findForPassword('anna'))?.passwordHash).toBe('hash-1');
        expect(await records.accounts.rehashPassword(id, 'hash-2', 'hash-3')).toBe(false);
      });

      test('SQL in a user name is a user name', async () => {
        await anna();
        for (const username of [
          "' OR '1'='1",
          "anna'; DROP TABLE accounts; --",
          'anna" OR 1=1',
          '%',
          '_nna',
          '$1',
          '?',
        ]) {
          expect(await records.accounts.findByUsername(username)).toBeUndefined();
          const { id } = await records.accounts.add({ username, locale: 'hu' });
          expect((await records.accounts.findByUsername(username))?.id).toBe(id);
        }
        expect((await records.accounts.findByUsername('anna'))?.username).toBe('anna');
      });

      const impossible: [string, string][] = [
        ['empty', ''],
        ['blank', ' \u00a0\u3000'],
        ['invisible', '\u200b\u200f'],
        ['with NUL', 'anna\0'],
        ['with a line break', 'anna\r\nadmin'],
        ['half an emoji', 'anna\ud83c'],
        ['256 characters', 'a'.repeat(256)],
        ['longer once it is normal', '\ufdfa'.repeat(200)],
        ['1 MB', 'a'.repeat(1 << 20)],
        ['a noncharacter', 'anna\uffff'],
      ];
      test('a name that no account can have is refused, and finds nothing', async () => {
        await anna();
        for (const [what, username] of impossible) {
          const found = [
            await records.accounts.findByUsername(username),
            await records.accounts.findForPassword(username),
          ];
          const added = await records.accounts.add({ username, locale: 'hu' }).catch((fault) => fault);
          expect([what, ...found, added]).toEqual([what, undefined, undefined, expect.any(TextRefused)]);
        }
      });

      test('an id like that finds nothing, wherever it is asked', async () => {
        await anna();
        for (const [what, id] of impossible) {
          const found = [
            await records.accounts.find(id),
            await records.accounts.setStatus(id, 'disabled'),
            await records.accounts.setPassword(id, 'hash'),
            await records.accounts.rehashPassword(id, 'hash-1', 'hash'),
            await records.clients.find(id),
            await records.clients.remove(id),
            await records.consents.find(id, id),
            await records.audit.list({ accountId: id, limit: 10 }),
          ];
          expect([what, ...found]).toEqual([what, undefined, false, false, false, undefined, false, undefined, []]);
        }
      });

      test('text that cannot be kept is refused, by name', async () => {
        const add = (part: object) => records.accounts.add({ username: 'anna', locale: 'hu', ...part });
        await expect(add({ email: `${'a'.repeat(1000)}@demo.example` })).rejects.toThrow(/e-mail address is longer/);
        await expect(add({ name: 'Anna\0' })).rejects.toThrow(TextRefused);
        await expect(add({ email: 'anna@demo.example\r\nBcc: all' })).rejects.toThrow(TextRefused);
        await expect(add({ birthName: '\ud800' })).rejects.toThrow(TextRefused);
        expect(await records.accounts.list({ limit: 10 })).toEqual([]);
      });

      test('a list goes by user name, page by page, the same in every database', async () => {
        const names = ['zoltán', 'Ágnes', 'anna', 'Béla', 'csaba', 'cili', 'ödön', '🌻', '10', '9', 'a_b', 'a-b', 'aa'];
        for (const username of names) await records.accounts.add({ username, locale: 'hu' });
        const seen: string[] = [];
        for (let after: string | undefined; ; after = seen.at(-1)) {
          const page = await records.accounts.list({ limit: 3, after });
          if (page.length === 0) break;
          seen.push(...page.map(({ username }) => username));
        }
        const bytes = (text: string) => Buffer.from(text.toLowerCase().normalize('NFKC'));
        expect(seen).toEqual(names.sort((one, other) => Buffer.compare(bytes(one), bytes(other))));
      });

      test('a status is set, and when', async () => {
        const { id } = await anna();
        const at = later();
        expect(await records.accounts.setStatus(id, 'disabled')).toBe(true);
        expect(await records.accounts.find(id)).toMatchObject({ status: 'disabled', updatedAt: at });
        expect(await records.accounts.setStatus(id, 'active')).toBe(true);
        expect((await records.accounts.findForPassword('anna'))?.account.status).toBe('active');
      });

      test('ending sessions, disabling and a new password move the moment from which on an account is valid', async () => {
        const { id } = await records.accounts.add({ username: 'anna', locale: 'hu' }, 'hash-1');
        const validSince = async () => (await records.accounts.find(id))?.validSince;
        expect(await validSince()).toBeUndefined();
        const steps: (() => Promise<unknown>)[] = [
          () => records.accounts.endSessions(id),
          () => records.accounts.setStatus(id, 'disabled'),
          () => records.accounts.setPassword(id, 'hash-2'),
        ];
        for (const step of steps) {
          const at = later();
          expect(await step()).toBe(true);
          expect(await validSince()).toEqual(at);
          expect((await records.accounts.find(id))?.updatedAt).toEqual(at);
        }
        const ended = await validSince();
        later();
        await records.accounts.setStatus(id, 'active');
        await records.accounts.rehashPassword(id, 'hash-2', 'hash-3');
        expect(await validSince()).toEqual(ended);
        expect(await records.accounts.endSessions('nobody')).toBe(false);
      });

      test('a password is set where there was none, and replaced where there was one', async () => {
        const { id } = await records.accounts.add({ username: 'bela', locale: 'hu' });
        await anna();
        expect(await records.accounts.setPassword(id, 'hash-2')).toBe(true);
        expect((await records.accounts.findForPassword('bela'))?.passwordHash).toBe('hash-2');
        expect(await records.accounts.setPassword(id, 'hash-3')).toBe(true);
        expect((await records.accounts.findForPassword('bela'))?.passwordHash).toBe('hash-3');
        expect((await records.accounts.findForPassword('anna'))?.passwordHash).toBe('hash-1');
      });

      test('parallel new passwords leave one', async () => {
        const { id } = await records.accounts.add({ username: 'bela', locale: 'hu' });
        const others = await another();
        const hashes = Array.from({ length: 10 }, (_, index) => `hash-${index}`);
        const set = await Promise.all(
          hashes.map((hash, index) => (index % 2 ? records : others).accounts.setPassword(id, hash)),
        );
        expect(set).not.toContain(false);
        expect(hashes).toContain((await records.accounts.findForPassword('bela'))?.passwordHash);
      });

      test('a re-hash never undoes a newer password', async () => {
        const { id } = await anna();
        await records.accounts.setPassword(id, 'hash-new');
        expect(await records.accounts.rehashPassword(id, 'hash-1', 'hash-1-stronger')).toBe(false);
        expect((await records.accounts.findForPassword('anna'))?.passwordHash).toBe('hash-new');
      });

      test('of parallel re-hashes one wins, and a new password beside them always stays', async () => {
        const { id } = await anna();
        const others = await another();
        const rehash = (hash: string) => others.accounts.rehashPassword(id, 'hash-1', hash);
        const outcomes = await Promise.all(['a', 'b', 'c', 'd'].map(rehash));
        expect(outcomes.filter(Boolean)).toHaveLength(1);

        const current = (await records.accounts.findForPassword('anna'))?.passwordHash ?? '';
        await Promise.all([
          others.accounts.rehashPassword(id, current, 'stronger'),
          records.accounts.setPassword(id, 'hash-new'),
          others.accounts.rehashPassword(id, current, 'stronger still'),
        ]);
        expect((await records.accounts.findForPassword('anna'))?.passwordHash).toBe('hash-new');
      });
    });

    describe('clients', () => {
      const metadata = {
        client_name: 'Adóbevallás',
        redirect_uris: ['https://ado.example/cb'],
        nested: { a: 1, b: null },
      };

      test('put says what it did', async () => {
        expect(await records.clients.put('ado', metadata)).toBe('added');
        expect(await records.clients.find('ado')).toEqual({ id: 'ado', metadata, updatedAt: clock });
        const added = clock;
        later();
        const { client_name, ...rest } = metadata;
        expect(await records.clients.put('ado', { ...rest, client_name })).toBe('unchanged');
        expect((await records.clients.find('ado'))?.updatedAt).toEqual(added);
        expect(await records.clients.put('ado', { client_name: 'Adó' })).toBe('changed');
        expect(await records.clients.find('ado')).toEqual({
          id: 'ado',
          metadata: { client_name: 'Adó' },
          updatedAt: clock,
        });
      });

      test('of parallel puts of one client exactly one adds', async () => {
        const others = await another();
        const outcomes = await Promise.all(
          Array.from({ length: 10 }, (_, index) => (index % 2 ? records : others).clients.put('ado', metadata)),
        );
        expect(outcomes.sort()).toEqual(['added', ...Array(9).fill('unchanged')]);
      });

      test('puts beside removals end in one or the other', async () => {
        const others = await another();
        const work = Array.from({ length: 20 }, (_, index) =>
          index % 2 ? records.clients.put('ado', { index }) : others.clients.remove('ado'),
        );
        await expect(Promise.all(work)).resolves.toHaveLength(20);
      });

      test('listed by id, removed once', async () => {
        for (const id of ['b', 'C', 'a', 'á']) await records.clients.put(id, metadata);
        expect((await records.clients.list()).map(({ id }) => id)).toEqual(['C', 'a', 'b', 'á']);
        expect(await records.clients.remove('a')).toBe(true);
        expect(await records.clients.remove('a')).toBe(false);
        expect(await records.clients.find('a')).toBeUndefined();
      });

      test('metadata may say anything that JSON can, and be long', async () => {
        const odd = { nul: '\0', quote: `'"\\`, emoji: '🌻', long: 'é'.repeat(1 << 20) };
        await records.clients.put('odd', odd);
        expect((await records.clients.find('odd'))?.metadata).toEqual(odd);
      });

      test('an id that cannot be kept is refused', async () => {
        for (const id of ['', 'a\0', 'a'.repeat(256), '\ud800']) {
          await expect(records.clients.put(id, metadata)).rejects.toThrow(TextRefused);
        }
      });
    });

    describe('consents', () => {
      beforeEach(async () => {
        await records.clients.put('ado', {});
        await records.clients.put('egeszseg', {});
      });

      test('are added up, for one person and one client', async () => {
        const { id } = await anna();
        expect(await records.consents.find(id, 'ado')).toBeUndefined();
        await records.consents.allow(id, 'ado', ['openid', 'email']);
        const at = later();
        await records.consents.allow(id, 'ado', ['profile', 'openid', 'profile']);
        await records.consents.allow(id, 'ado', []);
        const found = await records.consents.find(id, 'ado');
        expect(found).toEqual({
          accountId: id,
          clientId: 'ado',
          scopes: ['email', 'openid', 'profile'],
          grantedAt: at,
        });
        expect(await records.consents.find(id, 'egeszseg')).toBeUndefined();
      });

      test('are listed by client, and taken back one client at a time, once', async () => {
        const { id } = await anna();
        expect(await records.consents.list(id)).toEqual([]);
        await records.consents.allow(id, 'egeszseg', ['openid']);
        const at = later();
        await records.consents.allow(id, 'ado', ['openid', 'email']);
        expect(await records.consents.list(id)).toEqual([
          { accountId: id, clientId: 'ado', scopes: ['email', 'openid'], grantedAt: at },
          expect.objectContaining({ clientId: 'egeszseg', scopes: ['openid'] }),
        ]);
        expect(await records.consents.list('nobody')).toEqual([]);
        expect(await records.consents.remove(id, 'ado')).toBe(true);
        expect(await records.consents.remove(id, 'ado')).toBe(false);
        expect(await records.consents.remove('nobody', 'egeszseg')).toBe(false);
        expect((await records.consents.list(id)).map(({ clientId }) => clientId)).toEqual(['egeszseg']);
      });

      test('merge under parallel writes', async () => {
        const { id } = await anna();
        const others = await another();
        const scopes = Array.from({ length: 12 }, (_, index) => `scope-${String(index).padStart(2, '0')}`);
        await Promise.all(
          scopes.map((scope, index) =>
            (index % 2 ? records : others).consents.allow(
              id,
              'ado',
              index % 3 ? [scope, scopes[0]!] : [scopes[0]!, scope],
            ),
          ),
        );
        expect((await records.consents.find(id, 'ado'))?.scopes).toEqual(scopes);
      });

      test('go with their client: another one under the same id starts without', async () => {
        const { id } = await anna();
        await records.consents.allow(id, 'ado', ['openid']);
        await records.clients.remove('ado');
        await records.clients.put('ado', { client_name: 'Somebody else' });
        expect(await records.consents.find(id, 'ado')).toBeUndefined();
      });
    });

    describe('aliases', () => {
      test('each use is noted once a client and alias, at its last time', async () => {
        await records.clients.put('tax', {});
        await records.clients.put('health', {});
        await records.aliases.used('tax', 'ukp');
        await records.aliases.used('health', 'ukp');
        const last = later();
        await Promise.all([records.aliases.used('tax', 'ukp'), (await another()).aliases.used('tax', 'ukp')]);
        await records.aliases.used('tax', 'urn:old');
        const uses = await records.aliases.list();
        expect(uses.map(({ clientId, alias }) => `${clientId} ${alias}`)).toEqual([
          'health ukp',
          'tax ukp',
          'tax urn:old',
        ]);
        expect(uses[1]!.usedAt).toEqual(last);
      });

      test('a removed client takes its uses along', async () => {
        await records.clients.put('tax', {});
        await records.aliases.used('tax', 'ukp');
        await records.clients.remove('tax');
        expect(await records.aliases.list()).toEqual([]);
      });
    });

    describe('deletions', () => {
      const due = async () => {
        const { id } = await anna();
        await records.accounts.change(id, { deleteAt: new Date(clock.getTime() - 1) });
        return id;
      };

      test('are nobody’s before their time, and then one caller’s', async () => {
        const { id } = await anna();
        expect(await records.deletions.claim(1000)).toBeUndefined();
        await records.accounts.change(id, { deleteAt: new Date(clock.getTime() + 1) });
        expect(await records.deletions.claim(1000)).toBeUndefined();
        await records.accounts.change(id, { deleteAt: new Date(clock.getTime() - 1) });
        const others = await another();
        const claims = await Promise.all(
          Array.from({ length: 10 }, (_, at) => (at % 2 ? records : others).deletions.claim(60_000)),
        );
        const [claimed, ...more] = claims.filter((each) => each !== undefined);
        expect([claimed?.accountId, more]).toEqual([id, []]);
      });

      test('remove all of an account but the audit, once', async () => {
        const id = await due();
        await records.clients.put('ado', {});
        await records.consents.allow(id, 'ado', ['openid']);
        await records.credentials.add(id, { id: 'x', method: 'totp', data: {} });
        await records.audit.append({ at: clock, event: 'password.passed', accountId: id });
        const claimed = (await records.deletions.claim(60_000))!;
        const others = await another();
        expect((await Promise.all([records, others].map((each) => each.deletions.remove(claimed)))).sort()).toEqual([
          false,
          true,
        ]);
        expect(await records.accounts.find(id)).toBeUndefined();
        expect(await records.credentials.list(id)).toEqual([]);
        expect(await records.consents.list(id)).toEqual([]);
        expect(await records.audit.list({ accountId: id, limit: 10 })).toHaveLength(1);
      });

      test('leave alone what was taken back, or put off, meanwhile', async () => {
        const id = await due();
        const claimed = (await records.deletions.claim(60_000))!;
        await records.accounts.change(id, { deleteAt: null });
        expect(await records.deletions.remove(claimed)).toBe(false);
        expect(await records.accounts.find(id)).toBeDefined();
      });
    });

    describe('audit', () => {
      test('is listed newest first, all or one account', async () => {
        const entries: AuditEntry[] = Array.from({ length: 7 }, (_, index) => ({
          at: new Date(clock.getTime() + (index >> 1)),
          event: `event.${index}`,
          accountId: index % 2 ? 'anna' : undefined,
          reference: 'K7QX-2M4P',
          clientId: 'ado',
          origin: '192.0.2.0/24',
          detail: { method: 'password', tries: index, known: false },
        }));
        for (const entry of entries) await records.audit.append(entry);
        const newest = entries.toReversed();
        expect(await records.audit.list({ limit: 100 })).toEqual(newest);
        expect(await records.audit.list({ limit: 2 })).toEqual(newest.slice(0, 2));
        expect(await records.audit.list({ accountId: 'anna', limit: 2 })).toEqual([entries[5], entries[3]]);
        expect(await records.audit.list({ accountId: 'john', limit: 2 })).toEqual([]);
      });

      test('is read back from the latest, of one account and one event, a page at a time', async () => {
        for (let index = 0; index < 6; index++)
          await records.audit.append({
            at: new Date(clock.getTime() + index * 1000),
            event: index % 2 ? 'token.issued' : 'password.passed',
            accountId: index === 4 ? 'john' : 'anna',
            clientId: index < 3 ? 'ado' : 'egeszseg',
          });
        const numbers = async (options: object) =>
          (await records.audit.recent({ accountId: 'anna', limit: 10, ...options })).map(
            ({ at }) => (at.getTime() - clock.getTime()) / 1000,
          );
        expect(await numbers({})).toEqual([5, 3, 2, 1, 0]);
        expect(await numbers({ event: 'token.issued' })).toEqual([5, 3, 1]);
        expect(await numbers({ since: new Date(clock.getTime() + 2000) })).toEqual([5, 3, 2]);
        expect(await numbers({ until: new Date(clock.getTime() + 2000) })).toEqual([2, 1, 0]);
        const [, second] = await records.audit.recent({ accountId: 'anna', limit: 2 });
        expect(await numbers({ before: second!.id, limit: 2 })).toEqual([2, 1]);
        expect(await numbers({ accountId: 'nobody' })).toEqual([]);
        const at = (seconds: number) => new Date(clock.getTime() + seconds * 1000);
        expect(await records.audit.clientsIn('anna', 'token.issued', 10)).toEqual([
          { clientId: 'egeszseg', first: at(3), last: at(5) },
          { clientId: 'ado', first: at(1), last: at(1) },
        ]);
        // However long somebody's history is, so much of it is looked at.
        expect(await records.audit.clientsIn('anna', 'token.issued', 1)).toEqual([
          { clientId: 'egeszseg', first: at(5), last: at(5) },
        ]);
      });

      test('an entry may hold as little as a time and an event', async () => {
        await records.audit.append({ at: clock, event: 'server.started' });
        const [entry] = await records.audit.list({ limit: 1 });
        expect(JSON.parse(JSON.stringify(entry))).toEqual({ at: clock.toISOString(), event: 'server.started' });
      });

      test('never fails for what a stranger sent', async () => {
        const odd = `'; DROP TABLE audit; --\0\ud800🌻\u202e${'x'.repeat(1 << 20)}`;
        await records.audit.append({
          at: clock,
          event: 'password.refused',
          reference: odd,
          accountId: odd,
          clientId: odd,
          origin: odd,
          detail: { username: odd },
        });
        const [entry] = await records.audit.list({ limit: 1 });
        for (const text of [entry?.reference, entry?.clientId, entry?.origin, entry?.detail?.username]) {
          expect(String(text)).toMatch(/^'; DROP TABLE audit; --\ufffd\ufffd🌻\u202ex{200,1000}$/);
        }
      });
    });

    describe('schema', () => {
      test('is empty, then current; to migrate again does nothing', async () => {
        const fresh = await subject();
        const one = await fresh.open(() => clock);
        const { needed } = await one.schema();
        expect(await one.schema()).toEqual({ state: 'empty', found: undefined, needed });
        const ran = await one.migrate();
        expect(ran.at(-1)).toBe(needed);
        expect(await one.schema()).toEqual({ state: 'current', found: needed, needed });
        expect(await one.migrate()).toEqual([]);
        await one.end();
        await fresh.remove();
      });

      test('two that migrate at once run each migration once', async () => {
        const fresh = await subject();
        const both = await Promise.all([fresh.open(() => clock), fresh.open(() => clock)]);
        const ran = await Promise.all(both.map((one) => one.migrate()));
        expect(ran.flat().sort()).toEqual([...new Set(ran.flat())].sort());
        expect(ran.flat().length).toBeGreaterThan(0);
        for (const one of both) expect((await one.schema()).state).toBe('current');
        await Promise.all(both.map((one) => one.end()));
        await fresh.remove();
      });

      test('is behind where the last migration has not run, and catches up', async () => {
        await anna();
        const [last, before] = ['0010-signed-up', '0009-notice-email-at'];
        await database.run('alter table accounts drop column signed_up');
        await database.run(`delete from kysely_migration where name = '${last}'`);
        expect(await records.schema()).toEqual({ state: 'behind', found: before, needed: last });
        expect(await records.migrate()).toEqual([last]);
        expect((await records.schema()).state).toBe('current');
        expect(await records.accounts.findByUsername('anna')).toBeDefined();
      });

      test('is ahead where a later version has migrated, and is left alone', async () => {
        await database.run(
          "insert into kysely_migration (name, timestamp) values ('9999-later', '2030-01-01T00:00:00Z')",
        );
        expect(await records.schema()).toMatchObject({ state: 'ahead', found: '9999-later' });
        expect(await records.migrate()).toEqual([]);
        await anna();
        expect(await records.accounts.findByUsername('anna')).toBeDefined();
      });

      test('a migration that fails leaves nothing behind', async () => {
        const fresh = await subject();
        await fresh.run('create table clients (taken text)');
        const one = await fresh.open(() => clock);
        await expect(one.migrate()).rejects.toThrow(/clients/);
        expect((await one.schema()).state).toBe('empty');
        await fresh.run('drop table clients');
        expect((await one.migrate()).at(-1)).toBe((await one.schema()).needed);
        await one.end();
        await fresh.remove();
      });
    });

    test('is ready until it ends; ends twice without harm; then is unavailable', async () => {
      const one = await another();
      expect(await one.ready()).toBe(true);
      const running = [
        one.accounts.findByUsername('anna'),
        one.accounts.add({ username: 'john', locale: 'en' }, 'hash'),
      ];
      await Promise.all(running);
      await Promise.all([one.end(), one.end()]);
      expect(await one.ready()).toBe(false);
      await expect(one.accounts.findByUsername('anna')).rejects.toThrow(
        expect.objectContaining({ name: 'RecordsUnavailable' }),
      );
      await expect(one.accounts.add({ username: 'late', locale: 'hu' })).rejects.toThrow(
        expect.objectContaining({ name: 'RecordsUnavailable' }),
      );
      expect(await records.accounts.findByUsername('john')).toBeDefined();
    });
  });
}
