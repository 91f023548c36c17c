/** Rules of the ladder of levels, and of whatever names levels and methods. Pure. */

import { suggestion } from './nearest.ts';
import { error, type Problem, warning, when } from './problems.ts';
import type { Settings } from './settings.ts';

export interface Known {
  /** Names of the sign-in methods that exist. */
  methods: readonly string[];
}

/** What is wrong or doubtful about the levels, and about the names of levels and methods elsewhere. */
export function checkLevels(settings: Settings, known: Known): Problem[] {
  return [levelNames, levelMethods, levelsClimb, honestAliases, methodAndScopeNames].flatMap((rule) =>
    rule(settings, known),
  );
}

function spellings({ name, aliases }: Settings['levels'][number]): string[] {
  return [name, ...aliases.map((alias) => alias.name)];
}

function levelNames({ levels }: Settings): Problem[] {
  const seen = new Map<string, string>();
  return levels.flatMap((level, index) =>
    spellings(level).flatMap((name) => {
      const other = seen.get(name);
      seen.set(name, level.name);
      return when(
        other !== undefined,
        error(`levels[${index}]`, `'${name}' names level '${other}' already`, 'give each level names of its own'),
      );
    }),
  );
}

function levelMethods({ levels, methodsOff }: Settings, { methods }: Known): Problem[] {
  return levels.flatMap((level, index) => {
    const path = `levels[${index}]`;
    const used = new Set(level.anyOf.flat());
    const open = level.anyOf.filter((way) => !way.some((name) => methodsOff.includes(name)));
    return [
      ...unknownMethods(`${path}.anyOf`, [...used], methods),
      ...Object.keys(level.maxAge)
        .filter((name) => !used.has(name))
        .map((name) =>
          error(`${path}.maxAge.${name}`, `no way to '${level.name}' uses this method`, suggestion(name, [...used])),
        ),
      ...level.anyOf
        .filter((way) => new Set(way).size < way.length)
        .map((way) => error(`${path}.anyOf`, `the way [${way.join(', ')}] names a method twice`, 'name it once')),
      ...when(
        open.length === 0,
        error(path, `methodsOff leaves no way to '${level.name}'`, 'leave one way open, or take the level out'),
      ),
    ];
  });
}

/** A stronger level that asks nothing more than a weaker one is stronger in name only. */
function levelsClimb({ levels }: Settings): Problem[] {
  return levels.flatMap((level, index) =>
    levels.slice(0, index).flatMap((weaker) =>
      level.anyOf
        .filter((way) => way.every((name) => level.maxAge[name] === undefined))
        .filter((way) => weaker.anyOf.some((other) => way.every((name) => other.includes(name))))
        .map((way) =>
          error(
            `levels[${index}].anyOf`,
            `[${way.join(', ')}] reaches '${weaker.name}' and '${level.name}' alike`,
            `ask one more method for '${level.name}', or give one of them a maxAge there`,
          ),
        ),
    ),
  );
}

const eidasAboveLow = /eidas.*\/loa\/(substantial|high)$/i;

/** An e-mail code is no authenticator for eIDAS substantial (NIST SP 800-63B-4, 3.1.3.1; ASVS 6.3.6). */
function honestAliases({ levels }: Settings): Problem[] {
  return levels.flatMap((level, index) => {
    const byMail = level.anyOf.some((way) => way.includes('email-code'));
    const claims = spellings(level).filter((name) => eidasAboveLow.test(name));
    return claims
      .filter(() => byMail)
      .map((name) =>
        warning(
          `levels[${index}].aliases`,
          `an e-mail code reaches '${name}'`,
          'put this name on a level without email-code',
        ),
      );
  });
}

function methodAndScopeNames({ methodsOff, scopes, levels }: Settings, { methods }: Known): Problem[] {
  const names = levels.map(({ name }) => name);
  return [
    ...unknownMethods('methodsOff', methodsOff, methods),
    ...Object.entries(scopes).flatMap(([scope, { minimumLevel, excludedMethods = [] }]) => [
      ...unknownMethods(`scopes.${scope}.excludedMethods`, excludedMethods, methods),
      ...when(
        minimumLevel !== undefined && !names.includes(minimumLevel),
        error(
          `scopes.${scope}.minimumLevel`,
          `there is no level '${minimumLevel}'`,
          suggestion(minimumLevel ?? '', names),
        ),
      ),
    ]),
  ];
}

function unknownMethods(path: string, named: readonly string[], methods: readonly string[]): Problem[] {
  return named
    .filter((name) => !methods.includes(name))
    .map((name) => error(path, `there is no method '${name}'`, suggestion(name, methods)));
}
