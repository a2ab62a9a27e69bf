import { type Check, skip } from '../check.ts';
import { ensure, refuses, rows, status } from '../expect.ts';
import type { Subject } from '../subject.ts';
import { isRow, isTime, nobodysUuid, query, type Row, show, text } from '../values.ts';

const EVENTS = 'events/';
const FIELDS = ['event_type', 'context', 'created'];

/** The newest events of the first project. @throws Skip when there is no project. */
async function newest({ waldur }: Subject): Promise<readonly Row[]> {
  const [project] = rows(await waldur.get(`projects/${query({ page_size: 1, field: 'url' })}`));
  if (project === undefined) skip('the caller sees no project');
  const parameters = { scope: text(project, 'url'), o: '-created', page_size: 50, field: FIELDS };
  const answer = await waldur.get(EVENTS + query(parameters));
  if (answer.status === 404) skip('this Waldur has no event log; the gateway polls without it');
  return rows(answer);
}

/** What the gateway relies on where the event log tells it where to look. */
export const EVENTS_LOG: readonly Check<Subject>[] = [
  {
    id: 'events.rows',
    statement: 'The event log of a project names the type, time and resource of each event.',
    section: '11.3',
    async run(subject) {
      for (const event of await newest(subject)) {
        const type = text(event, 'event_type');
        ensure(isTime(event.created), `created is ${show(event.created)}`);
        ensure(isRow(event.context), `context is ${show(event.context)}`);
        if (!type.startsWith('resource_')) continue;
        for (const name of ['resource_uuid', 'resource_type', 'project_uuid']) text(event.context, name);
      }
    },
  },
  {
    id: 'events.order',
    statement: 'The event log is in order of time, the newest event first.',
    section: '11.3',
    async run(subject) {
      const times = (await newest(subject)).map((event) => Date.parse(text(event, 'created')));
      ensure(
        times.every((time, at) => at === 0 || time <= (times[at - 1] ?? time)),
        'an event is newer than the one before it',
      );
    },
  },
  {
    id: 'events.refusals',
    statement: 'A scope that does not exist, and a time that is not a number, are refused.',
    section: '11.3',
    async run(subject) {
      await newest(subject);
      const { waldur } = subject;
      const scope = `http://localhost/api/projects/${nobodysUuid()}/`;
      status(await waldur.get(EVENTS + query({ scope })), 400);
      refuses(await waldur.get(EVENTS + query({ created_from: 'yesterday' })), 'created_from');
    },
  },
];
