/** Whether somebody can reach plus at all now, by what they have: who cannot is not asked for it before they change something. */

import type { Settings } from '../../config/settings.ts';
import { isHeld } from '../../src/assurance/hold.ts';
import type { Account } from '../../src/records/records.ts';
import type { MethodFacts } from '../method.ts';

export function reachesPlus(
  account: Account,
  { methods, settings, now }: { methods: readonly MethodFacts[]; settings: Pick<Settings, 'levels'>; now: () => Date },
): boolean {
  const held = isHeld(account.hold, now());
  const can = (name: string) =>
    methods.some(
      (method) => method.name === name && method.availableTo(account) && !(held && method.proves === 'mailbox'),
    );
  return settings.levels.slice(1).some(({ anyOf }) => anyOf.some((way) => way.every(can)));
}
