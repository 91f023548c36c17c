/**
 * Kapu as a client of itself: people sign in to their own pages as they do to any service, and there is no second way to sign in.
 * The client is in no records: nothing that an operator or a service registers can take its place. Pure.
 */

import { hkdfSync } from 'node:crypto';
import type { Settings } from '../../../config/settings.ts';
import { accountPath } from '../interaction-path.ts';
import type { ServiceFacts } from './service-facts.ts';

/** Its name in requests; nobody else can have it. */
export const ownClientId = 'kapu-account';

/** Where an answer comes back to. */
export const ownCallbackPath = `${accountPath}/callback`;

/** Its secret, made from one that never changes and that all processes share. */
export function ownClientSecret(secret: string): string {
  return Buffer.from(hkdfSync('sha256', secret, '', 'kapu own client', 32)).toString('base64url');
}

/** Its ID tokens are signed so. */
export const ownAlgorithm = 'ES256';

/** What its registration says, as the protocol library wants it. It knows people by the ids of their accounts. */
export function ownClient({ issuer, secrets }: Pick<Settings, 'issuer' | 'secrets'>): Record<string, unknown> {
  return {
    client_name: ownNames.hu,
    'client_name#hu': ownNames.hu,
    'client_name#en': ownNames.en,
    client_uri: `${issuer}${accountPath}`,
    client_secret: ownClientSecret(secrets.pairwiseSalt),
    token_endpoint_auth_method: 'client_secret_basic',
    redirect_uris: [`${issuer}${ownCallbackPath}`],
    grant_types: ['authorization_code'],
    response_types: ['code'],
    response_modes: ['query'],
    scope: 'openid',
    subject_type: 'public',
    id_token_signed_response_alg: ownAlgorithm,
  };
}

const ownNames = { hu: 'Fiókom', en: 'My account', '': 'Fiókom' };

/** The person's own pages as pages name them. */
export function ownService(issuer: string): ServiceFacts {
  return { clientId: ownClientId, names: ownNames, url: `${issuer}${accountPath}` };
}
