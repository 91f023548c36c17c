/**
 * Keys of clients that publish them by jwks_uri, so that a client changes them without asking anybody: a key that is not known has
 * them read again, at most once in a pause, and keys that are gone stop counting within `maxAge`. How they are fetched
 * is outbound.ts's business.
 */

import type Provider from 'oidc-provider';
import { pause } from '../outbound.ts';

/** Seconds after which keys are read again though none was missed. */
const maxAge = 10 * 60;

/** The library's store of one client's keys, of which its types say nothing. */
interface KeyStore {
  fresh(): boolean;
  refresh(): Promise<void>;
}
type Client = { jwksUri?: string; asymmetricKeyStore: KeyStore };

/** Has `provider` read clients' keys by the rules of this file; by itself it would keep them as long as they verify. */
export function keepClientKeys(provider: Provider, now: () => Date): void {
  const seconds = () => now().getTime() / 1000;
  const readAt = new WeakMap<KeyStore, number>();
  const ageOf = (store: KeyStore) => Math.abs(seconds() - (readAt.get(store) ?? Number.NEGATIVE_INFINITY));

  function rule(store: KeyStore): void {
    const read = store.refresh.bind(store);
    store.fresh = () => ageOf(store) < pause;
    store.refresh = async () => {
      if (store.fresh()) return;
      try {
        await read();
      } finally {
        readAt.set(store, seconds());
      }
    };
  }

  const ruled = new WeakSet<KeyStore>();
  const { Client } = provider;
  const find = Client.find.bind(Client);
  Client.find = async (id: string) => {
    const client = await find(id);
    if (!client?.jwksUri) return client;
    const store = (client as unknown as Client).asymmetricKeyStore;
    if (!ruled.has(store)) {
      ruled.add(store);
      rule(store);
    }
    // What is known goes on serving where they cannot be read; it is reported where it is tried.
    if (readAt.has(store) && ageOf(store) > maxAge) await store.refresh().catch(() => {});
    return client;
  };
}
