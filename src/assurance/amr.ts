/** How a level was reached, in the words of RFC 8176. Pure; which values a method adds is the method's to say. */

import type { Standing } from './levels.ts';

/** The `amr` of a token that stands on `standing`: what each proof's method adds, in the order of the proofs, once each. */
export function amrOf(standing: Standing, methods: readonly { name: string; amr: readonly string[] }[]): string[] {
  const proven = standing.proofs.flatMap((proof) => methods.find(({ name }) => name === proof.method)?.amr ?? []);
  return [...new Set(proven)];
}
