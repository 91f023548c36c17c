/**
 * Which redirect URIs the protocol library accepts, as a function of ours: letter by letter, and for native applications any port
 * of a loopback address (RFC 9700, 4.1.3; RFC 8252, 7.3). The library decides when it serves; a test holds the two together. Pure.
 */

/** Everything up to the port of a loopback address, when it is spelled as the library has it, with or without a port. */
const loopback = /^(http:\/\/(?:localhost|127\.0\.0\.1|\[::1\]))(?::\d*)?(?=[/?#]|$)/;

/** Whether a request of this client may end at `uri`. */
export function isRedirectAllowed(
  client: { redirect_uris: readonly string[]; application_type?: string },
  uri: string,
): boolean {
  if (client.redirect_uris.includes(uri)) return true;
  if (client.application_type !== 'native' || !URL.canParse(uri) || !loopback.test(uri)) return false;
  return client.redirect_uris.some((registered) => withoutPort(registered) === withoutPort(uri));
}

/** A loopback address without its port, as native applications' are compared; any other address as it is. */
export function withoutPort(uri: string): string {
  return uri.replace(loopback, '$1');
}
