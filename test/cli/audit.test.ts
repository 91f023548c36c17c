/** `kapu audit`, as an operator types it, on both databases. */

import { DatabaseSync } from 'node:sqlite';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import pg from 'pg';
import { closing } from '../support/closing.ts';
import { type PostgresServer, startPostgres } from '../support/postgres.ts';
import { makePlace, type Place } from './run.ts';

let postgres: PostgresServer;
beforeAll(async () => {
  postgres = await startPostgres();
}, 60_000);
afterAll(() => postgres.stop());
const atEnd = closing();

describe.each(['SQLite', 'PostgreSQL'])('kapu audit on %s', (kind) => {
  let place: Place;
  let run: (statement: string) => Promise<unknown>;

  beforeEach(async () => {
    place = await makePlace(1);
    atEnd(place.remove);
    if (kind === 'PostgreSQL') {
      const url = await postgres.createDatabase();
      await place.change((settings) => {
        settings.records = { kind: 'postgres', url, connections: 2, queryPatience: 1000 };
      });
      run = async (statement) => {
        const client = new pg.Client({ connectionString: url });
        await client.connect();
        await client.query(statement);
        await client.end();
      };
    } else {
      run = async (statement) => {
        const database = new DatabaseSync(place.at('kapu.sqlite'));
        database.exec(statement);
        database.close();
      };
    }
    // In this order nothing is written of the key: there is no audit yet.
    await place.kapu(['keys', 'add', '--if-missing']);
    await place.kapu(['migrate']);
    await place.kapu(['account', 'add', 'anna', '--no-password']);
    await place.kapu(['account', 'disable', 'anna']);
    await place.kapu(['account', 'add', 'bela', '--no-password']);
  });

  test('show: one account, oldest first', async () => {
    const { code, out } = await place.kapu(['audit', 'show', '--account', 'Anna']);
    expect(code).toBe(0);
    expect(out.split('\n').map((line) => line.split(/\s+/).slice(1, 2).join())).toEqual([
      ...['EVENT', 'account.added', 'account.disabled', ''],
    ]);
    expect((await place.kapu(['audit', 'show', '--account', 'anna', '--since', '2999-01-01'])).out).toMatch(
      /^TIME.*\n$/,
    );
    expect(await place.kapu(['audit', 'show', '--account', 'john'])).toEqual({
      code: 1,
      out: '',
      err: "kapu: there is no account 'john'\n  hint: see `kapu account list`\n",
    });
    expect(await place.kapu(['audit', 'show', '--account', 'anna', '--since', 'monday'])).toMatchObject({
      code: 2,
      err: expect.stringContaining("Write a day, '2026-11-23'"),
    });
  });

  test('export: all of it, one JSON object a line', async () => {
    const { out } = await place.process(['audit', 'export']);
    const entries = out
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(entries.map(({ event }) => event)).toEqual(['account.added', 'account.disabled', 'account.added']);
    expect(entries[0]).toEqual({
      id: expect.any(Number),
      at: expect.stringMatching(/^\d{4}-.*Z$/),
      event: 'account.added',
      accountId: expect.any(String),
      detail: { by: 'operator' },
      chain: { writer: expect.any(String), number: 1, hash: expect.stringMatching(/^[\w-]{43}$/) },
    });
    expect(entries[1].chain.link).toContain(entries[0].chain.hash);
    expect((await place.kapu(['audit', 'export', '--since', '2999-01-01T00:00:00Z'])).out).toBe('');
  });

  test('verify: sound; then an entry is changed, and it says which', async () => {
    const sound = await place.process(['audit', 'verify']);
    expect(sound).toMatchObject({ code: 0, out: '3 entries in 3 chains verified; 0 broken\n' });
    expect(sound.err).toContain('see `kapu audit head`');
    await run("update audit set event = 'account.enabled' where event = 'account.disabled'");
    const broken = await place.kapu(['audit', 'verify']);
    expect(broken.code).toBe(1);
    expect(broken.out).toMatch(
      /^BROKEN {2}entry 1 of chain [\w-]{16} \(account\.enabled, 20.*Z\) does not fit: it, or the entry before it, was changed\n/,
    );
    expect(broken.out).toMatch(/^3 entries in 3 chains verified; 1 broken$/m);
  });

  test('head: kept elsewhere, it tells that the end is gone; a copy that was changed is refused', async () => {
    const head = await place.kapu(['audit', 'head']);
    expect(head).toMatchObject({ code: 0, err: expect.stringContaining('keep this where nobody') });
    expect(JSON.parse(head.out)).toMatchObject({
      past: { entries: 0 },
      signature: expect.stringMatching(/^[\w-]+\.\.[\w-]+$/),
    });
    await place.file('heads.json', head.out);
    const verify = ['audit', 'verify', '--heads', place.at('heads.json')];
    expect((await place.kapu(verify)).out).toMatch(
      /^3 entries in 3 chains verified, and against the heads of 20.*; 0 broken$/m,
    );
    await run('delete from audit where id = (select max(id) from audit)');
    expect((await place.kapu(['audit', 'verify'])).code).toBe(0);
    expect(await place.kapu(verify)).toMatchObject({
      code: 1,
      out: expect.stringMatching(/^BROKEN {2}entry 1 of chain [\w-]{16} removed from its end, as the heads show$/m),
    });

    const { heads } = JSON.parse(head.out) as { heads: { writer: string }[] };
    for (const changed of [
      head.out.replace(heads[0]!.writer, 'A'.repeat(16)),
      head.out.replace('"entries": 0', '"entries": 1'),
      head.out.replace(/\.\.../, '..AA'),
    ]) {
      await place.file('heads.json', changed);
      expect(await place.kapu(verify)).toEqual({
        code: 1,
        out: '',
        err: `kapu: '${place.at('heads.json')}' cannot be used: its signature does not fit: it was changed\n  hint: take the copy that was kept elsewhere\n`,
      });
    }
    await place.file('heads.json', '{}');
    expect((await place.kapu(verify)).err).toContain('it is not a file of `kapu audit head`');
    expect((await place.kapu(['audit', 'verify', '--heads', place.at('none')])).err).toContain(
      'cannot be read (ENOENT)',
    );
  });

  test('a backup keeps the chains, in either database', async () => {
    await place.file('heads.json', (await place.kapu(['audit', 'head'])).out);
    await place.kapu(['backup', place.at('backup')]);
    const other = await makePlace(1);
    atEnd(other.remove);
    await other.change((settings) => {
      settings.keysFile = place.settings.keysFile;
    });
    expect((await other.kapu(['restore', place.at('backup')])).code).toBe(0);
    expect(await other.kapu(['audit', 'verify', '--heads', place.at('heads.json')])).toMatchObject({
      code: 0,
      out: expect.stringMatching(/^5 entries in 5 chains verified, and against the heads of .*; 0 broken$/m),
    });
  });

  test('a head needs a key, and all of it a database with tables', async () => {
    const bare = await makePlace(1);
    atEnd(bare.remove);
    expect(await bare.kapu(['audit', 'verify'])).toMatchObject({
      code: 1,
      err: expect.stringContaining('kapu migrate'),
    });
    await bare.kapu(['migrate']);
    expect(await bare.kapu(['audit', 'head'])).toMatchObject({
      code: 1,
      err: expect.stringContaining('kapu keys add'),
    });
  });
});
