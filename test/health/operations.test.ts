import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, test } from '@jest/globals';
import { createOperations } from '../../src/health.ts';
import { createMetrics, type Metrics } from '../../src/metrics.ts';

let server: Server | undefined;
afterEach(() => {
  server?.close();
  server?.closeAllConnections();
});

async function ask(ready: () => Promise<Record<string, boolean>>, metrics: Metrics = createMetrics()) {
  server = createServer(createOperations({ ready, metrics })).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return (path: string, init?: RequestInit) => fetch(`http://127.0.0.1:${port}${path}`, init);
}

const allReady = async () => ({ state: true, records: true, keys: true });

describe('health', () => {
  test('lives while it answers, whatever the stores do', async () => {
    const get = await ask(async () => ({ state: false }));
    const answer = await get('/health/live');
    expect(answer.status).toBe(200);
    expect(answer.headers.get('cache-control')).toBe('no-store');
    expect(await answer.json()).toEqual({ live: true });
  });

  test('ready when every part is', async () => {
    const get = await ask(allReady);
    const answer = await get('/health/ready?verbose');
    expect([answer.status, await answer.json()]).toEqual([200, { ready: true, parts: await allReady() }]);
  });

  test('503 when one is not, and it names it', async () => {
    const get = await ask(async () => ({ state: true, records: false }));
    const answer = await get('/health/ready');
    expect([answer.status, await answer.json()]).toEqual([
      503,
      { ready: false, parts: { state: true, records: false } },
    ]);
  });

  test('503 when the check itself breaks, without its words', async () => {
    const get = await ask(async () => {
      throw new Error('secret detail');
    });
    const answer = await get('/health/ready');
    expect(answer.status).toBe(503);
    expect(await answer.text()).not.toContain('secret');
  });

  test('nothing else is here, and nothing is changed', async () => {
    const get = await ask(allReady);
    expect((await get('/auth')).status).toBe(404);
    const posted = await get('/health/live', { method: 'POST' });
    expect([posted.status, posted.headers.get('allow')]).toEqual([405, 'GET, HEAD']);
    expect(await (await get('/health/live', { method: 'HEAD' })).text()).toBe('');
  });
});

describe('metrics', () => {
  test('count requests, sign-ins, mails and the queue', async () => {
    const metrics = createMetrics();
    metrics.countRequest('/interaction/:uid', 'GET', 200, 0.012);
    metrics.countRequest('none', 'BREW\nkapu', 404, 0.001);
    metrics.signIns.inc({ outcome: 'finished', level: 'plus' });
    metrics.mails.inc({ outcome: 'sent' });
    metrics.watchQueue(() => ({ running: 2, waiting: 7, oldest: 0.5, refused: 3 }));
    const answer = await (await ask(allReady, metrics))('/metrics');
    const text = await answer.text();
    expect(answer.headers.get('content-type')).toContain('text/plain');
    expect(text).toContain('kapu_http_request_seconds_count{route="/interaction/:uid",method="GET",status="200"} 1');
    expect(text).toContain('route="none",method="other"');
    expect(text).toContain('kapu_sign_ins_total{outcome="finished",level="plus"} 1');
    expect(text).toContain('kapu_mails_total{outcome="sent"} 1');
    expect(text).toContain('kapu_password_queue_length 7');
    expect(text).toContain('kapu_password_queue_oldest_seconds 0.5');
    expect(text).toContain('kapu_password_queue_refused_total 3');
    expect(await metrics.text()).toContain('kapu_password_queue_refused_total 3');
    expect(text).toContain('process_cpu_seconds_total');
  });

  test('show which parts are ready, and are there when looking breaks', async () => {
    const metrics = createMetrics();
    let ready = async (): Promise<Record<string, boolean>> => ({ state: true, records: false });
    metrics.watchReadiness(() => ready());
    const text = await metrics.text();
    expect(text).toContain('kapu_ready{part="state"} 1');
    expect(text).toContain('kapu_ready{part="records"} 0');
    ready = async () => {
      throw new Error('broken');
    };
    expect(await metrics.text()).toContain('kapu_ready{part="check"} 0');
  });

  test('two servers in one process count apart', async () => {
    const [one, two] = [createMetrics(), createMetrics()];
    one.mails.inc({ outcome: 'failed' });
    expect(await one.text()).toContain('kapu_mails_total{outcome="failed"} 1');
    expect(await two.text()).toContain('kapu_mails_total{outcome="failed"} 0');
  });
});
