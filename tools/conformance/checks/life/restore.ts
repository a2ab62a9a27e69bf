import { type Check, skip } from '../../check.ts';
import { ensure, object, rows, same } from '../../expect.ts';
import { type Life, note, pathOf, quotaOf, ready } from '../../life/life.ts';
import { stateOf } from '../../life/watch.ts';
import { SNAPSHOTS, VOLUMES } from '../../subject.ts';
import { isUuid, query, show, sortableTime, text, uuidInUrl } from '../../values.ts';

const restoredOf = ({ restored }: Life): string => restored ?? skip('no volume was restored');

export const RESTORE: readonly Check<Life>[] = [
  {
    id: 'restore.accepted',
    statement:
      'restore: 201 with the new volume in CREATION_SCHEDULED, with its source_snapshot and the size of the snapshot.',
    section: '2.3',
    async run(life) {
      const snapshot = await ready(life);
      const body = { name: `${life.name}-restored`, description: 'Restored by the conformance suite' };
      const answer = await life.waldur.write('POST', `${pathOf(life)}restore/`, { json: body });
      const made = note(life, VOLUMES, answer);
      if (made !== undefined) life.restored = made;
      const quota = quotaOf(answer);
      if (quota !== undefined) skip(`a quota is exhausted: ${quota}`);
      const volume = object(answer, 201);
      ensure(isUuid(volume.uuid), `uuid is ${show(volume.uuid)}`);
      same('state', stateOf(volume), 'CREATION_SCHEDULED');
      same('name', volume.name, body.name);
      same('description', volume.description, body.description);
      same('size', volume.size, snapshot.size);
      same('the uuid in source_snapshot', uuidInUrl(volume.source_snapshot), life.snapshot);
      same('backend_id', volume.backend_id, null);
      same('metadata', volume.metadata, '');
    },
  },
  {
    id: 'restore.snapshot-stays',
    statement: 'The state of the snapshot remains OK, and modified does not change.',
    section: '2.3',
    async run(life) {
      restoredOf(life);
      const row = await life.watch.read(SNAPSHOTS, String(life.snapshot));
      ensure(row !== undefined, 'it is gone');
      same('state', stateOf(row), 'OK');
      const volume = object(await life.waldur.get(`${VOLUMES.path}${life.restored}/?field=created`));
      const [modified, restored] = [text(row, 'modified'), text(volume, 'created')];
      ensure(sortableTime(modified) < sortableTime(restored), `modified is ${modified}, after the restore`);
    },
  },
  {
    id: 'restore.listed',
    statement: 'The volume is immediately in restorations/ and under the volume filter snapshot_uuid.',
    section: '4.4',
    async run(life) {
      const restored = restoredOf(life);
      const records = rows(await life.waldur.get(`${pathOf(life)}restorations/`));
      const volumes = records.map(({ volume }) => uuidInUrl(volume));
      ensure(volumes.includes(restored), `restorations/ has ${show(volumes)}`);
      const address = VOLUMES.path + query({ snapshot_uuid: String(life.snapshot), field: 'uuid' });
      const found = rows(await life.waldur.get(address)).map(({ uuid }) => uuid);
      ensure(found.includes(restored), `snapshot_uuid finds ${show(found)}`);
    },
  },
  {
    id: 'restore.settles',
    statement: 'The volume passes through CREATION_SCHEDULED and CREATING to OK.',
    section: '2.3',
    async run(life) {
      const { row, seen } = await life.watch.settle(VOLUMES, restoredOf(life));
      ensure(row !== undefined, 'it is gone');
      const strange = seen.filter((state) => !['CREATION_SCHEDULED', 'CREATING', 'OK'].includes(state));
      same('states besides', strange, []);
      const [record] = rows(await life.waldur.get(`${pathOf(life)}restorations/`));
      same('volume_state of its restoration', record?.volume_state, row.state);
    },
  },
];
