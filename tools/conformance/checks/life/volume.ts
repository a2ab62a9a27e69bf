import { isSettled } from '../../../../src/domain/states.ts';
import { type Check, skip } from '../../check.ts';
import { detail, ensure, object, refuses, same } from '../../expect.ts';
import { type Life, quotaOf } from '../../life/life.ts';
import { stateOf } from '../../life/watch.ts';
import { VOLUMES } from '../../subject.ts';
import type { Row } from '../../values.ts';

/**
 * Attach, detach and extend, on the volume that the walk has restored. Of attach and detach only the refusals are checked: the run touches no
 * instance.
 */

const pathTo = ({ restored }: Life, action: string): string =>
  restored === undefined ? skip('no volume was restored') : `${VOLUMES.path}${restored}/${action}/`;

/** The restored volume, at rest and OK. @throws Skip otherwise. */
async function free(life: Life): Promise<Row> {
  const { row } = await life.watch.settle(VOLUMES, life.restored ?? skip('no volume was restored'));
  return row !== undefined && stateOf(row) === 'OK' ? row : skip('the restored volume is not OK');
}

const GIB = 1024;

const MISSING: readonly Check<Life>[] = (['attach', 'detach', 'extend'] as const).map((action) => ({
  id: `${action}.missing`,
  statement: `${action} of a volume that does not exist: 404 with a detail.`,
  section: '2.0',
  async run({ waldur }) {
    const path = `${VOLUMES.path}${crypto.randomUUID().replaceAll('-', '')}/${action}/`;
    detail(await waldur.write('POST', path, { json: {} }), 404);
  },
}));

export const VOLUME: readonly Check<Life>[] = [
  ...MISSING,
  {
    id: 'attach.refuses-no-instance',
    statement: 'attach without an instance is refused with a 400 that names instance.',
    section: '11.4',
    async run(life) {
      await free(life);
      refuses(await life.waldur.write('POST', pathTo(life, 'attach'), { json: {} }), 'instance');
    },
  },
  {
    id: 'attach.takes-a-path',
    statement: 'attach reads the instance from a path without a host: an unknown one is a 400 that names instance.',
    section: '11.4',
    async run(life) {
      await free(life);
      const instance = `/api/openstack-instances/${crypto.randomUUID().replaceAll('-', '')}/`;
      refuses(await life.waldur.write('POST', pathTo(life, 'attach'), { json: { instance } }), 'instance');
    },
  },
  {
    id: 'detach.wrong-state',
    statement: 'detach of a volume that is not attached: 409 with a detail.',
    section: '11.4',
    async run(life) {
      await free(life);
      detail(await life.waldur.write('POST', pathTo(life, 'detach')), 409);
    },
  },
  {
    id: 'extend.refuses-too-little',
    statement: 'extend to less than 1024 MiB more is refused with a 400 that names disk_size.',
    section: '11.4',
    async run(life) {
      const { size } = await free(life);
      const body = { disk_size: Number(size) + GIB - 1 };
      refuses(await life.waldur.write('POST', pathTo(life, 'extend'), { json: body }), 'disk_size');
    },
  },
  {
    id: 'extend.accepted',
    statement: 'extend by 1024 MiB: 202. The volume has the new size at once, and action is Extend.',
    section: '11.4',
    async run(life) {
      const wanted = Number((await free(life)).size) + GIB;
      const answer = await life.waldur.write('POST', pathTo(life, 'extend'), { json: { disk_size: wanted } });
      const quota = quotaOf(answer);
      if (quota !== undefined) skip(`a quota is exhausted: ${quota}`);
      object(answer, 202);
      const row = await life.watch.read(VOLUMES, String(life.restored));
      ensure(row !== undefined, 'it is gone');
      same('size', row.size, wanted);
      if (isSettled(stateOf(row))) skip('it was over before it could be looked at');
      same('action', row.action, 'Extend');
      // Also what the worker makes of it: the next check of the walk needs the volume at rest.
      const { row: after } = await life.watch.settle(VOLUMES, String(life.restored));
      same('size afterwards', after?.size, wanted);
      same('state', after && stateOf(after), 'OK');
    },
  },
  {
    id: 'extend.refuses-no-size',
    statement: 'extend without a size is refused with a 400 that names disk_size.',
    section: '11.4',
    async run(life) {
      await free(life);
      refuses(await life.waldur.write('POST', pathTo(life, 'extend'), { json: {} }), 'disk_size');
    },
  },
];
