/**
 * How a process that serves is to be started so that its memory stays small; none of it can be set later. The image says the same (Dockerfile), and
 * `npm run kapu` what of it does not depend on the machine (package.json).
 */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Which huge pages a process gets: wherever they fit, where it asks for them, or none. */
export type HugePages = 'always' | 'madvise' | 'never';

/**
 * `env` with what keeps a server small, where it does not say otherwise itself.
 * - V8 lets as much young garbage lie as the machine has room for: 4 MB instead of 64 cost no time, and where caches are small save some.
 * - The less there may be of old objects, the sooner V8 looks for garbage among them. A server uses some 45 MB; the bound is ten times that, because
 *   a server that meets it ends.
 * - V8 has four threads beside the one that serves, to collect garbage and to compile. Where a server has a core or two they keep it from serving:
 *   with one of them the slowest of a hundred refreshes beside a crowd that signs in takes half as long.
 * - Each thread has a heap of glibc's of its own, which keeps what it had once: one heap for all keeps less.
 * - The 19 MB of a password hash go back to the system after each. Fresh memory is dear in small pages, which takes half as long again, and costs
 *   nothing to speak of in huge ones; so only where there are some, and both together.
 * - Sources are kept in compiled form (cli.ts) from the first one on: or the compiler of types is loaded for that one, and stays.
 */
export function withSmallMemory(env: NodeJS.ProcessEnv, hugePages: () => HugePages = hugePagesHere): NodeJS.ProcessEnv {
  const isOpen = env.MALLOC_MMAP_THRESHOLD_ === undefined && env.GLIBC_TUNABLES === undefined;
  return {
    MALLOC_ARENA_MAX: '1',
    ...(isOpen &&
      hugePages() !== 'never' && { MALLOC_MMAP_THRESHOLD_: '1048576', GLIBC_TUNABLES: 'glibc.malloc.hugetlb=1' }),
    NODE_COMPILE_CACHE: join(import.meta.dirname, '..', '..', 'node_modules', '.cache', 'kapu'),
    ...env,
    NODE_OPTIONS:
      `--max-semi-space-size=4 --max-old-space-size=512 --v8-pool-size=1 ${env.NODE_OPTIONS ?? ''}`.trimEnd(),
  };
}

/** Bytes of one password hash, as the settings have it unless they say otherwise. */
const ofHash = 19_456 * 1024;

/** Whether a process that is started with `env` pays for its small memory with time, at each password hash: what is fresh comes in small pages. */
export function isDear(env: NodeJS.ProcessEnv, hugePages: () => HugePages = hugePagesHere): boolean {
  if (env.MALLOC_MMAP_THRESHOLD_ === undefined || Number(env.MALLOC_MMAP_THRESHOLD_) > ofHash) return false;
  const given = hugePages();
  return given === 'never' || (given === 'madvise' && !env.GLIBC_TUNABLES?.includes('glibc.malloc.hugetlb=1'));
}

/** Which there are for what glibc gives out. */
function hugePagesHere(): HugePages {
  try {
    const file = '/sys/kernel/mm/transparent_hugepage/enabled';
    const [, given = 'never'] = /\[(always|madvise)\]/.exec(readFileSync(file, 'utf8')) ?? [];
    return given === 'madvise' && !asksForThem() ? 'never' : (given as HugePages);
  } catch {
    return 'never';
  }
}

/** Whether this process's glibc can ask for huge pages: from 2.35 on (The GNU C Library, Memory Allocation Tunables). */
function asksForThem(): boolean {
  // Or it asks for the names of all that is connected.
  Object.assign(process.report, { excludeNetwork: true });
  const { header } = process.report.getReport() as { header: { glibcVersionRuntime?: string } };
  const [major = 0, minor = 0] = (header.glibcVersionRuntime ?? '').split('.').map(Number);
  return major > 2 || (major === 2 && minor >= 35);
}
