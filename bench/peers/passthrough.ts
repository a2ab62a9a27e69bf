/** The floor: relays the REST answer, byte by byte, without looking into it. */
import { createServer } from 'node:http';
import { Pool } from 'undici';
import { announce, UPSTREAM } from './serve.ts';

const pool = new Pool(UPSTREAM, { connections: 64 });

const server = createServer((request, response) => {
  const { authorization } = request.headers;
  pool.dispatch(
    {
      method: 'GET',
      path: request.url ?? '/',
      headers: { accept: 'application/json', ...(authorization !== undefined && { authorization }) },
    },
    {
      onRequestStart() {},
      onResponseStart(_controller, status, headers) {
        response.writeHead(status, {
          'content-type': String(headers['content-type']),
          'content-length': String(headers['content-length']),
        });
      },
      onResponseData(_controller, chunk) {
        response.write(chunk);
      },
      onResponseEnd() {
        response.end();
      },
      onResponseError() {
        if (!response.headersSent) response.writeHead(502);
        response.end();
      },
    },
  );
});

server.listen(0, '127.0.0.1', () => announce(server.address()));
