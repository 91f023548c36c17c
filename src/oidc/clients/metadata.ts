/**
 * A client as its owner writes it, in a JSON file: the metadata of OpenID Connect Dynamic Client Registration 1.0 that
 * Kapu supports, and Kapu's own keys. Checked here, with words that say what to change, so that a mistake is found when
 * the file is put and not when the first person signs in. Knows nothing of the protocol library or of stores.
 */

import { z } from 'zod';
import { error, type Problem, problemsOf, when } from '../../../config/problems.ts';
import { credentialProblems } from './credentials.ts';
import { type ClientSurroundings, nameProblems } from './names.ts';
import { ownClientId } from './own-client.ts';
import {
  authenticationMethods,
  contentEncryption,
  deviceGrant,
  keyEncryption,
  profileNameOf,
  profileNames,
  profileProblems,
  signatureAlgorithms,
} from './profiles.ts';
import { logoutProblems, redirectProblems, sectorProblems } from './redirects.ts';

export { usesSecret } from './credentials.ts';
export { type ClientSurroundings, supportedScopes } from './names.ts';

/** Kapu's own keys beside the standard ones. */
export const extraClientProperties = [
  /** What kind of client it is: profiles.ts. */
  'profile',
  /** Whether people are spared the consent page: true (the default) for services of the same public body. */
  'first_party',
  /** The level that every sign-in to this client must reach, whatever its requests say. */
  'minimum_level',
  /** Methods whose proof does not count for this client. */
  'excluded_methods',
  /** APIs (settings, `resources`) that this client may ask tokens for. */
  'resources',
  /** Whether a refresh still works once the level of the sign-in has aged: true (the default), or false. */
  'refresh_beyond_level',
  /** The name by language; `client_name` serves where there is none. */
  'client_name#hu',
  'client_name#en',
] as const;

const text = z.string().min(1);
const web = z.url({ protocol: /^https?$/ });
const https = z.url({ protocol: /^https$/, error: 'must be an https address' });
const uris = z.array(text).min(1);
const algorithm = z.enum(signatureAlgorithms);
const encryption = z.enum(keyEncryption);
const content = z.enum(contentEncryption);

/** How answers may travel to a service. */
export const responseModes = [
  'query',
  'fragment',
  'form_post',
  'jwt',
  'query.jwt',
  'fragment.jwt',
  'form_post.jwt',
] as const;

const clientSchema = z.strictObject({
  client_id: z
    .string()
    .regex(/^[\x21-\x7e]{1,128}$/, 'must be 1 to 128 printable ASCII characters without spaces')
    .refine((id) => id !== ownClientId, 'is the name of people’s own pages'),
  client_name: text,
  'client_name#hu': text.optional(),
  'client_name#en': text.optional(),
  client_secret: z
    .string()
    .regex(/^[\x20-\x7e]{32,255}$/, 'must be 32 to 255 printable ASCII characters')
    .optional(),
  profile: z.enum(profileNames).optional(),
  application_type: z.enum(['web', 'native']).optional(),
  redirect_uris: uris.optional(),
  post_logout_redirect_uris: z.array(text).optional(),
  client_uri: web.optional(),
  initiate_login_uri: https.optional(),
  logo_uri: web.optional(),
  policy_uri: web.optional(),
  tos_uri: web.optional(),
  contacts: z.array(z.email()).optional(),
  grant_types: z
    .array(z.enum(['authorization_code', 'refresh_token', 'client_credentials', deviceGrant]))
    .min(1)
    .optional(),
  response_types: z
    .array(z.enum(['code']))
    .min(1)
    .optional(),
  scope: text.optional(),
  subject_type: z.enum(['pairwise', 'public']).optional(),
  sector_identifier_uri: https.optional(),
  token_endpoint_auth_method: z.enum(authenticationMethods).optional(),
  token_endpoint_auth_signing_alg: algorithm.optional(),
  tls_client_auth_subject_dn: text.optional(),
  tls_client_auth_san_dns: text.optional(),
  tls_client_auth_san_uri: text.optional(),
  tls_client_auth_san_ip: text.optional(),
  tls_client_auth_san_email: text.optional(),
  dpop_bound_access_tokens: z.boolean().optional(),
  tls_client_certificate_bound_access_tokens: z.boolean().optional(),
  require_pushed_authorization_requests: z.boolean().optional(),
  require_signed_request_object: z.boolean().optional(),
  request_object_signing_alg: algorithm.optional(),
  response_modes: z.array(z.enum(responseModes)).min(1).optional(),
  id_token_signed_response_alg: algorithm.optional(),
  authorization_signed_response_alg: algorithm.optional(),
  userinfo_signed_response_alg: algorithm.optional(),
  introspection_signed_response_alg: algorithm.optional(),
  id_token_encrypted_response_alg: encryption.optional(),
  id_token_encrypted_response_enc: content.optional(),
  userinfo_encrypted_response_alg: encryption.optional(),
  userinfo_encrypted_response_enc: content.optional(),
  authorization_encrypted_response_alg: encryption.optional(),
  authorization_encrypted_response_enc: content.optional(),
  introspection_encrypted_response_alg: encryption.optional(),
  introspection_encrypted_response_enc: content.optional(),
  jwks: z.strictObject({ keys: z.array(z.record(z.string(), z.unknown())).min(1) }).optional(),
  jwks_uri: https.optional(),
  backchannel_logout_uri: web.optional(),
  backchannel_logout_session_required: z.boolean().optional(),
  default_acr_values: z.array(text).min(1).optional(),
  default_max_age: z.int().min(0).optional(),
  require_auth_time: z.boolean().optional(),
  first_party: z.boolean().optional(),
  minimum_level: text.optional(),
  excluded_methods: z.array(text).optional(),
  resources: z.array(text).optional(),
  refresh_beyond_level: z.boolean().optional(),
});

/** All that a client's metadata may say. */
export const clientKeys: readonly string[] = Object.keys(clientSchema.shape);

/** A client's metadata, as it is kept in records. */
export type ClientMetadata = Omit<z.output<typeof clientSchema>, 'redirect_uris'> & {
  /** None for a machine. */
  redirect_uris: string[];
};

export type ParsedClient = { ok: true; client: ClientMetadata } | { ok: false; problems: Problem[] };

/** Checks a client's JSON. Of a client that cannot be used, every problem comes at once. */
export function parseClient(json: unknown, surroundings: ClientSurroundings): ParsedClient {
  const parsed = clientSchema.safeParse(json);
  if (!parsed.success) return { ok: false, problems: problemsOf(parsed.error, clientSchema, json) };
  const client = { ...parsed.data, redirect_uris: parsed.data.redirect_uris ?? [] };
  const problems = [
    ...profileProblems(client),
    ...redirectProblems(client, 'redirect_uris'),
    ...redirectProblems(client, 'post_logout_redirect_uris'),
    ...sectorProblems(client),
    ...logoutProblems(client),
    ...credentialProblems(client, surroundings),
    ...wayBack(client),
    ...nameProblems(client, surroundings),
  ];
  return problems.length > 0 ? { ok: false, problems } : { ok: true, client };
}

/** Pages that a person cannot go on from lead back to the service; so Kapu must know where that is. */
function wayBack(client: ClientMetadata): Problem[] {
  const { client_uri, initiate_login_uri } = client;
  return when(
    client_uri === undefined && initiate_login_uri === undefined && profileNameOf(client) !== 'service',
    error('client_uri', 'is missing', 'set it, or initiate_login_uri: expired pages lead people back there'),
  );
}
