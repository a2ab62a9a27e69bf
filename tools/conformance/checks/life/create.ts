import { TRANSITIONAL_STATES } from '../../../../src/domain/states.ts';
import { type Check, skip } from '../../check.ts';
import { detail, ensure, object, rows, same } from '../../expect.ts';
import { create, type Life } from '../../life/life.ts';
import { stateOf } from '../../life/watch.ts';
import { labelOf, PAGE, SNAPSHOTS, VOLUMES } from '../../subject.ts';
import { isTime, isUuid, query, show, text, uuidInUrl } from '../../values.ts';

export const LIST_REFUSAL: Check<Life> = {
  id: 'create.not-on-list',
  statement: 'POST to the list of snapshots: 405 with a detail, because snapshots are created through their volume.',
  section: '2.1',
  run: async ({ waldur }) => {
    detail(await waldur.write('POST', SNAPSHOTS.path, { json: {} }), 405);
  },
};

export const CREATE: readonly Check<Life>[] = [
  {
    id: 'create.accepted',
    statement: 'Creating a snapshot of a volume: 201 with the snapshot in CREATION_SCHEDULED, without a backend id.',
    section: '2.2',
    async run(life) {
      const keptUntil = '2099-12-31T23:30:00+02:00';
      const body = { name: life.name, description: 'Made by the conformance suite', kept_until: keptUntil };
      const { answer, uuid } = await create(life, body);
      if (uuid !== undefined) life.snapshot = uuid;
      const row = object(answer, 201);
      ensure(isUuid(row.uuid), `uuid is ${show(row.uuid)}`);
      same('state', stateOf(row), 'CREATION_SCHEDULED');
      same('name', row.name, body.name);
      same('description', row.description, body.description);
      same('kept_until', row.kept_until, '2099-12-31T21:30:00Z');
      same('the uuid in source_volume', uuidInUrl(row.source_volume), life.volume);
      same('backend_id', row.backend_id, null);
      same('runtime_state', row.runtime_state, '');
      same('metadata', row.metadata, '');
      ensure(isTime(row.created), `created is ${show(row.created)}`);
    },
  },
  {
    id: 'create.listed',
    statement:
      'It is listed immediately: under its volume and under CREATION_SCHEDULED or CREATING, last in the order of creation.',
    section: '3.1',
    async run({ waldur, spelling, volume, snapshot, watch }) {
      if (snapshot === undefined) skip('no snapshot was made');
      const state = TRANSITIONAL_STATES.map((one) => labelOf(one, spelling));
      const newest = { o: '-created', field: 'uuid', page_size: PAGE };
      const uuids = async (filter: Record<string, string | readonly string[]>): Promise<unknown[]> =>
        rows(await waldur.get(SNAPSHOTS.path + query({ ...newest, ...filter }))).map(({ uuid }) => uuid);
      same('the newest of the volume', (await uuids({ source_volume_uuid: volume }))[0], snapshot);
      const moving = await uuids({ state });
      const row = await watch.read(SNAPSHOTS, snapshot);
      if (row?.state === 'OK') skip('the snapshot was created before the request');
      ensure(moving.includes(snapshot), 'it is not among those on their way');
    },
  },
];

export const CREATED: readonly Check<Life>[] = [
  {
    id: 'create.settles',
    statement: 'It passes through CREATION_SCHEDULED and CREATING to OK, with a backend id and the size of the volume.',
    section: '1.2',
    async run({ waldur, snapshot, volume, watch }) {
      if (snapshot === undefined) skip('no snapshot was made');
      const { row, seen } = await watch.settle(SNAPSHOTS, snapshot);
      ensure(row !== undefined, 'it is gone');
      const strange = seen.filter((state) => !['CREATION_SCHEDULED', 'CREATING', 'OK'].includes(state));
      same('states besides', strange, []);
      text(row, 'backend_id');
      const source = object(await waldur.get(`${VOLUMES.path}${volume}/${query({ field: 'size' })}`));
      same('size', row.size, source.size);
    },
  },
];
