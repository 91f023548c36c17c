/**
 * The vault: texts that a store keeps and cannot read, such as the secret of an authenticator app. Sealed as JWE (RFC 7516, direct
 * encryption, AES-256-GCM) under a key of each place's own, so that what is moved from one person to another does not open.
 */

import { hkdf as hkdfCallback } from 'node:crypto';
import { promisify } from 'node:util';
import { CompactEncrypt, compactDecrypt } from 'jose';

export interface Vault {
  /** `text`, sealed for `place`: a name of where it is kept, and of whose it is. */
  seal(text: string, place: string): Promise<string>;
  /** The text; undefined when it does not open: sealed for another place, under a key that is gone, or changed. `old`: under another key than the first. */
  open(sealed: string, place: string): Promise<{ text: string; old: boolean } | undefined>;
}

const hkdf = promisify(hkdfCallback);

/** A vault under `secrets`, of at least 32 characters each: the first seals, all open. */
export function createVault(secrets: readonly string[]): Vault {
  const [first] = secrets;
  if (first === undefined) throw new RangeError('there is no key for the vault');
  const keyOf = async (secret: string, place: string) =>
    new Uint8Array(await hkdf('sha256', secret, '', `kapu vault ${place}`, 32));

  return {
    async seal(text, place) {
      const sealing = new CompactEncrypt(new TextEncoder().encode(text));
      return sealing.setProtectedHeader({ alg: 'dir', enc: 'A256GCM' }).encrypt(await keyOf(first, place));
    },
    async open(sealed, place) {
      for (const secret of secrets) {
        const options = { keyManagementAlgorithms: ['dir'], contentEncryptionAlgorithms: ['A256GCM'] };
        const opened = await compactDecrypt(sealed, await keyOf(secret, place), options).catch(() => undefined);
        if (opened) return { text: new TextDecoder().decode(opened.plaintext), old: secret !== first };
      }
      return undefined;
    },
  };
}
