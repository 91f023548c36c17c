/** Whatever is sent to our own forms gets a clear answer (ASVS 1.2, 2.2, 15.3.5 to 15.3.7). */

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { atCodePage, credentials, signIn, stepOf } from '../flow/journey.ts';
import { type Agent, type Page, rawRequest, textOf } from '../support/agent.ts';
import { roomy, startKapu, type TestKapu } from '../support/kapu.ts';
import type { RelyingParty } from '../support/relying-party.ts';
import { expectReference, expectSound } from './answers.ts';

let kapu: TestKapu;
let service: RelyingParty;
/** A sign-in at the password, and one at the code: each test sends to both. */
let places: { agent: Agent; page: Page }[];

beforeAll(async () => {
  kapu = await startKapu({
    change(settings) {
      roomy(settings);
      settings.emailCode.tries = 10;
    },
  });
  service = await kapu.service();
  const agent = kapu.agent();
  places = [{ agent, page: (await service.visit(agent)).page }, await atCodePage(kapu, service)];
});
afterAll(async () => {
  expect(await kapu.leaks()).toEqual([]);
  // Whatever was sent, the server still does its work, and nothing was passed by it.
  expect((await signIn(kapu, service, kapu.agent(), { acr_values: 'plus' })).claims.acr).toBe('plus');
  await kapu.stop();
});

/** Sends `fields` to both places, and gives the answers. */
async function send(fields: [string, string][], headers: Record<string, string> = {}): Promise<Page[]> {
  const answers = [];
  for (const { agent, page } of places)
    answers.push(await agent.post(page.url, fields, { origin: kapu.issuer, ...headers }));
  for (const answer of answers) expectSound(kapu, answer);
  return answers;
}

async function sendRaw(body: string | Uint8Array<ArrayBuffer>, type: string): Promise<Page[]> {
  const headers = { origin: kapu.issuer, 'content-type': type };
  const answers = await Promise.all(places.map(({ agent, page }) => agent.postRaw(page.url, body, headers)));
  for (const answer of answers) expectSound(kapu, answer);
  return answers;
}

const form = 'application/x-www-form-urlencoded';
const hostile: [string, string][] = [
  ['nothing', ''],
  ['spaces', '   '],
  ['NUL', 'an\0na'],
  ['a line break', 'anna\r\nBcc: everyone@demo.example'],
  ['emoji', '👩🏽‍🚒🎌'],
  ['right-to-left marks', '\u202eanna\u202c\u200f'],
  ['half a character', 'anna\ud83d'],
  ['markup', '<img src=x onerror=alert(1)>"\'&'],
  ['a template', '<%= process.env %> {{7*7}} #{7*7}'],
  ['a query', "anna' OR '1'='1' --"],
  ['a path', '../../../etc/passwd'],
  ['ten thousand characters', 'x'.repeat(10_000)],
];

describe.each(['username', 'password', 'code'])('the field %s', (name) => {
  test.each(hostile)('with %s: an answer in words, and the form again', async (_what, value) => {
    const others: [string, string][] = name === 'password' ? [['username', 'anna']] : [['password', 'wrong password']];
    for (const answer of await send([[name, value], ...others])) {
      expect(answer.status).toBe(422);
      expect(answer.html).not.toContain('<img src=x');
      expect(textOf(answer)).not.toMatch(/\b49\b/);
      expect(stepOf({ ...answer, status: 200 })).toMatch(/^(password|email-code)$/);
    }
  });

  test('with a megabyte: 413, in words', async () => {
    for (const answer of await send([[name, 'x'.repeat(1_000_000)]])) {
      expect(answer.status).toBe(413);
      expectReference(kapu, answer);
    }
  });

  test('sent twice counts as not sent, though both are right', async () => {
    const right = { ...credentials('anna'), code: await kapu.codeFor(places[1]!.page) };
    const { username, password, code } = right;
    const [atPassword, atCode] = places;
    const answer =
      name === 'code'
        ? await atCode!.agent.post(
            atCode!.page.url,
            [
              ['code', code],
              ['code', code],
            ],
            { origin: kapu.issuer },
          )
        : await atPassword!.agent.post(atPassword!.page.url, [
            ['username', username],
            ['password', password],
            [name, right[name as 'username']],
          ]);
    expect(answer.status).toBe(422);
  });
});

describe('the body', () => {
  const prototype = ['__proto__', 'constructor', 'prototype', 'hasOwnProperty', 'toString', '__proto__[cancel]'];
  test.each(prototype)('with the field %s changes nothing', async (name) => {
    for (const answer of await send([[name, '1']])) expect(answer.status).toBe(422);
    expect(({} as Record<string, unknown>).cancel).toBeUndefined();
  });

  test.each([['username[a]'], ['username[]'], ['username.toString'], ['password[$ne]'], ['code[0]']])(
    'with the nested field %s is not taken for it',
    async (name) => {
      for (const answer of await send([[name, 'anna']])) expect(answer.status).toBe(422);
    },
  );

  test('with ten thousand parameters: an answer in words', async () => {
    const many = Array.from({ length: 10_000 }, (_, at): [string, string] => [`p${at}`, '1']);
    for (const answer of await send(many)) expect(answer.status).toBe(413);
    const few = Array.from({ length: 1500 }, (_, at): [string, string] => [`p${at}`, '1']);
    for (const answer of await send(few)) expect(answer.status).toBeGreaterThanOrEqual(400);
  });

  test.each<[string, string | Uint8Array<ArrayBuffer>]>([
    ['percent signs of nothing', 'username=%&password=%zz%2'],
    ['percent signs of no UTF-8', 'username=%ff%fe&password=%c3%28&code=%80'],
    ['bytes of no UTF-8', Buffer.from([0x75, 0x3d, 0xff, 0xfe, 0x80, 0x26, 0x63, 0x6f, 0x64, 0x65, 0x3d, 0xc3])],
    ['no field at all', '&&&==&'],
    ['nothing', ''],
  ])('of %s: an answer in words', async (_what, body) => {
    for (const answer of await sendRaw(body, form)) expect([400, 422]).toContain(answer.status);
  });

  test.each([
    'application/json',
    'text/plain',
    'multipart/form-data; boundary=x',
    'image/png',
    `${form}; charset=utf-7`,
    'nonsense',
  ])('of the type %s is no form', async (type) => {
    const body = JSON.stringify({ ...credentials('anna'), code: '123456' });
    for (const answer of await sendRaw(body, type)) expect([400, 415, 422]).toContain(answer.status);
  });

  test('that says it is packed, and is not: an answer in words', async () => {
    for (const { agent, page } of places) {
      for (const encoding of ['gzip', 'br', 'nonsense']) {
        const headers = { origin: kapu.issuer, 'content-type': form, 'content-encoding': encoding };
        const answer = await agent.postRaw(page.url, 'username=anna', headers);
        expectSound(kapu, answer);
        expect([400, 415]).toContain(answer.status);
      }
    }
  });

  test('that is a packed megabyte of nothing is not unpacked whole', async () => {
    const { gzipSync } = await import('node:zlib');
    const bomb = new Uint8Array(gzipSync(Buffer.alloc(20_000_000, 'x')));
    for (const { agent, page } of places) {
      const headers = { origin: kapu.issuer, 'content-type': form, 'content-encoding': 'gzip' };
      const answer = await agent.postRaw(page.url, bomb, headers);
      expectSound(kapu, answer);
      expect([400, 413, 415]).toContain(answer.status);
    }
  });
});

describe('a form from elsewhere', () => {
  test.each<[string, Record<string, string>]>([
    ['of another origin', { origin: 'https://evil.example' }],
    ['of no origin', { origin: 'null' }],
    ['of a name that looks alike', { origin: 'http://localhost.evil.example' }],
    ['of another port', { origin: 'http://localhost:1' }],
    ['across sites, as the browser says', { origin: '', 'sec-fetch-site': 'cross-site' }],
    ['of a sister site, as the browser says', { origin: '', 'sec-fetch-site': 'same-site' }],
  ])('%s is refused, and nothing is done (ASVS 3.5.1)', async (_where, headers) => {
    for (const { agent, page } of places) {
      const answer = await agent.post(page.url, { ...credentials('anna'), cancel: '1' }, headers);
      expect(answer.status).toBe(403);
      expectReference(kapu, answer);
      expect((await agent.get(page.url)).status).toBe(200);
    }
  });
});

describe('methods that no page has', () => {
  test.each(['TRACE', 'PUT', 'DELETE', 'PATCH', 'PROPFIND'])('%s: 405 (ASVS 13.4.4)', async (method) => {
    for (const path of ['/', '/auth', '/interaction/x/password', '/token']) {
      const answer = await rawRequest(kapu.issuer, {
        method,
        path,
        headers: { cookie: 'kapu-session=secret-cookie-value' },
      });
      expect([answer.status, answer.headers.allow]).toEqual([405, 'GET, HEAD, POST, OPTIONS']);
      expect(answer.body).not.toContain('secret-cookie-value');
    }
  });
});
