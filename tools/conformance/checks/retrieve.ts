import { type Check, skip } from '../check.ts';
import { detail, object, refuses, rows, same } from '../expect.ts';
import { type Kind, PAGE, SNAPSHOTS, type Subject, VOLUMES } from '../subject.ts';
import { hyphenated, list, nobodysUuid, query, text, uuidInUrl } from '../values.ts';

const retrieve = (kind: Kind): readonly Check<Subject>[] => [
  {
    id: `retrieve.${kind.id}`,
    statement: `A ${kind.id} by uuid has the same keys as in the list.`,
    section: '2.1',
    async run({ waldur, samples }) {
      const row = await samples.settled(kind);
      const found = object(await waldur.get(`${kind.path}${text(row, 'uuid')}/`));
      same('uuid', found.uuid, row.uuid);
      same('the keys', Object.keys(found).toSorted(), Object.keys(row).toSorted());
    },
  },
  {
    id: `retrieve.${kind.id}-spellings`,
    statement: `The uuid in the path of a ${kind.id} may have hyphens and upper case.`,
    section: '2',
    async run({ waldur, samples }) {
      const uuid = text(await samples.settled(kind), 'uuid');
      for (const spelling of [uuid.toUpperCase(), hyphenated(uuid)]) {
        same('uuid', object(await waldur.get(`${kind.path}${spelling}/?field=uuid`)).uuid, uuid);
      }
    },
  },
  {
    id: `retrieve.${kind.id}-missing`,
    statement: `A ${kind.id} that does not exist, or an invalid uuid: 404 with a detail.`,
    section: '6.1',
    async run({ waldur }) {
      detail(await waldur.get(`${kind.path}${nobodysUuid()}/`), 404);
      detail(await waldur.get(`${kind.path}no-uuid-at-all/`), 404);
    },
  },
  {
    id: `retrieve.${kind.id}-narrowed`,
    statement: `Filters apply to the URL of one ${kind.id}: 404 if it does not match, 400 for an invalid value.`,
    section: '2.0',
    async run({ waldur, samples }) {
      const row = await samples.settled(kind);
      const path = `${kind.path}${text(row, 'uuid')}/`;
      const narrowed = (project: string): string => path + query({ project_uuid: project, field: 'uuid' });
      same('uuid', object(await waldur.get(narrowed(text(row, 'project_uuid')))).uuid, row.uuid);
      detail(await waldur.get(narrowed(nobodysUuid())), 404);
      refuses(await waldur.get(path + query({ state: 'NO_SUCH_STATE' })), 'state');
    },
  },
];

export const RETRIEVE: readonly Check<Subject>[] = [
  ...retrieve(SNAPSHOTS),
  ...retrieve(VOLUMES),
  {
    id: 'retrieve.source-volume',
    statement: "A snapshot's source_volume is a URL with the uuid of an existing volume.",
    section: '4.1',
    async run({ waldur, samples }) {
      const row = (await samples.rows(SNAPSHOTS)).find(({ source_volume: source }) => typeof source === 'string');
      if (row === undefined) skip('the caller sees no snapshot whose source volume is there');
      const uuid = uuidInUrl(row.source_volume);
      const volume = object(await waldur.get(`${VOLUMES.path}${uuid}/?field=uuid&field=name`));
      same('its name', volume.name, row.source_volume_name);
    },
  },
  {
    id: 'restorations.whole',
    statement: 'restorations/ is not paginated: page parameters have no effect, and there is no count header.',
    section: '4.4',
    async run({ waldur, samples }) {
      const row = await samples.restored();
      const path = `${SNAPSHOTS.path}${text(row, 'uuid')}/restorations/`;
      const answer = await waldur.get(path + query({ page: PAGE, page_size: 1 }));
      const found = rows(answer).map(({ uuid }) => uuid);
      const wanted = list(row, 'restorations').map(({ uuid }) => uuid);
      same('their uuids', found.toSorted(), wanted.toSorted());
      same('X-Result-Count', answer.headers['x-result-count'], undefined);
    },
  },
  {
    id: 'restorations.missing',
    statement: 'restorations/ of a snapshot that does not exist: 404 with a detail.',
    section: '4.4',
    run: async ({ waldur }) => {
      detail(await waldur.get(`${SNAPSHOTS.path}${nobodysUuid()}/restorations/`), 404);
    },
  },
  {
    id: 'restorations.volume-filter',
    statement: 'The volume filter snapshot_uuid finds the volumes that were restored from a snapshot.',
    section: '3.1',
    async run({ waldur, samples }) {
      const row = await samples.restored();
      const wanted = list(row, 'restorations').map(({ volume }) => volume);
      const answer = await waldur.get(
        VOLUMES.path + query({ snapshot_uuid: text(row, 'uuid'), page_size: PAGE, field: ['uuid', 'url'] }),
      );
      same(
        'their addresses',
        rows(answer)
          .map(({ url }) => url)
          .toSorted(),
        wanted.toSorted(),
      );
    },
  },
];
