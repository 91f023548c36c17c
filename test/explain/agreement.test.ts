/** Whatever is asked: the explanation agrees with the functions that the server decides by, can be told, and keeps secrets. */

import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { merge } from '../../src/assurance/evidence.ts';
import { type Answer, answer, type Demand, demandOf } from '../../src/assurance/request.ts';
import { clientIdOf } from '../../src/explain/address.ts';
import { tell } from '../../src/explain/tell.ts';
import { aged, ladder, now } from '../assurance/ladder.ts';
import { explained, methods, tax, urlOf } from './requests.ts';

const names = methods.map(({ name }) => name);
const value = fc.constantFrom('basic', 'plus', 'high', 'urn:gov:low', 'urn:gov:substantial', 'gold', 'silver');
const values = fc.array(value, { maxLength: 3 });
const maybe = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined });
const level = maybe(fc.constantFrom('basic', 'plus', 'high'));

const cases = fc.record({
  claim: maybe(fc.record({ essential: fc.boolean(), value: maybe(value), values: maybe(values) })),
  acrValues: values,
  maxAge: maybe(fc.constantFrom('0', '100', '1000')),
  prompt: maybe(fc.constantFrom('none', 'login', 'consent', 'select_account', 'login consent')),
  client: fc.record({
    default_acr_values: maybe(fc.array(value, { minLength: 1, maxLength: 2 })),
    minimum_level: level,
    excluded_methods: fc.subarray(names, { maxLength: 2 }),
    first_party: fc.boolean(),
  }),
  scope: fc.constantFrom('openid', 'openid health', 'openid profile'),
  health: fc.record({ minimumLevel: level, excludedMethods: fc.subarray(names, { maxLength: 1 }) }),
  session: maybe(
    fc.dictionary(fc.constantFrom(...names), fc.integer({ min: 1, max: 2000 }), { maxKeys: 3, noNullPrototype: true }),
  ),
  usable: fc.subarray(names, { minLength: 1 }),
});

test('the explanation is what `answer` says, step by step', () => {
  fc.assert(
    fc.property(cases, ({ claim, acrValues, maxAge, prompt, client, scope, health, session, usable }) => {
      const claims = claim && JSON.stringify({ id_token: { acr: claim } });
      const acr_values = acrValues.join(' ') || undefined;
      const scopeRules = { health };
      const held = session && aged(session);
      const { steps, outcome, understood } = explained(urlOf({ claims, acr_values, max_age: maxAge, prompt, scope }), {
        client: { ...tax, ...client },
        scopeRules,
        session: held,
        person: { name: 'anna', usable },
      });

      const rules = {
        defaultAcrValues: client.default_acr_values,
        minimumLevel: client.minimum_level,
        excludedMethods: client.excluded_methods,
      };
      const request = { claims, acr_values, prompt, scope, max_age: maxAge === undefined ? undefined : Number(maxAge) };
      const demand = demandOf(request, rules, scopeRules, ladder, now) as Demand;
      const silent = prompt === 'none';
      const anew = prompt?.includes('login') || maxAge === '0';
      const proven = steps.flatMap((step) => (step.page === 'method' ? [step.method] : []));
      let evidence = held && !anew ? held : [];
      const ask = (known: boolean): Answer =>
        answer(demand, ladder, {
          evidence,
          now,
          usable: (name) => names.includes(name) && (!known || usable.includes(name)),
          settles: silent,
        });

      let known = held !== undefined && !anew;
      for (const method of proven) {
        expect(ask(known)).toMatchObject({ kind: 'missing', next: expect.arrayContaining([method]) });
        evidence = merge(evidence, [{ method, at: now }]);
        known ||= methods.some(({ name, identifies }) => identifies && name === method);
      }
      const end = ask(known);
      if (outcome.kind === 'token') {
        expect(end).toMatchObject({ kind: 'reached', acr: outcome.acr });
        expect(end.kind === 'reached' && end.standing.at).toEqual(outcome.authTime);
      } else if (!silent) {
        expect([end.kind, outcome.kind === 'error' && outcome.error]).toEqual([
          'unmet',
          'unmet_authentication_requirements',
        ]);
      } else {
        expect(end.kind !== 'reached' || !held || client.first_party === false).toBe(true);
      }

      const spelled = [
        ...understood.demand!.asks.map((ask) => ask.value),
        ...understood.demand!.minima.map((minimum) => minimum.level),
      ];
      const whole = [...demand.wishes.map(({ asked }) => asked), ...demand.unknown];
      expect(spelled.toSorted()).toEqual(whole.toSorted());
      expect(understood.demand!.floor).toBe(demand.floor.name);
    }),
    { numRuns: 1000 },
  );
});

/** Anything that somebody may paste. */
const word = fc.oneof(
  value,
  fc.string({ unit: 'binary', maxLength: 12 }),
  fc.constantFrom('none login', '{', '{"id_token":{"acr":{"essential":"x"}}}'),
);
const parameter = fc.constantFrom(
  ...['client_id', 'response_type', 'redirect_uri', 'scope', 'state', 'prompt', 'max_age', 'claims', 'acr_values'],
  ...[
    'code_challenge',
    'code_challenge_method',
    'resource',
    'request',
    'request_uri',
    'id_token_hint',
    'response_mode',
  ],
);
const pasted = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.webUrl({ withQueryParameters: true, withFragments: true }),
  fc.array(fc.tuple(parameter, word), { maxLength: 6 }).map((pairs) => {
    const url = new URL(urlOf());
    for (const [name, text] of pairs) url.searchParams[text.length % 2 ? 'set' : 'append'](name, text);
    return url.href;
  }),
);

describe('whatever is pasted', () => {
  test('there is an explanation, in both languages', () => {
    fc.assert(
      fc.property(pasted, maybe(fc.constant(tax)), (url, client) => {
        const explanation = explained(url, { client: clientIdOf(url) === undefined ? undefined : client });
        for (const locale of ['hu', 'en'] as const) {
          const { summary, mistakes, understood } = tell(explanation, methods, locale);
          const texts = [
            summary,
            ...mistakes.items.flatMap(({ problem, change }) => [problem, change]),
            ...understood.rows.flat(),
          ];
          expect(texts.filter((text) => text === '' || /undefined|\[object/.test(text))).toEqual([]);
        }
      }),
      { numRuns: 400 },
    );
  });

  test('no secret of it is repeated, and nothing that a terminal obeys', () => {
    const secret = fc.stringMatching(/^[!-~]{12,30}$/);
    const place = fc.constantFrom(
      'client_secret',
      'access_token',
      'id_token_hint',
      'password',
      'refresh_token',
      'fragment',
    );
    fc.assert(
      fc.property(
        secret,
        place,
        fc.constantFrom('client_id', 'redirect_uri', 'scope', 'prompt', 'acr_values'),
        (text, name, also) => {
          const inFragment = name === 'fragment';
          const url = new URL(urlOf({ ...(!inFragment && { [name]: text }), [also]: `\u001b[31m${text}` }));
          if (inFragment) url.hash = new URLSearchParams({ access_token: text }).toString();
          const explanation = explained(url.href);
          const told = (['hu', 'en'] as const).map((locale) => tell(explanation, methods, locale));
          const said = JSON.stringify([explanation, told]);
          expect(said).not.toContain(JSON.stringify(text).slice(1, -1));
          expect(said).not.toContain('\\u001b');
        },
      ),
      { numRuns: 400 },
    );
  });
});
