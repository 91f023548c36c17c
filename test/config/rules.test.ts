import { describe, expect, test } from '@jest/globals';
import { checkRules } from '../../config/check-rules.ts';
import { defaults, defaultsOf } from '../../config/default.ts';
import { demoSecrets, demoSettings } from '../../config/demo.ts';
import { type SettingsFile, type SettingsInput, settingsSchema } from '../../config/settings.ts';
import { methodFacts } from '../../interactions/methods.ts';

const methods = methodFacts.map(({ name }) => name);
const allButPassword = methods.filter((name) => name !== 'password');
const secret = 'S'.repeat(44);

/** Settings that production starts with, and nothing doubtful about them. */
const sound: SettingsInput = {
  ...defaults,
  issuer: 'https://login.example.hu',
  deployment: { ...defaults.deployment, operator: { hu: 'Hivatal', en: 'Office' } },
  mail: {
    ...defaults.mail,
    from: 'no-reply@login.example.hu',
    transports: [{ name: 'main', host: 'smtp.example.hu', port: 587, tls: 'starttls' }],
  },
  state: { ...defaultsOf.state.redis, url: 'rediss://redis.example.hu' },
  records: { ...defaultsOf.records.postgres, url: 'postgres://db.example.hu/kapu?sslmode=verify-full' },
  secrets: {
    cookieKeys: [secret],
    peppers: [{ id: 'a', key: secret }],
    codeKeys: [secret],
    stateKeys: [secret],
    credentialKeys: [secret],
    pairwiseSalt: secret,
  },
};

/** Severity, path and problem of all that is found with `change` made to sound settings. */
function found(change: SettingsFile, base: SettingsInput = sound): string[] {
  const settings = settingsSchema.parse({ ...base, ...change });
  return checkRules(settings, { methods }).map(({ severity, path, problem }) => `${severity} ${path}: ${problem}`);
}

test('sound settings and the demo have no problems', () => {
  expect(found({})).toEqual([]);
  expect(found({}, demoSettings({ port: 3000, smtpPort: 2525, folder: 'x' }))).toEqual([]);
});

describe('levels', () => {
  const basic = { name: 'basic', anyOf: [['password']] };

  test.each<[string, SettingsFile, string]>([
    [
      'a method that does not exist',
      { levels: [{ name: 'a', anyOf: [['pasword']] }] },
      "error levels[0].anyOf: there is no method 'pasword'",
    ],
    [
      'a name given twice',
      { levels: [basic, { name: 'plus', anyOf: [['password', 'totp']], aliases: ['basic'] }] },
      "error levels[1]: 'basic' names level 'basic' already",
    ],
    [
      'an age of a method that is not used',
      { levels: [{ ...basic, maxAge: { totp: '1m' } }] },
      "error levels[0].maxAge.totp: no way to 'basic' uses this method",
    ],
    [
      'a method twice in one way',
      { levels: [{ name: 'a', anyOf: [['password', 'password']] }] },
      'error levels[0].anyOf: the way [password, password] names a method twice',
    ],
    ['no way left', { methodsOff: allButPassword }, "error levels[1]: methodsOff leaves no way to 'plus'"],
    [
      'a stronger level that asks for no more',
      { levels: [basic, { name: 'plus', anyOf: [['password']] }] },
      "error levels[1].anyOf: [password] reaches 'basic' and 'plus' alike",
    ],
    [
      'a method switched off that does not exist',
      { methodsOff: ['emailcode'] },
      "error methodsOff: there is no method 'emailcode'",
    ],
    [
      'a level that a scope asks for',
      { scopes: { health: { minimumLevel: 'pluss' } } },
      "error scopes.health.minimumLevel: there is no level 'pluss'",
    ],
    [
      'a method that a scope leaves out',
      { scopes: { health: { excludedMethods: ['mail'] } } },
      "error scopes.health.excludedMethods: there is no method 'mail'",
    ],
    [
      'an eIDAS name on an e-mail code',
      {
        levels: [
          basic,
          { name: 'plus', anyOf: [['password', 'email-code']], aliases: ['http://eidas.europa.eu/LoA/substantial'] },
        ],
      },
      "warning levels[1].aliases: an e-mail code reaches 'http://eidas.europa.eu/LoA/substantial'",
    ],
  ])('%s', (_name, change, problem) => {
    expect(found(change)).toEqual([problem]);
  });

  test('the same method may stand in two levels when it ages in the stronger', () => {
    expect(found({ levels: [basic, { name: 'plus', anyOf: [['password']], maxAge: { password: '5m' } }] })).toEqual([]);
  });
});

describe('times and limits', () => {
  const times = (change: Partial<SettingsInput['times']>) => ({ times: { ...defaults.times, ...change } });
  const emailCode = (change: Partial<SettingsInput['emailCode']>) => ({
    emailCode: { ...defaults.emailCode, ...change },
  });

  test.each<[SettingsFile, string]>([
    [times({ sessionIdle: '13h' }), 'error times.sessionIdle: is longer than times.sessionMax'],
    [times({ code: '2m' }), 'error times.code: is longer than 60 s (FAPI 2.0, 5.3.2.1)'],
    [times({ refreshToken: '5m' }), 'error times.refreshToken: is shorter than times.accessToken'],
    [times({ accessToken: '2h' }), 'warning times.accessToken: is longer than an hour'],
    [times({ interaction: '5m' }), 'warning times.interaction: is shorter than emailCode.life'],
    [
      {
        ...times({ sessionMax: '10m', sessionIdle: '10m' }),
        levels: [
          { name: 'basic', anyOf: [['password']] },
          { name: 'plus', anyOf: [['password', 'email-code']], maxAge: { 'email-code': '15m' } },
        ],
      },
      'warning levels[1].maxAge.email-code: is longer than any session',
    ],
    [emailCode({ resendAfter: '10m' }), 'error emailCode.resendAfter: is not shorter than emailCode.life'],
    [emailCode({ triesPerAccount: 4 }), 'error emailCode.triesPerAccount: is less than emailCode.tries'],
    [emailCode({ sendsPerAccount: 4 }), 'error emailCode.sendsPerAccount: is less than emailCode.sendsPerSignIn'],
    [
      { password: { ...defaults.password, triesPerOrigin: 5 } },
      'error password.triesPerOrigin: is less than password.triesPerAccount',
    ],
    [{ mail: { ...sound.mail, retryAfter: [600_000] } }, 'warning mail.retryAfter: goes on past emailCode.life'],
  ])('%j', (change, problem) => {
    expect(found(change)).toEqual([problem]);
  });
});

describe('Redis', () => {
  const redis = { ...defaultsOf.state.redis, url: 'rediss://redis.example.hu' };

  test.each<[SettingsFile['state'], string]>([
    [
      { ...redis, wait: { replicas: 1, patience: 1000 } },
      'error state.wait.patience: is not shorter than state.commandPatience',
    ],
    [{ ...redis, tls: { cert: 'kapu.pem' } }, 'error state.tls: has half a certificate'],
    [{ ...redis, user: 'kapu' }, 'error state.user: has no password'],
  ])('%j', (state, problem) => {
    expect(found({ state })).toEqual([problem]);
  });
});

describe('addresses', () => {
  test.each<[SettingsFile, string]>([
    [{ issuer: 'https://example.hu/login' }, 'error issuer: has more than a host'],
    [{ issuer: 'https://me@example.hu' }, 'error issuer: holds a user name'],
    [{ issuer: 'https://192.0.2.7' }, 'warning issuer: has an IP address, at which browsers make no passkeys'],
    [{ issuer: 'https://[2001:db8::7]' }, 'warning issuer: has an IP address, at which browsers make no passkeys'],
    [{ operations: defaults.listen }, 'error operations.port: is the same as listen.port'],
    [
      { listen: { host: '0.0.0.0', port: 3000 } },
      'warning trustedProxies: names no proxy, and Kapu listens beyond this machine',
    ],
  ])('%j', (change, problem) => {
    expect(found(change)).toEqual([problem]);
  });
});

describe('production refuses (ASVS 6.3.2, 11.4.2, 12.3.1, 13.3.1)', () => {
  const transport = { name: 'main', host: 'smtp.example.hu', port: 25, tls: 'none' } as const;
  const postgres = (url: string) => ({ records: { ...defaultsOf.records.postgres, url } });
  const clear = 'error records.url: reaches PostgreSQL over the network without verified TLS';

  test.each<[string, SettingsFile, string[]]>([
    ['http', { issuer: 'http://login.example.hu' }, ['error issuer: must be https in production']],
    ['state in memory', { state: { kind: 'memory' } }, ["error state.kind: 'memory' forgets everyone at a restart"]],
    [
      'demo secrets',
      { secrets: demoSecrets },
      ['cookieKeys', 'peppers', 'codeKeys', 'stateKeys', 'credentialKeys', 'pairwiseSalt'].map(
        (name) => `error secrets.${name}: holds the demo's secret, which everyone knows`,
      ),
    ],
    [
      'mail in clear text',
      { mail: { ...sound.mail, transports: [transport] } },
      ["error mail.transports[0].tls: 'none' sends codes in clear text"],
    ],
    [
      "the demo's sender",
      { mail: { ...sound.mail, from: 'Kapu <no-reply@demo.example>' } },
      ["error mail.from: is the demo's address"],
    ],
    [
      'Redis in clear text',
      { state: { ...defaultsOf.state.redis, url: 'redis://10.0.0.5:6379' } },
      ['error state.url: reaches Redis over the network without TLS'],
    ],
    ['PostgreSQL in clear text', postgres('postgres://db.example.hu/kapu'), [clear]],
    ['PostgreSQL with TLS that nobody verifies', postgres('postgres://db.example.hu/kapu?sslmode=no-verify'), [clear]],
    [
      'PostgreSQL, verification taken back',
      postgres('postgres://db.example.hu/kapu?sslmode=verify-full&sslmode=disable'),
      [clear],
    ],
    ['PostgreSQL, the host in a parameter', postgres('postgres:///kapu?host=db.example.hu'), [clear]],
    [
      'cheap hashes',
      { password: { ...defaults.password, memoryCost: 8192 } },
      ['error password.memoryCost: is too cheap to protect passwords'],
    ],
    [
      'passwords that are too short',
      { password: { ...defaults.password, leastLength: 7 } },
      ['error password.leastLength: is below 8 (ASVS 6.2.1)'],
    ],
  ])('%s', (_name, change, problems) => {
    expect(found(change)).toEqual(problems);
    expect(found({ ...change, mode: 'demo' }).filter((line) => line.startsWith('error'))).toEqual([]);
  });

  test('Redis through Sentinels or in a cluster, in clear text', () => {
    const nodes = ['127.0.0.1:26379', '10.0.0.5:26379'];
    const missing = ['error state.tls: is missing: Redis is reached over the network without TLS'];
    const { redis } = defaultsOf.state;
    expect(found({ state: { ...redis, sentinel: { name: 'kapu', nodes } } })).toEqual(missing);
    expect(found({ state: { ...redis, cluster: { nodes } } })).toEqual(missing);
    expect(found({ state: { ...redis, cluster: { nodes }, tls: {} } })).toEqual([]);
    expect(found({ state: { ...redis, cluster: { nodes: ['[::1]:6379', 'localhost:6380'] } } })).toEqual([]);
    expect(found({ state: { ...redis, url: 'redis://10.0.0.5:6379', tls: { ca: 'ca.pem' } } })).toEqual([]);
  });

  test('what stays on this machine needs no TLS', () => {
    expect(found({ state: { ...defaultsOf.state.redis, url: 'redis://127.0.0.1:6379' } })).toEqual([]);
    expect(found({ mail: { ...sound.mail, transports: [{ ...transport, host: 'localhost' }] } })).toEqual([]);
    expect(found(postgres('postgres://kapu@[::1]/kapu'))).toEqual([]);
    expect(found(postgres('postgres:///kapu?host=/var/run/postgresql'))).toEqual([]);
  });

  test('SQLite is doubtful, not wrong', () => {
    expect(found({ records: defaultsOf.records.sqlite })).toEqual([
      "warning records.kind: 'sqlite' serves one process on one machine",
    ]);
  });

  test('half a login', () => {
    const half = { ...transport, tls: 'implicit', user: 'kapu' } as const;
    expect(found({ mail: { ...sound.mail, transports: [half, half] } })).toEqual([
      "error mail.transports: two transports are named 'main'",
      'error mail.transports[0]: has only half a login',
      'error mail.transports[1]: has only half a login',
    ]);
  });
});

describe('certificates', () => {
  const files = { cert: 'kapu.crt', key: 'kapu.key' };
  const mtls = { address: 'https://mtls.login.example.hu', listen: { host: '127.0.0.1', port: 3443, ...files } };

  test.each<[SettingsFile, string[]]>([
    [{ tls: files, listen: { host: '0.0.0.0', port: 3000 } }, []],
    [{ mtls }, []],
    [{ mtls: { header: 'Client-Cert' } }, []],
    [{ mtls: { ca: 'ca.pem' } }, ['error mtls: has no place that certificates come from']],
    [{ mtls: { listen: mtls.listen } }, ['error mtls.address: is missing']],
    [{ mtls: { header: 'Client-Cert' }, trustedProxies: [] }, ['error mtls.header: is believed of nobody']],
  ])('%j', (change, problems) => {
    expect(found(change)).toEqual(problems);
  });
});
