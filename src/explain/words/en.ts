/** English. */

import { all, either, mistakes, q, sources } from './mistakes.en.ts';
import type { Words } from './words.ts';

const pagesOf = (pages: number) => (pages === 0 ? 'no page' : pages === 1 ? 'one page' : `${pages} pages`);

export const en: Words = {
  headings: {
    understood: 'What was understood',
    steps: 'What the person sees',
    token: 'What the token will say',
    mistakes: 'What to change',
  },
  severities: { error: 'error', warning: 'warning' },
  summary(outcome, pages) {
    switch (outcome.kind) {
      case 'token':
        return `This works: the person sees ${pagesOf(pages)}, and the service gets a code${outcome.idToken ? ` for a token with acr ${q(outcome.acr)}` : ''}.`;
      case 'error':
        return outcome.to === 'service'
          ? `This fails: the person sees ${pagesOf(pages)}, and the service gets the error ${q(outcome.error)}.`
          : `This fails: the person sees an error page (${outcome.error}), and the service hears nothing.`;
      case 'unreadable':
        return 'What this request asks does not stand in the URL: nothing can be said of it from here.';
      case 'elsewhere':
        return 'This fails: it is no authorization request to this Kapu.';
    }
  },
  labels: {
    client: 'service',
    redirect: 'comes back to',
    scopes: 'scopes given',
    resources: 'for the API',
    asked: 'level asked',
    floor: 'at least',
    minimum: 'required',
    excluded: 'does not count',
    freshness: 'how fresh',
    prompts: 'prompt',
    person: 'who signs in',
    session: 'the browser',
  },
  client: ({ id, firstParty }, name) => `${name} (${id})${firstParty ? '' : ', not first-party'}`,
  ask({ value, source, essential, level, alias }) {
    const kind = source === 'claims' ? (essential ? 'essential' : 'voluntary') : 'as a wish';
    const name = alias ? `another name of level ${q(level!)}` : `level ${q(level!)}`;
    const sunset = alias?.sunset ? ` (until ${alias.sunset.toISOString().slice(0, 10)})` : '';
    return `${value}: ${level ? name + sunset : 'unknown here'}; ${kind}, in ${sources[source]}`;
  },
  floor: (level) => `level ${q(level)}, or the service gets an error`,
  minimum: ({ level, scope }) =>
    scope ? `${level}, because of the scope ${q(scope)}` : `${level}, by the client's minimum_level`,
  freshness({ seconds, source }, duration) {
    if (seconds === 0) return `everything is asked anew (${source === 'prompt' ? 'prompt=login' : `${source} 0`})`;
    return `proofs older than ${duration} do not count (${source})`;
  },
  anybody: 'somebody who has set up every method',
  nobody: 'nobody is signed in',
  session: (level, ago) => `signed in ${ago}; ${level ? `that is level ${q(level)} now` : 'that reaches no level now'}`,

  noSteps(outcome) {
    if (outcome.kind === 'unreadable') return 'That depends on what it asks.';
    if (outcome.kind === 'elsewhere') return 'Nothing of this Kapu.';
    const page = outcome.kind === 'error' && outcome.to === 'person';
    return page ? 'An error page.' : 'Nothing: the browser comes straight back to the service.';
  },
  selectAccount: 'Choose an account: the person who is signed in, or another.',
  signUp: 'Create an account: e-mail address, code, user name and password; or sign in with one that there is.',
  choose: (titles) => `Choose a way: ${either(titles)}.`,
  method(title, why, level, mayDecline) {
    const reasons = {
      nobody: 'nobody is signed in',
      anew: 'the request wants it anew',
      'max-age': 'the last time is longer ago than the request allows',
      aged: `the last time is longer ago than level ${q(level)} allows`,
      level: `level ${q(level)} needs it`,
    };
    return `${title}: ${reasons[why]}.${mayDecline ? ' The page offers to go on without it.' : ''}`;
  },
  consent(why, scopes) {
    const reasons = {
      asked: 'the request asks for it (prompt=consent)',
      'each-time': 'people are always asked about an application that is not first-party',
      scopes: 'the person has not allowed all of this yet',
    };
    return `Consent to ${all(scopes)}: ${reasons[why]}.`;
  },

  andOneOf: (values) => `and ${values.join(' or ')}`,
  thisMoment: 'the moment of this sign-in',
  noIdToken: 'there is no ID token',
  check: (acceptable) =>
    `Check that acr is ${either(acceptable.map(q))}: the URL goes through the browser, where anyone can change it.`,
  noMistakes: 'Nothing.',
  mistakes,
};
