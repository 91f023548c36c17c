/** The message that takes a code to a person, but for when it expires: to whom, in which language, with which words. */

import type { Settings } from '../../config/settings.ts';
import type { Message } from '../../src/mail/mailer.ts';
import type { Locale } from '../../src/records/records.ts';
import { deviceInWords } from '../device.ts';
import { emailCodeMail } from './mail.ts';
import type { Purpose } from './texts.ts';

export interface Carried {
  to: string;
  locale: Locale;
  /** 'signIn' unless said. */
  purpose?: Purpose;
  code: string;
  /** The service's name. */
  service: string;
  /** When the code was asked for. */
  time: Date;
  /** What the browser says of itself. */
  userAgent: string;
  reference: string;
}

/** The message of a deployment that carries a code. */
export function codeMessage(settings: Settings, { to, userAgent, ...carried }: Carried): Omit<Message, 'expiresAt'> {
  const { deployment, emailCode } = settings;
  const { locale } = carried;
  const mail = emailCodeMail({
    ...carried,
    deploymentName: deployment.name[locale],
    lifeMinutes: emailCode.life / 60,
    timeZone: deployment.timeZone,
    ...deviceInWords(userAgent, locale),
  });
  return { to, language: locale, ...mail };
}
