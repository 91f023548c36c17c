import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { makePlace, type Place } from './run.ts';

let place: Place;
beforeAll(async () => {
  place = await makePlace(1);
});
afterAll(() => place.remove());

test('help is on standard output, and no error', async () => {
  const { code, out, err } = await place.process(['--help']);
  expect({ code, err }).toEqual({ code: 0, err: '' });
  for (const command of ['serve', 'check', 'migrate', 'account', 'client', 'keys'])
    expect(out).toContain(`  ${command} `);
});

test.each<[string[], string]>([
  [['sreve'], "unknown command 'sreve'\n(Did you mean serve?)"],
  [['account', 'shwo', 'anna'], "unknown command 'shwo'\n(Did you mean show?)"],
  [['account', 'show'], "missing required argument 'username'"],
  [['keys', 'promote', 'a', '--froce'], "unknown option '--froce'\n(Did you mean --force?)"],
])('wrong usage %j: what is meant, a hint, and 2', async (args, said) => {
  const { code, out, err } = await place.kapu(args);
  expect({ code, out }).toEqual({ code: 2, out: '' });
  expect(err).toContain(`kapu: ${said}`);
  expect(err).toContain('hint: `kapu --help` lists commands');
});

test('settings with a typo, wherever they are needed', async () => {
  await place.file('typo.json', JSON.stringify({ ...place.settings, isuer: 'x' }));
  expect(await place.kapu(['-c', place.at('typo.json'), 'account', 'list'])).toEqual({
    code: 1,
    out: '',
    err: "kapu: the settings have a problem\n  isuer: there is no such key\n    hint: did you mean 'issuer'?\n",
  });
});
