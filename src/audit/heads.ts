/**
 * Heads of the audit's chains, signed, as an operator keeps them elsewhere. The signature says that Kapu took them, so that
 * a copy can lie where others could change it; it is a detached JWS (RFC 7515, appendix F) over all the rest of the file.
 * This file knows the form and the signature, not where entries or keys are kept.
 */

import { compactVerify, importJWK, type JWK } from 'jose';
import type { Head } from '../records/records.ts';

/** Entries without a chain: how many, the id of the last one, and a digest of all. */
export interface Past {
  entries: number;
  last: number;
  sha256: string;
}

export interface Heads {
  /** When they were taken. */
  at: Date;
  /** They are those of entries from before then, where that was asked. */
  before?: Date;
  heads: Head[];
  past: Past;
}

/** A key, with the names that a signature says it by. */
export type HeadsKey = JWK & { kid: string; alg: string };

/** Signs as a compact JWS with a header of `typ` and the key's own names. */
export type SignHeads = (payload: Uint8Array, typ: string) => Promise<string>;

/** A file of heads cannot be used. The message says why. */
export class HeadsRefused extends Error {
  override name = 'HeadsRefused';
}

/** So that the signature is good for nothing else: no token has this type (RFC 8725, 3.11). */
const type = 'kapu-audit-heads';

/** `heads` as JSON, signed by `sign`. */
export async function writeHeads({ at, before, heads, past }: Heads, sign: SignHeads): Promise<string> {
  const said = JSON.stringify({
    at,
    before,
    past,
    heads: heads.map(({ writer, number, at, hash }) => ({ writer, number, at, hash })),
  });
  const [header, , signature] = (await sign(Buffer.from(said), type)).split('.');
  return JSON.stringify({ ...JSON.parse(said), signature: `${header}..${signature}` }, null, 1);
}

/** The heads in `text`, signed by one of `keys`. Throws HeadsRefused. */
export async function readHeads(text: string, keys: readonly HeadsKey[]): Promise<Heads> {
  const { signature, ...said } = parsed(text);
  const [header, , signed] = signature.split('.');
  const payload = Buffer.from(JSON.stringify(said)).toString('base64url');
  await compactVerify(`${header}.${payload}.${signed}`, async ({ kid, alg, typ }) => {
    const key = keys.find((each) => each.kid === kid && each.alg === alg);
    if (typ !== type) throw new HeadsRefused('its signature is not one of heads');
    if (!key) throw new HeadsRefused(`it is signed by the key ${kid}, which is not in the keys file`);
    return importJWK(publicPart(key), key.alg);
  }).catch((fault: Error) => {
    throw fault instanceof HeadsRefused ? fault : new HeadsRefused('its signature does not fit: it was changed');
  });
  const { at, before, heads, past } = said;
  const cut = before === undefined ? {} : { before: new Date(before) };
  return { at: new Date(at), ...cut, past, heads: heads.map((head) => ({ ...head, at: new Date(head.at) })) };
}

type Written = {
  at: string;
  before?: string;
  past: Past;
  heads: (Omit<Head, 'at'> & { at: string })[];
  signature: string;
};

/** Of the right form as far as is needed to look at the signature, which vouches for the rest. */
function parsed(text: string): Written {
  try {
    const found = JSON.parse(text) as Written;
    if (typeof found.signature === 'string' && Array.isArray(found.heads)) return found;
  } catch {}
  throw new HeadsRefused('it is not a file of `kapu audit head`');
}

function publicPart({ d: _, p: __, q: ___, dp: ____, dq: _____, qi: ______, ...key }: HeadsKey): JWK {
  return key;
}
