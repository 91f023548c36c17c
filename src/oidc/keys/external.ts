/** A key of the signer's, as the protocol library takes it: it signs there, and verifies here. */

import { createPublicKey, type KeyObject } from 'node:crypto';
import { ExternalSigningKey, type JWKS } from 'oidc-provider';
import { inOrder, KeysRefused, publicPart, type SigningKey } from './life.ts';
import { type Signer, without } from './signer.ts';

class ExternalKey extends ExternalSigningKey {
  readonly #key: SigningKey;
  readonly #signer: Signer;
  readonly #public: KeyObject;

  constructor(key: SigningKey, signer: Signer) {
    super();
    this.#key = key;
    this.#signer = signer;
    this.#public = createPublicKey({ key: publicPart(key), format: 'jwk' });
    // Its types leave out that both can be set.
    Object.assign(this, { kid: key.kid, alg: key.alg });
  }

  override keyObject(): KeyObject {
    return this.#public;
  }

  override async sign(data: Uint8Array): Promise<Uint8Array> {
    const { kapu, alg } = this.#key;
    return this.#signer.sign(kapu.signer!, alg, data);
  }
}

/** The set for the protocol library. Throws KeysRefused where a key is in a signer and there is none. */
export function providerJwks(keys: readonly SigningKey[], signer?: Signer): JWKS {
  return {
    keys: inOrder(keys).map((key) => {
      const { kapu, ...jwk } = key;
      if (kapu.signer === undefined) return jwk;
      if (!signer) throw new KeysRefused(...without(key));
      return new ExternalKey(key, signer);
    }),
  };
}
