/**
 * The address that a service sends people to, taken apart: its parameters as the server will see them. Nothing is judged
 * here, and nothing is fetched.
 */

/** In what two addresses differ. */
export type Difference =
  | 'scheme'
  | 'user'
  | 'host'
  | 'port'
  | 'slash'
  | 'case'
  | 'path'
  | 'query'
  | 'fragment'
  | 'spelling';

export interface Address {
  url: URL;
  /** Parameters given once and not empty: an empty one is as good as none (RFC 6749, 3.1). */
  parameters: ReadonlyMap<string, string>;
  /** Names of parameters that were given more than once, `resource` apart (RFC 8707, 2). */
  repeated: string[];
  resources: string[];
  /** Every name that was given, in the query and behind '#'. */
  names: string[];
  /** The values of parameters that nobody should see, wherever they stood. */
  secrets: string[];
}

/** The parts of `text`; undefined when it is no address. Space and quotes around it are forgiven. */
export function readAddress(text: string): Address | undefined {
  const url = URL.parse(text.trim().replace(/^(["'<])(.*)["'>]$/s, '$2'));
  if (!url) return undefined;
  const query = [...url.searchParams];
  const behindHash = [...new URLSearchParams(url.hash.slice(1))];
  const counts = Map.groupBy(query, ([name]) => name);
  const single = [...counts].filter(([name, { length }]) => length === 1 && name !== 'resource');
  const inRedirect = URL.parse(url.searchParams.get('redirect_uri') ?? '');
  const everything = [...query, ...behindHash, ...(inRedirect?.searchParams ?? [])];
  return {
    url,
    parameters: new Map(
      single.map(([name, [given]]) => [name, given![1]] as const).filter(([, value]) => value !== ''),
    ),
    repeated: [...counts].flatMap(([name, { length }]) => (length > 1 && name !== 'resource' ? [name] : [])),
    resources: query.flatMap(([name, value]) => (name === 'resource' && value !== '' ? [value] : [])),
    names: [...new Set([...query, ...behindHash].map(([name]) => name))],
    secrets: everything.flatMap(([name, value]) => (isSecret(name) || unprintable.has(name) ? [value] : [])),
  };
}

/** The client that an address names; undefined when it names none. */
export function clientIdOf(text: string): string | undefined {
  return readAddress(text)?.parameters.get('client_id');
}

/** Parameters of an authorization request that hold a token, and are right to. */
const unprintable: ReadonlySet<string> = new Set(['id_token_hint', 'request']);

/** Whether a parameter of this name holds what belongs in no URL (RFC 9700, 4.2 and 4.3; ASVS 14.2.1). */
export function isSecret(name: string): boolean {
  return /(^|_)(secret|token|password|passwd|assertion|verifier|key)$|^code$/i.test(name);
}

/** In what `given` differs from `expected`, in the order of an address. */
export function differencesOf(given: string, expected: string): Difference[] {
  const [one, other] = [URL.parse(given), URL.parse(expected)];
  if (!one || !other) return ['spelling'];
  const path = pathDifference(one.pathname, other.pathname);
  const found: [Difference, boolean][] = [
    ['scheme', one.protocol !== other.protocol],
    ['user', one.username !== other.username || one.password !== other.password],
    ['host', one.hostname !== other.hostname],
    // The port that belongs to a scheme changes with it.
    ['port', one.port !== other.port],
    ...(path ? [[path, true] as [Difference, boolean]] : []),
    ['query', one.search !== other.search],
    ['fragment', one.hash !== other.hash],
  ];
  const differences = found.flatMap(([name, differs]) => (differs ? [name] : []));
  return differences.length === 0 && given !== expected ? ['spelling'] : differences;
}

function pathDifference(one: string, other: string): Difference | undefined {
  if (one === other) return undefined;
  if (one.replace(/\/$/, '') === other.replace(/\/$/, '')) return 'slash';
  return one.toLowerCase() === other.toLowerCase() ? 'case' : 'path';
}
