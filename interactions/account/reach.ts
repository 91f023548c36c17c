import type { Settings } from '../../config/settings.ts';
import { canUse } from '../../src/assurance/hold.ts';
import { isWithinReach, plusOf } from '../../src/assurance/levels.ts';
import type { Account } from '../../src/records/records.ts';
import type { MethodFacts } from '../method.ts';

/** Whether somebody can reach plus at all now, by what they have: who cannot is not asked for it before they change something. */
export function reachesPlus(
  account: Account,
  { methods, settings, now }: { methods: readonly MethodFacts[]; settings: Pick<Settings, 'levels'>; now: () => Date },
): boolean {
  const at = now();
  const usable = (name: string) => methods.some((method) => method.name === name && canUse(method, account, at));
  return isWithinReach(settings.levels, plusOf(settings.levels), usable);
}
