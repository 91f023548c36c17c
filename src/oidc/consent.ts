/** Which clients people are asked about before those get anything, and what they are asked. Pure. */

import { scopesAsked } from './account.ts';

/** Whether the client belongs to the state that runs this server: its people are not asked what it may have. */
export function isFirstParty(client: { [key: string]: unknown }): boolean {
  return client.first_party !== false;
}

/** Whether people are asked at every sign-in. RFC 8252, 8.6: another app may pass itself off as a native one. */
export function isAskedEachTime(client: { [key: string]: unknown }, applicationType: string | undefined): boolean {
  return applicationType === 'native' && !isFirstParty(client);
}

/** One thing that a person may allow a client: a scope of this server, or of an API (RFC 8707). */
export interface Permission {
  scope: string;
  /** The API's identifier. The same scope of another API is another permission. */
  resource?: string;
}

/** What a request asks for. */
export interface Asked {
  scope: string | undefined;
  claims: string | undefined;
  /** The scopes of each API that it names. */
  resources: Record<string, readonly string[]>;
}

/**
 * What a person is asked to allow, in the order asked: single claims count as the scopes that they belong to. `own`: the
 * scopes of this server.
 */
export function permissionsAsked({ scope, claims, resources }: Asked, own: readonly string[]): Permission[] {
  return scopesAsked(scope, claims).flatMap((each) => [
    ...(own.includes(each) ? [{ scope: each }] : []),
    ...Object.entries(resources).flatMap(([resource, scopes]) =>
      scopes.includes(each) ? [{ scope: each, resource }] : [],
    ),
  ]);
}

/** A permission as consents keep it. An API's identifier has no fragment (RFC 8707, 2), so that no two are written alike. */
export function written({ scope, resource }: Permission): string {
  return resource === undefined ? scope : `${resource}#${scope}`;
}

/** The permission that consents keep as `text`. */
export function readPermission(text: string): Permission {
  const at = text.indexOf('#');
  // A scope may hold the sign as well, but is no address.
  const isOfApi = at > 0 && URL.canParse(text.slice(0, at));
  return isOfApi ? { scope: text.slice(at + 1), resource: text.slice(0, at) } : { scope: text };
}
