/**
 * Ways in beside the sign-in methods: pages inside a sign-in that end with somebody having given what a method asks for, such as
 * a new password. What is proven then is that method's proof, and the dispatcher goes on as after it.
 */

import type Router from '@koa/router';
import type { Context } from 'koa';
import type { Audit } from '../src/audit/audit.ts';
import { interactionPath } from '../src/oidc/interaction-path.ts';
import type { Locale } from '../src/records/records.ts';
import { field } from './form.ts';
import type { MethodParts, Step, Steps } from './method.ts';
import type { Choosing, NewPasswordForm } from './new-password/new-password.ts';

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

/** Where the sign-in's pages live. */
export const homeOf = ({ uid }: Step): string => interactionPath(uid);

/** The pages of a way in: the button that gives up works on all of them, and `back` is the words of the link to the password's page. */
export function pagesOf(step: Steps, back: (locale: Locale) => string) {
  return (work: (ctx: Context, step: Step) => Promise<void> | void) =>
    async (ctx: Context): Promise<void> => {
      const visit = await step(ctx);
      if (!visit) return;
      if (ctx.method === 'POST' && field(ctx, 'cancel') !== undefined) return visit.cancelled();
      const others = [{ href: `${homeOf(visit)}/password`, title: back(visit.view.locale) }];
      await work(ctx, { ...visit, view: { ...visit.view, others } });
    };
}

/** Who chooses a password in a sign-in, as the form of new passwords asks it. */
export function choosing({ view, origin, uid }: Step, chooser: Choosing['chooser']): Choosing {
  return { locale: view.locale, origin, key: uid, chooser };
}
