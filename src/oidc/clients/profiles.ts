/**
 * Client profiles: what a kind of client may do, what it must have, and what holds for it without being said. One table
 * decides; `kapu client put` refuses by it, clients.ts tells the protocol library by it, provider.ts asks it. Knows nothing
 * of the library or of stores. docs/decisions/018-client-profiles.md tells why each is as it is.
 */

import { error, type Problem, when } from '../../../config/problems.ts';
import type { ClientMetadata } from './metadata.ts';

export const profileNames = ['standard', 'public', 'high', 'high-signed', 'legacy', 'service'] as const;
export type ProfileName = (typeof profileNames)[number];

export const signatureAlgorithms = ['ES256', 'PS256', 'EdDSA', 'RS256'] as const;
/** What is encrypted to a client's key; never to its secret, which the database holds. */
export const keyEncryption = ['ECDH-ES', 'ECDH-ES+A128KW', 'ECDH-ES+A256KW', 'RSA-OAEP-256'] as const;
export const contentEncryption = ['A128CBC-HS256', 'A256CBC-HS512', 'A128GCM', 'A256GCM'] as const;
export const authenticationMethods = [
  ...['client_secret_basic', 'client_secret_post', 'private_key_jwt', 'none'],
  ...['tls_client_auth', 'self_signed_tls_client_auth'],
] as const;

export interface Profile {
  /** Ways to authenticate at the token endpoint and its neighbours. */
  authentication: readonly string[];
  /** Algorithms that it may sign with and be answered with. */
  algorithms: readonly string[];
  /** What it may be given tokens for. */
  grants: readonly string[];
  /** PKCE with S256 at every authorization request (RFC 7636). */
  pkce: boolean;
  /** Authorization requests by way of RFC 9126 only. */
  pushed: boolean;
  /** Every access token is bound to a key of the client: DPoP (RFC 9449) or its certificate (RFC 8705). */
  bound: boolean;
  /** Requests are signed (RFC 9101). */
  signed: boolean;
  /** Redirects over https only, also on loopback. */
  httpsOnly: boolean;
  /** FAPI 2.0: what it says of assertions, request objects and refresh tokens. */
  fapi: boolean;
  /** How it may have its answers; undefined for every way there is. */
  responseModes?: readonly string[];
}

/** RFC 8628, 3.4. */
export const deviceGrant = 'urn:ietf:params:oauth:grant-type:device_code';

const peoples = ['authorization_code', 'refresh_token'];
const usual = {
  algorithms: signatureAlgorithms,
  grants: peoples,
  pkce: true,
  pushed: false,
  bound: false,
  signed: false,
  httpsOnly: false,
  fapi: false,
};
/** FAPI 2.0 Security Profile, 5.3.2; its algorithms are those of 5.4.1. */
const high: Profile = {
  ...usual,
  authentication: ['private_key_jwt', 'tls_client_auth', 'self_signed_tls_client_auth'],
  algorithms: ['ES256', 'PS256', 'EdDSA'],
  pushed: true,
  bound: true,
  httpsOnly: true,
  fapi: true,
};

export const profiles: Readonly<Record<ProfileName, Profile>> = {
  standard: {
    ...usual,
    authentication: ['client_secret_basic', 'client_secret_post', 'private_key_jwt'],
    grants: [...peoples, deviceGrant],
  },
  public: { ...usual, authentication: ['none'], grants: [...peoples, deviceGrant] },
  high,
  /** FAPI 2.0 Message Signing, 5.3 to 5.5. */
  'high-signed': { ...high, signed: true, responseModes: ['jwt', 'query.jwt', 'form_post.jwt'] },
  legacy: { ...usual, authentication: ['client_secret_basic', 'client_secret_post'], pkce: false },
  service: {
    ...usual,
    authentication: ['client_secret_basic', 'client_secret_post', ...high.authentication],
    grants: ['client_credentials'],
    pkce: false,
  },
};

/** How a service may be answered unless it is registered for something else: unsigned, since anybody could have Kapu sign. */
const expectedModes = ['query', 'fragment', 'form_post'];

/** The profile of a client: the one that it names; otherwise public where it has nothing to authenticate with, else standard. */
export function profileNameOf(client: { [key: string]: unknown }): ProfileName {
  const named = client.profile as ProfileName | undefined;
  return named ?? (client.token_endpoint_auth_method === 'none' ? 'public' : 'standard');
}

/** What holds for a client. */
export function profileOf(client: { [key: string]: unknown }): Profile {
  return profiles[profileNameOf(client)];
}

/** Whether people sign in to the client by a device's code alone, and never by a redirect. */
export function isForDevicesOnly({ grant_types: grants }: { grant_types?: unknown }): boolean {
  return Array.isArray(grants) && grants.includes(deviceGrant) && !grants.includes('authorization_code');
}

/** What the protocol library is told of a client because of its profile, whatever its own file says. */
export function imposedBy(client: { [key: string]: unknown }): Record<string, unknown> {
  const profile = profileNameOf(client);
  const { pushed, signed, responseModes } = profiles[profile];
  return {
    profile,
    ...(pushed && { require_pushed_authorization_requests: true }),
    ...(signed && { require_signed_request_object: true }),
    // Whoever sends a person with a link to a service chooses the response mode.
    ...(client.response_modes === undefined && { response_modes: [...(responseModes ?? expectedModes)] }),
    ...(isForDevicesOnly(client) && { response_types: [], redirect_uris: [] }),
    // Nobody signs in to a machine, so there is no sector that could have its own subjects.
    ...(profile === 'service' && {
      grant_types: ['client_credentials'],
      response_types: [],
      redirect_uris: [],
      subject_type: 'public',
    }),
  };
}

/** Keys that name a signature algorithm. */
const algorithmKeys = [
  'token_endpoint_auth_signing_alg',
  'request_object_signing_alg',
  'id_token_signed_response_alg',
  'authorization_signed_response_alg',
  'userinfo_signed_response_alg',
  'introspection_signed_response_alg',
] as const;

/** Keys that say how people sign in, which they never do to a machine. */
const peoplesKeys = [
  ...['redirect_uris', 'post_logout_redirect_uris', 'response_types', 'response_modes', 'scope', 'initiate_login_uri'],
  ...['default_acr_values', 'default_max_age', 'require_auth_time', 'minimum_level', 'excluded_methods', 'first_party'],
  ...[
    'backchannel_logout_uri',
    'backchannel_logout_session_required',
    'refresh_beyond_level',
    'subject_type',
    'sector_identifier_uri',
    'request_object_signing_alg',
  ],
] as const;

const list = (names: readonly string[]) =>
  names.length > 1 ? `${names.slice(0, -1).join(', ')} or ${names.at(-1)}` : `${names[0]}`;

/** What a client lacks of its profile, or has beyond it. */
export function profileProblems(client: ClientMetadata): Problem[] {
  const name = profileNameOf(client);
  return [
    ...authenticationProblems(client, name),
    ...algorithmProblems(client, name),
    ...bindingProblems(client, name),
    ...(name === 'service' ? machineProblems(client) : signInProblems(client, name)),
  ];
}

function authenticationProblems(client: ClientMetadata, name: ProfileName): Problem[] {
  const { authentication } = profiles[name];
  const method = client.token_endpoint_auth_method ?? 'client_secret_basic';
  return when(
    !authentication.includes(method),
    error(
      'token_endpoint_auth_method',
      `'${method}' is not for profile '${name}'`,
      method === 'none' ? "set profile to 'public', or leave it out" : `set it to ${list(authentication)}`,
    ),
  );
}

function algorithmProblems(client: ClientMetadata, name: ProfileName): Problem[] {
  const { algorithms } = profiles[name];
  return algorithmKeys.flatMap((key) =>
    when(
      client[key] !== undefined && !algorithms.includes(client[key]),
      error(key, `'${client[key]}' is not for profile '${name}'`, `set it to ${list(algorithms)}`),
    ),
  );
}

function bindingProblems(client: ClientMetadata, name: ProfileName): Problem[] {
  const { dpop_bound_access_tokens: dpop, tls_client_certificate_bound_access_tokens: certificate } = client;
  return [
    ...when(
      profiles[name].bound && !dpop && !certificate,
      error(
        'dpop_bound_access_tokens',
        `is missing: profile '${name}' has no bearer tokens`,
        'set it to true, or tls_client_certificate_bound_access_tokens',
      ),
    ),
    ...when(
      dpop === true && certificate === true,
      error('dpop_bound_access_tokens', 'stands beside tls_client_certificate_bound_access_tokens', 'keep one'),
    ),
  ];
}

function signInProblems(client: ClientMetadata, name: ProfileName): Problem[] {
  const { grants, httpsOnly, responseModes } = profiles[name];
  return [
    ...when(
      client.redirect_uris.length === 0 && !isForDevicesOnly(client),
      error('redirect_uris', 'is missing', 'set it: it has no default'),
    ),
    ...when(
      // The library knows no sector for them.
      (client.grant_types?.includes(deviceGrant) ?? false) && client.subject_type !== 'public',
      error('subject_type', 'is pairwise, which devices do not have', "set it to 'public', for a client of its own"),
    ),
    ...client.redirect_uris.flatMap((uri, index) =>
      when(
        httpsOnly && !uri.startsWith('https:'),
        error(`redirect_uris[${index}]`, `is not https, which profile '${name}' demands`, 'use an https address'),
      ),
    ),
    ...(client.grant_types ?? []).flatMap((grant, index) =>
      when(
        !grants.includes(grant),
        error(
          `grant_types[${index}]`,
          `'${grant}' is not for profile '${name}'`,
          "machines are clients of their own: profile 'service'",
        ),
      ),
    ),
    ...(client.response_modes ?? []).flatMap((mode, index) =>
      when(
        responseModes !== undefined && !responseModes.includes(mode),
        error(`response_modes[${index}]`, `'${mode}' is not signed`, `set it to ${list(responseModes ?? [])}`),
      ),
    ),
  ];
}

function machineProblems(client: ClientMetadata): Problem[] {
  return [
    ...peoplesKeys.flatMap((key) => {
      const value = client[key];
      const given = Array.isArray(value) ? value.length > 0 : value !== undefined;
      return when(given, error(key, "goes with people's sign-ins", "leave it out: profile 'service' is for machines"));
    }),
    ...when(
      client.grant_types?.some((grant) => grant !== 'client_credentials') ?? false,
      error('grant_types', "holds more than 'client_credentials'", 'leave it out'),
    ),
    ...when(
      (client.resources ?? []).length === 0,
      error('resources', 'is missing', 'name the APIs that the machine calls; the settings know them by these names'),
    ),
  ];
}
