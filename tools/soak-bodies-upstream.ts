/**
 * The upstream of `soak-bodies.ts`, in a worker thread. A token that ends with "modest" gets a small list, any other one of
 * 30 MiB: with its length (token 0...), without (1...), or compressed (2...).
 */
import { randomBytes } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import { parentPort } from 'node:worker_threads';
import { gzipSync } from 'node:zlib';

const ROWS = 300;
const BODY_BYTES = 30 * 2 ** 20;

const uuid = (): string => randomBytes(16).toString('hex');
const words = 'a word, "quoted", and a line\n';
const description = words.repeat(Math.floor(BODY_BYTES / ROWS / JSON.stringify(words).length));
const rows = Array.from({ length: ROWS }, () => ({ uuid: uuid(), name: 'a snapshot', state: 'OK', description }));
const large = Buffer.from(JSON.stringify(rows));
const compressed = gzipSync(large);
const small = Buffer.from(JSON.stringify([{ uuid: uuid(), name: 'a small one', state: 'OK' }]));
const json = { 'content-type': 'application/json' };
const ofMany = { ...json, 'x-result-count': String(ROWS) };

createServer(({ headers: { authorization = '' } }, response) => {
  if (authorization.endsWith('modest')) {
    response.writeHead(200, { ...json, 'x-result-count': '1' }).end(small);
  } else if (authorization.startsWith('Token 0')) {
    response.writeHead(200, { ...ofMany, 'content-length': large.length }).end(large);
  } else if (authorization.startsWith('Token 1')) {
    response.writeHead(200, { ...ofMany, 'transfer-encoding': 'chunked' }).end(large);
  } else {
    response.writeHead(200, { ...ofMany, 'content-encoding': 'gzip' }).end(compressed);
  }
}).listen(0, '127.0.0.1', function (this: Server) {
  const address = this.address();
  if (typeof address === 'object') parentPort?.postMessage(address?.port);
});
