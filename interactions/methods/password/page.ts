/** The user name and password form. It shows what it is told; what is right or wrong is decided elsewhere. */

import type { Ended } from '../../ended.ts';
import type { Pages, Problem, View } from '../../pages/render.ts';
import { template } from '../../pages/template.ts';
import { texts } from './texts.ts';

export interface PasswordModel {
  /** Where the form is posted: fields `username` and `password`, or one of the buttons `decline`, `cancel`. */
  action: string;
  /** What the person typed, or the service suggested. */
  username: string;
  problem?: 'username-missing' | 'password-missing' | 'both-missing' | 'wrong' | 'too-many' | 'guarded' | 'busy';
  /** With 'too-many' and 'guarded', where known. */
  retryMinutes?: number;
  /** That this person has been signed out everywhere, for a browser that may know; `when` in words. */
  ended?: { why: Ended['why']; when: string };
  /** Whether a code will be asked for after the password. */
  asksPlus: boolean;
  /** Whether the person may go on at a weaker level, reached already, instead. */
  mayDecline: boolean;
}

const page = template(new URL('./page.ejs', import.meta.url));

/** The sign-in page as HTML. */
export function passwordPage(pages: Pages, view: View, model: PasswordModel): string {
  const t = texts[view.locale];
  return pages.render(view, {
    template: page,
    heading: t.heading,
    t,
    model,
    problems: problems(t, model),
    signIn: true,
  });
}

/** 'wrong' marks neither field: which of the two it was is not for strangers to learn. */
function problems(t: (typeof texts)['hu'], { problem, retryMinutes }: PasswordModel): Problem[] {
  const username = { text: t.usernameMissing, field: 'username', atField: t.usernameMissing };
  const password = { text: t.passwordMissing, field: 'password', atField: t.passwordMissing };
  switch (problem) {
    case undefined:
      return [];
    case 'username-missing':
      return [username];
    case 'password-missing':
      return [password];
    case 'both-missing':
      return [username, password];
    case 'wrong':
      return [{ text: t.wrong, field: 'username' }];
    case 'too-many':
      return [{ text: t.tooMany(retryMinutes) }];
    case 'guarded':
      return [{ text: t.guarded(Math.ceil((retryMinutes ?? 0) / 60)) }];
    case 'busy':
      return [{ text: t.busy }];
  }
}
