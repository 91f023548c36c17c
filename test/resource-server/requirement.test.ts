import { describe, expect, test } from '@jest/globals';
import { acceptedAlgorithms, checkRequirement, type Requirement } from '../../src/resource-server/requirement.ts';

const good: Requirement = { issuer: 'https://login.example', audience: 'https://tax.example/api' };

test('what is left out is filled in', () => {
  expect(checkRequirement(good)).toEqual({
    ...good,
    acrValues: undefined,
    maxAge: undefined,
    scopes: [],
    clockTolerance: 5,
    algorithms: acceptedAlgorithms,
  });
});

describe('a requirement that would let in too many, or break a header, is refused at the start', () => {
  test.each<[string, object, RegExp]>([
    ['no issuer', { issuer: undefined }, /issuer/],
    ['an issuer that is no address', { issuer: 'login' }, /issuer/],
    ['no audience', { audience: undefined }, /audience/],
    ['an empty audience', { audience: '' }, /audience/],
    ['an audience with a line end', { audience: 'a\r\nb' }, /audience/],
    ['an empty list of levels', { acrValues: [] }, /acrValues is empty/],
    ['levels in one text', { acrValues: ['plus high'] }, /acrValues/],
    ['an empty level', { acrValues: [''] }, /acrValues/],
    ['a level with a line end', { acrValues: ['plus\r\nSet-Cookie: a'] }, /acrValues/],
    ['a level that is undefined', { acrValues: [undefined] }, /acrValues/],
    ['an age with a fraction', { maxAge: 0.5 }, /maxAge/],
    ['a negative age', { maxAge: -1 }, /maxAge/],
    ['an age that is no number', { maxAge: Number.NaN }, /maxAge/],
    ['an age as text', { maxAge: '300' }, /maxAge/],
    ['a scope with a quote', { scopes: ['a"b'] }, /scopes/],
    ['scopes in one text', { scopes: ['a b'] }, /scopes/],
    ['a clock that is hours off', { clockTolerance: 3600 }, /clockTolerance/],
    ['no algorithm', { algorithms: [] }, /algorithms/],
    ['a symmetric algorithm', { algorithms: ['HS256'] }, /algorithms/],
    ['no signature', { algorithms: ['none'] }, /algorithms/],
  ])('%s', (_what, change, words) => {
    expect(() => checkRequirement({ ...good, ...change } as Requirement)).toThrow(words);
  });
});
