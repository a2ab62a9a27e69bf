import { type Check, skip } from '../../check.ts';
import { detail, ensure, rows, same } from '../../expect.ts';
import { after, type Life, operate, pathOf } from '../../life/life.ts';
import { stateOf } from '../../life/watch.ts';
import { SNAPSHOTS, VOLUMES } from '../../subject.ts';
import { query } from '../../values.ts';

export const DELETE: readonly Check<Life>[] = [
  {
    id: 'delete.accepted',
    statement: 'DELETE: 202 with a detail, in OK and in ERRED.',
    section: '2.5',
    async run(life) {
      pathOf(life);
      await life.watch.settle(SNAPSHOTS, String(life.snapshot));
      detail(await operate(life, 'delete', ['DELETE', '']), 202);
    },
  },
  {
    id: 'delete.shown',
    statement: 'The snapshot still exists, in DELETION_SCHEDULED or DELETING, and another DELETE gets 409.',
    section: '2.5',
    async run(life) {
      const row = await life.watch.read(SNAPSHOTS, after(life, 'delete'));
      if (row === undefined) return skip('it was gone before it could be looked at');
      // The deletion has failed already, which the next check sees.
      if (stateOf(row) === 'ERRED') skip('it was over before it could be looked at');
      ensure(['DELETION_SCHEDULED', 'DELETING'].includes(stateOf(row)), `state is ${stateOf(row)}`);
      const again = await life.waldur.write('DELETE', pathOf(life));
      if (again.status === 404) skip('it was deleted before the second request');
      detail(again, 409);
    },
  },
  {
    id: 'delete.gone',
    statement: 'After the deletion: 404, and the snapshot is in no list.',
    section: '1.1',
    async run(life) {
      const { row } = await life.watch.vanish(SNAPSHOTS, after(life, 'delete'));
      ensure(row === undefined, 'it is ERRED instead');
      detail(await life.waldur.get(pathOf(life)), 404);
      const address = SNAPSHOTS.path + query({ source_volume_uuid: life.volume, name: life.name, field: 'uuid' });
      const left = rows(await life.waldur.get(address)).map(({ uuid }) => uuid);
      ensure(!left.includes(life.snapshot), 'it is still in the list');
    },
  },
  {
    id: 'delete.volume-stays',
    statement: 'A volume that was restored from it remains, without a source_snapshot.',
    section: '2.5',
    async run({ watch, restored, snapshot }) {
      if (restored === undefined) skip('no volume was restored');
      if ((await watch.read(SNAPSHOTS, String(snapshot))) !== undefined) skip('the snapshot is still there');
      const volume = await watch.read(VOLUMES, restored);
      ensure(volume !== undefined, 'it is gone');
      same('source_snapshot', volume.source_snapshot, null);
    },
  },
];
