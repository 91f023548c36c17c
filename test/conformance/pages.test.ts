/** The page selectors of the suite's configuration on Kapu's pages, in Chromium: what they are told to find is there. */

import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Browser } from 'playwright-core';
import { conformanceSecret } from '../../config/conformance.ts';
import { launchBrowser } from '../support/browser.ts';
import { freePort } from '../support/ports.ts';
import { ScriptedBrowser } from './browser.ts';
import { Client } from './client.ts';
import { type StandIn, startStandIn } from './stand-in.ts';
import { configurationOf } from './suite/configuration.ts';
import { type ConformanceKapu, startConformanceKapu, testsAt } from './suite/kapu.ts';
import type { Pages } from './suite/pages.ts';
import { plans } from './suite/plans.ts';
import { wire } from './wire.ts';

const alias = 'kapu';
const fapi = (name: string) => `fapi2-security-profile-final-${name}`;
/** A page that says no, and not that something is wrong with us. */
const refusal = /^(?![\s\S]*on our side)[\s\S]*give this reference/;
let suite: StandIn;
let kapu: ConformanceKapu;
let chromium: Browser;
let pages: Pages;
let tests: string;

beforeAll(async () => {
  suite = await startStandIn({ planName: '', modules: [] });
  const port = await freePort(2);
  kapu = await startConformanceKapu({
    issuer: `https://localhost:${port}`,
    mtls: `https://localhost:${port + 1}`,
    operationsPort: port + 2,
    suite: suite.url,
    alias,
    signing: 'conformance-key-dpop',
  });
  tests = testsAt(suite.url, alias);
  pages = configurationOf(plans[0]!, kapu.surroundings) as unknown as Pages;
  chromium = await launchBrowser();
});
afterAll(async () => {
  await chromium?.close();
  await kapu.stop();
  await suite.stop();
});

const browserFor = (module?: string) =>
  new ScriptedBrowser(chromium, module === undefined ? pages.browser : pages.override[module]!.browser);
const client = (clientId = 'conformance-first') =>
  new Client({
    issuer: kapu.surroundings.issuer,
    clientId,
    redirectUri: `${tests}/callback`,
    fetch: wire({ ca: kapu.cert }),
  });
const address = (more: Record<string, string | undefined> = {}) =>
  `${kapu.surroundings.issuer}/auth?${new URLSearchParams(
    client().parameters({ code_challenge: undefined, code_challenge_method: undefined, ...more }),
  )}`;
const endSession = (more: Record<string, string> = {}) =>
  `${kapu.surroundings.issuer}/session/end?${new URLSearchParams(more)}`;
const answerOf = (url: string) => Object.fromEntries(new URL(url).searchParams);

/** An ID token of whoever signs in with `browser`. */
async function idTokenBy(browser: ScriptedBrowser): Promise<string> {
  const { code } = answerOf(await browser.visit(address()));
  const authorization = `Basic ${Buffer.from(`conformance-first:${conformanceSecret('conformance-first')}`).toString('base64')}`;
  const fields = { grant_type: 'authorization_code', code, redirect_uri: `${tests}/callback` };
  return String((await client().post('token', fields, { authorization })).body.id_token);
}

test('a sign-in, once, and again where it is asked for, with a picture of it', async () => {
  const browser = browserFor();
  expect(answerOf(await browser.visit(address()))).toMatchObject({
    code: expect.any(String),
    iss: kapu.surroundings.issuer,
  });
  expect(browser.done).toEqual(['Sign in', 'Back at the suite']);
  await browser.visit(address());
  await browser.visit(address({ prompt: 'login' }));
  expect(browser.done.slice(2)).toEqual(['Back at the suite', 'Sign in', 'Back at the suite']);
  expect(browser.pictures.at(-1)).toContain('conformance-first');
  await browser.end();
});

test('a consent', async () => {
  const browser = browserFor();
  await browser.visit(address({ scope: 'openid offline_access', prompt: 'consent' }));
  expect(browser.done).toEqual(['Sign in', 'Consent', 'Back at the suite']);
  await browser.end();
});

test('an answer by form', async () => {
  const browser = browserFor();
  const { arrived } = suite;
  const before = arrived.length;
  await browser.visit(address({ response_mode: 'form_post' }));
  expect(browser.done).toEqual(['Sign in', 'Back at the suite']);
  expect(new URLSearchParams(arrived[before]!.body).get('code')).toEqual(expect.any(String));
  await browser.end();
});

test('a person who cancels', async () => {
  const browser = browserFor(fapi('user-rejects-authentication'));
  expect(answerOf(await browser.visit(address())).error).toBe('access_denied');
  await browser.end();
});

test.each([
  ['oidcc-ensure-registered-redirect-uri', { redirect_uri: 'https://suite.example/other' }],
  ['oidcc-ensure-redirect-uri-in-authorization-request', { redirect_uri: undefined }],
  ['oidcc-redirect-uri-query-added', { redirect_uri: 'https://suite.example/?x=1' }],
  [fapi('par-attempt-to-use-expired-request_uri'), { request_uri: 'urn:ietf:params:oauth:request_uri:x' }],
])('%s: a picture of the error, or the way back', async (module, more) => {
  const browser = browserFor(module);
  const end = await browser.visit(address(more));
  if (end.startsWith(tests)) expect(answerOf(end).error).toEqual(expect.any(String));
  else expect(browser.pictures).toEqual([expect.stringMatching(refusal)]);
  await browser.end();
});

test('a look first, the sign-in then', async () => {
  const browser = browserFor(fapi('par-ensure-reused-request-uri-prior-to-auth-completion-succeeds'));
  expect(await browser.visit(address())).toContain('/interaction/');
  expect(answerOf(await browser.visit(address())).code).toEqual(expect.any(String));
  expect(browser.done).toEqual(['Look', 'Sign in', 'Back at the suite']);
  await browser.end();
});

test('signing out: back to the suite, or to a page that says so', async () => {
  const browser = browserFor();
  const id_token_hint = await idTokenBy(browser);
  const post_logout_redirect_uri = `${tests}/post_logout_redirect`;
  expect(await browser.visit(endSession({ id_token_hint, post_logout_redirect_uri, state: 's' }))).toBe(
    `${post_logout_redirect_uri}?state=s`,
  );
  // Without a hint nobody is sent on, whatever address is named; and what has no address ends here.
  const ways: Record<string, string>[] = [{ post_logout_redirect_uri, state: 's' }, { id_token_hint }];
  for (const more of ways) {
    await idTokenBy(browser);
    const pictures = browser.pictures.length;
    expect(await browser.visit(endSession(more))).toContain(`${kapu.surroundings.issuer}/session/end/success`);
    expect(browser.pictures.slice(pictures)).toEqual([expect.stringContaining('You have signed out')]);
  }
  await browser.end();
});

test.each<[string, (hint: string) => Record<string, string>]>([
  [
    'oidcc-rp-initiated-logout-bad-post-logout-redirect-uri',
    (id_token_hint) => ({ id_token_hint, post_logout_redirect_uri: `${tests}/other` }),
  ],
  [
    'oidcc-rp-initiated-logout-query-added-to-post-logout-redirect-uri',
    (id_token_hint) => ({ id_token_hint, post_logout_redirect_uri: `${tests}/post_logout_redirect?x=1` }),
  ],
  [
    'oidcc-rp-initiated-logout-modified-id-token-hint',
    (hint) => ({
      id_token_hint: `${hint.slice(0, -4)}AAAA`,
      post_logout_redirect_uri: `${tests}/post_logout_redirect`,
    }),
  ],
  [
    'oidcc-rp-initiated-logout-bad-id-token-hint',
    () => ({ id_token_hint: 'none', post_logout_redirect_uri: `${tests}/post_logout_redirect` }),
  ],
])('%s: a picture of the error', async (module, parameters) => {
  const browser = browserFor(module);
  const hint = await idTokenBy(browser);
  const end = await browser.visit(endSession(parameters(hint)));
  expect(end).toContain(kapu.surroundings.issuer);
  expect(browser.pictures.at(-1)).toMatch(refusal);
  await browser.end();
});

test('the clients of a plan are what its profile demands, and the certificate is for the name', () => {
  const signing = kapu.clients.filter(({ profile }) => profile === 'high');
  expect(signing.map(({ client_id }) => client_id)).toEqual(['conformance-key-dpop', 'conformance-key-dpop-2']);
  expect(JSON.stringify(kapu.clients)).not.toContain('"d":');
});
