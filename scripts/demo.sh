#!/bin/sh
# Runs the demo, once packages are set up, so that all of it keeps within 200 MB, npm's own 60 included:
# compiled sources are kept (starts sooner, and the compiler of types is not loaded); V8's young generation is small;
# and memory of password hashes, 19 MB each, goes back to the system after each instead of being kept for the next.
# Names Node by its path: a shell that has looked up `node` before packages were there would find the machine's own.
export NODE_COMPILE_CACHE=node_modules/.cache/kapu MALLOC_ARENA_MAX=1 MALLOC_MMAP_THRESHOLD_=1048576
exec node_modules/.bin/node --max-semi-space-size=1 --optimize-for-size --v8-pool-size=1 demo/main.ts
