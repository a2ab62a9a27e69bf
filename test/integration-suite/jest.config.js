/** The sources of the gateway run as they are, as ES modules. */
export default {
  testEnvironment: 'node',
  testMatch: ['<rootDir>/suite.js'],
  extensionsToTreatAsEsm: ['.ts'],
  transform: { '\\.ts$': './strip-types.cjs' },
};
