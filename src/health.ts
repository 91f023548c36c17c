/**
 * The operations port: whether the process lives, whether it can serve, and its numbers. Apart from the public port, so
 * that none of it faces the internet. It knows nothing of what it reports: checks and metrics are handed in.
 */

import type { RequestListener, ServerResponse } from 'node:http';
import type { Metrics } from './metrics.ts';

export interface OperationsOptions {
  /** Each part that serving needs, and whether it is there now: stores, schema, keys. Not mail: people can still sign in without. */
  ready: () => Promise<Record<string, boolean>>;
  metrics: Pick<Metrics, 'text' | 'contentType'>;
}

/** Answers requests to the operations port. A part that is not ready makes `/health/ready` answer 503. */
export function createOperations({ ready, metrics }: OperationsOptions): RequestListener {
  return async (request, response) => {
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      response.setHeader('allow', 'GET, HEAD');
      return json(response, 405, { error: 'GET only' });
    }
    switch ((request.url ?? '/').replace(/\?.*$/s, '')) {
      case '/health/live':
        return json(response, 200, { live: true });
      case '/health/ready': {
        // A check that itself breaks is a part that is not ready.
        const parts = await ready().catch(() => ({ check: false }));
        const all = Object.values(parts).every(Boolean);
        return json(response, all ? 200 : 503, { ready: all, parts });
      }
      case '/metrics':
        return answer(response, 200, metrics.contentType, await metrics.text());
      default:
        return json(response, 404, { error: 'here are /health/live, /health/ready and /metrics' });
    }
  };
}

function json(response: ServerResponse, status: number, body: object): void {
  answer(response, status, 'application/json; charset=utf-8', `${JSON.stringify(body)}\n`);
}

function answer(response: ServerResponse, status: number, type: string, body: string): void {
  response.writeHead(status, {
    'content-type': type,
    'content-length': Buffer.byteLength(body),
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
  });
  response.end(body);
}
