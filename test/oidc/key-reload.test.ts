/** A keys file that changes under a running server: keys of a signer are proven before they are served. */

import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { pino } from 'pino';
import { createKeyReload } from '../../src/key-reload.ts';
import { createCurrentProvider } from '../../src/oidc/current-provider.ts';
import { addKey, externalKey, generateKey, type SigningKey } from '../../src/oidc/keys/life.ts';
import { patientSigner, proveKey } from '../../src/oidc/keys/signer.ts';
import type { KeyWatch } from '../../src/oidc/keys/watch.ts';
import createSigner, { hsm } from '../support/hsm.ts';

const signer = patientSigner(createSigner(), 5000);
const now = new Date();
const external = async (name: string, publicOf = name) =>
  externalKey('ES256', name, await signer.publicKey(publicOf), now);

let file: readonly SigningKey[];
let served: () => readonly SigningKey[];
let watch: KeyWatch;
let failures: number;
let said: string[];

beforeEach(async () => {
  file = addKey(addKey([], await generateKey('ES256', now), now), await external('slot-1'), now);
  const current = createCurrentProvider(
    file,
    () => ({}) as never,
    () => async () => {},
  );
  served = current.keys;
  failures = 0;
  said = [];
  watch = createKeyReload({
    current,
    read: async () => file,
    prove: (key) => proveKey(signer, key),
    metrics: { watchKeys() {}, keysReloadFailures: { inc: () => failures++ } } as never,
    log: pino({ level: 'error' }, { write: (line: string) => void said.push(JSON.parse(line).reason) }),
  });
});
afterEach(async () => {
  hsm.mood = 'well';
  await hsm.end();
});

test('a key that signs as it says is served', async () => {
  const before = hsm.signatures['slot-2'] ?? 0;
  file = [...file, await external('slot-2')];
  await watch.look();
  expect(served()).toBe(file);
  expect([hsm.signatures['slot-2'], failures]).toEqual([before + 1, 0]);
});

test('a key whose public part is another’s is not, nor one that is not there: the keys from before are', async () => {
  const before = served();
  const wrong: [SigningKey, string][] = [
    [await external('slot-2', 'slot-1'), "signs with 'slot-2' does not verify"],
    [await external('slot-9', 'slot-2'), "could not sign with 'slot-9'"],
    // Of a key that is served already, now said to be somewhere else.
    [{ ...file[1]!, kapu: { ...file[1]!.kapu, signer: 'slot-2' } }, "signs with 'slot-2' does not verify"],
  ];
  for (const [key, why] of wrong) {
    file = [file[0]!, key];
    await watch.look();
    expect(served()).toBe(before);
    expect(said.pop()).toContain(why);
    // What nobody needs yet keeps nobody waiting.
    await signer.ready();
  }
  expect(failures).toBe(3);
});

test('while the signer is away the keys from before serve, and the new ones as soon as it is back', async () => {
  const before = served();
  file = [...file, await external('slot-2')];
  hsm.mood = 'fails';
  await watch.look();
  expect(served()).toBe(before);
  hsm.mood = 'well';
  await watch.look();
  expect(served()).toBe(file);
});

test('keys that have been proven are not tried again', async () => {
  const before = hsm.signatures['slot-1'] ?? 0;
  file = [...file, await generateKey('RS256', now)];
  await watch.look();
  expect(served()).toBe(file);
  expect(hsm.signatures['slot-1'] ?? 0).toBe(before);
});
