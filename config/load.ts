/**
 * Puts the settings together: defaults, then the operator's file (KAPU_CONFIG), then what the environment says; checks
 * the whole; and says all that is wrong at once. It knows nothing of what the settings are for.
 */

import { readFile as readFileFromDisk } from 'node:fs/promises';
import { extname, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { checkRules } from './check-rules.ts';
import { defaults, defaultsOf } from './default.ts';
import { type Environment, faultCode, type ReadFile, readEnvironment, variables } from './environment.ts';
import { type Problem, problemsOf } from './problems.ts';
import { type Settings, settingsSchema } from './settings.ts';

/** The settings cannot be used. The message names each problem and what to do, and holds no value of a secret. */
export class SettingsError extends Error {
  override name = 'SettingsError';
  readonly problems: Problem[];

  constructor(problems: Problem[]) {
    const lines = problems.map(({ path, problem, hint }) => `  ${path}: ${problem}\n    hint: ${hint}`);
    super(
      [`the settings have ${problems.length === 1 ? 'a problem' : `${problems.length} problems`}`, ...lines].join('\n'),
    );
    this.problems = problems;
  }
}

export interface Sources {
  env: Environment;
  /** Names of the sign-in methods that exist: levels may name no other. */
  methods: readonly string[];
  /** Effects, for tests. */
  readFile?: ReadFile;
  importFile?: (path: string) => Promise<{ default?: unknown }>;
}

/** The settings of this process. Throws SettingsError with everything that is wrong. */
export async function loadSettings(sources: Sources): Promise<Settings> {
  const { env, methods, readFile = (path) => readFileFromDisk(path, 'utf8') } = sources;
  const fromFile =
    env.KAPU_CONFIG === undefined ? { values: {}, problems: [] } : await readSettingsFile(env.KAPU_CONFIG, sources);
  const fromEnv = await readEnvironment(env, readFile);
  const { together, problems } = combine(fromFile.values, fromEnv.values);
  problems.unshift(...fromFile.problems, ...fromEnv.problems);

  const checked = settingsSchema.safeParse(together);
  if (!checked.success) {
    // A file that could not be read leaves everything missing: say the cause alone.
    if (fromFile.problems.length === 0)
      problems.push(...problemsOf(checked.error, settingsSchema, together).map(withVariable));
    throw new SettingsError(problems);
  }
  problems.push(...checkRules(checked.data, { methods }).filter(({ severity }) => severity === 'error'));
  if (problems.length > 0) throw new SettingsError(problems);
  return checked.data;
}

type Group = Record<string, unknown>;

async function readSettingsFile(path: string, sources: Sources): Promise<{ values: Group; problems: Problem[] }> {
  const failed = (problem: string, hint: string) => ({
    values: {},
    problems: [{ severity: 'error' as const, path: 'KAPU_CONFIG', problem: `the file '${path}' ${problem}`, hint }],
  });
  const {
    readFile = (file) => readFileFromDisk(file, 'utf8'),
    importFile = (file) => import(pathToFileURL(file).href),
  } = sources;
  const isJson = extname(path) === '.json';
  if (!isJson && !['.ts', '.js', '.mjs'].includes(extname(path))) {
    return failed('is of an unknown kind', 'name a file that ends in .json, .ts, .js or .mjs');
  }
  let text: string;
  try {
    text = await readFile(resolve(path));
  } catch (fault) {
    return failed(`cannot be read (${faultCode(fault)})`, 'check its path and its permissions');
  }
  try {
    const values = isJson ? JSON.parse(text) : (await importFile(resolve(path))).default;
    if (isGroup(values)) return { values, problems: [] };
    return failed(
      'holds no settings',
      isJson ? 'write an object: { "issuer": … }' : 'give it a default export: export default { … }',
    );
  } catch (fault) {
    return failed(
      `cannot be understood: ${isJson ? jsonFault(text, fault) : (fault as Error).message}`,
      isJson ? 'mend the file: `jq empty` shows the place' : 'mend the file',
    );
  }
}

/** Where the JSON breaks, without the text around it, which may hold a secret. */
function jsonFault(text: string, fault: unknown): string {
  const at = /position (\d+)/.exec((fault as Error).message);
  if (!at) return 'it is not valid JSON';
  return `it is not JSON at line ${text.slice(0, Number(at[1])).split('\n').length}`;
}

/** Defaults, file and environment in one; where a store's kind decides which defaults hold, the kind is settled first. */
function combine(file: Group, env: Group): { together: Group; problems: Problem[] } {
  const { state: envState, records: envRecords, smtp, ...envRest } = env;
  const problems: Problem[] = [];
  const store = (name: 'state' | 'records', kindOfUrl: string, variable: string, fromEnv: unknown) => {
    const own = (file[name] ?? {}) as Group;
    const kind = own.kind ?? (isGroup(fromEnv) ? kindOfUrl : defaults[name]?.kind);
    if (isGroup(fromEnv) && kind !== kindOfUrl) {
      const hint = `leave ${variable} out, or set ${name}.kind to '${kindOfUrl}'`;
      problems.push({ severity: 'error', path: `${name}.kind`, problem: `does not go with ${variable}`, hint });
      return own;
    }
    const kinds: Record<string, Group> = defaultsOf[name];
    const base = typeof kind === 'string' && Object.hasOwn(kinds, kind) ? kinds[kind] : { kind };
    return merge(merge(base, own), fromEnv);
  };
  const together = merge(merge(defaults, file), envRest) as Group;
  together.state = store('state', 'redis', 'KAPU_STATE_URL', envState);
  together.records = store('records', 'postgres', 'KAPU_RECORDS_URL', envRecords);
  if (isGroup(smtp)) together.mail = withLogin(together.mail, smtp);
  return { together, problems };
}

/** The environment's SMTP login goes to every transport that names no user of its own. */
function withLogin(mail: unknown, login: Group): unknown {
  if (!isGroup(mail) || !Array.isArray(mail.transports)) return mail;
  return {
    ...mail,
    transports: mail.transports.map((each) =>
      isGroup(each) && each.user === undefined ? { ...each, ...login } : each,
    ),
  };
}

/** `over` on top of `base`: groups are merged, everything else, lists too, is replaced. */
function merge(base: unknown, over: unknown): unknown {
  if (over === undefined) return base;
  if (!isGroup(base) || !isGroup(over)) return over;
  // fromEntries defines keys rather than assigning them, so that '__proto__' is a key like another: the schema refuses it.
  return Object.fromEntries([
    ...Object.entries(base),
    ...Object.entries(over).map(([key, value]) => [
      key,
      merge(Object.hasOwn(base, key) ? base[key] : undefined, value),
    ]),
  ]);
}

function isGroup(value: unknown): value is Group {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A missing value that a variable can fill: the hint names the variable. */
function withVariable(found: Problem): Problem {
  const variable = variables.find(({ path }) => path.join('.') === found.path);
  if (!variable || found.problem !== 'is missing') return found;
  return {
    ...found,
    hint: `set ${variable.name} (${variable.form}), or ${variable.name}_FILE with the path of a file that holds it`,
  };
}
