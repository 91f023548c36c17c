import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { withSmallMemory } from '../../src/workers/memory.ts';

test('a server is started with bounds for its memory, and what an operator says wins', () => {
  expect(withSmallMemory({ A: 'b' })).toEqual({
    A: 'b',
    MALLOC_ARENA_MAX: '1',
    NODE_OPTIONS: '--max-semi-space-size=8 --max-old-space-size=512',
  });
  const own = { MALLOC_ARENA_MAX: '4', NODE_OPTIONS: '--max-semi-space-size=32' };
  expect(withSmallMemory(own)).toEqual({
    MALLOC_ARENA_MAX: '4',
    // Of two that say the same Node takes the last.
    NODE_OPTIONS: '--max-semi-space-size=8 --max-old-space-size=512 --max-semi-space-size=32',
  });
});

test('the image and npm run kapu start it with the same', () => {
  const { MALLOC_ARENA_MAX, NODE_OPTIONS } = withSmallMemory({});
  const text = (file: string) => readFileSync(new URL(`../../${file}`, import.meta.url), 'utf8');
  expect(text('Dockerfile')).toContain(`ENV MALLOC_ARENA_MAX=${MALLOC_ARENA_MAX} NODE_OPTIONS="${NODE_OPTIONS}"\n`);
  expect(JSON.parse(text('package.json')).scripts.kapu).toContain(
    `MALLOC_ARENA_MAX=${MALLOC_ARENA_MAX} exec node_modules/.bin/node ${NODE_OPTIONS} src/cli.ts`,
  );
});
