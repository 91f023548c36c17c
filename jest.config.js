/** Sources run as they are: Node strips the types, and nothing is transformed. */
export default {
  testEnvironment: 'node',
  extensionsToTreatAsEsm: ['.ts'],
  transform: {},
  coverageProvider: 'v8',
  testMatch: ['<rootDir>/test/**/*.test.ts'],
  // Loses masters on purpose and needs a machine to itself: `npm run test:failover`.
  testPathIgnorePatterns: ['/node_modules/', ...(process.env.KAPU_FAILOVER ? [] : ['/test/faults/redis-failover'])],
  // Ten times what a test takes: a busy machine is no failure.
  testTimeout: 60_000,
  // Tests wait for servers and browsers more than they compute; many at once would only disturb what is timed.
  maxWorkers: 2,
};
