/** `kapu backup FILE`: everything that records hold, as it is at one moment, into a file, while servers go on. */

import { actOf } from '../audit/audit.ts';
import { writeBackup } from '../records/backup-file.ts';
import { ContentRefused, type Records } from '../records/records.ts';
import { Refused, type Terminal } from './command.ts';

export interface BackupEffects {
  records: Pick<Records, 'backup' | 'audit'>;
  terminal: Terminal;
  now: () => Date;
}

/** Writes the backup and says what is in it. Who took one along stands in the audit, and so in the backup. Throws Refused. */
export async function backup(file: string, { records, terminal, now }: BackupEffects): Promise<void> {
  await actOf({ records, now }, 'records.backup');
  const { rows, schema, sha256 } = await records
    .backup((content) => writeBackup(file, content, now()))
    .catch((fault: unknown) => {
      throw refusal(file, fault) ?? fault;
    });
  terminal.out(`${file}: ${inWords(rows)}; schema ${schema}`);
  terminal.out(`sha256 of its content: ${sha256}`);
  terminal.err('it holds password hashes and personal data: keep it encrypted, and apart from the peppers and keys');
}

/** '2 accounts, 1 clients': by table, as they are named. */
export function inWords(rows: Record<string, number>): string {
  const parts = Object.entries(rows).map(([table, count]) => `${count} ${table}`);
  return parts.join(', ') || 'nothing';
}

function refusal(file: string, fault: unknown): Refused | undefined {
  if (fault instanceof ContentRefused) {
    return new Refused(
      fault.message,
      'back it up by `kapu backup` of the version that it is of, or `kapu migrate` first',
    );
  }
  const { code, syscall } = fault as NodeJS.ErrnoException;
  if (!syscall) return undefined;
  if (code === 'EEXIST') return new Refused(`'${file}' is there already`, 'name another file, or move that one away');
  if (code === 'ENOSPC') return new Refused(`'${file}' has no room: the disk is full`, 'name a file on another disk');
  return new Refused(`'${file}' cannot be written (${code})`, 'check its path and its permissions');
}
