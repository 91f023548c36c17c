/** Authorization requests that begin anew, because the browser or its session is not the one that they began in. */

import { UnsecuredJWT } from 'jose';
import type Provider from 'oidc-provider';
import type { Interaction } from 'oidc-provider';

/** Seconds that a pushed request waits for the browser, which is on its way already. */
const life = 60;

/** As the library has it; its types leave out `parJti`, the pushed request that an interaction came by. */
type Begun = Pick<Interaction, 'params' | 'trusted' | 'deviceCode'> & { parJti?: string };

/**
 * The address at which the request of an interaction begins anew, nothing of it answered. What was pushed or signed stays out of
 * the address, so that nobody can change it on the way (RFC 9126, 1; RFC 9101, 10.3).
 */
export async function beginAnew(provider: Provider, begun: Begun): Promise<string> {
  const { params, trusted = [], parJti, deviceCode } = begun;
  // It began with a code that the person typed.
  if (deviceCode) return provider.urlFor('code_verification');
  const asked = Object.entries(params).filter(([, value]) => value !== undefined && value !== null);
  const inAddress = parJti === undefined && trusted.length === 0 ? asked : await pushedAgain(provider, asked, trusted);
  const url = new URL(provider.urlFor('authorization'));
  for (const [name, value] of inAddress) for (const each of [value].flat()) url.searchParams.append(name, String(each));
  return url.href;
}

/** Pushes the request again, as its client did; what stays in the address. */
async function pushedAgain(
  provider: Provider,
  asked: [string, unknown][],
  trusted: string[],
): Promise<[string, unknown][]> {
  const { claims, ...rest } = Object.fromEntries(asked) as { client_id: string; claims?: string };
  const request = new UnsecuredJWT({ ...rest, ...(claims !== undefined && { claims: JSON.parse(claims) }) })
    .setIssuer(rest.client_id)
    .setAudience(provider.issuer)
    .setExpirationTime(`${life}s`)
    .encode();
  const pushed = new provider.PushedAuthorizationRequest({ request, trusted: trusted.length > 0 } as never);
  const id = await pushed.save(life);
  return [
    ['client_id', rest.client_id],
    ['request_uri', `urn:ietf:params:oauth:request_uri:${id}`],
  ];
}
