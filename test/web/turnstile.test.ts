import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, test } from '@jest/globals';
import { createTurnstile, type TurnstileOptions } from '../../src/web/turnstile.ts';
import { eventually } from '../support/eventually.ts';

let server: Server;
afterEach(() => {
  server.closeAllConnections();
  server.close();
});

/** A server behind a turnstile that keeps the event loop busy for `work` milliseconds a request. */
async function start(options: Partial<TurnstileOptions> = {}, work = 0) {
  const served: string[] = [];
  const turned = { away: 0 };
  const turnstile = createTurnstile({
    length: 1000,
    patience: 5,
    turnedAway: () => {
      turned.away++;
    },
    ...options,
  });
  server = createServer((request, response) =>
    turnstile(request, response, () => {
      served.push(request.url!);
      for (const until = performance.now() + work; performance.now() < until; );
      response.end('served');
    }),
  ).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const at = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { served, turned, get: (path: string, init?: RequestInit) => fetch(`${at}${path}`, init) };
}

describe('turnstile', () => {
  test('all are served, in the order they came', async () => {
    const { get, served, turned } = await start();
    const paths = Array.from({ length: 50 }, (_, n) => `/auth?n=${n}`);
    const answers = await Promise.all(paths.map((path) => get(path)));
    expect(answers.every(({ status }) => status === 200)).toBe(true);
    expect(served.toSorted()).toEqual(paths.toSorted());
    expect(turned.away).toBe(0);
  });

  test('services go past those who wait', async () => {
    const { get, served } = await start({}, 20);
    const people = Array.from({ length: 40 }, () => get('/interaction/a/password'));
    await eventually('the first person is served', () => served.length > 0);
    expect((await get('/token', { method: 'POST' })).status).toBe(200);
    expect(served.indexOf('/token')).toBeLessThan(30);
    await Promise.all(people);
    expect(served).toHaveLength(41);
  });

  test('people at their own pages wait like those who sign in', async () => {
    const { get, turned } = await start({ length: 3 }, 30);
    const answers = await Promise.all(Array.from({ length: 30 }, () => get('/account/sessions')));
    expect(answers.filter(({ status }) => status === 503)).toHaveLength(turned.away);
    expect(turned.away).toBeGreaterThan(0);
  });

  test('past its length: 503 with Retry-After at once, in both languages, with a way on and no script', async () => {
    const { get, served, turned } = await start({ length: 3, patience: 7 }, 30);
    const answers = await Promise.all(Array.from({ length: 30 }, () => get('/session/end')));
    const busy = answers.filter(({ status }) => status === 503);
    expect(busy.length).toBeGreaterThan(0);
    expect([turned.away, served.length]).toEqual([busy.length, 30 - busy.length]);
    const [one] = busy;
    expect(one!.headers.get('retry-after')).toBe('7');
    expect(one!.headers.get('cache-control')).toBe('no-store');
    expect(one!.headers.get('content-security-policy')).toContain("default-src 'none'");
    const page = await one!.text();
    for (const words of ['lang="hu"', 'Most sokan', 'lang="en"', 'Many people', '<a href="">'])
      expect(page).toContain(words);
  });

  test('who has waited longer than the patience is sent away, and not served', async () => {
    const { get, served, turned } = await start({ patience: 0.05 }, 25);
    const answers = await Promise.all(Array.from({ length: 20 }, () => get('/auth')));
    expect(answers.filter(({ status }) => status === 503).length).toBe(turned.away);
    expect(turned.away).toBeGreaterThan(0);
    expect(served.length).toBe(20 - turned.away);
  });

  test('who has left takes no turn', async () => {
    const { get, served } = await start({}, 20);
    const left = new AbortController();
    const first = get('/auth?first');
    const gone = Array.from({ length: 10 }, () => get('/auth?gone', { signal: left.signal }).catch(() => 'gone'));
    await eventually('the first is served', () => served.length > 0);
    left.abort();
    await Promise.all([first, ...gone]);
    await get('/auth?last');
    expect(served.at(-1)).toBe('/auth?last');
    expect(served.length).toBeLessThan(12);
  });

  test('a word that only begins like a path of people is none', async () => {
    const { get, served } = await start({ length: 0 });
    expect((await get('/authentic')).status).toBe(200);
    expect((await get('/auth')).status).toBe(503);
    expect(served).toEqual(['/authentic']);
  });
});
