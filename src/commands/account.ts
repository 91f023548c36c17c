/** `kapu account …`: people's accounts, as an operator keeps them. Every change is in the audit, with the operator as its source. */

import { randomInt, randomUUID } from 'node:crypto';
import type { Settings } from '../../config/settings.ts';
import { actOf } from '../audit/audit.ts';
import type { OperatorsAct } from '../audit/events.ts';
import type { Passwords } from '../passwords/passwords.ts';
import type { NewPasswords } from '../passwords/rules.ts';
import type { Account, NewAccount, NewNotice, Records } from '../records/records.ts';
import { Refused, type Terminal, table } from './command.ts';
import { existing } from './existing.ts';
import { checkAccount } from './new-account.ts';
import { refusedPassword, strengthInWords } from './password-words.ts';

export interface AccountEffects {
  records: Pick<Records, 'accounts' | 'audit'>;
  passwords: Pick<Passwords, 'hash'>;
  newPasswords: NewPasswords;
  /** Which changes people are told of. */
  notices: Settings['notices'];
  mode: Settings['mode'];
  terminal: Terminal;
  now: () => Date;
}

export interface PasswordSource {
  /** Make one up and print it, instead of reading it from standard input. */
  generate?: boolean;
}

export interface AddOptions extends PasswordSource {
  email?: string;
  emailVerified?: boolean;
  name?: string;
  birthName?: string;
  birthDate?: string;
  locale: string;
  /** False: the account gets none, and nobody can sign in to it yet. */
  password: boolean;
}

/** Adds an account. Throws Refused when something about it cannot be. */
export async function addAccount(username: string, options: AddOptions, effects: AccountEffects): Promise<void> {
  const { records, terminal } = effects;
  if (options.password) requireTrial(effects, `add --no-password, then \`kapu account reset ${username}\``);
  const account = newAccount(username, options);
  if (await records.accounts.findByUsername(username)) throw taken(username);
  const chosen = options.password ? await choosePassword(options, account, effects) : undefined;
  const id = randomUUID();
  await audit('account.added', { id }, effects);
  const added = await records.accounts.addMany([{ id, account, passwordHash: chosen?.hash }]);
  if (!added.has(id)) throw taken(username);
  terminal.out(`account ${account.username} added${chosen ? '' : ', without a password'}`);
  if (chosen) terminal.out(chosen.said);
}

/** Gives an account another password. */
export async function setPassword(username: string, source: PasswordSource, effects: AccountEffects): Promise<void> {
  requireTrial(effects, `\`kapu account reset ${username}\` issues a code with which they choose one`);
  const account = await existing(username, effects);
  const { hash, said } = await choosePassword(source, account, effects);
  await audit('password.set', account, effects);
  const notice = noticeOf('passwordSet', account, effects);
  await effects.records.accounts.setPassword(account.id, hash, notice);
  effects.terminal.out(`password of ${account.username} set`);
  effects.terminal.out(said);
  sayTold(notice, account, effects);
}

/** Lets nobody sign in to an account any more, or again. */
export async function setStatus(username: string, status: Account['status'], effects: AccountEffects): Promise<void> {
  const account = await existing(username, effects);
  await audit(status === 'active' ? 'account.enabled' : 'account.disabled', account, effects);
  const kind = status === 'active' ? 'accountEnabled' : 'accountDisabled';
  const notice = account.status === status ? undefined : noticeOf(kind, account, effects);
  await effects.records.accounts.setStatus(account.id, status, notice);
  effects.terminal.out(`account ${account.username} is ${status}`);
  sayTold(notice, account, effects);
}

/** Ends whatever of an account is signed in, in every browser and every service (ASVS 7.4.5). */
export async function endSessions(username: string, effects: AccountEffects): Promise<void> {
  const account = await existing(username, effects);
  await audit('account.sessions-ended', account, effects);
  const notice = noticeOf('sessionsEnded', account, effects);
  await effects.records.accounts.endSessions(account.id, notice);
  effects.terminal.out(`sessions of ${account.username} ended`);
  sayTold(notice, account, effects);
}

/** Prints an account as JSON. */
export async function showAccount(username: string, effects: AccountEffects): Promise<void> {
  effects.terminal.out(JSON.stringify(await existing(username, effects), null, 2));
}

const page = 500;

/** Prints all accounts by user name, a page at a time, so that a million of them is no matter. */
export async function listAccounts({ records, terminal }: Pick<AccountEffects, 'records' | 'terminal'>): Promise<void> {
  let head = [['USERNAME', 'STATUS', 'LOCALE', 'E-MAIL', 'NAME']];
  for (let after: string | undefined; ; ) {
    const accounts = await records.accounts.list({ limit: page, after });
    const rows = accounts.map(({ username, status, locale, email, emailVerified, name }) => {
      const address = email === undefined ? '-' : `${email}${emailVerified ? '' : ' (not verified)'}`;
      return [username, status, locale, address, name ?? '-'];
    });
    if (rows.length > 0 || head.length > 0) terminal.out(table([...head, ...rows]));
    if (accounts.length < page) return;
    after = accounts.at(-1)?.username;
    head = [];
  }
}

function newAccount(username: string, { password: _, generate: __, ...options }: AddOptions): NewAccount {
  const checked = checkAccount({ username, ...options });
  if (checked.outcome === 'refused') throw new Refused(checked.problem, checked.hint);
  return checked.account;
}

/** A password that somebody else knows proves nothing (ASVS 6.4.6): only trials have such. */
function requireTrial({ mode }: AccountEffects, hint: string): void {
  if (mode === 'production') throw new Refused('nobody but its owner knows a password', hint);
}

function taken(username: string): Refused {
  return new Refused(`there is an account '${username}' already`, `see it: \`kapu account show ${username}\``);
}

function audit(event: OperatorsAct, { id }: Pick<Account, 'id'>, effects: AccountEffects): Promise<void> {
  return actOf(effects, event, { accountId: id });
}

/** What the account's owner is told, where the settings want it and the account has a confirmed address. A running server sends it. */
function noticeOf(
  kind: Exclude<keyof Settings['notices'], 'lookEvery'>,
  { email, emailVerified }: Account,
  { notices }: AccountEffects,
): NewNotice | undefined {
  return notices[kind] && email !== undefined && emailVerified ? { kind } : undefined;
}

function sayTold(notice: NewNotice | undefined, { username }: Account, { terminal }: AccountEffects): void {
  if (notice) terminal.out(`${username} will be told by mail`);
}

/** A password as hash, and what is to be said of it. One that is made up is not judged: there is nothing in it to guess. */
async function choosePassword(
  { generate }: PasswordSource,
  owner: NewAccount,
  { passwords, newPasswords, terminal }: AccountEffects,
): Promise<{ hash: string; said: string }> {
  if (generate) {
    const password = newPassword();
    return { hash: await hashOf(password, passwords), said: `password: ${password}` };
  }
  const password = onlyLine(await terminal.read('Password: '));
  if (password === '') throw new Refused('no password was given', 'give it on standard input, or add --generate');
  const judged = await newPasswords.judge(password, owner);
  if (judged.outcome === 'refused') throw refusedPassword(judged.reasons);
  return { hash: await hashOf(password, passwords), said: strengthInWords(judged.strength) };
}

async function hashOf(password: string, passwords: AccountEffects['passwords']): Promise<string> {
  const hashed = await passwords.hash(password);
  if (hashed.outcome === 'busy') throw new Refused('too many passwords are being hashed', 'try again');
  return hashed.hash;
}

/** Standard input without the line end that `echo` and terminals add. */
function onlyLine(text: string): string {
  const line = text.replace(/\r?\n$/, '');
  if (/[\r\n]/.test(line))
    throw new Refused('there is more than one line on standard input', 'give the password alone');
  return line;
}

/** Without letters and digits that are read as one another. */
const letters = '23456789abcdefghjkmnpqrstuvwxyz';

/** 20 random characters in groups that can be read out: 99 bits. */
function newPassword(): string {
  const group = () => Array.from({ length: 5 }, () => letters[randomInt(letters.length)]).join('');
  return [group(), group(), group(), group()].join('-');
}
