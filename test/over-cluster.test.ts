/** The second run of test/flow leaves nothing out: every file of it starts its servers by startKapu, which puts their state in the cluster. */

import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';

const root = join(import.meta.dirname, '..');
const files = globSync('test/flow/**/*.test.ts', { cwd: root });

test('every file of test/flow keeps its state where startKapu says', () => {
  expect(files.length).toBeGreaterThan(20);
  const elsewhere = files.filter((file) => {
    const text = readFileSync(join(root, file), 'utf8');
    return !text.includes('startKapu(') || /\b(compose|createMemoryState|createRedisState|openState)\(/.test(text);
  });
  expect(elsewhere).toEqual([]);
});

test('no clock of test/flow moves without the state', () => {
  const own = files.filter((file) => /\bnow(:|,| \})/.test(readFileSync(join(root, file), 'utf8')));
  // An operator who issues codes by the same clock, one whose clock is wrong, and a service of the demo that is given the clock's time.
  const known = ['test/flow/activate.test.ts', 'test/flow/ended.test.ts', 'test/flow/step-up-challenge.test.ts'];
  expect(own).toEqual(known);
});

test('the second run takes every file of test/flow', async () => {
  const { default: config } = await import(join(root, 'jest.config.js'));
  const [, second] = config.projects;
  expect(second).toMatchObject({
    testMatch: ['<rootDir>/test/flow/**/*.test.ts'],
    testPathIgnorePatterns: config.projects[0].testPathIgnorePatterns,
    globals: { kapuStateInCluster: true },
  });
});
