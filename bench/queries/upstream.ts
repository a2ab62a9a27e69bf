import { createServer, type Socket } from 'node:net';
import { makeWorld, type RowSet } from './world.ts';

/**
 * The upstream of every server under test: a stand-in that must never be what limits them, so it is bare sockets and answers that
 * are made once for each distinct path. It knows GET, `field`, `page`, `page_size`, the filters that name a parent, and nothing more.
 *
 * Messages from its parent: `{ latencyMs }` sets how late it answers, `{ rows }` which rows it sends; any message is
 * answered with the calls received so far.
 */
type Row = Readonly<Record<string, unknown>>;

interface Collection {
  readonly rows: readonly Row[];
  readonly byUuid: ReadonlyMap<string, Row>;
  /** Rows that a filter keeps: by the name of the parameter. Others are ignored. */
  readonly filters: Readonly<Record<string, (row: Row, value: string) => boolean>>;
}

const collection = (rows: readonly Row[], filters: Collection['filters']): Collection => ({
  rows,
  byUuid: new Map(rows.map((row) => [String(row.uuid), row])),
  filters: {
    ...filters,
    project_uuid: (row, value) => row.project_uuid === value,
    customer_uuid: (row, value) => row.customer_uuid === value,
  },
});

/** Everything it serves, with one set of rows. */
class Served {
  readonly me: Row;
  readonly collections: Readonly<Record<string, Collection>>;
  /** Made once for each distinct path. */
  readonly answers = new Map<string, Buffer>();

  constructor(rows: RowSet) {
    const { snapshots, volumes, me } = makeWorld(rows);
    this.me = me as Row;
    this.collections = {
      'openstack-snapshots': collection(snapshots as unknown as Row[], {
        source_volume_uuid: (row, value) => String(row.source_volume).endsWith(`/${value}/`),
      }),
      'openstack-volumes': collection(volumes as unknown as Row[], {
        tenant_uuid: (row, value) => row.tenant_uuid === value,
        snapshot_uuid: (row, value) => String(row.source_snapshot).endsWith(`/${value}/`),
      }),
    };
  }
}

const SERVED: Readonly<Record<RowSet, Served>> = {
  2024: new Served('2024'),
  2026: new Served('2026'),
  '2026-ascii': new Served('2026-ascii'),
};
let served = SERVED['2026'];

const MAX_PAGE_SIZE = 300;
const DEFAULT_PAGE_SIZE = 10;

function compose(status: string, body: unknown, headers = ''): Buffer {
  const text = JSON.stringify(body);
  return Buffer.from(
    `HTTP/1.1 ${status}\r\nContent-Type: application/json\r\nAllow: GET, HEAD, OPTIONS\r\nVary: Accept, Accept-Language, Cookie\r\n` +
      `${headers}Content-Length: ${Buffer.byteLength(text)}\r\n\r\n${text}`,
  );
}

const NOT_FOUND = compose('404 Not Found', { detail: 'Not found.' });

function sparse(row: Row, fields: readonly string[]): Row {
  const kept = Object.entries(row).filter(([name]) => fields.includes(name));
  return kept.length === 0 ? row : Object.fromEntries(kept);
}

function list({ rows, filters }: Collection, url: URL): Buffer {
  const fields = url.searchParams.getAll('field');
  const conditions = [...url.searchParams].flatMap(([name, value]) => {
    const holds = filters[name];
    return holds === undefined ? [] : [(row: Row) => holds(row, value)];
  });
  const kept = rows.filter((row) => conditions.every((holds) => holds(row)));
  const size = Math.min(MAX_PAGE_SIZE, Number(url.searchParams.get('page_size') ?? DEFAULT_PAGE_SIZE));
  const page = Number(url.searchParams.get('page') ?? 1);
  const pages = Math.max(1, Math.ceil(kept.length / size));
  if (page > pages) return compose('404 Not Found', { detail: 'Invalid page.' });
  const link = (rel: string, number: number): string => {
    url.searchParams.set('page', String(number));
    return `<${url.href}>; rel="${rel}"`;
  };
  const links = [link('first', 1)];
  if (page > 1) links.push(link('prev', page - 1));
  if (page < pages) links.push(link('next', page + 1));
  links.push(link('last', pages));
  const body = kept.slice((page - 1) * size, page * size).map((row) => sparse(row, fields));
  return compose('200 OK', body, `X-Result-Count: ${kept.length}\r\nLink: ${links.join(', ')}\r\n`);
}

function answerTo(target: string): Buffer {
  const url = new URL(target, 'http://waldur.example.org');
  const fields = url.searchParams.getAll('field');
  if (url.pathname === '/api/users/me/') return compose('200 OK', sparse(served.me, fields));
  const [, name = '', uuid] = /^\/api\/([a-z-]+)\/(?:([0-9a-f]{32})\/)?$/.exec(url.pathname) ?? [];
  const found = served.collections[name];
  if (found === undefined) return NOT_FOUND;
  if (uuid === undefined) return list(found, url);
  const row = found.byUuid.get(uuid);
  return row ? compose('200 OK', sparse(row, fields)) : NOT_FOUND;
}

let calls = 0;
let latencyMs = 0;

function serve(socket: Socket, target: string): void {
  calls += 1;
  const answer = served.answers.get(target) ?? answerTo(target);
  served.answers.set(target, answer);
  if (latencyMs === 0) socket.write(answer);
  else setTimeout(() => socket.write(answer), latencyMs);
}

const server = createServer({ noDelay: true }, (socket) => {
  let before = '';
  socket.on('data', (chunk) => {
    let head = before + chunk.toString('latin1');
    for (let end = head.indexOf('\r\n\r\n'); end >= 0; end = head.indexOf('\r\n\r\n')) {
      serve(socket, head.slice(head.indexOf(' ') + 1, head.indexOf(' HTTP/1.1')));
      head = head.slice(end + 4);
    }
    before = head;
  });
  socket.on('error', () => socket.destroy());
});

process.on('message', (message: { latencyMs?: number; rows?: RowSet }) => {
  if (message.rows !== undefined) served = SERVED[message.rows];
  latencyMs = message.latencyMs ?? latencyMs;
  process.send?.(calls);
});
process.on('disconnect', () => process.exit());
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  if (address !== null && typeof address !== 'string') console.log(`http://127.0.0.1:${address.port}`);
});
