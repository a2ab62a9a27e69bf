import { createRequire } from 'node:module';

/**
 * `node:http`, for values. An `import` of it evaluates all its exports, among them Node's own WebSocket client, whose modules take 80 ms of
 * every start and are never used here.
 */
export const nodeHttp = createRequire(import.meta.url)('node:http') as typeof import('node:http');
