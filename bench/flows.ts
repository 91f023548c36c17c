/** What is measured, each as a service and a browser see it from its beginning to its checked end. What a flow needs beforehand is prepared. */

import { demoPassword } from '../config/demo.ts';
import {
  authorization,
  Browser,
  called,
  checkIdToken,
  type Target,
  type Tokens,
  token,
  Unexpected,
} from './browser.ts';
import { machine, service } from './place.ts';

/** Gives the work that is to arrive: each time one whole flow. */
export type Flow = (target: Target, prepared: number) => Promise<() => Promise<void>>;

/** Somebody signs in at basic: from the service's redirect to the checked ID token. */
export async function signIn(target: Target, browser = new Browser(target), parameters = {}): Promise<Tokens> {
  const asked = authorization(target, service, parameters);
  const page = await browser.go(asked.path);
  if (page.status !== 200)
    throw new Unexpected(`${page.status} in the place of the sign-in page: ${reasonIn(page.body)}`);
  let back = await browser.go(page.url, { username: 'anna', password: demoPassword });
  if (back.url.pathname.endsWith('/consent')) back = await browser.go(back.url, { allow: '1' });
  if (back.url.pathname !== '/callback') throw new Unexpected(`${back.status} after the password`);
  return asked.redeem(back.url, target.acr);
}

/** People who are signed in; one after the other comes with the next request. */
async function browsersOf(target: Target, count: number): Promise<() => Browser> {
  const all = await several(count, async () => {
    const browser = new Browser(target);
    await signIn(target, browser);
    return browser;
  });
  return inTurn(all);
}

async function tokensOf(target: Target, count: number, parameters = {}): Promise<Tokens[]> {
  return several(count, () => signIn(target, undefined, parameters));
}

/** Made a few at a time, and once more where a busy machine was in the way: they are not what is measured. */
async function several<T>(count: number, make: () => Promise<T>): Promise<T[]> {
  const all: T[] = [];
  let left = count;
  const one = async () => {
    while (left-- > 0) all.push(await make().catch(make));
  };
  await Promise.all(Array.from({ length: 4 }, one));
  return all;
}

function inTurn<T>(all: readonly T[]): () => T {
  let next = 0;
  return () => all[next++ % all.length]!;
}

/** Access tokens in turn, each of another sign-in, and of a new one well before its ten minutes are over. */
async function accessTokensOf(target: Target, prepared: number): Promise<() => Promise<string>> {
  const next = inTurn(
    (await tokensOf(target, prepared)).map(({ access_token }) => ({ token: access_token, since: performance.now() })),
  );
  return async () => {
    const one = next();
    if (performance.now() - one.since > 300_000) {
      // At once, so that nobody else renews it as well.
      one.since = performance.now();
      const [renewed] = await tokensOf(target, 1);
      one.token = renewed!.access_token;
    }
    return one.token;
  };
}

const offline = { scope: 'openid offline_access', prompt: 'consent' };

const all = {
  basic: async (target) => async () => void (await signIn(target)),

  plus: async (target) => async () => {
    const browser = new Browser(target);
    const asked = authorization(target, service, { acr_values: 'plus' });
    const page = await browser.go(asked.path);
    const second = await browser.go(page.url, { username: 'anna', password: demoPassword });
    const [, reference] = /<dd>([2-9A-Z]{4})<\/dd>/.exec(second.body) ?? [];
    if (!reference || !target.codeOf) throw new Unexpected(`${second.status} in the place of the code page`);
    const back = await browser.go(second.url, { code: await target.codeOf(reference) });
    if (back.url.pathname !== '/callback') throw new Unexpected(`${back.status} after the code`);
    await asked.redeem(back.url, 'plus');
  },

  silent: async (target, prepared) => {
    const next = await browsersOf(target, prepared);
    return async () => {
      const asked = authorization(target, service);
      const back = await next().go(asked.path);
      if (back.url.pathname !== '/callback') throw new Unexpected(`${back.status} in the place of a code`);
      await asked.redeem(back.url, target.acr);
    };
  },

  refresh: async (target, prepared) => {
    const next = inTurn((await tokensOf(target, prepared, offline)).map(({ refresh_token }) => ({ refresh_token })));
    return async () => {
      const one = next();
      const tokens = await token(target, service, { grant_type: 'refresh_token', refresh_token: one.refresh_token! });
      one.refresh_token = tokens.refresh_token ?? one.refresh_token;
      checkIdToken(target, service, tokens.id_token, { acr: target.acr });
    };
  },

  'client-credentials': async (target) => async () => {
    const { access_token } = await token(target, machine, {
      grant_type: 'client_credentials',
      resource: 'http://127.0.0.1:45454/api',
      scope: 'read',
    });
    if (!access_token) throw new Unexpected('no access token');
  },

  introspection: async (target, prepared) => {
    const next = await accessTokensOf(target, prepared);
    return async () => {
      const { status, body } = await called(target, service, '/token/introspection', { token: await next() });
      if (status !== 200 || !body.includes('"active":true')) throw new Unexpected(`${status}: ${body.slice(0, 100)}`);
    };
  },

  userinfo: async (target, prepared) => {
    const next = await accessTokensOf(target, prepared);
    return async () => {
      const headers = `authorization: Bearer ${await next()}\r\n`;
      const { status, body } = await target.wire.ask('GET', target.userinfo, headers);
      if (status !== 200 || !body.includes('"sub"')) throw new Unexpected(`${status}: ${body.slice(0, 100)}`);
    };
  },

  discovery: async (target) => fetched(target, '/.well-known/openid-configuration', '"issuer"'),
  jwks: async (target) => fetched(target, '/jwks', '"keys"'),

  'sign-out': async (target) => async () => {
    const browser = new Browser(target);
    const { id_token } = await signIn(target, browser);
    const page = await browser.go(`/session/end?${new URLSearchParams({ id_token_hint: id_token! })}`);
    const [, xsrf] = /name="xsrf" value="([^"]+)"/.exec(page.body) ?? [];
    if (page.status !== 200 || !xsrf) throw new Unexpected(`${page.status} in the place of the question`);
    const end = await browser.go('/session/end/confirm', { xsrf, logout: 'yes' });
    if (end.status !== 200) throw new Unexpected(`${end.status} after signing out`);
  },
} satisfies Record<string, Flow>;

export type FlowName = keyof typeof all;
export const flows: Record<FlowName, Flow> = all;

function fetched(target: Target, path: string, holds: string) {
  return async () => {
    const { status, body } = await target.wire.ask('GET', path, '');
    if (status !== 200 || !body.includes(holds)) throw new Unexpected(`${status} at ${path}`);
  };
}

/** What a page says, as far as it matters to whoever looks for what went wrong. */
function reasonIn(page: string): string {
  return page
    .replace(/<[^>]*>|\s+/g, ' ')
    .replace(/ +/g, ' ')
    .slice(0, 300);
}
