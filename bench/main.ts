/**
 * `npm run bench [-- NAME …]`: Kapu measured on this machine. Each part stands in a file of its own, prints a table and writes it
 * beside this file. Without a name `report` runs, some twenty minutes, or eight with --quick; the others have to be named.
 */

const parts: Record<string, { part: () => Promise<unknown>; long?: boolean }> = {
  report: { part: () => import('./figures.ts') },
  'sign-ins': { part: () => import('./sign-ins.ts'), long: true },
  redis: { part: () => import('./redis.ts'), long: true },
  soak: { part: () => import('./soak.ts'), long: true },
  many: { part: () => import('./many.ts'), long: true },
  compare: { part: () => import('./compare.ts'), long: true },
  flood: { part: () => import('./flood.ts'), long: true },
  timing: { part: () => import('./timing.ts'), long: true },
  records: { part: () => import('./records.ts'), long: true },
  import: { part: () => import('./import.ts'), long: true },
  notices: { part: () => import('./notices.ts'), long: true },
};

const named = process.argv.slice(2).filter((word) => Object.hasOwn(parts, word));
// To compare, ways to start a server stand behind the name.
const words = process.argv.slice(2).filter((word) => !named.includes('compare') || !/[=-]/.test(word));
const unknown = words.filter((word) => !Object.hasOwn(parts, word) && !/^(\d+|--quick)$/.test(word));
if (unknown.length > 0) {
  console.error(`There is no ${unknown.join(', ')} to measure. There are: ${Object.keys(parts).join(', ')}.`);
  process.exit(2);
}
const asked = named.length > 0 ? named : Object.keys(parts).filter((name) => !parts[name]!.long);
for (const name of asked) await parts[name]!.part();
// Connections that are kept and timers of clients do not keep it.
process.exit();
