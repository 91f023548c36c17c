/** How a client proves who it is, and the keys that it has for that and for what is encrypted to it. Pure. */

import { error, type Problem, when } from '../../../config/problems.ts';
import type { ClientMetadata } from './metadata.ts';
import type { ClientSurroundings } from './names.ts';

/** Whether the client authenticates with a secret (the standard's default is client_secret_basic). */
export function usesSecret(client: Pick<ClientMetadata, 'token_endpoint_auth_method'>): boolean {
  return (client.token_endpoint_auth_method ?? 'client_secret_basic').startsWith('client_secret_');
}

/** What is missing of its secrets, keys and certificates, or does not go together. */
export function credentialProblems(client: ClientMetadata, surroundings: ClientSurroundings): Problem[] {
  return [...authentication(client), ...certificates(client, surroundings), ...encrypted(client)];
}

function authentication(client: ClientMetadata): Problem[] {
  const { token_endpoint_auth_method: method, client_secret, jwks, jwks_uri } = client;
  const isPrivate = (key: Record<string, unknown>) => 'd' in key || 'k' in key || 'priv' in key;
  return [
    ...when(
      client_secret !== undefined && !usesSecret(client),
      error('client_secret', `does not go with token_endpoint_auth_method '${method}'`, 'leave it out'),
    ),
    ...when(
      method === 'private_key_jwt' && !jwks && !jwks_uri,
      error('jwks_uri', 'is missing', 'private_key_jwt needs the public keys: set jwks_uri or jwks'),
    ),
    ...when(
      jwks !== undefined && jwks_uri !== undefined,
      error('jwks', 'is given beside jwks_uri', 'keep one of the two'),
    ),
    ...when(
      jwks?.keys.some(isPrivate) ?? false,
      error('jwks', 'holds a private key', 'put the public keys only, and replace this one: it has left its home'),
    ),
    ...when(
      client.token_endpoint_auth_signing_alg !== undefined && method !== 'private_key_jwt',
      error('token_endpoint_auth_signing_alg', 'goes with private_key_jwt only', 'leave it out'),
    ),
  ];
}

/** What can be encrypted to a client's key. */
const answers = ['id_token', 'userinfo', 'authorization', 'introspection'] as const;

function encrypted(client: ClientMetadata): Problem[] {
  return answers.flatMap((answer) => {
    const alg = `${answer}_encrypted_response_alg` as const;
    const enc = `${answer}_encrypted_response_enc` as const;
    return [
      ...when(
        client[alg] !== undefined && !client.jwks && !client.jwks_uri,
        error(alg, 'has no key to encrypt to', 'set jwks_uri or jwks, with a key of use "enc"'),
      ),
      ...when(
        client[enc] !== undefined && client[alg] === undefined,
        error(enc, `is given without ${alg}`, 'set both'),
      ),
    ];
  });
}

/** The names that a certificate may have; a client registers one (RFC 8705, 2.1.2). */
const certificateNames = [
  ...['tls_client_auth_subject_dn', 'tls_client_auth_san_dns', 'tls_client_auth_san_uri'],
  ...['tls_client_auth_san_ip', 'tls_client_auth_san_email'],
] as const;

function certificates(client: ClientMetadata, { mtls }: ClientSurroundings): Problem[] {
  const { token_endpoint_auth_method: method, tls_client_certificate_bound_access_tokens: bound } = client;
  const named = certificateNames.filter((key) => client[key] !== undefined);
  const shows = method === 'tls_client_auth' || method === 'self_signed_tls_client_auth' || bound === true;
  return [
    ...when(
      shows && mtls === undefined,
      error(
        bound ? 'tls_client_certificate_bound_access_tokens' : 'token_endpoint_auth_method',
        'needs certificates, of which the settings say nothing',
        'set mtls in the settings first, or use private_key_jwt and dpop_bound_access_tokens',
      ),
    ),
    ...when(
      method === 'tls_client_auth' && mtls !== undefined && mtls.ca === undefined,
      error('token_endpoint_auth_method', 'needs authorities', 'set mtls.ca, or use self_signed_tls_client_auth'),
    ),
    ...when(
      method === 'tls_client_auth' && named.length !== 1,
      error(
        'tls_client_auth_subject_dn',
        named.length === 0 ? 'is missing' : 'is not alone',
        'set one tls_client_auth_…',
      ),
    ),
    ...when(
      method !== 'tls_client_auth' && named.length > 0,
      error(String(named[0]), 'goes with tls_client_auth only', 'leave it out'),
    ),
    ...when(
      method === 'self_signed_tls_client_auth' && !client.jwks && !client.jwks_uri,
      error('jwks', 'is missing', 'set it, or jwks_uri: its keys hold the certificate as x5c'),
    ),
  ];
}
