/** An explanation in plain words: the same texts for a terminal and for a page, which only lay them out. */

import type { Explanation } from './explain.ts';
import type { Mistake } from './mistakes.ts';
import type { ExplainedMethod, Step } from './steps.ts';
import { en } from './words/en.ts';
import { hu } from './words/hu.ts';
import type { MistakeWords, Words } from './words/words.ts';

export type Locale = 'hu' | 'en';
const languages: Record<Locale, Words> = { hu, en };

/** A heading and its rows, label and value. */
export interface Rows {
  heading: string;
  rows: [label: string, value: string][];
}

export interface Telling {
  /** One sentence: whether it works, and what comes of it. */
  summary: string;
  works: boolean;
  understood: Rows;
  steps: { heading: string; items: string[]; none: string };
  /** Undefined where there is no token. `check`: what the service must do with it. */
  token?: Rows & { check?: string };
  mistakes: {
    heading: string;
    none: string;
    items: { severity: Mistake['severity']; label: string; problem: string; change: string }[];
  };
}

/** Whether the service gets a code in the end. */
export function works({ outcome }: Explanation): boolean {
  return outcome.kind === 'token';
}

/** `explanation` in words. `methods`: the ones that it was made with. */
export function tell(
  explanation: Explanation,
  methods: readonly Pick<ExplainedMethod, 'name' | 'title'>[],
  locale: Locale,
): Telling {
  const words = languages[locale];
  const { outcome, steps, mistakes } = explanation;
  const titleOf = (name: string) => methods.find((method) => method.name === name)?.title(locale) ?? name;
  return {
    summary: words.summary(outcome, steps.length),
    works: works(explanation),
    understood: { heading: words.headings.understood, rows: understoodRows(explanation, words, locale, titleOf) },
    steps: {
      heading: words.headings.steps,
      items: steps.map((step) => stepText(step, words, titleOf)),
      none: words.noSteps(outcome),
    },
    token: outcome.kind === 'token' ? tokenRows(explanation, words, locale) : undefined,
    mistakes: {
      heading: words.headings.mistakes,
      none: words.noMistakes,
      items: mistakes.map((mistake) => mistakeText(mistake, words)),
    },
  };
}

function understoodRows(
  { understood, outcome }: Explanation,
  words: Words,
  locale: Locale,
  titleOf: (name: string) => string,
): [string, string][] {
  const { labels } = words;
  const { client, redirect, scopes, resources, prompts, freshness, demand, person, session } = understood;
  const rows: [string, string | undefined][] = [
    [labels.client, client && words.client(client, client.names[locale])],
    [labels.redirect, redirect],
    [labels.scopes, scopes.join(' ')],
    [labels.resources, resources.join(' ')],
    ...(demand?.asks ?? []).map((ask): [string, string] => [labels.asked, words.ask(ask)]),
    [labels.floor, demand && words.floor(demand.floor)],
    ...(demand?.minima ?? []).map((minimum): [string, string] => [labels.minimum, words.minimum(minimum)]),
    [labels.excluded, demand?.excludedMethods.map(titleOf).join(', ')],
    [labels.freshness, freshness && words.freshness(freshness, durationText(freshness.seconds, locale))],
    [labels.prompts, prompts.join(' ')],
    ...(outcome.kind === 'elsewhere'
      ? []
      : ([
          [labels.person, person ?? words.anybody],
          [labels.session, session ? words.session(session.level, agoText(session.ageSeconds, locale)) : words.nobody],
        ] as [string, string][])),
  ];
  return rows.filter((row): row is [string, string] => Boolean(row[1]));
}

function stepText(step: Step, words: Words, titleOf: (name: string) => string): string {
  switch (step.page) {
    case 'select-account':
      return words.selectAccount;
    case 'sign-up':
      return words.signUp;
    case 'choose':
      return words.choose(step.methods.map(titleOf));
    case 'method':
      return words.method(titleOf(step.method), step.why, step.level, step.mayDecline);
    case 'consent':
      return words.consent(step.why, step.scopes);
  }
}

function tokenRows({ outcome, at, acceptable }: Explanation, words: Words, locale: Locale): Telling['token'] {
  if (outcome.kind !== 'token') return undefined;
  const { acr, amr, amrOneOf, authTime, idToken } = outcome;
  const seconds = Math.round((at.getTime() - authTime.getTime()) / 1000);
  const when = seconds === 0 ? words.thisMoment : agoText(seconds, locale);
  const rows: [string, string][] = idToken
    ? [
        ['acr', acr],
        ['amr', [amr.join(' '), ...amrOneOf.map(words.andOneOf)].join(', ')],
        ['auth_time', when],
      ]
    : [['', words.noIdToken]];
  const check = acceptable.length > 0 && idToken ? words.check(acceptable) : undefined;
  return { heading: words.headings.token, rows, check };
}

function mistakeText(mistake: Mistake, words: Words): Telling['mistakes']['items'][number] {
  const { severity, name } = mistake;
  // The name says which facts there are; the compiler cannot follow it through the table.
  const say = words.mistakes[name] as (facts: Mistake) => ReturnType<MistakeWords[typeof name]>;
  const [problem, change] = say(mistake);
  return { severity, label: words.severities[severity], problem, change };
}

/** The greatest unit that leaves nothing much over. */
function unitOf(seconds: number): [number, 'second' | 'minute' | 'hour'] {
  const units = [
    [3600, 'hour'],
    [60, 'minute'],
  ] as const;
  for (const [size, unit] of units)
    if (seconds >= 2 * size || seconds === size) return [Math.round(seconds / size), unit];
  return [seconds, 'second'];
}

function durationText(seconds: number, locale: Locale): string {
  const [amount, unit] = unitOf(seconds);
  return new Intl.NumberFormat(locale, { style: 'unit', unit, unitDisplay: 'long' }).format(amount);
}

/** A time that many seconds ago, as people say it. */
export function agoText(seconds: number, locale: Locale): string {
  const [amount, unit] = unitOf(seconds);
  return new Intl.RelativeTimeFormat(locale, { numeric: 'always' }).format(-amount, unit);
}
