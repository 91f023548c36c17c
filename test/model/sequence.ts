/**
 * One sequence: every step is done to the server, over HTTP, and to the model; what browsers see and what services are told
 * must be the same. The transcript says what happened, for the report of a failure.
 */

import { randomUUID } from 'node:crypto';
import { expect } from '@jest/globals';
import { refreshTokenGrant, tokenIntrospection } from 'openid-client';
import { demoPassword } from '../../config/demo.ts';
import { formOf, type Page } from '../support/agent.ts';
import { mailReferenceOn } from '../support/kapu.ts';
import type { Asked } from '../support/relying-party.ts';
import { Browser, type Shown } from './browser.ts';
import type { Counts } from './counts.ts';
import { lives, Model, type Browser as ModelBrowser, type Round, rules, type Seen, type Told } from './model.ts';
import { addressOf, clients, type Server } from './server.ts';
import type { AskStep, Hold, PersonName, Step, Typed } from './steps.ts';
import type { Ask, Client, Person } from './tables.ts';

interface Tab {
  at: Place;
  client: Client;
  ask: Ask;
  asked: Asked;
  /** What it shows, in the model's words, and the page itself. */
  seen: Seen;
  shown: Shown;
  round?: Round;
  past: { round: Round; seen: Seen; shown: Shown }[];
  late: boolean;
  /** A callback that has not been redeemed yet. */
  waiting?: { callback: URL; told: Told; since: number };
  pages: string[];
}

/** A browser, and what the model knows of it. */
interface Place {
  real: Browser;
  model: ModelBrowser;
}

interface Tokens {
  told: Told;
  client: Client;
  place: Place;
  offline: boolean;
  since: number;
  access: string;
  refresh?: string;
  signedInAt: number;
  id: string;
}

const holds = { dispatch: /^\/interaction\/[^/]+$/, resume: /^\/auth\/./ };

/** Does `steps` to a server that remembers nothing of sequences before. Throws at the first difference. */
export async function run(server: Server, steps: Step[], counts: Counts): Promise<void> {
  const sequence = await Sequence.begin(server, counts);
  try {
    for (const step of steps) await sequence.take(step);
    if (process.env.KAPU_SHOW) process.stdout.write(`${sequence.transcript.join('\n')}\n`);
  } catch (fault) {
    const faults = server.faults().join('\n');
    throw new Error(`${fault instanceof Error ? fault.message : fault}\n${faults}\n${sequence.transcript.join('\n')}`, {
      cause: fault,
    });
  } finally {
    sequence.end();
  }
}

class Sequence {
  readonly transcript: string[] = [];
  readonly #server: Server;
  readonly #counts: Counts;
  readonly #model: Model;
  readonly #places: Place[];
  readonly #people: Record<PersonName, Person>;
  readonly #ids = new Map<Person, string>();
  readonly #tabs: Tab[] = [];
  readonly #tokens: Tokens[] = [];
  readonly #rounds = new Map<string, Round>();
  /** What a round's code page and its mails share. */
  readonly #references = new Map<Round, string>();
  /** Subjects, by client and person. */
  readonly #subjects = new Map<string, string>();

  private constructor(server: Server, counts: Counts) {
    this.#server = server;
    this.#counts = counts;
    this.#model = new Model(server.now());
    this.#places = [0, 1].map(() => ({ real: new Browser(server.kapu.issuer), model: {} }));
    const person = (name: string, email: boolean) => ({ username: `${name}-${randomUUID()}`, email, active: true });
    this.#people = { anna: person('anna', true), john: person('john', true), bela: person('bela', false) };
  }

  /** Accounts are new in each sequence, so that nothing of one before counts for them. */
  static async begin(server: Server, counts: Counts): Promise<Sequence> {
    await server.forget();
    const sequence = new Sequence(server, counts);
    const { accounts } = server.kapu.records;
    const { passwordHash } = (await accounts.findForPassword('anna'))!;
    for (const person of Object.values(sequence.#people)) {
      const address = { email: `${person.username}@demo.example`, emailVerified: true };
      const account = { username: person.username, locale: 'en' as const, ...(person.email && address) };
      sequence.#ids.set(person, (await accounts.add(account, passwordHash)).id);
    }
    return sequence;
  }

  end(): void {
    for (const { real } of this.#places) real.close();
  }

  async take(step: Step): Promise<void> {
    this.transcript.push(JSON.stringify(step));
    this.#counts.add('steps', step.do);
    await this.#do(step);
    expect(this.#server.faults()).toEqual([]);
  }

  async #do(step: Step): Promise<void> {
    switch (step.do) {
      case 'sign in': {
        const tab = await this.#ask({ ...step, hold: undefined, late: false });
        return this.#finish(tab, step.who, step.pause);
      }
      case 'ask':
        await this.#ask(step);
        return;
      case 'wait':
        return this.#pass(step.seconds);
      case 'restart':
        await this.#server.kapu.restart();
        for (const { real } of this.#places) real.close();
        return;
      case 'set account': {
        const person = this.#people[step.who];
        person.active = step.active;
        await this.#server.kapu.records.accounts.setStatus(this.#ids.get(person)!, step.active ? 'active' : 'disabled');
        return;
      }
      case 'sign out':
        return this.#signOut(this.#places[step.browser]!, step.leave);
      case 'refresh':
      case 'introspect': {
        const usable = this.#tokens.filter(({ refresh }) => step.do === 'introspect' || refresh !== undefined);
        const tokens = fromNewest(usable, step.token);
        if (!tokens) return;
        return step.do === 'refresh' ? this.#refresh(tokens) : this.#introspect(tokens);
      }
      default: {
        const open = ['answer', 'finish', 'press'].includes(step.do);
        const tab = fromNewest(open ? this.#tabs.filter(isOpen) : this.#tabs, step.tab);
        if (tab) await this.#inTab(tab, step);
      }
    }
  }

  /** Time passes once the mails on their way have come: nobody's mail takes minutes here. */
  async #pass(seconds: number): Promise<void> {
    for (const round of this.#references.keys()) await this.#codesOf(round);
    await this.#server.pass(seconds);
    this.#model.now = this.#server.now();
  }

  async #inTab(tab: Tab, step: Extract<Step, { tab: number }>): Promise<void> {
    switch (step.do) {
      case 'answer':
        return this.#answer(tab, step.typed, step.who, step.hold);
      case 'finish':
        return this.#finish(tab, step.who, step.pause);
      case 'press':
        return this.#press(tab, step.button, step.hold);
      case 'start over':
        return this.#start(tab);
      case 'redeem':
        return this.#redeem(tab);
      case 'back': {
        const page = this.#pageBefore(tab, step.page);
        if (!page) return;
        const shown = await tab.at.real.go(page.shown.url.pathname);
        return this.#compare(tab, shown, this.#model.dispatch(page.round), undefined, page.round);
      }
      case 'send again': {
        const page = this.#pageBefore(tab, step.page);
        if (page) await this.#send(tab, page, 'right', step.who);
      }
    }
  }

  async #ask({
    browser,
    client: number,
    ask: asking,
    hold,
    late,
  }: Omit<Extract<Step, { do: 'ask' }>, 'do'>): Promise<Tab> {
    const client = clients[number]!;
    const ask = this.#asked(client, asking);
    const hint = this.#tokens.findLast((one) => one.client === client && one.told.person === ask.hint);
    const asked = await this.#server.parties.get(client.id)!.ask(parameters(ask, hint?.id));
    const tab: Tab = {
      at: this.#places[browser]!,
      client,
      ask,
      asked,
      seen: 'gone',
      shown: undefined as never,
      past: [],
      late,
      pages: [],
    };
    this.#tabs.push(tab);
    if (this.#tabs.length > 4) this.#tabs.shift();
    await this.#start(tab, hold);
    return tab;
  }

  /** What is asked, as far as it makes sense for this client. */
  #asked(client: Client, { acrValues, claim, maxAge, prompt, health, offline, hint }: AskStep): Ask {
    const known = hint ? this.#tokens.findLast((one) => one.client === client)?.told.person : undefined;
    const own = client.asks === undefined;
    return { acrValues, claim, maxAge, prompt, health: own && health, offline: own && offline, hint: known };
  }

  async #start(tab: Tab, hold?: Hold): Promise<void> {
    tab.pages = [];
    tab.waiting = undefined;
    const shown = await tab.at.real.go(tab.asked.url, undefined, hold && holds[hold]);
    await this.#compare(tab, shown, this.#model.request(tab.at.model, tab.client, tab.ask), hold);
  }

  /** A page of the tab's past, if the round it belongs to does not wait to go on. */
  #pageBefore(tab: Tab, number: number): Tab['past'][number] | undefined {
    const pages = tab.past.filter(({ round }) => !round.end || round.over);
    return tab.seen === 'held' ? undefined : fromNewest(pages, number);
  }

  /** Answers whatever the tab shows. */
  async #answer(tab: Tab, typed: Typed, who: PersonName, hold: Hold): Promise<void> {
    if (tab.seen === 'held') return this.#goOn(tab, hold);
    if (isOpen(tab)) await this.#send(tab, { round: tab.round!, seen: tab.seen, shown: tab.shown }, typed, who, hold);
  }

  async #goOn(tab: Tab, hold?: Hold): Promise<void> {
    const passed = tab.shown.url;
    const from = tab.round!;
    // What was held before one address may be held before the next one.
    const next = hold === 'resume' && from.end ? undefined : hold === 'dispatch' && !from.end ? undefined : hold;
    const shown = await tab.at.real.go(passed, undefined, next && holds[next]);
    await this.#compare(tab, shown, from, next);
  }

  /** Sends the form of a page with what the page asks for, or something else. */
  async #send(tab: Tab, page: Tab['past'][number], typed: Typed, who: PersonName, hold?: Hold): Promise<void> {
    const { round } = page;
    const post = (fields: Record<string, string>) => this.#post(tab, page.shown, fields, hold);
    switch (page.seen) {
      case 'password': {
        const right = typed === 'right';
        const { username } = this.#people[who];
        const shown = await post({ username, password: right ? demoPassword : 'not it' });
        const due = this.#model.due(round);
        const to = right ? this.#model.password(round, this.#people[who]) : due === 'password' ? due : undefined;
        return this.#compare(tab, shown, to ?? this.#model.dispatch(round), hold, round);
      }
      case 'email-code': {
        const { code, mail } = await this.#codeTo(round, typed);
        const shown = await post({ code });
        return this.#compare(tab, shown, this.#model.code(round, mail), hold, round);
      }
      case 'consent': {
        const button = typed === 'right' ? 'allow' : 'cancel';
        const shown = await post({ [button]: '1' });
        return this.#compare(tab, shown, this.#model.press(round, page.seen, button), hold, round);
      }
      case 'select-account': {
        const shown = await post({ continue: '1' });
        return this.#compare(tab, shown, this.#model.press(round, page.seen, 'continue'), hold, round);
      }
    }
  }

  /** A code to type: the newest live one of this round, one that is no good any more, one of another round, or nobody's. */
  async #codeTo(round: Round, typed: Typed): Promise<{ code: string; mail?: number }> {
    const mine = await this.#codesOf(round);
    const wanted = this.#liveMails(round).lastIndexOf(typed === 'right');
    if ((typed === 'right' || typed === 'old') && wanted >= 0) return { code: mine[wanted]!, mail: wanted };
    const others = typed === 'foreign' ? [...this.#references.keys()].filter((other) => other !== round) : [];
    const foreign = (await Promise.all(others.map((other) => this.#codesOf(other)))).flat();
    const wrong = [...foreign, '000000', '111111', '222222', '333333', '444444', '555555'];
    return { code: wrong.find((code) => !mine.includes(code))! };
  }

  /** Of each mail of the round, whether its code has not expired and not been used. */
  #liveMails(round: Round): boolean[] {
    return round.mails.map(({ at, used }) => !used && this.#model.now < at + rules.mailedCode);
  }

  async #press(tab: Tab, button: 'cancel' | 'decline' | 'resend' | 'another', hold?: Hold): Promise<void> {
    const { seen, round } = tab;
    if (seen === 'held') return this.#goOn(tab, hold);
    if (button === 'another' && seen !== 'select-account') return;
    if (button === 'resend' && seen !== 'email-code') return;
    if (button === 'decline' && seen !== 'email-code' && seen !== 'password') return;
    this.#counts.add('buttons', `${button} on ${seen}`);
    const shown = await this.#post(tab, tab.shown, { [button]: '1' }, hold);
    await this.#compare(tab, shown, this.#model.press(round!, seen, button), hold, round);
  }

  #post(tab: Tab, page: Shown, fields: Record<string, string>, hold?: Hold): Promise<Shown> {
    const { action, hidden } = formOf(page as unknown as Page);
    return tab.at.real.go(new URL(action, page.url), { ...hidden, ...fields }, hold && holds[hold]);
  }

  /** Goes on as a person does who wants to get there. It must end at the service, or with a page that says how to go on. */
  async #finish(tab: Tab, who: PersonName, seconds = 0): Promise<void> {
    for (let times = 0; times < 12; times++) {
      const { seen, round } = tab;
      if (seen === 'gone' || (typeof seen === 'object' && !tab.waiting)) return;
      if (tab.waiting) return this.#redeem(tab);
      if (seconds > 0) await this.#pass(seconds);
      if (seen === 'held') await this.#goOn(tab);
      else if (seen === 'password' && !this.#people[who].active) return;
      else if (seen === 'email-code' && !this.#liveMails(round!).includes(true)) {
        if (round!.mails.length >= rules.mails) return;
        await this.#pass(60);
        await this.#press(tab, 'resend');
      } else if (seen === 'email-code' && round!.guesses >= rules.guesses) return;
      else await this.#answer(tab, 'right', who, undefined);
    }
    throw new Error(`no end: ${tab.pages.join(', ')}`);
  }

  /** What the browser shows must be what the model says; and every page leads on. */
  async #compare(tab: Tab, shown: Shown, from: Round | Seen, hold?: Hold, of?: Round): Promise<void> {
    const { seen, round } = this.#model.follow(from, hold, of);
    const page = seenIn(shown);
    this.transcript.push(`    ${typeof page === 'string' ? page : JSON.stringify(page)}   (${shown.url.pathname})`);
    expect(page).toEqual(typeof seen === 'object' && 'told' in seen ? 'code' : seen);
    Object.assign(tab, { shown, seen });
    if (round) tab.round = round;
    if (typeof seen === 'object') return this.#atService(tab, seen);
    this.#counts.add('pages', seen);
    tab.pages.push(seen);
    if (seen === 'gone') return wayOn(tab);
    this.#remember(tab);
    if (seen === 'held') return;
    tab.past.push({ round: tab.round!, seen, shown });
    if (seen === 'email-code') this.#references.set(tab.round!, mailReferenceOn(shown as unknown as Page));
    if (seen === 'email-code' || seen === 'password') {
      const declines = shown.html.includes('name="decline"');
      expect({ seen, declines }).toEqual({ seen, declines: this.#model.mayDecline(tab.round!) });
    }
  }

  /** One round has one address, and the other way round. */
  #remember({ shown, round }: Tab): void {
    const uid = shown.url.pathname.split('/')[2]!;
    expect(this.#rounds.get(uid) ?? round).toBe(round);
    this.#rounds.set(uid, round!);
  }

  /** The codes that were mailed in this round, once all have come. */
  async #codesOf(round: Round): Promise<string[]> {
    const reference = this.#references.get(round);
    if (!reference) return [];
    const codes = await this.#server.mailbox.codes(reference, round.mails.length);
    expect(codes).toHaveLength(round.mails.length);
    return codes;
  }

  async #atService(tab: Tab, seen: { error: string } | { told: Told }): Promise<void> {
    if ('error' in seen) return this.#counts.add('errors', seen.error);
    tab.waiting = { callback: tab.shown.url, told: seen.told, since: this.#model.now };
    if (!tab.late) await this.#redeem(tab);
  }

  async #redeem(tab: Tab): Promise<void> {
    if (!tab.waiting) return;
    const { callback, told, since } = tab.waiting;
    const { client, asked, at: place } = tab;
    tab.waiting = undefined;
    const offline = tab.ask.offline === true;
    const good = this.#model.holds(told, place.model, offline) && this.#model.now < since + lives.code;
    const signedIn = await asked.redeem(callback).catch((fault: { error?: string }) => fault.error ?? fault);
    if (typeof signedIn === 'string' || !('claims' in signedIn) || !good) {
      this.transcript.push(`    redeemed: ${signedIn}`);
      expect(signedIn).toBe(good ? 'tokens' : 'invalid_grant');
      return this.#counts.add('errors', 'code: invalid_grant');
    }
    const { tokens, claims } = signedIn;
    this.transcript.push(`    ${JSON.stringify({ acr: claims.acr, auth_time: claims.auth_time })}`);
    this.#checkClaims(claims, told, client);
    const { access_token: access, refresh_token: refresh, id_token: id } = tokens;
    expect(refresh !== undefined).toBe(offline);
    const now = this.#model.now;
    this.#tokens.push({ told, client, place, offline, access, refresh, id: id!, since: now, signedInAt: now });
    this.#counts.signIn(told.acr, tab.pages);
  }

  #checkClaims(
    claims: { sub?: string; acr?: unknown; amr?: unknown; auth_time?: unknown },
    told: Told,
    client: Client,
  ): void {
    const { acr, amr, auth_time } = claims;
    expect({ acr, amr, auth_time }).toEqual({ acr: told.acr, amr: told.amr, auth_time: told.authTime });
    const key = `${client.id} ${told.person.username}`;
    const known = this.#subjects.get(key);
    if (known === undefined) expect([...this.#subjects.values()]).not.toContain(claims.sub);
    else expect(claims.sub).toBe(known);
    this.#subjects.set(key, claims.sub!);
  }

  async #refresh(tokens: Tokens): Promise<void> {
    if (!tokens.refresh) return;
    const { told, client } = tokens;
    const { config } = this.#server.parties.get(client.id)!;
    const aged = client.endsWithLevel === true && told.until < this.#model.now;
    const good = told.person.active && !aged && this.#model.now < tokens.signedInAt + lives.refreshToken;
    const answer = await refreshTokenGrant(config, tokens.refresh).catch((fault: { error?: string }) => fault.error);
    const refused = answer === undefined || typeof answer === 'string';
    this.transcript.push(`    ${refused ? answer : JSON.stringify(answer.claims())}`);
    expect(refused ? answer : 'tokens').toBe(good ? 'tokens' : 'invalid_grant');
    this.#counts.add(
      'refreshes',
      refused ? (aged ? 'level aged' : 'refused') : told.until < this.#model.now ? 'beyond its level' : 'good',
    );
    if (refused) return;
    this.#checkClaims(answer.claims()!, told, client);
    Object.assign(tokens, { access: answer.access_token, refresh: answer.refresh_token, since: this.#model.now });
  }

  async #introspect({ told, place, offline, since, access }: Tokens): Promise<void> {
    const active = this.#model.holds(told, place.model, offline) && this.#model.now < since + lives.accessToken;
    const answer = await tokenIntrospection(this.#server.resourceServer.config, access);
    const { acr, auth_time } = answer;
    this.transcript.push(`    ${JSON.stringify({ active: answer.active, acr, auth_time })}`);
    this.#counts.add('introspections', active ? 'active' : 'over');
    expect(answer.active).toBe(active);
    if (active) expect({ acr, auth_time }).toEqual({ acr: told.acr, auth_time: told.authTime });
  }

  async #signOut({ real, model }: Place, leave: boolean): Promise<void> {
    const asked = await real.go('/session/end');
    const signedIn = this.#model.session(model) !== undefined;
    this.transcript.push(`    ${asked.url.pathname}`);
    expect([asked.status, asked.url.pathname]).toEqual([200, signedIn ? '/session/end' : '/session/end/success']);
    this.#counts.add('sign-outs', signedIn ? (leave ? 'left' : 'stayed') : 'nobody');
    if (!signedIn) return;
    this.#model.touch(model);
    const { action, hidden } = formOf(asked as unknown as Page);
    const done = await real.go(new URL(action, asked.url), { ...hidden, ...(leave && { logout: 'yes' }) });
    expect([done.status, done.url.pathname]).toEqual([200, '/session/end/success']);
    if (leave) model.session = undefined;
  }
}

/** Whether a tab shows a page that waits for an answer, or was stopped on the way to one. */
function isOpen({ seen }: Tab): boolean {
  return typeof seen === 'string' && seen !== 'gone';
}

/** The newest of a list, or one before it, round and round. */
function fromNewest<T>(list: T[], number: number): T | undefined {
  return list.at(-1 - (number % Math.max(1, list.length)));
}

/** A browser's page in the model's words; a page that a sign-in does not have is a failure. */
function seenIn({ status, url, html, held }: Shown): Seen | 'code' {
  if (held) return 'held';
  if (!url.pathname.startsWith('/interaction/')) {
    const error = url.searchParams.get('error');
    if (url.pathname === '/callback') return error ? { error } : 'code';
    throw new Error(`nowhere: ${status} ${url.href}\n${html}`);
  }
  const name = url.pathname.split('/')[3];
  if (status === 410) return 'gone';
  if ([200, 422, 429].includes(status) && /^(password|email-code|consent|select-account)$/.test(name ?? ''))
    return name as Seen;
  throw new Error(`nowhere: ${status} ${url.href}\n${html}`);
}

/** A page that is over leads back to the service. */
function wayOn({ shown, client }: Tab): void {
  expect(shown.html).toContain(`href="${addressOf(client.id)}/"`);
}

function parameters(
  { acrValues, claim, maxAge, prompt, health, offline }: Ask,
  hint: string | undefined,
): Record<string, string> {
  const scope = ['openid', health && 'health', offline && 'offline_access'].filter(Boolean).join(' ');
  return {
    scope,
    ...(acrValues && { acr_values: acrValues.join(' ') }),
    ...(claim && { claims: JSON.stringify({ id_token: { acr: claim } }) }),
    ...(maxAge !== undefined && { max_age: String(maxAge) }),
    ...(prompt.length > 0 && { prompt: prompt.join(' ') }),
    ...(hint && { id_token_hint: hint }),
  };
}
