import { brotliCompressSync, constants, deflateRawSync, deflateSync, gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { UpstreamCaller } from '../../src/waldur/types.ts';
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

const MIB = 1_048_576;

describe('redirects', () => {
  it.each([300, 301, 302, 303, 304, 307, 308])('%i is not followed, and no credentials are sent', async (status) => {
    const elsewhere = await jsonUpstream(200, {});
    const upstream = await httpUpstream((response) => {
      response.writeHead(status, { location: `${elsewhere.url}/api/openstack-snapshots/${UUID}/` }).end();
    });
    for (const { send } of [READ, WRITE]) {
      const error = await failure(send(clientOf(upstream.url)));
      expect(error).toMatchObject({ code: 'UPSTREAM_ERROR', status });
      expect(error.message).toContain('redirect');
    }
    expect(upstream.seen).toHaveLength(2);
    expect(elsewhere.seen).toHaveLength(0);
  });
});

describe('URLs in responses', () => {
  it('are never requested, from Link or from a row', async () => {
    const foreign = await jsonUpstream(200, []);
    const link = `<${foreign.url}/?page=2>; rel="next", <${foreign.url}/?page=9>; rel="last"`;
    const row = { uuid: UUID, source_volume: `${foreign.url}/api/openstack-volumes/${UUID}/` };
    const upstream = await jsonUpstream(200, [row], { link, 'x-result-count': '2' });
    const client = clientOf(upstream.url);
    for (const page of [1, 2]) await client.listSnapshots(CALLER, { page, pageSize: 1 });
    expect(foreign.seen).toHaveLength(0);
    expect(upstream.seen.map(({ url }) => url)).toEqual([
      '/api/openstack-snapshots/?page_size=1',
      '/api/openstack-snapshots/?page=2&page_size=1',
    ]);
  });
});

describe('headers', () => {
  const FULL = {
    authorization: 'Token 0123456789',
    'x-impersonated-user-uuid': UUID,
    'x-forwarded-for': '192.0.2.1',
    'accept-language': 'et',
  };
  const ALLOWED = [
    ...Object.keys(FULL),
    'accept',
    'x-request-id',
    'content-type',
    'host',
    'connection',
    'content-length',
  ];

  it("sends the four of the caller, the request id, and the gateway's own", async () => {
    const upstream = await jsonUpstream(200, {});
    const caller: UpstreamCaller = { key: 'k', headers: FULL };
    await clientOf(upstream.url).updateSnapshot(caller, UUID, { name: 'a' }, { requestId: 'r-1' });
    expect(upstream.seen[0]?.headers).toEqual({
      ...FULL,
      accept: 'application/json',
      'x-request-id': 'r-1',
      'content-type': 'application/json',
      host: new URL(upstream.url).host,
      connection: 'keep-alive',
      'content-length': '12',
    });
  });

  it("sends no others, whatever the caller's headers contain", async () => {
    const upstream = await jsonUpstream(200, {});
    const client = clientOf(upstream.url);
    const name = fc.stringMatching(/^[a-z][a-z-]{0,20}$/).filter((text) => !ALLOWED.includes(text));
    await fc.assert(
      fc.asyncProperty(fc.dictionary(name, fc.stringMatching(/^[ -~]{0,20}$/)), async (extra) => {
        const headers = { cookie: 'a=b', host: 'evil.example', 'x-anything': '1', ...extra, ...FULL };
        await client.getSnapshot({ key: 'k', headers }, UUID);
        const seen = upstream.seen.at(-1)?.headers ?? {};
        expect(Object.keys(seen).filter((header) => !ALLOWED.includes(header))).toEqual([]);
        expect(seen.host).toBe(new URL(upstream.url).host);
      }),
      { numRuns: 30 },
    );
  });

  it('an invalid header is refused without quoting its value, and nothing is sent', async () => {
    const upstream = await jsonUpstream(200, {});
    const headers = { authorization: 'Token canary\r\nX-Injected: 1' };
    const error = await clientOf(upstream.url)
      .getSnapshot({ key: 'k', headers }, UUID)
      .catch((reason: Error) => reason);
    expect(error).toBeInstanceOf(Error);
    expect(String(error)).not.toContain('canary');
    expect(upstream.seen).toHaveLength(0);
  });
});

describe('compressed bodies', () => {
  const body = JSON.stringify({ name: 'ü'.repeat(1_000) });

  it.each([
    ['gzip', gzipSync(body)],
    ['x-gzip', gzipSync(body)],
    ['GZIP', gzipSync(body)],
    ['br', brotliCompressSync(body)],
    ['deflate', deflateSync(body)],
    ['deflate', deflateRawSync(body)],
    ['identity', Buffer.from(body)],
    ['', Buffer.from(body)],
  ])('%s is read', async (encoding, bytes) => {
    const upstream = await httpUpstream((response) => {
      response.writeHead(200, { 'content-encoding': encoding }).end(bytes);
    });
    expect(await READ.send(clientOf(upstream.url))).toEqual(JSON.parse(body));
  });

  it.each([
    ['an unknown coding', 'zstd', gzipSync(body)],
    ['two codings', 'gzip, gzip', gzipSync(gzipSync(body))],
    ['no compression at all', 'gzip', Buffer.from(body)],
    ['half of the stream', 'gzip', gzipSync(body).subarray(0, 20)],
  ])('%s cannot be used', async (_, encoding, bytes) => {
    const upstream = await httpUpstream((response) => {
      response.writeHead(200, { 'content-encoding': encoding }).end(bytes);
    });
    expect(await failure(READ.send(clientOf(upstream.url)))).toMatchObject({ code: 'UPSTREAM_ERROR', status: 200 });
  });

  const fast = { params: { [constants.BROTLI_PARAM_QUALITY]: 1 } };
  const bombs = {
    gzip: (bytes: Buffer) => gzipSync(bytes, { level: 1 }),
    deflate: (bytes: Buffer) => deflateSync(bytes, { level: 1 }),
    br: (bytes: Buffer) => brotliCompressSync(bytes, fast),
  };

  it.each(Object.entries(bombs))('a %s bomb is cut off at the limit', async (encoding, compress) => {
    const bomb = compress(Buffer.alloc(128 * MIB, ' '));
    const upstream = await httpUpstream((response) => {
      response.writeHead(200, { 'content-encoding': encoding }).end(bomb);
    });
    const client = clientOf(upstream.url, { maxBodyBytes: MIB });
    const before = process.memoryUsage().arrayBuffers;
    const error = await failure(READ.send(client));
    expect(error).toMatchObject({ code: 'UPSTREAM_ERROR', status: 200 });
    expect(error.message).toContain('too large');
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(16 * MIB);
  });
});

describe('size', () => {
  it('a body with a Content-Length above the limit is not read', async () => {
    const upstream = await rawUpstream((socket) => {
      socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${MIB + 1}\r\n\r\n`);
    });
    const client = clientOf(upstream.url, { maxBodyBytes: MIB });
    expect((await failure(READ.send(client))).message).toContain('too large');
    await expect.poll(() => upstream.closed).toBe(1);
    expect(upstream.seen).toHaveLength(1);
  });

  it('an endless body is cut off at the limit, compressed or not', async () => {
    for (const coding of ['identity', 'gzip']) {
      const upstream = await httpUpstream((response) => {
        response.writeHead(200, { 'content-encoding': coding });
        const more = (): void => {
          while (!response.destroyed && response.write(Buffer.alloc(65_536)));
        };
        response.on('drain', more);
        more();
      });
      const client = clientOf(upstream.url, { maxBodyBytes: MIB });
      expect((await failure(READ.send(client))).message).toContain('too large');
      await expect.poll(() => upstream.closed).toBe(1);
    }
  });

  it('a body of exactly the limit is read', async () => {
    const text = JSON.stringify({ name: 'x'.repeat(MIB - 11) });
    expect(text).toHaveLength(MIB);
    const upstream = await httpUpstream((response) => response.writeHead(200).end(text));
    expect(await READ.send(clientOf(upstream.url, { maxBodyBytes: MIB }))).not.toBeNull();
    expect(await failure(READ.send(clientOf(upstream.url, { maxBodyBytes: MIB - 1 })))).toMatchObject({
      code: 'UPSTREAM_ERROR',
    });
  });
});

describe('uuids', () => {
  const BAD = ['..', '%2e%2e', 'a/b', '?x', '#', '', '\0', 'x'.repeat(10_000), `${UUID}0`, `{${UUID}}`, `${UUID}\n`];

  it('anything but a uuid is refused without a call', async () => {
    const upstream = await jsonUpstream(200, {});
    const client = clientOf(upstream.url);
    const methods: ((uuid: string) => Promise<unknown>)[] = [
      (uuid) => client.getSnapshot(CALLER, uuid),
      (uuid) => client.getVolume(CALLER, uuid),
      (uuid) => client.getRestorations(CALLER, uuid),
      (uuid) => client.listSnapshots(CALLER, { filter: { uuid }, page: 1, pageSize: 1 }),
      (uuid) => client.listSnapshots(CALLER, { filter: { tenantUuid: uuid }, page: 1, pageSize: 1 }),
      (uuid) => client.restoreSnapshot(CALLER, uuid, { name: 'a' }),
      (uuid) => client.createSnapshot(CALLER, uuid, { name: 'a' }),
      (uuid) => client.updateSnapshot(CALLER, uuid, {}),
      (uuid) => client.replaceSnapshot(CALLER, uuid, { name: 'a' }),
      (uuid) => client.deleteSnapshot(CALLER, uuid),
      (uuid) => client.pullSnapshot(CALLER, uuid),
      (uuid) => client.unlinkSnapshot(CALLER, uuid),
      (uuid) => client.setSnapshotOk(CALLER, uuid),
      (uuid) => client.setSnapshotErred(CALLER, uuid, {}),
      (uuid) => client.attachVolume(CALLER, uuid, UUID),
      (uuid) => client.attachVolume(CALLER, UUID, uuid),
      (uuid) => client.detachVolume(CALLER, uuid),
      (uuid) => client.extendVolume(CALLER, uuid, 2048),
    ];
    const notUuid = fc.string({ unit: 'binary' }).filter((text) => !/^[0-9a-f-]{32,36}$/i.test(text));
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(fc.constantFrom(...BAD), notUuid),
        fc.constantFrom(...methods),
        async (uuid, method) => {
          await expect(method(uuid)).rejects.toMatchObject({ code: 'BAD_USER_INPUT' });
        },
      ),
    );
    for (const uuid of BAD) for (const method of methods) await expect(method(uuid)).rejects.toThrow();
    expect(upstream.seen).toHaveLength(0);
  });

  it('every usual spelling is sent upstream as lower-case hex', async () => {
    const upstream = await jsonUpstream(200, {});
    const client = clientOf(upstream.url);
    const hyphens = UUID.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
    for (const uuid of [UUID, UUID.toUpperCase(), hyphens, hyphens.toUpperCase()])
      await client.getSnapshot(CALLER, uuid);
    expect(new Set(upstream.seen.map(({ url }) => url))).toEqual(new Set([`/api/openstack-snapshots/${UUID}/`]));
  });
});
