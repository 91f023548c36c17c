/** Clients to write to: those that use a retired name of a level or are registered with one, and those without PKCE. Pure. */

import type { Settings } from '../../config/settings.ts';
import { isRetired } from '../assurance/levels.ts';
import { profileNameOf } from '../oidc/clients/profiles.ts';
import type { AliasUse, ClientRecord } from '../records/records.ts';
import type { Finding } from './finding.ts';

/** A warning for each client and retired name; the sunset is the alias's in `settings.levels`. */
export function retiredNames(
  settings: Pick<Settings, 'levels'>,
  clients: readonly ClientRecord[],
  uses: readonly AliasUse[],
  now: Date,
): Finding[] {
  const retired = new Map(
    settings.levels.flatMap((level) =>
      level.aliases.filter((alias) => isRetired(alias, now)).map(({ name }) => [name, level.name] as const),
    ),
  );
  const finding = (clientId: string, alias: string, how: string): Finding => ({
    outcome: 'warn',
    part: 'clients',
    text: `${clientId} ${how} '${alias}', a retired name of level '${retired.get(alias)}'`,
    hint: `ask its owner to write '${retired.get(alias)}'; after that, take the alias out of levels`,
  });
  const registered = clients.flatMap(({ id, metadata }) => {
    const defaults = Array.isArray(metadata.default_acr_values) ? metadata.default_acr_values.map(String) : [];
    return defaults.filter((name) => retired.has(name)).map((name) => finding(id, name, 'is registered with'));
  });
  const used = uses
    .filter(({ alias }) => retired.has(alias))
    .map(({ clientId, alias, usedAt }) =>
      finding(clientId, alias, `asked on ${usedAt.toISOString().slice(0, 10)} for`),
    );
  return [...registered, ...used];
}

/** A warning for each client of profile `legacy`. */
export function legacyClients(clients: readonly ClientRecord[]): Finding[] {
  return clients
    .filter(({ metadata }) => profileNameOf(metadata) === 'legacy')
    .map(({ id }) => ({
      outcome: 'warn',
      part: 'clients',
      text: `${id} has profile 'legacy': a code that is stolen on the way can be used`,
      hint: 'have its owner add PKCE with S256, then take `profile` out of its file and put it again',
    }));
}
