/** A browser with a jar of cookies, and the services that it comes from. Every token is checked as a service checks it. */

import { createHash, createPublicKey, type JsonWebKey, type KeyObject, randomBytes, verify } from 'node:crypto';
import type { Answer, Wire } from './wire.ts';

/** Another outcome than the one that was to be measured. */
export class Unexpected extends Error {
  override name = 'Unexpected';
}

/** What is measured: one server, and what its tokens are checked with. */
export interface Target {
  issuer: string;
  wire: Wire;
  keys: Map<string, KeyObject>;
  /** What ID tokens say; undefined where there are no levels. */
  acr?: string;
  /** The code in the mail with that reference, once it is there. */
  codeOf?: (reference: string) => Promise<string>;
  /** Path of the endpoint. */
  userinfo: string;
}

const form = 'content-type: application/x-www-form-urlencoded\r\n';

/** A target at `issuer`, whose keys are fetched. */
export async function targetAt(issuer: string, wire: Wire): Promise<Target> {
  const { body } = await wire.ask('GET', '/jwks', '');
  const keys = new Map<string, KeyObject>();
  for (const key of (JSON.parse(body) as { keys: (JsonWebKey & { kid: string })[] }).keys)
    keys.set(key.kid, createPublicKey({ key, format: 'jwk' }));
  const discovery = JSON.parse((await wire.ask('GET', '/.well-known/openid-configuration', '')).body);
  const acr = discovery.acr_values_supported?.[0];
  return { issuer, wire, keys, acr, userinfo: new URL(discovery.userinfo_endpoint).pathname };
}

export interface Client {
  id: string;
  secret?: string;
  redirectUri: string;
}

let addresses = 0;

/** Somebody at a browser: an address of their own, behind the proxy. */
export class Browser {
  readonly #target: Target;
  readonly #cookies = new Map<string, { value: string; path: string }>();
  readonly #headers: string;

  constructor(target: Target) {
    this.#target = target;
    addresses++;
    const address = `198.${18 + ((addresses >> 16) & 1)}.${(addresses >> 8) & 255}.${addresses & 255}`;
    this.#headers = `x-forwarded-for: ${address}\r\naccept: text/html\r\naccept-language: en\r\nuser-agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36\r\n`;
  }

  /** Goes there, with `fields` by POST, and on wherever the server sends it, up to the service; gives where that is. */
  async go(address: string | URL, fields?: Record<string, string>): Promise<Answer & { url: URL }> {
    const { issuer, wire } = this.#target;
    let url = new URL(address, issuer);
    let body = fields && new URLSearchParams(fields).toString();
    for (let hops = 0; hops < 10; hops++) {
      const sent = body === undefined ? '' : `${form}origin: ${issuer}\r\n`;
      const headers = `${this.#headers}${this.#cookieLine(url.pathname)}${sent}`;
      const answer = await wire.ask(body === undefined ? 'GET' : 'POST', url.pathname + url.search, headers, body);
      for (const cookie of answer.cookies) this.#keep(cookie);
      const { location } = answer.headers;
      if (!location) return { ...answer, url };
      url = new URL(location, url);
      if (url.origin !== issuer || url.pathname === '/callback') return { ...answer, url };
      body = undefined;
    }
    throw new Unexpected('it goes round in circles');
  }

  #cookieLine(path: string): string {
    let line = '';
    for (const [key, cookie] of this.#cookies)
      if (path.startsWith(cookie.path))
        line += `${line === '' ? 'cookie: ' : '; '}${key.slice(0, key.indexOf(' '))}=${cookie.value}`;
    return line === '' ? '' : `${line}\r\n`;
  }

  #keep(cookie: string): void {
    const [, name, value] = /^([^=]+)=([^;]*)/.exec(cookie)!;
    const path = /;\s*path=([^;]+)/i.exec(cookie)?.[1] ?? '/';
    const key = `${name} ${path}`;
    if (value && !/expires=Thu, 01 Jan 1970/i.test(cookie)) this.#cookies.set(key, { value, path });
    else this.#cookies.delete(key);
  }
}

/** An authorization request, and how its answer is redeemed. */
export function authorization(target: Target, client: Client, parameters: Record<string, string> = {}) {
  const [verifier, state, nonce] = [secret(), secret(), secret()];
  const query = new URLSearchParams({
    client_id: client.id,
    redirect_uri: client.redirectUri,
    response_type: 'code',
    scope: 'openid',
    state,
    nonce,
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    code_challenge_method: 'S256',
    ...parameters,
  });
  return {
    path: `/auth?${query}`,
    /** The tokens; throws Unexpected unless the ID token says `acr` of this very request. */
    async redeem(callback: URL, acr: string | undefined): Promise<Tokens> {
      const code = callback.searchParams.get('code');
      if (!code || callback.searchParams.get('state') !== state) throw new Unexpected(`no code: ${callback.search}`);
      const tokens = await token(target, client, {
        grant_type: 'authorization_code',
        code,
        redirect_uri: client.redirectUri,
        code_verifier: verifier,
      });
      checkIdToken(target, client, tokens.id_token, { nonce, acr });
      return tokens;
    },
  };
}

export interface Tokens {
  access_token: string;
  id_token?: string;
  refresh_token?: string;
}

/** A request of `client` to the token endpoint. Throws Unexpected unless tokens come. */
export async function token(target: Target, client: Client, fields: Record<string, string>): Promise<Tokens> {
  const answer = await called(target, client, '/token', fields);
  if (answer.status !== 200) throw new Unexpected(`${answer.status} at /token: ${answer.body.slice(0, 200)}`);
  return JSON.parse(answer.body);
}

/** A POST of `client`, who says who it is. */
export function called(target: Target, client: Client, path: string, fields: Record<string, string>): Promise<Answer> {
  const own = client.secret === undefined ? { client_id: client.id } : undefined;
  const basic = own ? '' : `authorization: Basic ${btoa(`${client.id}:${client.secret}`)}\r\n`;
  return target.wire.ask('POST', path, `${form}${basic}`, new URLSearchParams({ ...fields, ...own }).toString());
}

/** Throws Unexpected unless it is signed by the target for `client`, now, for this request. OpenID Connect Core, 3.1.3.7. */
export function checkIdToken(
  { issuer, keys }: Target,
  client: Client,
  idToken: string | undefined,
  expected: { nonce?: string; acr: string | undefined },
): void {
  const [head = '', payload = '', signature = ''] = idToken?.split('.') ?? [];
  const { alg, kid } = part(head);
  const key = keys.get(String(kid));
  if (!key || !verified(String(alg), `${head}.${payload}`, key, Buffer.from(signature, 'base64url')))
    throw new Unexpected('the signature of the ID token is not good');
  const claims = part(payload);
  const right =
    claims.iss === issuer &&
    claims.aud === client.id &&
    Number(claims.exp) > Date.now() / 1000 &&
    (expected.nonce === undefined || claims.nonce === expected.nonce) &&
    claims.acr === expected.acr;
  if (!right) throw new Unexpected(`the ID token says something else: acr ${claims.acr}, nonce ${claims.nonce}`);
}

function verified(alg: string, text: string, key: KeyObject, signature: Buffer): boolean {
  const data = Buffer.from(text);
  if (alg === 'ES256') return verify('sha256', data, { key, dsaEncoding: 'ieee-p1363' }, signature);
  if (alg === 'RS256') return verify('sha256', data, key, signature);
  return (alg === 'EdDSA' || alg === 'Ed25519') && verify(null, data, key, signature);
}

const part = (text: string): Record<string, unknown> =>
  text === '' ? {} : JSON.parse(Buffer.from(text, 'base64url').toString());
const secret = () => randomBytes(32).toString('base64url');
