/** What an explanation says will happen: the pages and why, the token or the error, and where each demand comes from. */

import { describe, expect, test } from '@jest/globals';
import type { ExplainInput } from '../../src/explain/explain.ts';
import { evidenceOf } from '../../src/explain/session.ts';
import { tell } from '../../src/explain/tell.ts';
import { basic, minute, now, plus } from '../assurance/ladder.ts';
import { acr, anna, app, bela, type Change, explained, methods, sessionOf, storyOf, tax, urlOf } from './requests.ts';

/** Two methods and two levels, as a deployment begins. */
const small: Partial<ExplainInput> = {
  ladder: [basic, { ...plus, anyOf: [['password', 'email-code']] }],
  methods: methods.slice(0, 2),
};
const ages = {
  none: undefined,
  basic: { password: minute },
  plus: { password: minute, 'email-code': minute },
  old: { password: 20 * minute, 'email-code': 20 * minute },
};
type Session = keyof typeof ages;
const sessionAt = (session: Session) => (ages[session] ? sessionOf(ages[session]) : undefined);

function story(session: Session, change: Change, input: Partial<ExplainInput> = {}): string[] {
  return storyOf(explained(urlOf(change), { ...small, session: sessionAt(session), ...input }));
}

const essential = (value: string) => acr({ essential: true, value });

describe('the pages, and what comes of them', () => {
  test.each<[Session, Change, string[]]>([
    ['none', {}, ['password (nobody)', 'acr basic']],
    ['none', { acr_values: 'plus' }, ['password (nobody)', 'email-code (level)', 'acr plus']],
    ['none', essential('plus'), ['password (nobody)', 'email-code (level)', 'acr plus']],
    ['none', { acr_values: 'basic plus' }, ['password (nobody)', 'acr basic']],
    [
      'none',
      { acr_values: 'urn:gov:substantial' },
      ['password (nobody)', 'email-code (level)', 'acr urn:gov:substantial'],
    ],
    ['none', { prompt: 'none' }, ['login_required']],
    ['none', { prompt: 'none', acr_values: 'gold' }, ['login_required']],
    ['none', { prompt: 'select_account' }, ['password (nobody)', 'acr basic']],
    ['none', { prompt: 'consent' }, ['password (nobody)', 'consent (asked)', 'acr basic']],
    ['basic', {}, ['acr basic']],
    ['basic', { acr_values: 'plus' }, ['email-code (level)', 'acr plus']],
    ['basic', { acr_values: 'plus basic' }, ['email-code (level)', 'acr plus']],
    ['basic', { prompt: 'none' }, ['acr basic']],
    ['basic', { prompt: 'none', acr_values: 'plus' }, ['login_required']],
    ['basic', { prompt: 'none', acr_values: 'plus basic' }, ['acr basic']],
    ['basic', { prompt: 'none', ...essential('plus') }, ['unmet_authentication_requirements']],
    ['basic', { prompt: 'none', acr_values: 'gold' }, ['unmet_authentication_requirements']],
    ['basic', { prompt: 'login' }, ['password (anew)', 'acr basic']],
    ['basic', { max_age: '0' }, ['password (anew)', 'acr basic']],
    ['basic', { max_age: '30' }, ['password (max-age)', 'acr basic']],
    ['basic', { max_age: '90' }, ['acr basic']],
    ['basic', { prompt: 'none', max_age: '30' }, ['login_required']],
    ['basic', { prompt: 'select_account' }, ['select-account', 'acr basic']],
    [
      'basic',
      { prompt: 'consent select_account login' },
      ['select-account', 'password (anew)', 'consent (asked)', 'acr basic'],
    ],
    [
      'basic',
      { prompt: 'select_account', acr_values: 'gold' },
      ['select-account', 'unmet_authentication_requirements'],
    ],
    ['plus', {}, ['acr plus']],
    ['plus', { acr_values: 'basic' }, ['acr basic']],
    ['plus', { acr_values: 'plus' }, ['acr plus']],
    ['plus', { acr_values: 'plus', max_age: '30' }, ['password (max-age)', 'email-code (max-age)', 'acr plus']],
    ['old', {}, ['acr basic']],
    ['old', { acr_values: 'plus' }, ['email-code (aged)', 'acr plus']],
  ])('session %s, %j', (session, change, expected) => {
    expect(story(session, change)).toEqual(expected);
  });

  test('who is sent to make an account makes one first, whoever is signed in, where that is on', () => {
    const create = { prompt: 'create', acr_values: 'plus' };
    for (const session of ['none', 'plus'] as const)
      expect(story(session, create, { signUp: true })).toEqual(['sign-up', 'email-code (level)', 'acr plus']);
    expect(story('none', create)).toEqual(['invalid_request']);
  });

  test('the page of a second factor may offer to go on without it', () => {
    const { steps } = explained(urlOf({ acr_values: 'plus basic' }), { ...small, session: sessionAt('basic') });
    expect(steps).toEqual([{ page: 'method', method: 'email-code', level: 'plus', why: 'level', mayDecline: true }]);
  });

  test('several ways make a choice, which a person makes by what they have', () => {
    const input = { session: sessionAt('basic'), person: { name: 'john', usable: ['password', 'totp', 'passkey'] } };
    expect(storyOf(explained(urlOf({ acr_values: 'plus' }), input))).toEqual([
      'choose totp|passkey',
      'totp (level)',
      'acr plus',
    ]);
    expect(storyOf(explained(urlOf(), { person: { name: 'eva', usable: ['passkey'] } }))).toEqual([
      'passkey (nobody)',
      'acr high',
    ]);
  });
});

describe('consent', () => {
  const library = { ...tax, first_party: false };
  const input = { ...small, client: library, session: sessionAt('basic') };

  test('is asked for what has not been allowed yet', () => {
    const change = { scope: 'openid profile' };
    const withConsent = (consented: string[]) => ({ ...input, person: { ...anna, consented } });
    expect(story('basic', change, input)).toEqual(['consent (scopes)', 'acr basic']);
    expect(story('basic', change, withConsent(['openid']))).toEqual(['consent (scopes)', 'acr basic']);
    expect(story('basic', change, withConsent(['openid', 'profile']))).toEqual(['acr basic']);
    expect(story('basic', { ...change, prompt: 'none' }, input)).toEqual(['consent_required']);
  });

  test('is asked for single claims by their scope', () => {
    const change = { claims: JSON.stringify({ userinfo: { email: null } }) };
    const { steps } = explained(urlOf(change), { ...input, person: { ...anna, consented: ['openid'] } });
    expect(steps).toEqual([{ page: 'consent', why: 'scopes', scopes: ['openid', 'email'] }]);
  });

  test('of an application that is not first-party is asked each time', () => {
    const client = { ...app, first_party: false };
    const change = { client_id: 'app', redirect_uri: 'http://127.0.0.1:1/callback' };
    const person = { ...anna, consented: ['openid'] };
    expect(story('basic', change, { ...input, client, person })).toEqual(['consent (each-time)', 'acr basic']);
    expect(story('basic', { ...change, prompt: 'none' }, { ...input, client, person })).toEqual([
      'interaction_required',
    ]);
  });
});

describe('the token', () => {
  const token = (session: Session, change: Change) =>
    explained(urlOf(change), { ...small, session: sessionAt(session) }).outcome;

  test('says how and when, by the proofs that its level stands on', () => {
    const aMinuteAgo = new Date(now.getTime() - 60_000);
    expect(token('basic', { acr_values: 'plus' })).toEqual({
      kind: 'token',
      acr: 'plus',
      level: 'plus',
      amr: ['pwd', 'otp'],
      amrOneOf: [],
      authTime: aMinuteAgo,
      idToken: true,
    });
    expect(token('plus', { acr_values: 'basic' })).toMatchObject({ acr: 'basic', amr: ['pwd'], authTime: aMinuteAgo });
    expect(token('none', {})).toMatchObject({ authTime: now });
    expect(token('plus', { prompt: 'login' })).toMatchObject({ acr: 'basic', amr: ['pwd'], authTime: now });
  });

  test('names the values of which one comes to it by what is used, where a method tells kinds apart', () => {
    const keys = { bound: ['hwk'], synced: ['swk'] };
    const passkey = { ...methods.find(({ name }) => name === 'passkey')!, amr: ['user', 'mfa'], kinds: keys };
    const person = { name: 'anna', usable: ['passkey'] };
    const explanation = explained(urlOf({ acr_values: 'plus' }), { methods: [passkey], person });
    expect(explanation.outcome).toMatchObject({ amr: ['user', 'mfa'], amrOneOf: [['hwk', 'swk']] });
    for (const [locale, words] of [
      ['en', 'user mfa, and hwk or swk'],
      ['hu', 'user mfa, és hwk vagy swk'],
    ] as const)
      expect(tell(explanation, [passkey], locale).token!.rows).toContainEqual(['amr', words]);
  });

  test('is to be checked for what was asked', () => {
    const acceptable = (change: Change, input = {}) => explained(urlOf(change), { ...small, ...input }).acceptable;
    expect(acceptable({})).toEqual([]);
    expect(acceptable({ acr_values: 'plus basic' })).toEqual(['plus', 'basic']);
    expect(acceptable({ acr_values: 'basic urn:gov:substantial', ...essential('plus') })).toEqual([
      'plus',
      'urn:gov:substantial',
    ]);
    expect(acceptable({}, { client: { ...tax, minimum_level: 'plus' } })).toEqual(['plus']);
  });
});

describe('what was understood', () => {
  const understood = (change: Change, input: Partial<ExplainInput> = {}) => explained(urlOf(change), input).understood;

  test('each value, with where it was asked and what it means', () => {
    const { demand } = understood(
      { ...acr({ essential: true, values: ['urn:gov:substantial', 'gold'] }), acr_values: 'basic bsic' },
      { client: { ...tax, default_acr_values: ['high'] } },
    );
    expect(demand?.asks).toEqual([
      { value: 'urn:gov:substantial', source: 'claims', essential: true, level: 'plus', alias: { retired: false } },
      { value: 'gold', source: 'claims', essential: true, nearest: undefined },
      { value: 'basic', source: 'acr_values', essential: false, level: 'basic', alias: undefined },
      { value: 'bsic', source: 'acr_values', essential: false, nearest: 'basic' },
    ]);
    expect(demand?.floor).toBe('plus');
  });

  test("the client's default, where the request names none", () => {
    const client = { ...tax, default_acr_values: ['plus'] };
    expect(understood({}, { client }).demand?.asks).toMatchObject([{ value: 'plus', source: 'default_acr_values' }]);
  });

  test('minima of the client and of scopes, and methods that do not count', () => {
    const client = { ...tax, minimum_level: 'plus', excluded_methods: ['totp'] };
    const scopeRules = { health: { minimumLevel: 'high', excludedMethods: ['email-code'] } };
    const { demand } = understood({ scope: 'openid health' }, { client, scopeRules });
    expect(demand).toMatchObject({
      minima: [{ level: 'plus' }, { level: 'high', scope: 'health' }],
      floor: 'high',
      excludedMethods: ['totp', 'email-code'],
    });
  });

  test.each<[Change, Partial<ExplainInput>, object | undefined]>([
    [{}, {}, undefined],
    [{ max_age: '300' }, {}, { seconds: 300, source: 'max_age' }],
    [{}, { client: { ...tax, default_max_age: 60 } }, { seconds: 60, source: 'default_max_age' }],
    [{ prompt: 'login', max_age: '300' }, {}, { seconds: 0, source: 'prompt' }],
  ])('freshness of %j', (change, input, freshness) => {
    expect(understood(change, input).freshness).toEqual(freshness);
  });

  test('scopes that will be given, and where the answer goes', () => {
    const client = { ...tax, resources: ['https://tax.example.hu/api'] };
    const change = { scope: 'openid tax.read offline_access nonsense', resource: 'https://tax.example.hu/api' };
    expect(understood(change, { client })).toMatchObject({
      scopes: ['openid', 'tax.read'],
      resources: ['https://tax.example.hu/api'],
      redirect: 'https://tax.example.hu/callback',
      client: { id: 'tax', names: { hu: 'Adóbevallás', en: 'Adóbevallás' }, firstParty: true },
    });
    expect(understood({ scope: 'openid offline_access', prompt: 'consent' }).scopes).toContain('offline_access');
  });

  test('the session as it is now', () => {
    expect(understood({}, { session: sessionAt('old') }).session).toEqual({ level: 'basic', ageSeconds: 20 * minute });
    expect(understood({}, { session: sessionOf({ 'email-code': 60 }) }).session).toEqual({
      level: undefined,
      ageSeconds: 60,
    });
    expect(understood({}).session).toBeUndefined();
  });
});

describe('a session to suppose', () => {
  test('is of the first way that the person has', () => {
    const at = new Date(now.getTime() - 60_000);
    expect(evidenceOf(plus, anna.usable, at)).toEqual([
      { method: 'password', at },
      { method: 'email-code', at },
    ]);
    expect(evidenceOf(plus, ['passkey'], at)).toEqual([{ method: 'passkey', at }]);
    expect(evidenceOf(plus, bela.usable, at)).toBeUndefined();
  });
});
