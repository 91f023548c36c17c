/** Private keys at rest: no secret, no key; and a secret can be exchanged. */

import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { type JWK, SignJWT } from 'jose';
import { isEncryptedAsNow } from '../../src/oidc/keys/encryption.ts';
import { changeKeys, ensureKeys, readAsWritten, readKeys } from '../../src/oidc/keys/keys.ts';
import { keyAlgorithms, type SigningKey } from '../../src/oidc/keys/life.ts';
import { run } from '../../src/program.ts';
import { makePlace } from '../cli/run.ts';

const [first, second] = ['a-first-secret-to-encrypt-signing-keys', 'a-second-secret-to-encrypt-signing-keys'];
const now = () => new Date('2026-11-23T08:00:00Z');

let folder: string;
let file: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kapu-key-encryption-'));
  file = join(folder, 'keys.json');
});
afterEach(() => rm(folder, { recursive: true }));

const write = (keys: object[]) => writeFile(file, JSON.stringify({ keys }));

test('public parts stand in the file in clear, private ones do not; all algorithms come back whole', async () => {
  const made = await ensureKeys(file, keyAlgorithms, now, [first]);
  const written = await readAsWritten(file);
  for (const [index, { encrypted, kapu, ...shown }] of written.entries()) {
    const { kty, kid, alg, use, crv, x, y, n, e } = made[index]!;
    expect(shown).toEqual(JSON.parse(JSON.stringify({ kty, kid, alg, use, crv, x, y, n, e })));
    expect([kapu, encrypted]).toEqual([made[index]!.kapu, expect.stringMatching(/^\S+\.\.\S+\.\S+\.\S+$/)]);
  }
  const text = await readFile(file, 'utf8');
  for (const key of made)
    for (const name of ['d', 'p', 'q', 'dp', 'dq', 'qi']) if (key[name]) expect(text).not.toContain(key[name]);
  const read = await readKeys(file, [first]);
  expect(read).toEqual(made);
  for (const key of read) await new SignJWT({}).setProtectedHeader({ alg: key.alg }).sign(key as JWK);
});

test('without its secret the file is refused, for reading and for writing, and stays as it is', async () => {
  await ensureKeys(file, ['ES256'], now, [first]);
  const before = await readFile(file, 'utf8');
  for (const secrets of [[], [second]]) {
    await expect(readKeys(file, secrets)).rejects.toThrow('a secret that is not among secrets.keyEncryptionKeys');
    await expect(changeKeys(file, (keys) => keys, secrets)).rejects.toThrow('not among');
    await expect(ensureKeys(file, ['ES256'], now, secrets)).rejects.toThrow('not among');
  }
  expect(await readFile(file, 'utf8')).toBe(before);
});

test('a file in clear goes on being read, and is encrypted at the next change', async () => {
  const made = await ensureKeys(file, ['ES256'], now);
  expect(await readKeys(file, [first])).toEqual(made);
  expect((await readAsWritten(file)).every((key) => isEncryptedAsNow(key, [first]))).toBe(false);
  await changeKeys(file, (keys) => keys, [first]);
  expect((await readAsWritten(file)).every((key) => isEncryptedAsNow(key, [first]))).toBe(true);
  expect(await readFile(file, 'utf8')).not.toContain(made[0]!.d!);
});

test('the next secret takes over, and the one before is not needed any more', async () => {
  const made = await ensureKeys(file, ['ES256', 'EdDSA'], now, [first]);
  expect(await readKeys(file, [second, first])).toEqual(made);
  await changeKeys(file, (keys) => keys, [second, first]);
  expect(await readKeys(file, [second])).toEqual(made);
  await expect(readKeys(file, [first])).rejects.toThrow('not among');
});

test('what was changed, or put in the place of another, does not open', async () => {
  await ensureKeys(file, ['ES256', 'EdDSA'], now, [first]);
  const [one, other] = (await readAsWritten(file)) as [SigningKey, SigningKey];
  await write([{ ...one, encrypted: other.encrypted }, other]);
  await expect(readKeys(file, [first])).rejects.toThrow(`the encrypted part of the key ${one.kid} was changed`);
  const [header, key, nonce, body = '', tag] = one.encrypted!.split('.');
  const flipped = (body[0] === 'A' ? 'B' : 'A') + body.slice(1);
  await write([{ ...one, encrypted: [header, key, nonce, flipped, tag].join('.') }]);
  await expect(readKeys(file, [first])).rejects.toThrow('was changed');
  await write([{ ...one, encrypted: 'nothing' }]);
  await expect(readKeys(file, [first])).rejects.toThrow('not among');
  await write([{ ...one, d: 'both' }]);
  await expect(readKeys(file, [first])).rejects.toThrow('private part once');
});

test('the commands: encrypted when there is a secret, listed without it, moved to the next, and `check` tells', async () => {
  const place = await makePlace(1);
  await place.kapu(['keys', 'add']);
  expect((await place.kapu(['keys', 'list'])).out).toMatch(/signing .* clear\n/);
  expect(await place.kapu(['keys', 'reencrypt'])).toMatchObject({
    code: 1,
    err: expect.stringContaining('set KAPU_KEY_ENCRYPTION_KEYS'),
  });
  await place.change((settings) => {
    settings.secrets.keyEncryptionKeys = [first];
  });
  const unlike = 'a private key is not encrypted with the first of keyEncryptionKeys';
  expect((await place.kapu(['check'])).out).toContain(unlike);
  expect((await place.kapu(['keys', 'reencrypt'])).out).toBe(
    '1 private key encrypted with the first of keyEncryptionKeys\n',
  );
  expect((await place.kapu(['keys', 'list'])).out).toMatch(/signing .* encrypted\n/);
  expect((await place.kapu(['check'])).out).not.toContain(unlike);
  await place.change((settings) => {
    settings.secrets.keyEncryptionKeys = [second, first];
  });
  expect((await place.kapu(['keys', 'list'])).out).toContain('encrypted, not with the first secret');
  expect((await place.kapu(['check'])).out).toContain(unlike);
  expect((await place.kapu(['keys', 'add', '--alg', 'EdDSA'])).code).toBe(0);
  expect((await readKeys(place.at('keys.json'), [second])).map(({ alg }) => alg)).toEqual(['ES256', 'EdDSA']);

  // Without settings, and without the secret in the environment: nothing is written in clear.
  const listed = await place.kapu(['keys', '--file', place.at('keys.json'), 'list']);
  expect(listed.out.match(/encrypted/g)).toHaveLength(2);
  const refused = await place.kapu(['keys', '--file', place.at('keys.json'), 'add']);
  expect([refused.code, refused.err]).toEqual([1, expect.stringContaining('KAPU_KEY_ENCRYPTION_KEYS')]);
  await place.remove();
});

test('before there are settings the secret comes from the environment, and one that cannot be used is refused', async () => {
  const keys = async (env: Record<string, string>, ...args: string[]) => {
    const err: string[] = [];
    const terminal = { out: () => {}, err: (line: string) => void err.push(line), read: async () => '' };
    const world = { env, terminal, now, onSignal: () => {}, onHangup: () => {}, exit: () => {} };
    return { code: await run(['keys', '--file', file, ...args], world), err: err.join('\n') };
  };
  expect(await keys({ KAPU_KEY_ENCRYPTION_KEYS: 'short' }, 'add')).toMatchObject({
    code: 1,
    err: expect.stringContaining('at least 32 characters'),
  });
  expect(await keys({ KAPU_KEY_ENCRYPTION_KEYS_FILE: join(folder, 'nowhere') }, 'add')).toMatchObject({
    code: 1,
    err: expect.stringContaining('cannot be read (ENOENT)'),
  });
  await expect(readAsWritten(file)).rejects.toThrow('does not exist');
  expect((await keys({ KAPU_KEY_ENCRYPTION_KEYS: `${second},${first}` }, 'add')).code).toBe(0);
  expect(await readKeys(file, [second])).toHaveLength(1);
});
