/**
 * A browser's way through a sign-in, in small: what a person sees after each thing that a person, a service or time does, and what
 * the service is told. Written from docs/design.md, sections 3, 4 and 7, and from nothing in src. Times are seconds.
 */

import { type Browser, type Round, rules, type Seen, type Told } from './round.ts';
import {
  type Ask,
  anyCounts,
  type Client,
  counting,
  demanded,
  isHeld,
  judge,
  latest,
  type Method,
  type Person,
  type Proofs,
  type Request,
  wantsLogin,
} from './tables.ts';

const denied = { error: 'access_denied' };
const login = { error: 'login_required' };
const unmet = { error: 'unmet_authentication_requirements' };

export class Model {
  now: number;
  #sessions = 0;
  #allowed = new Set<string>();

  constructor(now: number) {
    this.now = now;
  }

  session({ session }: Browser) {
    return session && this.now < session.until ? session : undefined;
  }

  /** A request is received. */
  request(browser: Browser, client: Client, ask: Ask): Round | Seen {
    return this.#policy({ browser, client, ask, startedAt: this.now, before: {} });
  }

  /** Follows redirects; `hold` stops before the dispatcher, or before the request goes on. `of`: the round that was acted on. */
  follow(from: Round | Seen, hold?: 'dispatch' | 'resume', of?: Round): { seen: Seen; round?: Round } {
    let at = from;
    let round = of;
    while (typeof at === 'object' && 'browser' in at) {
      round = at;
      if (hold && hold === (at.end ? 'resume' : !at.straight && 'dispatch')) return { seen: 'held', round };
      at = at.end ? this.#resume(at) : this.dispatch(at);
    }
    return { seen: at, round };
  }

  /** The page that is due in a round; or where the dispatcher sends on: to begin again, or to the end. */
  due(round: Round): Exclude<Seen, 'held' | object> | 'restart' | { end: NonNullable<Round['end']> } {
    if (round.over || this.now >= round.until) return 'gone';
    if (!this.#goesOn(round)) return 'restart';
    const known = this.#known(round);
    if (round.prompt !== 'login') return known.person ? round.prompt : { end: denied };
    const settles = known.person !== undefined && known.person === round.before.settledBy;
    const verdict = judge(round, known, this.now, settles);
    if (verdict.is === 'missing') return verdict.ask;
    if (verdict.is === 'unmet' && this.#isHoldInTheWay(round, settles)) return 'on hold';
    return { end: verdict.is === 'unmet' ? unmet : 'signed-in' };
  }

  /** The dispatcher. */
  dispatch(round: Round): Round | Seen {
    round.straight = false;
    const due = this.due(round);
    if (due === 'restart') return this.request(round.browser, round.client, round.ask);
    if (typeof due === 'object') return this.#finish(round, due.end);
    if (due === 'email-code' && !round.mails.some(({ to }) => to === this.#known(round).person)) this.#mail(round);
    return due;
  }

  /** The right password of `person` is sent, or a wrong one. Where another page is due it counts for nothing. */
  password(round: Round, person: Person, right = true): Round | Seen {
    const due = this.due(round);
    if (due !== 'password') {
      // Nobody goes on as another than they have just said.
      const known = this.#known(round).person;
      if (due === 'restart' || due === 'gone' || !known || known === person) return this.dispatch(round);
      return Object.assign(round, {
        prompt: 'login',
        anew: true,
        who: undefined,
        own: {},
        end: undefined,
        straight: false,
      });
    }
    if (!right || !person.active) return 'password';
    this.#prove(round, person, 'password');
    return this.dispatch(round);
  }

  /** A code is sent: one that was mailed in this round, by number, or a wrong one. */
  code(round: Round, mail: number | undefined): Round | Seen {
    if (this.due(round) !== 'email-code') return this.dispatch(round);
    const live = round.mails.filter(({ at, used }) => this.now < at + rules.mailedCode && !used);
    if (round.guesses >= rules.guesses || live.length === 0) return 'email-code';
    round.guesses++;
    const person = this.#known(round).person!;
    const right = live.find((one) => one === round.mails[mail ?? -1] && one.to === person);
    if (!right) return 'email-code';
    for (const sent of round.mails) sent.used = true;
    this.#prove(round, person, 'email-code');
    return this.dispatch(round);
  }

  /** A button is pressed on `page`. Where another page is due it counts for nothing. */
  press(
    round: Round,
    page: Seen,
    button: 'cancel' | 'decline' | 'resend' | 'another' | 'continue' | 'allow',
  ): Round | Seen {
    if (this.due(round) !== page) return this.dispatch(round);
    const known = this.#known(round);
    switch (button) {
      case 'cancel': {
        if (page === 'on hold') return this.#finish(round, unmet);
        const stepUp = round.prompt === 'login' && anyCounts(round, known.proofs, this.now);
        return this.#finish(round, stepUp ? unmet : denied);
      }
      case 'decline':
        if (!this.mayDecline(round)) return page;
        round.before = { ...round.before, settledBy: known.person };
        return round;
      case 'resend': {
        const sent = round.mails.filter(({ to }) => to === known.person);
        if (sent.length < rules.mails && this.now >= sent.at(-1)!.at + rules.resendAfter) this.#mail(round);
        return page;
      }
      case 'another':
        return Object.assign(round, { prompt: 'login', anew: true });
      case 'continue':
        return this.#finish(round, 'selected');
      case 'allow':
        this.#allowed.add(`${round.client.id} ${known.person!.username}`);
        return this.#finish(round, 'allowed');
    }
  }

  mayDecline(round: Round): boolean {
    const verdict = judge(round, this.#known(round), this.now, false);
    return verdict.is === 'missing' && verdict.mayDecline;
  }

  /** Any request that reads the session renews it. */
  touch(browser: Browser): void {
    const session = this.session(browser);
    if (session) session.until = this.now + rules.session;
  }

  /** Whether what came of a sign-in still holds: it ends with the session, unless it was allowed for longer. */
  holds(told: Told, browser: Browser, offline: boolean): boolean {
    return told.person.active && (offline || this.session(browser)?.id === told.session);
  }

  /** Whether the browser is still what it was when the round began: in the same session, if in any, and nobody has signed out. */
  #goesOn({ browser, begunIn, begunAfter }: Round): boolean {
    return begunAfter === browser.signedOut && (begunIn === undefined || begunIn === this.session(browser)?.id);
  }

  /** Whether without the hold there would be a way: whoever is held reads that first. */
  #isHoldInTheWay(round: Round, settles: boolean): boolean {
    const { person, proofs } = this.#proven(round);
    if (!person || !isHeld(person, this.now)) return false;
    return judge(round, { person: { ...person, hold: undefined }, proofs }, this.now, settles).is !== 'unmet';
  }

  /** Whom a round is about, and what of that counts which this person has proven. */
  #known(round: Round): { person?: Person; proofs: Proofs } {
    const { person, proofs } = this.#proven(round);
    return { person, proofs: person ? counting(person, proofs, this.now) : {} };
  }

  /** All that was proven, in the round and in the session. */
  #proven(round: Round): { person?: Person; proofs: Proofs } {
    const session = this.session(round.browser);
    const person = round.who ?? (round.anew ? undefined : session?.person);
    const held = !round.anew && person === session?.person ? session?.proofs : undefined;
    return person?.active ? { person, proofs: latest(held ?? {}, round.own) } : { proofs: {} };
  }

  #prove(round: Round, person: Person, method: Method): void {
    if (round.who && round.who !== person) round.own = {};
    Object.assign(round, { who: person, own: { ...round.own, [method]: this.now } });
  }

  #mail(round: Round): void {
    round.mails.push({ to: this.#known(round).person!, at: this.now });
  }

  #finish(round: Round, end: NonNullable<Round['end']>): Round {
    const session = this.session(round.browser);
    if (end === 'signed-in') round.who = this.#known(round).person!;
    // One browser, one person.
    if (end === 'signed-in' && session && session.person !== round.who) {
      round.browser.session = undefined;
      round.begunIn = undefined;
    }
    return Object.assign(round, { end });
  }

  /** The request goes on after a round; where that is gone, or the session has changed meanwhile, the dispatcher has it again. */
  #resume(round: Round): Round | Seen {
    const { browser, end } = round;
    this.touch(browser);
    const session = this.session(browser);
    if (round.over || this.now >= round.until) return Object.assign(round, { end: undefined });
    const somebodyElse = end === 'signed-in' && session && session.person !== round.who;
    if (!this.#goesOn(round) || somebodyElse) return Object.assign(round, { end: undefined });

    round.over = true;
    if (typeof end === 'object') return end;
    const before = { ...round.before };
    if (end === 'signed-in') {
      const { id = ++this.#sessions, proofs = {} } = session ?? {};
      const until = this.now + rules.session;
      browser.session = { id, person: round.who!, proofs: latest(proofs, round.own), until };
      before.signedIn = true;
    }
    if (end === 'selected') before.selected = true;
    if (end === 'allowed') before.allowedBy = session!.person;
    return this.#policy({ ...round, before });
  }

  /** Whether a request may go on: choosing an account, signing in, allowing, in this order. */
  #policy(at: Pick<Round, keyof Request | 'browser' | 'before'>): Round | Seen {
    const { browser, client, ask, startedAt, before } = at;
    this.touch(browser);
    const session = this.session(browser);
    const person = session?.person.active ? session.person : undefined;
    const silent = ask.prompt.includes('none');
    const pages = (prompt: Round['prompt'], anew = false, straight = false): Round => {
      const until = this.now + rules.round;
      const begun = {
        browser,
        client,
        ask,
        startedAt,
        before,
        begunIn: session?.id,
        begunAfter: browser.signedOut,
        until,
      };
      return { ...begun, prompt, anew, straight, own: {}, mails: [], guesses: 0, over: false };
    };

    if (ask.prompt.includes('select_account') && person && !before.signedIn && !before.selected)
      return pages('select-account');

    if (silent && !person) return login;
    const settles = silent || (person !== undefined && person === before.settledBy);
    const proofs = person ? counting(person, session!.proofs, this.now) : {};
    const verdict = judge(at, { person, proofs }, this.now, settles);
    const { unknown, essential } = demanded(at, this.now);
    if (unknown) return unmet;
    if (silent && verdict.is !== 'reached') return essential ? unmet : login;
    const somebodyElse = ask.hint !== undefined && ask.hint !== session?.person;
    if (somebodyElse && (silent || before.signedIn)) return login;
    const anew = somebodyElse || (wantsLogin(ask) && !before.signedIn);
    if (silent && anew) return login;
    if (!person || anew || verdict.is !== 'reached') return pages('login', anew, verdict.is === 'missing');

    const allowed = client.asks !== 'always' && this.#allowed.has(`${client.id} ${person.username}`);
    if (before.allowedBy !== person && (ask.prompt.includes('consent') || (client.asks && !allowed))) {
      if (silent) return { error: client.asks === 'always' ? 'interaction_required' : 'consent_required' };
      return pages('consent');
    }
    return { told: { ...verdict, person, session: session!.id } };
  }
}
