/** What a mail says of the device that a code was asked from, in words that its owner recognises. */

import Bowser from 'bowser';
import type { Locale } from '../../src/records/records.ts';

const unknown = { hu: 'ismeretlen', en: 'unknown' };

/** Browser and system by name; no versions, which nobody knows of their own. `userAgent` is anybody's text: only names from Bowser's own list come out. */
export function deviceOf(userAgent: string, locale: Locale): { browser: string; system: string } {
  if (!userAgent) return { browser: unknown[locale], system: unknown[locale] };
  // Not all that it could tell: every sign-in asks.
  const parser = Bowser.getParser(userAgent.slice(0, 512), true);
  return {
    browser: known(parser.getBrowserName()) ?? unknown[locale],
    system: known(parser.getOSName()) ?? unknown[locale],
  };
}

/** Bowser takes an unknown browser's name from the text itself; a name from its list is short and plain. */
function known(name: string | undefined): string | undefined {
  return name && /^[A-Za-z0-9 .+-]{1,30}$/.test(name) ? name : undefined;
}
