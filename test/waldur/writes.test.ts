import { describe, expect, it } from 'vitest';
import type { WaldurClient } from '../../src/waldur/client.ts';
import { CALLER, clientOf, httpUpstream, jsonUpstream, OTHER_UUID, sendJson, UUID } from './support/upstreams.ts';

const S = `/api/openstack-snapshots/${UUID}/`;
const V = `/api/openstack-volumes/${UUID}/`;
const ACCEPTED = { detail: 'Scheduled.' };

interface Case {
  name: keyof WaldurClient;
  send: (client: WaldurClient) => Promise<unknown>;
  /** Method, address and body as they must arrive. */
  arrives: readonly [method: string, url: string, body: unknown];
  answer: readonly [status: number, body: unknown];
  result: unknown;
}

const WRITES: Case[] = [
  {
    name: 'restoreSnapshot',
    send: (client) => client.restoreSnapshot(CALLER, UUID, { name: 'v', description: 'd' }),
    arrives: ['POST', `${S}restore/`, { name: 'v', description: 'd' }],
    answer: [201, { uuid: OTHER_UUID, state: 'Creation Scheduled' }],
    result: { uuid: OTHER_UUID, state: 'CREATION_SCHEDULED' },
  },
  {
    name: 'createSnapshot',
    send: (client) => client.createSnapshot(CALLER, UUID, { name: 's', metadata: { a: 1 }, kept_until: null }),
    arrives: ['POST', `/api/openstack-volumes/${UUID}/snapshot/`, { name: 's', metadata: { a: 1 }, kept_until: null }],
    answer: [201, { uuid: OTHER_UUID }],
    result: { uuid: OTHER_UUID },
  },
  {
    name: 'updateSnapshot',
    send: (client) => client.updateSnapshot(CALLER, UUID, { description: '' }),
    arrives: ['PATCH', S, { description: '' }],
    answer: [200, { uuid: UUID, state: 'UPDATE_SCHEDULED' }],
    result: { uuid: UUID, state: 'UPDATE_SCHEDULED' },
  },
  {
    name: 'replaceSnapshot',
    send: (client) => client.replaceSnapshot(CALLER, UUID, { name: 'n' }),
    arrives: ['PUT', S, { name: 'n' }],
    answer: [200, { uuid: UUID }],
    result: { uuid: UUID },
  },
  {
    name: 'deleteSnapshot',
    send: (client) => client.deleteSnapshot(CALLER, UUID),
    arrives: ['DELETE', S, undefined],
    answer: [202, ACCEPTED],
    result: undefined,
  },
  {
    name: 'pullSnapshot',
    send: (client) => client.pullSnapshot(CALLER, UUID),
    arrives: ['POST', `${S}pull/`, undefined],
    answer: [202, ACCEPTED],
    result: undefined,
  },
  {
    name: 'unlinkSnapshot',
    send: (client) => client.unlinkSnapshot(CALLER, UUID),
    arrives: ['POST', `${S}unlink/`, undefined],
    answer: [204, undefined],
    result: undefined,
  },
  {
    name: 'setSnapshotOk',
    send: (client) => client.setSnapshotOk(CALLER, UUID),
    arrives: ['POST', `${S}set_ok/`, undefined],
    answer: [200, ACCEPTED],
    result: undefined,
  },
  {
    name: 'setSnapshotErred',
    send: (client) => client.setSnapshotErred(CALLER, UUID, { error_message: 'why' }),
    arrives: ['POST', `${S}set_erred/`, { error_message: 'why' }],
    answer: [200, ACCEPTED],
    result: undefined,
  },
  {
    name: 'attachVolume',
    send: (client) => client.attachVolume(CALLER, UUID, OTHER_UUID),
    arrives: ['POST', `${V}attach/`, { instance: `/api/openstack-instances/${OTHER_UUID}/` }],
    answer: [202, { status: 'attach was scheduled' }],
    result: undefined,
  },
  {
    name: 'detachVolume',
    send: (client) => client.detachVolume(CALLER, UUID),
    arrives: ['POST', `${V}detach/`, undefined],
    answer: [202, { status: 'detach was scheduled' }],
    result: undefined,
  },
  {
    name: 'extendVolume',
    send: (client) => client.extendVolume(CALLER, UUID, 2048),
    arrives: ['POST', `${V}extend/`, { disk_size: 2048 }],
    answer: [202, { status: 'extend was scheduled' }],
    result: undefined,
  },
];

describe('writes', () => {
  it.each(WRITES)('$name', async ({ send, arrives: [method, url, body], answer: [status, answer], result }) => {
    const upstream = await httpUpstream((response) => {
      if (answer === undefined) response.writeHead(status).end();
      else sendJson(response, status, answer);
    });
    expect(await send(clientOf(upstream.url))).toEqual(result);
    expect(upstream.seen).toMatchObject([{ method, url, body: body === undefined ? '' : JSON.stringify(body) }]);
  });

  it('a documented success status that differs from the real one is a success too', async () => {
    const empty = await httpUpstream((response) => response.writeHead(204).end());
    await expect(clientOf(empty.url).deleteSnapshot(CALLER, UUID)).resolves.toBeUndefined();
    const restored = await jsonUpstream(200, { uuid: OTHER_UUID });
    await expect(clientOf(restored.url).restoreSnapshot(CALLER, UUID, { name: 'v' })).resolves.toEqual({
      uuid: OTHER_UUID,
    });
  });
});
