/**
 * What `npm run demo` runs with, as data: settings, people and clients. Every name and secret here is public, so
 * production refuses all of them. Outside tests rely on the names, so they change only with
 * notice in the README.
 */

import { defaults } from './default.ts';
import type { SettingsInput } from './settings.ts';

/** Known to everyone who can read this file. Their first words say so, and production refuses them by it. */
export const demoSecrets = {
  cookieKeys: ['demo-only-cookie-key-not-for-production-use'],
  peppers: [{ id: 'demo', key: 'demo-only-pepper-not-for-production-use' }],
  codeKeys: ['demo-only-code-key-not-for-production-use'],
  stateKeys: ['demo-only-state-key-not-for-production-use'],
  credentialKeys: ['demo-only-credential-key-not-for-production-use'],
  pairwiseSalt: 'demo-only-pairwise-salt-not-for-production-use',
};

/** How every demo secret begins. */
export const demoSecretPrefix = 'demo-only-';

/** The password of all demo people. */
export const demoPassword = 'kapu-demo-2026';

/** The domain of their e-mail addresses: `.example` never exists (RFC 2606). */
export const demoDomain = 'demo.example';

export const demoPeople = [
  {
    username: 'anna',
    email: `anna@${demoDomain}`,
    emailVerified: true,
    name: 'Szabóné Kiss Anna',
    birthName: 'Kiss Anna Mária',
    birthDate: '1985-04-12',
    locale: 'hu',
  },
  {
    username: 'john',
    email: `john@${demoDomain}`,
    emailVerified: true,
    name: 'John Gallagher',
    birthName: 'John Patrick Gallagher',
    birthDate: '1979-09-30',
    locale: 'en',
  },
  // No e-mail address: he can sign in, but has no way to plus.
  { username: 'bela', name: 'Tóth Béla', birthName: 'Tóth Béla', birthDate: '1951-11-03', locale: 'hu' },
] as const;

export interface DemoPlaces {
  /** Kapu's port; the demo service is at the next, the mailbox page at the one after, operations at port + 3. */
  port: number;
  /** Where the mailbox takes mail. */
  smtpPort: number;
  /** A folder of the demo's own: the signing keys go there. */
  folder: string;
}

/** The demo's settings: everything on loopback, nothing that outlives it but the signing keys. */
export function demoSettings({ port, smtpPort, folder }: DemoPlaces): SettingsInput {
  return {
    ...defaults,
    mode: 'demo',
    issuer: `http://localhost:${port}`,
    // Not one address: 'localhost' is ::1 in some browsers and 127.0.0.1 in others, and Node resolves it like they do.
    listen: { host: 'localhost', port },
    operations: { host: '127.0.0.1', port: port + 3 },
    deployment: {
      ...defaults.deployment,
      name: { hu: 'Kapu', en: 'Kapu' },
      operator: { hu: 'Kapu bemutató', en: 'Kapu demonstration' },
      help: { url: `http://localhost:${port + 1}/` },
    },
    // Whoever plays with the demo waits for the newest mail to hold a code: notices of sign-ins would come in between.
    notices: { ...defaults.notices, newBrowser: false, codesRefused: false },
    mail: {
      ...defaults.mail,
      from: `Kapu <no-reply@${demoDomain}>`,
      transports: [{ name: 'mailbox', host: '127.0.0.1', port: smtpPort, tls: 'none' }],
    },
    signUp: { enabled: true, asks: ['name'] },
    // Services under development are on this machine.
    outbound: { networks: ['127.0.0.0/8', '::1'] },
    // Everybody who plays with the demo comes from one address and is one of three people: limits are wider, not off.
    limits: { startsPerOrigin: 100_000 },
    // One hash at a time: each takes 19 MB, and the demo keeps to little memory.
    password: {
      ...defaults.password,
      // Its own password is to do by its own rules.
      leastLength: 8,
      atOnce: 1,
      triesPerAccount: 50,
      triesPerOrigin: 2_000,
      triesFromAnywhere: 2_000,
    },
    emailCode: { ...defaults.emailCode, sendsPerAccount: 500, triesPerAccount: 50, shortCodeChances: 5_000 },
    // In memory, so that each start is the same known start, and a demo that was played with leaves nothing behind.
    state: { kind: 'memory' },
    records: { kind: 'sqlite', file: ':memory:' },
    keysFile: `${folder}/keys.json`,
    // The demo service's API: it takes JWT access tokens and asks for a fresh plus (RFC 9470).
    // What machines may read is an API of its own, so that no person's token opens it, and no machine's the other.
    resources: {
      [demoApi(port)]: { scopes: ['tax.read'], accessToken: 'jwt' },
      [demoStatistics(port)]: { scopes: ['statistics.read'], accessToken: 'jwt' },
    },
    secrets: demoSecrets,
  };
}

/** The identifier of the demo's API: the audience of tokens for it. */
export function demoApi(port: number): string {
  return `http://localhost:${port + 1}/api`;
}

/** The identifier of the demo's API for machines. */
export function demoStatistics(port: number): string {
  return `${demoApi(port)}/statistics`;
}

const scope = 'openid profile email offline_access';
const grants = { grant_types: ['authorization_code', 'refresh_token'], response_types: ['code'], scope };

/** `application_type: native` is what leaves the port of a loopback redirect free (RFC 8252, 7.3). */
const onLoopback = {
  ...grants,
  application_type: 'native',
  redirect_uris: ['http://127.0.0.1/callback'],
  post_logout_redirect_uris: ['http://127.0.0.1/', 'http://127.0.0.1/callback'],
};
const isPublic = { ...onLoopback, token_endpoint_auth_method: 'none' };

/** The demo's clients, as `kapu client put` takes them. */
export function demoClients(port: number): Record<string, unknown>[] {
  const service = `http://localhost:${port + 1}`;
  const named = (hu: string, en: string) => ({ client_name: hu, 'client_name#en': en, client_uri: `${service}/` });
  return [
    {
      ...grants,
      client_id: 'demo-service',
      ...named('Minta Adóhivatal', 'Sample Tax Office'),
      token_endpoint_auth_method: 'client_secret_basic',
      client_secret: 'demo-service-secret-0123456789abcdef',
      resources: [demoApi(port)],
      redirect_uris: [`${service}/callback`],
      post_logout_redirect_uris: [`${service}/`],
    },
    {
      ...isPublic,
      resources: [demoApi(port)],
      client_id: 'demo-native',
      ...named('Minta telefonos alkalmazás', 'Sample Phone App'),
    },
    {
      ...isPublic,
      client_id: 'demo-plus',
      ...named('Minta Egészségügyi Tár', 'Sample Health Record'),
      minimum_level: 'plus',
    },
    {
      ...onLoopback,
      client_id: 'demo-web',
      ...named('Minta Adóbevallás', 'Sample Tax Return'),
      token_endpoint_auth_method: 'client_secret_basic',
      client_secret: 'demo-web-secret-0123456789abcdef',
    },
    // The page of demo/browser-app. Its origin may read Kapu's answers because a redirect leads there.
    {
      ...grants,
      client_id: 'demo-browser',
      ...named('Minta böngészős alkalmazás', 'Sample Browser App'),
      profile: 'public',
      token_endpoint_auth_method: 'none',
      redirect_uris: [`${service}/browser-app`],
      post_logout_redirect_uris: [`${service}/browser-app`],
    },
    // Nobody signs in to it: demo/machine.
    {
      client_id: 'demo-machine',
      ...named('Minta éjszakai feladat', 'Sample Nightly Job'),
      profile: 'service',
      token_endpoint_auth_method: 'client_secret_basic',
      client_secret: 'demo-machine-secret-0123456789abcdef',
      resources: [demoStatistics(port)],
    },
    // Not the state's own: the person is asked before it gets anything.
    { ...isPublic, client_id: 'demo-library', ...named('Városi Könyvtár', 'City Library'), first_party: false },
  ];
}
