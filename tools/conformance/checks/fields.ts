import type { Check } from '../check.ts';
import { object, rows, same } from '../expect.ts';
import { type Kind, SNAPSHOTS, type Subject, VOLUMES } from '../subject.ts';
import { list, query, type Row, text } from '../values.ts';

const keysOf = (row: Row | undefined): string[] => Object.keys(row ?? {}).toSorted();

const sparse = (kind: Kind): readonly Check<Subject>[] => [
  {
    id: `field.${kind.id}-list`,
    statement: `With field a list of ${kind.id}s has the columns asked for and no others.`,
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
    statement: `With field one ${kind.id} has the columns asked for, with the values of the whole.`,
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
    statement: 'A column that this version does not know is left out beside known ones, without an error.',
    section: '3.3',
    async run({ waldur, samples }) {
      await samples.rows(SNAPSHOTS);
      const found = rows(await waldur.get(SNAPSHOTS.path + query({ field: ['uuid', 'no_such_column'], page_size: 1 })));
      same('the keys', keysOf(found[0]), ['uuid']);
    },
  },
  {
    id: 'field.only-unknown',
    statement: 'When no column asked for is known, the whole comes; a comma list is one unknown column.',
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
    statement: 'field works on the top level only: restorations come whole, and restorations/ does not look at it.',
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
