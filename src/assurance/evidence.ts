/**
 * Evidence: what a person has proven, and when. Methods make it, sessions keep it, levels judge it.
 * This file knows nothing of levels, requests or stores.
 */

/** One proven fact: `method` succeeded at `at`; with something of `kind`, where the method tells kinds apart. */
export interface Proof {
  readonly method: string;
  readonly kind?: string;
  readonly at: Date;
}

/** What has been proven so far; at most one proof a method, the latest. */
export type Evidence = readonly Proof[];

/** Evidence as it is stored: method name, or `method~kind`, to milliseconds since the epoch. */
export type StoredEvidence = Record<string, number>;

/** Both sets in one; of two proofs by the same method the later one stays. */
export function merge(one: Evidence, other: Evidence): Evidence {
  const latest = new Map<string, Proof>();
  for (const proof of [...one, ...other]) {
    const known = latest.get(proof.method);
    if (!known || known.at < proof.at) latest.set(proof.method, proof);
  }
  return [...latest.values()];
}

/** Without the proofs made before `moment`: freshness, as `max_age` and `prompt=login` ask for it (OpenID Connect Core, 3.1.2.1). */
export function since(evidence: Evidence, moment: Date | undefined): Evidence {
  return moment ? evidence.filter((proof) => proof.at >= moment) : evidence;
}

/** The stored form of `evidence`. */
export function store(evidence: Evidence): StoredEvidence {
  return Object.fromEntries(
    evidence.map(({ method, kind, at }) => [kind ? `${method}~${kind}` : method, at.getTime()]),
  );
}

/** Evidence from its stored form; whatever is not a time is left out. */
export function restore(stored: unknown): Evidence {
  if (typeof stored !== 'object' || stored === null) return [];
  const proofs = Object.entries(stored).flatMap(([name, at]): Proof[] => {
    if (typeof at !== 'number' || !Number.isFinite(at)) return [];
    const [method = '', kind] = name.split('~');
    return [{ method, ...(kind && { kind }), at: new Date(at) }];
  });
  // Each kind is stored by itself, and the store keeps the latest of each.
  return merge(proofs, []);
}
