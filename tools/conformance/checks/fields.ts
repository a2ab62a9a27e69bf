import type { Check } from '../check.ts';
import { object, rows, same } from '../expect.ts';
import { type Kind, SNAPSHOTS, type Subject, VOLUMES } from '../subject.ts';
import { list, query, type Row, text } from '../values.ts';

const keysOf = (row: Row | undefined): string[] => Object.keys(row ?? {}).toSorted();

const sparse = (kind: Kind): readonly Check<Subject>[] => [
  {
    id: `field.${kind.id}-list`,
    statement: `With field, a list of ${kind.id}s contains only the requested columns.`,
    section: '3.3',
    async run({ waldur, samples }) {
      await samples.rows(kind);
      const asked = ['created', 'name', 'state', 'uuid'];
      const found = rows(await waldur.get(kind.path + query({ field: asked, page_size: 5 })));
      for (const row of found) same('the keys', keysOf(row), asked);
    },
  },
  {
    id: `field.${kind.id}-detail`,
    statement: `With field, a ${kind.id} contains only the requested columns, with the same values.`,
    section: '3.3',
    async run({ waldur, samples }) {
      const row = await samples.settled(kind);
      const asked = ['created', 'project_name', 'size', 'uuid'];
      const found = object(await waldur.get(`${kind.path}${text(row, 'uuid')}/${query({ field: asked })}`));
      same('the keys', keysOf(found), asked);
      for (const column of asked) same(column, found[column], row[column]);
    },
  },
];

export const FIELDS: readonly Check<Subject>[] = [
  ...sparse(SNAPSHOTS),
  ...sparse(VOLUMES),
  {
    id: 'field.unknown',
    statement: 'An unknown column next to known ones is ignored without an error.',
    section: '3.3',
    async run({ waldur, samples }) {
      await samples.rows(SNAPSHOTS);
      const found = rows(await waldur.get(SNAPSHOTS.path + query({ field: ['uuid', 'no_such_column'], page_size: 1 })));
      same('the keys', keysOf(found[0]), ['uuid']);
    },
  },
  {
    id: 'field.only-unknown',
    statement:
      'If all requested columns are unknown, all columns are returned. A comma-separated list is one unknown column.',
    section: '3.3',
    async run({ waldur, samples }) {
      const row = await samples.settled(SNAPSHOTS);
      const path = `${SNAPSHOTS.path}${text(row, 'uuid')}/`;
      for (const field of ['no_such_column', 'uuid,name']) {
        same('the keys', keysOf(object(await waldur.get(path + query({ field })))), keysOf(row));
      }
    },
  },
  {
    id: 'field.top-level',
    statement: 'field applies to the top level only: restorations are complete, and restorations/ ignores it.',
    section: '3.3',
    async run({ waldur, samples }) {
      const row = await samples.restored();
      const path = `${SNAPSHOTS.path}${text(row, 'uuid')}/`;
      const wanted = keysOf(list(row, 'restorations')[0]);
      const own = rows(await waldur.get(`${path}restorations/${query({ field: 'uuid' })}`));
      same('the keys of a restoration', keysOf(own[0]), wanted);
    },
  },
];
