import { describe, expect, test } from '@jest/globals';
import { texts as mailTexts } from '../../interactions/mailed-code/texts.ts';
import { emailCodePage } from '../../interactions/methods/email-code/page.ts';
import { texts as codeTexts } from '../../interactions/methods/email-code/texts.ts';
import { texts as passkeyTexts } from '../../interactions/methods/passkey/texts.ts';
import { passwordPage } from '../../interactions/methods/password/page.ts';
import { texts as passwordTexts } from '../../interactions/methods/password/texts.ts';
import { texts as recoveryTexts } from '../../interactions/methods/recovery-code/texts.ts';
import { texts as appTexts } from '../../interactions/methods/totp/texts.ts';
import { errorPage } from '../../interactions/pages/error/page.ts';
import { texts as errorTexts } from '../../interactions/pages/error/texts.ts';
import { createPages, type View } from '../../interactions/pages/render.ts';
import { texts } from '../../interactions/pages/texts.ts';
import { deployment, states } from './states.ts';

const pages = createPages({ deployment });
const view: View = {
  locale: 'hu',
  path: '/interaction/abc/password',
  service: { clientId: 'tax', name: 'Adóbevallás' },
};
const all = (html: string, pattern: RegExp) => [...html.matchAll(pattern)].map((match) => match[1] ?? match[0]);

describe.each(states().map((state) => [`${state.name} (${state.locale})`, state] as const))('%s', (_, state) => {
  const html = state.render(pages);

  test('has a language, a title, one h1 and a main landmark', () => {
    expect(html).toMatch(/^<!doctype html>/);
    expect(html).toContain(`<html lang="${state.locale}"`);
    expect(all(html, /<title>([^<]+)<\/title>/g)).toHaveLength(1);
    expect(all(html, /<h1[\s>]/g)).toHaveLength(1);
    expect(all(html, /<main[\s>]/g)).toHaveLength(1);
  });

  test('gives each field a label, and each description its text', () => {
    const ids = all(html, /\sid="([^"]+)"/g);
    expect(new Set(ids).size).toBe(ids.length);
    for (const field of all(html, /<input (?!type="hidden")[^>]*\sid="([^"]+)"/g))
      expect(html).toContain(`for="${field}"`);
    for (const described of all(html, /aria-(?:describedby|labelledby)="([^"]+)"/g)) {
      expect(ids).toEqual(expect.arrayContaining(described.split(' ')));
    }
    for (const target of all(html, /href="#([^"]+)"/g)) expect(ids).toContain(target);
  });

  test('has nothing inline and loads nothing from elsewhere (ASVS 3.4.3)', () => {
    expect(html).not.toMatch(/<style|<script(?![^>]*\ssrc=)|\sstyle=|\son[a-z]+=|javascript:/i);
    const loaded = [...all(html, /<(?:script|img)[^>]*\ssrc="([^"]+)"/g), ...all(html, /<link[^>]*\shref="([^"]+)"/g)];
    for (const path of loaded) expect(pages.assets.find(path)?.current).toBe(true);
    for (const action of all(html, /\saction="([^"]+)"/g)) expect(action).toMatch(/^\/[^/]/);
  });

  test('has words everywhere', () => {
    expect(html).not.toMatch(/undefined|null|NaN|\[object|\$\{|TODO|=>/);
  });

  test('says in the title that something is wrong, if so', () => {
    const wrong = html.includes('role="alert"');
    expect(/<title>(Hiba|Error): /.test(html)).toBe(wrong);
  });

  test('switches language on the same page', () => {
    for (const locale of ['hu', 'en']) expect(html).toContain(`?ui_locales=${locale}" lang="${locale}"`);
  });
});

test.each(
  states((usual) => `${usual}<script>alert(1)</script>"'&`).map(
    (state) => [`${state.name} (${state.locale})`, state] as const,
  ),
)('%s escapes whatever it is told', (_, state) => {
  const html = state.render(pages);
  expect(html).toContain('&lt;script&gt;');
  expect(html).not.toContain('<script>');
  expect(html).not.toContain('"\'&"');
});

test('the deployment itself is escaped', () => {
  const hostile = createPages({
    deployment: { ...deployment, operator: { hu: '<b>', en: '<b>' }, name: { hu: '"<i>', en: '<i>' } },
  });
  for (const state of states()) expect(state.render(hostile)).not.toMatch(/<[bi]>/);
});

test('no text is the same in both languages', () => {
  const leaves = (tree: object): string[] =>
    Object.values(tree).flatMap((leaf) => (typeof leaf === 'object' ? leaves(leaf) : [String(leaf)]));
  for (const each of [
    texts,
    passwordTexts,
    passkeyTexts,
    appTexts,
    recoveryTexts,
    codeTexts,
    errorTexts,
    { hu: mailTexts.hu.heading, en: mailTexts.en.heading },
  ]) {
    const english = leaves({ only: each.en });
    leaves({ only: each.hu }).forEach((text, at) => void expect(text).not.toBe(english[at]));
  }
});

describe('the language switch', () => {
  test.each([
    ['/auth?client_id=a&scope=openid&ui_locales=en', '/auth?client_id=a&amp;scope=openid&amp;ui_locales=hu'],
    ['//evil.example/x', '/evil.example/x?ui_locales=hu'],
    ['/\\evil.example', '/evil.example?ui_locales=hu'],
  ])('keeps %s on this server', (path, href) => {
    const html = errorPage(pages, { ...view, path }, { kind: 'fault' });
    expect(html).toContain(`href="${href}" lang="hu"`);
  });
});

describe('the password page', () => {
  const show = (more: object) =>
    passwordPage(pages, view, { action: '/a', username: 'anna', asksPlus: false, mayDecline: false, ...more });

  test('names the service in title and text', () => {
    expect(show({})).toContain('<title>Bejelentkezés – Adóbevallás – Minta Ügyfélkapu</title>');
    expect(show({})).toContain('<strong>Adóbevallás</strong>');
  });

  test('keeps the user name and never the password', () => {
    expect(show({ problem: 'wrong' })).toMatch(/name="username"[^>]* value="anna"/);
    expect(show({ problem: 'wrong' })).toMatch(/name="password"[^>]* value=""/);
  });

  test('does not tell which of the two was wrong (ASVS 6.3.8)', () => {
    expect(show({ problem: 'wrong' })).not.toContain('aria-invalid');
  });

  test('lets password managers do their work (ASVS 6.2.7)', () => {
    expect(show({})).toMatch(/name="username"[^>]* autocomplete="username"/);
    expect(show({})).toMatch(/name="password"[^>]* autocomplete="current-password"/);
  });

  test('signs in on Enter: the primary button is the first', () => {
    expect(all(show({}), /<button[^>]*data-variant="(\w+)"/g)).toEqual(['primary', 'tertiary']);
  });
});

describe('the code page', () => {
  const model = {
    ...{ action: '/a', statusUrl: '/a/delivery', maskedAddress: 'a***@demo.example', lifeMinutes: 10, digits: 6 },
    ...{ mailReference: 'R4T-9KZ', delivery: 'sending' as const, resendInSeconds: 0, sendsLeft: 1, mayDecline: false },
  };
  const show = (more: object) => emailCodePage(pages, { ...view, locale: 'en' }, { ...model, ...more });
  const buttons = (html: string) => all(html, /<button[^>]* name="(\w+)"/g);

  test('offers what can be done, and confirms on Enter', () => {
    expect(buttons(show({}))).toEqual(['resend', 'cancel']);
    expect(buttons(show({ mayDecline: true }))).toEqual(['resend', 'decline', 'cancel']);
    expect(buttons(show({ sendsLeft: 0 }))).toEqual(['cancel']);
    expect(all(show({}), /<button[^>]*data-variant="(\w+)"/g)[0]).toBe('primary');
  });

  test('asks for no code when no try is left', () => {
    expect(show({ problem: 'spent' })).not.toContain('name="code"');
    expect(buttons(show({ problem: 'spent' }))).toEqual(['cancel']);
  });

  test('takes pasted spaces: no maxlength, digits on the keyboard, filled in by the system', () => {
    expect(show({})).toMatch(/name="code"[^>]* autocomplete="one-time-code" inputmode="numeric"/);
    expect(show({})).not.toContain('maxlength');
  });
});

describe('the error page', () => {
  test('links to the service only over http', () => {
    const show = (url: string) =>
      errorPage(pages, { ...view, service: { clientId: 'a', name: 'A', url } }, { kind: 'expired' });
    expect(show('https://a.example/')).toContain('href="https://a.example/"');
    expect(show('javascript:alert(1)')).not.toContain('javascript:');
  });

  test('shows the reference', () => {
    expect(errorPage(pages, { ...view, reference: 'K7QX-4MPD' }, { kind: 'fault' })).toContain('K7QX-4MPD');
  });
});
