/** The page that asks for the code. It shows what it is told; sending and comparing are decided elsewhere. */

import type { Pages, Problem, View } from '../../pages/render.ts';
import { template } from '../../pages/template.ts';
import { texts } from './texts.ts';

export interface EmailCodeModel {
  /** Where the form is posted: the field `code`, or one of the buttons `resend`, `decline`, `cancel`. */
  action: string;
  /** Answers `{ "delivery": "sending" | "sent" | "failed" }`; asked while `delivery` is 'sending'. */
  statusUrl: string;
  maskedAddress: string;
  lifeMinutes: number;
  digits: number;
  /** Stands in the mail too. */
  mailReference: string;
  delivery: 'sending' | 'sent' | 'failed';
  /** How long until another code may be asked for; 0 is now. */
  resendInSeconds: number;
  /** How many more mails this sign-in may ask for. */
  sendsLeft: number;
  problem?:
    | 'missing'
    | 'malformed'
    /** Short codes do not count for this account any more: only a new one, which is long, does. */
    | 'too-short'
    | 'wrong'
    /** No more tries in this sign-in: the page offers only the way back. */
    | 'spent'
    | 'expired'
    | 'resend-too-soon'
    | 'resend-limit'
    | 'account-limit';
  /** With 'wrong'. */
  triesLeft?: number;
  notice?: 'resent';
  /** Whether the person may go on at a weaker level instead. */
  mayDecline: boolean;
}

const page = template(new URL('./page.ejs', import.meta.url));

/** The code page as HTML. It runs one script, delivery.js, which asks `statusUrl`: its policy needs `script-src 'self'`
 *  and `connect-src 'self'`. */
export function emailCodePage(pages: Pages, view: View, model: EmailCodeModel): string {
  const t = texts[view.locale];
  const problem = model.problem && problems(t, model)[model.problem];
  return pages.render(view, {
    template: page,
    heading: model.problem === 'spent' ? t.spentHeading : t.heading,
    t,
    model,
    signIn: true,
    script: 'delivery.js',
    problems: problem ? [problem] : [],
  });
}

function problems(
  t: (typeof texts)['hu'],
  model: EmailCodeModel,
): Record<NonNullable<EmailCodeModel['problem']>, Problem> {
  const atCode = (text: string): Problem => ({ text, field: 'code', atField: text });
  return {
    missing: atCode(t.problem.missing),
    malformed: atCode(t.problem.malformed(model.digits)),
    'too-short': atCode(t.problem.tooShort(model.sendsLeft > 0)),
    wrong: atCode(t.problem.wrong(model.triesLeft)),
    spent: { text: t.problem.spent },
    expired: atCode(t.problem.expired(model.sendsLeft > 0)),
    'resend-too-soon': { text: t.problem.tooSoon(model.resendInSeconds) },
    'resend-limit': { text: t.problem.resendLimit },
    'account-limit': { text: t.problem.accountLimit },
  };
}
