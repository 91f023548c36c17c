/** The mail that carries a code: its words and its two forms. It knows nothing of transports or addresses. */

import type { Locale } from '../../src/records/records.ts';
import { template } from '../pages/template.ts';
import { oneLine, plainWords, timeInWords } from '../plain-words.ts';
import { type Purpose, texts } from './texts.ts';

export interface EmailCodeMail {
  locale: Locale;
  /** 'signIn' unless said. */
  purpose?: Purpose;
  deploymentName: string;
  /** The service's name. */
  service: string;
  code: string;
  lifeMinutes: number;
  /** When the code was asked for. */
  time: Date;
  /** IANA name. */
  timeZone: string;
  /** Such as 'Firefox'. */
  browser: string;
  /** Such as 'Windows'. */
  system: string;
  /** The one that the code page shows. */
  reference: string;
}

const text = template(new URL('./mail.txt.ejs', import.meta.url), 'text');
const html = template(new URL('./mail.html.ejs', import.meta.url));

/** Subject and both bodies. The code is not in the subject, and nothing is a link or can be taken for one. */
export function emailCodeMail(mail: EmailCodeMail): { subject: string; text: string; html: string } {
  const words = texts[mail.locale];
  const t = { ...words, ...words.purposes[mail.purpose ?? 'signIn'] };
  const names = {
    t,
    model: {
      ...mail,
      deploymentName: oneLine(mail.deploymentName),
      service: oneLine(mail.service),
      code: inGroups(mail.code),
      time: timeInWords(mail.time, mail.timeZone, mail.locale),
      browser: plainWords(mail.browser),
      system: plainWords(mail.system),
    },
  };
  return { subject: t.subject(names.model.deploymentName, mail.reference), text: text(names), html: html(names) };
}

/** Digits as people read them: in two halves, and past ten digits by fours. */
function inGroups(code: string): string[] {
  const length = code.length <= 10 ? Math.ceil(code.length / 2) : 4;
  return code.match(new RegExp(`.{1,${length}}`, 'g')) ?? [];
}
