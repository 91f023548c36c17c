/**
 * `kapu account reset | methods | remove-method | desk-check | hold`: how an operator helps somebody back into their account, and keeps
 * others out of it. Nothing here lets an operator choose a password or learn a secret; each act is in the audit, and its owner is told.
 */

import type { Settings } from '../../config/settings.ts';
import { type ActivationCodes, activation, placeOf } from '../../interactions/activate/code.ts';
import { type LetterFacts, lettersPage } from '../../interactions/activate/letters.ts';
import { doubtedSince, isHeld, leavesDoubt } from '../assurance/hold.ts';
import { actOf } from '../audit/audit.ts';
import { isAddress } from '../mail/address.ts';
import { maskAddress } from '../mail/mask.ts';
import type {
  Account,
  AccountChange,
  Credential,
  Locale,
  NewCredential,
  NewNotice,
  Records,
} from '../records/records.ts';
import { type StopRules, stopOf, type Taken, takenFrom, wordsOf } from '../stop.ts';
import type { Vault } from '../vault.ts';
import { Misused, Refused, type Terminal, table } from './command.ts';
import { existing } from './existing.ts';

export interface RecoveryEffects {
  records: Pick<Records, 'accounts' | 'credentials' | 'audit'>;
  codes: ActivationCodes;
  vault: Pick<Vault, 'seal'>;
  letterFacts: LetterFacts;
  /** Writes a file that is not there yet, readable by its owner alone. */
  newFile(file: string, content: string): Promise<void>;
  rules: Settings['recovery'];
  stopRules: StopRules;
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
  const { codes, vault, rules } = effects;
  const account = await existing(username, effects);
  if (account.status !== 'active')
    throw new Refused('the account is disabled', `\`kapu account enable ${username}\` comes first`);
  if (mail) requireMailbox(account, effects.now());
  const notices: NewNotice[] = [{ kind: 'codeIssued' }];
  let credential: NewCredential;
  if (letter !== undefined) credential = await letterTo(account, letter, effects);
  else {
    await actOf(effects, 'recovery.code-issued', { accountId: account.id, detail: { handing: 'mail' } });
    const made = codes.make(account, 'mail');
    const detail = { code: await vault.seal(made.code, placeOf(account.id)), username: account.username };
    notices.push({ kind: activation, detail, toFirst: true });
    credential = made.credential;
  }
  await change(account, { clear: [activation], add: [credential] }, notices, effects);
  const days = Math.floor(rules.codeLife / 86_400);
  effects.terminal.out(
    `a code for ${account.username} ${letter === undefined ? 'will be mailed' : `is in ${letter}`}; it works once, for ${days} days`,
  );
}

/** Makes a letter with a code, and gives what is to be kept of that. */
async function letterTo(account: Account, file: string, effects: RecoveryEffects): Promise<NewCredential> {
  await actOf(effects, 'recovery.code-issued', { accountId: account.id, detail: { handing: 'letter' } });
  const { code, credential } = effects.codes.make(account, 'letter');
  const { id: accountId, locale, username, name = username } = account;
  await effects.newFile(
    file,
    lettersPage([{ accountId, locale, name, username, address: [], code }], effects.letterFacts),
  );
  return credential;
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
  const doubted = doubtedSince(effects.stopRules.hold, account.hold, effects.now());
  const endSessions = leavesDoubt(those, kept, doubted);
  const removal = those.length === kept.length ? { clear: [method] } : { uses: those[0]! };
  await change(account, { ...removal, endSessions }, notice ? [notice] : [], effects);
  effects.terminal.out(`${method} of ${account.username} removed: ${those.length}`);
  effects.terminal.out(
    endSessions
      ? 'it was set up lately, and others are left: all sessions have ended'
      : `whoever is signed in stays so: \`kapu account end-sessions ${username}\` ends that`,
  );
}

/** Milliseconds within which several operators have to have seen the same person. */
const aDay = 24 * 3600_000;

/** Who has seen the account's owner, and the file that a letter for them goes to. */
export interface DeskOptions {
  operator: string;
  letter: string;
  /** The address that its owner has from now on, where others read the mailbox of before. */
  email?: string;
  /** They have none. */
  withoutEmail?: boolean;
}

/**
 * Records that an operator has seen the account's owner. Once as many as the settings ask have, all that may be somebody else's goes,
 * the password too: whoever had it set by mail still knows it. The account is no longer held then, and a letter is made, with a code
 * by which its owner, who is to be handed it there and then, chooses a password. With another address, or none, nothing leads back to
 * the mailbox of before, whoever reads it.
 */
export async function deskCheck(username: string, by: DeskOptions, effects: RecoveryEffects): Promise<void> {
  const { records, rules, stopRules, terminal, now } = effects;
  const account = await existing(username, effects);
  const operator = by.operator.trim().normalize('NFC');
  if (!/^[\p{L}\p{N}][\p{L}\p{N} .'-]{1,99}$/u.test(operator))
    throw new Misused('this is no name of an operator', "write it as it is known: --operator 'Nagy Júlia'");
  const address = addressFrom(by);
  const { hold } = account;
  if (!hold || !isHeld(hold, now())) throw new Refused('the account is not held', 'there is nothing to check for');
  await actOf(effects, 'desk-check.recorded', { accountId: account.id, detail: { operator, ...address?.audited } });
  const since = new Date(Math.max(now().getTime() - aDay, hold.since.getTime()));
  const checks = { accountId: account.id, event: 'desk-check.recorded', since, limit: 100 };
  const seenBy = new Set(
    (await records.audit.recent(checks)).map(({ detail }) => String(detail?.operator).toLowerCase()),
  );
  const missing = rules.deskChecks - seenBy.size;
  if (missing > 0) {
    terminal.out(`noted: ${missing} more operator has to have seen ${account.username} within a day; no letter yet`);
    return;
  }
  const taken = takenFrom(account, await records.credentials.list(account.id), stopRules, now());
  const credential = await letterTo(account, by.letter, effects);
  const afterwards = {
    ...stopOf(account, stopRules, now()),
    hold: null,
    clear: ['password', activation],
    add: [credential],
    ...address?.change,
  };
  const detail = { ...wordsOf(taken, account.locale, stopRules), ...address?.told };
  await change(account, afterwards, [{ kind: 'deskChecked', detail, toLeft: address !== undefined }], effects);
  terminal.out(`${account.username} has been seen by ${rules.deskChecks}: the account is no longer held`);
  terminal.out(`its password works no more: hand over the code in ${by.letter}, with which its owner chooses one`);
  if (address) terminal.out(`its e-mail address from now on: ${address.told.mailbox}`);
  tellTaken(taken, terminal);
}

/** What a desk check makes of the account's address; undefined where it stays. */
function addressFrom({ email, withoutEmail }: DeskOptions) {
  if (email !== undefined && withoutEmail)
    throw new Misused('it is not said which address its owner has', 'give either --email ADDRESS or --without-email');
  if (email !== undefined && !isAddress(email))
    throw new Misused('this is not an e-mail address', 'read it back to them');
  if (email === undefined && !withoutEmail) return undefined;
  return {
    change: { email: email ?? null, emailVerified: email !== undefined, formerEmail: null } satisfies AccountChange,
    audited: { address: email === undefined ? 'removed' : 'changed' },
    told: { mailbox: email === undefined ? 'none' : maskAddress(email) },
  };
}

function tellTaken({ methods, noticeEmail }: Taken, terminal: Terminal): void {
  if (methods.length > 0) terminal.out(`set up too lately to be trusted, and removed: ${methods.join(', ')}`);
  if (noticeEmail)
    terminal.out(`set too lately to be trusted, and removed: the second address, ${maskAddress(noticeEmail)}`);
}

/** Stops what a mailbox could be used for: sessions end, codes by mail count for nothing, a changed address goes back. */
export async function hold(username: string, effects: RecoveryEffects): Promise<void> {
  const account = await existing(username, effects);
  await actOf(effects, 'account.held', { accountId: account.id });
  const { stopRules: by, now, terminal } = effects;
  const taken = takenFrom(account, await effects.records.credentials.list(account.id), by, now());
  const detail = wordsOf(taken, account.locale, by);
  await change(account, stopOf(account, by, now()), [{ kind: 'accountReported', detail }], effects);
  terminal.out(`${account.username} is held until a proof of their own, or a desk check`);
  tellTaken(taken, terminal);
}

async function change(account: Account, to: AccountChange, notices: NewNotice[], { records }: RecoveryEffects) {
  if (!(await records.accounts.change(account.id, to, { notices, seen: account }))) throw changed();
}

const changed = () => new Refused('the account was changed at the same moment', 'try again');
