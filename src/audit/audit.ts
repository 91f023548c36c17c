/**
 * The audit: who did what, when, from where, written before the outcome is given. This file decides what an entry holds;
 * where it is kept is the records' business. No password, code, token or whole address gets in.
 */

import type { Account, Records } from '../records/records.ts';

/** The parts of a request that an entry names. */
export interface Source {
  ip: string;
  state: { reference?: string };
}

export interface Subject {
  account?: Account;
  clientId?: string;
  detail?: Record<string, string | number | boolean>;
}

export interface Audit {
  /** Writes an entry and resolves when it is kept; throws RecordsUnavailable, and then the outcome must not be given. */
  write(source: Source, event: string, subject: Subject): Promise<void>;
}

/** The audit, kept in `records` and dated by `now`. */
export function createAudit(records: Pick<Records['audit'], 'append'>, now: () => Date): Audit {
  return {
    write: (source, event, { account, clientId, detail }) =>
      records.append({
        at: now(),
        event,
        reference: source.state.reference,
        accountId: account?.id,
        clientId,
        origin: shortened(source.ip),
        detail,
      }),
  };
}

/** A network address without its last part: IPv4 /24, IPv6 /48; enough to see where from, not who. */
export function shortened(ip: string): string {
  const plain = ip.replace(/^::ffff:(?=\d+\.)/, '');
  if (plain.includes('.')) return `${plain.split('.').slice(0, 3).join('.')}.0/24`;
  const groups = plain.split('::')[0]!.split(':').filter(Boolean).slice(0, 3);
  return `${groups.join(':')}::/48`;
}
