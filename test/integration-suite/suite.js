import { defineIntegrationTestSuite } from '@apollo/server-integration-testsuite';
import { createServer } from './adapter.js';

// Answers in parts are not offered by the gateway.
defineIntegrationTestSuite(createServer, { noIncrementalDelivery: true });
