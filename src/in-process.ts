/**
 * Requests of this server to itself, without a network: what they pass is what any other request passes. They come by the issuer's
 * name and scheme, whatever stands before the server. The library that makes them is loaded with the first.
 */

import type { RequestListener } from 'node:http';

/** A `fetch` whose requests `answer` serves, as ones that have come to `issuer`; it goes nowhere else. */
export function inProcessFetch(issuer: string, answer: () => RequestListener) {
  const { origin, host, protocol } = new URL(issuer);
  const isSecure = protocol === 'https:';
  return async (
    address: string,
    { method, headers, body }: { method?: string; headers?: Record<string, string>; body?: unknown } = {},
  ): Promise<Response> => {
    const url = new URL(address);
    if (url.origin !== origin) throw new TypeError('a request to this server itself goes nowhere else');
    const serve: RequestListener = (request, response) => {
      // TLS has ended already, or never began: the request has not left the process.
      if (isSecure) Object.assign(request.socket, { encrypted: true });
      answer()(request, response);
    };
    const { default: inject } = await import('light-my-request');
    const {
      statusCode,
      headers: given,
      rawPayload,
    } = await inject(serve, {
      url: `${url.pathname}${url.search}`,
      method: method ?? 'GET',
      headers: { ...headers, host },
      ...(body !== undefined && body !== null && { payload: String(body) }),
    });
    const sent = Object.entries(given).flatMap(([name, value]) =>
      value === undefined ? [] : [value].flat().map((each): [string, string] => [name, String(each)]),
    );
    return new Response(rawPayload.length > 0 ? new Uint8Array(rawPayload) : null, {
      status: statusCode,
      headers: sent,
    });
  };
}
