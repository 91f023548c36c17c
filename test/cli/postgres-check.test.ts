/** `kapu check` on a PostgreSQL: what it finds stands in the table, with what to do. */

import { expect, test } from '@jest/globals';
import { closing } from '../support/closing.ts';
import { startPostgres } from '../support/postgres.ts';
import { makePlace } from './run.ts';

const atEnd = closing();

test('a role that owns the audit is doubtful, a careless server broken, a schema as it stands', async () => {
  const postgres = await startPostgres();
  atEnd(postgres.stop);
  const place = await makePlace(1);
  atEnd(place.remove);
  const url = await postgres.createDatabase();
  await place.change((settings) => {
    settings.records = { kind: 'postgres', url, connections: 10, queryPatience: 1000 };
  });
  expect((await place.kapu(['check'])).out).toMatch(/^warn +records +the database is empty\n {6}hint: `kapu migrate`/m);
  await place.kapu(['migrate']);
  const { code, out, err } = await place.kapu(['check']);
  expect({ code, err }).toEqual({ code: 1, err: '' });
  expect(out).toMatch(/^ok +records +PostgreSQL \S+ answers, without TLS$/m);
  expect(out).toMatch(/^ok +records +postgres answers, schema \d{4}-/m);
  expect(out).toMatch(/^warn +records +kapu is a superuser: .*\n {6}hint: give the server a role of its own/m);
  expect(out).toMatch(/^fail +records +fsync and full_page_writes off: .*\n {6}hint: turn them on/m);

  await postgres.down();
  expect((await place.kapu(['check'])).out).toMatch(
    /^fail +records +The records database does not serve: .*\n {6}hint: mend the records setting/m,
  );
}, 60_000);
