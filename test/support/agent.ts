/**
 * A browser without a screen: keeps cookies as browsers do, follows redirects on one server, and fills in forms.
 * It stops where a redirect leaves the server, as at the service's callback.
 */

import { type IncomingHttpHeaders, type RequestOptions, request } from 'node:http';
import { CookieJar } from 'tough-cookie';
import { addCookie, addNamed } from './overheard.ts';

export interface Page {
  status: number;
  url: URL;
  html: string;
  headers: Headers;
  /** Redirects followed on the way, in order. */
  through: string[];
}

export interface AgentOptions {
  /** The server whose redirects are followed. */
  origin: string;
  language?: string;
  userAgent?: string;
  /** Gets everything secret that this browser sends or is given: passwords, codes, cookies. */
  secrets?: Set<string>;
  /** Called when no answer came; once it resolves, the same is asked again, as by a person who loads the page again. */
  lost?: (fault: unknown) => Promise<void>;
}

/** What a form field may hold, or several values of one field. */
export type Fields = Record<string, string> | [string, string][];

export class Agent {
  readonly jar: CookieJar;
  readonly options: AgentOptions;
  /** How many answers it has had. */
  answers = 0;

  constructor(options: AgentOptions, jar = new CookieJar()) {
    this.options = options;
    this.jar = jar;
  }

  /** Another agent with the cookies as they are now: a copied or stolen browser. */
  copy(): Agent {
    return new Agent(this.options, CookieJar.fromJSON(JSON.stringify(this.jar.toJSON())));
  }

  get(url: string | URL, headers: Record<string, string> = {}): Promise<Page> {
    return this.#send('GET', new URL(url, this.options.origin), undefined, headers);
  }

  post(url: string | URL, fields: Fields, headers: Record<string, string> = {}): Promise<Page> {
    const body = new URLSearchParams(fields);
    this.#remember(body.get('password'), body.get('code'));
    for (const [name, text] of body) addNamed(name, text);
    return this.#send('POST', new URL(url, this.options.origin), body, headers);
  }

  /** Posts `body` as it is, which need not be a form. */
  postRaw(
    url: string | URL,
    body: string | Uint8Array<ArrayBuffer>,
    headers: Record<string, string> = {},
  ): Promise<Page> {
    return this.#send('POST', new URL(url, this.options.origin), body, headers);
  }

  /** The value of the cookie `name` that would be sent to `path`. */
  async cookie(name: string, path = '/'): Promise<string | undefined> {
    const cookies = await this.jar.getCookies(new URL(path, this.options.origin).href);
    return cookies.find(({ key }) => key === name)?.value;
  }

  /** Submits the page's form with `fields` beside its hidden inputs; a button is a field with its name. */
  submit(page: Page, fields: Record<string, string>): Promise<Page> {
    const { action, hidden } = formOf(page);
    return this.post(new URL(action, page.url), { ...hidden, ...fields }, { origin: page.url.origin });
  }

  #remember(...secrets: (string | null)[]): void {
    for (const secret of secrets)
      if (secret && secret.length >= 6 && secret.length < 4096) this.options.secrets?.add(secret);
  }

  async #fetch(url: URL, request: RequestInit): Promise<Response> {
    for (let losses = 0; ; losses++) {
      try {
        const response = await fetch(url, request);
        this.answers += 1;
        return response;
      } catch (fault) {
        if (!this.options.lost || losses === 5) throw fault;
        await this.options.lost(fault);
      }
    }
  }

  async #send(
    method: string,
    start: URL,
    startBody: URLSearchParams | string | Uint8Array<ArrayBuffer> | undefined,
    extra: Record<string, string>,
  ): Promise<Page> {
    let url = start;
    let verb = method;
    let body = startBody;
    const through: string[] = [];
    for (let hops = 0; hops < 20; hops++) {
      const response = await this.#fetch(url, {
        method: verb,
        body,
        redirect: 'manual',
        headers: {
          accept: 'text/html,application/xhtml+xml',
          cookie: await this.jar.getCookieString(url.href),
          'user-agent':
            this.options.userAgent ??
            'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36',
          ...(this.options.language && { 'accept-language': this.options.language }),
          ...extra,
        },
      });
      for (const cookie of response.headers.getSetCookie()) {
        const kept = await this.jar.setCookie(cookie, url.href, { ignoreError: true });
        // Which service and which language are no secrets; every other cookie is.
        if (kept && !/^kapu-(service|language)$/.test(kept.key)) this.#remember(kept.value);
        if (kept) addCookie(kept.key, kept.value);
      }
      const location = response.headers.get('location');
      if (!location || response.status < 300 || response.status > 399)
        return { status: response.status, url, html: await response.text(), headers: response.headers, through };
      await response.arrayBuffer();
      const next = new URL(location, url);
      through.push(next.href);
      this.#remember(next.searchParams.get('code'));
      for (const [name, text] of next.searchParams) addNamed(name, text);
      if (next.origin !== this.options.origin || next.pathname === '/callback')
        return { status: response.status, url: next, html: '', headers: response.headers, through };
      url = next;
      verb = 'GET';
      body = undefined;
    }
    throw new Error(`more than 20 redirects: ${through.join(' ')}`);
  }
}

/** The page's first form that posts: where to, and its hidden inputs. */
export function formOf(page: Page): { action: string; hidden: Record<string, string> } {
  const form = /<form\b[^>]*method="post"[^>]*>([\s\S]*?)<\/form>/i.exec(page.html);
  if (!form) throw new Error(`no form on ${page.url.href} (${page.status}): ${textOf(page).slice(0, 300)}`);
  const action = /\baction="([^"]*)"/.exec(form[0])?.[1] ?? page.url.pathname;
  const hidden: Record<string, string> = {};
  for (const [input] of form[1]!.matchAll(/<input\b[^>]*type="hidden"[^>]*>/gi)) {
    const name = /\bname="([^"]*)"/.exec(input)?.[1];
    if (name) hidden[name] = /\bvalue="([^"]*)"/.exec(input)?.[1] ?? '';
  }
  return { action: action.replaceAll('&amp;', '&'), hidden };
}

/** An answer as it came over the wire. */
export interface RawAnswer {
  status: number;
  headers: IncomingHttpHeaders;
  body: string;
}

/** One request just as `options` say: any method, any headers, any path, nothing added but what HTTP needs. */
export function rawRequest(origin: string, options: RequestOptions, body?: string | Buffer): Promise<RawAnswer> {
  const { hostname, port } = new URL(origin);
  return new Promise((resolve, reject) => {
    const sent = request({ hostname, port, agent: false, ...options }, (answer) => {
      const chunks: Buffer[] = [];
      answer.on('data', (chunk: Buffer) => chunks.push(chunk));
      answer.on('error', reject);
      answer.on('end', () =>
        resolve({ status: answer.statusCode!, headers: answer.headers, body: Buffer.concat(chunks).toString() }),
      );
    });
    sent.on('error', reject);
    sent.end(body);
  });
}

/** What a page says, without its markup. */
export function textOf(page: Page): string {
  return page.html
    .replaceAll(/<(script|style)[\s\S]*?<\/\1>/g, ' ')
    .replaceAll(/<[^>]+>/g, ' ')
    .replaceAll(/\s+/g, ' ')
    .trim();
}
