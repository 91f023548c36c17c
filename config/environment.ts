/**
 * What the environment may say: secrets, and the few values that differ between two places that run the same file.
 * Everything else belongs into the settings file. Each variable NAME may be given as NAME_FILE instead, the path of a
 * file that holds the value, as container platforms mount secrets.
 */

import { suggestion } from './nearest.ts';
import type { Problem } from './problems.ts';

export type Environment = Record<string, string | undefined>;
export type ReadFile = (path: string) => Promise<string>;

interface Variable {
  name: string;
  /** The setting it fills. */
  path: readonly string[];
  /** What stands in it, for hints. */
  form: string;
  read(text: string): unknown;
}

const words = (text: string): string[] => text.split(/[\s,]+/).filter((word) => word !== '');

/** 'a1:KEY' as a pepper; without a colon the key stays empty, and the schema says so. */
function pepper(word: string): { id: string; key: string } {
  const colon = word.indexOf(':');
  return colon < 0 ? { id: '', key: word } : { id: word.slice(0, colon), key: word.slice(colon + 1) };
}

const one = (text: string): string => text;
const aList = 'one or more, separated by commas or line ends, the newest first';

export const variables: readonly Variable[] = [
  { name: 'KAPU_ISSUER', path: ['issuer'], form: 'a web address', read: one },
  { name: 'KAPU_STATE_URL', path: ['state', 'url'], form: 'rediss://…', read: one },
  { name: 'KAPU_STATE_USER', path: ['state', 'user'], form: 'a user name', read: one },
  { name: 'KAPU_STATE_PASSWORD', path: ['state', 'password'], form: 'a password', read: one },
  { name: 'KAPU_SENTINEL_USER', path: ['state', 'sentinel', 'user'], form: 'a user name', read: one },
  { name: 'KAPU_SENTINEL_PASSWORD', path: ['state', 'sentinel', 'password'], form: 'a password', read: one },
  { name: 'KAPU_RECORDS_URL', path: ['records', 'url'], form: 'postgres://…', read: one },
  { name: 'KAPU_COOKIE_KEYS', path: ['secrets', 'cookieKeys'], form: aList, read: words },
  {
    name: 'KAPU_PEPPERS',
    path: ['secrets', 'peppers'],
    form: `id:key, ${aList}`,
    read: (text) => words(text).map(pepper),
  },
  { name: 'KAPU_CODE_KEYS', path: ['secrets', 'codeKeys'], form: aList, read: words },
  { name: 'KAPU_STATE_KEYS', path: ['secrets', 'stateKeys'], form: aList, read: words },
  { name: 'KAPU_CREDENTIAL_KEYS', path: ['secrets', 'credentialKeys'], form: aList, read: words },
  { name: 'KAPU_KEY_ENCRYPTION_KEYS', path: ['secrets', 'keyEncryptionKeys'], form: aList, read: words },
  { name: 'KAPU_PAIRWISE_SALT', path: ['secrets', 'pairwiseSalt'], form: 'one value that never changes', read: one },
  { name: 'KAPU_SMTP_USER', path: ['smtp', 'user'], form: 'a user name', read: one },
  { name: 'KAPU_SMTP_PASSWORD', path: ['smtp', 'password'], form: 'a password', read: one },
];

/** Variables that are no settings: the file that holds them, and what the demo and the tests read. */
const others = ['KAPU_CONFIG', 'KAPU_DEMO_PORT', 'KAPU_DEMO_LOG', 'KAPU_CHROMIUM'];
const known = [...others, ...variables.flatMap(({ name }) => [name, `${name}_FILE`])];

/** What the environment says: values by the parts of their path. */
export interface FromEnvironment {
  values: Record<string, unknown>;
  problems: Problem[];
}

/** Reads every KAPU_* variable. Names that are not known, and files that cannot be read, become problems. */
export async function readEnvironment(env: Environment, readFile: ReadFile): Promise<FromEnvironment> {
  const problems: Problem[] = [];
  const wrong = (path: string, problem: string, hint: string) => {
    problems.push({ severity: 'error', path, problem, hint });
  };
  for (const name of Object.keys(env)) {
    if (name.startsWith('KAPU_') && !known.includes(name)) {
      wrong(name, 'there is no such environment variable', suggestion(name, known));
    }
  }
  const values: Record<string, unknown> = {};
  for (const variable of variables) {
    const text = await textOf(variable.name, env, readFile, wrong);
    if (text === undefined) continue;
    if (text.trim() === '') {
      wrong(variable.name, 'is empty', `remove it, or give it ${variable.form}`);
      continue;
    }
    put(values, variable.path, variable.read(text));
  }
  return { values, problems };
}

type Wrong = (path: string, problem: string, hint: string) => void;

async function textOf(name: string, env: Environment, readFile: ReadFile, wrong: Wrong): Promise<string | undefined> {
  const direct = env[name];
  const file = env[`${name}_FILE`];
  if (file === undefined) return direct;
  if (direct !== undefined) {
    wrong(name, `is given twice, also as ${name}_FILE`, 'keep one of the two');
    return undefined;
  }
  try {
    return (await readFile(file)).replace(/\r?\n$/, '');
  } catch (fault) {
    wrong(
      `${name}_FILE`,
      `the file '${file}' cannot be read (${faultCode(fault)})`,
      'check its path and its permissions',
    );
    return undefined;
  }
}

/** The system's short name of a fault, such as ENOENT. */
export function faultCode(fault: unknown): string {
  return String((fault as NodeJS.ErrnoException)?.code ?? (fault as Error)?.message ?? fault);
}

function put(values: Record<string, unknown>, [first, ...rest]: readonly string[], value: unknown): void {
  if (rest.length === 0) {
    values[first!] = value;
    return;
  }
  values[first!] ??= {};
  put(values[first!] as Record<string, unknown>, rest, value);
}
