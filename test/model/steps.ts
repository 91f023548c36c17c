/** What may happen in a sequence: each step as data, small enough to be read in a failure's report. */

import fc from 'fast-check';

export type PersonName = 'anna' | 'john' | 'bela';
export type Hold = 'dispatch' | 'resume' | undefined;
export type Typed = 'right' | 'wrong' | 'old' | 'foreign';

/** A request as a step says it; the person of the hint is whoever the service was told of last. */
export interface AskStep {
  acrValues?: string[];
  claim?: { essential: boolean; values: string[] };
  maxAge?: number;
  prompt: string[];
  health?: boolean;
  offline?: boolean;
  hint?: boolean;
}

/** `pause` is what a person takes before each page, in seconds. Tabs, pages of a tab's past and tokens are named by number, counted from the newest. */
export type Step =
  | { do: 'sign in'; browser: number; client: number; ask: AskStep; who: PersonName; pause?: number }
  | { do: 'ask'; browser: number; client: number; ask: AskStep; hold: Hold; late: boolean }
  | { do: 'answer'; tab: number; typed: Typed; who: PersonName; hold: Hold }
  | { do: 'finish'; tab: number; who: PersonName; pause?: number }
  | { do: 'press'; tab: number; button: 'cancel' | 'decline' | 'resend' | 'another'; hold: Hold }
  | { do: 'back'; tab: number; page: number }
  | { do: 'send again'; tab: number; page: number; who: PersonName }
  | { do: 'start over'; tab: number }
  | { do: 'wait'; seconds: number }
  | { do: 'restart' }
  | { do: 'redeem'; tab: number }
  | { do: 'refresh'; token: number }
  | { do: 'introspect'; token: number }
  | { do: 'sign out'; browser: number; leave: boolean }
  | { do: 'set account'; who: PersonName; active: boolean }
  /** As a change of address begins one; ended as at the desk, or by whoever says that the address is theirs. */
  | { do: 'hold'; who: PersonName; seconds: number };

/** One of the values, each as often as its weight says. */
function among<T>(...weighted: [T, number][]): fc.Arbitrary<T> {
  return fc.oneof(...weighted.map(([value, weight]) => ({ weight, arbitrary: fc.constant(value) })));
}

const few = fc.nat(3);
const newest = among<number>([0, 6], [1, 2], [2, 1], [3, 1]);
const who = among<PersonName>(['anna', 7], ['john', 2], ['bela', 1]);
const hold = among<Hold>([undefined, 6], ['dispatch', 2], ['resume', 2]);
const browser = among<number>([0, 5], [1, 1]);
const name = among(['basic', 4], ['plus', 8], ['strict', 5], ['urn:example:plus', 2], ['gold', 1]);
const pause = among<number | undefined>([undefined, 6], [60, 1], [240, 1], [600, 1]);
const maybe = <T>(weight: number, arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> =>
  fc.oneof({ weight: 10 - weight, arbitrary: fc.constant(undefined) }, { weight, arbitrary });

const typed = among<Typed>(['right', 3], ['wrong', 1], ['old', 1], ['foreign', 1]);

/** A step of the kind `name`, with these parts. */
function step(name: Step['do'], parts: Record<string, fc.Arbitrary<unknown>>): fc.Arbitrary<Step> {
  return fc.record({ do: fc.constant(name), ...parts }) as fc.Arbitrary<Step>;
}

const prompt = among<string[]>(
  [[], 10],
  [['none'], 2],
  [['login'], 2],
  [['consent'], 1],
  [['select_account'], 2],
  [['login', 'consent'], 1],
  [['select_account', 'login'], 1],
  [['select_account', 'consent'], 1],
);

const ask = fc
  .record({
    acrValues: maybe(5, fc.array(name, { minLength: 1, maxLength: 3 })),
    claim: maybe(3, fc.record({ essential: fc.boolean(), values: fc.array(name, { maxLength: 2 }) })),
    maxAge: maybe(3, fc.constantFrom(0, 60, 300, 1000)),
    prompt,
    health: maybe(1, fc.constant(true)),
    offline: maybe(2, fc.constant(true)),
    hint: maybe(1, fc.constant(true)),
  })
  .map((asked) => {
    // Access for longer is given only where consent is asked for (OpenID Connect Core, 11).
    const { prompt, offline } = asked;
    if (prompt.includes('none')) return { ...asked, offline: undefined };
    return { ...asked, prompt: offline && !prompt.includes('consent') ? [...prompt, 'consent'] : prompt };
  });

const client = fc.nat(5);
const weighted: [number, fc.Arbitrary<Step>][] = [
  [22, step('sign in', { browser, client, ask, who, pause })],
  [24, step('ask', { browser, client, ask, hold, late: among([false, 4], [true, 1]) })],
  [12, step('finish', { tab: newest, who, pause })],
  [16, step('answer', { tab: newest, typed, who, hold })],
  [10, step('press', { tab: newest, button: fc.constantFrom('cancel', 'decline', 'resend', 'another'), hold })],
  [4, step('back', { tab: newest, page: few })],
  [3, step('send again', { tab: newest, page: few, who })],
  [2, step('start over', { tab: newest })],
  // Their sums come near no life but those of proofs, because real time passes as well.
  [14, step('wait', { seconds: among([1, 1], [60, 2], [240, 2], [299, 1], [300, 3], [600, 2], [900, 1], [1800, 1]) })],
  [1, step('restart', {})],
  [1, step('redeem', { tab: few })],
  [6, step('refresh', { token: newest })],
  [4, step('introspect', { token: newest })],
  [3, step('sign out', { browser, leave: among([true, 2], [false, 1]) })],
  [6, step('hold', { who, seconds: among([700, 4], [72 * 3600, 2], [Number.POSITIVE_INFINITY, 1], [0, 3]) })],
  [2, step('set account', { who, active: fc.boolean() })],
];

/** Somebody is signed in before the rest begins: from nothing most steps lead nowhere. */
const first = fc
  .tuple(browser, client, maybe(4, fc.constantFrom<string[][]>(['plus'], ['strict'])), maybe(5, fc.constant(true)))
  .map(([browser, client, acrValues, offline]): Step => {
    const ask = { acrValues, offline, prompt: offline ? ['consent'] : [] };
    return { do: 'sign in', browser, client, ask, who: 'anna' };
  });

const rest = fc.array(fc.oneof(...weighted.map(([weight, arbitrary]) => ({ weight, arbitrary }))), {
  minLength: 4,
  maxLength: 14,
  size: 'max',
});

export const sequences: fc.Arbitrary<Step[]> = fc.tuple(first, rest).map(([one, more]) => [one, ...more]);
