/**
 * `kapu account set-password`, killed at each of its writes beside a running server: either the old password works or the new
 * one, and what was signed in ends with the old.
 */

import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { DatabaseSync } from 'node:sqlite';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { SettingsInput } from '../../config/settings.ts';
import { makePlace, type Place } from '../cli/run.ts';
import { password, signIn, silently, stepOf } from '../flow/journey.ts';
import { closing } from '../support/closing.ts';
import { eventually } from '../support/eventually.ts';
import { roomy, startKapu } from '../support/kapu.ts';
import { type PostgresServer, startPostgres } from '../support/postgres.ts';
import { startKillingProxy } from './killing-proxy.ts';
import { postgresProtocol } from './protocols.ts';

const atEnd = closing();
const newPassword = 'another password of anna';

const postgresAt = (url: string) => ({ kind: 'postgres', url, connections: 2, queryPatience: 5000 }) as const;

/** Changes anna's password in a process of its own, which `during` may end. */
type Change = (during: (child: ChildProcess) => Promise<void>) => Promise<void>;

/** A server, an operator with `operatorRecords` beside it, and a browser in which anna is signed in. */
async function signedIn(records?: SettingsInput['records'], operatorRecords = records) {
  const kapu = await startKapu({
    change(settings) {
      roomy(settings);
      if (records) settings.records = records;
    },
  });
  atEnd(kapu.stop);
  const place: Place = await makePlace(1);
  atEnd(place.remove);
  await place.change((settings) => {
    Object.assign(settings.password!, { timeCost: 1, memoryCost: 1024 });
    settings.records = operatorRecords ?? (kapu.settings.records as SettingsInput['records']);
  });
  const service = await kapu.service();
  const agent = kapu.agent();
  await signIn(kapu, service, agent);

  const works = async (typed: string) => {
    const browser = kapu.agent();
    const { page } = await service.visit(browser);
    return stepOf(await browser.submit(page, { username: 'anna', password: typed })) === 'service';
  };
  const change: Change = async (during) => {
    const child = place.start(['account', 'set-password', 'anna']);
    const [ended, said] = [once(child, 'close'), text(child.stderr!)];
    child.stdin!.end(newPassword);
    await during(child);
    expect([await ended, await said]).toEqual([expect.anything(), '']);
  };
  /** Which password works; fails when it is both or none, or when the session is not of that password. */
  const now = async (): Promise<'old' | 'new'> => {
    const [old, changed] = [await works(password), await works(newPassword)];
    expect(old).not.toBe(changed);
    const session = await silently(service, agent);
    if (old) expect(session).toMatchObject({ claims: { acr: 'basic' } });
    else expect(session).toBe('login_required');
    const entries = (await kapu.records.audit.list({ limit: 1000 })).map(({ event }) => event);
    if (changed) expect(entries).toContain('password.set');
    return old ? 'old' : 'new';
  };
  return { kapu, change, now };
}

describe('SQLite', () => {
  const moments = ['audit', 'accounts', 'credentials'].flatMap((table) =>
    (['before', 'after'] as const).map((when) => [when, table] as const),
  );
  test.each(moments)('killed %s its write of %s: the old password works', async (when, table) => {
    const { kapu, change, now } = await signedIn();
    const direct = new DatabaseSync((kapu.settings.records as { file: string }).file);
    atEnd(() => direct.close());
    const verb = table === 'audit' ? 'insert' : 'update';
    direct.exec(`create view endless as with recursive n(i) as (select 1 union all select i + 1 from n) select i from n;
      create trigger stop ${when} ${verb} on ${table} begin select count(*) from endless; end`);
    await change(async (child) => {
      await eventually('it writes, and nobody else may', () => {
        try {
          direct.exec('begin immediate; rollback');
          return false;
        } catch {
          return true;
        }
      });
      child.kill('SIGKILL');
    });
    direct.exec('drop trigger stop; drop view endless');
    expect(await now()).toBe('old');
  });

  test('not killed: the new one does', async () => {
    const { change, now } = await signedIn();
    await change(async () => {});
    expect(await now()).toBe('new');
  });
});

describe('PostgreSQL', () => {
  let postgres: PostgresServer;
  beforeAll(async () => {
    postgres = await startPostgres();
  }, 60_000);
  afterAll(() => postgres.stop());

  test('killed before each of its writes, the old one works; after the last, the new one', async () => {
    /** With a database of its own, the change meets `fatal`. */
    async function changed(fatal?: { nth: number; when: 'before' | 'after' }) {
      const url = await postgres.createDatabase();
      const proxy = await startKillingProxy(Number(new URL(url).port), postgresProtocol);
      atEnd(proxy.stop);
      const through = Object.assign(new URL(url), { port: String(proxy.port) }).href;
      const { change, now } = await signedIn(postgresAt(url), postgresAt(through));
      await change(async (child) => {
        proxy.watch(fatal && { ...fatal, kill: () => child.kill('SIGKILL') });
        await once(child, 'close');
      });
      return { works: await now(), writes: proxy.writes.length };
    }
    const { works, writes } = await changed();
    expect(works).toBe('new');
    expect(writes).toBeGreaterThanOrEqual(5);
    for (let nth = 1; nth <= writes; nth++)
      expect(await changed({ nth, when: 'before' })).toMatchObject({ works: 'old' });
    expect(await changed({ nth: writes, when: 'after' })).toMatchObject({ works: 'new' });
  });
});
