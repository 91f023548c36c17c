/**
 * What no sequence may show, said apart from the model: three properties of what people really typed, what they were shown and
 * what services were told. The model says more; these say why it matters, and hold where the model is wrong together with the server.
 */

import { expect } from '@jest/globals';
import type { Browser, Round, Seen, Told } from './round.ts';
import {
  counting,
  demanded,
  isHeld,
  judge,
  latest,
  type Method,
  needed,
  type Person,
  type Proofs,
  type Request,
} from './tables.ts';

/** What a token says of a sign-in. */
export interface Claims {
  sub?: string;
  acr?: unknown;
  amr?: unknown;
  auth_time?: unknown;
}

/** Something right that was typed: in a browser, by a person. */
interface Typed {
  browser: Browser;
  person: Person;
  method: Method;
  at: number;
}

const methods: Record<string, Method> = { pwd: 'password', otp: 'email-code' };

export class Properties {
  readonly #typed: Typed[] = [];
  /** What services have been told that the session of this number holds. */
  readonly #vouched = new Map<number, Proofs>();

  typed(one: Typed): void {
    this.#typed.push(one);
  }

  /**
   * No token says more than the evidence supports: whatever level it names, this person has proven every part of it in this very
   * browser, recently enough for that level and for the request, and none of it before `auth_time`. `at`: when the code was given.
   */
  saysNoMore(claims: Claims, told: Told, browser: Browser, request: Request, at: number): void {
    const { acr, amr, auth_time: authTime } = claims as { acr: string; amr: string[]; auth_time: number };
    const mine = this.#typed.filter((one) => one.browser === browser && one.person === told.person && one.at <= at);
    expect(mine.map((one) => one.at)).toContain(authTime);
    expect(authTime).toBeGreaterThanOrEqual(demanded(request, at).since);
    const parts = Object.entries(needed(acr)) as [Method, number][];
    // A mailbox alone never gives plus: in a hold it gives nothing.
    if (parts.some(([method]) => method === 'email-code')) expect(isHeld(told.person, at)).toBe(false);
    expect(amr.map((name) => methods[name])).toEqual(parts.map(([method]) => method));
    for (const [method, life] of parts) {
      expect(method).not.toBe(request.client.excludes);
      expect(mine.some((one) => one.method === method && one.at >= authTime && at - one.at <= life)).toBe(true);
    }
    const held = Object.fromEntries(parts.map(([method]) => [method, authTime]));
    this.#vouched.set(told.session, latest(this.#vouched.get(told.session) ?? {}, held));
  }

  /**
   * No request is asked for more than it needs: nobody proves again what a service has been told of in this session, as long as
   * that is enough for the request; and nobody allows or chooses anything without a reason.
   */
  asksNoMore(page: Seen, round: Round, session: Browser['session'], now: number): void {
    const { ask, client } = round;
    if (page === 'select-account') expect(ask.prompt).toContain('select_account');
    if (page === 'consent') expect(client.asks !== undefined || ask.prompt.includes('consent')).toBe(true);
    if (page !== 'password' && page !== 'email-code') return;
    if (!session || round.anew || (round.who ?? session.person) !== session.person || !session.person.active) return;
    const proofs = counting(session.person, this.#vouched.get(session.id) ?? {}, now);
    expect(judge(round, { person: session.person, proofs }, now, false).is).not.toBe('reached');
  }

  /**
   * No sequence ends in a loop or a dead end: every page has a way out, and one that is over leads back to the service at `address`.
   * That whoever answers what is asked arrives after a few redirects and pages is measured where it is done: browser.ts and
   * `finish` of tabs.ts, which each sequence ends with for every tab that is still open.
   */
  leadsOn(page: Seen, html: string, address: string): void {
    if (page === 'gone') expect(html).toContain(`href="${address}"`);
    else expect(html).toMatch(/<button[^>]* name="cancel"/);
  }
}
