/** `kapu restore FILE`: a backup in the place of an empty database, or, on demand, of what is there. */

import { actOf } from '../audit/audit.ts';
import { BackupDamaged, readBackup } from '../records/backup-file.ts';
import { ContentRefused, type Records } from '../records/records.ts';
import { inWords } from './backup.ts';
import { Refused, type Terminal } from './command.ts';

export interface RestoreEffects {
  records: Pick<Records, 'restore' | 'audit'>;
  terminal: Terminal;
  now: () => Date;
}

export interface RestoreOptions {
  /** In the place of what is there. */
  replace?: boolean;
}

/** Restores all or nothing, and says what. Throws Refused: the database is then as it was. */
export async function restore(
  file: string,
  { replace = false }: RestoreOptions,
  effects: RestoreEffects,
): Promise<void> {
  const { records, terminal, now } = effects;
  try {
    const content = await readBackup(file);
    const { rows, rebuilt } = await records.restore(content, { replace });
    const detail = { taken: content.at.toISOString(), sha256: content.sha256 };
    await actOf({ records, now }, 'records.restored', { detail });
    terminal.out(`restored ${inWords(rows)}, as of ${content.at.toISOString()}`);
    if (rebuilt)
      terminal.err('the tables were made anew: where servers have a role of their own, give it its rights again');
    terminal.err('sessions may be newer than these records: change stateKeys, or empty the state store');
  } catch (fault) {
    throw refusal(file, fault) ?? fault;
  }
}

function refusal(file: string, fault: unknown): Refused | undefined {
  if (fault instanceof BackupDamaged) {
    return new Refused(`'${file}' cannot be restored: ${fault.message}`, 'take another backup; nothing was changed');
  }
  if (fault instanceof ContentRefused) {
    const hint = {
      newer: 'restore it with the version of Kapu that made it, or a later one',
      'other-schema': 'restore with the version of Kapu that the database is of',
      'not-empty': 'restore into another database, or add --replace to lose what is in this one',
    }[fault.reason];
    const why = fault.reason === 'not-empty' ? `the database is not empty: ${fault.message}` : fault.message;
    return new Refused(why, hint);
  }
  const { code, syscall } = fault as NodeJS.ErrnoException;
  return syscall ? new Refused(`'${file}' cannot be read (${code})`, 'check its path and its permissions') : undefined;
}
