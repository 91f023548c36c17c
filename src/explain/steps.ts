/**
 * What will happen: the pages that a person sees, in order, and what comes of it. `answer` is asked again after every
 * proof, as the dispatcher does. It supposes that the person goes through with it: nobody cancels, nobody settles for less.
 */

import { type AmrFacts, amrOf, openKinds } from '../assurance/amr.ts';
import { type Evidence, merge, since } from '../assurance/evidence.ts';
import type { Ladder } from '../assurance/levels.ts';
import { pageFor } from '../assurance/page.ts';
import { refusalOf } from '../assurance/refusal.ts';
import { type Answer, answer, type Demand, notBefore } from '../assurance/request.ts';

/** What the explainer needs to know of a sign-in method that is switched on. */
export interface ExplainedMethod extends AmrFacts {
  /** Whether it finds out who the person is. */
  identifies: boolean;
  /** Whether it stands in when others are lost. */
  spare?: boolean;
  /** What pages call it. */
  title(locale: 'hu' | 'en'): string;
}

/** Why a method is asked: nobody is signed in; the request wants everything anew; the proof is older than the request, or the
 *  level, allows; the level needs it. */
export type Why = 'nobody' | 'anew' | 'max-age' | 'aged' | 'level';

/** One page. */
export type Step =
  | { page: 'select-account' }
  /** An account is made, and with it the first method proven. */
  | { page: 'sign-up' }
  | { page: 'choose'; methods: string[]; level: string; mayDecline: boolean }
  | { page: 'method'; method: string; level: string; why: Why; mayDecline: boolean }
  | ConsentStep;

/** The consent page: because the request asks for it, because the client is one that people are always asked about, or because
 *  they have not allowed it all of this yet. */
export interface ConsentStep {
  page: 'consent';
  why: 'asked' | 'each-time' | 'scopes';
  scopes: string[];
}

export type Outcome =
  /**
   * The service gets a code, and with it a token that says this. `amrOneOf`: values of which one each comes to `amr`, by what the
   * person uses. `idToken` false: the request did not ask for one.
   */
  | {
      kind: 'token';
      acr: string;
      level: string;
      amr: string[];
      amrOneOf: string[][];
      authTime: Date;
      idToken: boolean;
    }
  /** An error: at the service's redirect URI, or on a page that only the person sees. */
  | { kind: 'error'; error: string; to: 'service' | 'person'; reason?: 'unknown-values' | 'out-of-reach' | 'silent' }
  /** What is asked does not stand in the URL. */
  | { kind: 'unreadable' }
  /** It is no request to this server. */
  | { kind: 'elsewhere' };

/** Everything that decides it, once the request is well-formed. */
export interface Scene {
  demand: Demand;
  ladder: Ladder;
  methods: readonly ExplainedMethod[];
  /** Methods that the person has set up; undefined: whoever it is, they have them all. */
  usable?: readonly string[];
  /** What the browser's session has proven; undefined: nobody is signed in. */
  session?: Evidence;
  prompts: ReadonlySet<string>;
  /** Whether the request wants everything proven anew, whoever is signed in. */
  anew: boolean;
  /** The consent page, where this request leads to it. */
  consent?: ConsentStep;
  /** Whether any scope is granted, and whether `openid` is. */
  scopes: { any: boolean; openid: boolean };
  now: Date;
}

/** The pages and the outcome. */
export function play(scene: Scene): { steps: Step[]; outcome: Outcome } {
  return scene.prompts.has('none') ? { steps: [], outcome: silently(scene) } : openly(scene);
}

function usableIn({ methods, usable }: Scene, known: boolean): (method: string) => boolean {
  const on = (name: string) => methods.some((method) => method.name === name);
  return (name) => on(name) && (!known || !usable || usable.includes(name));
}

/** prompt=none: the session decides as it is, or there is an error. */
function silently(scene: Scene): Outcome {
  const { demand, ladder, session, now, consent } = scene;
  const failed = (error: string, reason: Extract<Outcome, { kind: 'error' }>['reason'] = 'silent'): Outcome => ({
    kind: 'error',
    error,
    to: 'service',
    reason,
  });
  if (!session) return failed('login_required');
  const given = answer(demand, ladder, { evidence: session, now, usable: usableIn(scene, true), settles: true });
  if (given.kind !== 'reached') {
    const unknown = given.kind === 'unmet' && given.reason === 'unknown-values' ? given.reason : undefined;
    return failed(refusalOf(demand, given, true)?.error ?? 'login_required', unknown);
  }
  if (!consent) return granted(scene, given);
  return failed(consent.why === 'each-time' ? 'interaction_required' : 'consent_required');
}

function openly(scene: Scene): { steps: Step[]; outcome: Outcome } {
  const { demand, ladder, methods, session, prompts, anew, now } = scene;
  const steps: Step[] = prompts.has('select_account') && session ? [{ page: 'select-account' }] : [];
  const refused = (reason: 'unknown-values' | 'out-of-reach') => ({
    steps,
    outcome: { kind: 'error', error: 'unmet_authentication_requirements', to: 'service', reason } as const,
  });
  let known = session !== undefined && !anew;
  let evidence: Evidence = known ? session! : [];
  // Each round proves one method more, so there are no more rounds than methods.
  for (let round = 0; round <= methods.length; round++) {
    const given = answer(demand, ladder, { evidence, now, usable: usableIn(scene, known), settles: false });
    if (given.kind === 'unmet') return refused(given.reason);
    if (given.kind === 'reached') {
      if (scene.consent) steps.push(scene.consent);
      return { steps, outcome: granted(scene, given) };
    }
    const { next, mayDecline } = given;
    const level = given.target.name;
    // Before they are known the choice is everybody's; they can only make one of their own.
    const page = pageFor(given, methods);
    const method = [page, ...next].find(usableIn(scene, true)) ?? next[0]!;
    const why = whyOf(method, scene, known, evidence);
    if (prompts.has('create') && !known) steps.push({ page: 'sign-up' });
    else {
      if (page === 'choose') steps.push({ page: 'choose', methods: next, level, mayDecline });
      steps.push({ page: 'method', method, level, why, mayDecline });
    }
    evidence = merge(evidence, [{ method, at: now }]);
    known ||= methods.some(({ name, identifies }) => name === method && identifies);
  }
  throw new Error('a sign-in that has proven every method asks for one more');
}

function whyOf(method: string, { demand, anew, session, now }: Scene, known: boolean, evidence: Evidence): Why {
  const held = evidence.filter((proof) => proof.method === method);
  if (held.length > 0) return since(held, notBefore(demand, now)).length > 0 ? 'aged' : 'max-age';
  if (known) return 'level';
  return anew && session ? 'anew' : 'nobody';
}

function granted({ methods, scopes }: Scene, { acr, standing }: Extract<Answer, { kind: 'reached' }>): Outcome {
  if (!scopes.any) return { kind: 'error', error: 'access_denied', to: 'service' };
  return {
    kind: 'token',
    acr,
    level: standing.level.name,
    amr: amrOf(standing, methods),
    amrOneOf: openKinds(standing, methods),
    authTime: standing.at,
    idToken: scopes.openid,
  };
}
