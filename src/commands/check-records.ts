/** Records in `kapu check`: the database and its schema, what is in it that should not be, and the clock. */

import type { Records } from '../records/records.ts';
import type { CheckEffects } from './check.ts';
import { legacyClients, retiredNames } from './check-clients.ts';
import { demoPeopleIn } from './demo-people.ts';
import { type Finding, fail, messageOf, ok, warn } from './finding.ts';

/** Records, what is in them that should not be, and the clock against what they remember. */
export async function checkRecords(effects: CheckEffects): Promise<Finding[]> {
  const { settings, openRecords, inspectPostgres, now } = effects;
  let records: Records | undefined;
  try {
    const server = (await inspectPostgres?.()) ?? [];
    const found = server.map((each) => ({ part: 'records', ...each }));
    records = await openRecords();
    const { state, found: at, needed } = await records.schema();
    const schema = {
      current: ok('records', `${settings.records.kind} answers, schema ${at}`),
      empty: warn('records', 'the database is empty', '`kapu migrate`, or `kapu serve` does it'),
      behind: warn('records', `schema ${at} is older than ${needed}`, '`kapu migrate`, or `kapu serve` does it'),
      ahead: warn('records', `schema ${at} is newer than this version`, 'finish the upgrade of the other servers'),
    }[state];
    if (state === 'empty' || state === 'behind') return [...found, schema];
    const demo = settings.mode === 'production' ? await demoPeopleIn(records) : [];
    const clients = await records.clients.list();
    const [latest] = await records.audit.list({ limit: 1 });
    return [
      ...found,
      schema,
      ...demo.map((name) => fail('records', `the demo's ${name} can sign in`, `\`kapu account disable ${name}\``)),
      clock(now(), 'the newest audit entry', latest?.at),
      ...retiredNames(settings, clients, await records.aliases.list(), now()),
      ...legacyClients(clients),
    ];
  } catch (fault) {
    return [fail('records', messageOf(fault), 'mend the records setting (KAPU_RECORDS_URL), or start the database')];
  } finally {
    await records?.end();
  }
}

/** A clock that is behind what has already happened is wrong. Half a minute between machines is not. */
function clock(now: Date, what: string, at: Date | undefined): Finding {
  const hint = 'set the clock, and keep it by NTP: codes, tokens and sessions live by it';
  const behind = at !== undefined && at.getTime() - now.getTime() > 30_000;
  if (behind || now.getUTCFullYear() < 2026) return fail('clock', `${now.toISOString()} is before ${what}`, hint);
  return ok('clock', now.toISOString());
}
