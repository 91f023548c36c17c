/** A process that writes to an audit as fast as it can: `burst.ts KIND WHERE NAME`; it says how many entries it knows to be kept. */

import { createPostgresRecords } from '../../src/records/postgres.ts';
import { createSqliteRecords } from '../../src/records/sqlite.ts';

const [kind, where, name] = process.argv.slice(2) as [string, string, string];
const records =
  kind === 'SQLite'
    ? await createSqliteRecords({ file: where })
    : await createPostgresRecords({ url: where, connections: 3, queryPatience: 5000 });

let kept = 0;
for (let round = 0; ; round++) {
  const entries = Array.from({ length: 50 }, (_, n) => ({ at: new Date(), event: `${name}.${round}.${n}` }));
  await Promise.all(
    entries.map(async (entry) => {
      await records.audit.append(entry);
      kept++;
    }),
  );
  process.stdout.write(`${kept}\n`);
}
