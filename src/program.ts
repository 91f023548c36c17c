/**
 * `kapu`: from the command line to the commands. It reads arguments and hands over; what commands need is opened by
 * commands/session.ts, what they do stands beside it. Errors are one line and a hint.
 */

import { readFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import { SettingsError } from '../config/load.ts';
import { duration } from '../config/settings.ts';
import { Misused, Refused } from './commands/command.ts';
import { createSession, type World } from './commands/session.ts';

/** Runs one command line. Gives the exit code: 0; 1 when it could not be done; 2 for wrong usage. `serve` goes on after it. */
export async function run(args: readonly string[], world: World): Promise<number> {
  const { terminal } = world;
  let code = 0;

  const kapu = new Command('kapu')
    .description('Kapu, an OpenID Connect sign-in server')
    .option('-c, --config <file>', 'the settings file, in the place of KAPU_CONFIG')
    .showSuggestionAfterError()
    .exitOverride()
    .configureOutput({
      writeOut: (text) => terminal.out(text.trimEnd()),
      writeErr: (text) => terminal.err(text.trimEnd()),
      outputError: (text, write) => write(`kapu: ${withoutValues(text)}`),
    })
    .showHelpAfterError('  hint: `kapu --help` lists commands, `kapu COMMAND --help` their options');
  const session = createSession(world, () => kapu.opts<{ config?: string }>().config);

  kapu
    .command('serve')
    .description('run the server until SIGTERM')
    .option('-w, --workers <number>', "processes that share the work; 'auto' is one a core", workersOf, 1)
    .action(async ({ workers }) => {
      const settings = await session.settings();
      const { ownNumber, startWorker, supervisor } = await import('./workers/processes.ts');
      const number = ownNumber();
      if (workers > 1 && number === undefined) {
        const { serveByWorkers } = await import('./commands/serve-workers.ts');
        return serveByWorkers({ ...world, settings, count: workers, startWorker });
      }
      const { serve } = await import('./commands/serve.ts');
      const { serveAsWorker } = await import('./commands/serve-as-worker.ts');
      const { compose } = await import('./compose.ts');
      const { hashesGiveWay } = await import('./passwords/give-way.ts');
      if (number === undefined) await serve({ ...world, settings, compose: () => compose(settings) });
      else await serveAsWorker({ ...world, settings, number, supervisor, compose });
      hashesGiveWay();
    });

  kapu
    .command('check')
    .description('look at settings, stores, keys, mail and clock; exit 1 when something is broken')
    .action(async () => {
      const { openCheck } = await import('./commands/open-check.ts');
      const settings = await session.settings().catch((fault: unknown) => {
        if (fault instanceof SettingsError) return fault;
        throw fault;
      });
      if (!(await openCheck(settings, await session.methods(), world))) code = 1;
    });

  kapu
    .command('migrate')
    .description('bring the database to the schema that this version needs')
    .action(async () => {
      const { migrate } = await import('./commands/migrate.ts');
      const { openRecords } = await import('./stores.ts');
      const records = await openRecords(await session.settings());
      try {
        await migrate(records, terminal);
      } finally {
        await records.end();
      }
    });

  kapu
    .command('backup <file>')
    .description('write all records to a file, while servers run')
    .action(async (file) => {
      const { backup } = await import('./commands/backup.ts');
      const { withRecords } = await import('./commands/command.ts');
      await withRecords(await session.settings(), (records) => backup(file, { ...world, records }));
    });

  kapu
    .command('restore <file>')
    .description('fill an empty database from a backup, all or nothing')
    .option('--replace', 'in the place of what the database holds')
    .action(async (file, options) => {
      const { restore } = await import('./commands/restore.ts');
      const { openRecords } = await import('./stores.ts');
      const records = await openRecords(await session.settings());
      try {
        await restore(file, options, { ...world, records });
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
    .action((username, options) =>
      session.accounts((module, effects) => module.addAccount(username, options, effects)),
    );
  account
    .command('import <file>')
    .description("add accounts from CSV or lines of JSON; '-' is standard input; exit 1 when rows were refused")
    .addOption(new Option('--format <format>', 'where the name of the file does not tell').choices(['csv', 'jsonl']))
    .option('--separator <character>', 'between the cells of CSV', ',')
    .option('--locale <language>', 'of rows that name none: hu or en', 'hu')
    .addOption(
      new Option('--activation <way>', 'codes with which the owners choose a password').choices(['mail', 'letter']),
    )
    .option('--letters <folder>', 'where letters to print go')
    .option('--report <file>', 'CSV of the rows that were refused, and why')
    .option('--dry-run', 'change nothing, and say what would be')
    .action((file, options) =>
      session.imports(async (module, effects) => {
        if (!(await module.importFile(file, options, effects))) code = 1;
      }),
    );
  account
    .command('set-password <username>')
    .description('for trials: the new password comes on standard input')
    .option('--generate', 'make a password up and print it')
    .action((username, options) =>
      session.accounts((module, effects) => module.setPassword(username, options, effects)),
    );
  account
    .command('disable <username>')
    .description('let nobody sign in to it')
    .action((username) => session.accounts((module, effects) => module.setStatus(username, 'disabled', effects)));
  account
    .command('enable <username>')
    .description('let its owner sign in again')
    .action((username) => session.accounts((module, effects) => module.setStatus(username, 'active', effects)));
  account
    .command('end-sessions <username>')
    .description('sign its owner out everywhere')
    .action((username) => session.accounts((module, effects) => module.endSessions(username, effects)));
  account
    .command('reset <username>')
    .description('issue a code with which its owner chooses a new password; until then the old one stays')
    .option('--mail', 'to the verified address; codes by mail count for nothing for a while after it is used')
    .option('--letter <file>', 'as a letter to print')
    .action((username, options) => session.recovery((module, effects) => module.reset(username, options, effects)));
  account
    .command('methods <username>')
    .description('print what it can be signed in to with; nothing secret')
    .action((username) => session.recovery((module, effects) => module.methods(username, effects)));
  account
    .command('remove-method <username> <method> [id]')
    .description('take a method away that was lost or stolen: all of it, or one')
    .action((username, method, id) =>
      session.recovery((module, effects) => module.removeMethod(username, method, id, effects)),
    );
  account
    .command('desk-check <username>')
    .description('note that you have seen its owner: it is no longer held, and a new password is due')
    .requiredOption('--operator <name>', 'who you are')
    .requiredOption('--letter <file>', 'as which the code for a new password is written, to be handed over')
    .option('--email <address>', 'the address that its owner has from now on, where others read the one of before')
    .option('--without-email', 'its owner has no address: they set up a method of their own instead')
    .action((username, options) => session.recovery((module, effects) => module.deskCheck(username, options, effects)));
  account
    .command('hold <username>')
    .description('stop what its mailbox could be used for, until a proof of its owner or a desk check')
    .action((username) => session.recovery((module, effects) => module.hold(username, effects)));
  account
    .command('show <username>')
    .description('print it as JSON')
    .action((username) => session.accounts((module, effects) => module.showAccount(username, effects)));
  account
    .command('list')
    .description('print all, by user name')
    .action(() => session.accounts((module, effects) => module.listAccounts(effects)));

  const audit = kapu
    .command('audit')
    .description('what people, services and operators did, and whether it is all there');
  const since = () => new Option('--since <time>', 'from then on').argParser(timeOf);
  audit
    .command('show')
    .description('print what was written of an account')
    .requiredOption('--account <username>', 'whose')
    .addOption(since())
    .action(({ account, ...options }) =>
      session.audit((module, effects) => module.showAudit(account, options, effects)),
    );
  audit
    .command('export')
    .description('print all as JSON lines, oldest first')
    .addOption(since())
    .action((options) => session.audit((module, effects) => module.exportAudit(options, effects)));
  audit
    .command('head')
    .description('print the ends of all chains, signed: to be kept elsewhere')
    .option('--before <time>', 'as they were then, when what was written before is going to be removed', timeOf)
    .action((options) => session.audit((module, effects) => module.printHeads(options, effects)));
  audit
    .command('verify')
    .description('look for entries that were changed, removed, inserted or moved; exit 1 when there are any')
    .option('--heads <file>', 'what `kapu audit head` printed')
    .option('--since <time>', 'what was written before then has been removed by you', timeOf)
    .option('--mixed-until <time>', 'a version that knew no chains ran until then', timeOf)
    .action(async ({ heads: name, ...options }) => {
      const heads = name === undefined ? undefined : { name, text: await textOf(name) };
      await session.audit(async (module, effects) => {
        if (!(await module.verifyAudit({ heads, ...options }, effects))) code = 1;
      });
    });

  const client = kapu.command('client').description('services that sign people in');
  client
    .command('put <file>')
    .description("add a client, or change it to what the JSON file says; '-' is standard input")
    .action(async (file) => {
      const text = file === '-' ? await terminal.read('') : await textOf(file);
      await session.clients((module, effects) => module.putClient(file, text, effects));
    });
  client
    .command('show <id>')
    .description('print it as JSON')
    .option('--secret', 'with its secret')
    .action((id, options) => session.clients((module, effects) => module.showClient(id, options, effects)));
  client
    .command('list')
    .description('print all')
    .action(() => session.clients((module, effects) => module.listClients(effects)));
  client
    .command('invite')
    .description('print an invitation, with which services register themselves')
    .option('--uses <number>', 'how many services', positive, 1)
    .option('--life <duration>', 'how long it is good: 12h, 7d', secondsOf, 7 * 24 * 3600)
    .action((options) => session.clients((module, effects) => module.invite(options, effects)));
  client
    .command('remove <id>')
    .description('and the consents given to it')
    .action((id) => session.clients((module, effects) => module.removeClient(id, effects)));

  kapu
    .command('explain <url>')
    .description(
      "what an authorization request will lead to, and why; '-' reads it from standard input; exit 1 when it fails",
    )
    .option('--session <level>', "the level that the browser is signed in at, or 'none'", 'none')
    .option('--age <duration>', 'how long ago that was: 30s, 20m, 2h', secondsOf, 60)
    .option('--account <username>', 'who signs in; otherwise somebody who has set up every method')
    .option('--client-file <file>', 'the client as it is to be put, in the place of the one on record')
    .addOption(new Option('--locale <language>', 'of the explanation').choices(['hu', 'en']).default('en'))
    .option('--json', 'for programs')
    .action(async (url, { clientFile: name, ...options }) => {
      const asked = url === '-' ? await terminal.read('URL: ') : url;
      const clientFile = name === undefined ? undefined : { name, text: await textOf(name) };
      await session.explain(async (module, effects) => {
        if (!(await module.explain(asked, { ...options, clientFile }, effects))) code = 1;
      });
    });

  const keys = kapu
    .command('keys')
    .description('signing keys')
    .option('-f, --file <file>', 'the keys file, in the place of keysFile; needs no settings');
  const fileOf = () => keys.opts<{ file?: string }>().file;
  keys
    .command('add')
    .description('publish a new key; the first of its algorithm signs at once')
    .option('--alg <algorithm...>', 'ES256, RS256, PS256, EdDSA', ['ES256'])
    .option('--if-missing', 'only where no key signs yet')
    .option('--signer <name>', 'one that the signer has, by its name there')
    .action((options) => session.keys(fileOf(), (module, effects) => module.addKeys(options.alg, options, effects)));
  keys
    .command('promote <key>')
    .description('let it sign; the one that signed is retiring')
    .option('--force', 'though services may not know it yet')
    .action((kid, options) => session.keys(fileOf(), (module, effects) => module.promoteKey(kid, options, effects)));
  keys
    .command('retire <key>')
    .description('take it away')
    .option('--force', 'though tokens that it signed may be in use')
    .action((kid, options) =>
      session.keys(fileOf(), (module, effects, keepFor) => module.retireKey(kid, options, keepFor, effects)),
    );
  keys
    .command('reencrypt')
    .description('write all private keys encrypted with the first of KAPU_KEY_ENCRYPTION_KEYS')
    .action(() => session.keys(fileOf(), (module, effects) => module.reencryptKeys(effects)));
  keys
    .command('list')
    .description('print all, with what each is there for')
    .action(() => session.keys(fileOf(), (module, effects) => module.listKeys(effects)));

  try {
    await kapu.parseAsync(args, { from: 'user' });
    return code;
  } catch (fault) {
    if (fault instanceof CommanderError) return fault.exitCode === 0 ? 0 : 2;
    terminal.err(explain(fault));
    if (world.env.NODE_DEBUG?.includes('kapu')) terminal.err(String((fault as Error).stack));
    return fault instanceof Misused ? 2 : 1;
  }
}

/** A duration as settings write it, in seconds. */
function secondsOf(text: string): number {
  const read = duration.safeParse(text);
  if (read.success) return read.data;
  throw new InvalidArgumentError("Write a number and a unit: '30s', '20m', '2h'.");
}

function positive(text: string): number {
  if (/^[1-9]\d{0,5}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('Write a number from 1 on.');
}

function workersOf(text: string): number {
  if (text === 'auto') return availableParallelism();
  if (/^[1-9]\d{0,2}$/.test(text)) return Number(text);
  throw new InvalidArgumentError("Write a number from 1 on, or 'auto' for one a core.");
}

/** A moment as ISO 8601 writes it; a day alone begins at midnight UTC. */
function timeOf(text: string): Date {
  const time = new Date(text);
  if (/^\d{4}-\d{2}-\d{2}(T[\d:.]+(Z|[+-]\d{2}:\d{2}))?$/.test(text) && !Number.isNaN(time.getTime())) return time;
  throw new InvalidArgumentError("Write a day, '2026-11-23', or a moment with its zone, '2026-11-23T10:00:00Z'.");
}

async function textOf(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (fault) {
    const { code } = fault as NodeJS.ErrnoException;
    throw new Refused(`'${file}' cannot be read (${code})`, 'check its path and its permissions');
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
