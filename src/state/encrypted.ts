/**
 * State that the store itself cannot read: a decorator over any State. Values are sealed with AES-256-GCM, each under
 * a key of its own that is derived from a secret and the state key, so that a value moved to another key, or changed,
 * does not open; names are hashed, so that none tells a user name, a cookie or an id, whatever a caller put into it.
 * Left as they are: numbers (`greatest`, counts), the names of fields and of counts, and the secrets of `offer` and
 * `guess`; what must not be read in them callers have hashed.
 * A field of a record is therefore always written as the one or the other: plain, or greatest.
 *
 * What does not open (another key, a forger) counts as not being there: its owner signs in again.
 */

import {
  createCipheriv,
  createDecipheriv,
  createSecretKey,
  hash,
  hkdfSync,
  type KeyObject,
  randomBytes,
} from 'node:crypto';
import type { Document, Fields, State } from './state.ts';

const cipher = 'aes-256-gcm';
const nonceBytes = 12;
const tagBytes = 16;
/** Characters before a sealed value that say which secret it was sealed under. */
const idLength = 4;

interface SealingKey {
  id: string;
  /** The key for the values of one state key. Because of it no key seals often: NIST SP 800-38D allows 2^32 random nonces. */
  under(name: string): KeyObject;
}

/**
 * `state` with everything sealed under the first of `keys`, secrets of at least 32 characters; what was sealed under any of
 * them opens. Whatever does not open is reported by its stored name.
 */
export function encryptState(
  state: State,
  keys: readonly string[],
  unreadable: (name: string) => void = () => {},
): State {
  const known = keys.map(sealingKey);
  const [first] = known;
  if (!first) throw new RangeError('there is no key to encrypt state with');

  /** Opens values of `key`: undefined for one that does not open. `field`: of a record, else ''. Its keys are worked out once. */
  function openerOf(key: string) {
    const unders = new Map<SealingKey, KeyObject>();
    return (field: string, value: string): string | undefined => {
      const sealer = known.find(({ id }) => value.startsWith(id));
      const under = sealer && (unders.get(sealer) ?? sealer.under(key));
      if (under) unders.set(sealer, under);
      const plain = under && open(under, field, value.slice(idLength));
      if (plain === undefined) unreadable(storedName(key));
      return plain;
    };
  }

  function openedDocument(key: string, document: Document | undefined): Document | undefined {
    const value = document && openerOf(key)('', document.value);
    return value === undefined ? undefined : { ...document, value };
  }

  const sealed = (key: string, value: string) => first.id + seal(first.under(key), '', value);

  function sealedFields(key: string, fields: Fields): Fields {
    const under = first!.under(key);
    return mapped(fields, (value, field) => first!.id + seal(under, field, value));
  }

  /** A record opened; undefined when a part of it does not open: what is left of it could say something else. */
  function openedFields(key: string, read: Fields): Fields | undefined {
    const opened = openerOf(key);
    const plain = mapped(read, (value, field) => (isNumber(value) ? value : opened(field, value)));
    return Object.values(plain).includes(undefined) ? undefined : (plain as Fields);
  }

  return {
    put: async (key, value, ttl) => state.put(storedName(key), sealed(key, value), ttl),
    add: async (key, value, ttl) => state.add(storedName(key), sealed(key, value), ttl),
    get: async (key) => openedDocument(key, await state.get(storedName(key))),
    consume: (key, at) => state.consume(storedName(key), at),
    take: async (key) => openedDocument(key, await state.take(storedName(key))),
    remove: (key) => state.remove(storedName(key)),

    merge: async (key, fields, ...rest) => state.merge(storedName(key), sealedFields(key, fields), ...rest),
    async begin(key, field, fields, ttl) {
      const read = await state.begin(storedName(key), field, sealedFields(key, { [field]: '', ...fields }), ttl);
      // It has begun all the same, so of what does not open nothing is told, as of a closed one.
      return read && (openedFields(key, read) ?? {});
    },
    async fields(key) {
      const read = await state.fields(storedName(key));
      return read && openedFields(key, read);
    },
    close: (key, ttl) => state.close(storedName(key), ttl),

    spend: (key, limits, ttl, amount) => state.spend(storedName(key), limits, ttl, amount),
    refund: (key, names, amount) => state.refund(storedName(key), names, amount),
    offer: (key, secret, ttl, life) => state.offer(storedName(key), secret, ttl, life),
    guess: (key, secret, limit) => state.guess(storedName(key), secret, limit),
    ready: () => state.ready(),
    end: () => state.end(),
  };
}

/** The name that `key` is stored by: its kind, which is what stands before a colon, and a one-way hash of all of it. */
export function storedName(key: string): string {
  const [kind = ''] = /^[A-Za-z][\w-]*:/.exec(key) ?? [];
  return kind + hash('sha256', key, 'base64url').slice(0, 32);
}

function sealingKey(secret: string): SealingKey {
  const derived = (purpose: string, bytes: number) => Buffer.from(hkdfSync('sha256', secret, '', purpose, bytes));
  const root = derived('kapu state encryption', 32);
  return {
    id: derived('kapu state key id', (idLength * 3) / 4).toString('base64url'),
    // A tenth of the time of an HMAC, and as good: SHA-512/256 cannot be extended. And a cipher takes a key as an object in a third
    // of the time that it takes bytes in (Node 24).
    under: (name) => createSecretKey(hash('sha512-256', Buffer.concat([root, Buffer.from(name)]), 'buffer')),
  };
}

function seal(key: KeyObject, field: string, plain: string): string {
  const nonce = randomBytes(nonceBytes);
  const sealing = createCipheriv(cipher, key, nonce).setAAD(Buffer.from(field));
  const body = sealing.update(plain, 'utf8');
  sealing.final();
  return Buffer.concat([nonce, body, sealing.getAuthTag()]).toString('base64url');
}

function open(key: KeyObject, field: string, sealed: string): string | undefined {
  const bytes = Buffer.from(sealed, 'base64url');
  if (bytes.length < nonceBytes + tagBytes) return undefined;
  const tagAt = bytes.length - tagBytes;
  const opening = createDecipheriv(cipher, key, bytes.subarray(0, nonceBytes), { authTagLength: tagBytes })
    .setAAD(Buffer.from(field))
    .setAuthTag(bytes.subarray(tagAt));
  const plain = opening.update(bytes.subarray(nonceBytes, tagAt), undefined, 'utf8');
  try {
    return plain + opening.final('utf8');
  } catch {
    return undefined;
  }
}

/** Only `greatest` writes a bare number: a sealed value is longer than any. */
function isNumber(value: string): boolean {
  return /^-?\d{1,16}$/.test(value);
}

/** fromEntries, so that a field named '__proto__' is one like another. */
function mapped<T>(fields: Fields, change: (value: string, field: string) => T): Record<string, T> {
  return Object.fromEntries(Object.entries(fields).map(([field, value]) => [field, change(value, field)]));
}
