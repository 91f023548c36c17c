import { readFile, stat } from 'node:fs/promises';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { makePlace, type Place } from './run.ts';

let place: Place;
beforeAll(async () => {
  place = await makePlace(1);
});
afterAll(() => place.remove());

const kidIn = (line: string) => /key (\S+) /.exec(line)?.[1] ?? '';

test('the life of a key, from add to retire', async () => {
  expect((await place.kapu(['keys', 'list'])).err).toBe(
    `kapu: the keys file '${place.at('keys.json')}' does not exist\n  hint: make it: \`kapu keys add\`\n`,
  );
  const first = await place.kapu(['keys', 'add']);
  expect(first.out).toMatch(/^key \d{8}-\S{12} \(ES256\) added: it signs\n$/);
  expect((await stat(place.at('keys.json'))).mode & 0o777).toBe(0o600);
  expect((await place.kapu(['keys', 'add', '--if-missing'])).out).toBe(
    'nothing added: every algorithm has a key that signs\n',
  );

  const second = await place.kapu(['keys', 'add']);
  expect(second.out).toContain('it is published, and waits to be promoted');
  const [old, next] = [kidIn(first.out), kidIn(second.out)];

  const early = await place.kapu(['keys', 'promote', next]);
  expect(early.code).toBe(1);
  expect(early.err).toMatch(/^kapu: key \S+ is not published long enough.*\n {2}hint: wait until \S+Z, or add --force/);
  expect((await place.kapu(['keys', 'retire', old])).err).toContain('signs now');

  expect((await place.kapu(['keys', 'promote', next, '--force'])).out).toBe(
    `key ${next} signs: on every running server within 30 s\n`,
  );
  const listed = (await place.kapu(['keys', 'list'])).out;
  expect(listed).toMatch(new RegExp(`${old} +ES256 +retiring`));
  expect(listed).toMatch(new RegExp(`${next} +ES256 +signing`));

  expect((await place.kapu(['keys', 'retire', old])).err).toContain(
    `tokens that key ${old} signed may still be in use`,
  );
  expect((await place.kapu(['keys', 'retire', old, '--force'])).out).toBe(
    `key ${old} is gone: from every running server within 30 s\n`,
  );
  expect((await place.kapu(['keys', 'list'])).out).not.toContain(old);
});

test('what is done with keys stands in the audit, once there is one', async () => {
  const other = await makePlace(1);
  const first = await other.kapu(['keys', 'add']);
  expect(first).toMatchObject({
    code: 0,
    err: expect.stringContaining('not written to the audit: the database is empty'),
  });
  await other.kapu(['migrate']);
  const second = kidIn((await other.kapu(['keys', 'add'])).out);
  await other.kapu(['keys', 'promote', second]);
  await other.kapu(['keys', 'promote', second, '--force']);
  await other.kapu(['keys', 'retire', kidIn(first.out), '--force']);
  await other.change((settings) => {
    settings.secrets.keyEncryptionKeys = ['a key for keys, which is longer than needed'];
  });
  await other.kapu(['keys', 'reencrypt']);
  const written = (await other.kapu(['audit', 'export'])).out.trimEnd().split('\n');
  expect(written.map((line) => JSON.parse(line)).map(({ event, detail }) => [event, detail.kid])).toEqual([
    ['keys.added', second],
    ['keys.promoted', second],
    ['keys.retired', kidIn(first.out)],
    ['keys.reencrypted', second],
  ]);
  await other.remove();
});

test('a file can be made before there are any settings', async () => {
  const { code, out } = await place.kapu([
    '-c',
    'nowhere.json',
    'keys',
    '--file',
    place.at('other/keys.json'),
    'add',
    '--alg',
    'ES256',
    'EdDSA',
  ]);
  expect([code, out.split('\n').length]).toEqual([0, 3]);
  expect(JSON.parse(await readFile(place.at('other/keys.json'), 'utf8')).keys).toHaveLength(2);
});

test('two processes at once lose no key', async () => {
  const file = ['keys', '--file', 'both.json'];
  await Promise.all([1, 2, 3].map(() => place.process([...file, 'add'])));
  expect(JSON.parse(await readFile(place.at('both.json'), 'utf8')).keys).toHaveLength(3);
});

test('what is not there is refused', async () => {
  expect(await place.kapu(['keys', 'add', '--alg', 'ES265'])).toMatchObject({
    code: 1,
    err: "kapu: there is no algorithm 'ES265' here\n  hint: known: ES256, RS256, PS256, EdDSA\n",
  });
  expect((await place.kapu(['keys', 'promote', 'nothing'])).err).toBe(
    'kapu: there is no key nothing\n  hint: see `kapu keys list`\n',
  );
});
