import { isSettled } from '../../../../src/domain/states.ts';
import { type Check, skip } from '../../check.ts';
import { detail, ensure, same } from '../../expect.ts';
import { after, type Life, operate, ready } from '../../life/life.ts';
import { stateOf } from '../../life/watch.ts';
import { SNAPSHOTS } from '../../subject.ts';
import { text } from '../../values.ts';

export const PULL: readonly Check<Life>[] = [
  {
    id: 'pull.accepted',
    statement: 'pull without a request body: 202 with a detail.',
    section: '2.6',
    async run(life) {
      await ready(life);
      detail(await operate(life, 'pull', ['POST', 'pull/']), 202);
    },
  },
  {
    id: 'pull.shown',
    statement: 'During the pull the state is UPDATE_SCHEDULED or UPDATING, and action is Pull.',
    section: '1.4',
    async run(life) {
      const row = await life.watch.read(SNAPSHOTS, after(life, 'pull'));
      ensure(row !== undefined, 'it is gone');
      if (isSettled(stateOf(row))) skip('it was over before it could be looked at');
      ensure(['UPDATE_SCHEDULED', 'UPDATING'].includes(stateOf(row)), `state is ${stateOf(row)}`);
      same('action', row.action, 'Pull');
    },
  },
  {
    id: 'pull.settles',
    statement:
      'The pull ends in OK, or in ERRED with a message, as always in the version of 2024. action is then empty.',
    section: '2.6',
    async run(life) {
      const { row } = await life.watch.settle(SNAPSHOTS, after(life, 'pull'));
      ensure(row !== undefined, 'it is gone');
      same('action', row.action, '');
      if (stateOf(row) === 'OK') return;
      const message = text(row, 'error_message');
      ensure(life.spelling === 'words' && message !== '', `it ended in ERRED: ${message}`);
    },
  },
];
