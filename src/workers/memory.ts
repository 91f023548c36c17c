/**
 * How a process that serves is to be started so that its memory stays small; none of it can be set later. The image and `npm run kapu` say the
 * same (Dockerfile, package.json).
 */

/**
 * `env` with what keeps a server small, where it does not say otherwise itself.
 * - V8 lets as much young garbage lie as the machine has room for: 8 MB instead of 64 cost no time, and where caches are small save some.
 * - The less there may be of old objects, the sooner V8 looks for garbage among them. A server uses some 45 MB; the bound is ten times that, because
 *   a server that meets it ends.
 * - Each thread has a heap of glibc's of its own, and in it the 19 MB of its last password hash: one heap for all keeps as many as are computed at once.
 */
export function withSmallMemory(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return {
    MALLOC_ARENA_MAX: '1',
    ...env,
    NODE_OPTIONS: `--max-semi-space-size=8 --max-old-space-size=512 ${env.NODE_OPTIONS ?? ''}`.trimEnd(),
  };
}
