/** A mail that carries a code, from its words to what is written of it: which step failed is told, and no other. */

import { EventEmitter } from 'node:events';
import { expect, test } from '@jest/globals';
import type { Context } from 'koa';
import { createDeliver, type Mailing } from '../../interactions/mailed-code/deliver.ts';
import type { Delivery, Message } from '../../src/mail/mailer.ts';

const source = { ip: '127.0.0.1', state: {} };
const about = { accountId: 'anna', clientId: 'tax', level: 'plus', source, reference: 'ABCD' };
const message: Message = {
  ...{ to: 'anna@demo.example', subject: '', text: '', html: '', language: 'en', expiresAt: new Date(0) },
};

/** What is told of one mailing, in order, and the fault that it ends with. */
async function told(mailing: Partial<Mailing>, delivery: Delivery, reportFails = false) {
  const events: string[] = [];
  const works: Promise<void>[] = [];
  const deliver = createDeliver({
    mailer: {
      async send() {
        events.push('sent');
        return delivery;
      },
    },
    async report(_about, outcome, detail) {
      events.push(`${outcome}: ${detail}`);
      if (reportFails) throw new Error('the audit is away');
    },
    inBackground: (work) => void works.push(work()),
    mailPause: [0, 1],
  });
  deliver({ about, compose: async () => message, became: async (outcome) => void events.push(outcome), ...mailing });
  const before = [...events];
  mailing.after?.res.emit('close');
  await works[0]!.catch((fault: Error) => events.push(fault.message));
  return { before, events };
}

const sent: Delivery = { outcome: 'sent', transport: 'one' };

test.each<[string, Partial<Mailing>, Delivery, string[]]>([
  ['that left', {}, sent, ['sent', 'sent: one', 'sent']],
  ['that nobody took', {}, { outcome: 'failed', reason: 'no' }, ['sent', 'failed: no', 'failed']],
  ['too many', { compose: async () => undefined }, sent, ['failed: too many codes have been mailed', 'failed']],
  ['without words', { compose: () => Promise.reject(new Error('no words')) }, sent, ['failed: no words', 'failed']],
])('a mail %s', async (_which, mailing, delivery, events) => {
  expect(await told(mailing, delivery)).toMatchObject({ events });
});

test('that has left is not said to have failed where that cannot be written down, and nobody goes on', async () => {
  expect((await told({}, sent, true)).events).toEqual(['sent', 'sent: one', 'the audit is away']);
});

test('after an answer: nothing is done before it', async () => {
  const after = { res: Object.assign(new EventEmitter(), { destroyed: false }) } as unknown as Context;
  const { before, events } = await told({ after }, sent);
  expect([before, events]).toEqual([[], ['sent', 'sent: one', 'sent']]);
});
