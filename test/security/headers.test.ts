/** What every page comes with, and what no header of a request can change (ASVS 3.3, 3.4, 15.3.4; docs/design.md, traps 12 and 16). */

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { atCodePage, credentials, signIn } from '../flow/journey.ts';
import { type Page, rawRequest } from '../support/agent.ts';
import { roomy, startKapu, type TestKapu } from '../support/kapu.ts';
import type { RelyingParty } from '../support/relying-party.ts';
import { expectReference } from './answers.ts';

let kapu: TestKapu;
let service: RelyingParty;
const pages = new Map<string, Page>();

beforeAll(async () => {
  kapu = await startKapu({ change: roomy });
  service = await kapu.service();
  const agent = kapu.agent();
  const { page } = await service.visit(agent, { acr_values: 'plus' });
  pages.set('password', page);
  pages.set('wrong password', await agent.submit(page, { username: 'anna', password: 'wrong password' }));
  const code = await agent.submit(page, credentials('anna'));
  pages.set('code', code);
  pages.set('wrong code', await agent.submit(code, { code: '12' }));
  pages.set('stale', (await atCodePage(kapu, service)).page);
  const library = await kapu.service({ clientId: 'demo-library' });
  const reader = kapu.agent();
  pages.set('consent', await reader.submit((await library.visit(reader)).page, credentials('anna')));
  const chooser = kapu.agent();
  await signIn(kapu, service, chooser);
  pages.set('choose an account', (await service.visit(chooser, { prompt: 'select_account' })).page);
  pages.set('sign out', await chooser.get('/session/end'));
  pages.set('signed out', await chooser.get('/session/end/success'));
  pages.set('not found', await agent.get('/nothing/here'));
  pages.set('gone', await agent.get('/interaction/nothing'));
  pages.set('wrong request', await agent.get('/auth?client_id=nobody'));
  pages.set('foreign form', await agent.post(page.url, {}, { origin: 'https://evil.example' }));
  pages.set('too large', await agent.post(page.url, { x: 'x'.repeat(100_000) }, { origin: kapu.issuer }));
});
afterAll(async () => {
  expect(await kapu.leaks()).toEqual([]);
  await kapu.stop();
});

const names = [
  ...['password', 'wrong password', 'code', 'wrong code', 'stale', 'consent', 'choose an account'],
  ...['sign out', 'signed out', 'not found', 'gone', 'wrong request', 'foreign form', 'too large'],
];

/** A policy as its directives. */
function policyOf(page: Page): Record<string, string[]> {
  const policy = page.headers.get('content-security-policy') ?? '';
  return Object.fromEntries(
    policy.split(';').map((directive) => {
      const [name = '', ...sources] = directive.trim().split(/\s+/);
      return [name, sources];
    }),
  );
}

describe.each(names)('the page %s', (name) => {
  test('may load nothing but our own, run nothing inline, and stand in no frame', () => {
    const page = pages.get(name)!;
    expect(page.headers.get('content-type')).toBe('text/html; charset=utf-8');
    const policy = policyOf(page);
    expect(policy).toMatchObject({
      'default-src': ["'none'"],
      'base-uri': ["'none'"],
      'object-src': ["'none'"],
      'frame-ancestors': ["'none'"],
      'style-src': ["'self'"],
    });
    expect(JSON.stringify(policy)).not.toMatch(/unsafe|\*|data:|http:\/\/localhost/);
    expect(policy['script-src'] ?? ["'self'"]).toEqual(["'self'"]);
    expect(policy['form-action']![0]).toBe("'self'");
  });

  test('holds no inline script, style or handler, and names no other server', () => {
    const { html } = pages.get(name)!;
    expect(html).not.toMatch(/<script(?![^>]*\bsrc=)|<style|\sstyle=|\son\w+=|javascript:/i);
    const loads = [...html.matchAll(/<(?:link|script|img|iframe|source)\b[^>]*?\b(?:href|src)="([^"]*)"/g)];
    expect(loads.length).toBeGreaterThan(0);
    for (const [, address] of loads) expect(address).toMatch(/^\/assets\//);
  });

  test('is kept nowhere, guessed at by nobody, and tells no other site where it was', () => {
    const { headers } = pages.get(name)!;
    expect(headers.get('cache-control')).toBe('no-store');
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('x-frame-options')).toBe('DENY');
    expect(headers.get('referrer-policy')).toBe('same-origin');
    expect(headers.get('cross-origin-opener-policy')).toBe('same-origin');
    expect(headers.get('x-powered-by')).toBeNull();
    expect(headers.get('server')).toBeNull();
  });
});

describe('form-action', () => {
  test.each(['password', 'wrong password', 'code', 'wrong code', 'consent', 'choose an account'])(
    'of %s lets the browser go on to the service, and nowhere else',
    (name) => {
      expect(policyOf(pages.get(name)!)['form-action']).toEqual(["'self'", 'http://127.0.0.1:45454']);
    },
  );

  test.each(['not found', 'gone', 'wrong request', 'foreign form'])('of %s leads nowhere but here', (name) => {
    expect(policyOf(pages.get(name)!)['form-action']).toEqual(["'self'"]);
  });
});

describe('another host', () => {
  const path = '/.well-known/openid-configuration';
  const own = () => new URL(kapu.issuer).host;
  test.each<[string, Record<string, string>]>([
    ['in Host', { host: 'evil.example' }],
    ['in Host, with our port', { host: 'evil.example:3000' }],
    ['in X-Forwarded-Host', { 'x-forwarded-host': 'evil.example' }],
    ['in X-Forwarded-Host, before ours', { 'x-forwarded-host': 'evil.example, localhost' }],
    ['that holds ours', { host: 'localhost.evil.example' }],
    ['that is an address', { host: '127.0.0.1' }],
    ['with a user', { host: 'localhost@evil.example' }],
  ])('%s is misdirected (421)', async (_where, headers) => {
    for (const asked of [path, '/auth?client_id=demo-native', '/token', '/']) {
      const answer = await rawRequest(kapu.issuer, { path: asked, headers: { accept: 'text/html', ...headers } });
      expect(answer.status).toBe(421);
      expect(answer.body).not.toContain('evil.example');
      expect(answer.headers.location).toBeUndefined();
    }
  });

  test('in the request line is misdirected, too', async () => {
    const answer = await rawRequest(kapu.issuer, {
      path: `http://evil.example${path}`,
      headers: { host: 'evil.example' },
    });
    expect(answer.status).toBe(421);
  });

  test.each<[string, Record<string, string>]>([
    ['X-Forwarded-Port', { 'x-forwarded-port': '1' }],
    ['X-Forwarded-Prefix', { 'x-forwarded-prefix': '//evil.example' }],
    ['Forwarded', { forwarded: 'for=1.2.3.4;host=evil.example;proto=https' }],
    ['X-Original-URL', { 'x-original-url': '/nothing' }],
    ['X-HTTP-Method-Override', { 'x-http-method-override': 'DELETE' }],
    ['X-Forwarded-For', { 'x-forwarded-for': '<script>, 1.2.3.4, "\'' }],
  ])('%s changes nothing that is answered', async (_name, headers) => {
    const plain = await rawRequest(kapu.issuer, { path, headers: { host: own() } });
    const answer = await rawRequest(kapu.issuer, { path, headers: { host: own(), ...headers } });
    expect([answer.status, answer.body]).toEqual([200, plain.body]);
    expect(plain.body).toContain(`"issuer":"${kapu.issuer}"`);
  });
});

describe('another scheme', () => {
  test.each(['javascript', 'https', 'http, https', ''])('%j in X-Forwarded-Proto is in no answer', async (scheme) => {
    const headers = { host: new URL(kapu.issuer).host, 'x-forwarded-proto': scheme };
    const { status, body } = await rawRequest(kapu.issuer, { path: '/.well-known/openid-configuration', headers });
    expect([200, 400]).toContain(status);
    expect(body).not.toMatch(/javascript:|https:/);
  });
});

describe('an address that leads away', () => {
  test.each(['//evil.example/', '/\\evil.example/', '/%2f%2fevil.example', '/auth/..//evil.example'])(
    '%s stays here, in its links too',
    async (path) => {
      const answer = await rawRequest(kapu.issuer, {
        path,
        headers: { host: new URL(kapu.issuer).host, accept: 'text/html' },
      });
      expect([404, 410]).toContain(answer.status);
      expect(answer.headers.location).toBeUndefined();
      expect(answer.body).not.toMatch(/href="(\/\/|\/\\|https?:\/\/evil)/);
    },
  );
});

describe('an error page', () => {
  test.each(['not found', 'gone', 'wrong request', 'foreign form', 'too large'])(
    '(%s) names a reference that the log has',
    (name) => {
      expectReference(kapu, pages.get(name)!);
    },
  );

  test('shows what was sent as text', async () => {
    const markup = '<script>alert(1)</script>';
    const page = await kapu
      .agent()
      .get(`/auth?client_id=${encodeURIComponent(markup)}&ui_locales=${encodeURIComponent(markup)}`);
    expect(page.html).not.toContain('<script>alert');
  });
});

describe('behind a proxy that speaks TLS', () => {
  test('cookies are for TLS alone, the session has the prefix that says so, and browsers are told to stay with TLS', async () => {
    const secure = await startKapu({
      change(settings) {
        roomy(settings);
        settings.issuer = 'https://login.example';
      },
    });
    try {
      const origin = `http://localhost:${secure.settings.listen.port}`;
      const headers: Record<string, string> = {
        host: 'login.example',
        'x-forwarded-proto': 'https',
        accept: 'text/html',
      };
      const cookies = new Map<string, string>();
      const send = async (path: string, body?: string) => {
        const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ');
        const type = body === undefined ? {} : { 'content-type': 'application/x-www-form-urlencoded' };
        const method = body === undefined ? 'GET' : 'POST';
        const answer = await rawRequest(origin, { method, path, headers: { ...headers, cookie, ...type } }, body);
        for (const each of answer.headers['set-cookie'] ?? []) {
          if (!each.startsWith('kapu-language')) expect(each).toMatch(/; secure(;|$)/);
          expect(each).toMatch(/; httponly(;|$)/);
          const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(each)!;
          if (value) cookies.set(name, value);
        }
        expect(answer.headers['strict-transport-security']).toBe('max-age=63072000; includeSubDomains');
        return answer;
      };
      const { url } = await service.ask();
      let answer = await send(`/auth${url.search}`);
      const page = new URL(answer.headers.location!, 'https://login.example').pathname;
      answer = await send(page, String(new URLSearchParams(credentials('anna'))));
      for (let hops = 0; answer.status === 303 && hops < 5; hops++) {
        const next = new URL(answer.headers.location!, 'https://login.example');
        if (next.hostname !== 'login.example') break;
        expect(next.protocol).toBe('https:');
        answer = await send(next.pathname);
      }
      expect(answer.headers.location).toMatch(/^http:\/\/127\.0\.0\.1:45454\/callback\?code=/);
      const session = answer.headers['set-cookie']!.find((each) => each.startsWith('__Host-kapu-session='));
      expect(session).toMatch(/; path=\/;/);
      expect(session).not.toMatch(/domain/i);
      const plain = await rawRequest(origin, { path: `/auth${url.search}`, headers: { host: 'login.example' } });
      expect(plain.status).toBe(400);
    } finally {
      await secure.stop();
    }
  });
});
