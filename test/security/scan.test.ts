/**
 * The search for secrets that ends every server of a test has teeth (ASVS 16.2.5): what anybody sent or was given, by whatever
 * client, is found in the log, in the audit, and in what a process printed. No secret here is made known by hand.
 */

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { demoPassword } from '../../config/demo.ts';
import { createLog } from '../../src/log.ts';
import { makePlace } from '../cli/run.ts';
import { signIn } from '../flow/journey.ts';
import { startDemo } from '../support/demo.ts';
import { eventually } from '../support/eventually.ts';
import { startKapu, type TestKapu } from '../support/kapu.ts';
import { summary } from '../support/scan-reporter.ts';
import { type Kind, kinds, seen } from '../support/secrets.ts';

let kapu: TestKapu;
/** Whatever has been sent to the server, or given by it, by kind. */
const secrets: [Kind, string][] = [
  ['password', 'a typed "password" of nobody'],
  ['code', '482913'],
  ['token', 'an-access-token-that-nobody-gave-1'],
  ['token', 'a-refresh-token-that-nobody-gave-1'],
  ['token', 'an-authorization-code-of-nobody-1'],
  ['cookie', 'a-cookie-that-nobody-was-given'],
  ['address', 'somebody@citizens.example'],
  ['client secret', 'a client secret, %&+ and all: 0123456789'],
  ['assertion', 'eyJhbGciOiJub25lIn0.an-assertion.x'],
  ['recovery code', '0000-AAAA-0000-AAAA'],
  ['app key', 'ANAPPKEYOFNOBODYANAPPKEYOFNOBODY'],
];

beforeAll(async () => {
  kapu = await startKapu();
  const of = (kind: Kind, at = 0) => secrets.filter(([name]) => name === kind)[at]![1];
  const post = (path: string, fields: Record<string, string>, headers: Record<string, string> = {}) =>
    fetch(`${kapu.issuer}${path}`, { method: 'POST', body: new URLSearchParams(fields), headers });
  await post('/interaction/x/password', { username: of('address'), password: of('password') });
  await post('/interaction/x/email-code', { code: '482 913' }, { cookie: `kapu-session=${of('cookie')}` });
  await post('/interaction/x/recovery-code', { code: of('recovery code') });
  // The sign-in page shows the hint, as the page on which an app is set up shows its address.
  await (await kapu.service()).visit(kapu.agent(), { login_hint: `otpauth://?secret=${of('app key')}` });
  await fetch(`${kapu.issuer}/userinfo`, { headers: { authorization: `Bearer ${of('token')}` } });
  const client = new URLSearchParams([['x', of('client secret')]]).toString().slice(2);
  const basic = { authorization: `Basic ${Buffer.from(`demo-web:${client}`).toString('base64')}` };
  await post('/token', { grant_type: 'refresh_token', refresh_token: of('token', 1) }, basic);
  await post('/token', { client_id: 'demo-native', code: of('token', 2), client_assertion: of('assertion') });

  const asked = new URLSearchParams((await (await kapu.service()).ask()).url.search);
  const pushed = await post('/request', Object.fromEntries(asked));
  secrets.push(['request_uri', ((await pushed.json()) as { request_uri: string }).request_uri]);
  secrets.push([
    'cookie',
    (await fetch(`${kapu.issuer}/auth?${asked}`, { redirect: 'manual' })).headers.getSetCookie()[0]!,
  ]);
  secrets.push(['key', kapu.settings.secrets.pairwiseSalt], ['address', 'john@demo.example']);
  const agent = kapu.agent();
  const { tokens } = await signIn(kapu, await kapu.service(), agent, { acr_values: 'plus' });
  secrets.push(['token', tokens.access_token], ['token', tokens.id_token!], ['password', demoPassword]);
  secrets.push(['cookie', (await agent.cookie('kapu-session'))!], ['code', await kapu.code('anna@demo.example')]);
});

test('there is a secret of every kind, and none in what was written', async () => {
  expect(new Set(secrets.map(([kind]) => kind))).toEqual(new Set(kinds));
  expect(await kapu.leaks()).toEqual([]);
});

test.each(kinds)('a %s is found, however it is spelled', (kind) => {
  for (const [, secret] of secrets.filter(([name]) => name === kind))
    for (const spelling of [secret, JSON.stringify({ secret }), encodeURIComponent(secret)])
      expect([secret, seen.leakIn(`{"msg":"oh: ${spelling}"}`)?.masked]).toEqual([
        secret,
        expect.stringContaining('oh: '),
      ]);
});

test('a code is none within a longer number', () => {
  expect(seen.leakIn('{"milliseconds":14829130}')).toBeUndefined();
});

describe('a server that stops with a secret', () => {
  const leaked = 'a typed "password" of nobody';

  test('in its log fails, and the secret is not told on', async () => {
    const server = await startKapu();
    server.log.push(JSON.stringify({ msg: leaked }));
    await expect(server.stop()).rejects.toThrow(/has written secrets:\n {2}log, password: \{"msg":"\[password\]"\}$/);
  });

  test('in its audit fails', async () => {
    const server = await startKapu();
    await server.records.audit.append({ at: new Date(), event: 'x', detail: { leaked } });
    await expect(server.stop()).rejects.toThrow('audit, password: ');
  });

  test('in a log that the test has handed in fails', async () => {
    const log = createLog({ level: 'error', destination: { write: () => {} } });
    const server = await startKapu({ log });
    log.child({ reference: 'x' }).error(leaked);
    await expect(server.stop()).rejects.toThrow('log, password: ');
  });

  test('in what its process has printed fails', async () => {
    const place = await makePlace(1);
    await place.kapu(['keys', 'add']);
    const child = place.start(['serve']);
    const { issuer, operations } = place.settings;
    const ready = () =>
      fetch(`http://127.0.0.1:${operations.port}/health/ready`).then(
        ({ ok }) => ok,
        () => false,
      );
    await eventually('ready', ready);
    child.kill('SIGTERM');
    await eventually('its end', () => child.exitCode !== null);
    seen.add('password', issuer); // which it has logged
    await expect(place.remove()).rejects.toThrow('log, password: ');
  });

  test('in what the demo has printed fails', async () => {
    const demo = await startDemo();
    seen.add('password', `"issuer":"${demo.kapu}"`);
    await expect(demo.stop()).rejects.toThrow('log, password: ');
  });
});

describe('the summary of a run', () => {
  const none = Object.fromEntries(kinds.map((kind) => [kind, 0])) as Record<Kind, number>;
  const some = Object.fromEntries(kinds.map((kind) => [kind, 1])) as Record<Kind, number>;
  const started = { what: 'started', server: 'a' } as const;
  const scanned = { what: 'scanned', server: 'a', lines: 2, entries: 1, secrets: some } as const;

  test('counts what was searched', () => {
    const { words, wrong } = summary([started, scanned, started, scanned], true);
    expect(words).toContain('2 servers, 4 lines of log, 2 entries of the audit.\nLooked for: password 2, code 2, ');
    expect(wrong).toEqual([]);
  });

  test('fails a run in which a server was not searched', () => {
    expect(summary([started, scanned, started], false).wrong).toEqual(['a was never searched: was it stopped?']);
  });

  test('fails a whole run that searched nothing, or for nothing of some kind', () => {
    expect(summary([], true).wrong).toContain('nothing was searched');
    const { wrong } = summary([started, { ...scanned, secrets: { ...none, code: 1 } }], true);
    expect(wrong).toHaveLength(kinds.length - 1);
  });
});

afterAll(() => kapu?.stop());
