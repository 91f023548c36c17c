/** The person's own pages: one line each, in the order in which the overview names them. */

import type { AccountSessions } from '../../src/oidc/sessions/account-sessions.ts';
import type { Records } from '../../src/records/records.ts';
import type { Stop, StopRules } from '../../src/stop.ts';
import type { Method } from '../method.ts';
import type { StopLinks } from '../stop/link.ts';
import { createStopPage } from '../stop/stop.ts';
import type { WayInParts } from '../way-in.ts';
import { createActivityPage } from './activity/activity.ts';
import { createDataPage } from './data/data.ts';
import { createEmailPage } from './email/email.ts';
import { createMethodsPage } from './methods/methods.ts';
import { createPasswordPage } from './password/password.ts';
import { createServicesPage } from './services/services.ts';
import { createSessionsPage } from './sessions/sessions.ts';
import type { AccountPage } from './visit.ts';

/** What these pages are made of: each takes what it needs. */
export interface AccountPageParts extends WayInParts {
  /** The sign-in methods that are not switched off. */
  methods: readonly Method[];
  records: Records;
  accountSessions: AccountSessions;
  /** Does what need not be done for the answer, however long it takes; a fault of it is written into the log. */
  inBackground(work: () => Promise<void>): void;
  /** "This was not me": stops what was done to an account. */
  stop: Stop;
  stopLinks: StopLinks;
  stopRules: StopRules;
}

const all: ((parts: AccountPageParts) => AccountPage | undefined)[] = [
  createMethodsPage,
  createPasswordPage,
  createEmailPage,
  createSessionsPage,
  createServicesPage,
  createActivityPage,
  createDataPage,
  createStopPage,
];

/** Every page that the settings have, ready to be mounted. */
export function createAccountPages(parts: AccountPageParts): AccountPage[] {
  return all.flatMap((create) => create(parts) ?? []);
}
