/**
 * Listens to a server of this process from inside: whatever client a test uses, what people, services and the server say to
 * one another that is secret is known (secrets.ts). It changes nothing of what is said.
 */

import { channel } from 'node:diagnostics_channel';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Readable } from 'node:stream';
import { type Kind, type Secrets, seen } from './secrets.ts';

/** Fields and parameters, and members of answers, that hold a secret. */
const names: Record<string, Kind> = {
  password: 'password',
  'new-password': 'password',
  client_secret: 'client secret',
  client_assertion: 'assertion',
  request: 'assertion',
  code: 'token',
  code_verifier: 'token',
  access_token: 'token',
  refresh_token: 'token',
  id_token: 'token',
  id_token_hint: 'token',
  token: 'token',
  xsrf: 'token',
  request_uri: 'request_uri',
  username: 'address',
  login_hint: 'address',
  email: 'address',
};

/** Which service and which language are no secrets; every other cookie is. */
const publicCookie = /^kapu-(service|language)$/;

export function addCookie(name: string, value: string, secrets: Secrets = seen): void {
  if (!publicCookie.test(name)) secrets.add('cookie', value);
}

/** Adds what a field, a parameter or a member of this name holds. */
export function addNamed(name: string, value: unknown, secrets: Secrets = seen): void {
  const kind = Object.hasOwn(names, name) ? names[name] : undefined;
  if (!kind || typeof value !== 'string') return;
  secrets.add(kind, kind === 'request_uri' ? value.split(':').at(-1) : value);
  if (name === 'code')
    for (const kind of ['code', 'recovery code'] as const) secrets.add(kind, value.replaceAll(/[ -]/g, ''));
  if (name === 'code') secrets.add('recovery code', value);
}

/** Listens to the server on `port` until the function that it gives is called. */
export function overhear(port: number): () => void {
  const requests = channel('http.server.request.start');
  const listener = (message: unknown) => {
    const { request, response } = message as { request: IncomingMessage; response: ServerResponse };
    if (request.socket.localPort !== port) return;
    listenTo(request);
    listenToAnswer(response);
  };
  requests.subscribe(listener);
  return () => void requests.unsubscribe(listener);
}

/** Calls `hear` with each chunk that comes in, however it is read. */
export function tap(stream: Readable, hear: (chunk: Buffer) => void): void {
  const push = stream.push.bind(stream);
  stream.push = (chunk, ...rest) => {
    if (chunk) hear(Buffer.from(chunk));
    return push(chunk, ...rest);
  };
}

/** Bodies that are longer are nobody's form. */
const most = 100_000;

function listenTo(request: IncomingMessage): void {
  const { headers, url = '' } = request;
  for (const [name, value] of new URLSearchParams(/\?(.*)/s.exec(url)?.[1] ?? '')) addNamed(name, value);
  for (const pair of (headers.cookie ?? '').split(/; */)) {
    const [, name, value] = /^([^=]+)=(.*)$/s.exec(pair) ?? [];
    if (name && value) addCookie(name, value);
  }
  const [, scheme, credentials] = /^(\w+) +(.*)$/.exec(headers.authorization ?? '') ?? [];
  if (/^basic$/i.test(scheme ?? '')) {
    const [, secret] = /^[^:]*:(.*)$/s.exec(Buffer.from(credentials!, 'base64').toString()) ?? [];
    seen.add('client secret', secret && new URLSearchParams(`s=${secret}`).get('s'));
  } else if (scheme) seen.add('token', credentials);

  const chunks: Buffer[] = [];
  let size = 0;
  tap(request, (chunk) => {
    size += chunk.length;
    if (size < most) chunks.push(chunk);
  });
  request.once('close', () => {
    for (const [name, value] of new URLSearchParams(Buffer.concat(chunks).toString())) addNamed(name, value);
  });
}

function listenToAnswer(response: ServerResponse): void {
  const end = response.end.bind(response) as (...args: unknown[]) => ServerResponse;
  response.end = ((body: unknown, ...rest: unknown[]) => {
    for (const line of [response.getHeader('set-cookie') ?? []].flat()) {
      const [, name, value] = /^([^=]+)=([^;]*)/.exec(String(line)) ?? [];
      if (name && value) addCookie(name, value);
    }
    const query = /\?([^#]*)/.exec(String(response.getHeader('location') ?? ''))?.[1] ?? '';
    for (const [name, value] of new URLSearchParams(query)) addNamed(name, value);
    const type = String(response.getHeader('content-type'));
    if (type.startsWith('application/json')) addMembers(String(body));
    if (type.startsWith('text/html')) addShown(String(body));
    return end(body, ...rest);
  }) as typeof response.end;
}

function addMembers(json: string): void {
  let members: unknown;
  try {
    members = JSON.parse(json);
  } catch {
    return;
  }
  for (const [name, value] of Object.entries(members ?? {})) addNamed(name, value);
}

/** Adds what a page hands to a person to keep: the key of an authenticator app, recovery codes. */
export function addShown(html: string, secrets: Secrets = seen): void {
  for (const [, key] of html.matchAll(/\bsecret=([A-Z2-7]{32})\b/g)) secrets.add('app key', key);
  for (const [code] of html.matchAll(/\b([0-9A-HJKMNP-TV-Z]{4}-){3}[0-9A-HJKMNP-TV-Z]{4}\b/g)) {
    secrets.add('recovery code', code);
    secrets.add('recovery code', code.replaceAll('-', ''));
  }
}
