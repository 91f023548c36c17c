/**
 * The server of the model-based test: a whole Kapu with a ladder of three levels, services of several kinds, hashing that costs
 * nothing, and a clock that only the test moves.
 */

import type { SettingsInput } from '../../config/settings.ts';
import { createLog } from '../../src/log.ts';
import { createSqliteRecords } from '../../src/records/sqlite.ts';
import { createMemoryState } from '../../src/state/memory.ts';
import { elapse } from '../state/redis-harness.ts';
import { roomy, startKapu, type TestKapu } from '../support/kapu.ts';
import { startRedis } from '../support/redis.ts';
import { type RelyingParty, relyingParty } from '../support/relying-party.ts';
import { type Mailbox, openMailbox } from './mailbox.ts';
import { lives, rules } from './round.ts';
import type { Client } from './tables.ts';

export type StateKind = 'memory' | 'redis';

export const clients: (Client & { metadata?: object })[] = [
  { id: 'open' },
  { id: 'plus-only', minimum: 'plus', metadata: { minimum_level: 'plus' } },
  { id: 'shop', asks: 'once', metadata: { first_party: false } },
  { id: 'app', asks: 'always', metadata: { first_party: false, application_type: 'native' } },
  { id: 'no-mail', excludes: 'email-code', metadata: { excluded_methods: ['email-code'] } },
  {
    id: 'archive',
    wishes: ['strict', 'plus'],
    endsWithLevel: true,
    metadata: { default_acr_values: ['strict', 'plus'], refresh_beyond_level: false },
  },
];

export interface Server {
  kapu: TestKapu;
  mailbox: Mailbox;
  parties: Map<string, RelyingParty>;
  /** Authenticates itself, and may ask about every token. */
  resourceServer: RelyingParty;
  /** Seconds. */
  now(): number;
  pass(seconds: number): Promise<void>;
  /** Forgets all that may expire, and the mails. */
  forget(): Promise<void>;
  /** Faults that were logged since the last call. */
  faults(): string[];
  stop(): Promise<void>;
}

export async function startServer(kind: StateKind): Promise<Server> {
  const redis = kind === 'redis' ? await startRedis() : undefined;
  // The library, openid-client and Kapu agree on the time, and it stands still between steps.
  const real = Date.now;
  let time = Math.floor(real() / 1000);
  Date.now = () => time * 1000;
  const now = () => new Date(time * 1000);

  const mailbox = await openMailbox();
  const logged: string[] = [];
  const kapu = await startKapu({
    now,
    records: await createSqliteRecords({ file: ':memory:', now }),
    ...(redis ? {} : { state: createMemoryState({ now }) }),
    log: createLog({ level: 'error', destination: { write: (line) => logged.push(line) } }),
    change(settings) {
      change(settings);
      settings.mail.transports = [{ name: 'mailbox', host: '127.0.0.1', port: mailbox.port, tls: 'none' }];
      // A busy machine is no answer of the model's.
      settings.records = { kind: 'sqlite', file: ':memory:', lockPatience: 10_000 };
      if (redis) settings.state = { kind: 'redis', url: redis.url, prefix: 'model:', commandPatience: 5000 };
    },
  });
  const parties = new Map<string, RelyingParty>();
  for (const { id, metadata = {} } of clients) {
    await kapu.records.clients.put(id, { ...common(id), token_endpoint_auth_method: 'none', ...metadata });
    parties.set(id, await relyingParty(kapu.issuer, { clientId: id, redirectUri: common(id).redirect_uris[0] }));
  }
  const secret = 'api-secret-0123456789abcdef-0123456789abcdef';
  await kapu.records.clients.put('api', { ...common('api'), client_secret: secret });

  return {
    kapu,
    mailbox,
    parties,
    resourceServer: await relyingParty(kapu.issuer, { clientId: 'api', secret }),
    now: () => time,
    async pass(seconds) {
      time += seconds;
      if (redis) await elapse(redis.client, seconds);
    },
    async forget() {
      await redis?.client.flushdb();
      mailbox.forget();
    },
    faults: () => logged.splice(0),
    async stop() {
      Date.now = real;
      await kapu.stop();
      await mailbox.stop();
      await redis?.stop();
    },
  };
}

/** Where a service of this name is. */
export function addressOf(id: string): string {
  return `https://${id}.example`;
}

function common(id: string) {
  return {
    client_name: `Service ${id}`,
    client_uri: `${addressOf(id)}/`,
    redirect_uris: [id === 'app' ? 'http://127.0.0.1/callback' : `${addressOf(id)}/callback`],
    post_logout_redirect_uris: [id === 'app' ? 'http://127.0.0.1/' : `${addressOf(id)}/`],
    grant_types: ['authorization_code', 'refresh_token'],
    response_types: ['code'],
    scope: 'openid health offline_access',
  };
}

function change(settings: SettingsInput): void {
  roomy(settings);
  settings.levels = [
    { name: 'basic', anyOf: [['password']] },
    {
      name: 'plus',
      anyOf: [['password', 'email-code']],
      maxAge: { 'email-code': '15m' },
      aliases: ['urn:example:plus'],
    },
    { name: 'strict', anyOf: [['password', 'email-code']], maxAge: { password: '5m', 'email-code': '5m' } },
  ];
  settings.scopes = { health: { minimumLevel: 'strict' } };
  const seconds = (count: number) => `${count}s`;
  Object.assign(settings.times, {
    sessionIdle: seconds(rules.session),
    interaction: seconds(rules.round),
    code: seconds(lives.code),
    accessToken: seconds(lives.accessToken),
  });
  Object.assign(settings.emailCode, {
    life: seconds(rules.mailedCode),
    resendAfter: seconds(rules.resendAfter),
    tries: rules.guesses,
    sendsPerSignIn: rules.mails,
  });
  Object.assign(settings.password, { timeCost: 1, memoryCost: 8, parallelism: 1 });
}
