/** APIs: what tokens for them are like, who may have some, and who may ask about tokens. */

import { errors } from 'oidc-provider';
import type { Settings } from '../../config/settings.ts';
import { profileNameOf } from './clients/profiles.ts';

type Client = { [key: string]: unknown };

/** What tokens for an API are like (RFC 8707, RFC 9068); an API that the client does not list does not exist for it. */
export async function resourceServer(settings: Settings, identifier: string, client: Client) {
  const resource = Object.hasOwn(settings.resources, identifier) ? settings.resources[identifier] : undefined;
  const listed = Array.isArray(client.resources) && client.resources.includes(identifier);
  if (!resource || !listed) throw new errors.InvalidTarget('this client may not ask tokens for this resource');
  return {
    audience: identifier,
    scope: resource.scopes.join(' '),
    accessTokenFormat: resource.accessToken,
    accessTokenTTL: settings.times.accessToken,
  };
}

/**
 * The API meant by a request that names none: of a machine its only one, as a token of its own is for nothing else; for
 * people none. Throws invalid_target when a machine has several.
 */
export async function unnamedResource(_ctx: unknown, client: Client, oneOf?: readonly string[]) {
  if (oneOf !== undefined) return oneOf;
  if (profileNameOf(client) !== 'service') return [];
  const listed = client.resources as string[];
  if (listed.length !== 1) throw new errors.InvalidTarget('name the API by resource');
  return listed[0]!;
}

/** A service may ask about its own tokens; one that authenticates itself about all, as a resource server must. */
export function mayIntrospect(client: { clientId: string; clientAuthMethod?: string }, token: { clientId?: string }) {
  return client.clientAuthMethod !== 'none' || token.clientId === client.clientId;
}
