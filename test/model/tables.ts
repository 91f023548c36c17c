/**
 * The tables of docs/design.md, section 4, in small: what a request demands, and what proofs come to. Written from that page
 * and from nothing in src. Levels are places on the ladder, times are seconds.
 */

export type Method = 'password' | 'email-code';
export type Proofs = Partial<Record<Method, number>>;

export interface Person {
  username: string;
  /** Whether there is a mailbox to send codes to. */
  email: boolean;
  active: boolean;
  /** When the mailbox counts for nothing (docs/decisions/023); from the end on what it proves since. */
  hold?: { since: number; until: number };
}

export const isHeld = ({ hold }: Person, now: number) => hold !== undefined && hold.since <= now && now < hold.until;

/** Of what `person` has proven, what counts: in a hold nothing that the mailbox proves, and after it nothing of before its end. */
export function counting(person: Person, { 'email-code': mailed, ...proofs }: Proofs, now: number): Proofs {
  const counts = mailed !== undefined && !isHeld(person, now) && mailed >= (person.hold?.until ?? mailed);
  return counts ? { ...proofs, 'email-code': mailed } : proofs;
}

/** A service as it is registered. */
export interface Client {
  id: string;
  minimum?: string;
  excludes?: Method;
  wishes?: string[];
  /** People are asked what it may have: once, or always. */
  asks?: 'once' | 'always';
  /** Its refresh tokens end with the level of the sign-in. */
  endsWithLevel?: boolean;
}

/** What one authorization request asks for. */
export interface Ask {
  acrValues?: string[];
  claim?: { essential: boolean; values: string[] };
  maxAge?: number;
  prompt: string[];
  /** A scope whose minimum is strict. */
  health?: boolean;
  offline?: boolean;
  hint?: Person;
}

export interface Request {
  client: Client;
  ask: Ask;
  /** When it was first received. */
  startedAt: number;
}

/** What proofs come to: what the token says, with when the level will have aged; the method to ask; or that nothing helps. */
export type Verdict =
  | { is: 'reached'; acr: string; amr: string[]; authTime: number; until: number }
  | { is: 'missing'; ask: Method; mayDecline: boolean }
  | { is: 'unmet' };

/** Weakest first: the ways to spell each level, and how long each proof counts for it. */
const forever = Number.POSITIVE_INFINITY;
const ladder: { names: [string, ...string[]]; lives: Proofs }[] = [
  { names: ['basic'], lives: { password: forever } },
  { names: ['plus', 'urn:example:plus'], lives: { password: forever, 'email-code': 900 } },
  { names: ['strict'], lives: { password: 300, 'email-code': 300 } },
];
const placeOf = (name: string) => ladder.findIndex(({ names }) => names.includes(name));
const methodsOf = (place: number) => Object.keys(ladder[place]!.lives) as Method[];
const amr = { password: 'pwd', 'email-code': 'otp' };

/** The methods of the level with this name, and how long each proof counts for it. */
export const needed = (name: string): Proofs => ladder[placeOf(name)]!.lives;

/** What a request demands at `now`: the stricter demand wins. */
export function demanded({ client, ask, startedAt }: Request, now: number) {
  const inRequest = [ask.claim?.values ?? [], ask.acrValues ?? []];
  const lists = inRequest.some((list) => list.length > 0) ? inRequest : [client.wishes ?? []];
  const known = lists.map((list) => list.filter((name) => placeOf(name) >= 0));
  const minima = [client.minimum, ask.health ? 'strict' : undefined].filter((name) => name !== undefined);
  const weakest = known.filter((list) => list.length > 0).map((list) => Math.min(...list.map(placeOf)));
  const floor = Math.max(0, ...minima.map(placeOf), ...weakest);
  const places = known
    .flat()
    .map(placeOf)
    .filter((place) => place >= floor);
  const essential = ask.claim?.essential === true && ask.claim.values.length > 0;
  const nothingKnown = lists.flat().length > 0 && known.flat().length === 0;
  return {
    /** The levels to try, in order. */
    tried: places.length > 0 ? places : [floor],
    spellings: [...known.flat(), ...minima],
    essential,
    unknown: nothingKnown || (essential && known[0]!.length === 0),
    /** Older proofs do not count. What is proven after the request came in is always young enough. */
    since: Math.min(startedAt, now - (wantsLogin(ask) ? 0 : (ask.maxAge ?? forever))),
  };
}

export function wantsLogin({ prompt, maxAge }: Ask): boolean {
  return prompt.includes('login') || maxAge === 0;
}

/** Whether anything that was proven counts for the request. */
export function anyCounts(request: Request, proofs: Proofs, now: number): boolean {
  const { since } = demanded(request, now);
  return Object.entries(proofs).some(([method, at]) => method !== request.client.excludes && at >= since);
}

/** What the proofs of `person`, or of somebody still unknown, come to at `now`. `settles`: for a weaker level that was listed. */
export function judge(
  request: Request,
  { person, proofs }: { person?: Person; proofs: Proofs },
  now: number,
  settles: boolean,
): Verdict {
  const { tried, spellings, since, unknown } = demanded(request, now);
  const { excludes } = request.client;
  const counts = (method: Method, place: number) => {
    const at = proofs[method];
    return at !== undefined && at >= since && now - at <= ladder[place]!.lives[method]! && method !== excludes;
  };
  const can = (method: Method) =>
    method !== excludes && (method === 'password' || !person || (person.email && !isHeld(person, now)));
  const reached = ladder.findLastIndex((_, place) => methodsOf(place).every((method) => counts(method, place)));
  if (unknown) return { is: 'unmet' };
  for (const place of tried) {
    if (reached >= place) {
      const named = spellings.filter((name) => placeOf(name) <= reached);
      const shown = named.length > 0 ? Math.max(...named.map(placeOf)) : reached;
      const methods = methodsOf(shown);
      return {
        is: 'reached',
        acr: named.find((name) => placeOf(name) === shown) ?? ladder[shown]!.names[0],
        amr: methods.map((method) => amr[method]),
        authTime: Math.min(...methods.map((method) => proofs[method]!)),
        until: Math.min(...methods.map((method) => proofs[method]! + ladder[shown]!.lives[method]!)),
      };
    }
    const missing = methodsOf(place).filter((method) => !counts(method, place));
    if (!settles && missing.every(can))
      return { is: 'missing', ask: missing[0]!, mayDecline: tried.some((weaker) => reached >= weaker) };
  }
  return { is: 'unmet' };
}

/** Of two proofs by one method the later. */
export function latest(one: Proofs, other: Proofs): Proofs {
  const merged = { ...one };
  for (const [method, at] of Object.entries(other) as [Method, number][])
    merged[method] = Math.max(at, merged[method] ?? 0);
  return merged;
}
