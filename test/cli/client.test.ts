import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { makePlace, type Place } from './run.ts';

const client = {
  client_id: 'tax',
  client_name: 'Adóbevallás',
  client_uri: 'https://tax.example.hu/',
  redirect_uris: ['https://tax.example.hu/callback'],
};

let place: Place;
beforeAll(async () => {
  place = await makePlace(1);
  await place.kapu(['migrate']);
});
afterAll(() => place.remove());

test('put makes a secret once; the same file again changes nothing; a changed one keeps the secret', async () => {
  await place.file('tax.json', JSON.stringify(client));
  const first = await place.kapu(['client', 'put', place.at('tax.json')]);
  expect(first.out).toMatch(/^client tax added\nsecret: [\w-]{43}\n$/);
  const secret = first.out.trim().split(' ').at(-1);
  expect((await place.kapu(['client', 'put', place.at('tax.json')])).out).toBe('client tax unchanged\n');
  const changed = JSON.stringify({ ...client, minimum_level: 'plus' });
  expect((await place.kapu(['client', 'put', '-'], changed)).out).toBe('client tax changed\n');

  const { out } = await place.kapu(['client', 'show', 'tax']);
  expect(JSON.parse(out)).toEqual({ ...client, minimum_level: 'plus' });
  expect(JSON.parse((await place.kapu(['client', 'show', 'tax', '--secret'])).out).client_secret).toBe(secret);
  expect((await place.kapu(['client', 'list'])).out).toMatch(
    /^CLIENT .*\ntax {5}Adóbevallás {2}standard {2}plus .*\n$/,
  );
});

test('a file that cannot be used: every problem with its hint', async () => {
  await place.file('bad.json', JSON.stringify({ ...client, redirect_uri: 'x', minimum_levle: 'plus' }));
  expect(await place.kapu(['client', 'put', place.at('bad.json')])).toEqual({
    code: 1,
    out: '',
    err: `kapu: '${place.at('bad.json')}' describes no client that can be used
  redirect_uri: there is no such key; did you mean 'redirect_uris'?
  minimum_levle: there is no such key; did you mean 'minimum_level'?
  hint: change these, then put it again
`,
  });
  await place.file('bad.json', '{');
  expect((await place.kapu(['client', 'put', place.at('bad.json')])).err).toContain("bad.json' is not valid JSON");
  expect((await place.kapu(['client', 'put', place.at('none.json')])).err).toContain(
    "none.json' cannot be read (ENOENT)",
  );
});

test('removed, it is gone', async () => {
  await place.kapu(['client', 'put', '-'], JSON.stringify({ ...client, client_id: 'gone' }));
  expect((await place.kapu(['client', 'remove', 'gone'])).out).toBe('client gone removed\n');
  expect(await place.kapu(['client', 'show', 'gone'])).toMatchObject({
    code: 1,
    err: "kapu: there is no client 'gone'\n  hint: see `kapu client list`\n",
  });
});

test('invite: only where services register themselves', async () => {
  expect(await place.kapu(['client', 'invite'])).toMatchObject({
    code: 1,
    err: 'kapu: services do not register themselves here\n  hint: set registration.enabled in the settings\n',
  });
  expect((await place.kapu(['client', 'invite', '--uses', '0'])).code).toBe(2);
});
