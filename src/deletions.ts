/**
 * Removes the accounts that their owners have given up, when their time has come. What was written down of them stays in the audit,
 * under an id that is nobody's any more. It runs in every process; each account is one's.
 */

import type { Logger } from 'pino';
import type { Records } from './records/records.ts';

export interface DeletionsOptions {
  records: Pick<Records, 'deletions' | 'audit'>;
  log: Logger;
  /** Told of each removal that was tried. */
  count(outcome: 'removed' | 'failed'): void;
  now: () => Date;
}

export interface Deletions {
  /** Looks now, and then from time to time. */
  start(): void;
  /** Looks no more, and waits for a look that is under way. */
  end(): Promise<void>;
}

type Due = Parameters<Records['deletions']['remove']>[0];

/** Milliseconds between looks, and those that one process has for what it has taken on. */
const every = 10 * 60_000;
const lease = 5 * 60_000;

/** The deletions of one process; any number may run, and each account is removed by one. */
export function createDeletions({ records, log, count, now }: DeletionsOptions): Deletions {
  let timer: NodeJS.Timeout | undefined;
  let looking = Promise.resolve();
  let ending = false;

  async function look(): Promise<void> {
    try {
      while (!ending) {
        const due = await records.deletions.claim(lease);
        if (!due) return;
        // One that cannot be removed waits until the next look, and no other one waits with it.
        await remove(due).catch((err: Error) => {
          count('failed');
          log.error({ err, accountId: due.accountId }, 'an account could not be deleted');
        });
      }
    } catch (err) {
      count('failed');
      log.error({ err }, 'accounts that are to be deleted wait');
    }
  }

  async function remove(due: Due): Promise<void> {
    // Written first: nothing is removed of which nothing is written. After a kill between the two it is written again.
    await records.audit.append({ at: now(), event: 'account.deleted', accountId: due.accountId });
    if (!(await records.deletions.remove(due))) return;
    count('removed');
    log.info({ accountId: due.accountId }, 'an account has been deleted');
  }

  return {
    start() {
      looking = look();
      timer = setInterval(() => {
        looking = looking.then(look);
      }, every).unref();
    },
    async end() {
      clearInterval(timer);
      ending = true;
      await looking;
    },
  };
}
