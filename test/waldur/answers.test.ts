import { describe, expect, it } from 'vitest';
import {
  CALLER,
  clientOf,
  failure,
  httpUpstream,
  jsonUpstream,
  READ,
  rawUpstream,
  UUID,
  WRITE,
} from './support/upstreams.ts';

const LIST = { page: 1, pageSize: 20 };

describe('complete responses that are not a success', () => {
  it.each([
    [401, { detail: 'Invalid token.' }, 'unauthenticated', 'UNAUTHENTICATED'],
    [403, { detail: 'You do not have permission.' }, 'forbidden', 'FORBIDDEN'],
    [400, { name: ['This field is required.'] }, 'rejected', 'BAD_USER_INPUT'],
    [400, ['Resource does not have backend ID.'], 'rejected', 'BAD_USER_INPUT'],
    [400, { detail: 'JSON parse error' }, 'rejected', 'BAD_USER_INPUT'],
    [404, { detail: 'No Snapshot matches the given query.' }, 'not-found', 'NOT_FOUND'],
    [404, { tried: [], path: 'api/x' }, 'malformed', 'UPSTREAM_ERROR'],
    [405, { detail: 'Method "POST" not allowed.' }, 'malformed', 'UPSTREAM_ERROR'],
    [406, { detail: 'Could not satisfy the request Accept header.' }, 'malformed', 'UPSTREAM_ERROR'],
    [409, { detail: 'Valid states for operation: OK.' }, 'rejected', 'BAD_USER_INPUT'],
    [415, { detail: 'Unsupported media type' }, 'malformed', 'UPSTREAM_ERROR'],
    [418, {}, 'malformed', 'UPSTREAM_ERROR'],
    [429, { detail: 'Request was throttled.' }, 'rate-limited', 'RATE_LIMITED'],
    [500, {}, 'malformed', 'UPSTREAM_ERROR'],
    [501, {}, 'malformed', 'UPSTREAM_ERROR'],
    [502, {}, 'unavailable', 'UPSTREAM_UNAVAILABLE'],
    [503, {}, 'unavailable', 'UPSTREAM_UNAVAILABLE'],
    [504, {}, 'unavailable', 'UPSTREAM_UNAVAILABLE'],
    [599, {}, 'malformed', 'UPSTREAM_ERROR'],
  ])('%i %j is %s for a write', async (status, body, kind, code) => {
    const upstream = await jsonUpstream(status, body);
    const client = clientOf(upstream.url);
    const error = await failure(client.pullSnapshot(CALLER, UUID));
    expect(error).toMatchObject({ kind, code, status, details: { upstream: { status } } });
    expect(upstream.seen).toHaveLength(1);
    expect(client.calls).toMatchObject([
      { method: 'POST', route: '/api/openstack-snapshots/{uuid}/pull/', status, kind },
    ]);
  });

  it.each([400, 404, 409, 500])('an HTML page with status %i is unusable, and none of it is shown', async (status) => {
    const upstream = await httpUpstream((response) => {
      response.writeHead(status, { 'content-type': 'text/html' }).end('<h1>canary: Traceback</h1>');
    });
    for (const { send } of [READ, WRITE]) {
      const error = await failure(send(clientOf(upstream.url)));
      expect(error).toMatchObject({ code: 'UPSTREAM_ERROR', status });
      expect(JSON.stringify([error.message, error.details, error.body])).not.toContain('canary');
    }
  });

  it('an empty 404 is not a missing object', async () => {
    const upstream = await httpUpstream((response) => response.writeHead(404).end());
    expect(await failure(clientOf(upstream.url).getSnapshot(CALLER, UUID))).toMatchObject({ code: 'UPSTREAM_ERROR' });
  });

  it('a missing object is null to a read', async () => {
    const upstream = await jsonUpstream(404, { detail: 'No Snapshot matches the given query.' });
    const client = clientOf(upstream.url);
    expect(await client.getSnapshot(CALLER, UUID)).toBeNull();
    expect(await client.getVolume(CALLER, UUID)).toBeNull();
    expect(await client.getRestorations(CALLER, UUID)).toBeNull();
  });

  it.each([
    ['30', 30],
    ['0', 1],
    ['3600', 60],
    ['99999999999999999999', 60],
    ['-5', 1],
    ['soon', 1],
    ['Wed, 21 Oct 2015 07:28:10 GMT', 10],
    ['Wed, 21 Oct 2015 07:27:00 GMT', 1],
    ['Wed, 21 Oct 2099 07:28:00 GMT', 60],
    [undefined, 1],
  ])('429 with Retry-After %s waits %i s', async (header, seconds) => {
    const retryAfter = header === undefined ? undefined : { 'retry-after': header };
    const theirTime = 'Wed, 21 Oct 2015 07:28:00 GMT';
    // A date is meant by Waldur's clock; ours counts only where Waldur does not tell its own.
    const rows = [
      { date: theirTime, wallNow: Date.now },
      { date: 'none', wallNow: () => Date.parse(theirTime) },
    ];
    for (const { date, wallNow } of rows) {
      const upstream = await jsonUpstream(429, {}, { ...retryAfter, date });
      const error = await failure(clientOf(upstream.url, { wallNow }).getSnapshot(CALLER, UUID));
      expect(error.details.retryAfterSeconds).toBe(seconds);
      expect(upstream.seen).toHaveLength(1);
    }
  });

  it("the error has the request id: the upstream's, else the gateway's", async () => {
    const named = await jsonUpstream(500, {}, { 'x-request-id': 'theirs-1' });
    const odd = await jsonUpstream(500, {}, { 'x-request-id': '<script>' });
    const context = { requestId: 'ours-1' };
    const idOf = async (url: string) =>
      (await failure(clientOf(url).getSnapshot(CALLER, UUID, {}, context))).details.upstream?.requestId;
    expect([await idOf(named.url), await idOf(odd.url)]).toEqual(['theirs-1', 'ours-1']);
  });
});

describe('successes that cannot be used', () => {
  it.each([
    ['HTML', '<!doctype html><p>canary</p>'],
    ['broken JSON', '[{"uuid": "canary"'],
    ['nothing', ''],
    ['an object for a list', '{"canary": 1}'],
    ['null', 'null'],
    ['a number', '5'],
  ])('%s', async (_, body) => {
    const upstream = await httpUpstream((response) => response.writeHead(200).end(body));
    const error = await failure(clientOf(upstream.url).listSnapshots(CALLER, LIST));
    expect(error).toMatchObject({ kind: 'malformed', code: 'UPSTREAM_ERROR', status: 200 });
    expect(error.message).not.toContain('canary');
    expect(upstream.seen).toHaveLength(1);
  });

  it('a list for an object, and an HTML page for an acceptance', async () => {
    const list = clientOf((await jsonUpstream(200, [])).url);
    expect(await failure(list.getSnapshot(CALLER, UUID))).toMatchObject({ code: 'UPSTREAM_ERROR' });
    expect(await failure(list.me(CALLER))).toMatchObject({ code: 'UPSTREAM_ERROR' });
    expect(await failure(list.pullSnapshot(CALLER, UUID))).toMatchObject({ code: 'UPSTREAM_ERROR' });
    const html = await httpUpstream((response) => response.writeHead(200).end('<p>sign in</p>'));
    expect(await failure(clientOf(html.url).deleteSnapshot(CALLER, UUID))).toMatchObject({ code: 'UPSTREAM_ERROR' });
  });

  it('a row that is not an object affects only that row', async () => {
    const upstream = await jsonUpstream(200, [{ uuid: UUID }, null, 'x', [], { uuid: UUID, size: 'big' }], {
      'x-result-count': '5',
    });
    const { rows, total } = await clientOf(upstream.url).listSnapshots(CALLER, LIST);
    expect(total).toBe(5);
    expect(rows.map((row) => row instanceof Error)).toEqual([false, true, true, true, false]);
    // A wrong type in a column is for the reader of that column.
    expect(rows[4]).toEqual({ uuid: UUID, size: 'big' });
  });

  it('something that is not HTTP', async () => {
    const upstream = await rawUpstream((socket) => socket.end('SSH-2.0-OpenSSH_9.6\r\n\r\n'));
    expect(await failure(clientOf(upstream.url).getSnapshot(CALLER, UUID))).toMatchObject({ code: 'UPSTREAM_ERROR' });
    expect(upstream.seen).toHaveLength(1);
  });

  it('endless headers', async () => {
    const upstream = await rawUpstream((socket) => {
      socket.write(`HTTP/1.1 200 OK\r\nX-Long: ${'x'.repeat(200_000)}\r\n\r\n`);
    });
    expect(await failure(clientOf(upstream.url).getSnapshot(CALLER, UUID))).toMatchObject({ code: 'UPSTREAM_ERROR' });
  });
});

describe('what is read from successful responses', () => {
  it('informational responses before the final one are ignored', async () => {
    const upstream = await rawUpstream((socket) => {
      socket.write('HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n');
      socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}');
    });
    expect(await clientOf(upstream.url).getSnapshot(CALLER, UUID)).toEqual({});
  });

  it('a body that ends with the connection is complete', async () => {
    const upstream = await rawUpstream((socket) => socket.end('HTTP/1.0 200 OK\r\n\r\n{"name": "a"}'));
    expect(await clientOf(upstream.url).getSnapshot(CALLER, UUID)).toEqual({ name: 'a' });
  });

  it('states are returned in the newer spelling; unknown ones are unchanged', async () => {
    const row = {
      state: 'Update Scheduled',
      service_settings_state: 'Erred',
      marketplace_resource_state: 'Creating',
      restorations: [{ volume_state: 'Creation Scheduled' }, { volume_state: 'OK' }, 7],
    };
    const upstream = await jsonUpstream(200, [row, { state: 'Paused' }, { state: 4 }, { state: 'DELETING' }]);
    const { rows } = await clientOf(upstream.url).listSnapshots(CALLER, LIST);
    expect(rows).toEqual([
      {
        state: 'UPDATE_SCHEDULED',
        service_settings_state: 'ERRED',
        marketplace_resource_state: 'Creating',
        restorations: [{ volume_state: 'CREATION_SCHEDULED' }, { volume_state: 'OK' }, 7],
      },
      { state: 'Paused' },
      { state: 4 },
      { state: 'DELETING' },
    ]);
  });

  it('a `__proto__` key is data', async () => {
    const upstream = await httpUpstream((response) => {
      response
        .writeHead(200)
        .end('{"__proto__": {"polluted": true}, "constructor": {"prototype": {"polluted": true}}}');
    });
    const row = await clientOf(upstream.url).getSnapshot(CALLER, UUID);
    expect(Object.getPrototypeOf(row)).toBe(Object.prototype);
    expect(Object.hasOwn(Object.prototype, 'polluted')).toBe(false);
  });

  it('the API token is neither requested nor stored', async () => {
    const me = { uuid: UUID, username: 'alice', token: 'canary', is_staff: true, permissions: [] };
    const upstream = await jsonUpstream(200, me);
    expect(await clientOf(upstream.url).me(CALLER)).toEqual({
      uuid: UUID,
      username: 'alice',
      is_staff: true,
      permissions: [],
    });
    const { searchParams, pathname } = new URL(upstream.seen[0]?.url ?? '', upstream.url);
    expect(pathname).toBe('/api/users/me/');
    expect(searchParams.getAll('field')).not.toContain('token');
    expect(searchParams.getAll('field')).toContain('is_staff');
  });
});
