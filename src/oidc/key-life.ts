/**
 * The signing keys and their life: added (published, so that services learn it), promoted (signs), retiring (published
 * still, for tokens that it signed), gone. This file owns what a set of keys may become; `keys.ts` keeps it, and
 * the protocol library only gets `providerJwks`.
 */

import { calculateJwkThumbprint, exportJWK, generateKeyPair, type JWK } from 'jose';
import { z } from 'zod';

export const keyAlgorithms = ['ES256', 'RS256', 'PS256', 'EdDSA'] as const;
export type KeyAlgorithm = (typeof keyAlgorithms)[number];

const life = z.strictObject({
  /** 'next' and 'retiring' are published, 'signing' is published and signs. */
  status: z.enum(['next', 'signing', 'retiring']),
  addedAt: z.iso.datetime(),
  promotedAt: z.iso.datetime().optional(),
  retiringAt: z.iso.datetime().optional(),
});

const signingKey = z.looseObject({
  kty: z.enum(['EC', 'RSA', 'OKP']),
  kid: z.string().min(1),
  alg: z.enum(keyAlgorithms),
  use: z.literal('sig'),
  /** The private part: every kind of key has it. */
  d: z.string().min(1),
  kapu: life,
});

/** A private JWK with its life, times in ISO 8601. */
export type SigningKey = z.output<typeof signingKey>;

/** The file as it is written: a JWK Set (RFC 7517, 5), at most one signing key an algorithm. */
export const keySetSchema = z.strictObject({
  keys: z
    .array(signingKey)
    .refine((keys) => new Set(keys.map(({ kid }) => kid)).size === keys.length, 'holds one kid twice')
    .refine((keys) => {
      const signing = keys.filter((key) => key.kapu.status === 'signing');
      return new Set(signing.map(({ alg }) => alg)).size === signing.length;
    }, 'holds two signing keys for one algorithm'),
});

/** A change of keys that is refused. `message` says what is wrong, `hint` what to do. */
export class KeysRefused extends Error {
  override name = 'KeysRefused';
  readonly hint: string;

  constructor(message: string, hint: string) {
    super(message);
    this.hint = hint;
  }
}

/** A new key, not yet in any set. RSA has 3072 bits: 128 bits of strength (ASVS 11.2.3). The kid is the day and a part of
 *  RFC 7638's thumbprint: people must tell keys apart, and a kid must not begin like an option. */
export async function generateKey(alg: KeyAlgorithm, now: Date): Promise<SigningKey> {
  const rsa = alg === 'RS256' || alg === 'PS256';
  const pair = await generateKeyPair(alg, { extractable: true, ...(rsa && { modulusLength: 3072 }) });
  const jwk = await exportJWK(pair.privateKey);
  const day = now.toISOString().slice(0, 10).replaceAll('-', '');
  const kid = `${day}-${(await calculateJwkThumbprint(jwk)).slice(0, 12)}`;
  return signingKey.parse({ ...jwk, kid, alg, use: 'sig', kapu: { status: 'next', addedAt: now.toISOString() } });
}

/** `keys` and one more. The first of its algorithm signs at once: there is no older one to sign while it gets known. */
export function addKey(keys: readonly SigningKey[], key: SigningKey, now: Date): SigningKey[] {
  const added = [...keys, key];
  return signing(keys, key.alg) ? added : promoted(added, key, now);
}

/** How long a key is published before it signs: services look for new keys now and then, most at least hourly. */
const publishedFor = 3600;

/**
 * The key signs from now on, and the one that signed is retiring. Throws KeysRefused when there is no such key, it does
 * not wait to sign, or it has been published for less than `publishedFor` (unless `force`).
 */
export function promote(keys: readonly SigningKey[], kid: string, now: Date, force = false): SigningKey[] {
  const key = find(keys, kid);
  const { status, addedAt } = key.kapu;
  if (status === 'signing') throw new KeysRefused(`key ${kid} signs already`, 'nothing is to be done');
  if (status === 'retiring') throw new KeysRefused(`key ${kid} is retiring`, 'add a new key: `kapu keys add`');
  const from = new Date(Date.parse(addedAt) + publishedFor * 1000);
  if (now < from && !force && signing(keys, key.alg)) {
    throw new KeysRefused(
      `key ${kid} is not published long enough: services may not know it yet`,
      `wait until ${from.toISOString()}, or add --force when the present key must not sign any more`,
    );
  }
  return promoted(keys, key, now);
}

/**
 * `keys` without the key: nothing that it signed verifies any more. Throws KeysRefused when there is no such key, when
 * it signs, or when it is retiring for less than `keepFor` seconds (unless `force`).
 */
export function retire(
  keys: readonly SigningKey[],
  kid: string,
  keepFor: number,
  now: Date,
  force = false,
): SigningKey[] {
  const { status, retiringAt } = find(keys, kid).kapu;
  if (status === 'signing') {
    throw new KeysRefused(
      `key ${kid} signs now`,
      'add another and promote it: `kapu keys add`, `kapu keys promote KID`',
    );
  }
  if (status === 'retiring') {
    const until = new Date(Date.parse(retiringAt ?? now.toISOString()) + keepFor * 1000);
    if (now < until && !force) {
      const hint = `wait until ${until.toISOString()}, or add --force when the key has leaked`;
      throw new KeysRefused(`tokens that key ${kid} signed may still be in use`, hint);
    }
  }
  return keys.filter((key) => key.kid !== kid);
}

const order = { signing: 0, next: 1, retiring: 2 };

/** The set for the protocol library, which signs with the first key that fits: signing keys come first. Without Kapu's member. */
export function providerJwks(keys: readonly SigningKey[]): { keys: (JWK & { kty: string })[] } {
  const sorted = keys.toSorted((one, other) => order[one.kapu.status] - order[other.kapu.status]);
  return { keys: sorted.map(({ kapu: _, ...jwk }) => jwk) };
}

/** What `keys` lacks to sign with: the algorithms among `wanted` without a signing key. */
export function missingAlgorithms(keys: readonly SigningKey[], wanted: readonly KeyAlgorithm[]): KeyAlgorithm[] {
  return wanted.filter((alg) => !signing(keys, alg));
}

function signing(keys: readonly SigningKey[], alg: KeyAlgorithm): SigningKey | undefined {
  return keys.find((key) => key.alg === alg && key.kapu.status === 'signing');
}

function find(keys: readonly SigningKey[], kid: string): SigningKey {
  const key = keys.find((each) => each.kid === kid);
  if (!key) throw new KeysRefused(`there is no key ${kid}`, 'see `kapu keys list`');
  return key;
}

function promoted(keys: readonly SigningKey[], next: SigningKey, now: Date): SigningKey[] {
  const at = now.toISOString();
  return keys.map((key) => {
    if (key.kid === next.kid) return { ...key, kapu: { ...key.kapu, status: 'signing', promotedAt: at } };
    const stepsBack = key.alg === next.alg && key.kapu.status === 'signing';
    return stepsBack ? { ...key, kapu: { ...key.kapu, status: 'retiring', retiringAt: at } } : key;
  });
}
