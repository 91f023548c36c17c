/** Names that were mistyped: finds the known name that was probably meant. */

import { distance } from 'fastest-levenshtein';

/** The name among `known` that `name` was probably meant to be; undefined when none is near. Case does not count. */
export function nearest(name: string, known: Iterable<string>): string | undefined {
  let best: { candidate: string; cost: number } | undefined;
  for (const candidate of known) {
    const cost = distance(name.toLowerCase(), candidate.toLowerCase());
    if (!best || cost < best.cost) best = { candidate, cost };
  }
  // Two slips at any length, more in long names; beyond a third of the letters a suggestion only confuses.
  return best && best.cost <= Math.max(2, Math.floor(name.length / 3)) ? best.candidate : undefined;
}

/** What to do about an unknown name: the one that was probably meant, else the few that exist. */
export function suggestion(name: string, known: readonly string[]): string {
  const meant = nearest(name, known);
  if (meant) return `did you mean '${meant}'?`;
  if (known.length === 0) return 'remove it';
  return known.length <= 12 ? `known here: ${known.join(', ')}` : 'remove it, or look for its name in the manual';
}
