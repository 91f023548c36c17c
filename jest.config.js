/** Sources run as they are: Node strips the types, and nothing is transformed. */
export default {
  testEnvironment: 'node',
  extensionsToTreatAsEsm: ['.ts'],
  transform: {},
  coverageProvider: 'v8',
  testMatch: ['<rootDir>/test/**/*.test.ts'],
  // Ten times what a test takes: a busy machine is no failure.
  testTimeout: 60_000,
  // Tests wait for servers and browsers more than they compute; many at once would only disturb what is timed.
  maxWorkers: 2,
};
