/** The method `totp`: the contract, and what only an authenticator app can do wrong (RFC 6238, 5.2; ASVS 6.5.1, 6.5.5). */

import { newKey } from '../../interactions/methods/totp/app.ts';
import { appOf } from '../../interactions/methods/totp/credential.ts';
import { totp } from '../../interactions/methods/totp/totp.ts';
import type { Account } from '../../src/records/records.ts';
import { createVault } from '../../src/vault.ts';
import { codeAt } from './app.ts';
import { type Driver, methodContract } from './contract.ts';
import type { World } from './world.ts';

/** The keys of people's apps, and the step of the code that each has given last. */
const phones = new Map<string, { key: string; step: number }>();

const stepAt = ({ clock }: World) => Math.floor(clock.now().getTime() / 30_000);

async function setUp(world: World, account: Account): Promise<void> {
  const key = newKey();
  const step = stepAt(world) - 5;
  const vault = createVault(world.kapu.settings.secrets.credentialKeys);
  await world.kapu.records.credentials.add(account.id, await appOf(vault, account, key, step));
  phones.set(account.id, { key, step });
}

/** The phone shows a new code every 30 seconds; whoever has given the last one waits. */
async function right(world: World, account: Account): Promise<{ code: string }> {
  const phone = phones.get(account.id)!;
  if (phone.step >= stepAt(world)) await world.clock.pass((phone.step + 1) * 30_000 - world.clock.now().getTime());
  phone.step = stepAt(world);
  return { code: codeAt(phone.key, world.clock.now()) };
}

/** A code that the phone does not show, within some minutes. */
function wrong({ clock }: World, account: Account): { code: string } {
  const { key } = phones.get(account.id) ?? { key: 'A'.repeat(32) };
  const shown = new Set(Array.from({ length: 20 }, (_, at) => codeAt(key, clock.now(), at - 10)));
  for (let code = 111_111; ; code++) if (!shown.has(String(code))) return { code: String(code) };
}

const driver: Driver = {
  facts: totp,
  setUp,
  right,
  wrong,
  malformed: [{ code: '' }, { code: '12345' }, { code: 'abcdef' }],
  limit: 10,
  again: 'refused',
  without: { mailbox: true },
};

methodContract(driver);
