/**
 * Keys as the protocol library takes them that sign by themselves, and verify here: those of the signer sign there, and those on elliptic curves in
 * this very thread. Node's WebCrypto, which the library signs with otherwise, hands each signature to another thread and waits for it:
 * that takes more than twice the time of the signature itself, but lets RSA's, which take ten times as long, hold up nobody.
 */

import { createPrivateKey, createPublicKey, type KeyObject, sign } from 'node:crypto';
import { ExternalSigningKey, type JWKS } from 'oidc-provider';
import { inOrder, KeysRefused, publicPart, type SigningKey } from './life.ts';
import { type Signer, without } from './signer.ts';

type Sign = (data: Uint8Array) => Promise<Uint8Array>;

class OwnKey extends ExternalSigningKey {
  readonly #sign: Sign;
  readonly #public: KeyObject;

  constructor(key: SigningKey, sign: Sign) {
    super();
    this.#sign = sign;
    this.#public = createPublicKey({ key: publicPart(key), format: 'jwk' });
    // Its types leave out that both can be set.
    Object.assign(this, { kid: key.kid, alg: key.alg });
  }

  override keyObject(): KeyObject {
    return this.#public;
  }

  override sign(data: Uint8Array): Promise<Uint8Array> {
    return this.#sign(data);
  }
}

/** Signatures by a key on an elliptic curve: ES256 as RFC 7518, 3.4 has it, or EdDSA. */
function here({ kapu: _, ...jwk }: SigningKey): Sign {
  const key = createPrivateKey({ key: jwk, format: 'jwk' });
  const digest = jwk.alg === 'ES256' ? 'sha256' : null;
  return async (data) => sign(digest, data, { key, dsaEncoding: 'ieee-p1363' });
}

/** The set for the protocol library. Throws KeysRefused where a key is in a signer and there is none. */
export function providerJwks(keys: readonly SigningKey[], signer?: Signer): JWKS {
  return {
    keys: inOrder(keys).map((key) => {
      const { kapu, ...jwk } = key;
      const name = kapu.signer;
      if (name === undefined) return jwk.kty === 'RSA' ? jwk : new OwnKey(key, here(key));
      if (!signer) throw new KeysRefused(...without(key));
      return new OwnKey(key, (data) => signer.sign(name, key.alg, data));
    }),
  };
}
