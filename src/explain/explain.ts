/**
 * The explainer: what Kapu will do with an authorization request, and why, before anybody sends it. It is pure: the URL is
 * read and never fetched, and levels are judged by the functions that the server uses (src/assurance). It knows no
 * stores and no protocol library; whoever calls it looks up the client and the person.
 */

import type { Settings } from '../../config/settings.ts';
import type { Evidence } from '../assurance/evidence.ts';
import { dominates, type Ladder, reached } from '../assurance/levels.ts';
import type { Demand, ScopeRules } from '../assurance/request.ts';
import { scopesAsked } from '../oidc/account.ts';
import type { ClientMetadata } from '../oidc/clients/metadata.ts';
import { isAskedEachTime, isFirstParty, permissionsAsked, written } from '../oidc/consent.ts';
import { type Address, readAddress } from './address.ts';
import { astray, habits, inUrlOnly, reach, valuesAsked, writing } from './advice.ts';
import { type Asked, askedBy, type Parts } from './demand.ts';
import { error, type Mistake, warning } from './mistakes.ts';
import { refusals } from './protocol.ts';
import { type Refused, type Request, redirectOf, unreadable, wordsOf } from './request.ts';
import { givenScopes, knownScopes } from './scopes.ts';
import { shown } from './secrets.ts';
import { type ConsentStep, type ExplainedMethod, type Outcome, play, type Scene, type Step } from './steps.ts';

export interface ExplainInput {
  /** The authorization request, as the service would send people to it. */
  url: string;
  /** The address of the authorization endpoint, as discovery has it. */
  endpoint: string;
  /** The client that the request names; undefined: there is none. */
  client?: ClientMetadata;
  ladder: Ladder;
  scopeRules: ScopeRules;
  /** The sign-in methods that are switched on. */
  methods: readonly ExplainedMethod[];
  resources: Settings['resources'];
  /** Who signs in; undefined: somebody who has set up every method. `consented`: scopes that they have allowed this client. */
  person?: { name: string; usable: readonly string[]; consented?: readonly string[] };
  /** What the browser's session has proven; undefined: nobody is signed in. */
  session?: Evidence;
  /** Whether people may make accounts of their own; undefined: they may not. */
  signUp?: boolean;
  now: Date;
}

/** What was understood of the request. */
export interface Understood {
  client?: { id: string; names: { hu: string; en: string }; firstParty: boolean };
  /** Where the browser comes back to. */
  redirect?: string;
  /** The scopes that are asked for and given. */
  scopes: string[];
  resources: string[];
  prompts: string[];
  /** Proofs older than this many seconds do not count. */
  freshness?: { seconds: number; source: 'max_age' | 'default_max_age' | 'prompt' };
  /** Each value that was asked for, and each minimum, with its source; undefined where it cannot be read. */
  demand?: Parts & { floor: string; excludedMethods: string[] };
  person?: string;
  session?: { level?: string; ageSeconds: number };
}

export interface Explanation {
  /** The moment that it supposes the request is made. */
  at: Date;
  understood: Understood;
  /** The pages that a person sees, in order, who goes through with it. */
  steps: Step[];
  outcome: Outcome;
  /** Values of `acr` that are good enough for what is asked; none where nothing is. */
  acceptable: string[];
  /** Errors first. */
  mistakes: Mistake[];
}

/** What will come of a request. No secret of the URL is repeated in it. */
export function explainRequest(input: ExplainInput): Explanation {
  const address = readAddress(input.url);
  if (address) return shown(explainAddress(address, input), address.secrets);
  return {
    at: input.now,
    understood: { scopes: [], resources: [], prompts: [] },
    steps: [],
    outcome: { kind: 'elsewhere' },
    acceptable: [],
    mistakes: [error('not-an-address', {})],
  };
}

function explainAddress(address: Address, input: ExplainInput): Explanation {
  const { client, ladder, resources, scopeRules, signUp } = input;
  const request: Request = { address, client, resources, scopes: knownScopes(scopeRules), signUp };
  const hidden = unreadable(address);
  const asked = hidden ? undefined : askedBy(request, input);
  const lost = astray(request, input.endpoint);
  const refused = refusals(request);
  if (asked?.malformed && refused.every(({ mistake }) => !mistake.name.startsWith('claims-')))
    refused.push({ mistake: error('acr-malformed', { said: asked.malformed }), error: 'invalid_request' });

  const { steps, outcome } =
    stopped(request, lost, refused) ??
    (asked?.demand
      ? play(sceneOf(request, asked, asked.demand, input))
      : { steps: [], outcome: { kind: 'unreadable' } as const });
  const mistakes = [
    ...lost,
    ...refused.map(({ mistake }) => mistake),
    ...(hidden ? [error('request-unreadable', { parameter: hidden })] : habits(request)),
    ...(asked && client ? withoutIdToken(request, refused) : []),
    ...(asked?.demand ? valuesAsked(asked.demand, asked) : []),
    ...(asked?.demand && client ? inUrlOnly(asked.demand, asked, ladder) : []),
    ...(asked?.demand ? reach(outcome, asked.demand, asked, ladder, input.person?.name) : []),
    ...writing(request),
  ];
  return {
    at: input.now,
    understood: understoodOf(request, asked, input),
    steps,
    outcome,
    acceptable: acceptableOf(asked?.demand, ladder),
    mistakes: mistakes.toSorted((one, other) => one.severity.localeCompare(other.severity)),
  };
}

/** What becomes of a request that does not come as far as levels. */
function stopped(
  request: Request,
  lost: Mistake[],
  refused: Refused[],
): { steps: Step[]; outcome: Outcome } | undefined {
  if (lost.length > 0) return { steps: [], outcome: { kind: 'elsewhere' } };
  if (refused.length === 0) return undefined;
  // An address that is not registered is never sent anything, so its error comes before all others (RFC 6749, 4.1.2.1).
  const first = refused.find(({ mistake }) => mistake.name === 'unregistered-redirect-uri') ?? refused[0]!;
  const to = redirectOf(request) === undefined ? 'person' : 'service';
  return { steps: [], outcome: { kind: 'error', error: first.error, to } };
}

function sceneOf(request: Request, asked: Asked, demand: Demand, input: ExplainInput): Scene {
  const { prompt, max_age: maxAge } = asked.parameters;
  const prompts = new Set(prompt?.split(' '));
  const scopes = givenScopes(request);
  return {
    ...input,
    demand,
    usable: input.person?.usable,
    prompts,
    // max_age=0 is prompt=login (OpenID Connect Core, 3.1.2.1).
    anew: prompts.has('login') || prompts.has('create') || maxAge === 0,
    consent: consentOf(request, asked, scopes, input.person?.consented ?? []),
    scopes: { any: scopes.length > 0, openid: scopes.includes('openid') },
  };
}

/** The consent page, where the request leads to it. */
function consentOf(
  { client, address, resources, scopes: known }: Request,
  { parameters }: Asked,
  given: string[],
  consented: readonly string[],
): ConsentStep | undefined {
  const scopes = scopesAsked(given.join(' '), parameters.claims).filter(Boolean);
  const page = (why: ConsentStep['why']) => ({ page: 'consent', why, scopes }) as const;
  if (wordsOf(address, 'prompt').includes('consent')) return page('asked');
  if (!client || isFirstParty(client)) return undefined;
  if (isAskedEachTime(client, client.application_type)) return page('each-time');
  const apis = Object.entries(resources).filter(([name]) => address.resources.includes(name));
  const permissions = permissionsAsked(
    {
      scope: given.join(' '),
      claims: parameters.claims,
      resources: Object.fromEntries(apis.map(([name, api]) => [name, api.scopes])),
    },
    known,
  );
  return permissions.every((each) => consented.includes(written(each))) ? undefined : page('scopes');
}

function withoutIdToken(request: Request, refused: Refused[]): Mistake[] {
  const given = givenScopes(request);
  if (given.length === 0) return [error('no-scope', {})];
  const isSaid = refused.some(({ mistake }) => mistake.name === 'missing-openid');
  return given.includes('openid') || isSaid ? [] : [warning('missing-openid', {})];
}

function understoodOf(request: Request, asked: Asked | undefined, input: ExplainInput): Understood {
  const { client, address } = request;
  const { person, session, ladder, now } = input;
  const standing = session && reached(ladder, session, now);
  const oldest = standing?.at.getTime() ?? Math.min(...(session ?? []).map(({ at }) => at.getTime()));
  return {
    client: client && { id: client.client_id, names: namesOf(client), firstParty: isFirstParty(client) },
    redirect: redirectOf(request),
    scopes: asked ? givenScopes(request) : [],
    resources: asked ? address.resources : [],
    prompts: asked ? [...new Set(wordsOf(address, 'prompt'))] : [],
    freshness: asked && freshnessOf(request, asked),
    demand: asked?.demand && {
      asks: asked.asks,
      minima: asked.minima,
      floor: asked.demand.floor.name,
      excludedMethods: [...asked.demand.excludedMethods],
    },
    person: person?.name,
    session: session && { level: standing?.level.name, ageSeconds: Math.round((now.getTime() - oldest) / 1000) },
  };
}

/** OpenID Connect Registration, 2.1. */
function namesOf({ client_name: name, 'client_name#hu': hu = name, 'client_name#en': en = name }: ClientMetadata) {
  return { hu, en };
}

function freshnessOf({ address }: Request, { parameters }: Asked): Understood['freshness'] {
  if (parameters.prompt?.split(' ').includes('login')) return { seconds: 0, source: 'prompt' };
  if (parameters.max_age === undefined) return undefined;
  return { seconds: parameters.max_age, source: address.parameters.has('max_age') ? 'max_age' : 'default_max_age' };
}

function acceptableOf(demand: Demand | undefined, ladder: Ladder): string[] {
  const enough = demand?.wishes.filter(({ level }) => dominates(ladder, level, demand.floor)) ?? [];
  return [...new Set(enough.map(({ asked }) => asked))];
}
