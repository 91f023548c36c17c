/** `kapu audit …`: what was written down of people, services and operators, and whether it still is what was written. */

import { type HeadsKey, HeadsRefused, readHeads, type SignHeads, writeHeads } from '../audit/heads.ts';
import { type Finding, paged, takeHeads, verify } from '../audit/verify.ts';
import type { KeptEntry, Records } from '../records/records.ts';
import { Refused, type Terminal, table } from './command.ts';

export interface AuditEffects {
  records: Pick<Records, 'accounts' | 'audit'>;
  /** The public parts of the signing keys. */
  keys: () => Promise<readonly HeadsKey[]>;
  /** Signs with the first key that signs; undefined where none does. */
  sign: () => Promise<SignHeads | undefined>;
  terminal: Terminal;
  now: () => Date;
}

const limit = 500;

/** Prints what was written of one account, oldest first. Throws Refused when there is no such account. */
export async function showAudit(username: string, { since }: { since?: Date }, effects: AuditEffects): Promise<void> {
  const { records, terminal } = effects;
  const account = await records.accounts.findByUsername(username);
  if (!account) throw new Refused(`there is no account '${username}'`, 'see `kapu account list`');
  let head = [['TIME', 'EVENT', 'REFERENCE', 'CLIENT', 'ORIGIN', 'DETAIL']];
  for (let after: number | undefined; ; ) {
    const entries = await records.audit.page({ after, accountId: account.id, since, limit });
    const rows = entries.map(({ at, event, reference, clientId, origin, detail }) => [
      ...[at.toISOString(), event, reference ?? '-', clientId ?? '-', origin ?? '-'],
      Object.entries(detail ?? {})
        .map(([name, value]) => `${name}=${value}`)
        .join(' '),
    ]);
    if (rows.length > 0 || head.length > 0) terminal.out(table([...head, ...rows]));
    if (entries.length < limit) return;
    after = entries.at(-1)!.id;
    head = [];
  }
}

/** Prints all entries, oldest first, one JSON object a line. */
export async function exportAudit({ since }: { since?: Date }, { records, terminal }: AuditEffects): Promise<void> {
  const entries = paged((after: KeptEntry | undefined) => records.audit.page({ after: after?.id, since, limit }));
  for await (const entry of entries) terminal.out(JSON.stringify(entry));
}

/** Prints the heads of all chains, signed; with `before`, as they were when an entry of that time was yet to come. */
export async function printHeads({ before }: { before?: Date }, effects: AuditEffects): Promise<void> {
  const { records, terminal, now } = effects;
  const sign = await effects.sign();
  if (!sign) throw new Refused('no key signs', 'make one: `kapu keys add`');
  terminal.out(await writeHeads({ at: now(), ...(await takeHeads(records.audit, before)) }, sign));
  terminal.err('keep this where nobody who can write to the database can change it');
}

export interface VerifyArguments {
  /** What `kapu audit head` printed: the name of the file, and what is in it. */
  heads?: { name: string; text: string };
  since?: Date;
  mixedUntil?: Date;
}

/** Verifies the audit and prints what is wrong with it; whether nothing is. Throws Refused where the heads cannot be used. */
export async function verifyAudit(
  { heads: file, ...options }: VerifyArguments,
  effects: AuditEffects,
): Promise<boolean> {
  const { records, keys, terminal } = effects;
  const heads =
    file &&
    (await readHeads(file.text, await keys()).catch((fault: unknown) => {
      if (!(fault instanceof HeadsRefused)) throw fault;
      throw new Refused(`'${file.name}' cannot be used: ${fault.message}`, 'take the copy that was kept elsewhere');
    }));
  const report = (finding: Finding) => terminal.out(`BROKEN  ${inWords(finding)}`);
  const found = await verify(records.audit, { ...options, heads, report });
  const against = heads ? `, and against the heads of ${heads.at.toISOString()}` : '';
  terminal.out(`${found.entries} entries in ${found.chains} chains verified${against}; ${found.findings} broken`);
  if (found.unchained > 0)
    terminal.err(`${found.unchained} entries are from before the chains, which only kept heads vouch for`);
  if (found.unanchored > 0)
    terminal.err(
      `${found.unanchored} chains begin late: heads taken by \`--before\` would vouch for their first entries`,
    );
  if (!heads)
    terminal.err(
      'without heads kept elsewhere, the end of the newest chain may be missing unseen: see `kapu audit head`',
    );
  return found.findings === 0;
}

function inWords(finding: Finding): string {
  switch (finding.kind) {
    case 'changed':
      return `${place(finding)} (${finding.event}, ${finding.at.toISOString()}) does not fit: it, or the entry before it, was changed`;
    case 'removed':
      return `${range(finding)} removed`;
    case 'end-removed':
      return `${range(finding)} removed from its end, as ${finding.seenBy} show${finding.seenBy === 'the heads' ? '' : 's'}`;
    case 'rewritten':
      return `${place(finding)}, and all before it, is not what ${finding.seenBy} saw: the chain was written anew`;
    case 'inserted':
      return `${place(finding)} (${finding.event}, ${finding.at.toISOString()}, id ${finding.id}) is there twice: one was inserted`;
    case 'reordered':
      return `${place(finding)} (${finding.event}, ${finding.at.toISOString()}) stands before the entry that it follows: they were moved`;
    case 'unchained': {
      const { count, first } = finding;
      const from = `${first.event}, ${first.at.toISOString()}, id ${first.id}`;
      return `${count} ${count === 1 ? 'entry' : 'entries'} without a chain after chains began, from ${from}: inserted, or by a version from before (--mixed-until)`;
    }
    case 'past-changed':
      return `the ${finding.were} entries from before the chains are not what the heads saw; there are ${finding.are}`;
  }
}

function place({ writer, number }: { writer: string; number: number }): string {
  return `entry ${number} of chain ${writer}`;
}

function range({ writer, from, to }: { writer: string; from: number; to: number }): string {
  return from === to ? `entry ${from} of chain ${writer}` : `entries ${from} to ${to} of chain ${writer}`;
}
