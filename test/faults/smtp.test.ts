/** Mail servers that refuse, hang or are away: the page comes at once and says so, and the sign-in goes on when they are back. */

import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { atCodePage, credentials, stepOf } from '../flow/journey.ts';
import { type Agent, type Page, textOf } from '../support/agent.ts';
import { eventually } from '../support/eventually.ts';
import { roomy, startKapu, type TestKapu } from '../support/kapu.ts';
import type { RelyingParty } from '../support/relying-party.ts';
import type { Behaviour } from '../support/smtp.ts';

let kapu: TestKapu;
let service: RelyingParty;

beforeAll(async () => {
  kapu = await startKapu({
    change(settings) {
      roomy(settings);
      settings.emailCode.resendAfter = '1s';
      settings.shutdownPatience = '1s';
      Object.assign(settings.mail, { connectPatience: '1s', retryAfter: [50] });
    },
  });
  service = await kapu.service();
});
beforeEach(() => kapu.smtp.behave('accept'));
afterAll(async () => {
  expect(await kapu.leaks()).toEqual([]);
  await kapu.stop();
});

const deliveryOf = async (agent: Agent, page: Page): Promise<string> =>
  JSON.parse((await agent.get(/data-status-url="([^"]+)"/.exec(page.html)![1]!)).html).delivery;

/** Asks for another code until the pause is over. */
async function resend(agent: Agent, page: Page): Promise<Page> {
  let answer = page;
  await eventually('another code may be asked for', async () => {
    answer = await agent.submit(page, { resend: '1' });
    return answer.status !== 429;
  });
  return answer;
}

const faults: [string, Behaviour][] = [
  ['refuses the recipient', 'refuse'],
  ['refuses, and repeats the address', { recipient: '550 5.1.1 <anna@demo.example>: no such user' }],
  ['says later', 'defer'],
  ['hangs', 'hang'],
  ['hangs after the message', 'hang-after-data'],
  ['breaks off', 'close'],
  ['refuses the message', { data: '554 5.7.1 looks like spam, anna@demo.example' }],
];

describe.each(faults)('a mail server that %s', (_how, behaviour) => {
  test('costs the person no more than another click', async () => {
    kapu.smtp.behave(behaviour);
    const { agent, asked, page } = await atCodePage(kapu, service);
    // The page did not wait for a server that says nothing.
    if (String(behaviour).startsWith('hang')) expect(page.html).toContain('data-delivery="sending"');
    await eventually(
      'the page hears that the mail has failed',
      async () => (await deliveryOf(agent, page)) === 'failed',
    );
    const failed = await agent.get(page.url);
    expect([failed.status, textOf(failed)]).toEqual([200, expect.stringContaining('could not be sent')]);
    expect(failed.html).toContain('name="resend"');

    kapu.smtp.behave('accept');
    const resent = await resend(agent, page);
    expect(stepOf(resent)).toBe('email-code');
    const back = await agent.submit(resent, { code: await kapu.codeFor(page) });
    expect((await asked.redeem(back.url)).claims.acr).toBe('plus');
  });
});

describe('a mail that is on its way', () => {
  test('arrives after a moment in which the server was busy, without anybody doing anything', async () => {
    kapu.smtp.behave('defer');
    const { agent, page } = await atCodePage(kapu, service);
    kapu.smtp.behave('accept');
    const code = await kapu.codeFor(page).catch(() => undefined);
    // Either the second round found the server back, or the page says that the mail has failed: never silence.
    if (code === undefined) expect(await deliveryOf(agent, page)).toBe('failed');
    else expect(stepOf(await agent.submit(page, { code }))).toBe('service');
  });

  test('is told of in the log by its outcome, never by the code or the address', async () => {
    const lines = kapu.log.filter((line) => /mail/.test(line));
    expect(lines.some((line) => line.includes('"outcome":"failed"'))).toBe(true);
    expect(lines.some((line) => line.includes('"outcome":"sent"'))).toBe(true);
  });

  test('keeps no sign-in at basic waiting', async () => {
    kapu.smtp.behave('hang');
    const { agent } = await atCodePage(kapu, service);
    const { page } = await service.visit(agent);
    expect(stepOf(await agent.submit(page, credentials('anna')))).toBe('service');
  });
});
