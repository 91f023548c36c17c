/** The plan oidcc-formpost from outside: answers by form and as JWTs, with scripts and without, and what a policy lets through. */

import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createRemoteJWKSet, jwtVerify } from 'jose';
import type { Browser } from 'playwright-core';
import { password, walk } from '../../flow/journey.ts';
import { formOf, type Page } from '../../support/agent.ts';
import { launchBrowser } from '../../support/browser.ts';
import { eventually } from '../../support/eventually.ts';
import { roomy, startKapu, type TestKapu } from '../../support/kapu.ts';
import type { RelyingParty } from '../../support/relying-party.ts';

let kapu: TestKapu;
let service: RelyingParty;
let receiver: Server;
let signing: RelyingParty;
let callback: string;
/** What was posted to the service: origin and body. */
const received: { origin: string | undefined; body: URLSearchParams }[] = [];

beforeAll(async () => {
  kapu = await startKapu({ change: roomy });
  receiver = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      if (request.method === 'POST')
        received.push({ origin: request.headers.origin, body: new URLSearchParams(Buffer.concat(chunks).toString()) });
      response.setHeader('content-type', 'text/html').end('<title>service</title>');
    });
  });
  await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve));
  callback = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/callback`;
  service = await kapu.service({ redirectUri: callback });
  const { metadata } = (await kapu.records.clients.find('demo-native'))!;
  const signed = ['jwt', 'query.jwt', 'fragment.jwt', 'form_post.jwt'];
  await kapu.records.clients.put('demo-signed', { ...metadata, response_modes: signed });
  signing = await kapu.service({ clientId: 'demo-signed', redirectUri: callback });
});
afterAll(async () => {
  receiver.closeAllConnections();
  receiver.close();
  expect(await kapu.leaks()).toEqual([]);
  await kapu.stop();
});

/** Signs in with `parameters`; the page that carries the answer. */
async function answered(parameters: Record<string, string>, party = service) {
  const agent = kapu.agent();
  const { asked, page } = await party.visit(agent, parameters);
  return { asked, agent, page: (await walk(kapu, agent, page)).page };
}
const fieldsOf = (page: Page) => formOf(page).hidden;
const verified = (response: string, audience = 'demo-signed') =>
  jwtVerify(response, createRemoteJWKSet(new URL(`${kapu.issuer}/jwks`)), {
    issuer: kapu.issuer,
    audience,
    algorithms: ['ES256'],
  });

describe('form_post', () => {
  test('carries code, state and iss, and the service redeems the code', async () => {
    const { asked, page } = await answered({ response_mode: 'form_post' });
    expect(page.status).toBe(200);
    expect(formOf(page).action).toBe(callback);
    expect(fieldsOf(page)).toEqual({
      code: expect.any(String),
      state: asked.url.searchParams.get('state'),
      iss: kapu.issuer,
    });
    const { claims } = await asked.redeem(new URL(`${callback}?${new URLSearchParams(fieldsOf(page))}`));
    expect(claims.acr).toBe('basic');
  });

  test('comes under a policy that lets it go to the service and nowhere else, and is kept by nobody', async () => {
    const { page } = await answered({ response_mode: 'form_post' });
    const policy = page.headers.get('content-security-policy')!;
    expect(policy).toContain(`form-action 'self' ${new URL(callback).origin};`);
    expect(policy).toContain("script-src 'self'");
    expect(page.html).not.toMatch(/<script(?![^>]*\bsrc=)|\son\w+=/);
    expect(page.headers.get('cache-control')).toBe('no-store');
  });

  test('carries errors as well, with iss', async () => {
    const { page } = await service.visit(kapu.agent(), { response_mode: 'form_post', prompt: 'none' });
    expect(fieldsOf(page)).toMatchObject({ error: 'login_required', iss: kapu.issuer, state: expect.any(String) });
  });

  test('carries nothing to an address that is not registered', async () => {
    const { page } = await service.visit(kapu.agent(), {
      response_mode: 'form_post',
      redirect_uri: 'https://evil.example/callback',
    });
    expect(page.status).toBe(400);
    expect(page.html).not.toContain('data-send');
  });

  test('escapes what the service has written', async () => {
    const state = `"><script>alert(1)</script>&'`;
    const { page } = await service.visit(kapu.agent(), { response_mode: 'form_post', prompt: 'none', state });
    expect(page.html).not.toContain('<script>alert');
  });

  test('speaks Hungarian and English', async () => {
    for (const [language, words] of [
      ['hu', 'Visszatérés a szolgáltatáshoz'],
      ['en', 'Going back to the service'],
    ] as const) {
      const { page } = await service.visit(kapu.agent({ language }), { response_mode: 'form_post', prompt: 'none' });
      expect(page.html).toContain(words);
    }
  });
});

describe('signed answers (JARM)', () => {
  test.each(['jwt', 'query.jwt'])('%s: in the address, one JWT and nothing else', async (response_mode) => {
    const { asked, page } = await answered({ response_mode }, signing);
    expect([...page.url.searchParams.keys()]).toEqual(['response']);
    const { payload } = await verified(page.url.searchParams.get('response')!);
    expect(payload).toMatchObject({ code: expect.any(String), state: asked.url.searchParams.get('state') });
    expect(payload.exp! - Math.floor(Date.now() / 1000)).toBeLessThanOrEqual(600);
  });

  test('fragment.jwt: in the fragment', async () => {
    const { page } = await answered({ response_mode: 'fragment.jwt' }, signing);
    expect(page.url.search).toBe('');
    await verified(new URLSearchParams(page.url.hash.slice(1)).get('response')!);
  });

  test('form_post.jwt: in a form of ours', async () => {
    const { page } = await answered({ response_mode: 'form_post.jwt' }, signing);
    const { response, ...others } = fieldsOf(page);
    expect(others).toEqual({});
    expect((await verified(response!)).payload.code).toEqual(expect.any(String));
  });

  test.each(['query.jwt', 'form_post.jwt'])('%s: errors too', async (response_mode) => {
    const { page } = await signing.visit(kapu.agent(), { response_mode, prompt: 'none' });
    const response = response_mode === 'query.jwt' ? page.url.searchParams.get('response') : fieldsOf(page).response;
    expect((await verified(response!)).payload).toMatchObject({ error: 'login_required', iss: kapu.issuer });
  });
});

describe('a signed response mode that a service is not registered for', () => {
  test.each(['fragment.jwt', 'jwt', 'query.jwt', 'form_post.jwt'])(
    '%s: carries no code, whoever sent the person here',
    async (response_mode) => {
      const { page } = await service.visit(kapu.agent(), { response_mode });
      const inAddress = new URLSearchParams(page.url.hash.slice(1) || page.url.search);
      const response = page.url.pathname === '/callback' ? inAddress.get('response') : fieldsOf(page).response;
      const facts = response ? (await verified(response, 'demo-native')).payload : Object.fromEntries(inAddress);
      expect(facts).toMatchObject({
        error: 'invalid_request',
        error_description: expect.stringContaining('response_mode'),
      });
      expect(facts).not.toHaveProperty('code');
    },
  );
});

describe('in a browser', () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await launchBrowser();
  });
  afterAll(() => browser?.close());

  test.each([true, false])('with scripts %s: the answer arrives, from our origin', async (javaScriptEnabled) => {
    received.length = 0;
    const context = await browser.newContext({ javaScriptEnabled, locale: 'en-GB' });
    const page = await context.newPage();
    const complaints: string[] = [];
    page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()));
    const { url } = await service.ask({ response_mode: 'form_post' });
    await page.goto(url.href);
    await page.fill('[name=username]', 'anna');
    await page.fill('[name=password]', password);
    await page.click('button[type=submit]');
    if (!javaScriptEnabled) await page.getByRole('button', { name: 'Continue' }).click();
    await eventually('the service has the answer', () => received.length === 1);
    await page.waitForURL(callback);
    expect(complaints).toEqual([]);
    expect(received[0]!.origin).toBe(kapu.issuer);
    expect(received[0]!.body.get('code')).toEqual(expect.any(String));
    kapu.secrets.add(received[0]!.body.get('code')!);
    await context.close();
  });
});
