/**
 * A client as its owner writes it, in a JSON file: the metadata of OpenID Connect Dynamic Client Registration 1.0 that
 * Kapu supports, and Kapu's own keys. Checked here, with words that say what to change, so that a mistake is found when
 * the file is put and not when the first person signs in. Knows nothing of the protocol library or of stores.
 */

import { z } from 'zod';
import { isLoopback } from '../../config/loopback.ts';
import { suggestion } from '../../config/nearest.ts';
import { error, type Problem, problemsOf, when } from '../../config/problems.ts';
import type { Settings } from '../../config/settings.ts';

/** Kapu's own keys beside the standard ones. */
export const extraClientProperties = [
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
const algorithm = z.enum(['ES256', 'RS256', 'PS256', 'EdDSA']);

const clientSchema = z.strictObject({
  client_id: z.string().regex(/^[\x21-\x7e]{1,128}$/, 'must be 1 to 128 printable ASCII characters without spaces'),
  client_name: text,
  'client_name#hu': text.optional(),
  'client_name#en': text.optional(),
  client_secret: z
    .string()
    .regex(/^[\x20-\x7e]{32,255}$/, 'must be 32 to 255 printable ASCII characters')
    .optional(),
  application_type: z.enum(['web', 'native']).optional(),
  redirect_uris: uris,
  post_logout_redirect_uris: z.array(text).optional(),
  client_uri: web.optional(),
  initiate_login_uri: https.optional(),
  logo_uri: web.optional(),
  policy_uri: web.optional(),
  tos_uri: web.optional(),
  contacts: z.array(z.email()).optional(),
  grant_types: z
    .array(z.enum(['authorization_code', 'refresh_token']))
    .min(1)
    .optional(),
  response_types: z
    .array(z.enum(['code']))
    .min(1)
    .optional(),
  scope: text.optional(),
  subject_type: z.enum(['pairwise', 'public']).optional(),
  sector_identifier_uri: https.optional(),
  token_endpoint_auth_method: z
    .enum(['client_secret_basic', 'client_secret_post', 'private_key_jwt', 'none'])
    .optional(),
  token_endpoint_auth_signing_alg: algorithm.optional(),
  id_token_signed_response_alg: algorithm.optional(),
  jwks: z.strictObject({ keys: z.array(z.record(z.string(), z.unknown())).min(1) }).optional(),
  jwks_uri: https.optional(),
  default_acr_values: z.array(text).min(1).optional(),
  default_max_age: z.int().min(0).optional(),
  require_auth_time: z.boolean().optional(),
  first_party: z.boolean().optional(),
  minimum_level: text.optional(),
  excluded_methods: z.array(text).optional(),
  resources: z.array(text).optional(),
  refresh_beyond_level: z.boolean().optional(),
});

/** A client's metadata, as it is kept in records. */
export type ClientMetadata = z.output<typeof clientSchema>;

export interface ClientSurroundings {
  levels: Settings['levels'];
  /** Names of the sign-in methods that exist. */
  methods: readonly string[];
  /** APIs that tokens can be asked for, and rules of scopes: the settings of these names. */
  resources?: Settings['resources'];
  scopes?: Settings['scopes'];
}

export type ParsedClient = { ok: true; client: ClientMetadata } | { ok: false; problems: Problem[] };

/** Checks a client's JSON. Of a client that cannot be used, every problem comes at once. */
export function parseClient(json: unknown, surroundings: ClientSurroundings): ParsedClient {
  const parsed = clientSchema.safeParse(json);
  if (!parsed.success) return { ok: false, problems: problemsOf(parsed.error, clientSchema, json) };
  const client = parsed.data;
  const problems = [
    ...redirects(client, 'redirect_uris'),
    ...redirects(client, 'post_logout_redirect_uris'),
    ...sector(client),
    ...authentication(client),
    ...wayBack(client),
    ...scopes(client, surroundings),
    ...resourceNames(client, surroundings),
    ...levelNames(client, surroundings),
  ];
  return problems.length > 0 ? { ok: false, problems } : { ok: true, client };
}

/** Whether the client authenticates with a secret (the standard's default is client_secret_basic). */
export function usesSecret(client: Pick<ClientMetadata, 'token_endpoint_auth_method'>): boolean {
  return (client.token_endpoint_auth_method ?? 'client_secret_basic').startsWith('client_secret_');
}

/** RFC 9700, 4.1.3 (exact match: no wildcards); RFC 8252, 7 (what native applications may use). */
function redirects(client: ClientMetadata, key: 'redirect_uris' | 'post_logout_redirect_uris'): Problem[] {
  const native = client.application_type === 'native';
  return (client[key] ?? []).flatMap((uri, index) => {
    const path = `${key}[${index}]`;
    const url = URL.parse(uri);
    if (!url)
      return [error(path, 'is not a whole address', "write scheme, host and path: 'https://example.hu/callback'")];
    const { protocol, hostname, username, password } = url;
    const wrong = (problem: string, hint: string) => error(path, problem, hint);
    const isWeb = protocol === 'https:' || protocol === 'http:';
    return [
      ...when(uri.includes('#'), wrong('has a fragment', "leave out '#' and what follows")),
      ...when(uri.includes('*'), wrong('has a wildcard', 'list each address: they are compared letter by letter')),
      ...when(username !== '' || password !== '', wrong('holds a user name', "leave out what stands before '@'")),
      ...when(
        protocol === 'http:' && !isLoopback(hostname),
        wrong('is http, which anyone on the way can read', 'use https; http is for 127.0.0.1, ::1 and localhost only'),
      ),
      ...when(
        protocol === 'https:' && native && isLoopback(hostname),
        wrong('is https on a loopback address', 'use http on 127.0.0.1 (RFC 8252, 7.3)'),
      ),
      ...when(!isWeb && !native, wrong('is not a web address', "use https, or set application_type to 'native'")),
      ...when(
        !isWeb && native && !protocol.includes('.'),
        wrong(
          'has a scheme that any application could claim',
          "use a domain of yours in reverse: 'hu.example.app:/callback'",
        ),
      ),
    ];
  });
}

/** One pairwise subject needs one sector (OpenID Connect Core, 8.1). */
function sector({ redirect_uris, subject_type, sector_identifier_uri }: ClientMetadata): Problem[] {
  const hosts = new Set(redirect_uris.map((uri) => URL.parse(uri)?.host));
  const torn = hosts.size > 1 && subject_type !== 'public' && sector_identifier_uri === undefined;
  return when(
    torn,
    error(
      'redirect_uris',
      'are on several hosts, so that it is open which subject people get',
      'keep to one host, or set sector_identifier_uri (OpenID Connect Core, 8.1)',
    ),
  );
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

/** Pages that a person cannot go on from lead back to the service; so Kapu must know where that is. */
function wayBack({ client_uri, initiate_login_uri }: ClientMetadata): Problem[] {
  return when(
    client_uri === undefined && initiate_login_uri === undefined,
    error('client_uri', 'is missing', 'set it, or initiate_login_uri: expired pages lead people back there'),
  );
}

/** What a client may ask for. */
export const supportedScopes = ['openid', 'profile', 'email', 'offline_access'] as const;

function scopes({ scope }: ClientMetadata, { scopes: ruled = {} }: ClientSurroundings): Problem[] {
  if (scope === undefined) return [];
  // An API's scopes come with the API, by `resources`; here are the ones that stand alone.
  const known = [...supportedScopes, ...Object.keys(ruled)];
  const asked = scope.split(' ');
  return [
    ...asked
      .filter((name) => !known.includes(name))
      .map((name) => error('scope', `there is no scope '${name}'`, suggestion(name, known))),
    ...when(!asked.includes('openid'), error('scope', "lacks 'openid'", 'add it: without it there is no sign-in')),
  ];
}

function resourceNames({ resources: wanted = [] }: ClientMetadata, { resources = {} }: ClientSurroundings): Problem[] {
  const known = Object.keys(resources);
  return wanted
    .filter((name) => !known.includes(name))
    .map((name) => error('resources', `the settings name no API '${name}'`, suggestion(name, known)));
}

function levelNames(client: ClientMetadata, { levels, methods }: ClientSurroundings): Problem[] {
  const names = levels.map(({ name }) => name);
  const asked = new Set([...names, ...levels.flatMap(({ aliases }) => aliases.map((alias) => alias.name))]);
  const excluded = client.excluded_methods ?? [];
  const minimum = client.minimum_level;
  const from = minimum === undefined ? 0 : names.indexOf(minimum);
  const isOpen = levels
    .slice(from)
    .some(({ anyOf }) => anyOf.some((way) => !way.some((name) => excluded.includes(name))));
  return [
    ...when(
      minimum !== undefined && !names.includes(minimum),
      error('minimum_level', `there is no level '${minimum}'`, suggestion(minimum ?? '', names)),
    ),
    ...(client.default_acr_values ?? [])
      .filter((name) => !asked.has(name))
      .map((name) => error('default_acr_values', `there is no level '${name}'`, suggestion(name, [...asked]))),
    ...excluded
      .filter((name) => !methods.includes(name))
      .map((name) => error('excluded_methods', `there is no method '${name}'`, suggestion(name, methods))),
    ...when(
      from >= 0 && !isOpen,
      error('excluded_methods', 'leaves nobody a way to sign in', 'exclude fewer methods, or lower minimum_level'),
    ),
  ];
}
