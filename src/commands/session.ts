/**
 * One run of `kapu`: opens what a command needs (settings, records, keys) and closes it after. A command's module is
 * loaded when it is used, so that `kapu --help` does not wait for a database driver.
 */

import { readdir, readFile, writeFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { readEnvironment } from '../../config/environment.ts';
import { loadSettings } from '../../config/load.ts';
import { type Settings, settingsSchema } from '../../config/settings.ts';
import type { Signer } from '../oidc/keys/signer.ts';
import type { AccountEffects } from './account.ts';
import type { AuditEffects } from './audit.ts';
import type { InviteEffects } from './client.ts';
import { Refused, type Terminal, withRecords } from './command.ts';
import type { ExplainEffects } from './explain.ts';
import type { ImportCommandEffects } from './import-command.ts';
import type { KeysEffects } from './keys.ts';
import type { RecoveryEffects } from './recovery.ts';

type AccountModule = typeof import('./account.ts');
type AuditModule = typeof import('./audit.ts');
type ClientModule = typeof import('./client.ts');
type ExplainModule = typeof import('./explain.ts');
type ImportModule = typeof import('./import-command.ts');
type KeysModule = typeof import('./keys.ts');
type RecoveryModule = typeof import('./recovery.ts');

/** What surrounds a run: the process, or a test's stand-in. */
export interface World {
  env: Record<string, string | undefined>;
  terminal: Terminal;
  now(): Date;
  /** Calls back at each SIGTERM and SIGINT. */
  onSignal(callback: () => void): void;
  /** Calls back at each SIGHUP. */
  onHangup(callback: () => void): void;
  exit(code: number): void;
}

export interface Session {
  settings(): Promise<Settings>;
  /** Names of the sign-in methods: each is a folder. */
  methods(): Promise<string[]>;
  accounts(work: (module: AccountModule, effects: AccountEffects) => Promise<void>): Promise<void>;
  audit(work: (module: AuditModule, effects: AuditEffects) => Promise<void>): Promise<void>;
  clients(work: (module: ClientModule, effects: InviteEffects) => Promise<void>): Promise<void>;
  recovery(work: (module: RecoveryModule, effects: RecoveryEffects) => Promise<void>): Promise<void>;
  imports(work: (module: ImportModule, effects: ImportCommandEffects) => Promise<void>): Promise<void>;
  explain(work: (module: ExplainModule, effects: ExplainEffects) => Promise<void>): Promise<void>;
  /** `file` takes the place of the setting, so that no settings are needed. */
  keys(
    file: string | undefined,
    work: (module: KeysModule, effects: KeysEffects, keepFor: number) => Promise<void>,
  ): Promise<void>;
}

/** Seconds that a key is kept after it has signed, where no settings say how long what it signed is of use. */
const aMonth = 30 * 24 * 3600;

/** `config` gives the settings file, where the command line names one. */
export function createSession({ env, terminal, now }: World, config: () => string | undefined): Session {
  const methods = () => readdir(new URL('../../interactions/methods/', import.meta.url));
  /** Keys come before the database is made, and must be changed while it is away: what cannot be written down is said. */
  const keysAudit =
    (known: Settings): KeysEffects['audit'] =>
    async (event, kid) => {
      const { actOf } = await import('../audit/audit.ts');
      await withRecords(known, (records) => actOf({ records, now }, event, { detail: { kid } })).catch(
        ({ message }: Error) => terminal.err(`not written to the audit: ${message}`),
      );
    };
  const settings = async () =>
    loadSettings({ env: { ...env, KAPU_CONFIG: config() ?? env.KAPU_CONFIG }, methods: await methods() });
  return {
    settings,
    methods,
    async accounts(work) {
      const known = await settings();
      const { createPasswords } = await import('../passwords/passwords.ts');
      const { password, secrets } = known;
      const cores = availableParallelism();
      const passwords = createPasswords({ settings: password, peppers: secrets.peppers, cores, now });
      const { createNewPasswords } = await import('../passwords/rules.ts');
      const newPasswords = createNewPasswords(known);
      const module = await import('./account.ts');
      await withRecords(known, (records) => {
        const { notices, mode } = known;
        return work(module, { records, passwords, newPasswords, notices, mode, terminal, now });
      });
    },
    async audit(work) {
      const known = await settings();
      const { readAsWritten, readKeys } = await import('../oidc/keys/keys.ts');
      const { signCompact } = await import('../oidc/keys/signer.ts');
      const keys = () => readAsWritten(known.keysFile);
      const signer = signerOf(known);
      const sign: AuditEffects['sign'] = async () => {
        const all = await readKeys(known.keysFile, known.secrets.keyEncryptionKeys);
        const key = all.find(({ kapu }) => kapu.status === 'signing');
        const device = key?.kapu.signer === undefined ? undefined : await signer.open();
        return key && ((payload, typ) => signCompact(payload, { alg: key.alg, kid: key.kid, typ }, key, device));
      };
      const module = await import('./audit.ts');
      await withRecords(known, (records) => work(module, { records, keys, sign, terminal, now })).finally(signer.end);
    },
    async clients(work) {
      const known = await settings();
      const surroundings = { ...known, methods: await methods() };
      const module = await import('./client.ts');
      const { createRegistrationTokens } = await import('../oidc/clients/registration-tokens.ts');
      const tokens = createRegistrationTokens(known.secrets.pairwiseSalt);
      const invitations = { enabled: known.registration.enabled, tokens };
      await withRecords(known, (records) => work(module, { records, surroundings, invitations, terminal, now }));
    },
    async recovery(work) {
      const known = await settings();
      const module = await import('./recovery.ts');
      const { methodFacts } = await import('../../interactions/methods.ts');
      const titles = (name: string) => {
        const facts = methodFacts.find((each) => each.name === name);
        return facts && { hu: facts.title('hu'), en: facts.title('en') };
      };
      const own = methodFacts.filter(({ proves }) => proves === 'own');
      const stopRules = { hold: known.recovery.hold, own };
      const newFile = (file: string, content: string) =>
        writeFile(file, content, { flag: 'wx', mode: 0o600 }).catch(({ code }: NodeJS.ErrnoException) => {
          throw new Refused(`'${file}' cannot be made (${code})`, 'name a file that is not there yet');
        });
      const tools = { ...(await activationOf(known, now)), rules: known.recovery, stopRules, titles, newFile };
      await withRecords(known, (records) => work(module, { ...tools, records, terminal, now }));
    },
    async imports(work) {
      const known = await settings();
      const module = await import('./import-command.ts');
      const tools = await activationOf(known, now);
      await withRecords(known, (records) => work(module, { ...tools, records, terminal, now }));
    },
    async explain(work) {
      const known = await settings();
      const { createExplainer } = await import('../explainer.ts');
      const { methodFacts } = await import('../../interactions/methods.ts');
      const module = await import('./explain.ts');
      await withRecords(known, (records) => {
        const explain = createExplainer({ settings: known, methods: methodFacts, records, now });
        const surroundings = { ...known, methods: methodFacts.map(({ name }) => name) };
        return work(module, { explain, methods: methodFacts, surroundings, terminal });
      });
    },
    async keys(file, work) {
      const module = await import('./keys.ts');
      // Without settings it is not known where the audit is.
      if (file !== undefined) {
        const secrets = await keyEncryptionKeysIn(env);
        const signer = () => {
          throw new Refused('which signer there is stands in the settings', 'leave --file out');
        };
        const seen = 'the time that their keysRefresh says';
        return work(module, { file, secrets, signer, seen, audit: async () => {}, terminal, now }, aMonth);
      }
      const known = await settings();
      const { keysFile, times } = known;
      const signer = signerOf(known);
      // The longest that a token signed by the key is of use: as a hint of who was signed in, an ID token lives on.
      await work(
        module,
        {
          file: keysFile,
          secrets: known.secrets.keyEncryptionKeys,
          signer: signer.open,
          seen: `${known.keysRefresh} s`,
          audit: keysAudit(known),
          terminal,
          now,
        },
        Math.max(times.refreshToken, times.sessionMax),
      ).finally(signer.end);
    },
  };
}

/** What activation codes are made, sealed and printed with. */
async function activationOf({ secrets, recovery, deployment, issuer }: Settings, now: () => Date) {
  const { createActivationCodes } = await import('../../interactions/activate/code.ts');
  const { createVault } = await import('../vault.ts');
  const { accountPath } = await import('../oidc/interaction-path.ts');
  const life = recovery.codeLife;
  return {
    codes: createActivationCodes({ keys: secrets.credentialKeys, life, now }),
    vault: createVault(secrets.credentialKeys),
    letterFacts: { deployment, startAt: `${issuer}${accountPath}`, life, now },
  };
}

/** The secrets for private keys that the environment gives. Throws Refused where they cannot be used: none would mean keys in clear. */
async function keyEncryptionKeysIn(env: World['env']): Promise<string[]> {
  const name = 'KAPU_KEY_ENCRYPTION_KEYS';
  const { values, problems } = await readEnvironment(env, (path) => readFile(path, 'utf8'));
  const wrong = problems.find(({ path }) => path.startsWith(name));
  if (wrong) throw new Refused(`${wrong.path} ${wrong.problem}`, wrong.hint);
  const { keyEncryptionKeys } = (values.secrets ?? {}) as { keyEncryptionKeys?: string[] };
  const read = settingsSchema.shape.secrets.shape.keyEncryptionKeys.safeParse(keyEncryptionKeys);
  if (!read.success) throw new Refused(`${name}: ${read.error.issues[0]?.message}`, 'openssl rand -base64 32');
  return read.data;
}

/** The signer of the settings, opened when it is first needed: it may hold connections, which would keep the process from ending. */
function signerOf({ signer }: Settings) {
  let opened: Promise<Signer> | undefined;
  return {
    async open(): Promise<Signer> {
      if (!signer) throw new Refused('the settings name no signer', 'set signer: docs/operating.md says how');
      const { openSigner } = await import('../oidc/keys/signer.ts');
      opened ??= openSigner(signer);
      return opened;
    },
    async end(): Promise<void> {
      await (await opened?.catch(() => undefined))?.end();
    },
  };
}
