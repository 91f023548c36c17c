/** The addresses that a client is registered with: where answers may go, and which sector its people's subjects belong to. Pure. */

import { isLoopback } from '../../../config/loopback.ts';
import { error, type Problem, when } from '../../../config/problems.ts';
import type { ClientMetadata } from './metadata.ts';

/** RFC 9700, 4.1.3 (exact match: no wildcards); RFC 8252, 7 (what native applications may use). */
export function redirectProblems(
  client: ClientMetadata,
  key: 'redirect_uris' | 'post_logout_redirect_uris',
): Problem[] {
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
export function sectorProblems({ redirect_uris, subject_type, sector_identifier_uri }: ClientMetadata): Problem[] {
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

/** Where a service is told of sign-outs (OpenID Connect Back-Channel Logout 1.0, 2.2). */
export function logoutProblems(client: ClientMetadata): Problem[] {
  const { backchannel_logout_uri: uri, backchannel_logout_session_required: needsSession } = client;
  const { protocol, hostname, username, password } = URL.parse(uri ?? '') ?? {};
  const wrong = (problem: string, hint: string) => error('backchannel_logout_uri', problem, hint);
  return [
    ...when(
      uri === undefined && needsSession === true,
      wrong('is missing', 'set it: it says where sign-outs are told'),
    ),
    ...when(
      protocol === 'http:' && !isLoopback(hostname ?? ''),
      wrong(
        'is http, which anyone on the way can read',
        'use https; http is for trials on 127.0.0.1, ::1 and localhost only',
      ),
    ),
    ...when(uri?.includes('#') ?? false, wrong('has a fragment', "leave out '#' and what follows")),
    ...when(Boolean(username || password), wrong('holds a user name', "leave out what stands before '@'")),
  ];
}
