/**
 * A browser and the service that it comes from, as light as they can be: hundreds of them in one process are to measure the server,
 * not themselves. Each has one connection, an address of its own behind a trusted proxy, and a patience.
 */

import { createHash, randomBytes } from 'node:crypto';
import { Agent, type OutgoingHttpHeaders, request } from 'node:http';

export interface Answer {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  body: string;
  url: URL;
  /** From when it was asked for until the last byte, in milliseconds. */
  took: number;
}

/** No answer within the visitor's patience. */
export class Hung extends Error {}

export const clientId = 'demo-native';
export const redirectUri = 'http://127.0.0.1:45454/callback';

const random = () => randomBytes(32).toString('base64url');

/** One request over `agent`. Throws Hung when the answer is not there in `patience` milliseconds. */
export function ask(
  agent: Agent,
  url: URL,
  patience: number,
  { form, headers = {} }: { form?: Record<string, string>; headers?: OutgoingHttpHeaders } = {},
): Promise<Answer> {
  const asked = performance.now();
  const body = form && new URLSearchParams(form).toString();
  const about = body === undefined ? {} : { 'content-type': 'application/x-www-form-urlencoded' };
  return new Promise((resolve, reject) => {
    const sent = request(url, { agent, method: form ? 'POST' : 'GET', headers: { ...about, ...headers } }, (answer) => {
      let text = '';
      answer.setEncoding('utf8').on('data', (chunk) => {
        text += chunk;
      });
      answer.on('error', fail);
      answer.on('end', () => {
        clearTimeout(timer);
        resolve({
          status: answer.statusCode!,
          headers: answer.headers,
          body: text,
          url,
          took: performance.now() - asked,
        });
      });
    });
    const fail = (fault: Error) => {
      clearTimeout(timer);
      reject(fault);
    };
    const timer = setTimeout(() => {
      const hung = new Hung(`no answer from ${url.pathname} within ${patience} ms`);
      sent.destroy(hung);
      reject(hung);
    }, patience);
    sent.on('error', fail);
    sent.end(body);
  });
}

/** Somebody at a browser. */
export class Visitor {
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 1 });
  readonly #cookies = new Map<string, string>();
  readonly #headers: Record<string, string>;
  readonly issuer: string;
  readonly #patience: number;
  /** Every answer so far. */
  readonly answers: Answer[] = [];

  /** `address`: where the proxy says that they come from. `patience` in milliseconds, for each request. */
  constructor(issuer: string, address: string, patience: number) {
    this.issuer = issuer;
    this.#patience = patience;
    this.#headers = { 'x-forwarded-for': address, accept: 'text/html', 'accept-language': 'en' };
  }

  /**
   * Goes to `url`, with `form` by POST, and wherever the server sends the browser on, up to the service's callback.
   * `from`: where they are this time.
   */
  async go(url: string | URL, form?: Record<string, string>, from?: string): Promise<Answer> {
    let next = new URL(url, this.issuer);
    let fields = form;
    for (;;) {
      const headers: Record<string, string> = { ...this.#headers };
      const cookies = [...this.#cookies].filter(([key]) => next.pathname.startsWith(key.split(' ')[1]!));
      if (cookies.length > 0)
        headers.cookie = cookies.map(([key, value]) => `${key.split(' ')[0]}=${value}`).join('; ');
      if (from) headers['x-forwarded-for'] = from;
      if (fields) headers.origin = this.issuer;
      const answer = await ask(this.#agent, next, this.#patience, { form: fields, headers });
      this.answers.push(answer);
      for (const cookie of answer.headers['set-cookie'] ?? []) this.#keep(cookie);
      const { location } = answer.headers;
      if (typeof location !== 'string') return answer;
      next = new URL(location, next);
      if (next.origin !== this.issuer) return { ...answer, url: next };
      fields = undefined;
    }
  }

  #keep(cookie: string): void {
    const [, name, value] = /^([^=]+)=([^;]*)/.exec(cookie)!;
    const key = `${name} ${/;\s*path=([^;]+)/i.exec(cookie)?.[1] ?? '/'}`;
    if (value) this.#cookies.set(key, value);
    else this.#cookies.delete(key);
  }

  /** Where the service sends the browser, and how it redeems what comes back. */
  begin(parameters: Record<string, string> = {}): { url: URL; redeem(callback: URL): Promise<Answer> } {
    const verifier = random();
    const url = new URL('/auth', this.issuer);
    url.search = new URLSearchParams({
      client_id: clientId,
      redirect_uri: redirectUri,
      response_type: 'code',
      scope: 'openid',
      state: random(),
      nonce: random(),
      code_challenge: createHash('sha256').update(verifier).digest('base64url'),
      code_challenge_method: 'S256',
      ...parameters,
    }).toString();
    return {
      url,
      redeem: async (callback) => {
        const code = callback.searchParams.get('code');
        if (!code) throw new Error(`no code came back: ${callback.search}`);
        const form = {
          grant_type: 'authorization_code',
          client_id: clientId,
          redirect_uri: redirectUri,
          code,
          code_verifier: verifier,
        };
        const answer = await ask(this.#agent, new URL('/token', this.issuer), this.#patience, { form });
        this.answers.push(answer);
        return answer;
      },
    };
  }

  leave(): void {
    this.#agent.destroy();
  }
}
