/** Changed signing keys, taken into use while the server runs, and told of: in the log by kid, and in numbers. */

import type { Logger } from 'pino';
import type { Metrics } from './metrics.ts';
import type { CurrentProvider } from './oidc/current-provider.ts';
import type { SigningKey } from './oidc/key-life.ts';
import { type KeyWatch, watchKeys } from './oidc/key-watch.ts';

export interface KeyReloadOptions {
  current: CurrentProvider;
  /** Reads the keys file. */
  read(): Promise<readonly SigningKey[]>;
  metrics: Pick<Metrics, 'watchKeys' | 'keysReloadFailures'>;
  log: Logger;
}

/** Watches the keys that `read` gives for `current`. What cannot be used is logged once and counted at every look. */
export function createKeyReload({ current, read, metrics, log }: KeyReloadOptions): KeyWatch {
  const tell = () =>
    log.info({ keys: current.keys().map(({ kid, alg, kapu }) => `${kid} ${alg} ${kapu.status}`) }, 'signing keys');
  metrics.watchKeys(current.keys);
  tell();
  return watchKeys(current.keys(), {
    read,
    use: current.replace,
    failed(fault, again) {
      metrics.keysReloadFailures.inc();
      if (!again) log.error({ reason: fault.message }, 'the keys file cannot be used: the keys from before serve on');
    },
    used: tell,
  });
}
