/**
 * The signing keys and their life: added (published, so that services learn it), promoted (signs), retiring (published
 * still, for tokens that it signed), gone. This file owns what a set of keys may become; `keys.ts` keeps it, and
 * `current-provider.ts` serves it.
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
  /** The name that the deployment's signer knows the key by, where it is the signer that has the private part. */
  signer: z.string().min(1).optional(),
});

const text = z.string().min(1);
const signingKey = z
  .looseObject({
    kty: z.enum(['EC', 'RSA', 'OKP']),
    kid: text,
    alg: z.enum(keyAlgorithms),
    use: z.literal('sig'),
    /** The private part: every kind of key has it. */
    d: text.optional(),
    /** The private part in the file, encrypted: see encryption.ts. */
    encrypted: text.optional(),
    kapu: life,
  })
  .refine(({ d, encrypted, kapu }) => [d, encrypted, kapu.signer].filter(Boolean).length === 1, {
    message: 'is to have its private part once: in clear, encrypted, or in the signer',
  });

/** A JWK with its life, times in ISO 8601, and with its private part (which, in the file, may be encrypted) or the name of it in the signer. */
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
  return signingKey.parse({ ...jwk, ...(await names(jwk, alg, now)), kapu: beginning(now) });
}

/** The same for a key that the signer has under the name `signer`, with its public part `jwk`. Throws KeysRefused where it is not one for `alg`. */
export async function externalKey(alg: KeyAlgorithm, signer: string, jwk: JWK, now: Date): Promise<SigningKey> {
  const { kty, crv, x, y, n, e } = jwk;
  const fits = { ES256: crv === 'P-256', EdDSA: crv === 'Ed25519', RS256: kty === 'RSA', PS256: kty === 'RSA' }[alg];
  if (!fits) throw new KeysRefused(`the signer's key '${signer}' is not one for ${alg}`, 'name another with --alg');
  const written = { kty, crv, x, y, n, e, ...(await names(jwk, alg, now)), kapu: { ...beginning(now), signer } };
  return signingKey.parse(JSON.parse(JSON.stringify(written)));
}

async function names(jwk: JWK, alg: KeyAlgorithm, now: Date) {
  const day = now.toISOString().slice(0, 10).replaceAll('-', '');
  return { kid: `${day}-${(await calculateJwkThumbprint(jwk)).slice(0, 12)}`, alg, use: 'sig' };
}

function beginning(now: Date) {
  return { status: 'next', addedAt: now.toISOString() };
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

/** `keys` as the protocol library wants them, which signs with the first key that fits: signing keys come first. */
export function inOrder(keys: readonly SigningKey[]): SigningKey[] {
  return keys.toSorted((one, other) => order[one.kapu.status] - order[other.kapu.status]);
}

/** The public part of a key. */
export function publicPart({ kty, crv, x, y, n, e, kid, alg, use }: JWK & { kty: string }): JWK & { kty: string } {
  const members = Object.entries({ crv, x, y, n, e, kid, alg, use }).filter(([, value]) => value !== undefined);
  return { kty, ...Object.fromEntries(members) };
}

/** Throws KeysRefused when `after` cannot sign with an algorithm that `before` signs with: no command does that, so the file is not whole. */
export function refuseLoss(before: readonly SigningKey[], after: readonly SigningKey[]): void {
  const signed = keyAlgorithms.filter((alg) => signing(before, alg));
  const [lost] = missingAlgorithms(after, signed.length > 0 ? signed : ['ES256']);
  if (lost) throw new KeysRefused(`no key signs with ${lost}`, 'bring the keys file back from a backup');
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
