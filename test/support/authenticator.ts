/**
 * An authenticator without hardware: it makes passkeys and uses them as browsers pass it on to a page's form, and tells lies where
 * a test has it do so.
 */

import { createHash, generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';
import { keyOf } from '../../interactions/methods/passkey/enrolment.ts';
import type { Passkey } from '../../interactions/methods/passkey/webauthn.ts';
import type { NewCredential } from '../../src/records/records.ts';

/** What is not as it should be. */
export interface Lies {
  origin?: string;
  rpId?: string;
  challenge?: string;
  type?: string;
  crossOrigin?: boolean;
  /** What the counter says, in the place of one more than before. */
  counter?: number;
  /** Without the user's finger, face or PIN. */
  unverified?: boolean;
  synced?: boolean;
  userHandle?: string;
  /** Signed with another key. */
  forged?: boolean;
  /** What a new one attests with, in the place of nothing. `signed`: authenticator data and the hash of client data. */
  attest?: (signed: Buffer, key: KeyObject) => { format: string; statement: [string, Item][] };
}

export interface AuthenticatorOptions {
  origin: string;
  /** Whether what it makes may leave it; then it does not count. */
  synced?: boolean;
  aaguid?: string;
  transports?: string[];
}

/** A passkey, and the key to it. */
export interface HeldPasskey {
  id: string;
  user: string;
  privateKey: KeyObject;
  publicKey: Buffer;
  counter: number;
  synced: boolean;
}

/** Fields of a form. */
export type Sent = Record<string, string>;

const base64url = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64url');
const sha256 = (data: string | Uint8Array) => createHash('sha256').update(data).digest();

/** What a page asks for, as `/options` answers it. */
export interface Options {
  challenge: string;
  rpId?: string;
  rp?: { id: string };
  user?: { id: string };
  allowCredentials?: { id: string }[];
  excludeCredentials?: { id: string }[];
}

export class Authenticator {
  readonly #options: AuthenticatorOptions;
  readonly held: HeldPasskey[] = [];

  constructor(options: AuthenticatorOptions) {
    this.#options = options;
  }

  /** Makes a passkey of user handle `user`, and takes its id from elsewhere where one is given. */
  hold(user = base64url(randomBytes(32)), id = base64url(randomBytes(32))): HeldPasskey {
    const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const { x, y } = publicKey.export({ format: 'jwk' });
    const [key, curve] = [Buffer.from(x!, 'base64url'), Buffer.from(y!, 'base64url')];
    const { synced = false } = this.#options;
    const made: HeldPasskey = {
      id,
      user,
      privateKey,
      // COSE_Key: EC2, ES256, P-256.
      publicKey: cbor([
        [1, 2],
        [3, -7],
        [-1, 1],
        [-2, key],
        [-3, curve],
      ]),
      counter: synced ? 0 : 1,
      synced,
    };
    this.held.push(made);
    return made;
  }

  /** A credential as records keep it, of a passkey that is made now. */
  credential(name = 'Key'): NewCredential {
    const { id, user, publicKey, counter, synced } = this.hold();
    const data: Passkey = {
      id,
      publicKey: base64url(publicKey),
      user,
      counter,
      synced,
      backedUp: synced,
      transports: ['internal'],
      aaguid: this.#aaguid,
    };
    return { method: 'passkey', id: keyOf(id), data: { ...data }, name };
  }

  get #aaguid(): string {
    return this.#options.aaguid ?? '00000000-0000-0000-0000-000000000000';
  }

  /** What the script would put into the form that makes a passkey. */
  create(options: Options, lies: Lies = {}, ofAnother?: string): Sent {
    const made = this.hold(options.user!.id, ofAnother);
    const id = Buffer.from(made.id, 'base64url');
    const length = Buffer.alloc(2);
    length.writeUInt16BE(id.length);
    const aaguid = Buffer.from(this.#aaguid.replaceAll('-', ''), 'hex');
    const data = Buffer.concat([
      this.#data(
        { ...lies, rpId: lies.rpId ?? options.rp!.id, counter: lies.counter ?? made.counter },
        made.synced,
        0x40,
      ),
      ...[aaguid, length, id, made.publicKey],
    ]);
    const clientData = this.#clientData('webauthn.create', options.challenge, lies);
    const signed = Buffer.concat([data, sha256(Buffer.from(clientData, 'base64url'))]);
    const { format, statement } = lies.attest?.(signed, made.privateKey) ?? { format: 'none', statement: [] };
    const attestation = cbor([
      ['fmt', format],
      ['attStmt', statement],
      ['authData', data],
    ]);
    return {
      id: made.id,
      'client-data': clientData,
      attestation: base64url(attestation),
      transports: (this.#options.transports ?? ['internal']).join(' '),
    };
  }

  /** What the script would put into the form that uses one: the first that is allowed, or the first that there is. */
  get(options: Options, lies: Lies = {}): Sent {
    const allowed = options.allowCredentials?.map(({ id }) => id) ?? [];
    const used = this.held.find(({ id }) => allowed.includes(id)) ?? this.held[0]!;
    const counter = lies.counter ?? (used.counter > 0 ? used.counter + 1 : 0);
    used.counter = Math.max(used.counter, counter);
    const data = this.#data({ ...lies, rpId: lies.rpId ?? options.rpId!, counter }, used.synced);
    const clientData = this.#clientData('webauthn.get', options.challenge, lies);
    const signed = Buffer.concat([data, sha256(Buffer.from(clientData, 'base64url'))]);
    const key = lies.forged ? generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey : used.privateKey;
    return {
      id: used.id,
      'client-data': clientData,
      'authenticator-data': base64url(data),
      signature: base64url(sign('sha256', signed, key)),
      'user-handle': lies.userHandle ?? used.user,
    };
  }

  #clientData(usual: string, challenge: string, lies: Lies): string {
    const { type = usual, origin = this.#options.origin, crossOrigin = false } = lies;
    const said = { type, challenge: lies.challenge ?? challenge, origin, crossOrigin };
    return Buffer.from(JSON.stringify(said)).toString('base64url');
  }

  /** Authenticator data (WebAuthn Level 3, 6.1), without a key. */
  #data({ rpId, counter, unverified, synced }: Lies, usuallySynced: boolean, more = 0): Buffer {
    const backup = (synced ?? usuallySynced) ? 0x18 : 0;
    const tail = Buffer.alloc(5);
    tail.writeUInt8(0x01 | (unverified ? 0 : 0x04) | backup | more);
    tail.writeUInt32BE(counter!, 1);
    return Buffer.concat([sha256(rpId!), tail]);
  }
}

export type Item = number | string | Uint8Array | { list: Uint8Array[] } | [number | string, Item][];

/** CBOR (RFC 8949) of the few things that are needed: arrays are apart, maps are lists of pairs. */
function cbor(item: Item): Buffer {
  if (typeof item === 'number') return item < 0 ? head(1, -1 - item) : head(0, item);
  if (typeof item === 'string') return Buffer.concat([head(3, Buffer.byteLength(item)), Buffer.from(item)]);
  if (item instanceof Uint8Array) return Buffer.concat([head(2, item.length), item]);
  if ('list' in item) return Buffer.concat([head(4, item.list.length), ...item.list.map(cbor)]);
  return Buffer.concat([head(5, item.length), ...item.flatMap(([name, value]) => [cbor(name), cbor(value)])]);
}

function head(type: number, length: number): Buffer {
  if (length < 24) return Buffer.from([(type << 5) | length]);
  if (length < 256) return Buffer.from([(type << 5) | 24, length]);
  return Buffer.from([(type << 5) | 25, length >> 8, length & 255]);
}
