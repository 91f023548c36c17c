/** Codes of devices in their store: decided once, whatever goes wrong on the way. */

import { expect, test } from '@jest/globals';
import { documents } from '../../src/oidc/stored/adapter.ts';
import { deviceCodes } from '../../src/oidc/stored/device-codes.ts';
import { createMemoryState } from '../../src/state/memory.ts';
import { type State, StateUnavailable } from '../../src/state/state.ts';

const now = () => new Date();
const settings = { enabled: true, life: 600, interval: 5, guesses: 20, window: 900 };
const guesses = { refused: async () => undefined, right: async () => {} };
const begun = { clientId: 'tv', userCode: 'BCDFGHJK', exp: now().getTime() / 1000 + 600, params: { scope: 'openid' } };
const allowed = { ...begun, accountId: 'anna', grantId: 'g' };
const refused = { ...begun, error: 'access_denied' };

function codes(state: State = createMemoryState({ now })) {
  const plain = documents('DeviceCode', state, now, async () => {});
  return deviceCodes({ documents: plain, state, settings, guesses, mayBeUsed: async () => {} });
}

test('one that is typed is found, until it is decided', async () => {
  const adapter = codes();
  await adapter.upsert('secret', begun, 600);
  const typed = await adapter.findByUserCode('BCDFGHJK');
  expect(typed).toMatchObject({ clientId: 'tv', jti: expect.stringMatching(/^#/) });
  expect(JSON.stringify(typed)).not.toContain('secret');
  await adapter.upsert((typed as { jti: string }).jti, { ...begun, inFlight: true }, 600);
  expect(await adapter.findByUserCode('BCDFGHJK')).toBeDefined();
  await adapter.upsert((typed as { jti: string }).jti, allowed, 600);
  expect(await adapter.findByUserCode('BCDFGHJK')).toBeUndefined();
  expect(await adapter.find('secret')).toMatchObject({ accountId: 'anna' });
});

test('the first who decides does; a refusal that comes later is nothing, an approval an error', async () => {
  const adapter = codes();
  await adapter.upsert('secret', begun, 600);
  await adapter.upsert('secret', allowed, 600);
  await adapter.upsert('secret', refused, 600);
  await expect(adapter.upsert('secret', { ...allowed, accountId: 'bela' }, 600)).rejects.toThrow('invalid_request');
  expect(await adapter.find('secret')).toMatchObject({ accountId: 'anna' });
});

test('a fault of ours, or a store that is away, decides nothing', async () => {
  const state = createMemoryState({ now });
  let away = false;
  const adapter = codes({
    ...state,
    async put(...rest) {
      if (away) throw new StateUnavailable('away');
      await state.put(...rest);
    },
  });
  await adapter.upsert('secret', begun, 600);
  away = true;
  await expect(adapter.upsert('secret', allowed, 600)).rejects.toThrow(StateUnavailable);
  away = false;
  await adapter.upsert('secret', { ...begun, error: 'server_error' }, 600);
  expect(await adapter.findByUserCode('BCDFGHJK')).toBeDefined();
  await adapter.upsert('secret', allowed, 600);
  expect(await adapter.find('secret')).toMatchObject({ accountId: 'anna' });
});
