/**
 * The JSON that the suite takes for a plan: where Kapu is, which clients the suite plays, with their secrets and private keys,
 * and how its browser finds its way. Pure.
 */

import { conformanceSecret, signingClients } from '../../../config/conformance.ts';
import { pages } from './pages.ts';
import type { Plan } from './plans.ts';

/** What a client that signs or shows a certificate holds. */
export interface ClientParts {
  /** The private key, as a JWK. */
  jwk: Record<string, unknown>;
  /** PEM. */
  cert: string;
  key: string;
}

export interface Surroundings {
  issuer: string;
  /** Where clients with certificates reach Kapu. */
  mtls: string;
  /** Names the tests at the suite: its addresses are SUITE/test/a/ALIAS/… */
  alias: string;
  /** By the client's id. */
  parts: Readonly<Record<string, ClientParts>>;
  /** PEM; the authority of the clients' certificates. */
  clientCa: string;
  /** The initial access token of clients that register themselves. */
  invitation: string;
}

/** The configuration of `plan`, as `POST /api/plan` takes it. */
export function configurationOf(plan: Plan, surroundings: Surroundings): Record<string, unknown> {
  const { issuer, alias } = surroundings;
  return {
    alias,
    description: `Kapu: ${plan.name}`,
    server: { discoveryUrl: `${issuer}/.well-known/openid-configuration`, login_hint: 'conformance' },
    ...clientsOf(plan, surroundings),
    ...pages(issuer, alias),
  };
}

function clientsOf({ clients }: Plan, surroundings: Surroundings): Record<string, unknown> {
  const withSecret = (client_id: string) => ({ client_id, client_secret: conformanceSecret(client_id) });
  switch (clients) {
    case 'secret':
      return {
        client: withSecret('conformance-first'),
        client2: withSecret('conformance-second'),
        client_secret_post: withSecret('conformance-post'),
      };
    case 'told':
      return { client: withSecret('conformance-told'), client2: withSecret('conformance-second') };
    case 'registered':
      return {
        client: { client_name: 'conformance-registered', initial_access_token: surroundings.invitation },
        client2: { client_name: 'conformance-registered-2', initial_access_token: surroundings.invitation },
      };
    default:
      return signing(clients, surroundings);
  }
}

function signing(name: keyof typeof signingClients, surroundings: Surroundings): Record<string, unknown> {
  const { issuer, mtls, parts, clientCa } = surroundings;
  const { bound } = signingClients[name];
  const client = (client_id: string) => ({
    client_id,
    scope: 'openid profile offline_access',
    jwks: { keys: [parts[client_id]?.jwk] },
    ...(bound === 'dpop' && { dpop_signing_alg: 'ES256' }),
  });
  const certificate = (client_id: string) => ({
    cert: parts[client_id]?.cert,
    key: parts[client_id]?.key,
    ca: clientCa,
  });
  return {
    client: client(name),
    client2: client(`${name}-2`),
    // Userinfo is the API that Kapu itself has.
    resource: { resourceUrl: `${bound === 'mtls' ? mtls : issuer}/userinfo` },
    ...(bound === 'mtls' && { mtls: certificate(name), mtls2: certificate(`${name}-2`) }),
  };
}
