/**
 * What a service that registers itself becomes: the same checks as for a file of an operator's, without what only an operator may
 * say. Knows nothing of HTTP, tokens or stores.
 */

import type { Problem } from '../../../config/problems.ts';
import { type ClientMetadata, type ClientSurroundings, clientKeys, parseClient } from './metadata.ts';

/** What an operator alone says of a client; a registration neither sets nor changes it. */
const operators = ['profile', 'first_party', 'minimum_level', 'excluded_methods', 'resources', 'refresh_beyond_level'];

/** What only the server says of a registration (RFC 7592, 2.2). */
export const servers = [
  'registration_access_token',
  'registration_client_uri',
  'client_secret_expires_at',
  'client_id_issued_at',
];

export type Registered =
  | { outcome: 'fine'; client: Omit<ClientMetadata, 'client_id'> }
  /** As RFC 7591, 3.2.2 names it. */
  | { outcome: 'refused'; error: 'invalid_redirect_uri' | 'invalid_client_metadata'; description: string };

type Fields = Record<string, unknown>;

/**
 * The client that `asked` describes, with the id `clientId`; `before` is what an update takes the place of. Members that are not
 * known are left out (RFC 7591, 2); people are asked for consent, unless an operator has said otherwise since.
 */
export function registered(
  asked: Fields,
  clientId: string,
  surroundings: ClientSurroundings,
  before: Fields = { first_party: false },
): Registered {
  const theirs = (name: string) => clientKeys.includes(name) && !operators.includes(name) && name !== 'client_secret';
  const own = Object.entries(asked).filter(([name, value]) => theirs(name) && value !== null && value !== '');
  const kept = Object.entries(before).filter(([name]) => operators.includes(name));
  const home = originOf(asked.redirect_uris);
  const json = {
    ...(home && { client_name: URL.parse(home)?.host, client_uri: home }),
    ...Object.fromEntries([...own, ...kept]),
    client_id: clientId,
  };
  const parsed = parseClient(json, surroundings);
  if (!parsed.ok) return refused(parsed.problems);
  const { client_id: _, ...client } = parsed.client;
  return { outcome: 'fine', client };
}

/** The origin of the first address, where it is one of the web. */
function originOf(addresses: unknown): string | undefined {
  const url = Array.isArray(addresses) ? URL.parse(String(addresses[0])) : undefined;
  return url && /^https?:$/.test(url.protocol) ? `${url.origin}/` : undefined;
}

function refused(problems: readonly Problem[]): Registered {
  const isRedirect = problems.some(({ path }) => path.startsWith('redirect_uris'));
  return {
    outcome: 'refused',
    error: isRedirect ? 'invalid_redirect_uri' : 'invalid_client_metadata',
    description: problems.map(({ path, problem, hint }) => `${path}: ${problem}; ${hint}`).join('. '),
  };
}
