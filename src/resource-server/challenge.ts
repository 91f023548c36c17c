/**
 * Challenges: the words in which a resource server says what a token lacks, and a relying party reads what it must bring.
 * Writing and reading stand here together, so that the one always understands the other. Knows nothing of tokens,
 * keys or HTTP servers; a relying party may copy this file alone.
 */

/** One challenge of a WWW-Authenticate header (RFC 9110, 11.6.1), with the parameters of RFC 6750, 3 and RFC 9470, 3. */
export interface Challenge {
  /** `Bearer`, or another OAuth scheme. */
  scheme: string;
  realm?: string;
  /** Absent when the request carried no token at all. */
  error?: string;
  errorDescription?: string;
  /** Values of `acr` in order of preference, any of which is enough. */
  acrValues?: string[];
  /** Seconds that may have passed since the person last signed in. */
  maxAge?: number;
  /** Scopes that the resource needs. */
  scope?: string[];
}

const parameterOf = {
  realm: 'realm',
  error: 'error',
  errorDescription: 'error_description',
  scope: 'scope',
  acrValues: 'acr_values',
  maxAge: 'max_age',
} as const;

/** Printable ASCII. Anything else could end the header line or be read differently further on. */
const printable = /^[\x20-\x7e]*$/;

/**
 * The challenge as a header value, every parameter a quoted string (RFC 9110, 5.6.4).
 * Throws RangeError when a text holds anything but printable ASCII, or the scheme is not a token.
 */
export function formatChallenge(challenge: Challenge): string {
  if (!/^[!#$%&'*+\-.^_`|~\w]+$/.test(challenge.scheme)) throw new RangeError('the scheme is not a token');
  const parameters = Object.entries(parameterOf).flatMap(([key, name]) => {
    const value = challenge[key as keyof typeof parameterOf];
    return value === undefined
      ? []
      : [`${name}=${quoted(name, Array.isArray(value) ? value.join(' ') : String(value))}`];
  });
  return [challenge.scheme, parameters.join(', ')].filter(Boolean).join(' ');
}

function quoted(name: string, text: string): string {
  if (!printable.test(text)) throw new RangeError(`${name} holds something else than printable ASCII`);
  return `"${text.replaceAll(/["\\]/g, '\\$&')}"`;
}

/**
 * What a WWW-Authenticate header asks of an OAuth client; undefined when no challenge in it is of an OAuth scheme. Of
 * several, the one that asks for a step-up, else the first that names an error, else the first. Headers that a client
 * library has joined with commas are read as one. Never throws: what cannot be read is left out.
 */
export function parseChallenge(wwwAuthenticate: string): Challenge | undefined {
  const ours = split(wwwAuthenticate)
    .filter(({ scheme }) => /^(bearer|dpop)$/i.test(scheme))
    .map(asChallenge);
  return ours.find(isStepUp) ?? ours.find(({ error }) => error !== undefined) ?? ours[0];
}

/** Whether the token itself is good, and only the sign-in behind it is too weak or too old (RFC 9470, 3). */
export function isStepUp(challenge: Challenge): boolean {
  return challenge.error === 'insufficient_user_authentication';
}

/** The parameters that an authorization request needs in order to answer `challenge` (RFC 9470, 4). */
export function stepUpParameters({ acrValues, maxAge }: Challenge): { acr_values?: string; max_age?: string } {
  return {
    ...(acrValues && { acr_values: acrValues.join(' ') }),
    ...(maxAge !== undefined && { max_age: String(maxAge) }),
  };
}

/** A challenge before its parameters are understood. Names are in lower case. */
interface RawChallenge {
  scheme: string;
  parameters: Map<string, string>;
}

function asChallenge({ scheme, parameters }: RawChallenge): Challenge {
  const text = (key: keyof typeof parameterOf) => parameters.get(parameterOf[key]) || undefined;
  const list = (key: keyof typeof parameterOf) => {
    const words = text(key)?.split(/\s+/).filter(Boolean) ?? [];
    return words.length > 0 ? words : undefined;
  };
  const maxAge = text('maxAge');
  return {
    scheme,
    realm: text('realm'),
    error: text('error'),
    errorDescription: text('errorDescription'),
    acrValues: list('acrValues'),
    maxAge: maxAge && /^\d{1,9}$/.test(maxAge) ? Number(maxAge) : undefined,
    scope: list('scope'),
  };
}

const separators = /[\s,]*/y;
const parameter = /([!#$%&'*+\-.^_`|~\w]+)[ \t]*=[ \t]*(?:"((?:[^"\\]|\\.)*)"|([^\s",]+)(?=[ \t]*(?:,|$)))/sy;
const start = /([!#$%&'*+\-.^_`|~\w]+)(?: +[\w\-.~+/]+=*(?=[ \t]*(?:,|$)))?(?=[ \t,]|$)/y;
/** A comma inside quotes ends nothing; an unfinished quote swallows the rest. */
const unreadable = /(?:[^",]|"(?:[^"\\]|\\(?:.|$))*(?:"|$))+/sy;

/** The challenges of a header, in order. A scheme's token68 (RFC 9110, 11.2) is passed over. */
function split(header: string): RawChallenge[] {
  const challenges: RawChallenge[] = [];
  let at = 0;
  const take = (pattern: RegExp): RegExpExecArray | null => {
    pattern.lastIndex = at;
    const found = pattern.exec(header);
    if (found) at += found[0].length;
    return found;
  };
  for (take(separators); at < header.length; take(separators)) {
    const pair = take(parameter);
    if (pair) {
      const [, name = '', inQuotes, bare = ''] = pair;
      const known = challenges.at(-1)?.parameters;
      // A name may occur once in a challenge (RFC 9110, 11.2); of two the first is believed.
      if (known && !known.has(name.toLowerCase()))
        known.set(name.toLowerCase(), inQuotes?.replaceAll(/\\(.)/gs, '$1') ?? bare);
      continue;
    }
    const scheme = take(start)?.[1];
    if (scheme) challenges.push({ scheme, parameters: new Map() });
    else if (!take(unreadable)) at += 1;
  }
  return challenges;
}
