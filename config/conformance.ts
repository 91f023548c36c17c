/**
 * What `npm run conformance` runs with, as data: settings, people and clients for the OpenID conformance suite, and for nothing
 * else. The suite types the password and shows the secrets, so all of them are public; what they open lives in memory and for
 * as long as the run. docs/conformance.md tells how it is used.
 */

import { randomBytes } from 'node:crypto';
import { defaults } from './default.ts';
import { isLoopback } from './loopback.ts';
import type { SettingsInput } from './settings.ts';

export const conformancePassword = 'kapu-conformance-2026';

/** The first signs in; the second is there for hints that name somebody else. */
export const conformancePeople = [
  {
    username: 'conformance',
    email: 'conformance@kapu.example',
    emailVerified: true,
    name: 'Próba Péter',
    birthName: 'Próba Péter',
    birthDate: '1990-01-31',
    locale: 'en',
  },
  { username: 'somebody-else', name: 'Más Mária', birthName: 'Más Mária', birthDate: '1991-02-28', locale: 'en' },
] as const;

export interface ConformancePlaces {
  /** The address that the suite and its browser reach Kapu at: https. */
  issuer: string;
  /** The same for clients with certificates. */
  mtls: string;
  /** PEM files: Kapu's own certificate, its key, and the authority of the clients' certificates. */
  cert: string;
  key: string;
  clientCa: string;
  /** A folder of the run's own: the signing keys go there. */
  folder: string;
  /** Where operations answer. */
  operationsPort: number;
  /** PEM file of the authority that the suite's own certificate is from, where it is not a public one. */
  suiteCa?: string;
}

/** Settings for a run: over TLS, levels that begin with basic, and room for one person who signs in hundreds of times. */
export function conformanceSettings(places: ConformancePlaces): SettingsInput {
  const { issuer, mtls, cert, key, clientCa, folder, operationsPort, suiteCa } = places;
  const plenty = 100_000;
  const secret = () => randomBytes(32).toString('base64url');
  const at = (address: string) => {
    const { hostname, port } = new URL(address);
    return { host: isLoopback(hostname) ? hostname : '0.0.0.0', port: Number(port || 443) };
  };
  return {
    ...defaults,
    // A demo is what it is: everything is in memory, and nothing outlives the run.
    mode: 'demo',
    issuer,
    listen: at(issuer),
    tls: { cert, key },
    mtls: { listen: { ...at(mtls), cert, key }, address: mtls, ca: clientCa },
    operations: { host: '127.0.0.1', port: operationsPort },
    // No proxy is in front.
    trustedProxies: [],
    limits: { startsPerOrigin: plenty },
    deployment: {
      ...defaults.deployment,
      name: { hu: 'Kapu', en: 'Kapu' },
      operator: { hu: 'Kapu megfelelőségi próba', en: 'Kapu conformance run' },
      // The suite's page selectors look for English words.
      locale: 'en',
    },
    // The suite asks for all levels at once, in the order of discovery, and has a password only: basic comes first.
    levels: [
      { name: 'basic', anyOf: [['password']] },
      { name: 'plus', anyOf: [['password', 'email-code']], maxAge: { 'email-code': '15m' } },
    ],
    // What the suite has back-channel logout and keys at may be on this machine or on a network of containers.
    outbound: {
      networks: ['127.0.0.0/8', '::1/128', '10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', 'fc00::/7'],
      ...(suiteCa !== undefined && { ca: suiteCa }),
    },
    registration: { enabled: true },
    // Nobody takes mail: no plan asks for plus.
    mail: {
      ...defaults.mail,
      from: 'Kapu <no-reply@kapu.example>',
      transports: [{ name: 'nobody', host: '127.0.0.1', port: 1, tls: 'none' }],
    },
    password: {
      ...defaults.password,
      leastLength: 8,
      atOnce: 1,
      triesPerAccount: plenty,
      triesPerOrigin: plenty,
      triesFromAnywhere: plenty,
    },
    state: { kind: 'memory' },
    records: { kind: 'sqlite', file: ':memory:' },
    keysFile: `${folder}/keys.json`,
    secrets: {
      cookieKeys: [secret()],
      peppers: [{ id: 'run', key: secret() }],
      codeKeys: [secret()],
      stateKeys: [secret()],
      credentialKeys: [secret()],
      pairwiseSalt: secret(),
    },
  };
}

/** Public keys of the clients that sign, by the client's id; made when a run starts, for the clients of its plan. */
export type ClientKeys = Record<string, Record<string, unknown>>;

/** Clients that sign, with what is particular to each. Their private parts are with the suite alone. */
export const signingClients = {
  'conformance-key-dpop': { profile: 'high', authentication: 'key', bound: 'dpop' },
  'conformance-key-mtls': { profile: 'high', authentication: 'key', bound: 'mtls' },
  'conformance-mtls-mtls': { profile: 'high', authentication: 'mtls', bound: 'mtls' },
  'conformance-signed': { profile: 'high-signed', authentication: 'key', bound: 'dpop' },
} as const;

/** The secret of a client that has one. */
export const conformanceSecret = (id: string) => `the-secret-of-${id}-which-everybody-knows`;

/** The distinguished name in the certificate of a client (RFC 4514). */
export const conformanceSubject = (id: string) => `CN=${id}`;

/** The clients, as `kapu client put` takes them. `suite` is the address of the suite's tests: 'https://host/test/a/alias'. */
export function conformanceClients(suite: string, keys: ClientKeys): Record<string, unknown>[] {
  const callback = `${suite}/callback`;
  const named = (client_id: string) => ({ client_id, client_name: client_id, client_uri: new URL(suite).origin });
  const withSecret = (id: string, token_endpoint_auth_method: string, more: object = {}) => ({
    ...named(id),
    // The plans of OpenID Connect send no PKCE.
    profile: 'legacy',
    token_endpoint_auth_method,
    client_secret: conformanceSecret(id),
    id_token_signed_response_alg: 'RS256',
    redirect_uris: [callback],
    post_logout_redirect_uris: [`${suite}/post_logout_redirect`],
    ...more,
  });
  const told = { backchannel_logout_uri: `${suite}/backchannel_logout`, backchannel_logout_session_required: true };
  return [
    withSecret('conformance-first', 'client_secret_basic'),
    withSecret('conformance-second', 'client_secret_basic'),
    withSecret('conformance-post', 'client_secret_post'),
    withSecret('conformance-told', 'client_secret_basic', told),
    ...Object.entries(signingClients).flatMap(([name, { profile, authentication, bound }]) =>
      [name, `${name}-2`]
        .filter((id) => id in keys)
        .map((id, index) => ({
          ...named(id),
          profile,
          ...(authentication === 'key'
            ? { token_endpoint_auth_method: 'private_key_jwt' }
            : { token_endpoint_auth_method: 'tls_client_auth', tls_client_auth_subject_dn: conformanceSubject(id) }),
          ...(authentication === 'key' && { jwks: { keys: [keys[id]] } }),
          [bound === 'dpop' ? 'dpop_bound_access_tokens' : 'tls_client_certificate_bound_access_tokens']: true,
          scope: 'openid profile email offline_access',
          // The second client of the suite has this query, to see that addresses are compared whole.
          redirect_uris: [index === 0 ? callback : `${callback}?dummy1=lorem&dummy2=ipsum`],
        })),
    ),
  ];
}
