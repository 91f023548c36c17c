/**
 * `kapu`: from the command line to the commands. It reads arguments, opens what a command needs and hands it over; what
 * commands do stands in commands/. Errors are one line and a hint. Exit code 1: it could not be done; 2: wrong usage.
 */

import { readdir, readFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { Command, CommanderError } from 'commander';
import { loadSettings, SettingsError } from '../config/load.ts';
import type { Settings } from '../config/settings.ts';
import { Refused, type Terminal, withRecords } from './commands/command.ts';
import { processTerminal } from './commands/terminal.ts';

const terminal = processTerminal();
const now = () => new Date();

const kapu = new Command('kapu')
  .description('Kapu, an OpenID Connect sign-in server')
  .option('-c, --config <file>', 'the settings file, in the place of KAPU_CONFIG')
  .showSuggestionAfterError()
  .exitOverride()
  .configureOutput({ outputError: (text, write) => write(`kapu: ${withoutValues(text)}`) })
  .showHelpAfterError('  hint: `kapu --help` lists commands, `kapu COMMAND --help` their options');

kapu
  .command('serve')
  .description('run the server until SIGTERM')
  .action(async () => {
    const settings = await settingsOf();
    const { serve } = await import('./commands/serve.ts');
    const { compose } = await import('./compose.ts');
    const onSignal = (callback: () => void) => {
      for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, callback);
    };
    const exit = (code: number) => process.exit(code);
    await serve({ settings, compose: () => compose(settings), onSignal, exit, terminal });
  });

kapu
  .command('check')
  .description('look at settings, stores, keys, mail and clock; exit 1 when something is broken')
  .action(async () => {
    const { openCheck } = await import('./commands/open-check.ts');
    const methods = await methodNames();
    const settings = await settingsOf().catch((fault: unknown) => {
      if (fault instanceof SettingsError) return fault;
      throw fault;
    });
    if (!(await openCheck(settings, methods, terminal, now))) process.exitCode = 1;
  });

kapu
  .command('migrate')
  .description('bring the database to the schema that this version needs')
  .action(async () => {
    const { migrate } = await import('./commands/migrate.ts');
    const { openRecords } = await import('./stores.ts');
    const records = await openRecords(await settingsOf());
    try {
      await migrate(records, terminal);
    } finally {
      await records.end();
    }
  });

const account = kapu.command('account').description("people's accounts");
account
  .command('add <username>')
  .description('add an account; its password comes on standard input')
  .option('--email <address>')
  .option('--email-verified', 'the address is known to be theirs: codes may go to it')
  .option('--name <name>', "full name, in the register's order")
  .option('--birth-name <name>')
  .option('--birth-date <date>', 'YYYY-MM-DD')
  .option('--locale <language>', 'hu or en', 'hu')
  .option('--generate', 'make a password up and print it')
  .option('--no-password', 'leave the account without one')
  .action((username, options) => withAccounts((module, effects) => module.addAccount(username, options, effects)));
account
  .command('set-password <username>')
  .description('the new password comes on standard input')
  .option('--generate', 'make a password up and print it')
  .action((username, options) => withAccounts((module, effects) => module.setPassword(username, options, effects)));
account
  .command('disable <username>')
  .description('let nobody sign in to it')
  .action((username) => withAccounts((module, effects) => module.setStatus(username, 'disabled', effects)));
account
  .command('enable <username>')
  .action((username) => withAccounts((module, effects) => module.setStatus(username, 'active', effects)));
account
  .command('show <username>')
  .description('print it as JSON')
  .action((username) => withAccounts((module, effects) => module.showAccount(username, effects)));
account.command('list').action(() => withAccounts((module, effects) => module.listAccounts(effects)));

const client = kapu.command('client').description('services that sign people in');
client
  .command('put <file>')
  .description("add a client, or change it to what the JSON file says; '-' is standard input")
  .action(async (file) => {
    const text = file === '-' ? await terminal.read('') : await textOf(file);
    await withClients((module, effects) => module.putClient(file, text, effects));
  });
client
  .command('show <id>')
  .description('print it as JSON')
  .option('--secret', 'with its secret')
  .action((id, options) => withClients((module, effects) => module.showClient(id, options, effects)));
client.command('list').action(() => withClients((module, effects) => module.listClients(effects)));
client
  .command('remove <id>')
  .description('and the consents given to it')
  .action((id) => withClients((module, effects) => module.removeClient(id, effects)));

const keys = kapu
  .command('keys')
  .description('signing keys')
  .option('-f, --file <file>', 'the keys file, in the place of keysFile; needs no settings');
keys
  .command('add')
  .description('publish a new key; the first of its algorithm signs at once')
  .option('--alg <algorithm...>', 'ES256, RS256, PS256, EdDSA', ['ES256'])
  .option('--if-missing', 'only where no key signs yet')
  .action((options) => withKeys((module, effects) => module.addKeys(options.alg, options, effects)));
keys
  .command('promote <key>')
  .description('let it sign; the one that signed is retiring')
  .option('--force', 'though services may not know it yet')
  .action((kid, options) => withKeys((module, effects) => module.promoteKey(kid, options, effects)));
keys
  .command('retire <key>')
  .description('take it away')
  .option('--force', 'though tokens that it signed may be in use')
  .action((kid, options) => withKeys((module, effects, keepFor) => module.retireKey(kid, options, keepFor, effects)));
keys.command('list').action(() => withKeys((module, effects) => module.listKeys(effects)));

/** Names of the sign-in methods: each is a folder. */
function methodNames(): Promise<string[]> {
  return readdir(new URL('../interactions/methods/', import.meta.url));
}

async function settingsOf(): Promise<Settings> {
  const { config } = kapu.opts<{ config?: string }>();
  const env = config === undefined ? process.env : { ...process.env, KAPU_CONFIG: config };
  return loadSettings({ env, methods: await methodNames() });
}

type AccountModule = typeof import('./commands/account.ts');
async function withAccounts(
  work: (module: AccountModule, effects: Parameters<AccountModule['showAccount']>[1]) => Promise<void>,
) {
  const settings = await settingsOf();
  const { createPasswords } = await import('./passwords/passwords.ts');
  const passwords = createPasswords({
    settings: settings.password,
    peppers: settings.secrets.peppers,
    cores: availableParallelism(),
    now,
  });
  const module = await import('./commands/account.ts');
  await withRecords(settings, (records) => work(module, { records, passwords, terminal, now }));
}

type ClientModule = typeof import('./commands/client.ts');
async function withClients(
  work: (module: ClientModule, effects: Parameters<ClientModule['removeClient']>[1]) => Promise<void>,
) {
  const settings = await settingsOf();
  const surroundings = { ...settings, methods: await methodNames() };
  const module = await import('./commands/client.ts');
  await withRecords(settings, (records) => work(module, { records, surroundings, terminal, now }));
}

type KeysModule = typeof import('./commands/keys.ts');
async function withKeys(
  work: (
    module: KeysModule,
    effects: { file: string; terminal: Terminal; now: () => Date },
    keepFor: number,
  ) => Promise<void>,
) {
  const { file } = keys.opts<{ file?: string }>();
  const module = await import('./commands/keys.ts');
  if (file !== undefined) return work(module, { file, terminal, now }, aMonth);
  const { keysFile, times } = await settingsOf();
  // The longest that a token signed by the key is of use: as a hint of who was signed in, an ID token lives on.
  await work(module, { file: keysFile, terminal, now }, Math.max(times.refreshToken, times.sessionMax));
}

const aMonth = 30 * 24 * 3600;

async function textOf(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (fault) {
    throw new Refused(
      `'${file}' cannot be read (${(fault as NodeJS.ErrnoException).code})`,
      'check its path and its permissions',
    );
  }
}

/** What commander says, without the value of an option that it does not know: it may be a password. */
function withoutValues(text: string): string {
  return text.replace(/^error: /, '').replace(/(--[\w-]+)=[^']*/g, '$1');
}

/** One line on what is wrong, and a hint, for whoever typed the command. */
function explain(fault: unknown): string {
  const { name, message, hint } = fault as Error & { hint?: string };
  if (fault instanceof SettingsError) return `kapu: ${message}`;
  const known: Record<string, string> = {
    RecordsUnavailable: '`kapu check` looks at every part',
    StateUnavailable: '`kapu check` looks at every part',
    TextRefused: 'change it',
  };
  return `kapu: ${message}\n  hint: ${hint ?? known[name] ?? 'this is a fault of Kapu itself; NODE_DEBUG=kapu shows where'}`;
}

try {
  await kapu.parseAsync();
} catch (fault) {
  if (fault instanceof CommanderError) {
    process.exitCode = fault.exitCode === 0 ? 0 : 2;
  } else {
    terminal.err(explain(fault));
    if (process.env.NODE_DEBUG?.includes('kapu')) console.error(fault);
    process.exitCode = 1;
  }
}
