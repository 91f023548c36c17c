/**
 * How a process that serves is to be started so that its memory stays small; none of it can be set later. The image and `npm run kapu` say the
 * same (Dockerfile, package.json).
 */

/**
 * `env` with what keeps a server small, where it does not say otherwise itself. V8 takes for garbage that is still young what the machine
 * has: 8 MB instead of 64 cost no time, and on machines with small caches save some. And each thread of glibc has a heap of its own, which
 * keeps the 19 MB of its last password hash: one heap for all keeps as many as are computed at once.
 */
export function withSmallMemory(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return {
    MALLOC_ARENA_MAX: '1',
    ...env,
    NODE_OPTIONS: `--max-semi-space-size=8 ${env.NODE_OPTIONS ?? ''}`.trimEnd(),
  };
}
