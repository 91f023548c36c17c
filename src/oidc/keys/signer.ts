/**
 * Signing elsewhere: a deployment's own module that signs with keys Kapu never has, as in an HSM or a key service. This file
 * owns what such a module promises, how long it may take, and how its keys are tried before they are trusted. The life
 * of these keys is in the keys file, like that of all others.
 */

import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { CompactSign, compactVerify, importJWK, type JWK } from 'jose';
import { type KeyAlgorithm, KeysRefused, publicPart, type SigningKey } from './life.ts';

/** What a signer module's default export gives, or promises, when it is called without arguments. */
export interface SignerModule {
  /** The public part, as a JWK, of the key that the device knows by `name`. */
  publicKey(name: string): Promise<JWK>;
  /**
   * The signature of `data`, in the form of RFC 7518, 3: for ES256 the 64 bytes of R and S, not DER. It is hashed here, not
   * before. `signal` is aborted when nobody waits any more. Called many times at once.
   */
  sign(name: string, alg: KeyAlgorithm, data: Uint8Array, signal: AbortSignal): Promise<Uint8Array>;
  /** Closes what is open. */
  end?(): Promise<void>;
}

/** The same as Kapu uses it: no call takes longer than the settings allow, and every fault is SignerUnavailable. */
export interface Signer {
  publicKey(name: string): Promise<JWK>;
  sign(name: string, alg: KeyAlgorithm, data: Uint8Array): Promise<Uint8Array>;
  /** Signs with a key that nothing depends on yet: where it fails, `ready` is as it was. */
  attempt(name: string, alg: KeyAlgorithm, data: Uint8Array): Promise<Uint8Array>;
  /** Resolves at once while it signs; after a failure only when it has signed something again. Ask before anything is used up. */
  ready(): Promise<void>;
  end(): Promise<void>;
}

/** The signer failed, or took too long; it may be back soon. */
export class SignerUnavailable extends Error {
  override name = 'SignerUnavailable';
}

export interface SignerSettings {
  /** The path of the module. */
  module: string;
  /** Seconds that one signature may take. */
  patience: number;
}

/** The signer of the settings. Throws KeysRefused when its module cannot be loaded or is none. */
export async function openSigner({ module, patience }: SignerSettings): Promise<Signer> {
  const refuse = (why: string) => {
    throw new KeysRefused(`the signer '${module}' cannot be used: ${why}`, 'docs/operating.md says what it must be');
  };
  const signer = await import(pathToFileURL(resolve(module)).href)
    .then((loaded) => (typeof loaded.default === 'function' ? loaded.default() : undefined))
    .catch((fault: Error) => refuse(fault.message));
  if (typeof signer?.publicKey !== 'function' || typeof signer.sign !== 'function')
    refuse('its default export gives no object with publicKey and sign');
  return patientSigner(signer, patience * 1000);
}

/** Bytes that are no token, whatever signs them. */
const something = new TextEncoder().encode('kapu');

/** `signer`, whose faults are all SignerUnavailable, and which gives up after `patience` milliseconds. */
export function patientSigner(signer: SignerModule, patience: number): Signer {
  async function within<T>(what: string, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const stop = new AbortController();
    const { promise: late, reject } = Promise.withResolvers<never>();
    const timer = setTimeout(() => reject(new Error(`no answer within ${patience} ms`)), patience);
    try {
      // What comes after that is of no use to anybody, an error neither.
      return await Promise.race([Promise.resolve(stop.signal).then(work), late]);
    } catch (cause) {
      throw new SignerUnavailable(`the signer could not ${what}: ${(cause as Error)?.message}`, { cause });
    } finally {
      clearTimeout(timer);
      stop.abort();
    }
  }
  const attempt: Signer['attempt'] = (name, alg, data) =>
    within(`sign with '${name}'`, (signal) => signer.sign(name, alg, data, signal));
  /** Signs something with the key that failed last. */
  let again: (() => Promise<unknown>) | undefined;
  let trying: Promise<void> | undefined;
  return {
    publicKey: (name) => within(`give the key '${name}'`, () => signer.publicKey(name)),
    attempt,
    async sign(name, alg, data) {
      try {
        return await attempt(name, alg, data);
      } catch (fault) {
        again = () => attempt(name, alg, something);
        throw fault;
      }
    },
    async ready() {
      if (!again) return;
      // One for all who ask: a device that is in trouble is not asked by everybody.
      trying ??= again()
        .then(() => {
          again = undefined;
        })
        .finally(() => {
          trying = undefined;
        });
      await trying;
    },
    end: async () => within('end', async () => signer.end?.()),
  };
}

/** Signs something with `key`, which is the signer's, and verifies it. Throws KeysRefused where it does not verify. */
export async function proveKey(signer: Signer, key: SigningKey): Promise<void> {
  const trying = { ...signer, sign: signer.attempt };
  const compact = await signCompact(something, { alg: key.alg, kid: key.kid }, key, trying);
  await compactVerify(compact, await importJWK(publicPart(key), key.alg)).catch(() => {
    throw new KeysRefused(
      `what the signer signs with '${key.kapu.signer}' does not verify with its public key`,
      key.alg === 'ES256' ? 'a signature for ES256 is R and S in 64 bytes, not DER' : 'look at the signer',
    );
  });
}

/** A compact JWS (RFC 7515, 7.1) by `key`, wherever its private part is. */
export async function signCompact(
  payload: Uint8Array,
  header: { alg: KeyAlgorithm; kid: string; typ?: string },
  key: SigningKey,
  signer: Signer | undefined,
): Promise<string> {
  const { signer: name } = key.kapu;
  if (name === undefined)
    return new CompactSign(payload).setProtectedHeader(header).sign(await importJWK(key as JWK, key.alg));
  if (!signer) throw new KeysRefused(...without(key));
  const said = [Buffer.from(JSON.stringify(header)), payload].map((part) => Buffer.from(part).toString('base64url'));
  const signature = await signer.sign(name, key.alg, Buffer.from(said.join('.')));
  return [...said, Buffer.from(signature).toString('base64url')].join('.');
}

/** What is wrong where a key is in a signer and the settings name none; a message and a hint. */
export function without({ kid }: SigningKey): [string, string] {
  return [`the key ${kid} is in a signer, and the settings name none`, 'set signer'];
}
