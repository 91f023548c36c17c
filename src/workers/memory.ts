/**
 * How a process that serves is to be started so that its memory stays small; none of it can be set later. The image and `npm run kapu` say the
 * same (Dockerfile, package.json).
 */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * `env` with what keeps a server small, where it does not say otherwise itself.
 * - V8 lets as much young garbage lie as the machine has room for: 4 MB instead of 64 cost no time, and where caches are small save some.
 * - The less there may be of old objects, the sooner V8 looks for garbage among them. A server uses some 45 MB; the bound is ten times that, because
 *   a server that meets it ends.
 * - Each thread has a heap of glibc's of its own, which keeps what it had once: one heap for all keeps less.
 * - The 19 MB of a password hash go back to the system after each. Fresh memory is dear in small pages, which takes half as long again, and costs
 *   nothing to speak of in huge ones; so only where there are some (glibc 2.35, The Memory Allocation Tunables).
 * - Sources are kept in compiled form (cli.ts) from the first one on: or the compiler of types is loaded for that one, and stays.
 */
export function withSmallMemory(env: NodeJS.ProcessEnv, { hugePages = hasHugePages() } = {}): NodeJS.ProcessEnv {
  return {
    MALLOC_ARENA_MAX: '1',
    ...(hugePages && { MALLOC_MMAP_THRESHOLD_: '1048576', GLIBC_TUNABLES: 'glibc.malloc.hugetlb=1' }),
    NODE_COMPILE_CACHE: join(import.meta.dirname, '..', '..', 'node_modules', '.cache', 'kapu'),
    ...env,
    NODE_OPTIONS: `--max-semi-space-size=4 --max-old-space-size=512 ${env.NODE_OPTIONS ?? ''}`.trimEnd(),
  };
}

/** Whether a process that is started with `env` pays for its small memory with time, at each password hash, because there are no huge pages. */
export function isDear(env: NodeJS.ProcessEnv, hugePages = hasHugePages): boolean {
  return env.MALLOC_MMAP_THRESHOLD_ !== undefined && !hugePages();
}

/** Whether the system gives huge pages, and this process's C library knows how to ask for them. */
function hasHugePages(): boolean {
  const { glibcVersionRuntime = '0' } = (process.report.getReport() as { header: { glibcVersionRuntime?: string } })
    .header;
  const [major = 0, minor = 0] = glibcVersionRuntime.split('.').map(Number);
  try {
    const given = readFileSync('/sys/kernel/mm/transparent_hugepage/enabled', 'utf8');
    return !given.includes('[never]') && (major > 2 || (major === 2 && minor >= 35));
  } catch {
    return false;
  }
}
