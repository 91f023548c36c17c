/** Who still signs in without PKCE: clients of profile `legacy` go on working, and the log says daily which ones do. */

import type { Logger } from 'pino';

/** Milliseconds in which a client's use is noted once, by each process. */
const once = 24 * 60 * 60 * 1000;

/** Told that `clientId`, a legacy client, was served. */
export type NoteLegacyUse = (clientId: string) => void;

/** Notes legacy clients in the log. */
export function createLegacyUse(log: Logger, now: () => Date): NoteLegacyUse {
  const noted = new Map<string, number>();
  return (clientId) => {
    const time = now().getTime();
    if (time - (noted.get(clientId) ?? Number.NEGATIVE_INFINITY) < once) return;
    noted.set(clientId, time);
    log.warn({ clientId }, "a client of profile 'legacy' is in use: it has no PKCE");
  };
}
