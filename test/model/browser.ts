/**
 * A browser as a model-based test needs it: cookies by path, redirects on one server, and a stop on the way, so that something else
 * can happen in between. Cheaper than test/support/agent.ts, because it makes a hundred thousand requests.
 */

import { Agent, type IncomingHttpHeaders, request } from 'node:http';

/** What the browser shows, or would show next where it was stopped. */
export interface Shown {
  status: number;
  url: URL;
  html: string;
  /** It was told to stop before this address. */
  held: boolean;
}

/** More redirects than any sign-in needs. */
const most = 9;

export class Browser {
  #cookies = new Map<string, { name: string; value: string; path: string; until: number }>();
  #connections = new Agent({ keepAlive: true, maxSockets: 4 });
  #origin: string;

  constructor(origin: string) {
    this.#origin = origin;
  }

  /** Gets or posts, and follows redirects; stops before an address whose path `hold` matches, and where the server is left. */
  async go(to: string | URL, form?: Record<string, string>, hold?: RegExp): Promise<Shown> {
    let url = new URL(to, this.#origin);
    let body = form && new URLSearchParams(form).toString();
    const through = [url.pathname];
    for (;;) {
      const { status, headers, html } = await this.#send(url, body);
      if (status < 300 || status > 399 || !headers.location) return { status, url, html, held: false };
      url = new URL(headers.location, url);
      body = undefined;
      through.push(url.pathname);
      if (url.origin !== this.#origin) return { status, url, html: '', held: false };
      if (hold?.test(url.pathname)) return { status, url, html: '', held: true };
      if (through.length > most) throw new Error(`no end of redirects: ${through.join(' ')}`);
    }
  }

  close(): void {
    this.#connections.destroy();
  }

  #send(url: URL, body?: string): Promise<{ status: number; headers: IncomingHttpHeaders; html: string }> {
    const headers: Record<string, string> = { accept: 'text/html', 'accept-language': 'en', cookie: this.#for(url) };
    if (body !== undefined)
      Object.assign(headers, { origin: this.#origin, 'content-type': 'application/x-www-form-urlencoded' });
    return new Promise((resolve, reject) => {
      const sent = request(url, { method: body === undefined ? 'GET' : 'POST', agent: this.#connections, headers });
      sent.on('response', (answer) => {
        this.#keep(answer.headers['set-cookie'] ?? []);
        let html = '';
        answer.setEncoding('utf8').on('data', (text) => {
          html += text;
        });
        answer.on('end', () => resolve({ status: answer.statusCode!, headers: answer.headers, html }));
        answer.on('error', reject);
      });
      sent.on('error', reject);
      sent.end(body);
    });
  }

  #for({ pathname }: URL): string {
    const sent = [...this.#cookies.values()].filter(
      ({ path, until }) => (pathname === path || pathname.startsWith(path.replace(/\/?$/, '/'))) && Date.now() < until,
    );
    return sent.map(({ name, value }) => `${name}=${value}`).join('; ');
  }

  #keep(lines: string[]): void {
    for (const line of lines) {
      const [pair, ...attributes] = line.split('; ');
      const [name, value] = pair!.split(/=(.*)/s) as [string, string];
      const attribute = (wanted: string) =>
        attributes.find((text) => text.toLowerCase().startsWith(`${wanted}=`))?.slice(wanted.length + 1);
      const path = attribute('path') ?? '/';
      const expires = attribute('expires');
      const until = expires ? Date.parse(expires) : Number.POSITIVE_INFINITY;
      this.#cookies.set(`${path} ${name}`, { name, value, path, until });
    }
  }
}
