import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { defaults } from '../../config/default.ts';
import { demoPassword, demoPeople, demoSettings } from '../../config/demo.ts';
import { settingsSchema } from '../../config/settings.ts';
import { judgePassword, type PasswordRules } from '../../src/passwords/judge.ts';
import { createNewPasswords } from '../../src/passwords/rules.ts';

const strength = { score: 3, guesses: 9.5 } as const;
const list = new Set(['password', 'dragon', '12345678']);

function judge(password: string, rules: Partial<PasswordRules> = {}) {
  return judgePassword(password, {
    leastLength: 8,
    context: { service: [] },
    listed: (text) => list.has(text),
    strengthOf: () => strength,
    ...rules,
  });
}
const accepted = { outcome: 'accepted', strength };
const refused = (...reasons: object[]) => ({ outcome: 'refused', reasons });

describe('length, in characters', () => {
  test.each([
    ['abcd fgh', 8, accepted],
    ['abcd fg', 8, refused({ reason: 'too-short', leastLength: 8 })],
    ['cat in a tree x', 15, accepted],
    ['cat in a tree ', 15, refused({ reason: 'too-short', leastLength: 15 })],
    ['', 8, refused({ reason: 'too-short', leastLength: 8 }, { reason: 'pattern' })],
  ])('%j of at least %d', (password, leastLength, judgement) => {
    expect(judge(password, { leastLength })).toEqual(judgement);
  });

  test('an emoji is one, however many units it takes; a letter and its accent are one', () => {
    expect(judge('🐎🔋🧷🌂🎻🧭🥁')).toMatchObject({ outcome: 'refused' });
    expect(judge('🐎🔋🧷🌂🎻🧭🥁🛶')).toEqual(accepted);
    expect(judge('o\u0301rsw tz')).toMatchObject({ reasons: [{ reason: 'too-short', leastLength: 8 }] });
  });

  test('64 are fine, and 1,024; more are refused, and nothing is looked at', () => {
    const random = (length: number) =>
      Array.from({ length }, (_, i) => 'kqzjxvwy'[(i * i * 7 + i * 3 + (i >> 3)) % 8]).join('');
    expect(judge(random(64))).toEqual(accepted);
    expect(judge(random(1024))).toEqual(accepted);
    const never = () => {
      throw new Error('looked at');
    };
    const tooLong = refused({ reason: 'too-long', mostLength: 1024 });
    expect(judge(random(1025), { listed: never, strengthOf: never })).toEqual(tooLong);
  });
});

test.each([
  'onlylowercaseletters',
  'ONLY CAPITALS HERE',
  '73920184650193',
  'árvíztűrő tükörfúrógép',
  '                .',
  'ß∂ƒ©˙∆˚¬…æ',
])('there are no rules on composition: %s', (password) => {
  expect(judge(password)).toEqual(accepted);
});

test.each(['half \ud83d a character', 'r\ufffdgi terminál'])(
  'what was broken on its way is refused: %j',
  (password) => {
    expect(judge(password)).toEqual(refused({ reason: 'not-text' }));
  },
);

test('everything that is wrong is said at once', () => {
  const context = { username: 'dragon', service: [] };
  expect(judge('dragon', { leastLength: 15, context })).toEqual(
    refused({ reason: 'too-short', leastLength: 15 }, { reason: 'common' }, { reason: 'context', kinds: ['username'] }),
  );
  expect(judge('aaaaaaaaaaaa')).toEqual(refused({ reason: 'pattern' }));
});

describe('words of the context count for nothing', () => {
  const context = { username: 'eva', email: 'eva.toth@posta.hu', birthDate: '1985-04-12', service: ['Kapu'] };
  const kindsOf = (password: string) => {
    const judgement = judge(password, { context });
    return judgement.outcome === 'refused' ? judgement.reasons : [];
  };

  test.each([
    ['evatoth1985', ['username', 'email', 'birth-date']],
    ['Éva-tóth-éva', ['username', 'email']],
    ['kapukapu99', ['service']],
    ['1985.04.12.', ['birth-date']],
    ['eva-bcdfgh', ['username', 'email']],
    ['evapassword', ['username', 'email']],
    ['eva12345678', ['username', 'email']],
  ])('%s', (password, kinds) => {
    expect(kindsOf(password)).toContainEqual({ reason: 'context', kinds });
  });

  test.each(['elevator on mars', 'eva-rides-north', 'kapu xylophone', 'nothing of it'])(
    'but the rest does: %s',
    (password) => {
      expect(judge(password, { context })).toEqual(accepted);
    },
  );

  test('also where a password needs 15: what is left needs 8', () => {
    expect(judge('kapu, eva, xylophone', { context, leastLength: 15 })).toEqual(accepted);
  });

  test('and a guesser who knows them is counted with in the strength', () => {
    const known: (readonly string[])[] = [];
    judge('eva-rides-north', {
      context,
      strengthOf: (_, words) => {
        known.push(words);
        return strength;
      },
    });
    expect(known[0]).toEqual(expect.arrayContaining(['eva', 'toth', 'kapu', '1985']));
  });

  test('whatever stands beside them is refused when it is refused alone, and context is all that is wrong else', () => {
    const rest = fc.string({ unit: fc.constantFrom(...'bcdfghjk'), minLength: 5, maxLength: 12 });
    fc.assert(
      fc.property(rest, (text) => {
        const alone = judge(text).outcome;
        expect(judge(`kapu${text}`, { context }).outcome).toBe(alone);
      }),
    );
  });
});

describe('the rules of a deployment', () => {
  const demo = settingsSchema.parse(demoSettings({ port: 3000, smtpPort: 1, folder: '/none' }));
  const production: typeof demo = {
    ...demo,
    mode: 'production',
    issuer: 'https://belepes.minta.hu',
    password: { ...demo.password, leastLength: defaults.password.leastLength },
  };
  const judgeIn = (settings: typeof demo, password: string) => createNewPasswords(settings).judge(password, {});

  test('15 characters by default, 8 in the demo, whose password does by them', async () => {
    expect(defaults.password.leastLength).toBe(15);
    expect(demo.password.leastLength).toBe(8);
    for (const person of demoPeople)
      expect(await createNewPasswords(demo).judge(demoPassword, person)).toMatchObject({ outcome: 'accepted' });
    expect(await judgeIn(production, demoPassword)).toEqual(
      refused({ reason: 'too-short', leastLength: 15 }, { reason: 'context', kinds: ['service'] }),
    );
  });

  test.each<[string, object[]]>([
    ['password1234567', [{ reason: 'common' }]],
    ['jelszójelszójelszó', [{ reason: 'pattern' }]],
    ['Magyarország 2026', [{ reason: 'common' }]],
    ['belépés-bemutató', [{ reason: 'context', kinds: ['service'] }]],
    ['minta-belepes-99', [{ reason: 'context', kinds: ['service'] }]],
  ])('%s is refused', async (password, reasons) => {
    expect(await judgeIn(production, password)).toEqual({ outcome: 'refused', reasons });
  });

  test('words that the operator adds', async () => {
    const settings = { ...production, password: { ...production.password, contextWords: ['Szivárványhíd'] } };
    expect(await judgeIn(production, 'szivárványhíd 77')).toMatchObject({ outcome: 'accepted' });
    expect(await judgeIn(settings, 'szivárványhíd 77')).toMatchObject({
      reasons: [{ reason: 'context', kinds: ['service'] }],
    });
  });

  test('a list that is not there refuses to judge', async () => {
    const settings = { ...production, password: { ...production.password, commonPasswords: '/none/common.bin' } };
    await expect(judgeIn(settings, 'quiet river nine stones')).rejects.toThrow('/none/common.bin');
  });
});
