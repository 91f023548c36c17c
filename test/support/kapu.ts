/**
 * A whole server for a test: composed as in production, over the stores that the test names, with the demo's people and
 * clients, its mail going over SMTP into a catcher.
 */

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { demoSettings } from '../../config/demo.ts';
import { type Settings, type SettingsInput, settingsSchema } from '../../config/settings.ts';
import { seed } from '../../demo/seed.ts';
import { compose, type Parts } from '../../src/compose.ts';
import { createLog } from '../../src/log.ts';
import { ensureKeys } from '../../src/oidc/keys.ts';
import type { Records } from '../../src/records/records.ts';
import { Agent, type AgentOptions } from './agent.ts';
import { eventually } from './eventually.ts';
import { freePort } from './ports.ts';
import { type ReceivedMail, type Smtp, startSmtp } from './smtp.ts';

export interface TestKapu {
  issuer: string;
  operations: string;
  settings: Settings;
  smtp: Smtp;
  records: Records;
  /** Every line logged so far. */
  log: string[];
  agent(options?: Partial<AgentOptions>): Agent;
  /** The newest mail to `address`, once there are `count` of them since the start. */
  mail(address: string, count?: number): Promise<ReceivedMail>;
  /** The code in the newest mail to `address`. */
  code(address: string, count?: number): Promise<string>;
  mailsTo(address: string): ReceivedMail[];
  /** Stops the server and starts another one on the same settings and stores. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

export interface TestKapuOptions extends Parts {
  /** Changes the settings before the server starts. */
  change?: (settings: SettingsInput) => void;
}

export async function startKapu({ change, ...parts }: TestKapuOptions = {}): Promise<TestKapu> {
  const folder = await mkdtemp(join(tmpdir(), 'kapu-test-'));
  const smtp = await startSmtp();
  const port = await freePort();
  const input = demoSettings({ port, smtpPort: smtp.port, folder });
  input.operations = { host: '127.0.0.1', port: await freePort() };
  // A file, so that records survive a restart of the server as they do outside of tests.
  input.records = { kind: 'sqlite', file: join(folder, 'kapu.sqlite') };
  change?.(input);
  const settings = settingsSchema.parse(input);
  await ensureKeys(settings.keysFile, ['ES256', 'RS256'], () => new Date());

  const log: string[] = [];
  const destination = new Writable({
    write(chunk, _encoding, done) {
      log.push(...String(chunk).split('\n').filter(Boolean));
      done();
    },
  });
  const start = async () => {
    const server = await compose(settings, { ...parts, log: parts.log ?? createLog({ level: 'debug', destination }) });
    await server.start();
    return server;
  };
  let server = await start();
  if ((await server.records.accounts.list({ limit: 1 })).length === 0) await seed(server.records, settings, port);

  const mailsTo = (address: string) => smtp.mails.filter(({ recipients }) => recipients.includes(address));
  const mail = async (address: string, count = 1) => {
    await eventually(`${count} mails to ${address}`, () => mailsTo(address).length >= count);
    return mailsTo(address).at(-1)!;
  };
  return {
    issuer: settings.issuer,
    operations: `http://127.0.0.1:${settings.operations.port}`,
    settings,
    smtp,
    get records() {
      return server.records;
    },
    log,
    agent: (options) => new Agent({ origin: settings.issuer, language: 'en', ...options }),
    mailsTo,
    mail,
    code: async (address, count) => codeIn(await mail(address, count)),
    async restart() {
      await server.stop();
      server = await start();
    },
    async stop() {
      await server.stop();
      await smtp.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** The code that a mail carries. */
export function codeIn(mail: ReceivedMail): string {
  const found = /^\s*(\d[\d ]{4,14}\d)\s*$/m.exec(mail.text ?? '');
  if (!found) throw new Error(`no code in the mail: ${mail.text}`);
  return found[1]!.replaceAll(' ', '');
}
