/**
 * One place for the toolchain's quirks.
 * NestJS 12 ships ES modules only and Jest cannot `require()` those on Node 20, so SWC turns `@nestjs`
 * into CommonJS on the way in; everything else in node_modules is left alone.
 */
const shared = {
  rootDir: __dirname,
  testEnvironment: 'node',
  moduleNameMapper: {
    '^#([a-z-]+)$': '<rootDir>/libs/$1',
    '^#connector-sdk/testkit$': '<rootDir>/libs/connector-sdk/testkit',
  },
  modulePathIgnorePatterns: ['<rootDir>/dist/', '<rootDir>/.millrace/'],
  transform: {
    '^.+\\.[cm]?[jt]s$': [
      '@swc/jest',
      {
        jsc: {
          parser: { syntax: 'typescript', decorators: true },
          transform: { legacyDecorator: true, decoratorMetadata: true },
          target: 'es2022',
        },
        module: { type: 'commonjs' },
      },
    ],
  },
  transformIgnorePatterns: ['/node_modules/(?!@nestjs/)'],
};

/** A test tier is a folder; a unit spec lies beside the file that it is about. */
const tier = (name, testMatch, servers = {}) => ({ ...shared, ...servers, displayName: name, testMatch });

/** One Kafka, registry and PostgreSQL for all suites of a run; each suite has its own topics and databases. */
const withServers = {
  globalSetup: '<rootDir>/test/support/global-setup.ts',
  globalTeardown: '<rootDir>/test/support/global-teardown.ts',
};

module.exports = {
  projects: [
    tier('unit', ['<rootDir>/{libs,apps,schemas}/**/*.spec.ts', '<rootDir>/test/conformance/**/*.spec.ts']),
    tier('integration', ['<rootDir>/test/integration/**/*.spec.ts'], withServers),
    tier('e2e', ['<rootDir>/test/e2e/**/*.spec.ts'], withServers),
    tier('chaos', ['<rootDir>/test/chaos/**/*.spec.ts'], withServers),
  ],
};
