/** Dockerfile and compose.yaml say the same as the settings and the packages. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { loadSettings } from '../../config/load.ts';
import { methodFacts } from '../../interactions/methods.ts';

const root = join(import.meta.dirname, '..', '..');
const text = (file: string) => readFileSync(join(root, file), 'utf8');
const compose = text('compose.yaml');

test('compose.yaml gives Kapu settings that it takes', async () => {
  const variables = [...compose.matchAll(/^ {4}(KAPU_\w+): (\S+)$/gm)].map(([, name, value]) => [name, value]);
  expect(variables.length).toBeGreaterThan(5);
  const settings = await loadSettings({
    env: Object.fromEntries(variables),
    methods: methodFacts.map(({ name }) => name),
    readFile: async (path) => {
      if (path === '/etc/kapu/settings.json') return text('compose.settings.json');
      expect(path).toMatch(/^data\/secrets\//);
      return `${path.endsWith('peppers') ? 'a:' : ''}${'x'.repeat(44)}\n`;
    },
  });
  expect(settings).toMatchObject({
    state: { kind: 'redis' },
    records: { kind: 'postgres' },
    keysFile: 'data/keys.json',
  });
  expect([settings.listen.port, settings.operations.port]).toEqual([3000, 3003]);
  expect(compose).toContain('"127.0.0.1:3000:3000", "127.0.0.1:3003:3003"');
  expect(compose).toContain('--file data/keys.json');
  const seconds = Number(/stop_grace_period: (\d+)s/.exec(compose)?.[1]);
  expect(seconds).toBeGreaterThan(settings.shutdownPatience);
});

test('every secret that compose.yaml reads it makes', () => {
  const read = [...compose.matchAll(/_FILE: data\/secrets\/(\S+)$/gm)].map(([, name]) => name);
  const made = [...compose.matchAll(/^ +secret (\S+) '/gm)].map(([, name]) => name);
  expect(made).toEqual(read);
});

test('the image runs the Node that is tested, at an exact version', () => {
  const { devDependencies } = JSON.parse(text('package.json'));
  expect(text('Dockerfile')).toContain(`ARG NODE=node:${devDependencies.node}-slim\n`);
});
