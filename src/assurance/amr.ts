/** How a level was reached, in the words of RFC 8176. Pure; which values a method adds is the method's to say. */

import type { Standing } from './levels.ts';

/** What a method adds to `amr`: for each of its proofs, and beside that for a proof of a kind that it tells apart. */
export interface AmrFacts {
  readonly name: string;
  readonly amr: readonly string[];
  readonly kinds?: Readonly<Record<string, readonly string[]>>;
}

/** The `amr` of a token that stands on `standing`: what each proof's method adds, in the order of the proofs, once each. */
export function amrOf(standing: Standing, methods: readonly AmrFacts[]): string[] {
  const proven = standing.proofs.flatMap((proof) => {
    const { kinds = {}, amr = [] } = methods.find(({ name }) => name === proof.method) ?? {};
    return [...(proof.kind && Object.hasOwn(kinds, proof.kind) ? kinds[proof.kind]! : []), ...amr];
  });
  return [...new Set(proven)];
}

/** Of what `amrOf` leaves out because a proof does not say of which kind it is: for each such proof, the values one of which comes with it. */
export function openKinds(standing: Standing, methods: readonly AmrFacts[]): string[][] {
  return standing.proofs.flatMap((proof) => {
    const { kinds = {} } = methods.find(({ name }) => name === proof.method) ?? {};
    const values = [...new Set(Object.values(kinds).flat())];
    return proof.kind === undefined && values.length > 0 ? [values] : [];
  });
}
