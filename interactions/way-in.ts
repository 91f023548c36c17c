/**
 * Ways in beside the sign-in methods: pages inside a sign-in that end with somebody having given what a method asks for, such as
 * a new password. What is proven then is that method's proof, and the dispatcher goes on as after it.
 */

import type Router from '@koa/router';
import type { Audit } from '../src/audit/audit.ts';
import type { Locale } from '../src/records/records.ts';
import type { MethodParts, Steps } from './method.ts';
import type { NewPasswordForm } from './new-password/new-password.ts';

export interface WayIn {
  /** Its pages live below /interaction/<uid>/<name>. */
  name: string;
  /** The method whose proof it ends with, and whose page has a link to it. */
  method: string;
  /** Whether it is for people of whom it is not known yet who they are. */
  forStrangers: boolean;
  /** Whether it makes an account, so that whoever is sent with prompt=create begins here. */
  creates?: boolean;
  /** The link's text. */
  title(locale: Locale): string;
  /** Mounts its pages; a step's `passed` counts as the method's. `step` and `look` are as methods have them. */
  routes(router: Router, step: Steps, look: Steps): void;
}

/** What ways in are made of: each takes what it needs. */
export interface WayInParts extends MethodParts {
  audit: Audit;
  newPassword: NewPasswordForm;
  /** Notices have been written: they are sent at once. */
  noticesWritten(): void;
}
