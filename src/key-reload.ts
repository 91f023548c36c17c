/** Changed signing keys, taken into use while the server runs, and told of: in the log by kid, and in numbers. */

import type { Logger } from 'pino';
import type { Metrics } from './metrics.ts';
import type { CurrentProvider } from './oidc/current-provider.ts';
import { publicPart, type SigningKey } from './oidc/keys/life.ts';
import { type KeyWatch, watchKeys } from './oidc/keys/watch.ts';

export interface KeyReloadOptions {
  current: CurrentProvider;
  /** Reads the keys file. */
  read(): Promise<readonly SigningKey[]>;
  /** Has the signer sign with `key`, which is there. Throws where it does not, or where what it signs does not verify. */
  prove(key: SigningKey): Promise<void>;
  metrics: Pick<Metrics, 'watchKeys' | 'keysReloadFailures'>;
  log: Logger;
}

/** Watches the keys that `read` gives for `current`. What cannot be used is logged once and counted at every look. */
export function createKeyReload({ current, read, prove, metrics, log }: KeyReloadOptions): KeyWatch {
  const tell = () =>
    log.info({ keys: current.keys().map(({ kid, alg, kapu }) => `${kid} ${alg} ${kapu.status}`) }, 'signing keys');
  /** Keys of a signer are tried before they are published: nothing else would show that they sign as another key. */
  async function use(keys: readonly SigningKey[]): Promise<void> {
    const known = new Set(current.keys().map(facts));
    for (const key of keys) if (key.kapu.signer !== undefined && !known.has(facts(key))) await prove(key);
    current.replace(keys);
  }
  metrics.watchKeys(current.keys);
  tell();
  return watchKeys(current.keys(), {
    read,
    use,
    failed(fault, again) {
      metrics.keysReloadFailures.inc();
      if (!again) log.error({ reason: fault.message }, 'the keys file cannot be used: the keys from before serve on');
    },
    used: tell,
  });
}

/** What has been proven of a key: that the signer's one is this public key. */
const facts = (key: SigningKey) => JSON.stringify([key.kapu.signer, publicPart(key)]);
