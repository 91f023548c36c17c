/** Sources run as they are: Node strips the types, and nothing is transformed. */

const failover = '/test/faults/redis-failover';

/** Every test once. */
export const once = {
  testEnvironment: 'node',
  extensionsToTreatAsEsm: ['.ts'],
  transform: {},
  testMatch: ['<rootDir>/test/**/*.test.ts'],
  // Loses masters on purpose and needs a machine to itself, `npm run test:failover`: beside other tests a busy master seems
  // lost as well, and how long anybody waits says more of the machine than of Kapu.
  testPathIgnorePatterns: ['/node_modules/', ...(process.env.KAPU_FAILOVER ? [] : [failover])],
};

/** And test/flow a second time, with the state of every server in a real Redis Cluster. */
export const overCluster = {
  ...once,
  displayName: 'over a cluster',
  testMatch: ['<rootDir>/test/flow/**/*.test.ts'],
  globals: { kapuStateInCluster: true },
  globalSetup: '<rootDir>/test/support/cluster-for-flow.ts',
  globalTeardown: '<rootDir>/test/support/cluster-for-flow-end.ts',
};

/** What holds for the whole run. */
export const run = {
  coverageProvider: 'v8',
  // Ten times what a test takes: a busy machine is no failure.
  testTimeout: 60_000,
  // Tests wait for servers and browsers more than they compute; many at once would only disturb what is timed.
  maxWorkers: 2,
  // Modules of test files that are over are kept. With some gigabytes of them a collection of garbage stops everything for longer than servers wait
  // for their stores.
  workerIdleMemoryLimit: '1GB',
  // Sums up what was searched for secrets, and fails a run in which a server was not.
  reporters: ['default', '<rootDir>/test/support/scan-reporter.ts'],
};

export default { ...run, projects: [once, overCluster] };
