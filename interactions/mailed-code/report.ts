/** What is said of a mailed code that left or did not, and how mail and page name it alike. */

import { createHash } from 'node:crypto';
import type { Source } from '../../src/audit/audit.ts';

/** A mail that left or did not. */
export interface Reported {
  /** Missing where somebody has no account yet. */
  accountId: string | undefined;
  clientId: string;
  level: string;
  /** The request that asked for it. */
  source: Source;
  /** As the mail and the page name it. */
  reference: string;
}

/** Writes down what became of a mail; `detail` is the transport, or why it did not leave. */
export type ReportMail = (mail: Reported, outcome: 'sent' | 'failed', detail: string) => Promise<void>;

/** The short reference that the page and its mails share: enough to tell one screen from another, and no secret. */
export function mailReference(uid: string): string {
  const alphabet = '23456789ABCDEFGHJKLMNPQRSTUVWXYZ';
  const bytes = createHash('sha256').update(`mail reference ${uid}`).digest();
  return [...bytes.subarray(0, 4)].map((byte) => alphabet[byte % alphabet.length]).join('');
}
