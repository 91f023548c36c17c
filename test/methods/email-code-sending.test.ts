/** When a code is sent, and what that costs the store: docs/design.md, section 6. No server, no page. */

import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { Settings } from '../../config/settings.ts';
import { createCodeBudgets } from '../../interactions/mailed-code/budgets.ts';
import { createCodes } from '../../interactions/mailed-code/codes.ts';
import { createDeliver } from '../../interactions/mailed-code/deliver.ts';
import { type Asked, createSender, type Sender } from '../../interactions/methods/email-code/sending.ts';
import type { Delivery, Message } from '../../src/mail/mailer.ts';
import { createMemoryState, type MemoryState } from '../../src/state/memory.ts';
import { type State, StateUnavailable } from '../../src/state/state.ts';
import { createThrottle } from '../../src/throttle/throttle.ts';
import { eventually } from '../support/eventually.ts';

const source = { ip: '127.0.0.1', state: {} };
const binding: Asked = { uid: 'sign-in', accountId: 'anna', level: 'plus', clientId: 'tax', source };
const signInLife = 1800;
const rules = { digits: 6, life: 600, tries: 5, window: 3600, resendAfter: 30, triesPerAccount: 20 };
const lengths = { longDigits: 12, shortCodeChances: 9, shortCodeWindow: 31_536_000 };
const roomy = { sendsPerSignIn: 3, sendsPerAccount: 50, sendsInAll: 50 };

let memory: MemoryState;
let time: number;
/** The verbs that the store was asked for, in order. */
let asked: string[];
/** The verb that fails, if any. */
let failing: string | undefined;
let mails: Message[];
let fate: Promise<Delivery>;
let reported: () => void;

beforeEach(() => {
  time = Date.parse('2026-11-22T10:00:00Z');
  memory = createMemoryState({ now });
  asked = [];
  failing = undefined;
  mails = [];
  fate = new Promise(() => {});
  reported = () => {};
});
afterEach(() => memory.end());

const now = () => new Date(time);
const later = (seconds: number) => {
  time += seconds * 1000;
};

/** The store, which notes what it is asked for and fails where it is told to. */
function watched(): State {
  const watch = (verb: string, call: (...values: never[]) => unknown) => {
    return async (...values: never[]) => {
      asked.push(verb);
      if (verb === failing) throw new StateUnavailable('away');
      return call(...values);
    };
  };
  return Object.fromEntries(
    Object.entries(memory).map(([verb, call]) => [verb, watch(verb, call)]),
  ) as unknown as State;
}

function open(limits: Partial<typeof roomy> = {}): Sender {
  const state = watched();
  const settings: Settings['emailCode'] = { ...rules, ...lengths, ...roomy, ...limits };
  const mailer = {
    send: (message: Message) => {
      mails.push(message);
      return fate;
    },
  };
  return createSender({
    state,
    codes: createCodes(state, ['key'], { ...settings, signInLife }),
    budgets: createCodeBudgets(createThrottle({ state }), settings),
    settings,
    interactionLife: signInLife,
    now,
    deliver: createDeliver({ mailer, report: async () => reported(), inBackground: (work) => void work() }),
  });
}

const compose = (code: string) => ({ to: 'anna@demo.example', subject: '', text: code, html: '', language: 'en' });

/** What one call asked of the store. */
async function cost(call: Promise<unknown>): Promise<string[]> {
  await call;
  return asked.splice(0);
}

describe('the store is asked', () => {
  test('five times for the first mail, once when the page is loaded again, six times for a resend', async () => {
    const sender = open();
    expect(await cost(sender.first(binding, compose))).toEqual(['begin', 'spend', 'spend', 'spend', 'offer']);
    expect(await cost(sender.first(binding, compose))).toEqual(['begin']);
    later(31);
    expect(await cost(sender.again(binding, compose))).toEqual(['fields', 'begin', 'spend', 'spend', 'spend', 'offer']);
    expect(await cost(sender.again(binding, compose))).toEqual(['fields']);
  });

  test('once for the fate of a mail', async () => {
    const sender = open();
    const { promise, resolve } = Promise.withResolvers<Delivery>();
    fate = promise;
    const report = new Promise<void>((done) => {
      reported = done;
    });
    expect((await sender.first(binding, compose)).delivery).toBe('sending');
    asked = [];
    resolve({ outcome: 'sent', transport: 'one' });
    await report;
    await eventually('the fate is kept', () => asked.length > 0);
    expect(asked).toEqual(['merge']);
    expect((await sender.status(binding)).delivery).toBe('sent');
  });
});

describe('a sign-in', () => {
  test('whose page is loaded 50 times at once is sent one mail, and each load tells of it', async () => {
    const sender = open();
    const loads = await Promise.all(Array.from({ length: 50 }, () => sender.first(binding, compose)));
    expect(mails).toHaveLength(1);
    expect(new Set(loads.map(({ delivery, wait, sendsLeft }) => `${delivery} ${wait} ${sendsLeft}`))).toEqual(
      new Set(['sending 30 2']),
    );
  });

  test('of which 50 ask again at once is sent one more, and the others hear how long to wait', async () => {
    const sender = open();
    await sender.first(binding, compose);
    later(30);
    const heard = await Promise.all(Array.from({ length: 50 }, () => sender.again(binding, compose)));
    expect(mails).toHaveLength(2);
    expect(heard.filter(({ outcome }) => outcome === 'sending')).toHaveLength(1);
    expect(heard.filter((each) => each.outcome === 'too-soon' && each.wait === 30)).toHaveLength(49);
  });

  test('waits between two mails, has no more than its number, and every code works', async () => {
    const sender = open();
    await sender.first(binding, compose);
    later(29);
    expect(await sender.again(binding, compose)).toEqual({ outcome: 'too-soon', wait: 1 });
    for (let sent = 1; sent < 3; sent++) {
      later(30);
      expect(await sender.again(binding, compose)).toEqual({ outcome: 'sending', long: false });
    }
    later(30);
    expect(await sender.again(binding, compose)).toEqual({ outcome: 'sign-in-limit' });
    expect(mails).toHaveLength(3);
    const codes = createCodes(memory, ['key'], { ...rules, signInLife });
    expect(await codes.guess(binding, mails[0]!.text)).toMatchObject({ outcome: 'right' });
  });

  test('that asks for two levels shares pause and number between them; each level has a mail of its own', async () => {
    const sender = open();
    const high = { ...binding, level: 'high' };
    await sender.first(binding, compose);
    await sender.first(high, compose);
    expect(mails).toHaveLength(1);
    later(30);
    await sender.first(high, compose);
    expect(mails).toHaveLength(2);
    later(30);
    for (const each of [binding, high]) expect((await sender.first(each, compose)).sendsLeft).toBe(1);
    expect(mails).toHaveLength(2);
    expect(await sender.again(binding, compose)).toEqual({ outcome: 'sending', long: false });
    later(30);
    expect(await sender.again(high, compose)).toEqual({ outcome: 'sign-in-limit' });
  });

  test('whose tries are used up is sent nothing more', async () => {
    const sender = open();
    await sender.first(binding, compose);
    await sender.close(binding);
    later(31);
    expect(await sender.again(binding, compose)).toEqual({ outcome: 'closed' });
    expect((await sender.first({ ...binding, level: 'high' }, compose)).closed).toBe(true);
    expect(mails).toHaveLength(1);
  });
});

describe('a mail that does not leave is told as such', () => {
  test.each(['sendsPerAccount', 'sendsInAll'])('for the budget %s', async (budget) => {
    const sender = open({ [budget]: 1 });
    await sender.first({ ...binding, uid: 'another' }, compose);
    expect((await sender.first(binding, compose)).delivery).toBe('failed');
    expect((await sender.first(binding, compose)).delivery).toBe('failed');
    later(31);
    expect(await sender.again(binding, compose)).toEqual({ outcome: 'account-limit' });
    expect((await sender.status(binding)).delivery).toBe('failed');
    expect(mails).toHaveLength(1);
  });

  test('and whoever is over their own budget uses up nothing of the one of all', async () => {
    const sender = open({ sendsPerAccount: 1, sendsInAll: 2 });
    for (const uid of ['1', '2', '3', '4']) await sender.first({ ...binding, uid }, compose);
    expect((await sender.first({ ...binding, accountId: 'john' }, compose)).delivery).toBe('sending');
  });

  test.each(['spend', 'offer'])(
    'for a store that is away at %s; the next mail may be asked for after the pause',
    async (verb) => {
      const sender = open();
      failing = verb;
      await expect(sender.first(binding, compose)).rejects.toThrow(StateUnavailable);
      failing = undefined;
      expect(await sender.first(binding, compose)).toMatchObject({ delivery: 'failed', wait: 30 });
      later(30);
      expect(await sender.again(binding, compose)).toEqual({ outcome: 'sending', long: false });
      expect(mails).toHaveLength(1);
    },
  );

  test('for a process that ended in the middle of it, once no mail can leave any more', async () => {
    const sender = open();
    await sender.first(binding, compose);
    later(rules.life);
    expect((await sender.status(binding)).delivery).toBe('sending');
    later(1);
    expect((await sender.status(binding)).delivery).toBe('failed');
  });
});
