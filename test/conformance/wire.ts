/** Requests of a relying party as they go over the wire: over http or https, with a certificate of its own where it has one. */

import { request as overHttp } from 'node:http';
import { request as overHttps } from 'node:https';

/** The certificate that a client shows, and the authority that it trusts; PEM. And how patient it is. */
export interface Certificate {
  key?: string;
  cert?: string;
  ca?: string;
  /** False: whatever certificate the other shows will do. */
  rejectUnauthorized?: boolean;
  /** Milliseconds without a word from the other; none for as long as it takes. */
  timeout?: number;
}

/** `fetch` as openid-client takes it, with `certificate`. Redirects are not followed. */
export function wire(certificate: Certificate = {}) {
  return (
    url: string | URL,
    { method = 'GET', headers = {}, body }: { method?: string; headers?: Record<string, string>; body?: unknown } = {},
  ): Promise<Response> =>
    new Promise((resolve, reject) => {
      const text = body === undefined || body === null ? undefined : String(body);
      const form = body instanceof URLSearchParams && { 'content-type': 'application/x-www-form-urlencoded' };
      const target = new URL(url);
      const options = { method, headers: { ...form, ...headers }, agent: false as const, timeout: certificate.timeout };
      const sent =
        target.protocol === 'https:' ? overHttps(target, { ...options, ...certificate }) : overHttp(target, options);
      sent.on('response', (answer) => {
        const chunks: Buffer[] = [];
        answer.on('data', (chunk: Buffer) => chunks.push(chunk));
        answer.on('error', reject);
        answer.on('end', () => {
          const status = answer.statusCode!;
          const all = Object.entries(answer.headersDistinct).flatMap(([name, values]) =>
            (values ?? []).map((value): [string, string] => [name, value]),
          );
          const content = Buffer.concat(chunks);
          resolve(new Response(status === 204 || status === 304 ? null : content, { status, headers: all }));
        });
      });
      sent.on('timeout', () => sent.destroy(new Error(`no answer within ${certificate.timeout} ms`)));
      sent.on('error', reject);
      sent.end(text);
    });
}

/** An answer that was read. */
export interface Answer {
  status: number;
  headers: Headers;
  body: { error?: string; error_description?: string; [name: string]: unknown };
  text: string;
}

/** Reads an answer; its body as JSON where it is. */
export async function read(response: Response): Promise<Answer> {
  const text = await response.text();
  const isJson = response.headers.get('content-type')?.includes('json');
  return { status: response.status, headers: response.headers, body: isJson ? JSON.parse(text) : {}, text };
}
