/** The command line of a conformance run: what it is told, in which order things happen, and what it ends with. */

import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import { signingClients } from '../../../config/conformance.ts';
import { suggestion } from '../../../config/nearest.ts';
import { duration } from '../../../config/settings.ts';
import { Misused, Refused, table } from '../../../src/commands/command.ts';
import { Suite } from './api.ts';
import { configurationOf } from './configuration.ts';
import { startConformanceKapu } from './kapu.ts';
import { type Plan, plans } from './plans.ts';
import { isGood, report } from './report.ts';
import { runPlan } from './run.ts';

export interface World {
  out(text: string): void;
  err(text: string): void;
  env: Readonly<Record<string, string | undefined>>;
  /** Aborted when whoever started the run wants it to end. */
  stopped: AbortSignal;
  /** Milliseconds between two looks at a module. */
  every?: number;
}

interface Told {
  suite?: string;
  plan?: string;
  only?: string;
  export?: string;
  token?: string;
  alias: string;
  issuer: string;
  tlsCert?: string;
  tlsKey?: string;
  suiteCa?: string;
  insecureSuite?: true;
  deadline: number;
  variant: Record<string, string>;
  byHand?: true;
  list?: true;
}

/** Runs one command line. Gives the exit code: 0; 1 when a result was not expected or the run could not be done; 2 for wrong usage. */
export async function conformance(args: readonly string[], world: World): Promise<number> {
  try {
    const options = read(args, world);
    return options.list ? list(world) : await work(options, world);
  } catch (fault) {
    if (fault instanceof CommanderError) return fault.exitCode === 0 ? 0 : 2;
    if (!(fault instanceof Refused)) throw fault;
    world.err(`conformance: ${fault.message}\n  hint: ${fault.hint}`);
    return fault instanceof Misused ? 2 : 1;
  }
}

function read(args: readonly string[], { out, err }: World): Told {
  const command = new Command('conformance')
    .description('a plan of a running OpenID conformance suite against Kapu')
    .option('--suite <url>', "the suite's address: https://localhost.emobix.co.uk:8443")
    .option('--plan <name>', 'the plan; --list names them')
    .option('--only <module>', 'one module of the plan')
    .option('--export <folder>', "keep the suite's own record of the plan, a ZIP, there")
    .option('--token <token>', 'an API token of the suite; also CONFORMANCE_TOKEN')
    .option('--alias <name>', 'the name of the tests at the suite', 'kapu')
    .option(
      '--issuer <url>',
      'where the suite reaches Kapu; clients with certificates: the next port',
      'https://localhost:9443',
    )
    .option('--tls-cert <file>', "Kapu's own certificate, PEM, in the place of one that is made")
    .option('--tls-key <file>', 'its key')
    .option('--suite-ca <file>', "PEM file of the authority of the suite's certificate")
    .option('--insecure-suite', 'take whatever certificate the suite shows: for a suite on this machine')
    .addOption(new Option('--deadline <duration>', 'how long a module may take').argParser(seconds).default(300, '5m'))
    .option(
      '--variant <name=value>',
      'a variant of the plan beside ours, or in the place of it; may be repeated',
      variant,
      {},
    )
    .option('--by-hand', "start Kapu, print the plan's configuration, and leave the rest to the suite's own pages")
    .option('--list', 'print the plans')
    .exitOverride()
    .configureOutput({ writeOut: (text) => out(text.trimEnd()), writeErr: (text) => err(text.trimEnd()) });
  return command.parse(args, { from: 'user' }).opts<Told>();
}

function seconds(text: string): number {
  const read = duration.safeParse(text);
  if (!read.success) throw new InvalidArgumentError(read.error.issues[0]!.message);
  return read.data;
}

function variant(text: string, before: Record<string, string>): Record<string, string> {
  const [, name, value] = /^(\w+)=(.*)$/.exec(text) ?? [];
  if (name === undefined || value === undefined) throw new InvalidArgumentError('write it as name=value');
  return { ...before, [name]: value };
}

function list({ out }: World): number {
  const words = (plan: Plan) => Object.entries(plan.variant).map(([name, value]) => `${name}=${value}`);
  out(
    table([
      ['PLAN', 'AT THE SUITE', 'VARIANT'],
      ...plans.map((plan) => [plan.name, plan.planName, words(plan).join(' ')]),
    ]),
  );
  return 0;
}

async function work(options: Told, world: World): Promise<number> {
  const plan = planOf(options);
  const url = addressOf('--suite', options.suite, /^https?:$/);
  const issuer = addressOf('--issuer', options.issuer, /^https:$/);
  if ((options.tlsCert === undefined) !== (options.tlsKey === undefined))
    throw new Misused('there is half a certificate', 'give --tls-cert and --tls-key, or neither');
  const trust = {
    ...(options.suiteCa !== undefined && { ca: await readCa(options.suiteCa) }),
    ...(options.insecureSuite && { rejectUnauthorized: false }),
  };
  const suite = new Suite({ url, token: options.token ?? world.env.CONFORMANCE_TOKEN, trust });
  const port = Number(new URL(issuer).port || 443);
  const kapu = await startConformanceKapu({
    issuer,
    mtls: `https://${new URL(issuer).hostname}:${port + 1}`,
    operationsPort: port + 2,
    suite: url,
    alias: options.alias,
    suiteCa: options.suiteCa,
    ...(plan.clients in signingClients && { signing: plan.clients as keyof typeof signingClients }),
    ...(options.tlsCert && options.tlsKey && { tls: { cert: options.tlsCert, key: options.tlsKey } }),
  }).catch(portTaken);
  try {
    const configuration = configurationOf(plan, kapu.surroundings);
    if (options.byHand) return await byHand(configuration, plan, world);
    const { plan: id, results } = await runPlan({
      suite,
      plan,
      configuration,
      only: options.only,
      deadline: options.deadline * 1000,
      every: world.every ?? 1_000,
      byHand: { 'oidcc-server-rotate-keys': () => kapu.rotate() },
      stopped: world.stopped,
      onProgress: world.err,
    });
    world.out(report(results, plan));
    if (options.export) world.out(`exported: ${await keep(options.export, plan.name, await suite.exportPlan(id))}`);
    return isGood(results, plan) ? 0 : 1;
  } finally {
    await kapu.stop();
  }
}

function planOf({ plan: name, variant: more }: Told): Plan {
  if (name === undefined) throw new Misused('--plan is missing', `one of ${plans.map((plan) => plan.name).join(', ')}`);
  const found = plans.find((plan) => plan.name === name || plan.planName === name);
  const names = plans.map((plan) => plan.name);
  if (!found) throw new Misused(`there is no plan '${name}' here`, suggestion(name, names));
  return { ...found, variant: { ...found.variant, ...more } };
}

function addressOf(option: string, text: string | undefined, protocol: RegExp): string {
  if (text === undefined) throw new Misused(`${option} is missing`, 'an address: https://localhost.emobix.co.uk:8443');
  const url = URL.parse(text);
  if (!url || !protocol.test(url.protocol))
    throw new Misused(`${option} is no address that can be used`, 'write it as https://host:port');
  return url.origin;
}

async function readCa(file: string): Promise<string> {
  return readFile(file, 'utf8').catch((fault: NodeJS.ErrnoException) => {
    throw new Misused(`the file of --suite-ca cannot be read (${fault.code})`, 'check its path');
  });
}

function portTaken(fault: unknown): never {
  const { code, port } = fault as NodeJS.ErrnoException & { port?: number };
  if (code === 'EADDRINUSE')
    throw new Refused(`port ${port} is taken`, 'end what listens there, or set another --issuer');
  throw fault;
}

/** For a suite without an API token: Kapu is there, and a person runs the plan. */
async function byHand(configuration: object, plan: Plan, { out, err, stopped }: World): Promise<number> {
  out(JSON.stringify({ ...configuration, variant: plan.variant }, null, 2));
  err(`Kapu is there. Make a plan of '${plan.planName}' at the suite with what is above; Ctrl-C ends Kapu.`);
  if (!stopped.aborted) await new Promise((resolve) => stopped.addEventListener('abort', resolve, { once: true }));
  return 0;
}

async function keep(folder: string, name: string, content: Buffer): Promise<string> {
  await mkdir(folder, { recursive: true });
  const file = join(folder, `${name}.zip`);
  await writeFile(file, content);
  return file;
}
