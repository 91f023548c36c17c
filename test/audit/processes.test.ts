/** Chains of real processes on one database: they write beside each other, are killed, and lose the database for a while. */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { type Finding, verify } from '../../src/audit/verify.ts';
import { type Records, RecordsUnavailable } from '../../src/records/records.ts';
import { closing } from '../support/closing.ts';
import { eventually } from '../support/eventually.ts';
import { type PostgresServer, startPostgres } from '../support/postgres.ts';
import { postgresDatabase, sqliteDatabase, type TestDatabase } from './databases.ts';

let server: PostgresServer;
beforeAll(async () => {
  server = await startPostgres();
}, 60_000);
afterAll(() => server.stop());
const atEnd = closing();

const now = () => new Date();

async function sound(records: Records) {
  const findings: Finding[] = [];
  const verified = await verify(records.audit, { report: (finding) => void findings.push(finding) });
  expect(findings).toEqual([]);
  return verified;
}

describe.each(['SQLite', 'PostgreSQL'])('%s', (engine) => {
  let database: TestDatabase;
  let where: string;
  let records: Records;

  beforeEach(async () => {
    if (engine === 'SQLite') {
      const made = sqliteDatabase(atEnd);
      [database, where] = [made, made.file];
    } else {
      const made = await postgresDatabase(server);
      [database, where] = [made, made.url];
    }
    records = await database.open();
    atEnd(() => records.end());
    await records.migrate();
  });

  /** A process that writes, and how many of its entries it has said to be kept. */
  function burst(name: string) {
    const file = join(import.meta.dirname, 'burst.ts');
    const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', file, engine, where, name]);
    let said = '';
    child.stdout.on('data', (chunk) => {
      said += chunk;
    });
    return {
      kept: () => Number(said.split('\n').at(-2) ?? 0),
      async kill() {
        const ended = once(child, 'close');
        child.kill('SIGKILL');
        await ended;
      },
    };
  }

  test('200 at once: each is kept once, in one chain', async () => {
    const events = Array.from({ length: 200 }, (_, n) => `event.${n}`);
    await Promise.all(events.map((event) => records.audit.append({ at: now(), event })));
    expect(await sound(records)).toMatchObject({ entries: 200, chains: 1 });
    expect((await records.audit.list({ limit: 300 })).map(({ event }) => event).reverse()).toEqual(events);
  });

  test('two processes at once, both killed in the middle: what they had acknowledged is there, and every chain fits', async () => {
    const writers = [burst('one'), burst('other')];
    await eventually('both have written', () => writers.every(({ kept }) => kept() >= 200));
    await Promise.all(writers.map(({ kill }) => kill()));
    await records.audit.append({ at: now(), event: 'after' });
    const { entries, chains } = await sound(records);
    expect(entries).toBeGreaterThan(writers.reduce((sum, { kept }) => sum + kept(), 0));
    expect(chains).toBe(3);
  });
});

describe('PostgreSQL that is away for a while', () => {
  test('nothing is acknowledged meanwhile; then a chain begins that bears witness to the one before', async () => {
    const own = await startPostgres();
    atEnd(() => own.stop());
    const database = await postgresDatabase(own);
    const records = await database.open();
    atEnd(() => records.end());
    await records.migrate();
    await records.audit.append({ at: now(), event: 'before' });
    await own.down();
    for (let n = 0; n < 3; n++)
      await expect(records.audit.append({ at: now(), event: 'lost' })).rejects.toThrow(RecordsUnavailable);
    await own.restart();
    await eventually('entries are kept again', () =>
      records.audit.append({ at: now(), event: 'after' }).then(
        () => true,
        () => false,
      ),
    );
    expect(await sound(records)).toMatchObject({ entries: 2, chains: 2 });
    await database.run("delete from audit where event = 'before'");
    const findings: Finding[] = [];
    await verify(records.audit, { report: (finding) => void findings.push(finding) });
    expect(findings).toMatchObject([{ kind: 'end-removed', from: 1, to: 1 }]);
  });

  test('a server that stops answering in the middle of a burst: what was acknowledged is there, and every chain fits', async () => {
    const own = await startPostgres();
    atEnd(() => own.stop());
    const database = await postgresDatabase(own);
    const records = await database.open();
    atEnd(() => records.end());
    await records.migrate();
    let kept = 0;
    const write = (event: string) =>
      records.audit.append({ at: now(), event }).then(
        () => void kept++,
        () => undefined,
      );
    await write('first');
    own.pause();
    const hanging = Array.from({ length: 50 }, (_, n) => write(`hanging.${n}`));
    await Promise.all(hanging.slice(0, 1));
    own.resume();
    await Promise.all(hanging);
    await eventually('entries are kept again', async () => {
      const before = kept;
      await write('after');
      return kept > before;
    });
    const { entries } = await sound(records);
    expect(entries).toBeGreaterThanOrEqual(kept);
  });
});
