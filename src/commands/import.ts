/**
 * `kapu account import`: accounts out of a file, a million of them where need be, while servers run. Rows are taken some hundred at
 * a time, each lot in one transaction: so memory stays bounded, everybody else gets their turn, and a run that breaks off has
 * added whole lots. A second run of the same file goes on behind them, because who is there already is passed over.
 */

import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { type ActivationCodes, activation, type Handing, placeOf } from '../../interactions/activate/code.ts';
import type { Letter, Letters } from '../../interactions/activate/letters.ts';
import { actOf } from '../audit/audit.ts';
import {
  type Account,
  type Arrival,
  type NewAccount,
  type Records,
  RecordsUnavailable,
  usernameKey,
} from '../records/records.ts';
import type { Vault } from '../vault.ts';
import type { Terminal } from './command.ts';
import { columns, type Described, describedBy, type RefusedRow, whyAnother } from './import-row.ts';
import { type Format, type Read, rowsOf, type Source } from './rows.ts';

export interface ImportOptions {
  format: Format;
  separator: string;
  /** The language of rows that name none. */
  locale: string;
  /** How the owners get codes to choose a password with; undefined: they get none. */
  activation?: Handing;
  /** Only says what would become of each row. */
  dryRun?: boolean;
}

export interface ImportEffects {
  records: Pick<Records, 'accounts' | 'audit'>;
  codes: ActivationCodes;
  vault: Pick<Vault, 'seal'>;
  /** Where letters go; needed where codes go by letter. */
  letters?: Letters;
  /** Takes each row that was refused. */
  report(refused: RefusedRow): Promise<void>;
  terminal: Terminal;
  now: () => Date;
}

/** How many rows became what. */
export interface Imported {
  added: number;
  /** There already, as the row says. */
  known: number;
  refused: number;
}

/** Rows in one transaction: long enough to be quick, short enough that whoever waits for SQLite's one writer gets in. */
const lot = 256;
/** Milliseconds between two at least: SQLite's writers do not queue up, they ask again and again. */
const breath = 15;

/** Adds the accounts of `source`, and says how many. */
export async function importAccounts(
  source: Source,
  options: ImportOptions,
  effects: ImportEffects,
): Promise<Imported> {
  const { terminal } = effects;
  const counts: Imported = { added: 0, known: 0, refused: 0 };
  if (!options.dryRun) await actOf(effects, 'accounts.import-started');
  for (const file of (await effects.letters?.finishOthers((ids) => thereOf(ids, effects))) ?? [])
    terminal.err(`'${file}' is of nobody that there is: remove it, unless another import is running`);
  const rows = rowsOf(source, { ...options, columns });
  let waiting: Read[] = [];
  let seen = 0;
  const settle = async () => {
    const began = performance.now();
    await addLot(waiting, seen - waiting.length + 1, counts, options, effects);
    waiting = [];
    if (seen % 51_200 === 0) terminal.err(`${seen} rows: ${inWords(counts)}`);
    // On a machine that is busy with others they get their share.
    await pause(Math.max(breath, (performance.now() - began) / 2));
  };
  let next = await rows.next();
  for (; !next.done; next = await rows.next()) {
    seen += 1;
    waiting.push(next.value);
    if (waiting.length === lot) await settle();
  }
  if (waiting.length > 0) await settle();
  const sha256 = next.value;
  if (!options.dryRun) await actOf(effects, 'accounts.imported', { detail: { ...counts, sha256 } });
  terminal.out(
    `${options.dryRun ? 'nothing was changed; of the rows would be' : 'of the rows were'} ${inWords(counts)}`,
  );
  return counts;
}

const inWords = ({ added, known, refused }: Imported) =>
  `${added} added, ${known} known already and passed over, ${refused} refused`;

/** A row that describes an account, and what that will be. */
interface Candidate extends Described {
  line: number;
  id: string;
}

/** Adds what can be added of `reads`, whose first is the file's row number `first`. */
async function addLot(
  reads: readonly Read[],
  first: number,
  counts: Imported,
  options: ImportOptions,
  effects: ImportEffects,
): Promise<void> {
  const refuse = async (refused: RefusedRow) => {
    counts.refused += 1;
    await effects.report(refused);
  };
  const fit: Candidate[] = [];
  for (const read of reads) {
    const checked = describedBy(read, options);
    if ('reason' in checked) await refuse({ line: read.line, ...checked });
    else fit.push({ line: read.line, id: randomUUID(), ...checked });
  }
  const { accounts } = effects.records;
  const there = byKey(await patiently(() => accounts.findMany(fit.map(({ account }) => account.username))));
  const tell = async (each: Candidate, other: NewAccount & Partial<Account>) => {
    const reason = whyAnother(each.account, other);
    if (reason === undefined) counts.known += 1;
    else await refuse({ line: each.line, username: each.account.username, reason });
  };
  const fresh = new Map<string, Candidate>();
  for (const each of fit) {
    const key = usernameKey(each.account.username)!;
    const other = there.get(key) ?? fresh.get(key)?.account;
    if (other) await tell(each, other);
    else fresh.set(key, each);
  }
  if (options.dryRun) {
    counts.added += fresh.size;
    return;
  }
  if (fresh.size === 0) return;
  const arriving = [...fresh.values()];
  const made = await Promise.all(arriving.map((each) => arrivalOf(each, options.activation, effects)));
  const letters = (kept: (id: string) => boolean) =>
    made.flatMap(({ letter, arrival }) => (letter && kept(arrival.id) ? letter : []));
  // Printed before the codes count, so that there is no code without a letter however this ends.
  await effects.letters?.prepare(
    first,
    letters(() => true),
  );
  const added = await patiently(() => accounts.addMany(made.map(({ arrival }) => arrival)));
  if (added.size < made.length) {
    // Somebody else has added them since we looked; or we have, in a try of which we did not hear the end.
    const now = byKey(await accounts.findMany(arriving.map(({ account }) => account.username)));
    for (const each of arriving) {
      const other = now.get(usernameKey(each.account.username)!);
      if (other?.id === each.id) added.add(each.id);
      else if (other) await tell(each, other);
    }
    await effects.letters?.prepare(
      first,
      letters((id) => added.has(id)),
    );
  }
  counts.added += added.size;
  await effects.letters?.finish(first);
}

/** Those of `ids` that accounts have. */
async function thereOf(ids: readonly string[], { records: { accounts } }: ImportEffects): Promise<Set<string>> {
  const there = new Set<string>();
  for (const id of ids) if (await patiently(() => accounts.find(id))) there.add(id);
  return there;
}

/** A database may be away for a moment, or have another writer for long. What has been done is not done twice. */
async function patiently<Result>(work: () => Promise<Result>): Promise<Result> {
  for (const wait of [100, 1_000, 5_000, 15_000]) {
    try {
      return await work();
    } catch (fault) {
      if (!(fault instanceof RecordsUnavailable)) throw fault;
      await pause(wait);
    }
  }
  return work();
}

const byKey = (accounts: readonly Account[]) => new Map(accounts.map((each) => [usernameKey(each.username)!, each]));

/** What is added for a row, with the letter that goes with it. */
async function arrivalOf(
  { id, account, address }: Candidate,
  handing: Handing | undefined,
  { codes, vault }: ImportEffects,
): Promise<{ arrival: Arrival; letter?: Letter }> {
  if (!handing) return { arrival: { id, account } };
  const { code, credential } = codes.make({ id, email: account.email }, handing);
  const arrival: Arrival = { id, account, credentials: [credential] };
  if (handing === 'letter') {
    const { username, name = username, locale } = account;
    return { arrival, letter: { accountId: id, locale, name, username, address, code } };
  }
  // Readable for whoever sends it, and for nobody who reads the records.
  const sealed = await vault.seal(code, placeOf(id));
  return {
    arrival: { ...arrival, notice: { kind: activation, detail: { code: sealed, username: account.username } } },
  };
}
