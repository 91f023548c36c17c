/**
 * What is wrong with something that an operator wrote, in plain words: the path, the problem, what to do.
 * Turns what zod finds into such problems. A value is never repeated, because it may be a secret.
 */

import { z } from 'zod';
import { suggestion } from './nearest.ts';

/** One thing to mend. An error stops Kapu from starting, a warning does not. */
export interface Problem {
  severity: 'error' | 'warning';
  /** Where: 'times.sessionIdle', 'levels[1].anyOf'. */
  path: string;
  problem: string;
  /** What to do about it. */
  hint: string;
}

export const error = (path: string, problem: string, hint: string): Problem => ({
  severity: 'error',
  path,
  problem,
  hint,
});
export const warning = (path: string, problem: string, hint: string): Problem => ({
  severity: 'warning',
  path,
  problem,
  hint,
});
/** `problem` in a list when `condition` holds, else none: rules are read as "when this, that". */
export const when = (condition: boolean, problem: Problem): Problem[] => (condition ? [problem] : []);

type JsonSchema = z.core.JSONSchema.BaseSchema;
type Path = readonly PropertyKey[];

/** A path as a person writes it: 'mail.transports[0].host'. */
function pathText(path: Path): string {
  return path.reduce<string>((text, part) => {
    if (typeof part === 'number') return `${text}[${part}]`;
    return text === '' ? String(part) : `${text}.${String(part)}`;
  }, '');
}

/** Each thing that `schema` found wrong with `input`, one problem a mistake. */
export function problemsOf(error: z.ZodError, schema: z.ZodType, input: unknown): Problem[] {
  const shape = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' });
  return error.issues.flatMap((issue) => issueProblems(issue, shape, input));
}

function issueProblems(issue: z.core.$ZodIssue, shape: JsonSchema, input: unknown): Problem[] {
  const found = (problem: string, hint: string, path: Path = issue.path): Problem => ({
    severity: 'error',
    path: pathText(path),
    problem,
    hint,
  });
  if (issue.code === 'unrecognized_keys') {
    const known = namesAt([shape], issue.path);
    return issue.keys.map((key) => found('there is no such key', suggestion(key, known), [...issue.path, key]));
  }
  const given = valueAt(input, issue.path);
  if (given === undefined) return [found('is missing', 'set it: it has no default')];
  switch (issue.code) {
    case 'invalid_type':
      return [found(`must be ${typeNames[issue.expected] ?? issue.expected}`, `it is ${typeOf(given)} now`)];
    case 'invalid_value':
      return [found('is not a known value', valueHint(given, issue.values))];
    case 'invalid_union':
      return [unionProblem(issue, given, found)];
    case 'invalid_key':
      return [found(issue.issues[0]?.message ?? 'is not allowed as a name', 'choose another name')];
    case 'too_small':
    case 'too_big':
      return [found(written(issue.message) ?? `is ${sizeText(issue)}`, 'change the value')];
    default:
      return [found(written(issue.message) ?? 'is not in the right form', formHint(issue))];
  }
}

function unionProblem(
  issue: z.core.$ZodIssueInvalidUnion,
  given: unknown,
  found: (problem: string, hint: string) => Problem,
): Problem {
  if ('options' in issue && issue.options) return found('is not a known value', valueHint(given, issue.options));
  // Several forms are allowed, and it has none of them: what our own words say of one of them helps most.
  const said = issue.errors.flat().map(({ message }) => written(message));
  return found(said.find((words) => words !== undefined) ?? 'has none of the allowed forms', 'change the value');
}

const typeNames: Record<string, string> = {
  string: 'a text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'a group of keys',
  record: 'a group of keys',
};

function typeOf(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return typeNames.array!;
  return typeNames[typeof value] ?? typeof value;
}

/** A message that our schema words itself; undefined for zod's own wording. */
function written(message: string): string | undefined {
  return /^(Invalid|Too (small|big)|Unrecognized)/.test(message) ? undefined : message;
}

function valueHint(given: unknown, values: readonly unknown[]): string {
  const names = values.map(String);
  return typeof given === 'string' ? suggestion(given, names) : `known here: ${names.join(', ')}`;
}

function sizeText(issue: z.core.$ZodIssueTooSmall | z.core.$ZodIssueTooBig): string {
  const [bound, word] = issue.code === 'too_small' ? [issue.minimum, 'least'] : [issue.maximum, 'most'];
  if (issue.origin === 'string')
    return bound === 1 && word === 'least' ? 'empty' : `not right: it must have at ${word} ${bound} characters`;
  if (issue.origin === 'array')
    return bound === 1 && word === 'least' ? 'an empty list' : `not right: it must have at ${word} ${bound} entries`;
  return `out of range: it must be at ${word} ${bound}`;
}

function formHint(issue: z.core.$ZodIssue): string {
  if (issue.code === 'invalid_format' && issue.format === 'url')
    return "write a whole web address: 'https://example.hu'";
  return 'change the value';
}

function valueAt(input: unknown, path: Path): unknown {
  return path.reduce<unknown>((value, part) => (isGroup(value) ? value[part] : undefined), input);
}

function isGroup(value: unknown): value is Record<PropertyKey, unknown> {
  return typeof value === 'object' && value !== null;
}

/** The names of keys that may stand at `path`; of all alternatives where there are some. */
function namesAt(shapes: JsonSchema[], path: Path): string[] {
  const all = shapes.flatMap((shape) => [shape, ...(shape.oneOf ?? []), ...(shape.anyOf ?? [])] as JsonSchema[]);
  const [part, ...rest] = path;
  if (part === undefined) return [...new Set(all.flatMap((shape) => Object.keys(shape.properties ?? {})))];
  const inside = all.flatMap((shape) => {
    if (typeof part === 'number') return [shape.items];
    return [shape.properties?.[String(part)] ?? shape.additionalProperties];
  });
  return namesAt(
    inside.filter((shape): shape is JsonSchema => isGroup(shape) && !Array.isArray(shape)),
    rest,
  );
}
