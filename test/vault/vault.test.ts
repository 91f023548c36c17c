/** The vault: what is sealed for one place opens there alone, under each key that is known. */

import { describe, expect, test } from '@jest/globals';
import { createVault } from '../../src/vault.ts';

const one = 'one-secret-of-more-than-32-characters';
const other = 'other-secret-of-more-than-32-characters';

describe('the vault', () => {
  test('opens what it has sealed, at its place alone', async () => {
    const vault = createVault([one]);
    const sealed = await vault.seal('árvíztűrő', 'totp anna');
    expect(sealed).not.toContain('rv');
    expect(await vault.open(sealed, 'totp anna')).toEqual({ text: 'árvíztűrő', old: false });
    expect(await vault.open(sealed, 'totp bela')).toBeUndefined();
  });

  test('the first key seals, all open, and tell what is to be sealed anew', async () => {
    const sealed = await createVault([one]).seal('secret', 'here');
    expect(await createVault([other, one]).open(sealed, 'here')).toEqual({ text: 'secret', old: true });
    expect(await createVault([other]).open(sealed, 'here')).toBeUndefined();
  });

  test('what was changed, or is no sealed text at all, does not open', async () => {
    const vault = createVault([one]);
    const sealed = await vault.seal('secret', 'here');
    const parts = sealed.split('.');
    parts[3] = parts[3]!.startsWith('A') ? `B${parts[3]!.slice(1)}` : `A${parts[3]!.slice(1)}`;
    for (const text of [parts.join('.'), '', 'secret', '....']) expect(await vault.open(text, 'here')).toBeUndefined();
  });

  test('there is no vault without a key', () => {
    expect(() => createVault([])).toThrow(RangeError);
  });
});
