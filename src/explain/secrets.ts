/**
 * What an explanation may repeat of a URL: nothing secret, nothing that a terminal would obey, nothing endless. It is applied
 * once, to the finished explanation, so that no part of it need remember.
 */

/** Keys whose values are ours, and never from the URL. */
const ours: ReadonlySet<string> = new Set([
  ...['kind', 'name', 'severity', 'page', 'why', 'to', 'reason', 'error', 'source', 'method', 'methods'],
]);

const longest = 300;

/** `value` with every text in it made fit to be shown; dates and our own words stay as they are. */
export function shown<T>(value: T, secrets: readonly string[]): T {
  return walk(value, (text) => presentable(text, secrets)) as T;
}

function walk(value: unknown, change: (text: string) => string): unknown {
  if (typeof value === 'string') return change(value);
  if (Array.isArray(value)) return value.map((each) => walk(each, change));
  if (value === null || typeof value !== 'object' || value instanceof Date) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, each]) => [key, ours.has(key) ? each : walk(each, change)]),
  );
}

function presentable(text: string, secrets: readonly string[]): string {
  // A value of a few letters is no secret, and stands in half of all words.
  const hidden = secrets
    .filter((secret) => secret.length > 3 || secret === text)
    .toSorted((one, other) => other.length - one.length)
    .reduce((left, secret) => (secret === '' ? left : left.replaceAll(secret, '…')), text)
    // A token is one wherever it stands, and so is a password before a host.
    .replace(/eyJ[\w-]+\.[\w-]+\.[\w-]*/g, '…')
    .replace(/\/\/[^/?#@\s]*@/g, '//…@')
    .replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, '\u{FFFD}');
  return hidden.length > longest ? `${hidden.slice(0, longest)}…` : hidden;
}
