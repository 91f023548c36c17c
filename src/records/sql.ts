/**
 * Records over a SQL database: puts together the queries (one set for SQLite and PostgreSQL, in accounts.ts, clients.ts,
 * aliases.ts, audit.ts, notices.ts and deletions.ts), the migrations, and the way of everything in and out. It knows no driver: faults of a database come to it as
 * RecordsUnavailable already.
 */

import type { Kysely } from 'kysely';
import { accountsIn } from './accounts.ts';
import { aliasesIn } from './aliases.ts';
import { auditIn } from './audit.ts';
import { clientsIn, consentsIn } from './clients.ts';
import { read, replace } from './content.ts';
import { credentialsIn } from './credentials.ts';
import { deletionsIn } from './deletions.ts';
import { migrate, schemaOf } from './migrate.ts';
import { noticesIn } from './notices.ts';
import type { Records } from './records.ts';
import type { Schema } from './schema.ts';

/** A database as the queries need it. */
export interface Database {
  db: Kysely<Schema>;
  /** Whether it can be written to now. May throw. */
  writable(): Promise<boolean>;
  /** Runs `work` where statements may take long. */
  patiently<Result>(work: (db: Kysely<Schema>) => Promise<Result>): Promise<Result>;
  /** Finishes what runs and closes. What is asked afterwards fails with RecordsUnavailable. */
  end(): Promise<void>;
}

/** Records over an open database; `now` dates what is written. */
export function sqlRecords({ db, writable, patiently, end }: Database, now: () => Date): Records {
  return {
    accounts: accountsIn(db, now),
    credentials: credentialsIn(db, now),
    clients: clientsIn(db, now),
    consents: consentsIn(db, now),
    aliases: aliasesIn(db, now),
    audit: auditIn(db),
    notices: noticesIn(db, now),
    deletions: deletionsIn(db, now),
    migrate: () => patiently(migrate),
    schema: () => schemaOf(db),
    backup: (work) => patiently((patient) => read(patient, work)),
    restore: (content, options) => patiently((patient) => replace(patient, content, options)),
    async ready() {
      try {
        return await writable();
      } catch {
        return false;
      }
    },
    end,
  };
}
