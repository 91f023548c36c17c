/** The part of a page that asks for a new password: what it takes, what it says, and how often it can be asked. */

import { beforeEach, describe, expect, test } from '@jest/globals';
import type { Context } from 'koa';
import { demoSettings } from '../../config/demo.ts';
import { settingsSchema } from '../../config/settings.ts';
import { createNewPasswordForm, type NewPasswordForm } from '../../interactions/new-password/new-password.ts';
import type { PagePart } from '../../interactions/pages/render.ts';
import type { HashOutcome, Passwords } from '../../src/passwords/passwords.ts';
import { createNewPasswords } from '../../src/passwords/rules.ts';
import { createMemoryState } from '../../src/state/memory.ts';
import { createThrottle } from '../../src/throttle/throttle.ts';

const settings = settingsSchema.parse(demoSettings({ port: 3000, smtpPort: 1, folder: '.' }));
const good = 'ladder-umbrella-seventeen';
const choosing = { locale: 'en', origin: '192.0.2.1', key: 'visit', chooser: { username: 'waldemar' } } as const;

let hashing: HashOutcome;
let form: NewPasswordForm;

beforeEach(() => {
  hashing = { outcome: 'hashed', hash: 'p1:hash' };
  const state = createMemoryState({ now: () => new Date() });
  form = createNewPasswordForm({
    newPasswords: createNewPasswords({ ...settings, password: { ...settings.password, leastLength: 15 } }),
    passwords: { hash: async () => hashing } as unknown as Passwords,
    throttle: createThrottle({ state }),
    leastLength: 15,
  });
});

/** A request that sent these fields. */
function sent(fields: Record<string, string>): Context {
  return { request: { body: fields }, set() {} } as unknown as Context;
}

const choose = (fields: Record<string, string>, who: typeof choosing | object = choosing) =>
  form.choose(sent(fields), { ...choosing, ...who });

describe('what is sent', () => {
  test('is hashed when it will do', async () => {
    expect(await choose({ 'new-password': good, repeat: good })).toEqual({ outcome: 'chosen', hash: 'p1:hash' });
  });

  test.each([
    ['nothing', {}, 'Enter the new password.'],
    ['too short', { 'new-password': 'abc' }, 'at least 15 characters'],
    ['a common one', { 'new-password': 'password2026', repeat: 'password2026' }, 'common password'],
    ['the user name', { 'new-password': 'waldemarwaldemar', repeat: 'waldemarwaldemar' }, 'your username'],
    ['another one the second time', { 'new-password': good, repeat: `${good}x` }, 'not the same'],
    ['once only', { 'new-password': good }, 'not the same'],
  ])('%s is asked again, with the reason', async (_, fields, reason) => {
    const choice = await choose(fields as Record<string, string>);
    expect(choice).toMatchObject({ outcome: 'asked-again', status: 422 });
    const { said } = choice as Extract<typeof choice, { outcome: 'asked-again' }>;
    expect(said.problems.map(({ text }) => text).join(' ')).toContain(reason);
    expect(JSON.stringify(said)).not.toContain(good);
  });

  test('is only looked at with the button that shows its strength', async () => {
    const shown = await choose({ 'new-password': good, check: '1' });
    expect(shown).toMatchObject({ outcome: 'asked-again', status: 200, said: { problems: [], score: 4 } });
    expect(await choose({ 'new-password': 'abc', check: '1' })).toMatchObject({ status: 422 });
  });

  test('has to wait when there is too much to hash', async () => {
    hashing = { outcome: 'busy', retryAfter: 7 };
    expect(await choose({ 'new-password': good, repeat: good })).toMatchObject({ status: 503, retryAfter: 7 });
  });

  test('is not judged for ever: neither for one person, nor for one origin', async () => {
    for (let times = 0; times < 120; times++) await form.tell(sent({ 'new-password': 'abc' }), choosing);
    expect(await choose({ 'new-password': good, repeat: good })).toMatchObject({ status: 429 });
    expect(await choose({ 'new-password': good, repeat: good }, { key: 'another' })).toMatchObject({
      outcome: 'chosen',
    });
  });
});

test('the script is told what is wrong, or how strong it is', async () => {
  const ask = async (typed: string) => {
    const ctx = sent({ 'new-password': typed });
    await form.tell(ctx, choosing);
    return ctx.body;
  };
  expect(await ask(good)).toEqual({ score: 4, words: 'Very strong.' });
  expect(await ask('abc')).toEqual({ score: undefined, words: expect.stringContaining('at least 15') });
  expect(await ask('')).toEqual({ words: '' });
});

test('the fields show the meter once there is something to show', () => {
  const part = { field: ({ name }) => `<${name}>`, button: ({ name }) => `<${name}>` } satisfies PagePart;
  const empty = form.part('hu', '/there');
  expect(empty.fields(part)).toMatch(/data-ask-at="\/there"[\s\S]*<p class="strength-meter" hidden>/);
  expect(empty.button(part)).toBe('<check>');
  const said = form.part('en', '/there', { problems: [], score: 3, words: 'Strong.' }).fields(part);
  expect(said).toMatch(/<new-password>[\s\S]*value="4"[\s\S]*Strong\.[\s\S]*<repeat>/);
  expect(said).not.toContain('hidden');
});
