/**
 * Writes of a protocol request that nothing later in it reads: begun where the library asks for them, and known to be done before the answer
 * leaves. So they go to the store together, and wait for it together. This file knows nothing of what is written.
 */

import Provider from 'oidc-provider';

export interface BegunWrites {
  /** Lets the request go on while `write` runs; outside of a request it is waited for. */
  add(write: Promise<void>): Promise<void>;
  /** Resolves when all that the request has begun is done; rejects when any of it has failed. */
  done(ctx: object): Promise<void>;
}

/** No writes yet. Whoever adds some has `done` awaited before each answer. */
export function createBegunWrites(): BegunWrites {
  const begun = new WeakMap<object, Promise<void>[]>();
  return {
    async add(write) {
      const ctx = Provider.ctx;
      if (!ctx) return write;
      // A request that fails for another reason does not look at it any more.
      write.catch(() => {});
      begun.set(ctx, [...(begun.get(ctx) ?? []), write]);
    },
    async done(ctx) {
      await Promise.all(begun.get(ctx) ?? []);
    },
  };
}
