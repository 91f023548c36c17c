/**
 * Browsers in which people have proven something before. One cookie remembers it, so that whoever floods an account with
 * guesses from elsewhere takes nothing from its owner (docs/design.md, section 7, rule 4). The cookie names nobody: beside a random name of the browser
 * it holds a keyed hash for each proof, which only somebody who says the same user name again can match. This file owns the
 * cookie; what a known browser may do that others may not is the methods' business.
 */

import { createHmac, randomBytes } from 'node:crypto';
import type { Context } from 'koa';
import { type Account, usernameKey } from '../src/records/records.ts';
import { isSameText } from '../src/same-text.ts';

/** A browser that has proven a method for a user name. */
export interface KnownBrowser {
  /** Names browser and person together, as budgets count them. */
  key: string;
  /** When it was proven the last time. */
  since: Date;
}

export interface KnownBrowsers {
  /** What is known of this browser, `method` and the person of that user name, however it is spelt; undefined for a stranger. */
  recall(ctx: Context, method: string, username: string): KnownBrowser | undefined;
  /** Remembers that `method` has been proven for that user name here, from now on. */
  remember(ctx: Context, method: string, username: string): void;
}

/** Proofs that one browser keeps: a family's, two each. */
const most = 8;

/**
 * Known browsers under `keys`, of which there must be one: the first signs, all are taken. `life` is in seconds, from the last
 * proof.
 */
export function createKnownBrowsers(keys: readonly string[], life: number, now: () => Date): KnownBrowsers {
  const tag = (key: string, id: string, method: string, name: string, at: string) =>
    createHmac('sha256', key)
      .update(JSON.stringify(['known browser', id, method, name, at]))
      .digest('base64url')
      .slice(0, 22);

  /** The proof of `entries` that is `name`'s. */
  function mine({ id, entries }: Remembered, method: string, name: string): Entry | undefined {
    return entries.find(({ at, mac }) => keys.some((key) => isSameText(tag(key, id, method, name, at), mac)));
  }

  return {
    recall(ctx, method, username) {
      const name = nameOf(username);
      const remembered = read(ctx);
      const found = remembered && mine(remembered, method, name);
      if (!remembered || !found) return undefined;
      const since = new Date(Number.parseInt(found.at, 36));
      if (now().getTime() - since.getTime() > life * 1000) return undefined;
      return { key: JSON.stringify([remembered.id, name]), since };
    },

    remember(ctx, method, username) {
      const name = nameOf(username);
      const { id, entries } = read(ctx) ?? { id: randomBytes(18).toString('base64url'), entries: [] };
      const before = mine({ id, entries }, method, name);
      const at = now().getTime().toString(36);
      const kept = [{ at, mac: tag(keys[0]!, id, method, name, at) }, ...entries.filter((entry) => entry !== before)];
      const value = [id, ...kept.slice(0, most).map(({ at, mac }) => `${at}~${mac}`)].join('.');
      ctx.cookies.set(nameFor(ctx), value, {
        path: '/',
        httpOnly: true,
        sameSite: 'lax',
        // Each entry is a signature by itself.
        signed: false,
        secure: ctx.secure,
        overwrite: true,
        maxAge: life * 1000,
      });
    },
  };
}

/** Whether `browser` has proven to be that account's, and not one's that has had the user name before it. */
export function hasProven({ since }: KnownBrowser, { createdAt }: Pick<Account, 'createdAt'>): boolean {
  return since >= createdAt;
}

/** Whether what `browser` is known by still counts: ending an account's sessions forgets its browsers as well (ASVS 7.4.2). */
export function stillKnown(browser: KnownBrowser, account: Pick<Account, 'createdAt' | 'validSince'>): boolean {
  return hasProven(browser, account) && (account.validSince === undefined || browser.since >= account.validSince);
}

/** As records look it up. */
const nameOf = (username: string) => usernameKey(username) ?? username;

const nameFor = (ctx: Context) => (ctx.secure ? '__Host-kapu-known' : 'kapu-known');

/** One proof: when, in milliseconds since 1970 to the base of 36, and its keyed hash. */
interface Entry {
  at: string;
  mac: string;
}

interface Remembered {
  id: string;
  entries: Entry[];
}

/** What the browser sent; undefined for what this file has not written. */
function read(ctx: Context): Remembered | undefined {
  const [id, ...texts] = ctx.cookies.get(nameFor(ctx), { signed: false })?.split('.') ?? [];
  if (!id || !/^[\w-]{24}$/.test(id)) return undefined;
  const entries = texts.slice(0, most).flatMap((text) => {
    const [, at, mac] = /^([0-9a-z]{1,9})~([\w-]{22})$/.exec(text) ?? [];
    return at && mac ? [{ at, mac }] : [];
  });
  return { id, entries };
}
