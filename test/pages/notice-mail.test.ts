/** The words of notices: each kind in both languages says what has happened, when, from where, and what to do. */

import { describe, expect, test } from '@jest/globals';
import { demoSettings } from '../../config/demo.ts';
import { settingsSchema } from '../../config/settings.ts';
import { noticeMail } from '../../interactions/notices/mail.ts';
import { noticeKinds, texts } from '../../interactions/notices/texts.ts';

const { notices, deployment: given } = settingsSchema.parse(demoSettings({ port: 3000, smtpPort: 1, folder: '.' }));
const deployment = {
  ...given,
  name: { hu: 'Minta Ügyfélkapu', en: 'Sample Gate' },
  operator: { hu: 'Minta Hivatal', en: 'Sample Office' },
  help: { url: 'https://help.example.hu/', phone: '+36 1 234 5678' },
};
const at = new Date('2026-11-22T13:05:00Z');
const device = { browser: 'Firefox', system: 'Windows', service: 'Adóbevallás' };
const ofSignIns = ['newBrowser', 'codesRefused', 'passkeyCopied'];
const each = (['hu', 'en'] as const).flatMap((locale) => noticeKinds.map((kind) => [kind, locale] as const));

test('there are words for all that the settings know', () => {
  const { lookEvery: _, ...kinds } = notices;
  for (const { kinds: words } of Object.values(texts))
    expect(Object.keys(words)).toEqual(expect.arrayContaining(Object.keys(kinds)));
});

describe.each(each)('%s, in %s', (kind, locale) => {
  const detail: Record<string, string> = ofSignIns.includes(kind) ? device : {};
  const mail = noticeMail({ kind, locale, at, detail }, deployment);

  test('says what has happened, when, from where, and what to do', () => {
    const { heading, notYou } = texts[locale].kinds[kind];
    expect(mail.subject).toBe(`${deployment.name[locale]}: ${heading}`);
    const said = ['14:05', 'CET', notYou, deployment.name[locale], deployment.operator[locale], '+36 1 234 5678'];
    for (const body of [mail.text, mail.html]) {
      for (const words of [...said, ...Object.values(detail)]) expect(body).toContain(words);
      expect(body).not.toMatch(/undefined|null|NaN|\$\{|\[object/);
    }
    expect(mail.html).toContain(`<html lang="${locale}">`);
    expect(mail.html).toContain(`<h1 style="margin:0 0 16px;font-size:24px;line-height:1.3">${heading}</h1>`);
  });

  test('has no links, and says where help is when there is no telephone', () => {
    const without = noticeMail({ kind, locale, at, detail }, { ...deployment, help: { url: 'https://help.example/' } });
    for (const body of [mail.text, mail.html, without.text, without.html])
      expect(body).not.toMatch(/https?:|www\.|href|src=|<a[\s>]|<img|<script|<form|help\.example/i);
    expect(without.text).toMatch(/bejelentkezési oldalon|sign-in page/);
    const silent = noticeMail({ kind, locale, at, detail }, { ...deployment, help: {} });
    expect(silent.text).not.toMatch(/bejelentkezési oldalon|sign-in page/);
  });

  test('grows no link, line or markup out of what a browser or a service says of itself', () => {
    const odd = {
      browser: 'http://evil.example/\r\nBcc: a@evil.example <b>',
      system: `Call +36 1 234 or visit evil.example ${'x'.repeat(500)}\u202e`,
      service: 'A\r\nBcc: x <script>',
    };
    const { subject, text, html } = noticeMail({ kind, locale, at, detail: detail.browser ? odd : {} }, deployment);
    expect(subject).not.toMatch(/[\r\n]/);
    for (const body of [text, html]) expect(body).not.toMatch(/evil\.example|a@|\u202e|\r|x{100}/);
    expect(html).not.toContain('<script>');
    expect(text.split('\n')).toHaveLength(mail.text.split('\n').length);
  });
});

describe.each(['hu', 'en'] as const)('a notice of a hold, in %s', (locale) => {
  const stopAt = 'https://gate.example/account/stop/abc.def';
  const until = String(Date.parse('2026-11-25T13:05:00Z'));

  test('has the link that stops it, and only that one', () => {
    const { text, html } = noticeMail({ kind: 'passwordReset', locale, at, detail: { until } }, deployment, stopAt);
    for (const body of [text, html]) {
      expect(body).toContain(stopAt);
      expect(body).toContain(texts[locale].stop);
      expect(body).toMatch(/2026.*14:05/);
    }
    expect(html.match(/href/g)).toHaveLength(1);
    expect(text.match(/https?:/g)).toHaveLength(1);
  });

  test('says that one without an end goes on until more is proven', () => {
    const { text } = noticeMail({ kind: 'passwordReset', locale, at, detail: {} }, deployment, stopAt);
    expect(text).toMatch(/addig, amíg|until you prove/);
  });
});
