/**
 * `node:http`, for values. An `import` of it evaluates all its exports, among them Node's own WebSocket client, whose modules take 80 ms of
 * every start and are never used here.
 */
export const nodeHttp: typeof import('node:http') = process.getBuiltinModule('node:http');
