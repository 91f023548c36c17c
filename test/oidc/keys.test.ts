import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { createLocalJWKSet, type JWK, jwtVerify, SignJWT } from 'jose';
import Provider, { ExternalSigningKey } from 'oidc-provider';
import { settingsSchema } from '../../config/settings.ts';
import { providerJwks } from '../../src/oidc/keys/external.ts';
import { changeKeys, ensureKeys, isExposed, readKeys } from '../../src/oidc/keys/keys.ts';
import {
  addKey,
  generateKey,
  KeysRefused,
  keyAlgorithms,
  promote,
  refuseLoss,
  retire,
  type SigningKey,
} from '../../src/oidc/keys/life.ts';

const start = new Date('2026-11-20T08:00:00Z');
const later = (hours: number) => new Date(start.getTime() + hours * 3_600_000);

const statuses = (keys: SigningKey[]) => keys.map(({ kapu }) => kapu.status);

describe('the life of a key', () => {
  test('the first of an algorithm signs at once, the next waits', async () => {
    const [one, two, rsa] = [
      await generateKey('ES256', start),
      await generateKey('ES256', start),
      await generateKey('RS256', start),
    ];
    const keys = addKey(addKey(addKey([], one, start), two, start), rsa, start);
    expect(statuses(keys)).toEqual(['signing', 'next', 'signing']);
    expect(rsa.n).toHaveLength(512); // 3072 bits
  });

  test('promoted after an hour; then the one before is retiring, then it goes', async () => {
    const [one, two] = [await generateKey('ES256', start), await generateKey('ES256', start)];
    const keys = addKey(addKey([], one, start), two, start);
    expect(() => promote(keys, two.kid, later(0.5))).toThrow('not published long enough');
    const after = promote(keys, two.kid, later(1));
    expect(statuses(after)).toEqual(['retiring', 'signing']);
    expect(after[0]?.kapu.retiringAt).toBe('2026-11-20T09:00:00.000Z');
    expect(() => retire(after, one.kid, 7200, later(2))).toThrow(KeysRefused);
    expect(retire(after, one.kid, 7200, later(3)).map(({ kid }) => kid)).toEqual([two.kid]);
  });

  test('every server publishes a key long before it may sign: none may look away for longer', () => {
    const { keysRefresh } = settingsSchema.shape;
    expect(keysRefresh.parse('10m')).toBe(600);
    expect(keysRefresh.safeParse('11m').success).toBe(false);
  });

  test('keys that cannot sign what is signed now do not take over', async () => {
    const [one, two, rsa] = await Promise.all([
      generateKey('ES256', start),
      generateKey('ES256', start),
      generateKey('RS256', start),
    ]);
    const both = addKey(addKey([], one, start), rsa, start);
    expect(() => refuseLoss(both, promote(addKey(both, two, start), two.kid, later(2)))).not.toThrow();
    expect(() => refuseLoss(both, addKey([], two, start))).toThrow('no key signs with RS256');
    expect(() => refuseLoss(both, [])).toThrow(KeysRefused);
    expect(() => refuseLoss([], [])).toThrow(KeysRefused);
  });

  test('a leaked key goes at once by force, the one that signs never', async () => {
    const [one, two] = [await generateKey('ES256', start), await generateKey('ES256', start)];
    const keys = addKey(addKey([], one, start), two, start);
    expect(() => retire(keys, one.kid, 0, later(99), true)).toThrow('signs now');
    const after = promote(keys, two.kid, start, true);
    expect(retire(after, one.kid, 99_999, start, true)).toHaveLength(1);
  });

  test('what cannot be is refused', async () => {
    const one = await generateKey('ES256', start);
    const keys = addKey([], one, start);
    expect(() => promote(keys, 'nothing', start)).toThrow('there is no key nothing');
    expect(() => promote(keys, one.kid, start)).toThrow('signs already');
  });
});

describe('for the protocol library', () => {
  test('the key that signs comes first, retiring ones last, and nothing of ours is left', async () => {
    const made = [
      await generateKey('ES256', start),
      await generateKey('ES256', start),
      await generateKey('ES256', start),
    ];
    let keys = made.reduce<SigningKey[]>((all, key) => addKey(all, key, start), []);
    keys = promote(keys, made[1]!.kid, later(2));
    const set = providerJwks(keys);
    expect(set.keys.map(({ kid }) => kid)).toEqual([made[1]!.kid, made[2]!.kid, made[0]!.kid]);
    expect(set.keys.every((key) => !('kapu' in key))).toBe(true);
  });

  test.each(keyAlgorithms)('it takes a key for %s, which signs and verifies', async (alg) => {
    const key = await generateKey(alg, start);
    const jwks = providerJwks(addKey([], key, start));
    const provider = new Provider('http://localhost:3000', {
      jwks,
      adapter: class {} as never,
      enabledJWA: { idTokenSigningAlgValues: [alg] },
      clientDefaults: { id_token_signed_response_alg: alg },
      features: {
        devInteractions: { enabled: false },
        externalSigningSupport: { enabled: true, ack: 'experimental-01' },
      },
    });
    expect(provider.issuer).toBe('http://localhost:3000');
    const [own] = jwks.keys;
    const head = { alg, kid: key.kid };
    const token =
      own instanceof ExternalSigningKey
        ? await signedBy(own, head)
        : await new SignJWT({}).setProtectedHeader(head).sign(key as JWK);
    // RSA's signatures take long enough for a thread of their own.
    expect(own instanceof ExternalSigningKey).toBe(key.kty !== 'RSA');
    const verified = await jwtVerify(token, createLocalJWKSet({ keys: [publicPart(key)] }));
    expect(verified.protectedHeader.kid).toBe(key.kid);
  });
});

/** A token without claims. */
async function signedBy(key: ExternalSigningKey, head: object): Promise<string> {
  const text = [head, {}].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.');
  return `${text}.${Buffer.from(await key.sign(Buffer.from(text))).toString('base64url')}`;
}

function publicPart({ d: _d, p: _p, q: _q, dp: _dp, dq: _dq, qi: _qi, kapu: _, ...rest }: SigningKey): JWK {
  return rest as JWK;
}

describe('the file', () => {
  let folder: string;
  let file: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'kapu-keys-'));
    file = join(folder, 'inside', 'keys.json');
  });
  afterEach(() => rm(folder, { recursive: true }));

  test('is made with its folder, for its owner alone, and nothing is left beside it', async () => {
    await ensureKeys(file, ['ES256', 'EdDSA'], () => start);
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect(await isExposed(file)).toBe(false);
    expect(await readdir(join(folder, 'inside'))).toEqual(['keys.json']);
    expect((await readKeys(file)).map(({ alg }) => alg)).toEqual(['ES256', 'EdDSA']);
  });

  test('what is there stays as it is', async () => {
    const before = await ensureKeys(file, ['ES256'], () => start);
    expect(await ensureKeys(file, ['ES256'], () => later(9))).toEqual(before);
  });

  test('ten changes at once: every key is there afterwards', async () => {
    const change = async (keys: SigningKey[]) => addKey(keys, await generateKey('ES256', start), start);
    await Promise.all(Array.from({ length: 10 }, () => changeKeys(file, change)));
    const keys = await readKeys(file);
    expect(keys).toHaveLength(10);
    expect(statuses(keys).filter((status) => status === 'signing')).toHaveLength(1);
  });

  test('a change that fails leaves the file as it was', async () => {
    await ensureKeys(file, ['ES256'], () => start);
    const before = await readFile(file, 'utf8');
    const broken = changeKeys(file, () => {
      throw new KeysRefused('no', 'never');
    });
    await expect(broken).rejects.toThrow('no');
    expect(await readFile(file, 'utf8')).toBe(before);
    expect(await readdir(join(folder, 'inside'))).toEqual(['keys.json']);
  });

  test('missing or broken is said, without what stands in it', async () => {
    await expect(readKeys(file)).rejects.toThrow('does not exist');
    await ensureKeys(file, ['ES256'], () => start);
    await writeFile(file, '{"keys": [{"kty":"EC","d":"hush"');
    await expect(readKeys(file)).rejects.toThrow(/is broken at its start: /);
    await writeFile(file, '{"keys": [{"kty":"EC","kid":"a","alg":"ES25","d":"hush"}]}');
    const fault = await readKeys(file).catch((thrown: Error) => thrown.message);
    expect(fault).toMatch(/is broken at keys\[0\]\./);
    expect(fault).not.toContain('hush');
  });

  test('a lock that was left behind is named', async () => {
    await ensureKeys(file, ['ES256'], () => start);
    await writeFile(`${file}.lock`, '');
    const fault = await changeKeys(file, (keys) => keys, [], 50).catch((thrown: KeysRefused) => thrown);
    expect(fault).toMatchObject({
      message: `another command is changing '${file}'`,
      hint: expect.stringContaining(`${file}.lock`),
    });
  });
});
