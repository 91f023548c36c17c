/**
 * A relying party as a conformance suite plays one: each step by itself, over the wire, and each with something wrong in it
 * where a test says so. What it would do right stands here; what is wrong stands in the tests.
 */

import { createHash, generateKeyPairSync, type KeyObject, randomUUID } from 'node:crypto';
import { type JWTPayload, SignJWT } from 'jose';
import type { Agent, Page } from '../support/agent.ts';
import { type Answer, read, wire } from './wire.ts';

export interface Keys {
  alg: string;
  privateKey: KeyObject;
  jwk: Record<string, unknown>;
}

/** A pair of keys to sign with. */
export function makeKeys(alg: 'ES256' | 'PS256' | 'RS256' | 'EdDSA' = 'ES256', kid: string = randomUUID()): Keys {
  const { privateKey, publicKey } =
    alg === 'ES256'
      ? generateKeyPairSync('ec', { namedCurve: 'P-256' })
      : alg === 'EdDSA'
        ? generateKeyPairSync('ed25519')
        : generateKeyPairSync('rsa', { modulusLength: 2048 });
  return { alg, privateKey, jwk: { ...publicKey.export({ format: 'jwk' }), kid, alg, use: 'sig' } };
}

export const seconds = (): number => Math.floor(Date.now() / 1000);
export const sha256 = (text: string): string => createHash('sha256').update(text).digest('base64url');
export const verifier = 'a-verifier-that-is-long-enough-for-rfc-7636';
export const assertionType = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';

/** What is different from what would be right. */
export interface Changes {
  claims?: Record<string, unknown>;
  header?: Record<string, unknown>;
  keys?: Keys;
}

/** A JWT of `claims`, signed by `keys`. A claim that is undefined is left out. */
export function sign(keys: Keys, claims: object, header: object = {}): Promise<string> {
  return new SignJWT(JSON.parse(JSON.stringify(claims)) as JWTPayload)
    .setProtectedHeader({ alg: keys.alg, kid: String(keys.jwk.kid), ...header })
    .sign(keys.privateKey);
}

export interface ClientOptions {
  issuer: string;
  clientId: string;
  redirectUri: string;
  /** Signs assertions; without them the certificate of `fetch` says who this is. */
  keys?: Keys;
  /** Holds the tokens; without them they are held by the certificate. */
  dpop?: Keys;
  /** Signs request objects. */
  requests?: Keys;
  fetch?: ReturnType<typeof wire>;
  /** Where the token endpoint and its neighbours are. */
  endpoints?: Record<string, string>;
}

export class Client {
  readonly options: ClientOptions;
  readonly #fetch: ReturnType<typeof wire>;

  constructor(options: ClientOptions) {
    this.options = options;
    this.#fetch = options.fetch ?? wire();
  }

  with(changes: Partial<ClientOptions>): Client {
    return new Client({ ...this.options, ...changes });
  }

  endpoint(name: 'token' | 'request' | 'userinfo' | 'introspection' | 'revocation'): string {
    const path = { introspection: '/token/introspection', revocation: '/token/revocation' }[name as string];
    return this.options.endpoints?.[name] ?? `${this.options.issuer}${path ?? `/${name}`}`;
  }

  /** The assertion of this client. */
  assertion({ claims, header, keys }: Changes = {}): Promise<string> {
    const { issuer, clientId } = this.options;
    return sign(
      keys ?? this.options.keys!,
      { iss: clientId, sub: clientId, aud: issuer, jti: randomUUID(), iat: seconds(), exp: seconds() + 60, ...claims },
      header,
    );
  }

  /** A DPoP proof for a request to `url`; `token` where it goes with one. */
  proof(method: string, url: string, { claims, header, keys }: Changes = {}, token?: string): Promise<string> {
    const dpop = keys ?? this.options.dpop!;
    const { kid: _, alg: __, use: ___, ...jwk } = dpop.jwk;
    const ath = token && sha256(token);
    return sign(
      dpop,
      { htm: method, htu: url, iat: seconds(), jti: randomUUID(), ...(ath && { ath }), ...claims },
      { typ: 'dpop+jwt', jwk, kid: undefined, ...header },
    );
  }

  async post(
    name: Parameters<Client['endpoint']>[0],
    fields: Record<string, string | undefined>,
    headers: Record<string, string> = {},
  ): Promise<Answer> {
    const given = Object.entries(fields).filter((field): field is [string, string] => field[1] !== undefined);
    return read(await this.#fetch(this.endpoint(name), { method: 'POST', headers, body: new URLSearchParams(given) }));
  }

  async get(url: string, headers: Record<string, string> = {}): Promise<Answer> {
    return read(await this.#fetch(url, { headers }));
  }

  /** Who this is, as form fields. */
  async identity(changes?: Changes): Promise<Record<string, string>> {
    const { clientId, keys } = this.options;
    if (!keys) return { client_id: clientId };
    return {
      client_id: clientId,
      client_assertion_type: assertionType,
      client_assertion: await this.assertion(changes),
    };
  }

  /** The parameters of an authorization request. */
  parameters(more: Record<string, string | undefined> = {}): Record<string, string> {
    const all = {
      response_type: 'code',
      client_id: this.options.clientId,
      redirect_uri: this.options.redirectUri,
      scope: 'openid',
      state: randomUUID(),
      nonce: randomUUID(),
      code_challenge: sha256(verifier),
      code_challenge_method: 'S256',
      ...more,
    };
    return Object.fromEntries(Object.entries(all).filter((each): each is [string, string] => each[1] !== undefined));
  }

  /** A signed request object of `parameters`. */
  requestObject(parameters: object, { claims, header, keys }: Changes = {}): Promise<string> {
    const { clientId, issuer, requests } = this.options;
    const times = { nbf: seconds(), iat: seconds(), exp: seconds() + 300 };
    return sign(
      keys ?? requests!,
      { iss: clientId, aud: issuer, ...times, ...parameters, ...claims },
      { typ: 'oauth-authz-req+jwt', ...header },
    );
  }

  /** Pushes `parameters`; signed where this client signs. */
  async push(parameters = this.parameters(), headers: Record<string, string> = {}): Promise<Answer> {
    const asked = this.options.requests ? { request: await this.requestObject(parameters) } : parameters;
    return this.post('request', { ...asked, ...(await this.identity()) }, headers);
  }

  /** The address of the authorization request that was pushed as `uri`. */
  address(uri: unknown, clientId = this.options.clientId): string {
    return `${this.options.issuer}/auth?${new URLSearchParams({ client_id: clientId, request_uri: String(uri) })}`;
  }

  /** Pushes, and visits what was pushed. */
  async visit(agent: Agent, more: Record<string, string | undefined> = {}): Promise<Page> {
    const pushed = await this.push(this.parameters(more));
    if (pushed.status !== 201) throw new Error(`not pushed: ${pushed.text}`);
    return agent.get(this.address(pushed.body.request_uri));
  }

  /** Redeems `code`, with a proof where tokens are held by one. */
  async redeem(code: string, changes: { proof?: Changes | string; identity?: Changes } = {}): Promise<Answer> {
    const headers = await this.#proofFor('POST', this.endpoint('token'), changes.proof);
    return this.post(
      'token',
      {
        grant_type: 'authorization_code',
        code,
        redirect_uri: this.options.redirectUri,
        code_verifier: verifier,
        ...(await this.identity(changes.identity)),
      },
      headers,
    );
  }

  async refresh(token: string, changes: { proof?: Changes | string; identity?: Changes } = {}): Promise<Answer> {
    const headers = await this.#proofFor('POST', this.endpoint('token'), changes.proof);
    return this.post(
      'token',
      { grant_type: 'refresh_token', refresh_token: token, ...(await this.identity(changes.identity)) },
      headers,
    );
  }

  /** What userinfo answers to `token`. */
  async userinfo(token: string, changes: { proof?: Changes | string } = {}, method = 'GET'): Promise<Answer> {
    const url = this.endpoint('userinfo');
    const proof = await this.#proofFor(method, url, changes.proof, token);
    const headers = { authorization: `${this.options.dpop ? 'DPoP' : 'Bearer'} ${token}`, ...proof };
    return read(await this.#fetch(url, { method, headers }));
  }

  async #proofFor(
    method: string,
    url: string,
    given: Changes | string = {},
    token?: string,
  ): Promise<Record<string, string>> {
    if (!this.options.dpop) return {};
    return { dpop: typeof given === 'string' ? given : await this.proof(method, url, given, token) };
  }
}

/** The code that came back to the service. */
export function codeOn(page: Page): string {
  const code = page.url.searchParams.get('code');
  if (!code) throw new Error(`no code: ${page.url.href} ${page.status} ${page.html.slice(0, 300)}`);
  return code;
}
