/** Whoever changes what the audit says is found, in both databases; and what is as it was written is not suspected. */

import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { readHeads, type SignHeads, writeHeads } from '../../src/audit/heads.ts';
import { type Finding, takeHeads, type VerifyOptions, verify } from '../../src/audit/verify.ts';
import { generateKey, type SigningKey } from '../../src/oidc/keys/life.ts';
import { signCompact } from '../../src/oidc/keys/signer.ts';
import { hashOf } from '../../src/records/chain.ts';
import type { ChainedEntry, Records } from '../../src/records/records.ts';
import { closing } from '../support/closing.ts';
import { type PostgresServer, startPostgres } from '../support/postgres.ts';
import { postgresDatabase, sqliteDatabase, type TestDatabase } from './databases.ts';

let server: PostgresServer;
let key: SigningKey;
const sign: SignHeads = (payload, typ) => signCompact(payload, { alg: key.alg, kid: key.kid, typ }, key, undefined);
beforeAll(async () => {
  server = await startPostgres();
  key = await generateKey('ES256', new Date());
}, 60_000);
afterAll(() => server.stop());
const atEnd = closing();

const start = Date.parse('2026-11-22T10:00:00.000Z');
const at = (second: number) => new Date(start + second * 1000);

describe.each(['SQLite', 'PostgreSQL'])('%s', (engine) => {
  let database: TestDatabase;
  let records: Records;
  let written: number;

  /** Writes entries, a second apart. */
  const write = async (count: number, into = records) => {
    for (let n = 0; n < count; n++) {
      const second = written++;
      const detail = { method: 'password', n: second };
      await into.audit.append({ at: at(second), event: `event.${second}`, accountId: 'anna', detail });
    }
  };
  const open = async () => {
    const one = await database.open();
    atEnd(() => one.end());
    return one;
  };
  const found = async (options: Omit<VerifyOptions, 'report'> = {}) => {
    const findings: Finding[] = [];
    const verified = await verify(records.audit, { ...options, report: (finding) => void findings.push(finding) });
    expect(verified.findings).toBe(findings.length);
    return findings;
  };
  const all = () => records.audit.chained({ limit: 1000 });
  const heads = async (before?: Date) => ({ at: new Date(), ...(await takeHeads(records.audit, before)) });
  /** Statements past everything, as a superuser of the database may make them. */
  const tamper = async (...statements: string[]) => {
    for (const statement of statements) await database.run(statement);
  };
  const of = (n: number) => `where event = 'event.${n}'`;

  beforeEach(async () => {
    database = engine === 'SQLite' ? sqliteDatabase(atEnd) : await postgresDatabase(server);
    records = await open();
    await records.migrate();
    written = 0;
    await write(10);
  });

  test('what nobody touched is sound: one chain a process, linked, whoever asks', async () => {
    await write(3, await open());
    await write(2);
    await write(3, await open());
    const verified = await verify(records.audit, {
      heads: await heads(),
      report: (finding) => expect(finding).toBe(0),
    });
    expect(verified).toEqual({ entries: 18, chains: 3, unchained: 0, unanchored: 0, findings: 0 });
    const links = (await all()).filter(({ link }) => link);
    expect(links.map(({ number }) => number)).toEqual([1, 1]);
  });

  test('entries are read page by page, each once', async () => {
    await write(5, await open());
    const read = async (limit: number) => {
      const entries: ChainedEntry[] = [];
      for (let after: ChainedEntry | undefined; ; ) {
        const page = await records.audit.chained({ after, limit });
        if (page.length === 0) return entries;
        entries.push(...page);
        after = page.at(-1);
      }
    };
    expect(await read(1)).toEqual(await read(1000));
    expect(await read(4)).toEqual(await read(1000));
    const heads = await records.audit.heads({ limit: 10 });
    expect(await records.audit.heads({ limit: 1 })).toEqual(heads.slice(0, 1));
    expect(await records.audit.heads({ limit: 1, after: heads[0]!.writer })).toEqual(heads.slice(1));
    expect(heads.map(({ number }) => number).sort((a, b) => a - b)).toEqual([5, 10]);
  });

  test.each([
    "event = 'event.4x'",
    `at = ${start}`,
    'account_id = null',
    "account_id = 'bela'",
    "reference = 'k7qx2m4p22'",
    "client_id = 'tax'",
    "origin = '198.51.100.7'",
    'detail = null',
    `detail = '{"method":"password","n":5}'`,
    `detail = '{"method": "password","n":4}'`,
    "link = 'x'",
    "hash = 'x'",
    'hash = null',
  ])('a changed entry: %s', async (change) => {
    await tamper(`update audit set ${change} ${of(4)}`);
    const [finding] = await found();
    expect(finding).toMatchObject({ kind: 'changed', number: 5, at: change.startsWith('at') ? at(0) : at(4) });
  });

  test('a changed entry with a hash that fits it: the next one tells', async () => {
    const [third, fourth] = (await all()).slice(3, 5);
    const text = fourth!.text.replace('event.4', 'event.x');
    await tamper(`update audit set event = 'event.x', hash = '${hashOf(third!.hash, text)}' ${of(4)}`);
    expect(await found()).toMatchObject([{ kind: 'changed', number: 6, event: 'event.5' }]);
  });

  test('removed: one, several, the first ones', async () => {
    await tamper(`delete from audit ${of(3)}`, `delete from audit ${of(4)}`, `delete from audit ${of(7)}`);
    const { writer } = (await all())[0]!;
    expect(await found()).toEqual([
      { kind: 'removed', writer, from: 4, to: 5 },
      { kind: 'removed', writer, from: 8, to: 8 },
    ]);
    await tamper(`delete from audit ${of(0)}`);
    expect((await found())[0]).toEqual({ kind: 'removed', writer, from: 1, to: 1 });
  });

  test('inserted: beside another, in the place of another, without a chain, with a chain of its own', async () => {
    const columns = 'at, event, writer, number, hash';
    const value = (writer: string, number: number | string, hash: string) =>
      `insert into audit (${columns}) values (${start}, 'forged', ${writer}, ${number}, ${hash})`;
    const { writer, hash } = (await all())[4]!;
    await expect(tamper(value(`'${writer}'`, 5, `'${hash}'`))).rejects.toThrow(/unique/i);
    await tamper('drop index audit_in_chains', value(`'${writer}'`, 5, `'${hash}'`));
    expect(await found()).toMatchObject([{ kind: 'inserted', number: 5, event: 'forged' }]);
    await tamper(
      "delete from audit where event = 'forged'",
      value('null', 'null', 'null'),
      value(`'${writer}'`, 'null', 'null'),
    );
    expect(await found()).toMatchObject([{ kind: 'unchained', count: 2, first: { event: 'forged' } }]);
    await tamper("delete from audit where event = 'forged'", value("'AAAAAAAAAAAAAAAA'", 1, "'x'"));
    expect(await found()).toMatchObject([{ kind: 'changed', number: 1, event: 'forged' }]);
  });

  test('moved: what two entries say, and where they stand', async () => {
    await tamper(`update audit set detail = '{"method":"password","n":3}', event = 'moved' ${of(2)}`);
    await tamper(`update audit set detail = '{"method":"password","n":2}', event = 'event.2' ${of(3)}`);
    expect(await found()).toMatchObject([
      { kind: 'changed', number: 3 },
      { kind: 'changed', number: 4 },
    ]);
  });

  test('moved by their numbers, hashes and all', async () => {
    await tamper(
      `update audit set number = 99 ${of(2)}`,
      `update audit set number = 3 ${of(3)}`,
      `update audit set number = 4 ${of(2)}`,
    );
    const kinds = (await found()).map((finding) => [finding.kind, 'number' in finding && finding.number]);
    expect(kinds).toEqual(
      expect.arrayContaining([
        ['changed', 3],
        ['reordered', 4],
        ['changed', 4],
      ]),
    );
  });

  test('a removed end, and a chain removed whole, tell against heads, or against a later process', async () => {
    const kept = await heads();
    const { writer } = (await all())[0]!;
    await tamper(`delete from audit ${of(8)}`, `delete from audit ${of(9)}`);
    expect(await found()).toEqual([]);
    expect(await found({ heads: kept })).toEqual([
      { kind: 'end-removed', writer, from: 9, to: 10, seenBy: 'the heads' },
    ]);
    await tamper('delete from audit');
    expect(await found({ heads: kept })).toEqual([
      { kind: 'end-removed', writer, from: 1, to: 10, seenBy: 'the heads' },
    ]);
  });

  test('what a later process has seen is missed without heads', async () => {
    const { writer } = (await all())[0]!;
    await write(2, await open());
    const later = (await all()).find((entry) => entry.writer !== writer)!.writer;
    await tamper(`delete from audit ${of(9)}`);
    expect(await found()).toEqual([{ kind: 'end-removed', writer, from: 10, to: 10, seenBy: `the chain ${later}` }]);
  });

  test('a chain that is written anew, each hash fitting, is not what was seen', async () => {
    const kept = await heads();
    await write(1, await open());
    let previous = '';
    for (const { writer, text, event } of (await all()).filter(({ link }) => !link).slice(0, 10)) {
      const now = event === 'event.4' ? text.replace('"anna"', '"bela"') : text;
      previous = hashOf(previous, now);
      const account = event === 'event.4' ? ", account_id = 'bela'" : '';
      await tamper(
        `update audit set hash = '${previous}' ${account} where event = '${event}' and writer = '${writer}'`,
      );
    }
    const { writer } = kept.heads[0]!;
    expect((await found()).map(({ kind }) => kind)).toEqual(['rewritten']);
    expect(await found({ heads: kept })).toEqual(
      expect.arrayContaining([{ kind: 'rewritten', writer, number: 10, seenBy: 'the heads' }]),
    );
  });

  test('entries from before the chains are known by kept heads, and told from those that came later', async () => {
    const old = (n: number) => `insert into audit (at, event) values (${start + n}, 'old.${n}')`;
    await tamper('delete from audit', old(1), old(2), old(3));
    records = await open();
    await write(2);
    const kept = await heads();
    expect(kept.past).toMatchObject({ entries: 3 });
    expect(await found({ heads: kept })).toEqual([]);
    // A version from before runs on, beside this one.
    await tamper(old(5000));
    expect(await found({ heads: kept })).toMatchObject([{ kind: 'unchained', count: 1, first: { event: 'old.5000' } }]);
    expect(await found({ heads: kept, mixedUntil: at(10) })).toEqual([]);
    await tamper("update audit set event = 'never' where event = 'old.2'");
    expect(await found({ heads: kept, mixedUntil: at(10) })).toEqual([{ kind: 'past-changed', were: 3, are: 3 }]);
    await tamper("delete from audit where event = 'never'");
    expect(await found({ heads: kept, mixedUntil: at(10) })).toEqual([{ kind: 'past-changed', were: 3, are: 2 }]);
  });

  test('what the operator removed by age is not missed, and heads taken before vouch for what is left', async () => {
    const first = await open();
    await write(2, first);
    await write(4);
    const since = at(13);
    const anchors = await heads(since);
    expect(anchors.heads.map(({ number }) => number).sort((a, b) => a - b)).toEqual([2, 11]);
    await tamper(`delete from audit where id < (select min(id) from audit where at >= ${since.getTime()})`);
    expect((await found()).map(({ kind }) => kind)).toEqual(['removed']);
    expect(await found({ since })).toEqual([]);
    const report = () => undefined;
    expect(await verify(records.audit, { since, report })).toMatchObject({ entries: 3, unanchored: 1 });
    expect(await verify(records.audit, { since, heads: anchors, report })).toMatchObject({
      unanchored: 0,
      findings: 0,
    });
    await tamper(`update audit set account_id = 'bela' ${of(13)}`);
    expect(await found({ since, heads: anchors })).toMatchObject([{ kind: 'changed', event: 'event.13' }]);
    await tamper(`delete from audit ${of(13)}`);
    expect(await found({ since, heads: anchors })).toMatchObject([{ kind: 'removed', from: 12, to: 12 }]);
  });

  test('heads are read as they were written, by the key that signed them', async () => {
    const kept = await heads();
    const text = await writeHeads(kept, sign);
    const cut = await heads(at(3));
    expect(await readHeads(await writeHeads(cut, sign), [key])).toEqual(cut);
    expect(await readHeads(text, [await generateKey('ES256', new Date()), key])).toEqual(kept);
    expect(await found({ heads: await readHeads(text, [key]) })).toEqual([]);
  });
});
