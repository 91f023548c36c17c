/**
 * Imported before everything else: libuv reads UV_THREADPOOL_SIZE when its pool is first used. One thread a core is for
 * password hashes, and four beside them for signing, files and names, which would otherwise wait behind the hashes.
 */

import { availableParallelism } from 'node:os';

process.env.UV_THREADPOOL_SIZE ??= String(availableParallelism() + 4);
