/** The pages of the authenticator app and of recovery codes, in every state that they can be in. */

import { codesPage, type StartModel, startPage } from '../../interactions/methods/recovery-code/enrolment-page.ts';
import { type RecoveryCodeModel, recoveryCodePage } from '../../interactions/methods/recovery-code/page.ts';
import { type SetupModel, setupPage } from '../../interactions/methods/totp/enrolment-page.ts';
import { type TotpModel, totpPage } from '../../interactions/methods/totp/page.ts';
import type { Pages, View } from '../../interactions/pages/render.ts';

type States = Record<string, (pages: Pages) => string>;

/** In a sign-in as `view` sees it, and `nowhere` near a service; `text` stands in every string. */
export function ownCodeStates(view: View, nowhere: View, text: (usual: string) => string): States {
  const hu = view.locale === 'hu';
  const others = [
    { href: text('/interaction/abc/email-code'), title: text(hu ? 'E-mailes kód' : 'Email code') },
    { href: text('/interaction/abc/recovery-code'), title: text(hu ? 'Tartalékkód' : 'Recovery code') },
  ];
  const asApp =
    (more: Partial<TotpModel>, seen: View = { ...view, others }) =>
    (pages: Pages) =>
      totpPage(pages, seen, { action: text('/interaction/abc/totp'), mayDecline: false, ...more });
  const asSheet = (more: Partial<RecoveryCodeModel>) => (pages: Pages) =>
    recoveryCodePage(pages, view, {
      action: text('/interaction/abc/recovery-code'),
      left: 7,
      mayDecline: false,
      ...more,
    });
  const setup: SetupModel = {
    action: text('/account/methods/totp/setup/abc'),
    address: text('otpauth://totp/Minta:anna?secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP&issuer=Minta'),
    key: text('JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP'),
    issuer: text('Minta Ügyfélkapu'),
    username: text('anna'),
    replaces: false,
  };
  const asSetup =
    (more: Partial<SetupModel>, seen: View = nowhere) =>
    (pages: Pages) =>
      setupPage(pages, seen, { ...setup, ...more });
  const asStart =
    (more: Partial<StartModel>, seen: View = nowhere) =>
    (pages: Pages) =>
      startPage(pages, seen, {
        action: text('/account/methods/recovery-code'),
        once: text('x'),
        most: 10,
        left: 0,
        ...more,
      });
  const codes = ['7K3M-9QWX-2BVC-R8NT', 'A4ZD-6HJP-5YFE-0S1G'];
  return {
    app: asApp({}),
    'app-alone-may-decline': asApp({ mayDecline: true }, view),
    'app-missing': asApp({ problem: 'missing' }),
    'app-malformed': asApp({ problem: 'malformed' }),
    'app-wrong': asApp({ problem: 'wrong' }),
    'app-wrong-clock': asApp({ problem: 'wrong-clock' }),
    'app-used': asApp({ problem: 'used' }),
    'app-too-many': asApp({ problem: 'too-many', retryMinutes: 12 }),
    'app-guarded': asApp({ problem: 'guarded' }),
    'app-unusable': asApp({ problem: 'unusable' }),
    'app-set-up': asSetup({}),
    'app-set-up-anew': asSetup({ replaces: true }),
    'app-set-up-in-sign-in': asSetup({}, view),
    'app-set-up-missing': asSetup({ problem: 'missing' }),
    'app-set-up-malformed': asSetup({ problem: 'malformed' }),
    'app-set-up-wrong': asSetup({ problem: 'wrong' }),
    'app-set-up-changed': asSetup({ problem: 'changed' }),
    'app-set-up-expired': asSetup({ problem: 'expired' }),
    recovery: asSheet({}),
    'recovery-last-may-decline': asSheet({ left: 1, mayDecline: true }),
    'recovery-missing': asSheet({ problem: 'missing' }),
    'recovery-malformed': asSheet({ problem: 'malformed' }),
    'recovery-wrong': asSheet({ problem: 'wrong' }),
    'recovery-too-many': asSheet({ problem: 'too-many', retryMinutes: 1 }),
    'recovery-make': asStart({}),
    'recovery-make-anew': asStart({ left: 1 }),
    'recovery-make-in-sign-in': asStart({}, view),
    'recovery-make-shown': asStart({ problem: 'shown', left: 10 }),
    'recovery-make-changed': asStart({ problem: 'changed' }),
    'recovery-codes': (pages) =>
      codesPage(pages, nowhere, {
        action: text('/account/methods/recovery-code'),
        codes: [...codes, ...codes, ...codes, ...codes, ...codes].map(text),
        username: text('anna'),
        made: new Date('2026-11-23T10:00:00Z'),
        timeZone: 'Europe/Budapest',
      }),
  };
}
