/** The e-mail code, as section 6 of docs/design.md has it: tries, life, what is accepted, and what is sent when. */

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { textOf } from '../support/agent.ts';
import { testClock } from '../support/clock.ts';
import { eventually } from '../support/eventually.ts';
import { codeIn, mailReferenceOn, roomy, startKapu, type TestKapu } from '../support/kapu.ts';
import type { RelyingParty } from '../support/relying-party.ts';
import { atCodePage, credentials, errorOf, signIn, stepOf } from './journey.ts';

let kapu: TestKapu;
let service: RelyingParty;
const clock = testClock();

beforeAll(async () => {
  kapu = await startKapu({ change: roomy, clock });
  service = await kapu.service();
});
afterAll(async () => {
  expect(await kapu.leaks()).toEqual([]);
  await kapu.stop();
});

/** A code that is not `code`. */
const otherThan = (code: string) => String((Number(code) + 1) % 1_000_000).padStart(6, '0');
const mailsFor = (reference: string) => kapu.smtp.mails.filter(({ subject }) => subject?.includes(reference));

describe('a code that is not right', () => {
  test('may be corrected while tries are left, and the page says how many', async () => {
    const { agent, asked, page } = await atCodePage(kapu, service);
    const code = await kapu.codeFor(page);
    const wrong = await agent.submit(page, { code: otherThan(code) });
    expect([wrong.status, textOf(wrong)]).toEqual([422, expect.stringContaining('You have 4 tries left.')]);
    const back = await agent.submit(wrong, { code });
    expect((await asked.redeem(back.url)).claims.acr).toBe('plus');
  });

  test('five times ends the codes of this sign-in; the page leads back to the service', async () => {
    const { agent, page } = await atCodePage(kapu, service);
    const code = await kapu.codeFor(page);
    let at = page;
    for (let tries = 0; tries < 5; tries++) at = await agent.submit(page, { code: otherThan(code) });
    expect(textOf(at)).toContain('This sign-in cannot go on');
    expect(stepOf(await agent.submit(page, { code }))).toBe('none');
    await clock.pass(31_000);
    for (const later of [await agent.get(page.url), await agent.submit(page, { resend: '1' })])
      expect(textOf(later)).toContain('This sign-in cannot go on');
    expect(mailsFor(mailReferenceOn(page))).toHaveLength(1);
    expect(errorOf(await agent.submit(at, { cancel: '1' }))).toBe('unmet_authentication_requirements');
    expect((await signIn(kapu, service, agent, { acr_values: 'plus' })).steps).toEqual(['password', 'email-code']);
  });

  test('five times is five times, also when a code has run out and another was sent in between', async () => {
    const { agent, page } = await atCodePage(kapu, service);
    const first = await kapu.codeFor(page);
    for (let tries = 0; tries < 4; tries++) await agent.submit(page, { code: otherThan(first) });
    await clock.pass(601_000);
    const resent = await agent.submit(page, { resend: '1' });
    expect(stepOf(resent)).toBe('email-code');
    const second = await kapu.codeFor(page, 2);
    const last = await agent.submit(page, { code: otherThan(second) });
    expect(textOf(last)).toContain('This sign-in cannot go on');
    expect(stepOf(await agent.submit(page, { code: second }))).toBe('none');
  });

  test.each(['', '   ', '12345', '1234567', 'abcdef', '12-34', '０１２３４', '1e5', '-12345'])(
    'as it cannot be one (%j) costs no try',
    async (typed) => {
      const { agent, page } = await atCodePage(kapu, service);
      for (let round = 0; round < 6; round++) expect((await agent.submit(page, { code: typed })).status).toBe(422);
      expect(stepOf(await agent.submit(page, { code: await kapu.codeFor(page) }))).toBe('service');
    },
  );
});

describe('a code that is right', () => {
  const wide = (code: string) => [...code].map((digit) => String.fromCodePoint(0xff10 + Number(digit))).join('');
  test.each<[string, (code: string) => string]>([
    ['spaces around it', (code) => `  ${code}\n`],
    ['a space in the middle', (code) => `${code.slice(0, 3)} ${code.slice(3)}`],
    ['hyphens', (code) => code.split('').join('-')],
    ['a long dash and a hard space', (code) => `${code.slice(0, 3)} –\u00a0${code.slice(3)}`],
    ['full-width digits', wide],
    ['invisible marks of a paste', (code) => `\u200e${code}\u200b`],
  ])('is taken with %s', async (_how, write) => {
    const { agent, page } = await atCodePage(kapu, service);
    expect(stepOf(await agent.submit(page, { code: write(await kapu.codeFor(page)) }))).toBe('service');
  });

  test('works once', async () => {
    const { agent, page } = await atCodePage(kapu, service);
    const code = await kapu.codeFor(page);
    expect(stepOf(await agent.submit(page, { code }))).toBe('service');
    expect((await agent.submit(page, { code })).status).toBe(410);
    const again = await atCodePage(kapu, service);
    expect((await again.agent.submit(again.page, { code })).status).toBe(422);
  });

  test('works no longer than its ten minutes, and the page offers another', async () => {
    const { agent, page } = await atCodePage(kapu, service);
    const code = await kapu.codeFor(page);
    await clock.pass(601_000);
    const late = await agent.submit(page, { code });
    expect([late.status, textOf(late)]).toEqual([422, expect.stringContaining('The code has expired.')]);
    const resent = await agent.submit(late, { resend: '1' });
    expect(stepOf(resent)).toBe('email-code');
    expect(stepOf(await agent.submit(resent, { code: await kapu.codeFor(page, 2) }))).toBe('service');
  });
});

describe('mails', () => {
  test('are not sent again by loading the page again', async () => {
    const { agent, page } = await atCodePage(kapu, service);
    await kapu.codeFor(page);
    for (let round = 0; round < 3; round++) expect((await agent.get(page.url)).status).toBe(200);
    // The proof that none is on its way: the next one asked for is the second.
    await clock.pass(31_000);
    await agent.submit(page, { resend: '1' });
    await kapu.codeFor(page, 2);
    expect(mailsFor(mailReferenceOn(page))).toHaveLength(2);
  });

  test('are not sent before the password was right', async () => {
    const before = kapu.smtp.mails.length;
    const agent = kapu.agent();
    const { page } = await service.visit(agent, { acr_values: 'plus' });
    const wrong = await agent.submit(page, { username: 'anna', password: 'wrong password' });
    expect(stepOf(await agent.get(page.url.href.replace(/password$/, 'email-code')))).toBe('password');
    const codePage = await agent.submit(wrong, credentials('anna'));
    await kapu.codeFor(codePage);
    expect(kapu.smtp.mails).toHaveLength(before + 1);
  });

  test('are resent after the pause only, and the first code goes on working', async () => {
    const { agent, page } = await atCodePage(kapu, service);
    const first = await kapu.codeFor(page);
    const soon = await agent.submit(page, { resend: '1' });
    expect([soon.status, textOf(soon)]).toEqual([429, expect.stringContaining('You can ask for a new code in')]);
    expect(Number(soon.headers.get('retry-after'))).toBeGreaterThan(0);
    await clock.pass(31_000);
    const resent = await agent.submit(page, { resend: '1' });
    expect(textOf(resent)).toContain('The one you got before also works');
    const second = await kapu.codeFor(page, 2);
    expect(stepOf(await agent.submit(resent, { code: first }))).toBe('service');
    expect(second).toHaveLength(6);
  });

  test('are resent once by two clicks at once', async () => {
    const { agent, page } = await atCodePage(kapu, service);
    await kapu.codeFor(page);
    await clock.pass(31_000);
    const clicks = await Promise.all([1, 2, 3, 4].map(() => agent.submit(page, { resend: '1' })));
    expect(clicks.filter(({ status }) => status === 200)).toHaveLength(1);
    await kapu.codeFor(page, 2);
    expect(mailsFor(mailReferenceOn(page))).toHaveLength(2);
  });

  test('of one sign-in are five at most', async () => {
    const { agent, page } = await atCodePage(kapu, service);
    for (let sent = 1; sent < 5; sent++) {
      await kapu.codeFor(page, sent);
      await clock.pass(31_000);
      expect((await agent.submit(page, { resend: '1' })).status).toBe(200);
    }
    const code = await kapu.codeFor(page, 5);
    await clock.pass(31_000);
    const sixth = await agent.submit(page, { resend: '1' });
    expect([sixth.status, textOf(sixth)]).toEqual([422, expect.stringContaining('We send no more codes')]);
    expect(stepOf(await agent.submit(sixth, { code }))).toBe('service');
  });

  test('say what they must, and neither link nor name the code in the subject', async () => {
    const firefox = 'Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0';
    const agent = kapu.agent({ userAgent: firefox });
    const { page } = await atCodePage(kapu, service, 'john', agent);
    const mail = await kapu.mailFor(page);
    const code = codeIn(mail);
    const reference = mailReferenceOn(page);
    expect(mail.subject).not.toContain(code);
    expect(mail.headers.get('auto-submitted')).toBe('auto-generated');
    expect(mail.messageId).toMatch(/@demo\.example>$/);
    expect(mail.date?.getTime()).toBeGreaterThan(Date.now() - 60_000);
    for (const words of [
      'Sample Phone App',
      'Firefox',
      'Windows',
      reference,
      'Never tell',
      'If it is not you',
      '10 minutes',
    ])
      for (const body of [mail.text!, mail.html as string]) expect(body).toContain(words);
    expect(mail.text).toMatch(/\d{2}:\d{2} (CET|CEST|GMT\+\d)/);
    expect(mail.html).not.toMatch(/<a\b|href|src=|https?:|www\./i);
    expect(mail.text).not.toMatch(/https?:|www\./i);
  });

  test('tell the page whether they have left', async () => {
    const { agent, page } = await atCodePage(kapu, service);
    const delivery = /data-status-url="([^"]+)"/.exec(page.html)![1]!;
    await eventually('the page hears that the mail was sent', async () => {
      const answer = await agent.get(delivery);
      return JSON.parse(answer.html).delivery === 'sent';
    });
    expect(textOf(await agent.get(page.url))).toContain('The email has been sent.');
  });
});
