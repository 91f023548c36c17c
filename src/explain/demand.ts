/**
 * What a request demands, and which part of it comes from where. The demand is src/assurance's; so is each part, got by asking
 * the same function about one source alone.
 */

import { nearest } from '../../config/nearest.ts';
import { isRetired, type Ladder, named } from '../assurance/levels.ts';
import {
  type ClientRules,
  type Demand,
  demandOf,
  type RequestParameters,
  type ScopeRules,
} from '../assurance/request.ts';
import type { ClientMetadata } from '../oidc/clients/metadata.ts';
import type { Source } from './mistakes.ts';
import { parametersOf, type Request } from './request.ts';

/** One value that was asked for. */
export interface Ask {
  value: string;
  source: Source;
  /** Asked with `essential: true`; otherwise it is a wish. */
  essential: boolean;
  /** The level it names; undefined when it names none here. */
  level?: string;
  /** It is another spelling of that level, which may have a day from which it should no longer be used. */
  alias?: { sunset?: Date; retired: boolean };
  /** The value that was probably meant, where this one is unknown. */
  nearest?: string;
}

/** A level that every request of the client, or with the scope, must reach. */
export interface Minimum {
  level: string;
  /** Undefined: it is the client's. */
  scope?: string;
}

/** What stands behind a demand. */
export interface Parts {
  asks: Ask[];
  minima: Minimum[];
}

/** Everything that is asked of a person's level. */
export interface Asked extends Parts {
  parameters: RequestParameters;
  /** Undefined when it is malformed. */
  demand?: Demand;
  malformed?: string;
}

interface Surroundings {
  ladder: Ladder;
  scopeRules: ScopeRules;
  now: Date;
}

/** What a request demands, whole and by source. */
export function askedBy(request: Request, surroundings: Surroundings): Asked {
  const { ladder, scopeRules, now } = surroundings;
  const parameters = parametersOf(request);
  const rules = rulesOf(request.client);
  const whole = demandOf(parameters, rules, scopeRules, ladder, now);
  return {
    parameters,
    ...partsOf(parameters, rules, surroundings),
    ...('malformed' in whole ? { malformed: whole.malformed } : { demand: whole }),
  };
}

/** What a client's registration demands, as src/assurance takes it. */
function rulesOf(client: ClientMetadata | undefined): ClientRules {
  return {
    defaultAcrValues: client?.default_acr_values,
    minimumLevel: client?.minimum_level,
    excludedMethods: client?.excluded_methods,
  };
}

/** What each source asks for, alone. A malformed one asks for nothing. */
function partsOf(request: RequestParameters, client: ClientRules, surroundings: Surroundings): Parts {
  const { ladder, scopeRules, now } = surroundings;
  const alone = (part: RequestParameters, rules: ClientRules = {}): Demand | undefined => {
    const demand = demandOf(part, rules, scopeRules, ladder, now);
    return 'malformed' in demand ? undefined : demand;
  };
  const asksOf = (source: Source, demand: Demand | undefined): Ask[] => {
    const values = [...(demand?.wishes ?? []).map(({ asked }) => asked), ...(demand?.unknown ?? [])];
    return values.map((value) => ({ source, essential: demand!.essential, ...meaningOf(value, surroundings) }));
  };
  const minimaOf = (demand: Demand | undefined, scope?: string): Minimum[] =>
    (demand?.wishes ?? []).map(({ level }) => ({ level: level.name, scope }));

  const inRequest = [
    ...asksOf('claims', alone({ claims: request.claims })),
    ...asksOf('acr_values', alone({ acr_values: request.acr_values })),
  ];
  // The client's default serves where the request names none (OpenID Connect Registration, 2).
  const byDefault = asksOf('default_acr_values', alone({}, { defaultAcrValues: client.defaultAcrValues }));
  const scopes = [...new Set(request.scope?.split(' '))];
  return {
    asks: inRequest.length > 0 ? inRequest : byDefault,
    minima: [
      ...minimaOf(alone({}, { minimumLevel: client.minimumLevel })),
      ...scopes.flatMap((scope) => minimaOf(alone({ scope }), scope)),
    ],
  };
}

function meaningOf(value: string, { ladder, now }: Surroundings): Pick<Ask, 'value' | 'level' | 'alias' | 'nearest'> {
  const level = named(ladder, value);
  if (!level) return { value, nearest: nearest(value, spellings(ladder)) };
  const alias = value === level.name ? undefined : level.aliases.find(({ name }) => name === value);
  return {
    value,
    level: level.name,
    alias: alias && { sunset: alias.sunset, retired: isRetired(alias, now) },
  };
}

function spellings(ladder: Ladder): string[] {
  return ladder.flatMap(({ name, aliases }) => [name, ...aliases.map((alias) => alias.name)]);
}
