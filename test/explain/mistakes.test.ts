/** Each mistake of a request: that it is named, how grave it is, what it leads to, and that a good request has none. */

import { describe, expect, test } from '@jest/globals';
import { isSecret } from '../../src/explain/address.ts';
import type { ExplainInput } from '../../src/explain/explain.ts';
import { basic, ladder, now, plus } from '../assurance/ladder.ts';
import {
  acr,
  app,
  bela,
  type Change,
  challenge,
  endpoint,
  explained,
  mistake,
  mistakesIn,
  storyOf,
  tax,
  urlOf,
} from './requests.ts';

/** Before it is known who comes, every method that finds that out is offered. */

const part = (claims: unknown): Change => ({ claims: JSON.stringify(claims) });

test.each<[string, Change]>([
  ['plain', {}],
  ['with an essential level', acr({ essential: true, value: 'plus' })],
  ['with wishes that end at the weakest', { acr_values: 'plus basic' }],
  [
    'with every other parameter',
    { prompt: 'login', max_age: '60', ui_locales: 'hu', login_hint: 'anna', display: 'page' },
  ],
  ['with parameters of its own', { campaign: 'spring' }],
])('a good request, %s, has no mistakes', (_, change) => {
  expect(mistakesIn(explained(urlOf(change)))).toEqual([]);
});

test.each<[string, Change, Partial<ExplainInput>, string]>([
  ['missing-client-id', { client_id: undefined }, { client: undefined }, 'invalid_request (page)'],
  ['unknown-client', { client_id: 'tqx' }, { client: undefined }, 'invalid_client (page)'],
  ['repeated', { scope: ['openid', 'openid'] }, {}, 'invalid_request'],
  ['repeated', { client_id: ['tax', 'tax'] }, { client: undefined }, 'invalid_request (page)'],
  ['request-and-request-uri', { request: 'x', request_uri: 'y' }, {}, 'invalid_request'],
  ['request-uri-elsewhere', { request_uri: 'https://tax.example.hu/request' }, {}, 'request_uri_not_supported'],
  ['request-unreadable', { request_uri: 'urn:ietf:params:oauth:request_uri:abc' }, {}, 'unreadable'],
  ['request-unreadable', { request: 'a.b.c' }, {}, 'unreadable'],
  ['unsupported-response-mode', { response_mode: 'web_message' }, {}, 'unsupported_response_mode'],
  ['missing-response-type', { response_type: undefined }, {}, 'invalid_request'],
  ['registration', { registration: '{}' }, {}, 'registration_not_supported'],
  ['unsupported-response-type', { response_type: 'code id_token' }, {}, 'unsupported_response_type'],
  ['missing-redirect-uri', { client_id: 'app', redirect_uri: undefined }, { client: app }, 'invalid_request (page)'],
  ['missing-redirect-uri', { redirect_uri: undefined }, {}, 'invalid_request (page)'],
  ['unregistered-redirect-uri', { redirect_uri: 'https://tax.example.hu/' }, {}, 'invalid_redirect_uri (page)'],
  ['unknown-prompt', { prompt: 'create' }, {}, 'invalid_request'],
  ['prompt-none-combined', { prompt: 'none login' }, {}, 'invalid_request'],
  ['scope-form', { scope: 'openid  profile' }, {}, 'invalid_scope'],
  ['scope-not-allowed', { scope: 'openid email' }, { client: { ...tax, scope: 'openid' } }, 'invalid_scope'],
  ['missing-openid', { scope: 'profile' }, {}, 'invalid_request'],
  [
    'missing-openid',
    { scope: 'profile', nonce: undefined },
    { client: { ...tax, default_max_age: 60 } },
    'invalid_request',
  ],
  ['missing-challenge', { code_challenge: undefined, code_challenge_method: undefined }, {}, 'invalid_request'],
  ['missing-challenge-method', { code_challenge_method: undefined }, {}, 'invalid_request'],
  ['challenge-method', { code_challenge_method: 'plain' }, {}, 'invalid_request'],
  ['method-without-challenge', { code_challenge: undefined }, {}, 'invalid_request'],
  ['challenge-form', { code_challenge: `${challenge}=` }, {}, 'invalid_request'],
  ['claims-not-json', { claims: '{id_token}' }, {}, 'invalid_request'],
  ['claims-not-object', part(['id_token']), {}, 'invalid_request'],
  ['claims-empty', part({ acr: { value: 'plus' } }), {}, 'invalid_request'],
  ['claims-part', part({ id_token: 'acr' }), {}, 'invalid_request'],
  ['claims-member', acr('plus'), {}, 'invalid_request'],
  ['acr-malformed', acr({ essential: 'true', value: 'plus' }), {}, 'invalid_request'],
  ['acr-malformed', acr({ value: 2 }), {}, 'invalid_request'],
  ['resource-form', { resource: 'api' }, {}, 'invalid_target'],
  ['unknown-resource', { resource: 'https://tax.example.hu/apo' }, {}, 'invalid_target'],
  ['resource-not-listed', { resource: 'https://tax.example.hu/api' }, {}, 'invalid_target'],
  ['max-age', { max_age: '5m' }, {}, 'invalid_request'],
  ['max-age', { max_age: '-1' }, {}, 'invalid_request'],
  ['id-token-hint', { id_token_hint: 'anna' }, {}, 'invalid_request'],
  ['unknown-level', { acr_values: 'gold' }, {}, 'unmet_authentication_requirements'],
  ['unknown-level', acr({ essential: true, value: 'gold' }), {}, 'unmet_authentication_requirements'],
])('error %s: %j', (name, change, input, end) => {
  const explanation = explained(urlOf(change), input);
  expect(mistakesIn(explanation)).toContain(`error ${name}`);
  expect(storyOf(explanation)).toEqual([end]);
});

test.each<[string, Change, Partial<ExplainInput>, string[]]>([
  ['missing-openid', { scope: 'profile', nonce: undefined }, {}, ['acr basic, no ID token']],
  ['unknown-scope', { scope: 'openid emial' }, {}, ['acr basic']],
  ['scope-of-resource', { scope: 'openid tax.read' }, {}, ['acr basic']],
  ['offline-without-consent', { scope: 'openid offline_access' }, {}, ['acr basic']],
  [
    'offline-not-registered',
    { scope: 'openid offline_access', prompt: 'login' },
    { client: { ...tax, grant_types: ['authorization_code'] } },
    ['acr basic'],
  ],
  ['missing-state', { state: undefined }, {}, ['acr basic']],
  ['missing-nonce', { nonce: undefined }, {}, ['acr basic']],
  ['acr-misplaced', part({ userinfo: { acr: { essential: true, value: 'plus' } } }), {}, ['acr basic']],
  ['acr-misplaced', part({ id_token: {}, acr: { value: 'plus' } }), {}, ['acr basic']],
  ['essential-without-value', acr({ essential: true }), {}, ['acr basic']],
  ['unknown-level', { acr_values: 'gold basic' }, {}, ['acr basic']],
  ['level-in-url-only', { acr_values: 'plus' }, {}, ['email-code (level)', 'acr plus']],
  ['html-escaped', { 'amp;state': 'x' }, {}, ['acr basic']],
  ['unknown-parameter', { acr_value: 'plus' }, {}, ['acr basic']],
  ['secret-in-url', { client_secret: 'hush-hush-hush' }, {}, ['acr basic']],
])('warning %s: %j', (name, change, input, story) => {
  const explanation = explained(urlOf(change), input);
  expect(mistakesIn(explanation)).toContain(`warning ${name}`);
  expect(storyOf(explanation).slice(-story.length)).toEqual(story);
});

test.each<[string, Partial<ExplainInput>]>([
  ['the client', { client: { ...tax, minimum_level: 'plus' } }],
  ['a scope', { scopeRules: { openid: { minimumLevel: 'plus' } } }],
])('a level in the URL is no mistake where %s wants it of every request', (_, input) => {
  expect(mistakesIn(explained(urlOf({ acr_values: 'plus' }), input))).toEqual([]);
});

test('a level in the URL is no mistake where an essential claim asks for it too', () => {
  const change = { ...acr({ essential: true, value: 'plus' }), acr_values: 'plus' };
  expect(mistakesIn(explained(urlOf(change)))).toEqual([]);
});

describe('what is repeated of the URL', () => {
  const given = (redirect_uri: string) => mistake(explained(urlOf({ redirect_uri })), 'unregistered-redirect-uri');

  test('no token, wherever it stands', () => {
    expect(given('https://x.example/eyJhbGciOiJub25lIn0.eyJzdWIiOiJhIn0.c2ln/')).toMatchObject({
      given: 'https://x.example/…/',
    });
  });

  test('no user name and password before a host', () => {
    expect(given('https://anna:kapu@x.example/')).toMatchObject({ given: 'https://…@x.example/' });
  });

  test('nothing endless', () => {
    expect(given(`https://x.example/${'a'.repeat(1000)}`)).toMatchObject({ given: expect.stringMatching(/^.{300}…$/) });
  });

  test.each(['token', 'method', 'password', 'error', 'unregistered-redirect-uri'])(
    "and a secret that is one of our own words, '%s', confuses nothing",
    (client_secret) => {
      expect(storyOf(explained(urlOf({ client_secret })))).toEqual(['password (nobody)', 'acr basic']);
      expect(mistakesIn(explained(urlOf({ client_secret, redirect_uri: 'https://x.example/' })))[0]).toBe(
        'error unregistered-redirect-uri',
      );
    },
  );
});

describe('the address as a whole', () => {
  test.each<[string, string, string]>([
    ['not-an-address', 'client_id=tax&response_type=code', 'elsewhere'],
    ['other-server', urlOf({}, 'http://login.example.hu/auth'), 'elsewhere'],
    ['other-server', urlOf({}, 'https://login.example.hu:8443/auth'), 'elsewhere'],
    ['other-page', urlOf({}, 'https://login.example.hu/authorize'), 'elsewhere'],
    ['other-page', urlOf({}, 'https://login.example.hu//auth'), 'elsewhere'],
  ])('%s: %s', (name, url, end) => {
    const explanation = explained(url);
    expect(mistakesIn(explanation)).toContain(`error ${name}`);
    expect(storyOf(explanation)).toEqual([end]);
  });

  test.each(['', ' \n', '"', '<'])('is read with %j around it', (around) => {
    const close = around === '<' ? '>' : around;
    expect(mistakesIn(explained(`${around}${urlOf()}${close}`))).toEqual([]);
  });

  test.each(['https://login.example.hu/auth/', 'https://LOGIN.example.hu/AUTH'])('%s is the endpoint too', (at) => {
    expect(mistakesIn(explained(urlOf({}, at)))).toEqual([]);
  });

  test('what stands behind # is told of', () => {
    expect(mistakesIn(explained(`${urlOf({ state: undefined })}#state=x`))).toEqual([
      'warning missing-state',
      'warning fragment',
    ]);
  });

  test('a page copied from HTML: the first parameter alone is right', () => {
    const names = mistakesIn(explained(urlOf().replaceAll('&', '&amp;')));
    expect(names).toEqual(expect.arrayContaining(['error missing-response-type', 'warning html-escaped']));
  });
});

describe('a redirect address', () => {
  const to = (redirect_uri: string, client = tax) =>
    explained(urlOf({ redirect_uri, client_id: client.client_id }), { client });

  test.each([
    ['https://tax.example.hu/callback/', ['slash']],
    ['http://tax.example.hu/callback', ['scheme']],
    ['https://tax.example.hu:8443/callback', ['port']],
    ['https://www.tax.example.hu/callback', ['host']],
    ['https://tax.example.hu/Callback', ['case']],
    ['https://tax.example.hu/back', ['path']],
    ['https://tax.example.hu/callback?x=1', ['query']],
    ['https://tax.example.hu/callback#x', ['fragment']],
    ['https://tax.example.hu@evil.example/callback', ['user', 'host']],
    ['https://TAX.example.hu/callback', ['spelling']],
    ['http://localhost:3000/callback', ['scheme', 'host', 'port']],
  ])('%s differs in %j', (redirect, differences) => {
    expect(mistake(to(redirect), 'unregistered-redirect-uri')).toMatchObject({
      nearest: tax.redirect_uris[0],
      differences,
    });
  });

  test('the nearest of several is named', () => {
    expect(mistake(to('hu.example.app:/back', app), 'unregistered-redirect-uri')).toMatchObject({
      nearest: 'hu.example.app:/callback',
      differences: ['path'],
    });
  });

  test.each(['http://127.0.0.1:4545/callback', 'http://127.0.0.1/callback', 'hu.example.app:/callback'])(
    'of an application: %s is registered',
    (redirect) => {
      expect(mistakesIn(to(redirect, app))).toEqual([]);
    },
  );

  test('of an application: the port is no difference', () => {
    expect(mistake(to('http://127.0.0.1:4545/callback/', app), 'unregistered-redirect-uri')).toMatchObject({
      nearest: 'http://127.0.0.1/callback',
      differences: ['slash'],
    });
  });

  test('that is not registered is an error page, whatever else is wrong', () => {
    const explanation = explained(
      urlOf({ redirect_uri: 'https://evil.example/', response_type: undefined, prompt: 'x' }),
    );
    expect(storyOf(explanation)).toEqual(['invalid_redirect_uri (page)']);
    expect(mistakesIn(explanation)).toHaveLength(3);
  });
});

describe('nearest names', () => {
  test.each<[string, Change, string]>([
    ['unknown-level', { acr_values: 'pluss' }, 'plus'],
    ['unknown-level', { acr_values: 'urn:gov:substancial' }, 'urn:gov:substantial'],
    ['unknown-scope', { scope: 'openid emial' }, 'email'],
    ['unknown-prompt', { prompt: 'None' }, 'none'],
    ['unknown-parameter', { redirect_url: 'x', redirect_uri: undefined }, 'redirect_uri'],
    ['unknown-resource', { resource: 'https://tax.example.hu/apo' }, 'https://tax.example.hu/api'],
  ])('%s: %j', (name, change, nearest) => {
    expect(mistake(explained(urlOf(change)), name as 'unknown-level')).toMatchObject({ nearest });
  });
});

describe('names of levels that go', () => {
  const sunset = new Date('2026-02-01T00:00:00Z');
  const old = { ...plus, aliases: [{ name: 'strong', sunset }] };

  test('before the day they are no mistake, after it they are', () => {
    const before = new Date('2026-01-31T23:00:00Z');
    const at = (moment: Date) =>
      explained(urlOf({ acr_values: 'strong basic' }), { ladder: [basic, old], now: moment });
    expect(mistakesIn(at(before))).toEqual([]);
    expect(at(before).understood.demand?.asks[0]).toMatchObject({ level: 'plus', alias: { sunset, retired: false } });
    expect(mistake(at(now), 'retired-alias')).toMatchObject({ given: 'strong', level: 'plus', sunset });
    expect(storyOf(at(now))).toEqual(['password (nobody)', 'email-code (level)', 'acr strong']);
  });
});

describe('a level out of reach', () => {
  test('of the person', () => {
    const explanation = explained(urlOf({ acr_values: 'plus' }), { person: bela });
    expect(storyOf(explanation)).toEqual(['password (nobody)', 'unmet_authentication_requirements']);
    expect(mistake(explanation, 'person-cannot-reach')).toMatchObject({
      person: 'bela',
      level: 'plus',
      weaker: 'basic',
    });
  });

  test('of the person, where a weaker one would not do', () => {
    const explanation = explained(urlOf(), { person: bela, client: { ...tax, minimum_level: 'plus' } });
    expect(mistake(explanation, 'person-cannot-reach')).toMatchObject({ weaker: undefined });
  });

  test('of the person, with a weaker one listed', () => {
    const explanation = explained(urlOf({ acr_values: 'plus basic' }), { person: bela });
    expect(storyOf(explanation)).toEqual(['password (nobody)', 'acr basic']);
    expect(mistake(explanation, 'weaker-than-wished')).toMatchObject({
      severity: 'warning',
      wished: 'plus',
      reached: 'basic',
    });
  });

  test('of everybody', () => {
    const excluded_methods = ['email-code', 'totp', 'passkey'];
    const explanation = explained(urlOf({ acr_values: 'plus' }), {
      person: undefined,
      client: { ...tax, excluded_methods },
    });
    expect(storyOf(explanation)).toEqual(['unmet_authentication_requirements']);
    expect(mistake(explanation, 'nobody-can-reach')).toMatchObject({ level: 'plus' });
  });
});

test('no scope that can be given: the person signs in for nothing', () => {
  const explanation = explained(urlOf({ scope: 'tax', nonce: undefined }));
  expect(storyOf(explanation)).toEqual(['password (nobody)', 'access_denied']);
  expect(mistakesIn(explanation)).toContain('error no-scope');
});

test('every mistake is told at once, errors first', () => {
  const url = urlOf({
    response_type: 'token',
    state: undefined,
    max_age: 'x',
    acr_values: 'gold plus',
    scope: 'openid emial',
  });
  const severities = mistakesIn(explained(url)).map((line) => line.split(' ')[0]);
  expect(severities).toEqual(['error', 'error', ...Array(4).fill('warning')]);
});

test.each([
  'client_secret',
  'access_token',
  'id_token',
  'password',
  'client_assertion',
  'code_verifier',
  'code',
  'api_key',
])('%s is a secret', (name) => expect(isSecret(name)).toBe(true));
test.each(['code_challenge', 'code_challenge_method', 'id_token_hint', 'client_assertion_type', 'state', 'nonce'])(
  '%s is none',
  (name) => expect(isSecret(name)).toBe(false),
);

test('the endpoint and the ladder of these tests are what they say', () => {
  expect(new URL(endpoint).pathname).toBe('/auth');
  expect(ladder.map(({ name }) => name)).toEqual(['basic', 'plus', 'high']);
});
