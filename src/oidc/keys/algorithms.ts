/** What is signed and encrypted with what: the lists that the protocol library allows by and discovery shows (ASVS 9.1.2, 11.x). */

import { contentEncryption, keyEncryption } from '../clients/profiles.ts';
import { keyAlgorithms } from './life.ts';

/** The algorithms of a deployment whose keys are `keys`: it signs with what it has a key for, and verifies them all. */
export function algorithmsOf(keys: readonly { alg?: string }[]) {
  const own = keyAlgorithms.filter((alg) => keys.some((key) => key.alg === alg));
  return {
    idTokenSigningAlgValues: [...own],
    authorizationSigningAlgValues: [...own],
    introspectionSigningAlgValues: [...own],
    userinfoSigningAlgValues: [...own],
    clientAuthSigningAlgValues: [...keyAlgorithms],
    requestObjectSigningAlgValues: [...keyAlgorithms],
    // No proof is signed with RS256 (FAPI 2.0 Security Profile, 5.4.1).
    dPoPSigningAlgValues: ['ES256' as const, 'PS256' as const, 'EdDSA' as const],
    ...encryptedTo('idToken'),
    ...encryptedTo('userinfo'),
    ...encryptedTo('authorization'),
    ...encryptedTo('introspection'),
    requestObjectEncryptionAlgValues: [],
    requestObjectEncryptionEncValues: [],
  };
}

function encryptedTo<Kind extends string>(kind: Kind) {
  return {
    [`${kind}EncryptionAlgValues`]: [...keyEncryption],
    [`${kind}EncryptionEncValues`]: [...contentEncryption],
  } as { [K in `${Kind}EncryptionAlgValues`]: (typeof keyEncryption)[number][] } & {
    [K in `${Kind}EncryptionEncValues`]: (typeof contentEncryption)[number][];
  };
}
