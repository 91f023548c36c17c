/** Everything that needs no server and no browser: `npm run test:quick`. test/architecture.test.ts keeps the list complete. */
import all from './jest.config.js';

export const needServers = [
  '/test/e2e/',
  '/test/faults/',
  '/redis[^/]*\\.test\\.ts$',
  '/postgres[^/]*\\.test\\.ts$',
  '/agreement\\.test\\.ts$',
];

export default { ...all, testPathIgnorePatterns: ['/node_modules/', ...needServers] };
