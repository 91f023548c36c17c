/** The pages of a sign-up: the address, the code, and the rest. They show what they are told. */

import type { Settings } from '../../config/settings.ts';
import { type Fields, type Said, script } from '../new-password/new-password.ts';
import type { Field, Pages, Problem, View } from '../pages/render.ts';
import { template } from '../pages/template.ts';
import { texts } from './texts.ts';

const load = (name: string) => template(new URL(`./${name}.ejs`, import.meta.url));
const [start, code, about] = [load('start'), load('code'), load('about')];

export interface StartModel {
  /** Where the form is posted: the field `email`, or the button `cancel`. */
  action: string;
  email: string;
  problem?: 'missing' | 'malformed' | 'too-many';
  /** With 'too-many'. */
  retryMinutes?: number;
}

/** Asks for the address. */
export function startPage(pages: Pages, view: View, model: StartModel): string {
  const { start: t, cancel } = texts[view.locale];
  const words = { missing: t.missing, malformed: t.malformed, 'too-many': t.tooMany(model.retryMinutes ?? 0) };
  const text = model.problem && words[model.problem];
  const field = model.problem === 'too-many' ? {} : { field: 'email', atField: text };
  const problems: Problem[] = text ? [{ text, ...field }] : [];
  return pages.render(view, {
    template: start,
    heading: t.heading,
    t: { ...t, cancel },
    model,
    problems,
    signIn: true,
  });
}

export interface CodeModel {
  /** Where the form is posted: the field `code`, or one of the buttons `again`, `cancel`. */
  action: string;
  /** As it was typed: a mistake is to be seen. */
  email: string;
  digits: number;
  lifeMinutes: number;
  /** Stands in the mail too. */
  mailReference: string;
  problem?: 'missing' | 'malformed' | 'wrong' | 'expired' | 'spent';
  /** With 'wrong'. */
  triesLeft?: number;
}

/** Asks for the code. */
export function codePage(pages: Pages, view: View, model: CodeModel): string {
  const { code: t, cancel } = texts[view.locale];
  const words: Record<NonNullable<CodeModel['problem']>, string> = {
    missing: t.missing,
    malformed: t.malformed(model.digits),
    wrong: t.wrong(model.triesLeft ?? 0),
    expired: t.expired,
    spent: t.spent,
  };
  const text = model.problem && words[model.problem];
  const field = model.problem === 'spent' ? {} : { field: 'code', atField: text };
  const problems: Problem[] = text ? [{ text, ...field }] : [];
  return pages.render(view, { template: code, heading: t.heading, t: { ...t, cancel }, model, problems, signIn: true });
}

type Asks = Settings['signUp']['asks'];

export interface AboutModel {
  /** Where the form is posted: `username`, what is asked, and the fields of the new password. */
  action: string;
  /** The address that was confirmed. */
  email: string;
  asks: Asks;
  /** What was typed, by field. */
  values: Record<string, string>;
  fields: Fields;
  said?: Said;
  problem?:
    | 'username-missing'
    | 'username-malformed'
    | 'taken'
    | 'too-many'
    | 'name-missing'
    | 'name-malformed'
    | 'birth-name-missing'
    | 'birth-date-missing'
    | 'birth-date-malformed';
}

const autocomplete: Record<Asks[number], string> = { name: 'name', birthName: 'off', birthDate: 'bday' };

/** Asks for all else. */
export function aboutPage(pages: Pages, view: View, { said, problem, asks, values, ...model }: AboutModel): string {
  const { about: t, cancel } = texts[view.locale];
  const at = (field: string, text: string): Problem => ({ text, field, atField: text });
  const words: Record<NonNullable<AboutModel['problem']>, Problem> = {
    'username-missing': at('username', t.usernameMissing),
    'username-malformed': at('username', t.usernameMalformed),
    taken: at('username', t.taken),
    'too-many': { text: t.tooMany },
    'name-missing': at('name', t.nameMissing),
    'name-malformed': at(asks.includes('name') ? 'name' : 'birthName', t.nameMalformed),
    'birth-name-missing': at('birthName', t.birthNameMissing),
    'birth-date-missing': at('birthDate', t.birthDateMissing),
    'birth-date-malformed': at('birthDate', t.birthDateMalformed),
  };
  const labels = { name: t.name, birthName: t.birthName, birthDate: t.birthDate };
  const asked = asks.map(
    (name): Field => ({
      name,
      label: labels[name],
      type: 'text',
      value: values[name] ?? '',
      autocomplete: autocomplete[name],
      ...(name === 'birthDate' && { hint: t.birthDateHint }),
    }),
  );
  return pages.render(view, {
    template: about,
    heading: t.heading,
    t: { ...t, cancel },
    model: { ...model, asked, username: values.username ?? '' },
    problems: [...(problem ? [words[problem]] : []), ...(said?.problems ?? [])],
    signIn: true,
    script,
  });
}
