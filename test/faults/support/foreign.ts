import { once } from 'node:events';
import { createServer } from 'node:http';
import { afterAll, beforeAll, beforeEach } from 'vitest';

/** A host that the gateway has no business with. */
export interface ForeignHost {
  /** `http://127.0.0.1:PORT`, without a slash at the end. */
  readonly url: string;
  /** Connections so far in this test: even one without a request says that it was called. */
  readonly connections: number;
}

/** One for a test file; it answers whatever it is asked with an empty list. */
export function useForeignHost(): () => ForeignHost {
  let connections = 0;
  const server = createServer((_request, response) => {
    response.setHeader('content-type', 'application/json').end('[]');
  }).on('connection', () => {
    connections += 1;
  });
  beforeAll(async () => {
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
  });
  beforeEach(() => {
    connections = 0;
  });
  afterAll(() => {
    server.close();
    server.closeAllConnections();
  });
  return () => {
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('the foreign host does not listen');
    return { url: `http://127.0.0.1:${address.port}`, connections };
  };
}
