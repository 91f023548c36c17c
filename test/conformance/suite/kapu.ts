/** Kapu as the suite meets it: with the certification settings, over TLS, and with clients whose keys are made for this run. */

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Logger } from 'pino';
import {
  conformanceClients,
  conformancePassword,
  conformancePeople,
  conformanceSettings,
  type signingClients,
} from '../../../config/conformance.ts';
import { type Settings, settingsSchema } from '../../../config/settings.ts';
import { compose, type Kapu } from '../../../src/compose.ts';
import { createLog } from '../../../src/log.ts';
import { parseClient } from '../../../src/oidc/clients/metadata.ts';
import { createRegistrationTokens } from '../../../src/oidc/clients/registration-tokens.ts';
import { changeKeys, ensureKeys } from '../../../src/oidc/keys/keys.ts';
import { addKey, generateKey, promote } from '../../../src/oidc/keys/life.ts';
import { createPasswords } from '../../../src/passwords/passwords.ts';
import { certificate } from '../../support/certificate.ts';
import { makeKeys } from '../client.ts';
import type { ClientParts, Surroundings } from './configuration.ts';

export interface ConformanceKapuOptions {
  /** Where the suite reaches Kapu, and where it does with certificates: https. */
  issuer: string;
  mtls: string;
  operationsPort: number;
  /** The suite's address, and the name of the tests there. */
  suite: string;
  alias: string;
  /** The pair of clients that sign in this run. */
  signing?: keyof typeof signingClients;
  /** PEM files of a certificate that the suite's browser is to trust; one is made where none is given. */
  tls?: { cert: string; key: string };
  suiteCa?: string;
  log?: Logger;
}

export interface ConformanceKapu {
  /** What the suite's configuration is made of. */
  surroundings: Surroundings;
  settings: Settings;
  clients: Record<string, unknown>[];
  /** PEM; Kapu's own certificate. */
  cert: string;
  /** Puts another signing key into use, as an operator does. */
  rotate(): Promise<void>;
  stop(): Promise<void>;
}

/** The name that a suite's tests are reached under. */
export const testsAt = (suite: string, alias: string) => `${suite.replace(/\/+$/, '')}/test/a/${alias}`;

/** Starts it; ready when the promise resolves. */
export async function startConformanceKapu(options: ConformanceKapuOptions): Promise<ConformanceKapu> {
  const { issuer, mtls, alias, suite } = options;
  const folder = await mkdtemp(join(tmpdir(), 'kapu-conformance-'));
  try {
    // A plan takes its time: the certificates outlive it by far.
    const own = certificate({ hosts: [new URL(issuer).hostname, new URL(mtls).hostname], hours: 48 });
    const authority = certificate({ hours: 48 });
    const files = {
      cert: join(folder, 'kapu.crt'),
      key: join(folder, 'kapu.key'),
      clientCa: join(folder, 'clients.crt'),
    };
    await writeFile(files.cert, own.cert);
    await writeFile(files.key, own.key, { mode: 0o600 });
    await writeFile(files.clientCa, authority.cert);

    const made = (options.signing ? [options.signing, `${options.signing}-2`] : []).map((id) => {
      // RSA, so that the modules that sign with RS256 in its place have something to sign with.
      const { privateKey, jwk } = makeKeys('PS256', `${id}-key`);
      const { cert, key } = certificate({ commonName: id, by: authority, hours: 48 });
      return { id, jwk, parts: { jwk: { ...privateKey.export({ format: 'jwk' }), ...jwk }, cert, key } };
    });
    const parts = Object.fromEntries(made.map(({ id, parts }): [string, ClientParts] => [id, parts]));
    const settings = settingsSchema.parse(conformanceSettings({ ...options, ...files, ...options.tls, folder }));
    const clients = conformanceClients(testsAt(suite, alias), Object.fromEntries(made.map(({ id, jwk }) => [id, jwk])));
    await ensureKeys(settings.keysFile, ['ES256', 'RS256'], () => new Date());
    const kapu = await compose(settings, { log: options.log ?? createLog({ level: 'error' }) });
    await put(kapu, settings, clients);
    await kapu.start();
    return {
      surroundings: { issuer, mtls, alias, parts, clientCa: authority.cert, invitation: invitationOf(settings) },
      settings,
      clients,
      cert: own.cert,
      async rotate() {
        await changeKeys(settings.keysFile, async (keys) => {
          const key = await generateKey('RS256', new Date());
          return promote(addKey(keys, key, new Date()), key.kid, new Date(), true);
        });
        await kapu.reload();
      },
      async stop() {
        await kapu.stop();
        await rm(folder, { recursive: true, force: true });
      },
    };
  } catch (fault) {
    await rm(folder, { recursive: true, force: true });
    throw fault;
  }
}

/** For as many clients as a plan registers, and as long as it takes. */
function invitationOf({ secrets }: Settings): string {
  const until = new Date(Date.now() + 48 * 60 * 60 * 1000);
  return createRegistrationTokens(secrets.pairwiseSalt).invite({ id: 'conformance', uses: 1_000, until });
}

/** People and clients, the clients checked as `kapu client put` checks them. */
async function put({ records }: Kapu, settings: Settings, clients: Record<string, unknown>[]): Promise<void> {
  for (const file of clients) {
    const parsed = parseClient(file, { ...settings, methods: ['password', 'email-code'] });
    if (!parsed.ok) throw new Error(`${file.client_id}: ${JSON.stringify(parsed.problems)}`);
    const { client_id, ...metadata } = parsed.client;
    await records.clients.put(client_id, metadata);
  }
  const passwords = createPasswords({
    settings: settings.password,
    peppers: settings.secrets.peppers,
    cores: availableParallelism(),
    now: () => new Date(),
  });
  for (const person of conformancePeople) {
    const made = await passwords.hash(conformancePassword);
    if (made.outcome === 'hashed') await records.accounts.add({ ...person }, made.hash);
  }
}
