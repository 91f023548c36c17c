/** When a request is refused at once, before any page; the last rows of the table in docs/relying-parties.md. Pure. */

import type { Answer, Demand } from './request.ts';

/** What the service hears; the description is for its developer. */
export interface Refusal {
  error: 'login_required' | 'unmet_authentication_requirements';
  description: string;
}

/**
 * How a request whose `answer` is not "reached" is refused; undefined when the sign-in pages take over. `silent`: prompt=none.
 * Out of this person's reach is no refusal where pages may be shown: who signs in there may be another one, so the pages
 * tell when to give up. OpenID Connect Core Error Code unmet_authentication_requirements 1.0, 2.
 */
export function refusalOf(demand: Demand, answer: Answer, silent: boolean): Refusal | undefined {
  if (answer.kind !== 'unmet') return undefined;
  const unmet = (description: string): Refusal => ({ error: 'unmet_authentication_requirements', description });
  if (answer.reason === 'unknown-values') return unmet('none of the requested acr values is known here');
  if (!silent) return undefined;
  if (demand.essential) return unmet('none of the requested acr values can be reached');
  return { error: 'login_required', description: 'the session does not reach a level that was asked' };
}
