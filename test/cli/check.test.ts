import { chmod } from 'node:fs/promises';
import { createServer } from 'node:net';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { demoPeople } from '../../config/demo.ts';
import { settingsSchema } from '../../config/settings.ts';
import { type CheckEffects, check } from '../../src/commands/check.ts';
import { generateKey } from '../../src/oidc/keys/life.ts';
import { createSqliteRecords } from '../../src/records/sqlite.ts';
import { createMemoryState } from '../../src/state/memory.ts';
import { freePort } from '../support/ports.ts';
import { type Smtp, startSmtp } from '../support/smtp.ts';
import { makePlace, type Place } from './run.ts';

let smtp: Smtp;
let place: Place;
beforeAll(async () => {
  smtp = await startSmtp();
  place = await makePlace(smtp.port);
});
afterAll(async () => {
  await place.remove();
  await smtp.stop();
});

/** Outcome and part of each line. */
const heads = (out: string) =>
  out.split('\n').flatMap((line) => /^(ok|warn|fail) +(\w+)/.exec(line)?.slice(1).join(' ') ?? []);

test('a sound place: every line is ok', async () => {
  await place.kapu(['migrate']);
  await place.kapu(['keys', 'add']);
  const { code, out, err } = await place.process(['check']);
  expect({ code, err, heads: heads(out) }).toEqual({
    code: 0,
    err: '',
    heads: ['ok settings', 'ok state', 'ok records', 'ok clock', 'ok keys', 'ok mail', 'ok passwords'],
  });
  expect(out).toMatch(/one hash takes \d+ ms of a core/);
});

test('doubts are warnings, and do not fail', async () => {
  await chmod(place.at('keys.json'), 0o644);
  const { code, out } = await place.kapu(['check']);
  await chmod(place.at('keys.json'), 0o600);
  expect([code, heads(out).filter((head) => head !== undefined && !head.startsWith('ok'))]).toEqual([0, ['warn keys']]);
  expect(out).toMatch(/warn .*others than the owner may read the keys file\n {6}hint: chmod 600/);
});

test('everything broken: every part says so, with what to do', async () => {
  const nobody = await freePort();
  const broken = await makePlace(nobody);
  await broken.file('kapu.sqlite', 'this is no database, whatever it may look like'.repeat(40));
  await broken.change((settings) => {
    settings.state = { kind: 'redis', url: `redis://127.0.0.1:${nobody}`, prefix: '', commandPatience: 200 };
  });
  const { code, out, err } = await broken.kapu(['check']);
  await broken.remove();
  expect({ code, err, heads: heads(out) }).toEqual({
    code: 1,
    err: '',
    heads: ['ok settings', 'fail state', 'fail records', 'fail keys', 'fail mail', 'ok passwords'],
  });
  expect(out.match(/^ {6}hint: /gm)).toHaveLength(4);
  expect(out).not.toMatch(/^ +at /m);
});

test('settings with a typo: those alone', async () => {
  await place.file('typo.json', JSON.stringify({ ...place.settings, isuer: 'x' }));
  expect(await place.kapu(['-c', place.at('typo.json'), 'check'])).toEqual({
    code: 1,
    out: "fail  settings  isuer: there is no such key\n      hint: did you mean 'issuer'?\n",
    err: '',
  });
});

test('a mail server that hangs does not hang the check', async () => {
  const silent = createServer(() => {}).listen(0, '127.0.0.1');
  await new Promise((resolve) => silent.once('listening', resolve));
  const { port } = silent.address() as { port: number };
  const slow = await makePlace(port);
  await slow.change((settings) => {
    settings.mail.connectPatience = '1s';
  });
  const { code, out } = await slow.kapu(['check']);
  silent.close();
  await slow.remove();
  expect(code).toBe(1);
  expect(heads(out)).toContain('fail mail');
});

/** Effects with nothing wrong, for what a process cannot easily be made to see. */
async function sound(now: Date): Promise<CheckEffects & { lines: string[] }> {
  const lines: string[] = [];
  const key = await generateKey('ES256', now);
  return {
    lines,
    settings: settingsSchema.parse({ ...place.settings, mode: 'production' }),
    methods: ['password', 'email-code'],
    openState: async () => createMemoryState({ now: () => now }),
    openRecords: async () => {
      const records = await createSqliteRecords({ file: ':memory:' });
      await records.migrate();
      return records;
    },
    readKeys: async () => [{ ...key, kapu: { ...key.kapu, status: 'signing' } }],
    keysAsWritten: async () => [key],
    proveKey: async () => {},
    keysExposed: async () => false,
    mailer: () => ({
      send: async () => ({ outcome: 'failed', reason: '' }),
      check: async () => [],
      end: async () => {},
    }),
    passwords: { hash: async () => ({ outcome: 'hashed', hash: '' }) },
    threads: { have: 8, need: 6 },
    terminal: { out: (text) => lines.push(...text.split('\n')), err: () => {}, read: async () => '' },
    now: () => now,
  };
}

test('a clock that is behind what has happened', async () => {
  const now = new Date('2026-11-22T10:00:00Z');
  const effects = await sound(now);
  const late = async () => {
    const records = await createSqliteRecords({ file: ':memory:' });
    await records.migrate();
    await records.audit.append({ at: new Date('2026-11-22T10:05:00Z'), event: 'account.added' });
    return records;
  };
  expect(await check({ ...effects, openRecords: late })).toBe(false);
  expect(effects.lines.join('\n')).toContain('fail  clock');
});

test("the demo's people in production, unless they are disabled or only share a name", async () => {
  const effects = await sound(new Date());
  const withPeople = async () => {
    const records = await effects.openRecords();
    const [anna, john] = demoPeople;
    await records.accounts.add({ ...anna });
    const added = await records.accounts.add({ ...john });
    await records.accounts.setStatus(added.id, 'disabled');
    await records.accounts.add({ username: 'bela', locale: 'hu', birthName: 'Nagy Béla' });
    return records;
  };
  expect(await check({ ...effects, openRecords: withPeople })).toBe(false);
  const said = effects.lines.filter((line) => line.includes('can sign in'));
  expect(said).toEqual([expect.stringContaining("the demo's anna can sign in")]);
});

test('private keys in clear, in production', async () => {
  const effects = await sound(new Date());
  await check(effects);
  expect(effects.lines.join('\n')).toContain('private keys are in clear in the keys file\n      hint: set ');
});

test('too few threads for hashes', async () => {
  const effects = await sound(new Date());
  await check({ ...effects, threads: { have: 4, need: 6 } });
  expect(effects.lines.join('\n')).toContain('4 threads for 6\n      hint: set UV_THREADPOOL_SIZE=6');
});
