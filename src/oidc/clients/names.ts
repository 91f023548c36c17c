/** What a client's registration names of this deployment: scopes, APIs, levels and methods have to exist. Pure. */

import { suggestion } from '../../../config/nearest.ts';
import { error, type Problem, when } from '../../../config/problems.ts';
import type { Settings } from '../../../config/settings.ts';
import type { ClientMetadata } from './metadata.ts';
import { deviceGrant } from './profiles.ts';

export interface ClientSurroundings {
  levels: Settings['levels'];
  /** Names of the sign-in methods that exist. */
  methods: readonly string[];
  /** APIs that tokens can be asked for, and rules of scopes: the settings of these names. */
  resources?: Settings['resources'];
  scopes?: Settings['scopes'];
  /** Where it is on, clients may be for devices. */
  deviceFlow?: Pick<Settings['deviceFlow'], 'enabled'>;
  /** Where certificates of clients come from: the setting of this name. */
  mtls?: Settings['mtls'];
}

/** What a client may ask for. */
export const supportedScopes = ['openid', 'profile', 'email', 'offline_access'] as const;

/** Names in the registration that nothing here has. */
export function nameProblems(client: ClientMetadata, surroundings: ClientSurroundings): Problem[] {
  return [
    ...devices(client, surroundings),
    ...scopes(client, surroundings),
    ...resourceNames(client, surroundings),
    ...levelNames(client, surroundings),
  ];
}

function devices({ grant_types: grants = [] }: ClientMetadata, { deviceFlow }: ClientSurroundings): Problem[] {
  const hint = 'set deviceFlow.enabled in the settings, or leave it out';
  return when(
    grants.includes(deviceGrant) && deviceFlow?.enabled !== true,
    error('grant_types', `holds '${deviceGrant}', which is off`, hint),
  );
}

function scopes({ scope }: ClientMetadata, { scopes: ruled = {} }: ClientSurroundings): Problem[] {
  if (scope === undefined) return [];
  // An API's scopes come with the API, by `resources`; here are the ones that stand alone.
  const known = [...supportedScopes, ...Object.keys(ruled)];
  const asked = scope.split(' ');
  return [
    ...asked
      .filter((name) => !known.includes(name))
      .map((name) => error('scope', `there is no scope '${name}'`, suggestion(name, known))),
    ...when(!asked.includes('openid'), error('scope', "lacks 'openid'", 'add it: without it there is no sign-in')),
  ];
}

function resourceNames({ resources: wanted = [] }: ClientMetadata, { resources = {} }: ClientSurroundings): Problem[] {
  const known = Object.keys(resources);
  return wanted
    .filter((name) => !known.includes(name))
    .map((name) => error('resources', `the settings name no API '${name}'`, suggestion(name, known)));
}

function levelNames(client: ClientMetadata, { levels, methods }: ClientSurroundings): Problem[] {
  const names = levels.map(({ name }) => name);
  const asked = new Set([...names, ...levels.flatMap(({ aliases }) => aliases.map((alias) => alias.name))]);
  const excluded = client.excluded_methods ?? [];
  const minimum = client.minimum_level;
  const from = minimum === undefined ? 0 : names.indexOf(minimum);
  const isOpen = levels
    .slice(from)
    .some(({ anyOf }) => anyOf.some((way) => !way.some((name) => excluded.includes(name))));
  return [
    ...when(
      minimum !== undefined && !names.includes(minimum),
      error('minimum_level', `there is no level '${minimum}'`, suggestion(minimum ?? '', names)),
    ),
    ...(client.default_acr_values ?? [])
      .filter((name) => !asked.has(name))
      .map((name) => error('default_acr_values', `there is no level '${name}'`, suggestion(name, [...asked]))),
    ...excluded
      .filter((name) => !methods.includes(name))
      .map((name) => error('excluded_methods', `there is no method '${name}'`, suggestion(name, methods))),
    ...when(
      from >= 0 && !isOpen,
      error('excluded_methods', 'leaves nobody a way to sign in', 'exclude fewer methods, or lower minimum_level'),
    ),
  ];
}
