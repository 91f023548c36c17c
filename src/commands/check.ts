/**
 * `kapu check`: looks at everything that a server needs, before people do: each part is ok, doubtful (warn) or broken
 * (fail), with what to do. It leaves nothing behind and sends no mail.
 */

import { checkRules } from '../../config/check-rules.ts';
import type { Settings } from '../../config/settings.ts';
import type { Mailer } from '../mail/mailer.ts';
import { isEncryptedAsNow } from '../oidc/keys/encryption.ts';
import { missingAlgorithms, type SigningKey } from '../oidc/keys/life.ts';
import type { Passwords } from '../passwords/passwords.ts';
import type { Records } from '../records/records.ts';
import type { State } from '../state/state.ts';
import { checkRecords } from './check-records.ts';
import { type Terminal, table } from './command.ts';
import { type Finding, fail, messageOf, ok, warn } from './finding.ts';

export interface CheckEffects {
  settings: Settings;
  methods: readonly string[];
  openState(): Promise<State>;
  /** Where state is in Redis: what is to be known of it. */
  inspectRedis?(): Promise<Omit<Finding, 'part'>[]>;
  openRecords(): Promise<Records>;
  /** Where records are in PostgreSQL: what is to be known of it. */
  inspectPostgres?(): Promise<Omit<Finding, 'part'>[]>;
  readKeys(): Promise<SigningKey[]>;
  /** The keys as the file has them: encrypted, or in clear. */
  keysAsWritten(): Promise<SigningKey[]>;
  /** Has the signer sign with one of its keys; throws when that does not verify. */
  proveKey(key: SigningKey): Promise<void>;
  /** Whether others than the owner may read the keys file. */
  keysExposed(): Promise<boolean>;
  mailer(): Mailer;
  passwords: Pick<Passwords, 'hash'>;
  /** Threads that libuv has for hashing, signing and files, and as many as it needs. */
  threads: { have: number; need: number };
  terminal: Terminal;
  now: () => Date;
}

/** Checks every part, prints the table, and gives whether nothing is broken. */
export async function check(effects: CheckEffects): Promise<boolean> {
  const parts = [checkSettings, checkState, checkRecords, checkKeys, checkMail];
  const findings = (await Promise.all(parts.map((part) => part(effects)))).flat();
  // Alone: it measures.
  return report([...findings, ...(await checkPasswords(effects))], effects.terminal);
}

/** Prints findings; true when none is a failure. */
export function report(findings: readonly Finding[], terminal: Terminal): boolean {
  const lines = table(findings.map(({ outcome, part, text }) => [outcome, part, text])).split('\n');
  terminal.out(findings.map(({ hint }, i) => (hint ? `${lines[i]}\n      hint: ${hint}` : lines[i])).join('\n'));
  return findings.every(({ outcome }) => outcome !== 'fail');
}

async function checkSettings({ settings, methods }: CheckEffects): Promise<Finding[]> {
  const doubts = checkRules(settings, { methods }).map(({ severity, path, problem, hint }) =>
    (severity === 'error' ? fail : warn)('settings', `${path}: ${problem}`, hint),
  );
  return [ok('settings', `${settings.mode}, ${settings.issuer}`), ...doubts];
}

async function checkState({ settings, openState, inspectRedis }: CheckEffects): Promise<Finding[]> {
  try {
    if (inspectRedis) return (await inspectRedis()).map((found) => ({ part: 'state', ...found }));
    const state = await openState();
    const ready = await state.ready();
    await state.end();
    return [
      ready
        ? ok('state', `${settings.state.kind} answers`)
        : fail('state', 'does not answer', 'look at the Redis server'),
    ];
  } catch (fault) {
    return [fail('state', messageOf(fault), 'start Redis, or mend the state settings (KAPU_STATE_URL)')];
  }
}

async function checkKeys({
  settings,
  readKeys,
  keysAsWritten,
  keysExposed,
  proveKey,
}: CheckEffects): Promise<Finding[]> {
  try {
    const keys = await readKeys();
    const signing = keys.filter(({ kapu }) => kapu.status === 'signing').map(({ alg }) => alg);
    if (missingAlgorithms(keys, ['ES256']).length > 0) {
      return [
        fail('keys', 'no key signs with ES256, which clients get unless they ask for another', '`kapu keys add`'),
      ];
    }
    const exposed = await keysExposed();
    for (const key of keys) if (key.kapu.signer !== undefined) await proveKey(key);
    return [
      ok('keys', `signing with ${signing.join(', ')}`),
      ...(exposed ? [warn('keys', 'others than the owner may read the keys file', 'chmod 600')] : []),
      ...atRest(settings, await keysAsWritten()),
    ];
  } catch (fault) {
    return [fail('keys', messageOf(fault), (fault as { hint?: string }).hint ?? '`kapu keys add`')];
  }
}

/** Private keys that are not encrypted as the settings have it. */
function atRest({ mode, secrets: { keyEncryptionKeys: secrets } }: Settings, keys: readonly SigningKey[]): Finding[] {
  if (keys.every((key) => isEncryptedAsNow(key, secrets))) return [];
  if (secrets.length > 0)
    return [
      warn('keys', 'a private key is not encrypted with the first of keyEncryptionKeys', '`kapu keys reencrypt`'),
    ];
  const hint = 'set KAPU_KEY_ENCRYPTION_KEYS, restart every process, then `kapu keys reencrypt`';
  return mode === 'production' ? [warn('keys', 'private keys are in clear in the keys file', hint)] : [];
}

async function checkMail({ mailer }: CheckEffects): Promise<Finding[]> {
  try {
    const post = mailer();
    const greetings = await post.check();
    await post.end(0);
    return greetings.map(({ transport, problem }) =>
      problem === undefined
        ? ok('mail', `${transport} greets`)
        : fail('mail', `${transport}: ${problem}`, 'mend mail.transports, or start the mail server'),
    );
  } catch (fault) {
    return [fail('mail', messageOf(fault), 'mend the mail settings')];
  }
}

/** Milliseconds of one core; slower than this, few people can sign in at once. */
const comfortable = 250;

async function checkPasswords({ passwords, threads }: CheckEffects): Promise<Finding[]> {
  await passwords.hash('the first hash also loads the library');
  const before = process.cpuUsage();
  await passwords.hash('the second one is timed');
  // What it costs the processor, which other work on the machine does not change.
  const { user, system } = process.cpuUsage(before);
  const milliseconds = (user + system) / 1000;
  const text = `one hash takes ${Math.round(milliseconds)} ms of a core`;
  const hint = 'look at password.timeCost and password.memoryCost';
  const slow = milliseconds > comfortable;
  return [
    slow ? warn('passwords', `${text}: few can sign in at once`, hint) : ok('passwords', text),
    ...(threads.have < threads.need
      ? [warn('passwords', `${threads.have} threads for ${threads.need}`, `set UV_THREADPOOL_SIZE=${threads.need}`)]
      : []),
  ];
}
