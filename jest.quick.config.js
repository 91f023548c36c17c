/**
 * Everything that needs no server and no browser: `npm run test:quick`. A test needs one when it imports, by whatever
 * way, the file of test/support that starts one; nobody has to keep a list.
 */
import { globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { once, run } from './jest.config.js';

const servers = ['redis', 'postgres', 'browser'].map((name) => join('test', 'support', `${name}.ts`));
const files = globSync('test/**/*.ts', { cwd: import.meta.dirname });

function importsOf(file) {
  const text = readFileSync(join(import.meta.dirname, file), 'utf8');
  return [...text.matchAll(/\bfrom '(\.[^']+)'/g)].map(([, name]) => join(dirname(file), name));
}

function needsServer(file, seen = new Set()) {
  if (servers.includes(file)) return true;
  if (seen.has(file) || !files.includes(file)) return false;
  seen.add(file);
  return importsOf(file).some((name) => needsServer(name, seen));
}

const left = files.filter((file) => file.endsWith('.test.ts') && needsServer(file));

export default {
  ...run,
  ...once,
  testPathIgnorePatterns: [...once.testPathIgnorePatterns, ...left.map((file) => `/${file}$`)],
};
