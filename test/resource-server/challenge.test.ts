import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  type Challenge,
  formatChallenge,
  isStepUp,
  parseChallenge,
  stepUpParameters,
} from '../../src/resource-server/challenge.ts';

const stepUp = 'Bearer error="insufficient_user_authentication", acr_values="plus", max_age="300"';

describe('writing', () => {
  test('a step-up as RFC 9470, 3 has it', () => {
    const challenge: Challenge = {
      scheme: 'Bearer',
      error: 'insufficient_user_authentication',
      errorDescription: 'a different authentication level is required',
      acrValues: ['plus', 'high'],
      maxAge: 300,
    };
    expect(formatChallenge(challenge)).toBe(
      'Bearer error="insufficient_user_authentication", ' +
        'error_description="a different authentication level is required", acr_values="plus high", max_age="300"',
    );
  });

  test('quotes and backslashes end nothing', () => {
    expect(formatChallenge({ scheme: 'Bearer', realm: 'a"b\\c' })).toBe('Bearer realm="a\\"b\\\\c"');
  });

  test.each(['a\r\nSet-Cookie: b', 'a\nb', 'a\0b', 'tab\there', 'é'])('%j is refused', (realm) => {
    expect(() => formatChallenge({ scheme: 'Bearer', realm })).toThrow(RangeError);
    expect(() => formatChallenge({ scheme: realm })).toThrow(RangeError);
  });
});

describe('reading', () => {
  test.each<[string, string, Partial<Challenge> | undefined]>([
    ['nothing', '', undefined],
    ['another scheme', 'Basic realm="x"', undefined],
    ['a bare challenge', 'Bearer', { scheme: 'Bearer' }],
    ['parameters without quotes', 'Bearer error=invalid_token, max_age=5', { error: 'invalid_token', maxAge: 5 }],
    ['names in any letters', 'BEARER Error="invalid_token", MAX_AGE=5', { error: 'invalid_token', maxAge: 5 }],
    ['spaces around the equals sign', 'Bearer error = "invalid_token"', { error: 'invalid_token' }],
    ['no space after the comma', 'Bearer error="a",acr_values="b c"', { error: 'a', acrValues: ['b', 'c'] }],
    ['empty list elements', 'Bearer error="a", , ,acr_values="b"', { error: 'a', acrValues: ['b'] }],
    ['commas in quotes', 'Bearer realm="a, Basic b=c", error="d"', { realm: 'a, Basic b=c', error: 'd' }],
    [
      'quotes in quotes',
      'Bearer realm="say \\"Bearer error=x\\"", error="d"',
      { realm: 'say "Bearer error=x"', error: 'd' },
    ],
    ['a challenge before', 'Basic realm="x, y", Bearer error="a"', { scheme: 'Bearer', error: 'a' }],
    [
      'a challenge after',
      'Bearer error="a", Basic realm="x", error="b"',
      { scheme: 'Bearer', error: 'a', realm: undefined },
    ],
    ['a token68 before', 'Negotiate YWJj==, Bearer error="a"', { scheme: 'Bearer', error: 'a' }],
    ['a scheme alone before', 'Negotiate, Bearer error="a"', { scheme: 'Bearer', error: 'a' }],
    [
      'the step-up among several',
      `Bearer error="invalid_token", ${stepUp}`,
      { error: 'insufficient_user_authentication', maxAge: 300 },
    ],
    [
      'a step-up under DPoP',
      `Bearer realm="x", ${stepUp.replace('Bearer', 'DPoP')}`,
      { scheme: 'DPoP', acrValues: ['plus'] },
    ],
    ['the first of two of a name', 'Bearer acr_values="plus", acr_values="basic"', { acrValues: ['plus'] }],
    ['an age that is no number', 'Bearer error="a", max_age="-1"', { error: 'a', maxAge: undefined }],
    ['an age of no sense', 'Bearer error="a", max_age="99999999999999999999"', { error: 'a', maxAge: undefined }],
    ['an empty list of levels', 'Bearer error="a", acr_values=" "', { error: 'a', acrValues: undefined }],
    ['a quote without an end', 'Bearer error="a", realm="b, acr_values=c', { error: 'a', acrValues: undefined }],
    ['a value of wrong characters', 'Bearer realm=a b, error="c"', { realm: undefined, error: 'c' }],
    ['names of objects', 'Bearer __proto__="a", constructor="b", error="c"', { error: 'c' }],
  ])('%s', (_what, header, expected) => {
    const challenge = parseChallenge(header);
    if (expected === undefined) expect(challenge).toBeUndefined();
    else expect({ ...challenge }).toMatchObject(expected);
  });

  test('what a relying party sends on', () => {
    const challenge = parseChallenge(stepUp)!;
    expect(isStepUp(challenge)).toBe(true);
    expect(stepUpParameters(challenge)).toEqual({ acr_values: 'plus', max_age: '300' });
    expect(stepUpParameters(parseChallenge('Bearer error="insufficient_user_authentication", max_age=0')!)).toEqual({
      max_age: '0',
    });
    expect(isStepUp(parseChallenge('Bearer error="invalid_token"')!)).toBe(false);
  });

  const ascii = (from: number, to: number) =>
    fc.integer({ min: from, max: to }).map((code) => String.fromCharCode(code));
  const text = fc.string({ unit: ascii(0x20, 0x7e), minLength: 1, maxLength: 40 });
  const words = fc.array(fc.string({ unit: ascii(0x21, 0x7e), minLength: 1, maxLength: 12 }), {
    minLength: 1,
    maxLength: 4,
  });
  const challenges: fc.Arbitrary<Challenge> = fc.record(
    {
      scheme: fc.constantFrom('Bearer', 'DPoP', 'bearer'),
      realm: text,
      error: fc.constantFrom('insufficient_user_authentication', 'invalid_token'),
      errorDescription: text,
      acrValues: words,
      maxAge: fc.nat(999_999_999),
      scope: words,
    },
    { requiredKeys: ['scheme', 'error'] },
  );
  const strangers = fc.array(
    fc.constantFrom(
      'Basic realm="a, Bearer error=\\"b\\""',
      'Negotiate',
      'Negotiate YWJj=',
      'Digest qop="auth, int", algorithm=MD5',
      '',
    ),
  );

  test('what was written is read again, whatever stands before and after', () => {
    fc.assert(
      fc.property(challenges, strangers, strangers, (challenge, before, after) => {
        const header = [...before, formatChallenge(challenge), ...after].join(', ');
        expect(parseChallenge(header)).toEqual(challenge);
      }),
      { numRuns: 2000 },
    );
  });

  test('anything is read without a fault, and soon', () => {
    const pieces = fc.constantFrom(
      'Bearer ',
      'error',
      '=',
      '"',
      '\\',
      ',',
      ' ',
      'x',
      '\n',
      '\t',
      'é',
      'acr_values="a"',
    );
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.array(pieces, { maxLength: 200 }).map((all) => all.join('')),
        ),
        (header) => {
          parseChallenge(header);
        },
      ),
      { numRuns: 2000 },
    );
    const started = performance.now();
    for (const piece of ['"', '\\"', 'a ', 'a=', '"\\', 'Bearer ', ', ', 'a=b c ', 'Bearer a'])
      parseChallenge(`Bearer ${piece.repeat(16_384 / piece.length)}`);
    expect(performance.now() - started).toBeLessThan(2000);
  });
});
