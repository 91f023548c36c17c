/**
 * The tabs of a sequence's browsers. Whatever is done in one is done to the server and to the model, and what the tab shows
 * afterwards must be what the model says.
 */

import { expect } from '@jest/globals';
import { demoPassword } from '../../config/demo.ts';
import { formOf, type Page } from '../support/agent.ts';
import { mailReferenceOn } from '../support/kapu.ts';
import type { Asked } from '../support/relying-party.ts';
import type { Shown } from './browser.ts';
import { type Round, rules, type Seen } from './round.ts';
import { addressOf } from './server.ts';
import type { Callback, Services } from './services.ts';
import type { Hold, PersonName, Typed } from './steps.ts';
import type { Ask, Client, Method, Person } from './tables.ts';
import { fromNewest, type Place, type World } from './world.ts';

/** A page that was shown, in the model's words and as it was. */
interface PageShown {
  round: Round;
  seen: Seen;
  shown: Shown;
}

export interface Tab {
  place: Place;
  client: Client;
  ask: Ask;
  asked: Asked;
  /** When it was sent with its request. */
  startedAt: number;
  /** Whether the service redeems only when it is told to. */
  late: boolean;
  /** What it shows now. */
  seen: Seen;
  shown?: Shown;
  round?: Round;
  callback?: Callback;
  /** Pages shown before, that the back button leads to. */
  past: PageShown[];
  /** Their names, since the request began. */
  pages: string[];
}

type Button = 'cancel' | 'decline' | 'resend' | 'another';

const holds = { dispatch: /^\/interaction\/[^/]+$/, resume: /^\/auth\/./ };
/** Where each button stands; 'cancel' stands everywhere. */
const places: Record<Button, Seen[]> = {
  cancel: ['password', 'email-code', 'select-account', 'consent', 'on hold'],
  decline: ['password', 'email-code'],
  resend: ['email-code'],
  another: ['select-account'],
};

/** Whether a tab shows a page that waits for an answer, or was stopped on the way to one. */
export function isOpen({ seen }: Tab): boolean {
  return typeof seen === 'string' && seen !== 'gone';
}

export class Tabs {
  readonly #world: World;
  readonly #services: Services;
  readonly #rounds = new Map<string, Round>();

  constructor(world: World, services: Services) {
    this.#world = world;
    this.#services = services;
  }

  /** Sends the tab to the server with its request, for the first time or again. */
  async start(tab: Tab, hold?: Hold): Promise<void> {
    Object.assign(tab, { pages: [], callback: undefined, startedAt: this.#world.model.now });
    const shown = await tab.place.real.go(tab.asked.url, undefined, hold && holds[hold]);
    await this.#compare(tab, shown, this.#world.model.request(tab.place.model, tab.client, tab.ask), hold);
  }

  /** Answers what the tab shows: rightly, or with something else. */
  async answer(tab: Tab, typed: Typed, who: PersonName, hold?: Hold): Promise<void> {
    if (tab.seen === 'held') await this.#goOn(tab, hold);
    else if (isOpen(tab)) await this.#send(tab, pageOf(tab), typed, who, hold);
  }

  async press(tab: Tab, button: Button, hold?: Hold): Promise<void> {
    if (tab.seen === 'held') return this.#goOn(tab, hold);
    if (!places[button].includes(tab.seen)) return;
    this.#world.counts.add('buttons', `${button} on ${tab.seen}`);
    const { round, shown } = pageOf(tab);
    const next = await this.#post(tab, shown, { [button]: '1' }, hold);
    await this.#compare(tab, next, this.#world.model.press(round, tab.seen, button), hold, round);
  }

  /** The back button, to a page that the browser loads again. */
  async back(tab: Tab, number: number): Promise<void> {
    const page = pageBefore(tab, number);
    if (!page) return;
    const shown = await tab.place.real.go(page.shown.url.pathname);
    await this.#compare(tab, shown, this.#world.model.dispatch(page.round), undefined, page.round);
  }

  /** The back button, to a page whose form is sent once more. */
  async sendAgain(tab: Tab, number: number, who: PersonName): Promise<void> {
    const page = pageBefore(tab, number);
    if (page) await this.#send(tab, page, 'right', who);
  }

  async redeem(tab: Tab): Promise<void> {
    const { callback } = tab;
    tab.callback = undefined;
    if (callback) await this.#services.redeem(callback);
  }

  /**
   * Goes on as a person does who wants to get there, with pauses of so many seconds, and who gives up where there is no hope. It
   * must end at the service, or at the page that leads back there, after a few pages: no sequence ends in a loop or a dead end.
   */
  async finish(tab: Tab, who: PersonName, pause = 0): Promise<void> {
    const { mails, people } = this.#world;
    for (let times = 0; times < 12; times++) {
      const { seen, round } = tab;
      if (!isOpen(tab)) return this.redeem(tab);
      if (pause > 0) await this.#world.pass(pause);
      const code = seen === 'email-code';
      const live = code && mails.live(round!).includes(true);
      const spent = code && (round!.guesses >= rules.guesses || (!live && round!.mails.length >= rules.mails));
      if (spent || (seen === 'password' && !people[who].active)) await this.press(tab, 'cancel');
      else if (!code || live) await this.answer(tab, 'right', who);
      else {
        await this.#world.pass(60);
        await this.press(tab, 'resend');
      }
    }
    throw new Error(`no end: ${tab.pages.join(', ')}`);
  }

  /** From where the tab was stopped; what stopped it before may stop it again only further on. */
  async #goOn(tab: Tab, hold: Hold): Promise<void> {
    const { round, shown } = pageOf(tab);
    const next = hold === (round.end ? 'resume' : 'dispatch') ? undefined : hold;
    await this.#compare(tab, await tab.place.real.go(shown.url, undefined, next && holds[next]), round, next);
  }

  /** Sends the form of a page with what the page asks for, or with something else. */
  async #send(tab: Tab, { round, seen, shown }: PageShown, typed: Typed, who: PersonName, hold?: Hold): Promise<void> {
    const { model, people, mails, properties } = this.#world;
    const typedNow = (person: Person, method: Method) =>
      properties.typed({ browser: tab.place.model, person, method, at: model.now });
    const post = (fields: Record<string, string>) => this.#post(tab, shown, fields, hold);
    const compare = (next: Shown, from: Round | Seen) => this.#compare(tab, next, from, hold, round);
    switch (seen) {
      case 'password': {
        const { username } = people[who];
        const right = typed === 'right';
        if (right) typedNow(people[who], seen);
        const next = await post({ username, password: right ? demoPassword : 'not it' });
        return compare(next, model.password(round, people[who], right));
      }
      case 'email-code': {
        const { code, mail } = await mails.code(round, typed);
        if (mail !== undefined) typedNow(round.mails[mail]!.to, seen);
        return compare(await post({ code }), model.code(round, mail));
      }
      case 'consent': {
        const button = typed === 'right' ? 'allow' : 'cancel';
        return compare(await post({ [button]: '1' }), model.press(round, seen, button));
      }
      case 'on hold':
        return compare(await post({ cancel: '1' }), model.press(round, seen, 'cancel'));
      case 'select-account':
        return compare(await post({ continue: '1' }), model.press(round, seen, 'continue'));
    }
  }

  #post(tab: Tab, page: Shown, fields: Record<string, string>, hold?: Hold): Promise<Shown> {
    const { action, hidden } = formOf(page as unknown as Page);
    return tab.place.real.go(new URL(action, page.url), { ...hidden, ...fields }, hold && holds[hold]);
  }

  /** What the browser shows must be what the model says; and every page leads on. */
  async #compare(tab: Tab, shown: Shown, from: Round | Seen, hold?: Hold, of?: Round): Promise<void> {
    const { model, counts, transcript, properties } = this.#world;
    const { seen, round = tab.round } = model.follow(from, hold, of);
    const page = seenIn(shown);
    transcript.push(`    ${typeof page === 'string' ? page : JSON.stringify(page)}   (${shown.url.pathname})`);
    expect(page).toEqual(typeof seen === 'object' && 'told' in seen ? 'code' : seen);
    Object.assign(tab, { shown, seen, round });
    if (typeof seen === 'object') return this.#atService(tab, seen);
    counts.add('pages', seen);
    tab.pages.push(seen);
    if (seen !== 'held') properties.leadsOn(seen, shown.html, `${addressOf(tab.client.id)}/`);
    if (seen === 'gone') return;
    this.#checkRound(shown, round!);
    if (seen === 'held') return;
    properties.asksNoMore(seen, round!, model.session(tab.place.model), model.now);
    tab.past.push(pageOf(tab));
    if (seen === 'email-code') this.#world.mails.note(round!, mailReferenceOn(shown as unknown as Page));
    if (places.decline.includes(seen)) expect(shown.html.includes('name="decline"')).toBe(model.mayDecline(round!));
  }

  /** One round has one address, and the other way round. */
  #checkRound(shown: Shown, round: Round): void {
    const uid = shown.url.pathname.split('/')[2]!;
    expect(this.#rounds.get(uid) ?? round).toBe(round);
    this.#rounds.set(uid, round);
  }

  async #atService(tab: Tab, seen: Exclude<Seen, string>): Promise<void> {
    if ('error' in seen) return this.#world.counts.add('errors', seen.error);
    const { client, place, asked, pages, startedAt, ask } = tab;
    const request = { client, ask, startedAt };
    const offline = ask.offline === true;
    const at = this.#world.model.now;
    tab.callback = { url: tab.shown!.url, told: seen.told, request, client, place, asked, pages, offline, at };
    if (!tab.late) await this.redeem(tab);
  }
}

function pageOf(tab: Tab): PageShown {
  return { round: tab.round!, seen: tab.seen, shown: tab.shown! };
}

/** A page of the tab's past, if the round it belongs to does not wait to go on. */
function pageBefore(tab: Tab, number: number): PageShown | undefined {
  const pages = tab.past.filter(({ round }) => !round.end || round.over);
  return tab.seen === 'held' ? undefined : fromNewest(pages, number);
}

/** A browser's page in the model's words; a page that a sign-in does not have is a failure. */
function seenIn({ status, url, html, held }: Shown): Seen | 'code' {
  if (held) return 'held';
  const error = url.searchParams.get('error');
  if (url.pathname === '/callback') return error ? { error } : 'code';
  const [, page] =
    /^\/interaction\/[\w-]+\/(password|email-code|consent|select-account|held)$/.exec(url.pathname) ?? [];
  if (url.pathname.startsWith('/interaction/') && status === 410) return 'gone';
  if (page && [200, 422, 429].includes(status)) return page === 'held' ? 'on hold' : (page as Seen);
  throw new Error(`nowhere: ${status} ${url.href}\n${html}`);
}
