/**
 * `npm run bench [-- NAME …]`: Kapu measured on this machine. Each part stands in a file of its own, prints a table and writes it
 * beside this file. Without a name `report` runs, half an hour, or nine minutes with --quick; the others have to be named.
 */

const parts: Record<string, () => Promise<unknown>> = {
  report: () => import('./figures.ts'),
  redis: () => import('./redis.ts'),
  soak: () => import('./soak.ts'),
  many: () => import('./many.ts'),
  compare: () => import('./compare.ts'),
  flood: () => import('./flood.ts'),
  timing: () => import('./timing.ts'),
  records: () => import('./records.ts'),
  import: () => import('./import.ts'),
  notices: () => import('./notices.ts'),
};

const words = process.argv.slice(2);
const named = words.filter((word) => Object.hasOwn(parts, word));
// To compare, ways to start a server stand behind the name.
const isMeant = (word: string) =>
  named.includes(word) || /^(\d+|--quick)$/.test(word) || (named.includes('compare') && /[=-]/.test(word));
const unknown = words.filter((word) => !isMeant(word));
if (unknown.length > 0) {
  console.error(`There is no ${unknown.join(', ')} to measure. There are: ${Object.keys(parts).join(', ')}.`);
  process.exit(2);
}
for (const name of named.length > 0 ? named : ['report']) await parts[name]!();
// Connections that are kept and timers of clients do not keep it.
process.exit();
