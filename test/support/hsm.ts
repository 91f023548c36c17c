/**
 * A signer module as a deployment would write one, over a device that is a thread of its own: the private keys are never in
 * this one. Tests count its signatures, and make it fail.
 */

import { Worker } from 'node:worker_threads';
import type { JWK } from 'jose';
import type { SignerModule } from '../../src/oidc/keys/signer.ts';
import type { Asked } from './hsm-device.ts';

export const hsm = {
  /** Signatures made so far, by the name of the key. */
  signatures: {} as Record<string, number>,
  /** How it is: well, failing at once, never answering, or answering in another form than JWS has. */
  mood: 'well' as 'well' | 'fails' | 'hangs' | 'der',
  /** Calls that were given up. */
  abandoned: 0,
  async end() {
    await device?.terminate();
    device = undefined;
  },
};

let device: Worker | undefined;
let last = 0;
const waiting = new Map<number, { resolve(result: never): void; reject(fault: Error): void }>();

function ask<T>(asked: Omit<Asked, 'id'>): Promise<T> {
  if (!device) {
    device = new Worker(new URL('./hsm-device.ts', import.meta.url));
    device.on('message', ({ id, result, problem }) => {
      const asker = waiting.get(id)!;
      waiting.delete(id);
      if (problem) asker.reject(new Error(problem));
      else asker.resolve(result as never);
    });
  }
  const id = ++last;
  const { promise, resolve, reject } = Promise.withResolvers<T>();
  waiting.set(id, { resolve, reject });
  device.postMessage({ id, ...asked });
  return promise;
}

export default function createSigner(): SignerModule {
  return {
    publicKey: (name) => ask<JWK>({ verb: 'publicKey', name }),
    async sign(name, _alg, data, signal) {
      if (hsm.mood === 'fails') throw new Error('the device is away');
      if (hsm.mood === 'hangs') {
        signal.addEventListener('abort', () => hsm.abandoned++);
        return new Promise(() => {});
      }
      hsm.signatures[name] = (hsm.signatures[name] ?? 0) + 1;
      return ask<Uint8Array>({ verb: 'sign', name, data, der: hsm.mood === 'der' });
    },
  };
}
