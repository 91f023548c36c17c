import { describe, expect, test } from '@jest/globals';
import { type EmailCodeMail, emailCodeMail } from '../../interactions/mailed-code/mail.ts';

const model: EmailCodeMail = {
  ...{ locale: 'hu', deploymentName: 'Minta Ügyfélkapu', service: 'Adóbevallás', code: '123456', lifeMinutes: 10 },
  ...{
    time: new Date('2026-11-22T13:05:00Z'),
    timeZone: 'Europe/Budapest',
    browser: 'Firefox 145.0',
    system: 'Windows 11',
  },
  reference: 'R4T-9KZ',
};

describe.each(['hu', 'en'] as const)('the mail with the code, in %s', (locale) => {
  const mail = emailCodeMail({ ...model, locale });

  test('says what the person needs, in both forms', () => {
    for (const body of [mail.text, mail.html]) {
      for (const word of [
        'Adóbevallás',
        'Minta Ügyfélkapu',
        'R4T-9KZ',
        'Firefox 145.0',
        'Windows 11',
        '14:05',
        'CET',
        '10 ',
      ]) {
        expect(body).toContain(word);
      }
      expect(body).not.toMatch(/undefined|null|NaN|\$\{/);
    }
    expect(mail.text).toContain('123 456');
    expect(mail.html.replace(/<[^>]+>/g, '')).toContain('123456');
    expect(mail.html).toContain(`<html lang="${locale}">`);
  });

  test('has no links and no code in the subject', () => {
    expect(mail.subject).not.toContain('123');
    expect(mail.subject).toContain('R4T-9KZ');
    for (const body of [mail.text, mail.html])
      expect(body).not.toMatch(/https?:|www\.|href|src=|<a[\s>]|<img|<script|<form/i);
  });

  test('grows no link, line or markup out of what a browser says of itself', () => {
    const { text, html } = emailCodeMail({
      ...model,
      locale,
      browser: 'http://evil.example/\r\nBcc: a@evil.example <b>',
      system: `Call +36 1 234 or visit evil.example ${'x'.repeat(500)}\u202e`,
    });
    for (const body of [text, html]) expect(body).not.toMatch(/evil\.example|a@|<b>.*evil|\u202e|\r|x{100}/);
    expect(text.split('\n')).toHaveLength(emailCodeMail({ ...model, locale }).text.split('\n').length);
  });

  test('keeps names on their line and escaped', () => {
    const odd = emailCodeMail({ ...model, locale, service: 'A\r\nBcc: x', deploymentName: 'B\nC <script>' });
    expect(odd.subject).not.toMatch(/[\r\n]/);
    expect(odd.text).toContain('A Bcc: x');
    expect(odd.html).not.toContain('<script>');
  });
});

test.each([
  ['12345678', '1234 5678'],
  ['1234567', '1234 567'],
  ['1234567890', '12345 67890'],
])('the code %s is shown as %s', (code, shown) => {
  expect(emailCodeMail({ ...model, code }).text).toContain(`    ${shown}\n`);
});
