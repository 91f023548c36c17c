/** The inside of the HSM in hsm.ts: a thread that has the private keys, and gives none of them away. */

import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { parentPort } from 'node:worker_threads';

const keys: Record<string, { publicKey: KeyObject; privateKey: KeyObject }> = {
  'slot-1': generateKeyPairSync('ec', { namedCurve: 'P-256' }),
  'slot-2': generateKeyPairSync('ec', { namedCurve: 'P-256' }),
  'slot-rsa': generateKeyPairSync('rsa', { modulusLength: 2048 }),
};

export interface Asked {
  id: number;
  verb: 'publicKey' | 'sign';
  name: string;
  data?: Uint8Array;
  /** Answers as many devices do: with DER. */
  der?: boolean;
}

parentPort?.on('message', ({ id, verb, name, data, der }: Asked) => {
  const pair = keys[name];
  if (!pair) return parentPort!.postMessage({ id, problem: `there is no key ${name}` });
  const dsaEncoding = der ? ('der' as const) : ('ieee-p1363' as const);
  const result =
    verb === 'publicKey'
      ? pair.publicKey.export({ format: 'jwk' })
      : sign('sha256', data!, { key: pair.privateKey, dsaEncoding });
  parentPort!.postMessage({ id, result });
});
