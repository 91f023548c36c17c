/**
 * A whole server for a test: composed as in production, over the stores that the test names, with the demo's people and
 * clients, its mail going over SMTP into a catcher.
 */

import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { type Logger, pino } from 'pino';
import { demoPeople, demoSettings } from '../../config/demo.ts';
import { type Settings, type SettingsInput, settingsSchema } from '../../config/settings.ts';
import { seed } from '../../demo/seed.ts';
import { compose, type Parts } from '../../src/compose.ts';
import { createLog } from '../../src/log.ts';
import { ensureKeys } from '../../src/oidc/keys/keys.ts';
import type { Records } from '../../src/records/records.ts';
import type { State } from '../../src/state/state.ts';
import { openRecords, openState } from '../../src/stores.ts';
import { Agent, type AgentOptions, type Page } from './agent.ts';
import type { Clock } from './clock.ts';
import { eventually } from './eventually.ts';
import { overhear } from './overheard.ts';
import { freePort } from './ports.ts';
import { type RelyingParty, type RelyingPartyOptions, relyingParty } from './relying-party.ts';
import { addKept, addKeys, auditLines, leaksIn, noteStart, scan } from './scan.ts';
import { seen } from './secrets.ts';
import { type ReceivedMail, type Smtp, startSmtp } from './smtp.ts';
import { isOverCluster, type StateInCluster, stateInCluster } from './state-in-cluster.ts';

export interface TestKapu {
  issuer: string;
  operations: string;
  settings: Settings;
  /** In the second run of test/flow: where the state is. */
  inCluster?: StateInCluster;
  smtp: Smtp;
  records: Records;
  /** Every line logged so far. */
  log: string[];
  /** Everything secret that the agents and services of this server have sent or been given, and people's addresses. */
  secrets: Set<string>;
  /** Log lines and audit entries so far that hold a secret. `stop` looks by itself. */
  leaks(): Promise<string[]>;
  agent(options?: Partial<AgentOptions>): Agent;
  /** A relying party of this server: the demo's client `demo-native` unless told otherwise. */
  service(options?: RelyingPartyOptions): Promise<RelyingParty>;
  /** The newest mail to `address`, once there are `count` of them since the start. */
  mail(address: string, count?: number): Promise<ReceivedMail>;
  /** The code in the newest mail to `address`. */
  code(address: string, count?: number): Promise<string>;
  /** The newest mail of the sign-in that shows the code page `page`, once there are `count` of them. */
  mailFor(page: Page, count?: number): Promise<ReceivedMail>;
  /** The code in that mail. */
  codeFor(page: Page, count?: number): Promise<string>;
  mailsTo(address: string): ReceivedMail[];
  /** Stops the server and starts another one on the same settings and stores. */
  restart(): Promise<void>;
  /** Stops it. Throws when its log or its audit holds a secret (scan.ts). */
  stop(): Promise<void>;
}

export interface TestKapuOptions extends Parts {
  /** Changes the settings before the server starts. */
  change?: (settings: SettingsInput) => void;
  /** The server's time, and its state's. */
  clock?: Clock;
  /** Puts something around the state store. */
  around?: (state: State) => State;
}

/** Room for one person, at one address, who signs in far more often than people do. */
export function unlimited(settings: SettingsInput): void {
  const plenty = 100_000;
  Object.assign(settings.password, { triesPerAccount: plenty, triesPerOrigin: plenty, triesFromAnywhere: plenty });
  Object.assign(settings.emailCode, {
    sendsPerAccount: plenty,
    sendsInAll: plenty,
    triesPerAccount: plenty,
    shortCodeChances: plenty,
  });
}

/** Settings for a file of tests in which one person signs in all the time: room for it, and cheap hashes. */
export function roomy(settings: SettingsInput): void {
  unlimited(settings);
  settings.password.memoryCost = 1024;
}

/**
 * Starts it: with state in memory unless told otherwise, and in the cluster in the second run of test/flow, which takes no file
 * that keeps its state elsewhere.
 */
export async function startKapu({ change, clock, around, ...given }: TestKapuOptions = {}): Promise<TestKapu> {
  const folder = await mkdtemp(join(tmpdir(), 'kapu-test-'));
  const smtp = await startSmtp();
  // The demo's service is at the next one.
  const port = await freePort(1);
  const input = demoSettings({ port, smtpPort: smtp.port, folder });
  input.operations = { host: '127.0.0.1', port: await freePort() };
  // A file, so that records survive a restart of the server as they do outside of tests.
  input.records = { kind: 'sqlite', file: join(folder, 'kapu.sqlite') };
  change?.(input);
  const inCluster = isOverCluster() ? await stateInCluster() : undefined;
  if (inCluster && (given.state || input.state?.kind !== 'memory'))
    throw new Error('a file of test/flow leaves its state to startKapu, so that it runs in a cluster as well');
  if (inCluster) input.state = inCluster.settings;
  const deaf = inCluster && clock?.onMove(inCluster.elapse);
  const settings = settingsSchema.parse(input);
  const parts = { ...(clock && { now: clock.now }), ...given };
  const wrapped = around && (await openState(settings, parts.now));
  if (wrapped) parts.state = around(wrapped);
  await ensureKeys(settings.keysFile, ['ES256', 'RS256'], () => new Date());

  const log: string[] = [];
  const keep = (text: unknown) => void log.push(...String(text).split('\n').filter(Boolean));
  const destination = new Writable({
    write(chunk, _encoding, done) {
      keep(chunk);
      done();
    },
  });
  if (parts.log) copyLines(parts.log, keep);
  const start = async () => {
    const server = await compose(settings, { ...parts, log: parts.log ?? createLog({ level: 'debug', destination }) });
    await server.start();
    return server;
  };
  const deafened = overhear(settings.listen.port);
  addKeys(settings, await readFile(settings.keysFile, 'utf8'));
  let server = await start();
  noteStart(settings.issuer);
  /** What the audit holds; the server may have ended. */
  const readAudit = async () => {
    const records = parts.records ?? (await openRecords(settings, parts.now));
    try {
      await addKept(records);
      return await auditLines(records);
    } finally {
      if (!parts.records) await records.end();
    }
  };
  if ((await server.records.accounts.list({ limit: 1 })).length === 0) await seed(server.records, settings, port);

  const mailsTo = (address: string) => smtp.mails.filter(({ recipients }) => recipients.includes(address));
  const mail = async (address: string, count = 1) => {
    await eventually(`${count} mails to ${address}`, () => mailsTo(address).length >= count);
    return mailsTo(address).at(-1)!;
  };
  const mailFor = async (page: Page, count = 1) => {
    const reference = mailReferenceOn(page);
    const found = () => smtp.mails.filter(({ subject }) => subject?.includes(reference));
    await eventually(`${count} mails with the reference ${reference}`, () => found().length >= count);
    return found().at(-1)!;
  };
  const secrets = new Set<string>(demoPeople.flatMap((person) => ('email' in person ? [person.email] : [])));
  return {
    issuer: settings.issuer,
    operations: `http://127.0.0.1:${settings.operations.port}`,
    settings,
    inCluster,
    smtp,
    get records() {
      return server.records;
    },
    log,
    secrets,
    async leaks() {
      const audit = await readAudit();
      for (const secret of secrets) seen.add('token', secret);
      return leaksIn([...log, ...audit]).map(({ line }) => line);
    },
    agent: (options) => new Agent({ origin: settings.issuer, language: 'en', secrets, ...options }),
    service: (options) => relyingParty(settings.issuer, { secrets, ...options }),
    mailsTo,
    mail,
    code: async (address, count) => codeIn(await mail(address, count)),
    mailFor,
    codeFor: async (page, count) => codeIn(await mailFor(page, count)),
    async restart() {
      await server.stop();
      server = await start();
    },
    async stop() {
      await server.stop();
      deafened();
      try {
        for (const secret of secrets) seen.add('token', secret);
        scan(settings.issuer, log, await readAudit());
      } finally {
        await wrapped?.end();
        deaf?.();
        await inCluster?.stop();
        await smtp.stop();
        await rm(folder, { recursive: true, force: true });
      }
    },
  };
}

/** Gives each line that `log` and its children write to `keep` as well. */
function copyLines(log: Logger, keep: (line: string) => void): void {
  const stream = (log as unknown as Record<symbol, { write(line: string): unknown }>)[pino.symbols.streamSym]!;
  const write = stream.write.bind(stream);
  stream.write = (line) => {
    keep(line);
    return write(line);
  };
}

/** The code that a mail carries. */
export function codeIn(mail: ReceivedMail): string {
  const found = /^\s*(\d[\d ]{4,14}\d)\s*$/m.exec(mail.text ?? '');
  if (!found) throw new Error(`no code in the mail: ${mail.text}`);
  return found[1]!.replaceAll(' ', '');
}

/** The reference that a code page shares with its mails. */
export function mailReferenceOn(page: Page): string {
  const found = /<dd>([2-9A-Z]{4})<\/dd>/.exec(page.html);
  if (!found) throw new Error(`no reference of a mail on ${page.url.href} (${page.status})`);
  return found[1]!;
}
