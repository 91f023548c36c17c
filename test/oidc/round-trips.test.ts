/** How often a protocol request waits for the state store, and that nothing is given before what it promises is there. */

import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { type State, StateUnavailable } from '../../src/state/state.ts';
import { signIn } from '../flow/journey.ts';
import { roomy, startKapu, type TestKapu } from '../support/kapu.ts';
import type { RelyingParty } from '../support/relying-party.ts';

/** Steps under way now, and how often one began while there was none. */
const seen = { underWay: 0, waits: 0 };
/** The kind of document that the store fails to write. */
let lost = '';

/** A store as far away as a network's: what is begun in one turn of the event loop is answered in a later one. */
function farAway(state: State): State {
  const far = ([name, verb]: [string, (...values: never[]) => Promise<unknown>]) => [
    name,
    async (...values: never[]) => {
      if (seen.underWay === 0) seen.waits++;
      seen.underWay++;
      for (let turns = 0; turns < 5; turns++) await new Promise((resolve) => setImmediate(resolve));
      seen.underWay--;
      if (name === 'put' && String(values[0]).startsWith(`${lost}:`)) throw new StateUnavailable('away');
      return verb.apply(state, values);
    },
  ];
  const verbs = Object.entries(state).filter(([name]) => name !== 'ready' && name !== 'end');
  return { ...state, ...Object.fromEntries(verbs.map((each) => far(each as never))) };
}

let kapu: TestKapu;
let service: RelyingParty;

beforeAll(async () => {
  kapu = await startKapu({ around: farAway, change: roomy });
  service = await kapu.service();
});
beforeEach(() => {
  lost = '';
});
afterAll(() => kapu.stop());

test('code and session go to the store together, and a silent sign-in waits six times for it', async () => {
  const agent = kapu.agent();
  await signIn(kapu, service, agent);
  seen.waits = 0;
  const { steps } = await signIn(kapu, service, agent);
  // The session; code and session; the code, the session, that the code is used up, the access token.
  expect([steps, seen.waits]).toEqual([[], 6]);
});

test('a refresh reads session and grant together', async () => {
  const config = service.config;
  const { tokens } = await signIn(kapu, service, kapu.agent(), { scope: 'openid offline_access', prompt: 'consent' });
  const { refreshTokenGrant } = await import('openid-client');
  seen.waits = 0;
  const refreshed = await refreshTokenGrant(config, tokens.refresh_token!);
  // The token; session and grant; that it is used up; the tokens, as it is a public client's.
  expect([typeof refreshed.id_token, seen.waits]).toEqual(['string', 4]);
});

test.each(['AuthorizationCode', 'AccessToken'])('what could not be kept is not given: %s', async (kind) => {
  lost = kind;
  const asked = signIn(kapu, service, kapu.agent());
  await expect(asked).rejects.toThrow();
  lost = '';
  await signIn(kapu, service, kapu.agent());
});
