/** What every answer to a made-up request must be, and what the server must still be after all of them. */

import { decodeJwt } from 'jose';
import type { Input } from './fuzz-requests.ts';
import type { Answer } from './fuzz-wire.ts';
import { clients, verifier, type World } from './fuzz-world.ts';

/** Words of the insides: of Node, of libraries, of stores, of paths. */
const insides =
  /\n\s+at \S|node_modules|\.[cm]?[jt]s:\d+|file:\/\/\/(?!etc)|\b(Type|Reference|Syntax|Range|URI)Error\b|Cannot read|is not a function|undefined is not|\[object Object\]|oidc-provider|\bkoa\b|sqlite|argon2|ioredis|\bERR_[A-Z]/i;

export class Judge {
  readonly #world: World;
  readonly #statuses = new Map<string, number>();
  /** Answers judged. */
  count = 0;

  constructor(world: World) {
    this.#world = world;
  }

  /** Throws when the answer is not sound; `client` is whose request it was at first. */
  async judge(answer: Answer, client: string, { changes }: Input): Promise<void> {
    this.count += 1;
    const { status, headers, body, asked } = answer;
    const { pathname } = new URL(answer.url);
    const place = `${pathname.replace(/\/interaction\/[^/]*/, '/interaction').slice(0, 30)} ${status}`;
    this.#note(place);
    const wrong = (what: string) => {
      throw new Error(
        `${what}: ${status} ${JSON.stringify(headers)}\n${body.slice(0, 1000)}\nto ${asked.slice(0, 4000)}`,
      );
    };
    if (status >= 500) wrong('a fault');
    const told = `${JSON.stringify(headers)}\n${body}`;
    const inside = insides.exec(told);
    if (inside && !asked.includes(inside[0])) wrong(`it tells of its insides: ${inside[0]}`);
    if (headers['x-injected'] || headers['set-cookie']?.some((line) => line.startsWith('injected')))
      wrong('a header was put in');
    if (String(headers['content-type']).startsWith('text/html') && body.includes('<i>fuzz')) wrong('markup was put in');
    const form = /<form\b[^>]*\baction="(https?:[^"]*)"/.exec(body)?.[1];
    if (form !== undefined)
      await this.#judgeLocation(form.replaceAll('&amp;', '&'), answer, client, changes.some(mayChangeClient), wrong);
    if (headers.location !== undefined)
      await this.#judgeLocation(headers.location, answer, client, changes.some(mayChangeClient), wrong);
    if (String(headers['content-type']).includes('json')) this.#judgeJson(body, wrong);
  }

  async #judgeLocation(
    location: string,
    { url, body }: Answer,
    client: string,
    anyClient: boolean,
    wrong: (what: string) => void,
  ): Promise<void> {
    const { issuer, settings } = this.#world.kapu;
    const to = new URL(location, url);
    if (to.origin === new URL(issuer).origin) return;
    if (url.pathname === '/' && location === settings.deployment.help.url) return;
    const who = anyClient || !clients[client] ? Object.keys(clients) : [client];
    const registered = who.flatMap((id) =>
      url.pathname.startsWith('/session/end') ? clients[id]!.loggedOut : clients[id]!.redirect,
    );
    // On loopback the port is the service's choice (RFC 8252, 7.3). What is registered has neither query nor fragment.
    const bare = location.replace(/[?#].*$/s, '').replace(/^http:\/\/127\.0\.0\.1:\d+\//, 'http://127.0.0.1/');
    if (!registered.includes(bare)) wrong(`sent to ${location}`);
    const code = codeIn(to, body);
    if (!code) return;
    for (const id of who) await this.#redeem(id, code, location.replace(/[?#].*$/s, ''), wrong);
  }

  /** What a code is worth that came of a made-up request. */
  async #redeem(client: string, code: string, redirectUri: string, wrong: (what: string) => void): Promise<void> {
    if (clients[client]!.secret || client === 'asserter') return;
    const fields = { grant_type: 'authorization_code', code, redirect_uri: redirectUri, code_verifier: verifier };
    const tokens = await this.#world.token(client, fields);
    this.#judgeJson(JSON.stringify(tokens), wrong);
  }

  #judgeJson(body: string, wrong: (what: string) => void): void {
    let members: unknown;
    try {
      members = JSON.parse(body);
    } catch {
      return;
    }
    if (typeof members !== 'object' || members === null) return;
    const { id_token: idToken, access_token: accessToken, acr } = members as Record<string, unknown>;
    const levels = [
      acr,
      ...[idToken, accessToken].map((token) =>
        /^ey[\w-]+\.[\w-]+\.[\w-]*$/.test(String(token)) ? decodeJwt(String(token)).acr : undefined,
      ),
    ];
    if (levels.some((level) => level !== undefined && level !== 'basic'))
      wrong(`a level that nobody proved: ${levels}`);
  }

  /** The same for all that came on a connection. */
  judgeRaw(told: string, sent: string): void {
    this.count += 1;
    const statuses = [...told.matchAll(/^HTTP\/1\.1 (\d{3}) /gm)].map(([, status]) => Number(status));
    for (const status of statuses) this.#note(`a connection of its own ${status}`);
    const inside = insides.exec(told);
    const help = this.#world.kapu.settings.deployment.help.url;
    const locations = [...told.matchAll(/^location: (.*?)\r?$/gim)].map(([, location]) => location!);
    // The bare address leads to help; everything else stays here.
    const elsewhere = locations.some((location) => location !== help && !/^\/(?![/\\])/.test(location));
    if (statuses.some((status) => status >= 500) || (inside && !sent.includes(inside[0])) || elsewhere)
      throw new Error(`${told.slice(0, 2000)}\nto ${JSON.stringify(sent)}`);
  }

  #note(place: string): void {
    this.#statuses.set(place, (this.#statuses.get(place) ?? 0) + 1);
  }

  /** How many answers there were of places and statuses that match. */
  counted(place: RegExp): number {
    return [...this.#statuses].reduce((sum, [name, count]) => sum + (place.test(name) ? count : 0), 0);
  }

  /** What is wrong with the server after it all: faults in its log, proofs and levels that nobody can have. */
  async aftermath(): Promise<string[]> {
    const { kapu, fetched } = this.#world;
    const faults = kapu.log.filter((line) => /^\{"level":"(error|fatal)"/.test(line));
    const entries = await kapu.records.audit.list({ limit: 1_000_000 });
    const raised = entries.filter(
      ({ event, detail }) =>
        event === 'email-code.passed' || (event === 'sign-in.completed' && detail?.acr !== 'basic'),
    );
    return [
      ...faults,
      ...raised.map((entry) => JSON.stringify(entry)),
      ...(fetched() > 0 ? ['it has fetched an address out of a request'] : []),
    ];
  }

  toString(): string {
    const counted = [...this.#statuses].sort().map(([place, count]) => `${place}: ${count}`);
    return `${this.count} answers\n${counted.join('\n')}`;
  }
}

/** The client of a request may have become another. */
function mayChangeClient(change: Input['changes'][number]): boolean {
  if (change.change === 'set') return ['client_id', 'request', 'request_uri', 'id_token_hint'].includes(change.name);
  return ['twice', 'swap', 'splice', 'tamper', 'rename', 'drop', 'cookies', 'path', 'method', 'header'].includes(
    change.change,
  );
}

/** The code in an address, whichever way it comes: in the query, the fragment, a signed answer, or a form. */
function codeIn({ searchParams, hash }: URL, body: string): string | undefined {
  const fields = [...body.matchAll(/name="(\w+)" value="([^"]*)"/g)].map(([, name, value]): [string, string] => [
    name!,
    value!,
  ]);
  const answers = [searchParams, new URLSearchParams(hash.slice(1)), new URLSearchParams(fields)];
  const code = answers.map((answer) => answer.get('code')).find(Boolean);
  const signed = answers.map((answer) => answer.get('response')).find(Boolean);
  return code ?? (signed ? (decodeJwt(signed).code as string | undefined) : undefined);
}
