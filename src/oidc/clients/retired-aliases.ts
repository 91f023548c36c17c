/**
 * Who still asks for levels by spellings whose sunset has passed. They go on working: a renamed level breaks no service; the
 * log and the records say whom to write to (`kapu check` reads them).
 */

import type { Logger } from 'pino';
import { isRetired, type Ladder } from '../../assurance/levels.ts';
import type { Records } from '../../records/records.ts';

/** Milliseconds in which a client's use of an alias is noted once, by each process. */
const once = 60 * 60 * 1000;

/** Told of the spellings that a request of `clientId` used, it notes the retired ones, without holding the request up. */
export type NoteSpellings = (clientId: string, spellings: readonly string[]) => void;

/** Notes the retired spellings of `ladder` in the log and in `aliases`. It never throws: a record that fails is
 *  logged. */
export function createRetiredAliases(options: {
  ladder: Ladder;
  aliases: Records['aliases'];
  log: Logger;
  now: () => Date;
}): NoteSpellings {
  const { ladder, aliases, log, now } = options;
  const aliasesByName = new Map(ladder.flatMap((level) => level.aliases).map((alias) => [alias.name, alias]));
  const noted = new Map<string, number>();
  return (clientId, spellings) => {
    const time = now().getTime();
    for (const spelling of spellings) {
      const alias = aliasesByName.get(spelling);
      const key = `${clientId} ${spelling}`;
      if (!alias?.sunset || !isRetired(alias, new Date(time)) || time - (noted.get(key) ?? 0) < once) continue;
      noted.set(key, time);
      log.warn(
        { clientId, alias: spelling, sunset: alias.sunset.toISOString().slice(0, 10) },
        'a retired name of a level is still used',
      );
      aliases
        .used(clientId, spelling)
        .catch((error) => log.error({ err: error }, 'the use of a retired name was not kept'));
    }
  };
}
