/**
 * `kapu account reset | methods | remove-method | desk-check | hold`: how an operator helps somebody back into their account, and keeps
 * others out of it. Nothing here lets an operator choose a password or learn a secret; each act is in the audit, and its owner is told.
 */

import type { Settings } from '../../config/settings.ts';
import { type ActivationCodes, activation, type Handing, placeOf } from '../../interactions/activate/code.ts';
import { type LetterFacts, lettersPage } from '../../interactions/activate/letters.ts';
import { isHeld } from '../assurance/hold.ts';
import { actOf } from '../audit/audit.ts';
import { maskAddress } from '../mail/mask.ts';
import type { Account, AccountChange, Credential, Locale, NewNotice, Records } from '../records/records.ts';
import { stopOf } from '../stop.ts';
import type { Vault } from '../vault.ts';
import { Misused, Refused, type Terminal, table } from './command.ts';

export interface RecoveryEffects {
  records: Pick<Records, 'accounts' | 'credentials' | 'audit'>;
  codes: ActivationCodes;
  vault: Pick<Vault, 'seal'>;
  letterFacts: LetterFacts;
  /** Writes a file that is not there yet, readable by its owner alone. */
  newFile(file: string, content: string): Promise<void>;
  rules: Settings['recovery'];
  /** What the pages call the methods that there are. */
  titles(method: string): Record<Locale, string> | undefined;
  terminal: Terminal;
  now: () => Date;
}

export interface ResetOptions {
  mail?: boolean;
  /** The file that a letter to print goes to. */
  letter?: string;
}

/** Issues a code with which the account's owner chooses a new password. Until it is used, everything stays as it is. */
export async function reset(username: string, { mail, letter }: ResetOptions, effects: RecoveryEffects): Promise<void> {
  if ((letter !== undefined) === Boolean(mail))
    throw new Misused('it is not said how the code goes to its owner', 'add either --mail or --letter FILE');
  const { codes, vault, letterFacts, rules } = effects;
  const account = await existing(username, effects);
  if (account.status !== 'active')
    throw new Refused('the account is disabled', `\`kapu account enable ${username}\` comes first`);
  const handing: Handing = mail ? 'mail' : 'letter';
  if (mail) requireMailbox(account, effects.now());
  await actOf(effects, 'recovery.code-issued', { accountId: account.id, detail: { handing } });
  const { code, credential } = codes.make(account, handing);
  if (letter !== undefined) {
    const { locale, name = account.username } = account;
    const page = lettersPage([{ locale, name, username: account.username, address: [], code }], letterFacts);
    await effects.newFile(letter, page);
  }
  const notices: NewNotice[] = [{ kind: 'codeIssued' }];
  if (mail) {
    const detail = { code: await vault.seal(code, placeOf(account.id)), username: account.username };
    notices.push({ kind: activation, detail, toFirst: true });
  }
  await change(account, { clear: [activation], add: [credential] }, notices, effects);
  const days = Math.floor(rules.codeLife / 86_400);
  effects.terminal.out(
    `a code for ${account.username} ${letter === undefined ? 'will be mailed' : `is in ${letter}`}; it works once, for ${days} days`,
  );
}

/** A mailbox that others may read must not be the way back in. */
function requireMailbox({ email, emailVerified, hold }: Account, now: Date): void {
  const instead = 'print it: --letter FILE';
  if (email === undefined || !emailVerified) throw new Refused('the account has no verified address', instead);
  if (isHeld(hold, now)) throw new Refused('the account is held: its mailbox counts for nothing', instead);
}

/** Prints what an account can be signed in to with, and what stands in the way. Nothing secret. */
export async function methods(username: string, effects: RecoveryEffects): Promise<void> {
  const { records, terminal, now } = effects;
  const account = await existing(username, effects);
  const credentials = await records.credentials.list(account.id);
  const day = (at: Date | undefined) => at?.toISOString().slice(0, 16).replace('T', ' ') ?? '-';
  const rows = credentials.map(({ method, id, name, createdAt, usedAt, data }) => {
    if (method === activation) return [method, '-', inWords(data, now()), day(createdAt), '-'];
    return [method, id || '-', name ?? '-', day(createdAt), day(usedAt)];
  });
  terminal.out(table([['METHOD', 'ID', 'NAME', 'SET UP', 'LAST USED'], ...rows]));
  const { email, emailVerified, hold } = account;
  terminal.out(
    `e-mail address: ${email === undefined ? 'none' : `${maskAddress(email)}${emailVerified ? '' : ', not verified'}`}`,
  );
  if (isHeld(hold, now()))
    terminal.out(
      `held since ${day(hold!.since)} ${hold!.until ? `until ${day(hold!.until)}` : 'without an end'}: codes by mail count for nothing`,
    );
}

function inWords(data: Credential['data'], now: Date): string {
  const until = new Date(Number(data.until));
  return `${data.handing}, ${until > now ? `until ${until.toISOString().slice(0, 10)}` : 'run out'}`;
}

/** Takes a method away from an account: all that it has of it, or one. */
export async function removeMethod(
  username: string,
  method: string,
  id: string | undefined,
  effects: RecoveryEffects,
): Promise<void> {
  const account = await existing(username, effects);
  if (method === 'password')
    throw new Refused('a password is not taken away', `\`kapu account reset ${username}\` has another one chosen`);
  const kept = await effects.records.credentials.list(account.id, method);
  const those = id === undefined ? kept : kept.filter((credential) => credential.id === id);
  if (those.length === 0)
    throw new Refused('the account has no such method', `see \`kapu account methods ${username}\``);
  await actOf(effects, 'method.removed-by-operator', { accountId: account.id, detail: { method } });
  const title = effects.titles(method)?.[account.locale];
  const notice: NewNotice | undefined =
    title === undefined ? undefined : { kind: 'methodRemoved', detail: { method: title } };
  if (those.length === kept.length) await change(account, { clear: [method] }, notice ? [notice] : [], effects);
  else if (!(await effects.records.credentials.remove(account.id, method, those[0]!.id, notice))) throw changed();
  effects.terminal.out(`${method} of ${account.username} removed: ${those.length}`);
  effects.terminal.out(`whoever is signed in stays so: \`kapu account end-sessions ${username}\` ends that`);
}

/** Milliseconds within which several operators have to have seen the same person. */
const aDay = 24 * 3600_000;

/** Records that an operator has seen the account's owner. Once as many as the settings ask have, the account is no longer held. */
export async function deskCheck(username: string, operator: string, effects: RecoveryEffects): Promise<void> {
  const { records, rules, terminal, now } = effects;
  const account = await existing(username, effects);
  const by = operator.trim().normalize('NFC');
  if (!/^[\p{L}\p{N}][\p{L}\p{N} .'-]{1,99}$/u.test(by))
    throw new Misused('this is no name of an operator', "write it as it is known: --operator 'Nagy Júlia'");
  const { hold } = account;
  if (!hold || !isHeld(hold, now())) throw new Refused('the account is not held', 'there is nothing to check for');
  await actOf(effects, 'desk-check.recorded', { accountId: account.id, detail: { operator: by } });
  const since = new Date(Math.max(now().getTime() - aDay, hold.since.getTime()));
  const seenBy = new Set<string>();
  for (const { event, detail } of await records.audit.page({ accountId: account.id, since, limit: 10_000 }))
    if (event === 'desk-check.recorded') seenBy.add(String(detail?.operator).toLowerCase());
  const missing = rules.deskChecks - seenBy.size;
  if (missing > 0) {
    terminal.out(`noted: ${missing} more operator has to have seen ${account.username} within a day`);
    return;
  }
  await change(account, { hold: null, formerEmail: null }, [{ kind: 'deskChecked' }], effects);
  terminal.out(`${account.username} has been seen by ${rules.deskChecks}: the account is no longer held`);
}

/** Stops what a mailbox could be used for: sessions end, codes by mail count for nothing, a changed address goes back. */
export async function hold(username: string, effects: RecoveryEffects): Promise<void> {
  const account = await existing(username, effects);
  await actOf(effects, 'account.held', { accountId: account.id });
  await change(account, stopOf(account, effects.now()), [{ kind: 'accountReported' }], effects);
  effects.terminal.out(`${account.username} is held until a proof of their own, or a desk check`);
}

async function change(account: Account, to: AccountChange, notices: NewNotice[], { records }: RecoveryEffects) {
  if (!(await records.accounts.change(account.id, to, { notices, seen: account }))) throw changed();
}

const changed = () => new Refused('the account was changed at the same moment', 'try again');

async function existing(username: string, { records }: RecoveryEffects): Promise<Account> {
  const account = await records.accounts.findByUsername(username);
  if (!account) throw new Refused(`there is no account '${username}'`, 'see `kapu account list`');
  return account;
}
