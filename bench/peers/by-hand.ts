/** A bound: parses the REST answer, makes each object of the answer by one function, and prints it. No GraphQL, no checks, no errors. */
import { createServer } from 'node:http';
import { Pool } from 'undici';
import { SHAPES } from '../queries/works.ts';
import type { SnapshotRow } from '../queries/world.ts';
import { announce, UPSTREAM } from './serve.ts';

type ShapeName = keyof typeof SHAPES;

const isShape = (name: unknown): name is ShapeName => typeof name === 'string' && Object.hasOwn(SHAPES, name);

const pool = new Pool(UPSTREAM, { connections: 64 });

async function answer(path: string, authorization: string | undefined, shape: ShapeName): Promise<string> {
  const { body } = await pool.request({
    method: 'GET',
    path,
    headers: { accept: 'application/json', ...(authorization !== undefined && { authorization }) },
  });
  const read = await body.json();
  const data = Array.isArray(read)
    ? { snapshots: { nodes: (read as SnapshotRow[]).map(SHAPES[shape]) } }
    : { snapshot: SHAPES[shape](read as SnapshotRow) };
  return JSON.stringify({ data });
}

const server = createServer((request, response) => {
  const shape = request.headers['x-shape'];
  if (!isShape(shape)) {
    response.writeHead(400).end();
    return;
  }
  answer(request.url ?? '/', request.headers.authorization, shape).then(
    (text) => {
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) });
      response.end(text);
    },
    () => response.writeHead(502).end(),
  );
});

server.listen(0, '127.0.0.1', () => announce(server.address()));
