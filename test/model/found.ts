/** Sequences that once went wrong, found by chance or by thought: each is tried first in every run. */

import type { AskStep, Hold, PersonName, Step, Typed } from './steps.ts';

const clients = { open: 0, plusOnly: 1, shop: 2, app: 3, noMail: 4, archive: 5 };
type Service = keyof typeof clients;

const signIn = (service: Service, ask: Partial<AskStep> = {}, who: PersonName = 'anna'): Step => ({
  do: 'sign in',
  browser: 0,
  client: clients[service],
  ask: { prompt: [], ...ask },
  who,
});
const ask = (service: Service, asking: Partial<AskStep> = {}): Step => ({
  do: 'ask',
  browser: 0,
  client: clients[service],
  ask: { prompt: [], ...asking },
  hold: undefined,
  late: false,
});
const answer = (who: PersonName, hold?: Hold, tab = 0, typed: Typed = 'right'): Step => ({
  do: 'answer',
  tab,
  typed,
  who,
  hold,
});
const finish = (who: PersonName, tab = 0): Step => ({ do: 'finish', tab, who });
const press = (button: 'cancel' | 'decline' | 'resend' | 'another'): Step => ({
  do: 'press',
  tab: 0,
  button,
  hold: undefined,
});
const wait = (seconds: number): Step => ({ do: 'wait', seconds });

export const found: Record<string, Step[]> = {
  'the password is asked again, and a weaker level would do': [
    signIn('open', { acrValues: ['plus'] }),
    wait(600),
    ask('open', { acrValues: ['strict', 'plus'] }),
    press('decline'),
  ],
  'what is proven while a consent page is open is fresh for its request': [
    signIn('open'),
    wait(60),
    ask('shop', { maxAge: 300 }),
    wait(1),
    signIn('open', { prompt: ['login'] }),
    wait(600),
    finish('anna', 1),
  ],
  'what one person has allowed counts for nobody else': [
    ask('open', { acrValues: ['strict'], prompt: ['consent'] }),
    answer('anna'),
    answer('anna'),
    wait(600),
    answer('anna'),
    answer('john'),
    answer('john'),
    finish('john'),
  ],
  'who wants another account is not asked again because of a third tab': [
    signIn('open'),
    ask('open', { prompt: ['select_account'] }),
    press('another'),
    answer('john', 'resume'),
    signIn('open'),
    finish('john', 1),
  ],
  'giving up when something that was proven would have counted is giving up the step-up': [
    signIn('open', { acrValues: ['plus'] }, 'john'),
    wait(240),
    ask('archive', { maxAge: 300, prompt: ['consent'], offline: true }),
    press('cancel'),
    wait(60),
    ask('archive', { maxAge: 300, prompt: ['consent'], offline: true }),
    press('cancel'),
    wait(240),
    ask('archive', { maxAge: 300, prompt: ['consent'], offline: true }),
    press('cancel'),
  ],
  'who goes on after the round has expired comes to its page, by way of the dispatcher': [
    signIn('open'),
    ask('open', { prompt: ['consent'] }),
    answer('anna', 'resume', 0, 'wrong'),
    wait(1800),
    answer('anna', 'dispatch'),
    finish('anna'),
  ],
  'what somebody has proven who is disabled meanwhile counts for nobody else': [
    ask('open', { acrValues: ['plus'] }),
    answer('anna'),
    answer('anna', 'resume'),
    signIn('open', {}, 'john'),
    { do: 'set account', who: 'anna', active: false },
    answer('john'),
    answer('john'),
    finish('john'),
  ],
  'what one person settles for counts for nobody else': [
    signIn('open'),
    ask('app', { acrValues: ['plus', 'basic'] }),
    press('decline'),
    answer('anna', 'resume'),
    { do: 'set account', who: 'anna', active: false },
    finish('john'),
  ],
  'what one person settles for counts for nobody else, later either': [
    signIn('open'),
    ask('app', { acrValues: ['plus', 'basic'] }),
    press('decline'),
    answer('anna', 'resume'),
    { do: 'set account', who: 'anna', active: false },
    answer('john'),
    answer('john'),
    answer('john'),
    wait(960),
    finish('john'),
  ],
};
