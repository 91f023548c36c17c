/** Opens what `kapu check` looks at. Apart from check.ts, so that tests can hand in broken parts. */

import { availableParallelism } from 'node:os';
import { SettingsError } from '../../config/load.ts';
import type { Settings } from '../../config/settings.ts';
import { createMailer } from '../mail/smtp.ts';
import { isExposed, readAsWritten, readKeys } from '../oidc/keys/keys.ts';
import { KeysRefused } from '../oidc/keys/life.ts';
import { openSigner, proveKey, without } from '../oidc/keys/signer.ts';
import { createPasswords, threadsNeeded } from '../passwords/passwords.ts';
import { openRecords, openState } from '../stores.ts';
import { check, report } from './check.ts';
import type { World } from './session.ts';

const silent = { info() {}, warn() {}, error() {} };

/** Checks everything that `settings` name; of settings that cannot be used, those alone. True when nothing is broken. */
export function openCheck(
  settings: Settings | SettingsError,
  methods: readonly string[],
  { env, terminal, now }: World,
): Promise<boolean> | boolean {
  if (settings instanceof SettingsError) {
    const findings = settings.problems.map(({ path, problem, hint }) => ({
      outcome: 'fail' as const,
      part: 'settings',
      text: `${path}: ${problem}`,
      hint,
    }));
    return report(findings, terminal);
  }
  const cores = availableParallelism();
  return check({
    settings,
    methods,
    openState: () => openState(settings),
    ...(settings.state.kind === 'redis' && { inspectRedis: redisInspection(settings.state) }),
    openRecords: () => openRecords(settings),
    ...(settings.records.kind === 'postgres' && { inspectPostgres: postgresInspection(settings.records) }),
    readKeys: () => readKeys(settings.keysFile, settings.secrets.keyEncryptionKeys),
    keysAsWritten: () => readAsWritten(settings.keysFile),
    async proveKey(key) {
      if (!settings.signer) throw new KeysRefused(...without(key));
      const signer = await openSigner(settings.signer);
      await proveKey(signer, key).finally(() => signer.end());
    },
    keysExposed: () => isExposed(settings.keysFile),
    mailer: () => createMailer({ ...settings.mail, now, log: silent }),
    passwords: createPasswords({ settings: settings.password, peppers: settings.secrets.peppers, cores, now }),
    threads: { have: Number(env.UV_THREADPOOL_SIZE ?? 4), need: threadsNeeded(settings.password, cores) },
    terminal,
    now,
  });
}

function postgresInspection(records: Extract<Settings['records'], { kind: 'postgres' }>) {
  return async () => (await import('../records/postgres-inspect.ts')).inspectPostgres(records);
}

function redisInspection(state: Extract<Settings['state'], { kind: 'redis' }>) {
  return async () => (await import('../state/redis-inspect.ts')).inspectRedis(state);
}
