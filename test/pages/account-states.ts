/** The person's own pages in every state, for the tests of pages and for the gallery. */

import { activityPage, reportPage } from '../../interactions/account/activity/page.ts';
import { dataPage, deletePage, deletionAskedPage } from '../../interactions/account/data/page.ts';
import { type ListedMethod, methodsPage, removePage, renamePage } from '../../interactions/account/methods/page.ts';
import { type OverviewModel, overviewPage } from '../../interactions/account/overview/page.ts';
import { refusedPage } from '../../interactions/account/refused/page.ts';
import { revokePage, servicesPage } from '../../interactions/account/services/page.ts';
import { type SessionsModel, sessionsPage } from '../../interactions/account/sessions/page.ts';
import { enrolPage } from '../../interactions/enrol/page.ts';
import type { Pages, View } from '../../interactions/pages/render.ts';

type States = Record<string, (pages: Pages) => string>;

/** `text` stands in every string that a model can hold; `asked` is a view inside a sign-in. */
export function accountStates(asked: View, text: (usual: string) => string): States {
  const hu = asked.locale === 'hu';
  const own = {
    title: hu ? 'Fiókom' : 'My account',
    href: '/account',
    signOut: hu ? 'Kijelentkezés' : 'Sign out',
    signOutHref: '/account/sign-out',
  };
  const view: View = { ...asked, path: text('/account/page'), service: undefined, reference: undefined, own };
  const time = text(hu ? '2026. november 22. 14:05 CET' : '22 November 2026 at 14:05 CET');
  const app = text(hu ? 'Hitelesítő alkalmazás' : 'Authenticator app');
  const phone = text(hu ? 'A telefonom' : 'My phone');

  const overview: OverviewModel = {
    name: text('Szabóné Kiss Anna'),
    username: text('anna'),
    maskedAddress: text('a***@demo.example'),
    isConfirmed: true,
    methods: [text(hu ? 'Jelszó' : 'Password'), app],
    links: [{ href: text('/account/methods'), title: app, about: text(hu ? 'Beállítás' : 'Set up') }],
  };
  const asOverview = (more: Partial<OverviewModel>) => (pages: Pages) =>
    overviewPage(pages, view, { ...overview, ...more });

  const method: ListedMethod = {
    name: 'totp',
    title: app,
    about: text(hu ? 'Kódot mutat a telefonja.' : 'Your phone shows a code.'),
    credentials: [
      {
        name: phone,
        about: text('iPhone'),
        added: time,
        used: time,
        renameHref: text('/account/methods/rename?method=totp&id=1'),
        removeHref: text('/account/methods/remove?method=totp&id=1'),
      },
      { name: app, added: time, removeHref: text('/account/methods/remove?method=totp&id=2') },
    ],
    setUp: { href: text('/account/methods/totp'), title: app },
  };
  const sessions: SessionsModel = {
    sessions: [
      {
        uid: text('one'),
        isThis: true,
        device: text('Chrome, Linux'),
        began: time,
        lastUse: time,
        from: text('192.0.…'),
      },
      { uid: text('other'), isThis: false, device: text('Firefox, Windows'), began: time, from: text('2001:db8:…') },
    ],
    more: false,
    action: text('/account/sessions'),
  };
  const entries = [
    {
      what: text(hu ? 'Bejelentkezés' : 'Sign-in'),
      when: time,
      from: text('192.0.…'),
      isAlarm: false,
      reportHref: text('/r'),
    },
    { what: text(hu ? 'Sikertelen' : 'Not confirmed'), when: time, isAlarm: true, reportHref: text('/r') },
  ];
  const rename = { action: text('/account/methods/rename'), backHref: text('/account/methods'), name: phone };
  const remove = {
    ...rename,
    action: text('/account/methods/remove'),
    isLastOwn: false,
    signsOut: false,
    holds: false,
    refused: false,
  };

  return {
    'account-overview': asOverview({}),
    'account-overview-bare': asOverview({ name: undefined, maskedAddress: undefined, links: [] }),
    'account-overview-held': asOverview({ held: { until: time }, isConfirmed: false }),
    'account-overview-stopped': asOverview({ held: { until: '' } }),
    'account-overview-deletion': asOverview({ deletion: { until: time, href: text('/account/data') } }),
    'account-cancelled': (pages) => refusedPage(pages, view, { kind: 'cancelled', href: text('/account') }),
    'account-unmet': (pages) => refusedPage(pages, view, { kind: 'unmet', href: text('/account') }),
    'account-other-person': (pages) => refusedPage(pages, view, { kind: 'other-person', href: text('/account') }),
    'account-methods': (pages) => methodsPage(pages, view, { methods: [method], maskedAddress: text('a***@x.hu') }),
    'account-methods-none': (pages) =>
      methodsPage(pages, view, { methods: [{ ...method, credentials: [] }], done: 'removed' }),
    'account-methods-full': (pages) =>
      methodsPage(pages, view, { methods: [{ ...method, setUp: undefined }], done: 'added' }),
    'account-rename': (pages) => renamePage(pages, view, rename),
    'account-rename-missing': (pages) => renamePage(pages, view, { ...rename, problem: 'missing' }),
    'account-rename-refused': (pages) => renamePage(pages, view, { ...rename, problem: 'refused' }),
    'account-remove': (pages) => removePage(pages, view, remove),
    'account-remove-last': (pages) =>
      removePage(pages, view, { ...remove, isLastOwn: true, signsOut: true, holds: true }),
    'account-remove-refused': (pages) => removePage(pages, view, { ...remove, refused: true }),
    'account-sessions': (pages) => sessionsPage(pages, view, sessions),
    'account-sessions-many': (pages) => sessionsPage(pages, view, { ...sessions, more: true, done: 'ended' }),
    'account-sessions-one': (pages) =>
      sessionsPage(pages, view, { ...sessions, sessions: sessions.sessions.slice(0, 1), done: 'gone' }),
    'account-services': (pages) =>
      servicesPage(pages, view, {
        revoked: true,
        services: [
          {
            name: text(hu ? 'Városi Könyvtár' : 'City Library'),
            gets: [text(hu ? 'az Ön neve' : 'your name')],
            allowed: time,
            first: time,
            last: time,
            revokeHref: text('/account/services/revoke?client=x'),
          },
          {
            name: text(hu ? 'Múzeum' : 'Museum'),
            gets: [text(hu ? 'az Ön neve' : 'your name')],
            first: time,
            last: time,
            takenBack: time,
            revokeHref: text('/account/services/revoke?client=y'),
          },
        ],
      }),
    'account-revoke': (pages) =>
      revokePage(pages, view, {
        name: text(hu ? 'Városi Könyvtár' : 'City Library'),
        action: text('/account/services/revoke?client=x'),
        backHref: text('/account/services'),
      }),
    'account-activity': (pages) =>
      activityPage(pages, view, { entries, olderHref: text('/older'), newestHref: text('/newest') }),
    'account-report': (pages) =>
      reportPage(pages, view, { what: entries[0]!.what, when: time, action: text('/report'), backHref: text('/back') }),
    'account-data': (pages) => dataPage(pages, view, { kept: true, days: 14, action: text('/account/data') }),
    'account-data-pending': (pages) =>
      dataPage(pages, view, { kept: false, until: time, days: 14, action: text('/account/data') }),
    'account-delete': (pages) =>
      deletePage(pages, view, { until: time, action: text('/account/data/delete'), backHref: text('/account/data') }),
    'account-deletion-asked': (pages) =>
      deletionAskedPage(pages, asked, { until: time, accountHref: text('/account') }),
    enrol: (pages) =>
      enrolPage(pages, asked, {
        options: [{ href: text('/interaction/abc/enrol/totp'), title: app, about: method.about }],
        action: text('/interaction/abc/enrol'),
      }),
  };
}
