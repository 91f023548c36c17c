import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { demoSettings } from '../../config/demo.ts';
import type { Environment } from '../../config/environment.ts';
import { loadSettings, SettingsError } from '../../config/load.ts';
import { methodFacts } from '../../interactions/methods.ts';

const methods = methodFacts.map(({ name }) => name);
const key = 'K'.repeat(44);
const file = {
  deployment: { operator: { hu: 'Minta Hivatal', en: 'Sample Office' } },
  mail: {
    from: 'Kapu <no-reply@login.example.hu>',
    transports: [{ name: 'main', host: 'smtp.example.hu', port: 587, tls: 'starttls' }],
  },
};
const env: Environment = {
  KAPU_CONFIG: 'kapu.json',
  KAPU_ISSUER: 'https://login.example.hu',
  KAPU_STATE_URL: 'rediss://redis.example.hu:6379',
  KAPU_COOKIE_KEYS: `${key}1,${key}2`,
  KAPU_PEPPERS: `b:${key}\na:${key}`,
  KAPU_CODE_KEYS: key,
  KAPU_STATE_KEYS: key,
  KAPU_CREDENTIAL_KEYS: key,
  KAPU_PAIRWISE_SALT: key,
};

/** Loads with files that exist only here. */
function load(change: Environment = {}, files: Record<string, string> = { 'kapu.json': JSON.stringify(file) }) {
  const readFile = async (path: string) => {
    const text = Object.entries(files).find(([name]) => resolve(name) === resolve(path))?.[1];
    if (text === undefined) throw Object.assign(new Error('no such file'), { code: 'ENOENT' });
    return text;
  };
  return loadSettings({ env: { ...env, ...change }, methods, readFile });
}

const withFile = (settings: unknown, change: Environment = {}) =>
  load(change, { 'kapu.json': JSON.stringify(settings) });

/** What a refusal says. */
async function refusal(loading: Promise<unknown>): Promise<string> {
  const fault = await loading.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(fault).toBeInstanceOf(SettingsError);
  return (fault as SettingsError).message;
}

describe('settings are put together', () => {
  test('defaults, then the file, then the environment', async () => {
    const settings = await load();
    expect(settings.mode).toBe('production');
    expect(settings.issuer).toBe('https://login.example.hu');
    expect(settings.times.sessionIdle).toBe(1800);
    expect(settings.deployment).toMatchObject({ name: { hu: 'Kapu' }, operator: { en: 'Sample Office' } });
    expect(settings.state).toEqual({
      kind: 'redis',
      url: 'rediss://redis.example.hu:6379',
      prefix: 'kapu:',
      commandPatience: 1000,
    });
    expect(settings.records).toEqual({ kind: 'sqlite', file: 'data/kapu.sqlite', lockPatience: 1000 });
  });

  test('lists come by commas or line ends, peppers with their ids', async () => {
    const { secrets } = await load();
    expect(secrets.cookieKeys).toEqual([`${key}1`, `${key}2`]);
    expect(secrets.peppers.map(({ id }) => id)).toEqual(['b', 'a']);
  });

  test('groups are merged, lists replaced', async () => {
    const settings = await withFile({
      ...file,
      times: { sessionMax: '8h' },
      levels: [{ name: 'only', anyOf: [['password']] }],
    });
    expect(settings.times).toMatchObject({ sessionIdle: 1800, sessionMax: 28_800 });
    expect(settings.levels).toEqual([{ name: 'only', anyOf: [['password']], maxAge: {}, aliases: [] }]);
  });

  test('an address of a database makes the records PostgreSQL', async () => {
    const url = 'postgres://kapu@db.example.hu/kapu?sslmode=verify-full';
    const { records } = await load({ KAPU_RECORDS_URL: url });
    expect(records).toEqual({ kind: 'postgres', url, connections: 10, queryPatience: 1000, idle: 60 });
  });

  test('Redis is found by one way, its logins come from the environment', async () => {
    const sentinel = { name: 'kapu', nodes: ['10.0.0.1:26379', '[fd00::1]:26379'] };
    const login = {
      KAPU_STATE_URL: undefined,
      KAPU_STATE_USER: 'kapu',
      KAPU_STATE_PASSWORD: 'one',
      KAPU_SENTINEL_PASSWORD: 'other',
    };
    const { state } = await withFile({ ...file, state: { sentinel, tls: {} } }, login);
    expect(state).toMatchObject({
      kind: 'redis',
      sentinel: { ...sentinel, password: 'other' },
      user: 'kapu',
      password: 'one',
    });
    expect(await refusal(withFile({ ...file, state: { sentinel } }))).toContain(
      'state.sentinel: stands beside url: keep one',
    );
    const broken = { cluster: { nodes: ['10.0.0.1', 'me@10.0.0.1:6379', 'redis://10.0.0.1:6379'] } };
    const message = await refusal(withFile({ ...file, state: broken }, login));
    expect(message.match(/state.cluster.nodes\[\d\]: a server is written 'host:port'/g)).toHaveLength(3);
  });

  test('an SMTP login goes to transports without one', async () => {
    const { mail } = await load({ KAPU_SMTP_USER: 'kapu', KAPU_SMTP_PASSWORD: 'p, with comma' });
    expect(mail.transports[0]).toMatchObject({ user: 'kapu', password: 'p, with comma' });
  });

  test('secrets come from files, without the line end', async () => {
    const files = { 'kapu.json': JSON.stringify(file), 'run/salt': `${key}S\n`, 'run/cookies': `${key}1\n${key}2\n` };
    const change = {
      KAPU_PAIRWISE_SALT: undefined,
      KAPU_PAIRWISE_SALT_FILE: 'run/salt',
      KAPU_COOKIE_KEYS: undefined,
      KAPU_COOKIE_KEYS_FILE: 'run/cookies',
    };
    const { secrets } = await load(change, files);
    expect(secrets.pairwiseSalt).toBe(`${key}S`);
    expect(secrets.cookieKeys).toEqual([`${key}1`, `${key}2`]);
  });

  test('the file may be a module', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'kapu-settings-'));
    try {
      for (const name of ['kapu.ts', 'kapu.mjs']) {
        const path = join(folder, name);
        await writeFile(path, `export default ${JSON.stringify(file)}${name.endsWith('.ts') ? ' as object' : ''};\n`);
        const settings = await loadSettings({ env: { ...env, KAPU_CONFIG: path }, methods });
        expect(settings.deployment.operator.en).toBe('Sample Office');
      }
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});

describe('what is wrong is said in plain words, all at once', () => {
  test('a typo, with the nearest name', async () => {
    const message = await refusal(
      withFile({ ...file, times: { sesionIdle: '20m' }, emailcode: {}, mode: 'prodution' }),
    );
    expect(message).toContain('the settings have 3 problems');
    expect(message).toContain("times.sesionIdle: there is no such key\n    hint: did you mean 'sessionIdle'?");
    expect(message).toContain("emailcode: there is no such key\n    hint: did you mean 'emailCode'?");
    expect(message).toContain("mode: is not a known value\n    hint: did you mean 'production'?");
  });

  test('a typo inside lists and stores', async () => {
    const message = await refusal(
      withFile({
        ...file,
        records: { kind: 'sqlite', flie: 'x' },
        levels: [{ name: 'basic', anyOf: [['password']], alias: [] }],
        scopes: { health: { minimumlevel: 'plus' } },
      }),
    );
    expect(message).toContain("records.flie: there is no such key\n    hint: did you mean 'file'?");
    expect(message).toContain("levels[0].alias: there is no such key\n    hint: did you mean 'aliases'?");
    expect(message).toContain(
      "scopes.health.minimumlevel: there is no such key\n    hint: did you mean 'minimumLevel'?",
    );
  });

  test('an unknown environment variable, with the nearest name', async () => {
    const message = await refusal(load({ KAPU_PEPER: 'x', KAPU_COKIE_KEYS_FILE: 'y' }));
    expect(message).toContain(
      "KAPU_PEPER: there is no such environment variable\n    hint: did you mean 'KAPU_PEPPERS'?",
    );
    expect(message).toContain("hint: did you mean 'KAPU_COOKIE_KEYS_FILE'?");
  });

  test('what is missing, with the variable that sets it', async () => {
    const message = await refusal(loadSettings({ env: {}, methods }));
    for (const path of ['issuer', 'state.url', 'deployment.operator', 'mail.from', 'mail.transports']) {
      expect(message).toContain(`  ${path}: is missing`);
    }
    expect(message).toContain('secrets.peppers: is missing\n    hint: set KAPU_PEPPERS (id:key, one or more');
    expect(message).toContain('or KAPU_PEPPERS_FILE with the path of a file');
  });

  test('a wrong type, a wrong size, a wrong form', async () => {
    const message = await refusal(
      withFile({
        ...file,
        listen: { port: '3000' },
        times: { code: '1 minute' },
        emailCode: { digits: 4 },
        trustedProxies: ['10.0.0.0/33'],
        deployment: { ...file.deployment, colour: 'blue', help: { url: 'nowhere' } },
        levels: [],
      }),
    );
    expect(message).toContain('listen.port: must be a number\n    hint: it is a text now');
    expect(message).toContain("times.code: a duration is a number and a unit: '30s', '15m', '12h', '14d'");
    expect(message).toContain('emailCode.digits: is out of range: it must be at least 6');
    expect(message).toContain('trustedProxies[0]: an IP address, or a network');
    expect(message).toContain("deployment.colour: a colour is written '#rrggbb'");
    expect(message).toContain('deployment.help.url: is not in the right form\n    hint: write a whole web address');
    expect(message).toContain('levels: is an empty list');
  });

  test('a file that cannot be read or understood, alone', async () => {
    expect(await refusal(load({ KAPU_CONFIG: 'nowhere.json' }))).toBe(
      "the settings have a problem\n  KAPU_CONFIG: the file 'nowhere.json' cannot be read (ENOENT)\n    hint: check its path and its permissions",
    );
    expect(await refusal(load({}, { 'kapu.json': '{\n  "issuer": "" "mode": ""}' }))).toContain(
      'it is not JSON at line 2',
    );
    expect(await refusal(load({}, { 'kapu.json': 'issuer: x' }))).toContain('it is not valid JSON');
    expect(await refusal(load({}, { 'kapu.json': '[]' }))).toContain('hint: write an object: { "issuer": … }');
    expect(await refusal(load({ KAPU_CONFIG: 'kapu.yaml' }))).toContain(
      'name a file that ends in .json, .ts, .js or .mjs',
    );
  });

  test('a secret twice, empty, or from a file that is not there', async () => {
    expect(await refusal(load({ KAPU_CODE_KEYS_FILE: 'x' }))).toContain(
      'KAPU_CODE_KEYS: is given twice, also as KAPU_CODE_KEYS_FILE',
    );
    expect(await refusal(load({ KAPU_CODE_KEYS: '' }))).toContain('KAPU_CODE_KEYS: is empty');
    const missing = await refusal(load({ KAPU_CODE_KEYS: undefined, KAPU_CODE_KEYS_FILE: 'x' }));
    expect(missing).toContain("KAPU_CODE_KEYS_FILE: the file 'x' cannot be read (ENOENT)");
  });

  test('a store that the environment and the file name differently', async () => {
    const message = await refusal(withFile({ ...file, mode: 'demo', state: { kind: 'memory' } }));
    expect(message).toContain('state.kind: does not go with KAPU_STATE_URL');
  });

  test('a prototype key is a key like another', async () => {
    const text = JSON.stringify(file).replace('{', '{"__proto__":{"mode":"demo"},"times":{"__proto__":{}},');
    const message = await refusal(load({}, { 'kapu.json': text }));
    expect(message).toContain('__proto__: there is no such key');
    expect(({} as { mode?: string }).mode).toBeUndefined();
  });
});

describe('the value of a secret is never printed (ASVS 16.2.5)', () => {
  const hush = 'hush-hush';

  test.each([
    ['KAPU_COOKIE_KEYS', { KAPU_COOKIE_KEYS: hush }],
    ['KAPU_PEPPERS without an id', { KAPU_PEPPERS: hush }],
    ['KAPU_PEPPERS, short', { KAPU_PEPPERS: `a:${hush}` }],
    ['KAPU_PAIRWISE_SALT', { KAPU_PAIRWISE_SALT: hush }],
    ['KAPU_STATE_URL', { KAPU_STATE_URL: `redis://:${hush}@far.example.hu` }],
    ['KAPU_STATE_URL, broken', { KAPU_STATE_URL: `redis://:${hush}@[` }],
    ['KAPU_RECORDS_URL', { KAPU_RECORDS_URL: `postgres://kapu:${hush}@db.example.hu/kapu` }],
    ['KAPU_SMTP_PASSWORD without a user', { KAPU_SMTP_PASSWORD: hush }],
  ])('%s', async (_name, change) => {
    expect(await refusal(load(change))).not.toContain(hush);
  });

  test('a broken file', async () => {
    const text = `{"secrets": {"pairwiseSalt": "${hush}" "x"}}`;
    expect(await refusal(load({}, { 'kapu.json': text }))).not.toContain(hush);
  });
});

test('the demo runs with valid settings', async () => {
  const settings = demoSettings({ port: 3000, smtpPort: 2525, folder: 'data/demo' });
  const loaded = await loadSettings({
    env: { KAPU_CONFIG: 'demo.json' },
    methods,
    readFile: async () => JSON.stringify(settings),
  });
  expect(loaded).toMatchObject({ mode: 'demo', issuer: 'http://localhost:3000', operations: { port: 3003 } });
});
