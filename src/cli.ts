#!/usr/bin/env node
/**
 * Where the process begins: what must be set before anything else is loaded, then the program. Nothing is imported here
 * statically but Node's own, because static imports are loaded first.
 */

import cluster from 'node:cluster';
import { enableCompileCache } from 'node:module';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';

// Kept in compiled form, sources and what is built of them start in half the time. Beside the packages, not in the shared
// temporary folder that is Node's default, where another user of the machine could lay something else.
enableCompileCache(join(import.meta.dirname, '..', 'node_modules', '.cache', 'kapu'));

// libuv reads it when its pool is first used. One thread a core is for password hashes, and four beside them for
// signing, files and names, which would otherwise wait behind the hashes.
process.env.UV_THREADPOOL_SIZE ??= String(availableParallelism() + 4);

const [{ run }, { processWorld }] = await Promise.all([import('./program.ts'), import('./commands/process.ts')]);
process.exitCode = await run(process.argv.slice(2), processWorld());
// A worker that could not start would live on by its channel to who started it.
if (process.exitCode !== 0 && cluster.isWorker) process.exit();
