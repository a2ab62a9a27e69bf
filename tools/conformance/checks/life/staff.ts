import { type Check, skip } from '../../check.ts';
import type { Answer, Client } from '../../client.ts';
import { detail, ensure, isJson, same, status } from '../../expect.ts';
import { create, type Life, pathOf, ready } from '../../life/life.ts';
import { stateOf } from '../../life/watch.ts';
import { SNAPSHOTS } from '../../subject.ts';
import { nobodysUuid } from '../../values.ts';

const staffOf = ({ staff }: Life): Client => staff ?? skip('no --staff-token was given');

/** Since 8.0.0; before, there is no route. */
function offered(answer: Answer): Answer {
  if (answer.status === 404 && !isJson(answer.headers)) skip('this version does not have it yet');
  return answer;
}

export const STAFF: readonly Check<Life>[] = [
  {
    id: 'unlink.forbidden',
    statement: 'unlink without staff permissions: 403 with a detail, even if the snapshot does not exist.',
    section: '2.0',
    async run({ waldur, caller }) {
      if (caller.isStaff) skip('the caller is staff');
      detail(await waldur.write('POST', `${SNAPSHOTS.path}${nobodysUuid()}/unlink/`), 403);
    },
  },
  {
    id: 'set-erred.done',
    statement: 'set_erred: 200 with a detail. The snapshot is ERRED with the given message.',
    section: '2.1',
    async run(life) {
      const staff = staffOf(life);
      await ready(life);
      const body = { json: { error_message: 'Marked by the conformance suite' } };
      detail(offered(await staff.write('POST', `${pathOf(life)}set_erred/`, body)), 200);
      const row = await life.watch.read(SNAPSHOTS, String(life.snapshot));
      same('error_message', row?.error_message, body.json.error_message);
      same('state', row && stateOf(row), 'ERRED');
    },
  },
  {
    id: 'set-ok.done',
    statement: 'set_ok: 200 with a detail. The snapshot is OK without a message.',
    section: '2.1',
    async run(life) {
      const staff = staffOf(life);
      detail(offered(await staff.write('POST', `${pathOf(life)}set_ok/`)), 200);
      const row = await life.watch.read(SNAPSHOTS, String(life.snapshot));
      same('error_message', row?.error_message, '');
      same('state', row && stateOf(row), 'OK');
    },
  },
  {
    id: 'unlink.done',
    statement: 'unlink by staff: empty 204 in any state. The snapshot is a 404 immediately.',
    section: '2.7',
    async run(life) {
      const staff = staffOf(life);
      // Before the worker begins: what is not in OpenStack yet is not left behind there.
      const { answer: made, uuid } = await create(life, { name: `${life.name}-unlinked` });
      status(made, 201);
      ensure(uuid !== undefined, 'the snapshot made for it has no uuid');
      const answer = await staff.write('POST', `${SNAPSHOTS.path}${uuid}/unlink/`);
      status(answer, 204);
      same('the body', answer.text, '');
      ensure((await life.watch.read(SNAPSHOTS, uuid)) === undefined, 'it is still there');
    },
  },
];
