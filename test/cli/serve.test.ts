import { once } from 'node:events';
import { createServer } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { settingsSchema } from '../../config/settings.ts';
import { serve } from '../../src/commands/serve.ts';
import { createSqliteRecords } from '../../src/records/sqlite.ts';
import { eventually } from '../support/eventually.ts';
import { makePlace, type Place } from './run.ts';

let place: Place;
beforeEach(async () => {
  place = await makePlace(1);
});
afterEach(() => place.remove());

const isUp = (url: string) =>
  fetch(url).then(
    ({ ok }) => ok,
    () => false,
  );

test('it serves, is ready, takes a new key into use on SIGHUP, and ends with 0 on SIGTERM', async () => {
  await place.kapu(['keys', 'add']);
  const server = place.start(['serve']);
  const out = text(server.stdout!);
  const { issuer, operations } = place.settings;
  await eventually('ready', () => isUp(`http://127.0.0.1:${operations.port}/health/ready`), 40_000);
  const discovery = await fetch(`${issuer}/.well-known/openid-configuration`);
  expect(((await discovery.json()) as { issuer: string }).issuer).toBe(issuer);

  const second = await place.process(['serve']);
  expect(second).toMatchObject({ code: 1 });
  expect(second.err).toMatch(
    /^kapu: port \d+ on \S+ is taken\n {2}hint: end what listens there, or set another listen or operations\n$/,
  );

  expect((await place.kapu(['keys', 'add', '--alg', 'EdDSA'])).code).toBe(0);
  server.kill('SIGHUP');
  // Sooner than it looks by itself.
  const keys = async () => (await (await fetch(`${issuer}/jwks`)).json()) as { keys: object[] };
  await eventually('a second key', async () => (await keys()).keys.length === 2, 20_000);

  server.kill('SIGTERM');
  const [code] = await once(server, 'close');
  expect(code).toBe(0);
  const lines = (await out).trim().split('\n');
  for (const line of lines) expect(JSON.parse(line)).toHaveProperty('time');
}, 60_000);

describe('it cannot serve, and says why', () => {
  const refused = async (run = place.kapu) => {
    const { code, err } = await run(['serve']);
    expect(code).toBe(1);
    expect(err).toMatch(/^kapu: .*\n( .*\n)* +hint: .*\n$/);
    expect(err).not.toMatch(/^ +at /m);
    return err;
  };

  test('without keys', async () => {
    expect(await refused()).toContain(
      `the keys file '${place.at('keys.json')}' does not exist\n  hint: make it: \`kapu keys add\``,
    );
  });

  test('with a file that is no database', async () => {
    await place.kapu(['keys', 'add']);
    await place.file('kapu.sqlite', 'no database'.repeat(200));
    expect(await refused()).toContain('is not a SQLite database');
  });

  test('with a database that it may not write', async () => {
    await place.kapu(['keys', 'add']);
    await place.change((settings) => {
      settings.records = { kind: 'sqlite', file: place.at('nowhere/kapu.sqlite') };
    });
    expect(await refused()).toContain('its directory does not exist');
  });

  test('with settings that production refuses', async () => {
    await place.change((settings) => {
      settings.mode = 'production';
    });
    const err = await refused();
    for (const path of ['issuer', 'state.kind', 'secrets.peppers', 'mail.from']) expect(err).toContain(`  ${path}: `);
  });

  test('with a keys file that is none', async () => {
    await place.kapu(['keys', 'add']);
    await place.file('keys.json', '{}');
    expect(await refused()).toContain(`the keys file '${place.at('keys.json')}' is broken at keys: is missing`);
  });

  test('when the port for operations is taken', async () => {
    await place.kapu(['keys', 'add']);
    const other = createServer().listen(place.settings.operations.port, '127.0.0.1');
    await once(other, 'listening');
    const err = await refused(place.process);
    other.close();
    expect(err).toContain(`port ${place.settings.operations.port} on 127.0.0.1 is taken`);
  });
});

describe('the command, with a server handed in', () => {
  const quiet = { out: () => {}, err: () => {}, read: async () => '' };

  async function running(change: { stop?: () => Promise<void>; patience?: string; production?: boolean } = {}) {
    const records = await createSqliteRecords({ file: ':memory:' });
    await records.migrate();
    const settings = settingsSchema.parse({
      ...place.settings,
      shutdownPatience: change.patience ?? '8s',
      mode: change.production ? 'production' : 'demo',
    });
    const seen = { codes: [] as number[], started: 0, stopped: 0, reloaded: 0, signal: () => {}, hangUp: () => {} };
    const server = {
      records,
      reload: async () => void seen.reloaded++,
      start: async () => void seen.started++,
      stop: async () => {
        seen.stopped++;
        await change.stop?.();
      },
    };
    const run = () =>
      serve({
        settings,
        compose: async () => server,
        onSignal: (callback) => {
          seen.signal = callback;
        },
        onHangup: (callback) => {
          seen.hangUp = callback;
        },
        exit: (code) => void seen.codes.push(code),
        terminal: quiet,
      });
    return { seen, records, run };
  }

  test('the second signal ends it at once', async () => {
    const { seen, run } = await running({ stop: () => new Promise(() => {}) });
    await run();
    seen.signal();
    expect([seen.stopped, seen.codes]).toEqual([1, []]);
    seen.signal();
    expect([seen.stopped, seen.codes]).toEqual([1, [1]]);
  });

  test('a server that cannot stop cleanly ends with 1', async () => {
    const { seen, run } = await running({ stop: () => Promise.reject(new Error('no')) });
    await run();
    seen.signal();
    await eventually('an exit', () => seen.codes.length > 0);
    expect(seen.codes).toEqual([1]);
  });

  test('SIGHUP has it look at its keys, and run on', async () => {
    const { seen, run } = await running();
    await run();
    seen.hangUp();
    expect([seen.reloaded, seen.stopped, seen.codes]).toEqual([1, 0, []]);
  });

  test("the demo's people keep production from starting", async () => {
    const { seen, records, run } = await running({ production: true });
    await records.accounts.add({ username: 'john', email: 'john@demo.example', locale: 'en' });
    await expect(run()).rejects.toThrow("the demo's people can sign in to this database: john");
    expect([seen.started, seen.stopped]).toEqual([0, 1]);
  });
});
