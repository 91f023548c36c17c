/**
 * Private keys at rest. In the file each key's private part is a JWE (RFC 7516) of its own, so that what is public stays
 * readable without any secret. The secrets are a list: the first encrypts, all decrypt. This file knows the form, not the
 * keys file.
 */

import { hkdfSync } from 'node:crypto';
import { CompactEncrypt, compactDecrypt, decodeProtectedHeader } from 'jose';
import { KeysRefused, type SigningKey } from './life.ts';

const method = { alg: 'dir', enc: 'A256GCM' };

/** Of the parameters of RFC 7518, 6, those that are private. */
const privateMembers = ['d', 'p', 'q', 'dp', 'dq', 'qi'];

/** `key` with its private part encrypted under `secret`, of at least 32 characters; one that the signer has stays as it is. */
export async function encryptKey(key: SigningKey, secret: string): Promise<SigningKey> {
  if (key.d === undefined) return key;
  const { kept, hidden } = divided(key);
  const { id, content } = derived(secret);
  // With its kid, so that it cannot be put in the place of another key's.
  const plain = JSON.stringify({ kid: key.kid, ...hidden });
  const encrypted = await new CompactEncrypt(Buffer.from(plain))
    .setProtectedHeader({ ...method, kid: id })
    .encrypt(content);
  return { ...kept, encrypted } as SigningKey;
}

/** `key` with its private part in clear. Throws KeysRefused when none of `secrets` opens it. */
export async function decryptKey(key: SigningKey, secrets: readonly string[]): Promise<SigningKey> {
  const { encrypted, ...kept } = key;
  if (encrypted === undefined) return key;
  const id = encryptedUnder(key);
  const known = secrets.map(derived).find((each) => each.id === id);
  if (!known) {
    throw new KeysRefused(
      `the key ${key.kid} is encrypted with a secret that is not among secrets.keyEncryptionKeys`,
      'give the one that it was encrypted with: KAPU_KEY_ENCRYPTION_KEYS',
    );
  }
  try {
    const options = { keyManagementAlgorithms: [method.alg], contentEncryptionAlgorithms: [method.enc] };
    const { plaintext } = await compactDecrypt(encrypted, known.content, options);
    const { kid, ...hidden } = JSON.parse(Buffer.from(plaintext).toString('utf8'));
    if (kid === key.kid) return { ...kept, ...hidden };
  } catch {}
  throw new KeysRefused(`the encrypted part of the key ${key.kid} was changed`, 'bring it back from a backup');
}

/** Whether the key is in the file as the first of `secrets` leaves it. */
export function isEncryptedAsNow(key: SigningKey, [first]: readonly string[]): boolean {
  return key.kapu.signer !== undefined || (first !== undefined && encryptedUnder(key) === derived(first).id);
}

/** What tells the secrets apart that `key` was encrypted with; it gives nothing of them away. */
export function encryptedUnder({ encrypted }: SigningKey): string | undefined {
  try {
    return encrypted === undefined ? undefined : decodeProtectedHeader(encrypted).kid;
  } catch {
    return undefined;
  }
}

function derived(secret: string): { id: string; content: Uint8Array } {
  const of = (purpose: string, bytes: number) => Buffer.from(hkdfSync('sha256', secret, '', purpose, bytes));
  return {
    id: of('kapu signing key secret id', 6).toString('base64url'),
    content: of('kapu signing keys at rest', 32),
  };
}

function divided(key: SigningKey) {
  const isPrivate = ([name]: [string, unknown]) => privateMembers.includes(name);
  const members = Object.entries(key);
  return {
    hidden: Object.fromEntries(members.filter(isPrivate)),
    kept: Object.fromEntries(members.filter((member) => !isPrivate(member))),
  };
}
