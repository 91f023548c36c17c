/**
 * What the protocol library refuses before Kapu's own rules are asked, in its order: the first refusal is the one that the
 * service hears. The library's code cannot be asked without a server, so its rules are told here; a test against a running
 * server (test/explain/server.test.ts) holds the two together. Rules of levels are none of this file's business.
 */

import { nearest } from '../../config/nearest.ts';
import { responseModes } from '../oidc/clients/metadata.ts';
import { profileOf } from '../oidc/clients/profiles.ts';
import { isRedirectAllowed, withoutPort } from '../oidc/clients/redirect-uris.ts';
import { differencesOf } from './address.ts';
import { refusedClaims } from './claims.ts';
import { error, type MistakeFacts, type MistakeName } from './mistakes.ts';
import { type Refused, type Request, unreadable, wordsOf } from './request.ts';
import { refusedResources, refusedScopes } from './scopes.ts';

/** Every refusal of the library, in its order. */
export function refusals(request: Request): Refused[] {
  const early = [repeated, client, requestObjects].flatMap((rule) => rule(request));
  // What such a request asks does not stand in the address, except who asks.
  if (unreadable(request.address)) return early;
  const late = [
    ...[responses, redirectMissing, prompts, refusedScopes, redirect, pkce],
    ...[claims, refusedResources, maxAge, idTokenHint],
  ];
  return [...early, ...late.flatMap((rule) => rule(request))];
}

type Rule = (request: Request) => Refused[];

const refuse = <N extends MistakeName>(code: string, name: N, facts: MistakeFacts[N]): Refused => ({
  mistake: error(name, facts),
  error: code,
});
const invalid = <N extends MistakeName>(name: N, facts: MistakeFacts[N]) => refuse('invalid_request', name, facts);
const when = (condition: boolean, refused: () => Refused): Refused[] => (condition ? [refused()] : []);

const repeated: Rule = ({ address }) =>
  address.repeated.filter((name) => understood.has(name)).map((parameter) => invalid('repeated', { parameter }));

const client: Rule = ({ address, client }) => {
  const given = address.parameters.get('client_id');
  if (given === undefined) return when(!address.repeated.includes('client_id'), () => invalid('missing-client-id', {}));
  return when(!client, () => refuse('invalid_client', 'unknown-client', { given }));
};

const requestObjects: Rule = ({ address: { parameters } }) => {
  const uri = parameters.get('request_uri');
  if (uri !== undefined && parameters.has('request')) return [invalid('request-and-request-uri', {})];
  const isPushed = uri?.startsWith('urn:ietf:params:oauth:request_uri:');
  return when(uri !== undefined && !isPushed, () => refuse('request_uri_not_supported', 'request-uri-elsewhere', {}));
};

const responses: Rule = ({ address: { parameters } }) => {
  const mode = parameters.get('response_mode');
  const type = parameters.get('response_type');
  return [
    ...when(mode !== undefined && !(responseModes as readonly string[]).includes(mode), () =>
      refuse('unsupported_response_mode', 'unsupported-response-mode', { given: mode! }),
    ),
    ...when(type === undefined, () => invalid('missing-response-type', {})),
    ...when(parameters.has('registration'), () => refuse('registration_not_supported', 'registration', {})),
    ...when(type?.split(' ').some((word) => word !== 'code') ?? false, () =>
      refuse('unsupported_response_type', 'unsupported-response-type', { given: type! }),
    ),
  ];
};

const redirectMissing: Rule = ({ address, client }) => {
  const isGiven = address.parameters.has('redirect_uri') || address.repeated.includes('redirect_uri');
  return when(client !== undefined && !isGiven, () =>
    invalid('missing-redirect-uri', { registered: [...client!.redirect_uris] }),
  );
};

/** OpenID Connect Core, 3.1.2.1; Initiating User Registration via OpenID Connect 1.0. */
const prompts: Rule = ({ address, signUp }) => {
  const known = ['none', 'login', 'consent', 'select_account', ...(signUp ? ['create'] : [])];
  const given = [...new Set(wordsOf(address, 'prompt'))];
  return [
    ...given
      .filter((word) => !known.includes(word))
      .map((word) => invalid('unknown-prompt', { given: word, nearest: nearest(word, known) })),
    ...when(given.includes('none') && given.length > 1, () =>
      invalid('prompt-none-combined', { given: given.join(' ') }),
    ),
  ];
};

const redirect: Rule = ({ address, client }) => {
  const given = address.parameters.get('redirect_uri');
  if (given === undefined || !client || isRedirectAllowed(client, given)) return [];
  const native = client.application_type === 'native';
  const compared = native ? withoutPort : (uri: string) => uri;
  const closest = client.redirect_uris
    .map((nearest) => ({ nearest, differences: differencesOf(compared(given), compared(nearest)) }))
    .toSorted((one, other) => one.differences.length - other.differences.length)[0]!;
  return [refuse('invalid_redirect_uri', 'unregistered-redirect-uri', { given, native, ...closest })];
};

/** RFC 7636, 4.2 and 4.3; RFC 9700, 2.1.1. */
const pkce: Rule = ({ address: { parameters }, client }) => {
  const challenge = parameters.get('code_challenge');
  const method = parameters.get('code_challenge_method');
  if (challenge === undefined && method === undefined && client && !profileOf(client).pkce) return [];
  if (challenge === undefined)
    return [method === undefined ? invalid('missing-challenge', {}) : invalid('method-without-challenge', {})];
  return [
    ...when(method === undefined, () => invalid('missing-challenge-method', {})),
    ...when(method !== undefined && method !== 'S256', () => invalid('challenge-method', { given: method! })),
    ...when(!/^[\w.~-]{43,128}$/.test(challenge), () => invalid('challenge-form', { length: challenge.length })),
  ];
};

const claims: Rule = ({ address }) =>
  refusedClaims(address.parameters.get('claims')).map((mistake) => ({ mistake, error: 'invalid_request' }));

const maxAge: Rule = ({ address: { parameters } }) => {
  const given = parameters.get('max_age');
  const seconds = Number(given);
  return when(given !== undefined && (!Number.isSafeInteger(seconds) || seconds < 0), () =>
    invalid('max-age', { given: given! }),
  );
};

/** Whether the hint is a good one, only a server with its keys can tell. */
const idTokenHint: Rule = ({ address: { parameters } }) => {
  const given = parameters.get('id_token_hint');
  return when(given !== undefined && !/^[\w-]+\.[\w-]+\.[\w-]+$/.test(given), () => invalid('id-token-hint', {}));
};

/** Parameters that the authorization endpoint understands; all others are passed over (RFC 6749, 3.1). */
export const understood: ReadonlySet<string> = new Set([
  ...['client_id', 'response_type', 'response_mode', 'redirect_uri', 'scope', 'state', 'nonce', 'prompt', 'max_age'],
  ...['code_challenge', 'code_challenge_method', 'acr_values', 'claims', 'claims_locales', 'ui_locales', 'display'],
  ...['id_token_hint', 'login_hint', 'request', 'request_uri', 'registration', 'resource'],
]);
