/** What a browser is called, by its owner too, from what it says of itself. */

import Bowser from 'bowser';
import type { Locale } from '../src/records/records.ts';

/** Names such as 'Firefox' and 'Windows'. No versions, which nobody knows of their own. */
export type Device = { browser: string; system: string };

/** Either is empty where it is not known. `userAgent` is anybody's text: only names from Bowser's own list come out. */
export function deviceOf(userAgent: string): Device {
  if (!userAgent) return { browser: '', system: '' };
  // Not all that it could tell: every sign-in asks.
  const parser = Bowser.getParser(userAgent.slice(0, 512), true);
  return { browser: known(parser.getBrowserName()), system: known(parser.getOSName()) };
}

/** The same for somebody to read in a mail, where what is not known is said to be so. */
export function deviceInWords(userAgent: string, locale: Locale): Device {
  const { browser, system } = deviceOf(userAgent);
  return { browser: browser || unknown[locale], system: system || unknown[locale] };
}

export const unknown = { hu: 'ismeretlen', en: 'unknown' };

/** Bowser takes an unknown browser's name from the text itself; a name from its list is short and plain. */
const known = (name = '') => (/^[A-Za-z0-9 .+-]{1,30}$/.test(name) ? name : '');
