/**
 * The world that made-up requests are sent into: a server, services of every kind, and people who stand at every page of a sign-in. Nobody
 * whose cookies may be sent has ever proven more than a password.
 */

import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair, type JWTPayload, SignJWT, UnsecuredJWT } from 'jose';
import { demoPassword } from '../../config/demo.ts';
import type { SettingsInput } from '../../config/settings.ts';
import { roomy, startKapu, type TestKapu } from '../support/kapu.ts';
import type { Base, Field } from './fuzz-requests.ts';
import { type Answer, type Cookies, exchange, keepCookies } from './fuzz-wire.ts';

export const verifier = 'a-verifier-of-the-fuzz-0123456789-0123456789';
const jwtBearer = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';

/** What each client has registered. */
export const clients: Record<string, { redirect: string; loggedOut: string; secret?: string }> = {
  'demo-native': { redirect: 'http://127.0.0.1/callback', loggedOut: 'http://127.0.0.1/' },
  'demo-plus': { redirect: 'http://127.0.0.1/callback', loggedOut: 'http://127.0.0.1/' },
  'demo-library': { redirect: 'http://127.0.0.1/callback', loggedOut: 'http://127.0.0.1/' },
  'demo-web': {
    redirect: 'http://127.0.0.1/callback',
    loggedOut: 'http://127.0.0.1/',
    secret: 'demo-web-secret-0123456789abcdef',
  },
  signer: {
    redirect: 'http://127.0.0.1/callback',
    loggedOut: 'http://127.0.0.1/',
    secret: 'signer-secret-0123456789abcdef-0123',
  },
  asserter: { redirect: 'https://asserter.example/callback', loggedOut: 'https://asserter.example/' },
  web: {
    redirect: 'https://web.example/callback',
    loggedOut: 'https://web.example/',
    secret: 'web-secret-0123456789abcdef-01234567',
  },
};

/** Where a request of this client is to end. */
export const callbackOf = (client: string) => clients[client]!.redirect.replace('127.0.0.1/', '127.0.0.1:45454/');

/** A browser, and what is known of where it stands. */
export interface Person {
  cookies: Cookies;
  /** The page it is at. */
  path: string;
  values: Record<string, string>;
}

export interface World {
  kapu: TestKapu;
  /** How often something has fetched an address that a request named. */
  fetched(): number;
  /** A browser that has done nothing. */
  stranger(): Person;
  /** Signs in at basic with a service, and is back there; with a code and tokens among its values. */
  signedIn(username: string, client?: string): Promise<Person>;
  /** At a page of a sign-in. */
  at(page: 'password' | 'email-code' | 'consent' | 'select-account'): Promise<Person>;
  /** Signed in, and asked whether to sign out. */
  leaving(): Promise<Person>;
  /** A code for a service, not redeemed. */
  code(person: Person, client: string, more?: Record<string, string>): Promise<string>;
  token(client: string, fields: Record<string, string>): Promise<Record<string, string>>;
  /** A right authorization request of this client. */
  request(client: string, more?: Record<string, string>): Field[];
  follow(person: Person, answer: Answer): Promise<Answer>;
  /** Puts in what stands in ‹›, for this person; `other` is somebody else. */
  fill(person: Person, other: Person, client: string): (text: string) => Promise<string>;
  stop(): Promise<void>;
}

export async function startWorld(): Promise<World> {
  const challenge = Buffer.from(await crypto.subtle.digest('SHA-256', Buffer.from(verifier))).toString('base64url');
  let hits = 0;
  const canary = createServer((_request, response) => {
    hits += 1;
    response.end('{}');
  });
  await once(canary.listen(0, '127.0.0.1'), 'listening');
  const canaryUrl = `http://127.0.0.1:${(canary.address() as AddressInfo).port}/keys`;

  const kapu = await startKapu({ change });
  const { issuer } = kapu;
  const own = await generateKeyPair('ES256', { extractable: true });
  const stranger = await generateKeyPair('ES256', { extractable: true });
  const publicJwk = await exportJWK(own.publicKey);
  const jwks = { keys: [{ ...publicJwk, kid: 'own', use: 'sig', alg: 'ES256' }] };
  for (const [id, more] of Object.entries({
    signer: { jwks, client_secret: clients.signer!.secret, application_type: 'native' },
    asserter: { jwks, token_endpoint_auth_method: 'private_key_jwt' },
    web: { client_secret: clients.web!.secret, token_endpoint_auth_method: 'client_secret_post' },
  }))
    await kapu.records.clients.put(id, {
      client_name: id,
      client_uri: 'https://web.example/',
      redirect_uris: [clients[id]!.redirect],
      post_logout_redirect_uris: [clients[id]!.loggedOut],
      grant_types: ['authorization_code', 'refresh_token'],
      response_types: ['code'],
      scope: 'openid profile email offline_access',
      ...more,
    });

  const world: World = {
    kapu,
    fetched: () => hits,
    stranger: () => ({ cookies: new Map(), path: '/', values: {} }),
    request: (client, more = {}) =>
      Object.entries({
        client_id: client,
        response_type: 'code',
        redirect_uri: callbackOf(client),
        scope: 'openid',
        state: 'a-state',
        nonce: 'a-nonce',
        code_challenge: challenge,
        code_challenge_method: 'S256',
        ...more,
      }),
    async follow(person, first) {
      let answer = first;
      for (let hops = 0; hops < 6; hops++) {
        keepCookies(person.cookies, answer);
        const { location } = answer.headers;
        const next = location === undefined ? undefined : new URL(location, answer.url);
        if (!next || next.origin !== new URL(issuer).origin) return answer;
        person.path = next.pathname;
        answer = await exchange(issuer, 'GET', next.pathname + next.search, headersOf(person, next.pathname));
      }
      return answer;
    },
    async code(person, client, more) {
      const answer = await visit(person, client, more);
      const code = new URL(answer.headers.location ?? issuer).searchParams.get('code');
      if (!code) throw new Error(`no code: ${answer.status} ${answer.headers.location} at ${person.path}`);
      return code;
    },
    async token(client, fields) {
      const answer = await exchange(
        issuer,
        'POST',
        '/token',
        { 'content-type': form },
        body({ client_id: client, ...fields }),
      );
      return JSON.parse(answer.body);
    },
    async signedIn(username, client = 'demo-native') {
      const person = world.stranger();
      const offline = { scope: 'openid offline_access profile', prompt: 'consent' };
      await visit(person, client, offline);
      await post(person, { username, password: demoPassword });
      const back = await post(person, { allow: '1' });
      const code = new URL(back.headers.location!).searchParams.get('code')!;
      const redeem = { grant_type: 'authorization_code', redirect_uri: callbackOf(client), code_verifier: verifier };
      const tokens = await world.token(client, { ...redeem, code });
      if (!tokens.refresh_token) throw new Error(`no tokens: ${JSON.stringify(tokens)}`);
      person.values = {
        ...{ 'used code': code, 'access token': tokens.access_token!, 'refresh token': tokens.refresh_token! },
        ...{ 'id token': tokens.id_token!, code: await world.code(person, client) },
      };
      return person;
    },
    async at(page) {
      const person = world.stranger();
      const asks = {
        password: {},
        'email-code': { acr_values: 'plus' },
        consent: { scope: 'openid email' },
        'select-account': { prompt: 'select_account' },
      };
      if (page === 'select-account') await enter(person);
      await visit(person, page === 'consent' ? 'demo-library' : 'demo-native', asks[page]);
      if (page === 'email-code' || page === 'consent') await post(person, { username: 'john', password: demoPassword });
      if (!person.path.endsWith(page)) throw new Error(`not at ${page} but at ${person.path}`);
      person.values = { uid: person.path.split('/')[2]! };
      return person;
    },
    async leaving() {
      const person = world.stranger();
      await enter(person);
      const answer = await exchange(issuer, 'GET', '/session/end', headersOf(person, '/session/end'));
      keepCookies(person.cookies, answer);
      person.values.xsrf = /name="xsrf" value="([^"]+)"/.exec(answer.body)![1]!;
      person.path = '/session/end/confirm';
      return person;
    },
    fill: (person, other, client) => {
      const values = valuesFor(person, other, client);
      return async (text) => {
        let filled = text;
        for (const [mark, name] of text.matchAll(/‹([^›]+)›/g)) filled = filled.replaceAll(mark, await values(name!));
        return filled;
      };
    },
    async stop() {
      canary.close();
      await kapu.stop();
    },
  };

  const form = 'application/x-www-form-urlencoded';
  const body = (fields: Record<string, string> | Field[]) => new URLSearchParams(fields).toString();
  function headersOf({ cookies }: Person, path: string): Record<string, string> {
    const sent = [...cookies.values()].filter((cookie) => path.startsWith(cookie.path));
    return { accept: 'text/html', cookie: sent.map(({ name, value }) => `${name}=${value}`).join('; ') };
  }
  async function visit(person: Person, client: string, more?: Record<string, string>): Promise<Answer> {
    const target = `/auth?${body(world.request(client, more))}`;
    return world.follow(person, await exchange(issuer, 'GET', target, headersOf(person, '/auth')));
  }
  /** Signs anna in, no more. */
  async function enter(person: Person): Promise<void> {
    await visit(person, 'demo-native');
    await post(person, { username: 'anna', password: demoPassword });
  }
  async function post(person: Person, fields: Record<string, string>): Promise<Answer> {
    const headers = { ...headersOf(person, person.path), 'content-type': form, origin: issuer };
    return world.follow(person, await exchange(issuer, 'POST', person.path, headers, body(fields)));
  }

  const signed = (payload: JWTPayload, client: string, { key = own.privateKey, header = {}, audience = issuer } = {}) =>
    new SignJWT(payload)
      .setProtectedHeader({ alg: 'ES256', kid: 'own', ...header })
      .setIssuer(client)
      .setSubject(client)
      .setAudience(audience)
      .setJti(crypto.randomUUID())
      .setIssuedAt()
      .setExpirationTime('5m')
      .sign(key);
  const unsecured = (payload: JWTPayload, client: string) =>
    new UnsecuredJWT(payload).setIssuer(client).setSubject(client).setAudience(issuer).setExpirationTime('5m').encode();
  const byPublicKey = (payload: JWTPayload, client: string) =>
    new SignJWT(payload)
      .setProtectedHeader({ alg: 'HS256', kid: 'own' })
      .setIssuer(client)
      .setAudience(issuer)
      .setExpirationTime('5m')
      .sign(Buffer.from(JSON.stringify(publicJwk)));
  let usedAssertion: Promise<string> | undefined;

  /** Each value when it is asked for: what can be used once is made anew. */
  function valuesFor(person: Person, other: Person, client: string): (name: string) => Promise<string> {
    const asked = (more: Record<string, string> = {}) => Object.fromEntries(world.request(client, more));
    const secret = clients[client]?.secret ?? 'a secret that nobody has, and long';
    const basic = (id: string, of: string) =>
      `Basic ${Buffer.from(`${id}:${encodeURIComponent(of)}`).toString('base64')}`;
    const keysElsewhere = { jku: canaryUrl, jwk: publicJwk };
    const made: Record<string, () => string | Promise<string>> = {
      canary: () => canaryUrl,
      issuer: () => issuer,
      host: () => new URL(issuer).host,
      api: () => Object.keys(kapu.settings.resources)[0]!,
      challenge: () => challenge,
      verifier: () => verifier,
      password: () => demoPassword,
      secret: () => secret,
      "another's secret": () => clients[client === 'web' ? 'signer' : 'web']!.secret!,
      'jwt bearer': () => jwtBearer,
      basic: () => basic(client, secret),
      "another's basic": () => basic('demo-web', clients['demo-web']!.secret!),
      'basic wrong': () => basic(client, 'a secret of nobody at all, long enough'),
      'basic raw': () => Buffer.from(`${client}:\0\xff%zz`, 'latin1').toString('base64'),
      'request right': () => signed(asked(), client),
      'request plus': () => signed(asked({ acr_values: 'plus', redirect_uri: 'https://evil.example/' }), client),
      'request none': () => unsecured(asked(), client),
      'request of another key': () => signed(asked(), client, { key: stranger.privateKey }),
      'request by the public key': () => byPublicKey(asked(), client),
      'request with jku': () => signed(asked(), client, { key: stranger.privateKey, header: keysElsewhere }),
      'request with x5u': () =>
        signed(asked(), client, { key: stranger.privateKey, header: { x5u: canaryUrl, kid: undefined } }),
      'request of another client': () => signed(Object.fromEntries(world.request('web')), 'web'),
      'request expired': () =>
        new SignJWT(asked())
          .setProtectedHeader({ alg: 'ES256' })
          .setIssuer(client)
          .setAudience(issuer)
          .setExpirationTime(1)
          .sign(own.privateKey),
      'request nested': async () =>
        signed({ ...asked(), request: await signed(asked(), client), request_uri: canaryUrl }, client),
      'request elsewhere': () => signed(asked(), client, { audience: 'https://evil.example' }),
      pushed: () => pushed(client),
      'pushed by another': () => pushed(client === 'web' ? 'signer' : 'web'),
      assertion: () => signed({}, client),
      'assertion used': () => (usedAssertion ??= signed({}, client)),
      'assertion none': () => unsecured({ jti: 'x' }, client),
      'assertion for elsewhere': () => signed({}, client, { audience: 'https://evil.example' }),
      'assertion of another key': () => signed({}, client, { key: stranger.privateKey }),
      'assertion with jku': () => signed({}, client, { key: stranger.privateKey, header: keysElsewhere }),
      dpop: () =>
        signed({ htm: 'POST', htu: `${issuer}/token` }, client, { header: { typ: 'dpop+jwt', jwk: publicJwk } }),
      'id token, unsigned': () => unsecured({ sub: 'x' }, client),
    };
    return async (name) => {
      if (made[name]) return made[name]();
      const whose = name.startsWith("another's ") ? other : person;
      return whose.values[name.replace("another's ", '')] ?? `there-is-no-${name.replaceAll(/\W/g, '-')}-here`;
    };
  }

  async function pushed(client: string): Promise<string> {
    const { secret } = clients[client] ?? {};
    const authentication = secret
      ? client === 'web'
        ? { client_secret: secret }
        : undefined
      : client === 'asserter'
        ? { client_assertion: await signed({}, client), client_assertion_type: jwtBearer }
        : {};
    const headers: Record<string, string> = { 'content-type': form };
    if (!authentication) headers.authorization = `Basic ${Buffer.from(`${client}:${secret}`).toString('base64')}`;
    if (!clients[client]) return 'urn:ietf:params:oauth:request_uri:of-nobody';
    const answer = await exchange(
      issuer,
      'POST',
      '/request',
      headers,
      body([...world.request(client), ...Object.entries(authentication ?? {})]),
    );
    return JSON.parse(answer.body).request_uri;
  }

  return world;
}

/** Room for all, hashes that cost nothing, and codes that nobody guesses by chance. */
function change(settings: SettingsInput): void {
  roomy(settings);
  Object.assign(settings.password, { timeCost: 1, memoryCost: 64 });
  Object.assign(settings.emailCode, { digits: 10, tries: 10 });
}

/** How a client with a secret or a key says who it is, in the fields or in a header. */
export function authenticated(client: string, base: Base): Base {
  const { path, method, fields, headers } = base;
  const more = (extra: Field[], header?: Record<string, string>): Base => ({
    ...{ method, path },
    fields: [...fields.filter(([name]) => !extra.some(([other]) => other === name)), ...extra],
    headers: { ...headers, ...header },
  });
  if (client === 'asserter')
    return more([
      ['client_id', client],
      ['client_assertion', '‹assertion›'],
      ['client_assertion_type', jwtBearer],
    ]);
  if (client === 'web')
    return more([
      ['client_id', client],
      ['client_secret', '‹secret›'],
    ]);
  return clients[client]!.secret ? more([], { authorization: '‹basic›' }) : more([['client_id', client]]);
}
