/**
 * A browser without a screen: keeps cookies as browsers do, follows redirects on one server, and fills in forms.
 * It stops where a redirect leaves the server, as at the service's callback.
 */

import { CookieJar } from 'tough-cookie';

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
}

export class Agent {
  readonly jar: CookieJar;
  readonly options: AgentOptions;

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

  post(url: string | URL, fields: Record<string, string>, headers: Record<string, string> = {}): Promise<Page> {
    return this.#send('POST', new URL(url, this.options.origin), new URLSearchParams(fields), headers);
  }

  /** Submits the page's form with `fields` beside its hidden inputs; a button is a field with its name. */
  submit(page: Page, fields: Record<string, string>): Promise<Page> {
    const { action, hidden } = formOf(page);
    return this.post(new URL(action, page.url), { ...hidden, ...fields }, { origin: page.url.origin });
  }

  async #send(
    method: string,
    start: URL,
    start_body: URLSearchParams | undefined,
    extra: Record<string, string>,
  ): Promise<Page> {
    let url = start;
    let verb = method;
    let body = start_body;
    const through: string[] = [];
    for (let hops = 0; hops < 20; hops++) {
      const response = await fetch(url, {
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
      for (const cookie of response.headers.getSetCookie())
        await this.jar.setCookie(cookie, url.href, { ignoreError: true });
      const location = response.headers.get('location');
      if (!location || response.status < 300 || response.status > 399)
        return { status: response.status, url, html: await response.text(), headers: response.headers, through };
      await response.arrayBuffer();
      const next = new URL(location, url);
      through.push(next.href);
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

/** What a page says, without its markup. */
export function textOf(page: Page): string {
  return page.html
    .replaceAll(/<(script|style)[\s\S]*?<\/\1>/g, ' ')
    .replaceAll(/<[^>]+>/g, ' ')
    .replaceAll(/\s+/g, ' ')
    .trim();
}
