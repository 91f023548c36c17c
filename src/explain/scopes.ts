/** Scopes and APIs: which of the asked ones are refused, which are given, and which are passed over without a word. */

import { nearest } from '../../config/nearest.ts';
import { supportedScopes } from '../oidc/clients/metadata.ts';
import { error, type Mistake, warning } from './mistakes.ts';
import { type Refused, type Request, wordsOf } from './request.ts';

/** Scopes that stand alone: the standard ones, and those that the settings have rules for. */
export function knownScopes(ruled: object): string[] {
  return [...new Set<string>([...supportedScopes, ...Object.keys(ruled)])];
}

/** What is of no use without an ID token: a request that has it must ask for one. */
const wantOpenid = ['acr_values', 'claims', 'claims_locales', 'id_token_hint', 'max_age', 'nonce'];

/** Why the scopes are refused, in the library's order. */
export function refusedScopes({ address, client, scopes }: Request): Refused[] {
  const text = address.parameters.get('scope');
  if (text !== undefined && !/^[\x21\x23-\x5b\x5d-\x7e]+( [\x21\x23-\x5b\x5d-\x7e]+)*$/.test(text))
    return [{ mistake: error('scope-form', {}), error: 'invalid_scope' }];
  const given = [...new Set(wordsOf(address, 'scope'))];
  const allowed = client?.scope?.split(' ');
  const forbidden = given.filter((scope) => scopes.includes(scope) && allowed && !allowed.includes(scope));
  const because =
    wantOpenid.find((name) => address.parameters.has(name)) ??
    (['default_max_age', 'require_auth_time'] as const).find((name) => client?.[name] || client?.[name] === 0);
  const mute = !given.includes('openid') && because !== undefined;
  return [
    ...forbidden.map((scope) => ({ mistake: error('scope-not-allowed', { given: scope }), error: 'invalid_scope' })),
    ...(mute ? [{ mistake: error('missing-openid', { because }), error: 'invalid_request' }] : []),
  ];
}

/** Why the APIs are refused (RFC 8707, 2). */
export function refusedResources({ address, client, resources }: Request): Refused[] {
  const refuse = (mistake: Mistake): Refused[] => [{ mistake, error: 'invalid_target' }];
  return address.resources.flatMap((given) => {
    const url = URL.parse(given);
    if (!url || url.href.includes('#')) return refuse(error('resource-form', { given }));
    if (!Object.hasOwn(resources, given))
      return refuse(error('unknown-resource', { given, nearest: nearest(given, Object.keys(resources)) }));
    const isListed = !client || client.resources?.includes(given);
    return isListed ? [] : refuse(error('resource-not-listed', { given }));
  });
}

/** The scopes that the service gets. */
export function givenScopes(request: Request): string[] {
  const { address, scopes } = request;
  const known = new Set([...scopes, ...scopesOfResources(request)]);
  return [...new Set(wordsOf(address, 'scope'))]
    .filter((scope) => known.has(scope))
    .filter((scope) => scope !== 'offline_access' || (mayRefresh(request) && asksConsent(request)));
}

/** What is asked for and not given. */
export function idleScopes(request: Request): Mistake[] {
  const { address, scopes, resources } = request;
  const asked = [...new Set(wordsOf(address, 'scope'))];
  const known = [...scopes, ...scopesOfResources(request)];
  const idle = asked.filter((scope) => !known.includes(scope));
  const offline = asked.includes('offline_access');
  return [
    ...idle.map((given) => {
      const owner = Object.entries(resources).find(([, api]) => api.scopes.includes(given));
      if (owner) return warning('scope-of-resource', { given, resource: owner[0] });
      return warning('unknown-scope', { given, nearest: nearest(given, known) });
    }),
    ...(offline && !mayRefresh(request) ? [warning('offline-not-registered', {})] : []),
    ...(offline && mayRefresh(request) && !asksConsent(request) ? [warning('offline-without-consent', {})] : []),
  ];
}

function scopesOfResources({ address, resources }: Request): string[] {
  return address.resources.flatMap((name) => (Object.hasOwn(resources, name) ? resources[name]!.scopes : []));
}

/** Clients may, unless they are registered for less (provider.ts, clientDefaults). */
function mayRefresh({ client }: Request): boolean {
  return client?.grant_types?.includes('refresh_token') ?? true;
}

/** OpenID Connect Core, 11. */
function asksConsent({ address }: Request): boolean {
  return wordsOf(address, 'prompt').includes('consent');
}
