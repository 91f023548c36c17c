/** The mail that tells somebody of what has happened to their account: its words and its two forms. It knows nothing of transports. */

import type { Settings } from '../../config/settings.ts';
import type { Notice } from '../../src/records/records.ts';
import { template } from '../pages/template.ts';
import { oneLine, plainWords, timeInWords } from '../plain-words.ts';
import { type NoticeKind, texts } from './texts.ts';

const text = template(new URL('./mail.txt.ejs', import.meta.url), 'text');
const html = template(new URL('./mail.html.ejs', import.meta.url));

/**
 * Subject and both bodies, in the language of the notice. Nothing is a link or can be taken for one, but for `stopAt`, where what the
 * notice tells of can be stopped, and where an activation's code is to be typed.
 */
export function noticeMail(
  { kind, locale, at, detail }: Pick<Notice, 'kind' | 'locale' | 'at' | 'detail'>,
  { name, operator, help, timeZone }: Settings['deployment'],
  stopAt = '',
): { subject: string; text: string; html: string } {
  const t = texts[locale];
  const words = t.kinds[kind as NoticeKind];
  const [deploymentName, operatorName] = [oneLine(name[locale]), oneLine(operator[locale])];
  const {
    browser,
    system,
    service = '',
    address = '',
    until,
    method = '',
    left = '',
    byAddress = '',
    mailbox = '',
    username = '',
    code = '',
    startAt = '',
  } = detail;
  const model = {
    locale,
    deploymentName,
    heading: words.heading,
    what: words.what({
      operator: operatorName,
      service: oneLine(service),
      address: oneLine(address),
      method: oneLine(method),
      left,
      byAddress,
      mailbox: oneLine(mailbox),
      username: oneLine(username),
      code,
      startAt,
      until: until === undefined ? '' : timeInWords(new Date(Number(until)), timeZone, locale),
    }),
    stopAt,
    notYou: words.notYou,
    when: browser === undefined ? t.when : t.from,
    time: timeInWords(at, timeZone, locale),
    browser: browser === undefined ? '' : t.browser(plainWords(browser), plainWords(system ?? '')),
    help: t.help(operatorName, help.phone && oneLine(help.phone), help.url !== undefined),
  };
  return { subject: t.subject(deploymentName, words.heading), text: text({ t, model }), html: html({ t, model }) };
}
