/** Every page in every state that it can be in, for the tests of pages and for the gallery. */

import type { Settings } from '../../config/settings.ts';
import { choosePage } from '../../interactions/choose/page.ts';
import { consentPage } from '../../interactions/consent/page.ts';
import { type EmailCodeModel, emailCodePage } from '../../interactions/methods/email-code/page.ts';
import {
  besidePart,
  type PasskeyModel,
  passkeyPage,
  type SetUpModel,
  setUpPage,
} from '../../interactions/methods/passkey/page.ts';
import { type GuardModel, guardPage } from '../../interactions/methods/password/guard-page.ts';
import { type PasswordModel, passwordPage } from '../../interactions/methods/password/page.ts';
import { confirmSignOutPage } from '../../interactions/pages/confirm-sign-out/page.ts';
import { type DeviceCodeModel, deviceCodePage } from '../../interactions/pages/device-code/page.ts';
import { deviceConfirmPage } from '../../interactions/pages/device-confirm/page.ts';
import { deviceEndPage } from '../../interactions/pages/device-end/page.ts';
import { errorPage } from '../../interactions/pages/error/page.ts';
import { texts as errorTexts } from '../../interactions/pages/error/texts.ts';
import { formPostPage } from '../../interactions/pages/form-post/page.ts';
import type { Pages, View } from '../../interactions/pages/render.ts';
import { signedOutPage } from '../../interactions/pages/signed-out/page.ts';
import { selectAccountPage } from '../../interactions/select-account/page.ts';
import type { Locale } from '../../src/records/records.ts';
import { accountStates } from './account-states.ts';
import { entryStates } from './entry-states.ts';
import { ownCodeStates } from './own-code-states.ts';
import { recoveryStates } from './recovery-states.ts';

export const deployment: Settings['deployment'] = {
  name: { hu: 'Minta Ügyfélkapu', en: 'Sample Citizen Portal' },
  operator: { hu: 'Minta Közigazgatási Szolgáltató', en: 'Sample Public Administration Agency' },
  colour: '#1b5c8a',
  help: { url: 'https://segitseg.example/', phone: '+36 1 234 5678' },
  locale: 'hu',
  timeZone: 'Europe/Budapest',
};

export interface State {
  name: string;
  locale: Locale;
  render: (pages: Pages) => string;
}

/** `text` stands in every string that a model can hold; the default is what a person might really see. */
export function states(text = (usual: string) => usual): State[] {
  return (['hu', 'en'] as const).flatMap((locale) =>
    Object.entries(inLocale(locale, text)).map(([name, render]) => ({ name, locale, render })),
  );
}

function inLocale(locale: Locale, text: (usual: string) => string): Record<string, (pages: Pages) => string> {
  const hu = locale === 'hu';
  const view: View = {
    locale,
    path: text('/interaction/abc/page'),
    service: {
      clientId: text('demo-service'),
      name: text(hu ? 'Személyi jövedelemadó bevallása' : 'Personal income tax return'),
      url: `https://ado.example/${text('')}`,
    },
    reference: text('K7QX-4MPD'),
  };
  const nowhere: View = { ...view, service: undefined };
  const password: PasswordModel = {
    action: text('/interaction/abc/password'),
    username: '',
    asksPlus: false,
    mayDecline: false,
  };
  const code: EmailCodeModel = {
    action: text('/interaction/abc/email-code'),
    statusUrl: text('/status'),
    maskedAddress: text('a***@demo.example'),
    lifeMinutes: 10,
    digits: 6,
    mailReference: text('R4T-9KZ'),
    delivery: 'sent',
    resendInSeconds: 0,
    sendsLeft: 3,
    mayDecline: false,
  };
  const asPassword = (more: Partial<PasswordModel>) => (pages: Pages) =>
    passwordPage(pages, view, { ...password, ...more });
  const asCode = (more: Partial<EmailCodeModel>) => (pages: Pages) => emailCodePage(pages, view, { ...code, ...more });

  const asDevice = (more: Partial<DeviceCodeModel>) => (pages: Pages) =>
    deviceCodePage(pages, view, { action: text('/device'), xsrf: text('x5rf'), ...more });

  const when = text(hu ? '2026. november 22. 14:05 CET' : '22 November 2026 at 14:05 CET');
  const guard: GuardModel = {
    action: text('/interaction/abc/password/confirm'),
    digits: 12,
    lifeMinutes: 10,
    mailReference: text('R4T-9KZ'),
  };
  const asGuard = (more: Partial<GuardModel>) => (pages: Pages) => guardPage(pages, view, { ...guard, ...more });

  const passkey: PasskeyModel = {
    action: text('/interaction/abc/passkey'),
    optionsAt: text('/interaction/abc/passkey/options'),
    known: false,
    mayDecline: false,
  };
  const others = [
    { href: text('/interaction/abc/password'), title: text(hu ? 'Felhasználónév és jelszó' : 'Password') },
  ];
  const asPasskey = (more: Partial<PasskeyModel>) => (pages: Pages) =>
    passkeyPage(pages, { ...view, others }, { ...passkey, ...more });
  const setUp: SetUpModel = {
    action: text('/account/methods/passkey'),
    optionsAt: text('/account/methods/passkey/options'),
    name: '',
    most: 10,
  };
  const asSetUp =
    (more: Partial<SetUpModel>, on = nowhere) =>
    (pages: Pages) =>
      setUpPage(pages, on, { ...setUp, ...more });

  return {
    password: asPassword({}),
    'password-beside-passkey': (pages) =>
      passwordPage(pages, { ...view, others, beside: [besidePart(text('/interaction/abc/passkey'))] }, password),
    passkey: asPasskey({}),
    'passkey-known': asPasskey({ known: true, mayDecline: true }),
    'passkey-no-script': asPasskey({ problem: 'no-script' }),
    'passkey-expired': asPasskey({ problem: 'expired' }),
    'passkey-refused': asPasskey({ problem: 'refused' }),
    'passkey-copied': asPasskey({ problem: 'copied' }),
    'passkey-too-many': asPasskey({ problem: 'too-many', retryMinutes: 12 }),
    'passkey-set-up': asSetUp({}),
    'passkey-set-up-in-sign-in': asSetUp({ name: text('Telefon') }, view),
    'passkey-set-up-no-script': asSetUp({ problem: 'no-script' }),
    'passkey-set-up-expired': asSetUp({ problem: 'expired' }),
    'passkey-set-up-refused': asSetUp({ problem: 'refused' }),
    'passkey-set-up-already': asSetUp({ problem: 'already' }),
    'passkey-set-up-full': asSetUp({ problem: 'full' }),
    'password-plus': asPassword({ asksPlus: true, username: text('anna') }),
    'password-username-missing': asPassword({ problem: 'username-missing' }),
    'password-password-missing': asPassword({ problem: 'password-missing', username: text('anna') }),
    'password-both-missing': asPassword({ problem: 'both-missing' }),
    'password-wrong': asPassword({ problem: 'wrong', username: text('anna') }),
    'password-too-many': asPassword({ problem: 'too-many', username: text('anna') }),
    'password-too-many-minutes': asPassword({ problem: 'too-many', retryMinutes: 12, username: text('anna') }),
    'password-guarded': asPassword({ problem: 'guarded', retryMinutes: 700, username: text('anna') }),
    'password-decline': asPassword({ mayDecline: true, asksPlus: true, username: text('anna') }),
    'password-ended': asPassword({ ended: { why: 'new-password', when }, username: text('anna') }),
    'password-ended-wrong': asPassword({
      ended: { why: 'reported', when },
      problem: 'wrong',
      username: text('anna'),
    }),
    'password-ended-signed-out': asPassword({ ended: { why: 'signed-out', when }, username: text('anna') }),
    'password-busy': asPassword({ problem: 'busy', username: text('anna'), asksPlus: true }),

    guard: asGuard({}),
    'guard-missing': asGuard({ problem: 'missing' }),
    'guard-malformed': asGuard({ problem: 'malformed' }),
    'guard-wrong': asGuard({ problem: 'wrong', triesLeft: 1 }),
    'guard-expired': asGuard({ problem: 'expired' }),
    'guard-spent': asGuard({ problem: 'spent' }),

    ...ownCodeStates(view, nowhere, text),

    'code-too-short': asCode({ problem: 'too-short' }),
    'code-too-short-no-sends': asCode({ problem: 'too-short', sendsLeft: 0 }),
    'code-sending': asCode({ delivery: 'sending', resendInSeconds: 30 }),
    'code-sent': asCode({}),
    'code-failed': asCode({ delivery: 'failed' }),
    'code-resent': asCode({ delivery: 'sending', notice: 'resent', resendInSeconds: 30 }),
    'code-may-decline': asCode({ mayDecline: true }),
    'code-ten-digits-no-sends': asCode({ digits: 10, sendsLeft: 0 }),
    'code-missing': asCode({ problem: 'missing' }),
    'code-malformed': asCode({ problem: 'malformed' }),
    'code-wrong': asCode({ problem: 'wrong', triesLeft: 3, mayDecline: true }),
    'code-wrong-last': asCode({ problem: 'wrong', triesLeft: 1 }),
    'code-spent': asCode({ problem: 'spent' }),
    'code-spent-may-decline': asCode({ problem: 'spent', mayDecline: true }),
    'code-expired': asCode({ problem: 'expired' }),
    'code-expired-no-sends': asCode({ problem: 'expired', sendsLeft: 0 }),
    'code-resend-too-soon': asCode({ problem: 'resend-too-soon', resendInSeconds: 21 }),
    'code-resend-limit': asCode({ problem: 'resend-limit', sendsLeft: 0 }),
    'code-account-limit': asCode({ problem: 'account-limit' }),

    choose: (pages) =>
      choosePage(pages, view, { action: text('/interaction/abc'), options: options(hu, text), mayDecline: false }),
    'choose-may-decline': (pages) =>
      choosePage(pages, view, { action: text('/interaction/abc'), options: options(hu, text), mayDecline: true }),
    'select-account': (pages) =>
      selectAccountPage(pages, view, { action: text('/interaction/abc/select-account'), username: text('anna') }),
    consent: (pages) =>
      consentPage(pages, view, {
        action: text('/interaction/abc/consent'),
        items: [
          ...['openid', 'profile', 'email', 'offline_access', text('tax:read')].map((scope) => ({ scope })),
          { scope: text('tax:read'), resource: text('https://api.example/tax') },
        ],
      }),

    ...Object.fromEntries(
      (Object.keys(errorTexts.hu.kinds) as (keyof typeof errorTexts.hu.kinds)[]).map((kind) => [
        `error-${kind}`,
        (pages: Pages) => errorPage(pages, view, { kind }),
      ]),
    ),
    'error-bad-request-technical': (pages) =>
      errorPage(pages, view, { kind: 'bad-request', technical: text('invalid_request: code_challenge is missing') }),
    'error-unavailable-retry': (pages) =>
      errorPage(pages, view, { kind: 'unavailable', retryHref: text('/interaction/abc') }),
    'error-unknown-service-nowhere': (pages) =>
      errorPage(pages, nowhere, { kind: 'unknown-service', technical: text('invalid_client: demo-servise') }),
    'error-fault-nowhere': (pages) => errorPage(pages, { ...nowhere, reference: undefined }, { kind: 'fault' }),

    'device-code': asDevice({}),
    'device-code-filled': asDevice({ userCode: text('BCDF-GHJK') }),
    'device-code-missing': asDevice({ problem: 'missing' }),
    'device-code-wrong': asDevice({ problem: 'wrong' }),
    'device-code-too-many': asDevice({ problem: 'too-many', retryAfter: 840 }),
    'device-code-again': asDevice({ problem: 'again' }),
    'device-confirm': (pages) =>
      deviceConfirmPage(pages, view, { action: text('/device'), xsrf: text('x5rf'), userCode: text('BCDF-GHJK') }),
    'device-done': (pages) => deviceEndPage(pages, view, 'done'),
    'device-refused': (pages) => deviceEndPage(pages, view, 'refused'),
    'device-failed': (pages) => deviceEndPage(pages, nowhere, 'failed'),

    'confirm-sign-out': (pages) =>
      confirmSignOutPage(pages, view, { action: text('/session/end/confirm'), xsrf: text('x5rf') }),
    // Without its script, which would send it away.
    'form-post': (pages) =>
      formPostPage(pages, view, {
        action: text('/callback'),
        fields: { code: text('a-code'), state: text('a-state'), iss: text('https://login.example.hu') },
      }).replace(/ *<script [^>]*form-post[^>]*><\/script>\n/, ''),
    'signed-out': (pages) => signedOutPage(pages, view, { stays: false }),
    'signed-out-nowhere': (pages) => signedOutPage(pages, nowhere, { stays: false }),
    'signed-in-still': (pages) => signedOutPage(pages, view, { stays: true }),
    ...accountStates(view, text),
    ...recoveryStates(view, text),
    ...entryStates(view, text),
  };
}

function options(hu: boolean, text: (usual: string) => string) {
  return [
    {
      href: text('/interaction/abc/email-code'),
      title: text(hu ? 'E-mailes kód' : 'E-mail code'),
      hint: text(hu ? 'Kódot küldünk ide: a***@demo.example' : 'We send a code to a***@demo.example'),
    },
    { href: text('/interaction/abc/totp'), title: text(hu ? 'Hitelesítő alkalmazás' : 'Authenticator app') },
  ];
}
