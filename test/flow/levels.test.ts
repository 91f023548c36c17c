/** docs/design.md, section 4: what is asked and what the token says, for each way to ask and each state of the browser. */

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Agent } from '../support/agent.ts';
import { roomy, startKapu, type TestKapu } from '../support/kapu.ts';
import type { RelyingParty } from '../support/relying-party.ts';
import { attempt, signIn, silently } from './journey.ts';

let kapu: TestKapu;
let service: RelyingParty;

beforeAll(async () => {
  kapu = await startKapu({
    change(settings) {
      roomy(settings);
      settings.scopes = { health: { minimumLevel: 'plus' } };
    },
  });
  service = await kapu.service();
});
afterAll(async () => {
  expect(await kapu.leaks()).toEqual([]);
  await kapu.stop();
});

const isPublic = {
  application_type: 'native',
  token_endpoint_auth_method: 'none',
  grant_types: ['authorization_code', 'refresh_token'],
  response_types: ['code'],
  redirect_uris: ['http://127.0.0.1/callback'],
  client_uri: 'http://localhost/',
};

/** A client of this name with `rules` in its registration. */
async function clientWith(clientId: string, rules: object): Promise<RelyingParty> {
  await kapu.records.clients.put(clientId, { ...isPublic, client_name: clientId, ...rules });
  return kapu.service({ clientId });
}

const acr = (request: object) => ({ claims: JSON.stringify({ id_token: { acr: request } }) });
const essential = (...values: string[]) => acr({ essential: true, ...(values[1] ? { values } : { value: values[0] }) });

/** A browser that nobody, anna at basic, or anna at plus is signed in with. */
async function browser(session: 'none' | 'basic' | 'plus', username = 'anna'): Promise<Agent> {
  const agent = kapu.agent();
  if (session !== 'none')
    await signIn(kapu, service, agent, session === 'plus' ? { acr_values: 'plus' } : {}, username);
  return agent;
}

/** What comes of it: the steps asked, then the acr or the error. */
async function outcome(
  agent: Agent,
  parameters: Record<string, string>,
  party = service,
  username?: string,
): Promise<string[]> {
  const { steps, claims, error } = await attempt(kapu, party, agent, parameters, username);
  return [...steps, String(claims?.acr ?? error)];
}

describe('from a browser that is not signed in', () => {
  test.each<[string, Record<string, string>, string[]]>([
    ['nothing', {}, ['password', 'basic']],
    ['acr_values basic', { acr_values: 'basic' }, ['password', 'basic']],
    ['acr_values plus', { acr_values: 'plus' }, ['password', 'email-code', 'plus']],
    ['acr_values plus, then basic', { acr_values: 'plus basic' }, ['password', 'email-code', 'plus']],
    ['acr_values basic, then plus', { acr_values: 'basic plus' }, ['password', 'basic']],
    ['an unknown value, then plus', { acr_values: 'gold plus' }, ['password', 'email-code', 'plus']],
    ['unknown values only', { acr_values: 'gold silver' }, ['unmet_authentication_requirements']],
    ['essential value plus', essential('plus'), ['password', 'email-code', 'plus']],
    ['essential values plus, basic', essential('plus', 'basic'), ['password', 'email-code', 'plus']],
    ['essential values basic, plus', essential('basic', 'plus'), ['password', 'basic']],
    ['an essential unknown value', essential('gold'), ['unmet_authentication_requirements']],
    [
      'essential plus beside acr_values basic',
      { ...essential('plus'), acr_values: 'basic' },
      ['password', 'email-code', 'plus'],
    ],
    [
      'essential basic beside acr_values plus',
      { ...essential('basic'), acr_values: 'plus' },
      ['password', 'email-code', 'plus'],
    ],
    ['voluntary values plus', acr({ values: ['plus'] }), ['password', 'email-code', 'plus']],
    ['acr without a value', acr({ essential: true }), ['password', 'basic']],
  ])('%s', async (_asked, parameters, expected) => {
    expect(await outcome(await browser('none'), parameters)).toEqual(expected);
  });
});

describe('from a browser that is signed in', () => {
  test.each<['basic' | 'plus', Record<string, string>, string[]]>([
    ['basic', {}, ['basic']],
    ['basic', { acr_values: 'plus' }, ['email-code', 'plus']],
    ['basic', essential('plus'), ['email-code', 'plus']],
    ['basic', { acr_values: 'basic plus' }, ['basic']],
    ['basic', { acr_values: 'gold' }, ['unmet_authentication_requirements']],
    ['plus', {}, ['plus']],
    ['plus', { acr_values: 'basic' }, ['basic']],
    ['plus', essential('plus', 'basic'), ['plus']],
    ['plus', essential('basic'), ['basic']],
    ['plus', { acr_values: 'plus', prompt: 'login' }, ['password', 'email-code', 'plus']],
    ['plus', { acr_values: 'plus', max_age: '0' }, ['password', 'email-code', 'plus']],
    ['plus', { acr_values: 'plus', max_age: '3600' }, ['plus']],
  ])('at %s, %j', async (session, parameters, expected) => {
    expect(await outcome(await browser(session), parameters)).toEqual(expected);
  });
});

describe('a silent request (prompt=none)', () => {
  test.each<['none' | 'basic' | 'plus', Record<string, string>, string]>([
    ['none', {}, 'login_required'],
    ['none', { acr_values: 'plus' }, 'login_required'],
    ['none', essential('plus'), 'login_required'],
    ['none', { acr_values: 'gold' }, 'login_required'],
    ['basic', {}, 'basic'],
    ['basic', { acr_values: 'plus' }, 'login_required'],
    ['basic', { acr_values: 'plus basic' }, 'basic'],
    ['basic', essential('plus'), 'unmet_authentication_requirements'],
    ['basic', essential('plus', 'basic'), 'basic'],
    ['basic', { max_age: '0' }, 'login_required'],
    ['plus', { acr_values: 'plus' }, 'plus'],
    ['plus', essential('plus'), 'plus'],
    ['plus', { acr_values: 'gold' }, 'unmet_authentication_requirements'],
  ])('at %s, %j: %s', async (session, parameters, expected) => {
    const answer = await silently(service, await browser(session), parameters);
    expect(typeof answer === 'string' ? answer : answer.claims.acr).toBe(expected);
  });
});

describe('what a client is registered with', () => {
  test('a minimum level holds whatever the request says', async () => {
    const plus = await kapu.service({ clientId: 'demo-plus' });
    expect(await outcome(await browser('none'), {}, plus)).toEqual(['password', 'email-code', 'plus']);
    expect(await outcome(await browser('basic'), { acr_values: 'basic' }, plus)).toEqual(['email-code', 'plus']);
    expect(await silently(plus, await browser('basic'))).toBe('login_required');
  });

  test('default_acr_values serve where the request names none', async () => {
    const client = await clientWith('wants-plus', { default_acr_values: ['plus'] });
    expect(await outcome(await browser('none'), {}, client)).toEqual(['password', 'email-code', 'plus']);
    expect(await outcome(await browser('none'), { acr_values: 'basic' }, client)).toEqual(['password', 'basic']);
  });

  test('an essential plus is not weakened by a default of basic', async () => {
    const client = await clientWith('wants-basic', { default_acr_values: ['basic'] });
    expect(await outcome(await browser('none'), essential('plus'), client)).toEqual(['password', 'email-code', 'plus']);
    expect(await silently(client, await browser('basic'), essential('plus'))).toBe('unmet_authentication_requirements');
  });

  test('a scope may have a minimum level of its own', async () => {
    const client = await clientWith('health-app', { scope: 'openid profile health' });
    const agent = await browser('basic');
    expect(await outcome(agent, { scope: 'openid profile', acr_values: 'basic' }, client)).toEqual(['basic']);
    expect(await outcome(agent, { scope: 'openid health', acr_values: 'basic' }, client)).toEqual([
      'email-code',
      'plus',
    ]);
  });

  test('an excluded method is not asked, and what rests on it does not count', async () => {
    const client = await clientWith('no-mail', { excluded_methods: ['email-code'] });
    const plus = { acr_values: 'plus' };
    expect(await outcome(await browser('plus'), plus, client)).toEqual(['unmet_authentication_requirements']);
    expect(await outcome(await browser('plus'), {}, client)).toEqual(['basic']);
  });
});

describe('a person without an e-mail address', () => {
  test.each<[Record<string, string>, string[]]>([
    [{ acr_values: 'plus' }, ['password', 'unmet_authentication_requirements']],
    [{ acr_values: 'plus basic' }, ['password', 'basic']],
    [essential('plus'), ['password', 'unmet_authentication_requirements']],
    [essential('plus', 'basic'), ['password', 'basic']],
  ])('%j', async (parameters, expected) => {
    expect(await outcome(await browser('none'), parameters, service, 'bela')).toEqual(expected);
  });

  test('is told no at once when already signed in, and stays signed in', async () => {
    const agent = await browser('basic', 'bela');
    expect(await outcome(agent, { acr_values: 'plus' })).toEqual(['unmet_authentication_requirements']);
    expect(await silently(service, agent)).toMatchObject({ claims: { acr: 'basic' } });
  });

  test('leaves the way open for another one, where the service asks for a new sign-in', async () => {
    const agent = await browser('basic', 'bela');
    const asked = { acr_values: 'plus', prompt: 'login' };
    expect(await outcome(agent, asked, service, 'john')).toEqual(['password', 'email-code', 'plus']);
  });
});
