import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { isDear, withSmallMemory } from '../../src/workers/memory.ts';

const hashesGoBack = { MALLOC_MMAP_THRESHOLD_: '1048576', GLIBC_TUNABLES: 'glibc.malloc.hugetlb=1' };

test('a server is started with bounds for its memory, and what an operator says wins', () => {
  expect(withSmallMemory({ A: 'b' }, () => 'madvise')).toEqual({
    A: 'b',
    MALLOC_ARENA_MAX: '1',
    ...hashesGoBack,
    NODE_COMPILE_CACHE: join(process.cwd(), 'node_modules/.cache/kapu'),
    NODE_OPTIONS: '--max-semi-space-size=4 --max-old-space-size=512 --v8-pool-size=1',
  });
  const own = { MALLOC_ARENA_MAX: '4', NODE_COMPILE_CACHE: '/var/cache', NODE_OPTIONS: '--max-semi-space-size=32' };
  expect(withSmallMemory(own, () => 'never')).toEqual({
    MALLOC_ARENA_MAX: '4',
    NODE_COMPILE_CACHE: '/var/cache',
    // Of two that say the same Node takes the last.
    NODE_OPTIONS: '--max-semi-space-size=4 --max-old-space-size=512 --v8-pool-size=1 --max-semi-space-size=32',
  });
});

test('memory of hashes goes back where an operator has said nothing of either part of it', () => {
  for (const own of [{ MALLOC_MMAP_THRESHOLD_: '33554432' }, { GLIBC_TUNABLES: 'glibc.malloc.check=1' }]) {
    const { MALLOC_MMAP_THRESHOLD_, GLIBC_TUNABLES } = withSmallMemory(own, () => 'always');
    expect({ MALLOC_MMAP_THRESHOLD_, GLIBC_TUNABLES }).toEqual({
      ...{ MALLOC_MMAP_THRESHOLD_: undefined, GLIBC_TUNABLES: undefined },
      ...own,
    });
  }
});

test.each([
  [hashesGoBack, 'always', false],
  [hashesGoBack, 'madvise', false],
  [hashesGoBack, 'never', true],
  [{ MALLOC_MMAP_THRESHOLD_: '1048576' }, 'always', false],
  [{ MALLOC_MMAP_THRESHOLD_: '1048576' }, 'madvise', true],
  [{ MALLOC_MMAP_THRESHOLD_: '' }, 'never', true],
  [{ MALLOC_MMAP_THRESHOLD_: '33554432' }, 'never', false],
  [{}, 'never', false],
] as const)('fresh memory for each hash, %p, where there are huge pages %s: dear %p', (env, hugePages, dear) => {
  expect(isDear(env, () => hugePages)).toBe(dear);
});

test('the image and npm run kapu start it with the same', () => {
  const { NODE_COMPILE_CACHE, ...small } = withSmallMemory({}, () => 'madvise');
  const text = (file: string) => readFileSync(new URL(`../../${file}`, import.meta.url), 'utf8');
  const set = text('Dockerfile').matchAll(/ ([A-Z_]+)=("[^"]*"|\S+)(?= |\n)/g);
  expect(Object.fromEntries([...set].map(([, name, value]) => [name, value!.replaceAll('"', '')]))).toMatchObject({
    ...small,
    NODE_COMPILE_CACHE: '/app/node_modules/.cache/kapu',
  });
  // It is not known there which C library there is.
  expect(JSON.parse(text('package.json')).scripts.kapu).toContain(
    `MALLOC_ARENA_MAX=${small.MALLOC_ARENA_MAX} NODE_COMPILE_CACHE=\${NODE_COMPILE_CACHE:-node_modules/.cache/kapu} exec node_modules/.bin/node ${small.NODE_OPTIONS} src/cli.ts`,
  );
});
