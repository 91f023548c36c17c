/** Words of people, services and browsers as mails say them: nobody's name can add a line, a link or an address. And times, in words. */

import type { Locale } from '../src/records/records.ts';

/** '2026. november 22. 14:05 CET' */
export function timeInWords(time: Date, timeZone: string, locale: Locale): string {
  const parts = {
    year: 'numeric',
    month: 'long',
    day: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
    timeZoneName: 'short',
  } as const;
  return new Intl.DateTimeFormat(locale === 'hu' ? 'hu-HU' : 'en-GB', { ...parts, timeZone }).format(time);
}

/** 'for 3 days', 'for 12 hours' */
export function lasting(hours: number, locale: Locale): string {
  const [many, hu, en] = hours % 24 === 0 ? [hours / 24, 'napig', 'day'] : [hours, 'óráig', 'hour'];
  return locale === 'hu' ? `${many} ${hu}` : `for ${many} ${en}${many === 1 ? '' : 's'}`;
}

/** Without line breaks, control characters and invisible marks: nobody's name can add a line or turn the text round. */
export function oneLine(words: string): string {
  return words.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\s]+/gu, ' ').trim();
}

/** What browsers say of themselves is whatever the sender of a request likes: nothing that a mail program would turn
 *  into a link or an address is left of it, and not much of it. */
export function plainWords(words: string): string {
  return oneLine(words)
    .replace(/[^\p{L}\p{N} .-]+/gu, ' ')
    .replace(/\.(?!\d)|(?<!\d)\./gu, ' ')
    .replace(/\s+/g, ' ')
    .trim()
    .slice(0, 40);
}
