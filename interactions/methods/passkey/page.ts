/** The pages on which a passkey is used and made, and what stands hidden beside other methods' forms. They show what they are told. */

import type { Beside, Pages, Problem, View } from '../../pages/render.ts';
import { template } from '../../pages/template.ts';
import { texts } from './texts.ts';

interface Common {
  /** Where the form is posted: what the script puts into it, or one of the buttons `decline`, `cancel`. */
  action: string;
  /** Where the script asks what the browser is to do. */
  optionsAt: string;
}

export interface PasskeyModel extends Common {
  /** Whether it is known already who the person is. */
  known: boolean;
  mayDecline: boolean;
  problem?: 'no-script' | 'expired' | 'refused' | 'copied' | 'too-many';
  /** With 'too-many'. */
  retryMinutes?: number;
}

export interface SetUpModel extends Common {
  /** What the person has typed. */
  name: string;
  most: number;
  /** 'full': there are as many as a person can have, and no more can be made. */
  problem?: 'no-script' | 'expired' | 'refused' | 'already' | 'full';
}

const script = 'passkey.js';
const page = template(new URL('./page.ejs', import.meta.url));
const setUp = template(new URL('./set-up.ejs', import.meta.url));
const beside = template(new URL('./beside.ejs', import.meta.url));

/** The page of a sign-in. It runs one script, passkey.js, which asks `optionsAt`. */
export function passkeyPage(pages: Pages, view: View, model: PasskeyModel): string {
  const t = texts[view.locale];
  const { problem, retryMinutes } = model;
  const problems: Problem[] = problem
    ? [{ text: problem === 'too-many' ? t.tooMany(retryMinutes) : t.problem[problem] }]
    : [];
  return pages.render(view, { template: page, heading: t.heading, t, model, problems, signIn: true, script });
}

/** The page on which one is made; with the same script. */
export function setUpPage(pages: Pages, view: View, model: SetUpModel): string {
  const { setUp: own, ...shared } = texts[view.locale];
  const said = { ...shared.said, ...own.said };
  const t = { ...shared, ...own, said, problem: { ...shared.problem, ...own.problem } };
  const { problem, most } = model;
  const problems: Problem[] = problem ? [{ text: problem === 'full' ? t.full(most) : t.problem[problem] }] : [];
  const signIn = view.service !== undefined;
  return pages.render(view, { template: setUp, heading: t.heading, t, model, problems, signIn, script });
}

/** A form that nobody sees, by which a passkey can be chosen where a browser offers to fill in a user name (conditional mediation). */
export function besidePart(path: string): Beside {
  const model = { action: path, optionsAt: `${path}/options` };
  return { html: beside({ t: {}, model }), script, autocomplete: 'webauthn' };
}
