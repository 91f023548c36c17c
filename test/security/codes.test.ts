/** What a code is bound to (ASVS 6.6.2), and that nothing but a keyed hash of it is kept (6.5.2). */

import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { type Binding, createCodes } from '../../interactions/mailed-code/codes.ts';
import { createMemoryState, type MemoryState } from '../../src/state/memory.ts';

const binding: Binding = { uid: 'sign-in', accountId: 'anna', level: 'plus' };
const rules = { life: 600, tries: 5, signInLife: 1800 };
let state: MemoryState;

beforeEach(() => {
  state = createMemoryState({ now: () => new Date() });
});
afterEach(() => state.end());

describe('a code', () => {
  test('is right for its own sign-in, account and level', async () => {
    const codes = createCodes(state, ['key'], rules);
    expect(await codes.guess(binding, await codes.make(binding, 6))).toMatchObject({ outcome: 'right' });
  });

  test.each<[string, Partial<Binding>, string]>([
    ['another sign-in', { uid: 'other' }, 'none'],
    ['another account', { accountId: 'john' }, 'wrong'],
    ['another level', { level: 'high' }, 'wrong'],
  ])('is not right for %s', async (_what, change, outcome) => {
    const codes = createCodes(state, ['key'], rules);
    const code = await codes.make(binding, 6);
    expect(await codes.guess({ ...binding, ...change }, code)).toMatchObject({ outcome });
    expect(await codes.guess(binding, code)).toMatchObject({ outcome: 'right' });
  });

  test('is good while its key is being changed, and not without it', async () => {
    const code = await createCodes(state, ['old', 'new'], rules).make(binding, 6);
    expect(await createCodes(state, ['other'], rules).guess(binding, code)).toMatchObject({ outcome: 'wrong' });
    expect(await createCodes(state, ['new', 'old'], rules).guess(binding, code)).toMatchObject({ outcome: 'right' });
  });

  test('is any of a million, as likely as another', async () => {
    const codes = createCodes(state, ['key'], rules);
    const made = new Set<string>();
    for (let at = 0; at < 500; at++) made.add(await codes.make({ ...binding, uid: `sign-in ${at}` }, 6));
    for (const code of made) expect(code).toMatch(/^\d{6}$/);
    // Among 500 of a million, one run in nine has a double; five doubles are no accident.
    expect(made.size).toBeGreaterThan(495);
    expect([...made].filter((code) => code.startsWith('0')).length).toBeGreaterThan(10);
  });
});
