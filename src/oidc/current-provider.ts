/**
 * The provider that serves now. A provider belongs to one set of keys; new keys bring a new one over the same stores.
 * A request goes on with the provider that it began with, so none is lost when they change. What makes a provider,
 * and where keys come from, is handed in.
 */

import type { Middleware } from 'koa';
import type Provider from 'oidc-provider';
import { refuseLoss, type SigningKey } from './keys/life.ts';

export interface CurrentProvider {
  /** The newest; ask anew in each request, and once only. */
  get(): Provider;
  keys(): readonly SigningKey[];
  /** Serves the protocol, each request by the provider that is the newest when it comes. */
  middleware: Middleware;
  /** From the next request on serves with `keys`. Throws, and serves on as before, when they cannot sign what these do. */
  replace(keys: readonly SigningKey[]): void;
}

/** Serves by the provider that `make` makes of `keys`, with `around` standing around it. */
export function createCurrentProvider(
  keys: readonly SigningKey[],
  make: (keys: readonly SigningKey[]) => Provider,
  around: (provider: Provider) => Middleware,
): CurrentProvider {
  const serving = (of: readonly SigningKey[]) => {
    const provider = make(of);
    return { keys: of, provider, serve: around(provider) };
  };
  let current = serving(keys);
  return {
    get: () => current.provider,
    keys: () => current.keys,
    middleware: (ctx, next) => current.serve(ctx, next),
    replace(others) {
      refuseLoss(current.keys, others);
      current = serving(others);
    },
  };
}
