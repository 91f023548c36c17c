/** What the explainer says is what happens: the same requests, from the same browsers, over HTTP. */

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { methodFacts } from '../../interactions/methods.ts';
import type { Explanation } from '../../src/explain/explain.ts';
import { authorizationPath, createExplainer, type Explainer, type Question } from '../../src/explainer.ts';
import { credentials, stepOf } from '../flow/journey.ts';
import { type Agent, type Page, textOf } from '../support/agent.ts';
import { roomy, startKapu, type TestKapu } from '../support/kapu.ts';
import type { Asked, RelyingParty } from '../support/relying-party.ts';

const api = 'https://tax.example.hu/api';
let kapu: TestKapu;
let explain: Explainer;
const services: Record<string, RelyingParty> = {};

const loopback = {
  application_type: 'native',
  token_endpoint_auth_method: 'none',
  redirect_uris: ['http://127.0.0.1/callback'],
  client_uri: 'http://localhost/',
};

beforeAll(async () => {
  kapu = await startKapu({
    change(settings) {
      roomy(settings);
      // Who walks through these pages holds none.
      settings.methodsOff = ['passkey'];
      settings.signUp = { enabled: false, asks: [] };
      settings.levels![1]!.aliases = ['strong', { name: 'older', sunset: '2020-01-01' }];
      settings.scopes = { health: { minimumLevel: 'plus' } };
      settings.resources = { [api]: { scopes: ['tax.read'] } };
    },
  });
  const clients: Record<string, object> = {
    plain: { ...loopback, resources: [api] },
    plus: { ...loopback, minimum_level: 'plus' },
    wishes: { ...loopback, default_acr_values: ['plus', 'basic'], default_max_age: 3600 },
    'no-mail': { ...loopback, excluded_methods: ['email-code'] },
    'two-ways-back': { ...loopback, redirect_uris: ['http://127.0.0.1/callback', 'http://127.0.0.1/other'] },
    app: { ...loopback, first_party: false },
    web: {
      ...loopback,
      application_type: 'web',
      redirect_uris: ['http://127.0.0.1:45454/callback'],
      first_party: false,
      scope: 'openid profile',
    },
  };
  for (const [clientId, metadata] of Object.entries(clients)) {
    await kapu.records.clients.put(clientId, { client_name: clientId, ...metadata });
    services[clientId] = await kapu.service({ clientId });
  }
  const { settings, records } = kapu;
  explain = createExplainer({ settings, methods: methodFacts, records, now: () => new Date() });
});
afterAll(() => kapu?.stop());

test('the endpoint is where discovery says', () => {
  const { authorization_endpoint } = services.plain!.config.serverMetadata();
  expect(authorization_endpoint).toBe(kapu.issuer + authorizationPath);
});

/** Answers whatever is asked, and gives the pages in order and where it ended. */
async function walk(agent: Agent, first: Page, username: string): Promise<{ pages: string[]; page: Page }> {
  const pages: string[] = [];
  let page = first;
  for (let step = stepOf(page); step !== 'service' && step !== 'none'; step = stepOf(page)) {
    pages.push(step);
    if (pages.length > 6) throw new Error(`no end of pages: ${pages.join(', ')}`);
    const fields: Record<string, Record<string, string>> = {
      password: credentials(username),
      'email-code': step === 'email-code' ? { code: await kapu.codeFor(page) } : {},
      consent: { allow: '1' },
      'select-account': {},
    };
    page = await agent.submit(page, fields[step]!);
  }
  return { pages, page };
}

type Change = Record<string, string | undefined>;

/** A request of the client, changed: undefined leaves a parameter out. */
async function ask(clientId: string, change: Change): Promise<Asked> {
  const asked = await services[clientId]!.ask();
  for (const [name, value] of Object.entries(change))
    if (value === undefined) asked.url.searchParams.delete(name);
    else asked.url.searchParams.set(name, value);
  return asked;
}

interface Story {
  /** The pages in order, then the acr with its amr, or the error and who hears of it. */
  story: string[];
  /** How old auth_time is, in seconds. */
  age?: number;
}

async function happens({ url, redeem }: Asked, agent: Agent, username: string): Promise<Story> {
  const { pages, page } = await walk(agent, await agent.get(url), username);
  if (stepOf(page) !== 'service') {
    const error = /\b(invalid_\w+|\w+_not_supported|unsupported_\w+): /.exec(textOf(page))?.[1];
    return { story: [...pages, `${error} (page)`] };
  }
  const answer = new URLSearchParams(page.url.search || page.url.hash.slice(1));
  const error = answer.get('error');
  if (error) return { story: [...pages, error] };
  const { acr, amr, auth_time } = (await redeem(page.url)).claims;
  return { story: [...pages, `acr ${acr}`, String(amr)], age: Date.now() / 1000 - auth_time! };
}

/** What the explainer says, in the same form. */
function says({ steps, outcome, at }: Explanation): Story {
  const pages = steps.map((step) => (step.page === 'method' ? step.method : step.page));
  if (outcome.kind === 'token') {
    const age = (at.getTime() - outcome.authTime.getTime()) / 1000;
    return { story: [...pages, `acr ${outcome.acr}`, String(outcome.amr)], age };
  }
  if (outcome.kind !== 'error') return { story: [...pages, outcome.kind] };
  return { story: [...pages, `${outcome.error}${outcome.to === 'person' ? ' (page)' : ''}`] };
}

async function explanationOf(question: Question): Promise<Explanation> {
  const explained = await explain(question);
  if (explained.outcome !== 'explained') throw new Error(explained.outcome);
  return explained.explanation;
}

type Session = 'none' | 'basic' | 'plus';

/** A browser that has reached a level. */
async function browser(session: Session, username: string): Promise<Agent> {
  const agent = kapu.agent();
  if (session === 'none') return agent;
  const { url } = await ask('plain', session === 'plus' ? { acr_values: 'plus' } : {});
  await walk(agent, await agent.get(url), username);
  return agent;
}

/** Asks the explainer first (what is allowed on the way changes what will be asked next time), then does it. */
async function compare(session: Session, clientId: string, change: Change, username = 'anna'): Promise<void> {
  const agent = await browser(session, username);
  const asked = await ask(clientId, change);
  const supposed = session === 'none' ? undefined : { level: session, age: 1 };
  const said = says(await explanationOf({ url: asked.url.href, username, session: supposed }));
  const real = await happens(asked, agent, username);
  expect(said.story).toEqual(real.story);
  // Passwords are hashed and mails sent meanwhile.
  if (real.age !== undefined) expect(Math.abs(real.age - said.age!)).toBeLessThan(15);
}

const acr = (request: object) => ({ claims: JSON.stringify({ id_token: { acr: request } }) });

const requests: [clientId: string, change: Change][] = [
  ['plain', {}],
  ['plain', { acr_values: 'plus' }],
  ['plain', { acr_values: 'plus basic' }],
  ['plain', { acr_values: 'basic plus' }],
  ['plain', { acr_values: 'strong' }],
  ['plain', { acr_values: 'gold older' }],
  ['plain', { acr_values: 'gold' }],
  ['plain', acr({ essential: true, value: 'plus' })],
  ['plain', acr({ essential: true, values: ['gold'] })],
  ['plain', { ...acr({ values: ['basic'] }), acr_values: 'plus' }],
  ['plain', { scope: 'openid health' }],
  ['plain', { prompt: 'none' }],
  ['plain', { prompt: 'none', acr_values: 'plus' }],
  ['plain', { prompt: 'none', ...acr({ essential: true, value: 'plus' }) }],
  ['plain', { prompt: 'none', acr_values: 'plus basic' }],
  ['plain', { prompt: 'none', acr_values: 'gold' }],
  ['plain', { prompt: 'login' }],
  ['plain', { prompt: 'login', acr_values: 'plus' }],
  ['plain', { max_age: '0' }],
  ['plain', { max_age: '3600', acr_values: 'plus' }],
  ['plain', { prompt: 'consent', scope: 'openid offline_access' }],
  ['plain', { prompt: 'select_account' }],
  ['plain', { prompt: 'consent select_account login' }],
  ['plain', { resource: api, scope: 'openid tax.read' }],
  ['plus', {}],
  ['plus', { acr_values: 'basic' }],
  ['plus', { prompt: 'none' }],
  ['wishes', {}],
  ['wishes', { acr_values: 'basic' }],
  ['no-mail', {}],
  ['no-mail', { acr_values: 'plus' }],
  ['app', {}],
  ['app', { prompt: 'none' }],
];

describe.each<Session>(['none', 'basic', 'plus'])('from a browser at %s', (session) => {
  test.each(requests)('%s %j', (clientId, change) => compare(session, clientId, change));
});

describe.each<Session>(['none', 'basic'])('a person without an address, from a browser at %s', (session) => {
  test.each<[string, Change]>([
    ['plain', { acr_values: 'plus' }],
    ['plain', { acr_values: 'plus basic' }],
    ['plain', { prompt: 'login', ...acr({ essential: true, value: 'plus' }) }],
    ['plain', { prompt: 'none', ...acr({ essential: true, value: 'plus' }) }],
    ['plus', {}],
  ])('%s %j', (clientId, change) => compare(session, clientId, change, 'bela'));
});

test('consent is asked once, and for more when more is asked', async () => {
  await compare('basic', 'web', { prompt: 'none' }, 'john');
  await compare('basic', 'web', {}, 'john');
  await compare('basic', 'web', { prompt: 'none' }, 'john');
  await compare('basic', 'web', { claims: JSON.stringify({ userinfo: { name: null } }) }, 'john');
  await compare('basic', 'web', { scope: 'openid profile' }, 'john');
});

describe('what is refused', () => {
  test.each<[string, Change]>([
    ['plain', { client_id: undefined }],
    ['plain', { client_id: 'nobody' }],
    ['plain', { redirect_uri: 'http://127.0.0.1:45454/other' }],
    ['plain', { redirect_uri: 'https://evil.example/callback', response_type: undefined }],
    ['two-ways-back', { redirect_uri: undefined }],
    ['plain', { redirect_uri: undefined }],
    ['plain', { redirect_uri: undefined, response_type: undefined }],
    ['plain', { response_type: undefined }],
    ['plain', { response_type: 'token' }],
    ['plain', { response_type: 'code id_token', nonce: undefined }],
    ['plain', { response_mode: 'web_message' }],
    ['plain', { registration: '{}' }],
    ['plain', { request_uri: 'https://tax.example.hu/request' }],
    ['plain', { request_uri: 'urn:ietf:params:oauth:request_uri:x', request: 'x' }],
    ['plain', { prompt: 'create' }],
    ['plain', { prompt: 'login  consent' }],
    ['plain', { prompt: 'none login' }],
    ['plain', { scope: 'openid  profile' }],
    ['plain', { scope: '"openid"' }],
    ['web', { scope: 'openid email' }],
    ['plain', { scope: 'profile' }],
    ['wishes', { scope: 'profile', nonce: undefined }],
    ['plain', { scope: 'nonsense', nonce: undefined }],
    ['plain', { code_challenge: undefined, code_challenge_method: undefined }],
    ['plain', { code_challenge: undefined }],
    ['plain', { code_challenge_method: undefined }],
    ['plain', { code_challenge_method: 'plain' }],
    ['plain', { code_challenge: 'short' }],
    ['plain', { code_challenge: `${'a'.repeat(42)}=` }],
    ['plain', { claims: '{' }],
    ['plain', { claims: 'null' }],
    ['plain', { claims: '{"acr":{}}' }],
    ['plain', { claims: '{"id_token":[]}' }],
    ['plain', { claims: '{"id_token":{"acr":"plus"}}' }],
    ['plain', acr({ essential: 'true', value: 'plus' })],
    ['plain', acr({ values: 'plus' })],
    ['plain', { resource: 'api' }],
    ['plain', { resource: `${api}#x` }],
    ['plain', { resource: 'https://nobody.example/' }],
    ['plus', { resource: api }],
    ['plain', { max_age: 'soon' }],
    ['plain', { max_age: '-1' }],
    ['plain', { max_age: '1.5' }],
    ['plain', { id_token_hint: 'x' }],
    // Two at once: the first one in the server's order is heard.
    ['plain', { response_type: 'token', prompt: 'create', scope: '"' }],
    ['plain', { scope: 'openid  x', code_challenge: undefined }],
    ['plain', { claims: '{', resource: 'api' }],
    ['plain', { resource: 'api', max_age: 'x' }],
  ])('%s %j', (clientId, change) => compare('none', clientId, change));

  test.each(['client_id', 'redirect_uri', 'scope', 'state'])('%s given twice', async (name) => {
    const { url } = await ask('plain', {});
    url.searchParams.append(name, url.searchParams.get(name)!);
    const page = await kapu.agent().get(url);
    const to = stepOf(page) === 'service' ? 'service' : 'person';
    expect((await explanationOf({ url: url.href })).outcome).toEqual({ kind: 'error', error: 'invalid_request', to });
  });
});

describe('what works though it might not', () => {
  test.each<[string, Change]>([
    ['plain', { redirect_uri: 'http://127.0.0.1:9/callback' }],
    ['plain', { state: undefined }],
    ['plain', { response_type: 'code', response_mode: 'fragment' }],
    ['plain', { acr_values: '' }],
    ['plain', { acr_values: '  plus ' }],
    ['plain', { scope: 'openid nonsense' }],
    ['plain', { max_age: '1e2' }],
    ['plain', { claims: '{"userinfo":{"acr":{"essential":true,"value":"plus"}}}' }],
    ['plain', { unheard_of: 'x' }],
  ])('%s %j', async (clientId, change) => {
    const { url } = await ask(clientId, change);
    const { steps, outcome } = await explanationOf({ url: url.href, username: 'anna' });
    const agent = kapu.agent();
    const { pages, page } = await walk(agent, await agent.get(url), 'anna');
    expect(page.url.href).toMatch(/[?#&]code=/);
    expect(outcome.kind).toBe('token');
    expect(steps.map((step) => (step.page === 'method' ? step.method : step.page))).toEqual(pages);
  });
});
