import { type Check, Mismatch, skip } from '../check.ts';
import { ensure, object, refuses, rows, same, total } from '../expect.ts';
import { type Kind, PAGE, SNAPSHOTS, type Subject, VOLUMES } from '../subject.ts';
import { isRow, nobodysUuid, query, type Row, show, uuidInUrl } from '../values.ts';

/** How a filter compares its value with what a row has. */
type Match =
  /** Anywhere in the string, in any case. */
  | 'contains'
  | 'exact'
  | 'uuid'
  /** The address of an object, of which only the path counts. */
  | 'address';

interface Filter {
  readonly parameter: string;
  readonly match: Match;
  /** What a row has, to be compared; undefined when it has nothing, or nothing that shows it. */
  readonly has: (row: Row) => string | undefined;
  /** Columns that `has` reads. */
  readonly columns: readonly string[];
  /** Of the objects that an address names. */
  readonly place?: string;
}

/** Waldur trims filter values, so a string that starts or ends with blanks cannot be found by them. */
const searchable = (value: unknown): value is string =>
  typeof value === 'string' && value !== '' && value === value.trim();

const column = (parameter: string, match: Match, name = parameter): Filter => ({
  parameter,
  match,
  columns: [name],
  has: (row) => (searchable(row[name]) ? row[name] : undefined),
});

const related = (parameter: string, match: Match, name: string, place?: string): Filter => ({
  parameter,
  match,
  columns: [name],
  has: (row) => uuidInUrl(row[name]),
  ...(place !== undefined && { place }),
});

const COMMON: readonly Filter[] = [
  column('name', 'contains'),
  column('name_exact', 'exact', 'name'),
  column('description', 'contains'),
  column('backend_id', 'exact'),
  column('runtime_state', 'exact'),
  column('project_uuid', 'uuid'),
  related('project', 'uuid', 'project'),
  column('project_name', 'contains'),
  related('customer_uuid', 'uuid', 'customer'),
  related('customer', 'uuid', 'customer'),
  column('customer_name', 'contains'),
  column('customer_native_name', 'contains'),
  column('customer_abbreviation', 'contains'),
  column('service_settings_uuid', 'uuid'),
  column('service_settings_name', 'contains', 'service_name'),
];

const firstBackup = ({ backups }: Row): string | undefined => {
  const first: unknown = Array.isArray(backups) ? backups[0] : undefined;
  return isRow(first) && typeof first.uuid === 'string' ? first.uuid : undefined;
};
const backup = { columns: ['backups'], has: firstBackup };

const OF_SNAPSHOTS: readonly Filter[] = [
  ...COMMON,
  related('source_volume_uuid', 'uuid', 'source_volume'),
  related('source_volume', 'address', 'source_volume', 'openstack-volumes'),
  { parameter: 'backup_uuid', match: 'uuid', ...backup },
  { parameter: 'backup', match: 'address', place: 'openstack-backups', ...backup },
];

const OF_VOLUMES: readonly Filter[] = [
  ...COMMON,
  column('tenant_uuid', 'uuid'),
  related('tenant', 'address', 'tenant', 'openstack-tenants'),
  related('instance_uuid', 'uuid', 'instance'),
  related('instance', 'address', 'instance', 'openstack-instances'),
  related('snapshot_uuid', 'uuid', 'source_snapshot'),
  related('snapshot', 'address', 'source_snapshot', 'openstack-snapshots'),
  column('availability_zone_name', 'exact'),
];

/** A substring that finds the string, in the other case. */
function piece(text: string): string {
  const word = /[a-z0-9]{2,8}/i.exec(text)?.[0] ?? text.trim();
  return word === word.toUpperCase() ? word.toLowerCase() : word.toUpperCase();
}

const SAYS: Readonly<Record<Match, string>> = {
  contains: 'finds what contains a string, in any case',
  exact: 'finds exactly that',
  uuid: 'takes a uuid',
  address: 'takes an address, of which the path is enough',
};

function written({ match, place }: Filter, has: string): string {
  switch (match) {
    case 'contains':
      return piece(has);
    case 'exact':
    case 'uuid':
      return has;
    case 'address':
      return `/api/${place}/${has}/`;
  }
}

const fulfils = ({ match }: Filter, has: string, wanted: string): boolean =>
  match === 'contains' ? has.toLowerCase().includes(piece(wanted).toLowerCase()) : has === wanted;

const filters = (kind: Kind, filter: Filter): Check<Subject> => {
  const { parameter, columns, has } = filter;
  return {
    id: `filter.${kind.id}-${parameter}`,
    statement: `The ${kind.id} filter ${parameter} ${SAYS[filter.match]}; without a match the list is empty.`,
    section: '3.1',
    async run({ waldur, samples }) {
      const ask = (value: string) =>
        waldur.get(kind.path + query({ [parameter]: value, field: ['uuid', ...columns], page_size: PAGE }));
      same('rows for a value that nothing has', rows(await ask(written(filter, nobodysUuid()))), []);
      const all = await samples.rows(kind);
      const sample = all.find((row) => row.state === 'OK' && has(row) !== undefined);
      if (sample === undefined) skip(`the caller sees no ${kind.id} that shows ${columns.join(', ')}`);
      const wanted = has(sample) ?? '';
      const answer = await ask(written(filter, wanted));
      const found = rows(answer);
      for (const row of found) {
        if (!fulfils(filter, has(row) ?? '', wanted)) throw new Mismatch(`${row.uuid} does not fulfil it`);
      }
      // On a longer list the sample may stand on a later page.
      const whole = found.length > 0 && total(answer) !== found.length;
      ensure(whole || found.some(({ uuid }) => uuid === sample.uuid), `it does not find ${show(sample.uuid)}`);
    },
  };
};

const refusesText = (kind: Kind): Check<Subject> => ({
  id: `filter.${kind.id}-no-uuid`,
  statement: `A filter of ${kind.id}s by uuid rejects an invalid uuid with a 400 that names it.`,
  section: '3.1',
  async run({ waldur }) {
    const own = kind === SNAPSHOTS ? ['source_volume_uuid', 'backup_uuid'] : ['instance_uuid', 'snapshot_uuid'];
    for (const parameter of ['project_uuid', 'customer_uuid', 'service_settings_uuid', 'tenant_uuid', ...own]) {
      refuses(await waldur.get(kind.path + query({ [parameter]: 'no-uuid' })), parameter);
    }
  },
});

export const FILTERS: readonly Check<Subject>[] = [
  ...OF_SNAPSHOTS.map((filter) => filters(SNAPSHOTS, filter)),
  {
    id: 'filter.snapshot-tenant',
    statement:
      'The snapshot filters tenant and tenant_uuid find snapshots of the tenant, although snapshots have no tenant column.',
    section: '3.1',
    async run({ waldur, samples }) {
      const row = (await samples.rows(SNAPSHOTS)).find(({ source_volume: source }) => uuidInUrl(source) !== undefined);
      if (row === undefined) skip('the caller sees no snapshot whose source volume is there');
      const source = uuidInUrl(row.source_volume);
      const volume = object(await waldur.get(`${VOLUMES.path}${source}/${query({ field: 'tenant_uuid' })}`));
      const found = async (tenant: Record<string, string>): Promise<number> => {
        const narrowed = query({ ...tenant, source_volume_uuid: String(source), field: 'uuid', page_size: PAGE });
        return rows(await waldur.get(SNAPSHOTS.path + narrowed)).length;
      };
      const [uuid, other] = [String(volume.tenant_uuid), nobodysUuid()];
      ensure((await found({ tenant_uuid: uuid })) > 0, 'tenant_uuid does not find it');
      ensure((await found({ tenant: `/api/openstack-tenants/${uuid}/` })) > 0, 'tenant does not find it');
      same('rows of another tenant_uuid', await found({ tenant_uuid: other }), 0);
      same('rows of another tenant', await found({ tenant: `/api/openstack-tenants/${other}/` }), 0);
    },
  },
  ...OF_VOLUMES.map((filter) => filters(VOLUMES, filter)),
  refusesText(SNAPSHOTS),
  refusesText(VOLUMES),
  {
    id: 'filter.uuid-spellings',
    statement: 'A filter by uuid accepts hyphens and upper case.',
    section: '3.1',
    async run({ waldur, samples }) {
      const uuid = String((await samples.settled(SNAPSHOTS)).project_uuid);
      const count = async (value: string): Promise<number | undefined> =>
        total(await waldur.get(SNAPSHOTS.path + query({ project_uuid: value, page_size: 1, field: 'uuid' })));
      const wanted = await count(uuid);
      same('rows for upper case', await count(uuid.toUpperCase()), wanted);
      const [, a, b, c] = /^(.{8})(.{4})(.*)$/.exec(uuid) ?? [];
      same('rows for hyphens', await count(`${a}-${b}-${c}`), wanted);
    },
  },
  {
    id: 'filter.address-without-route',
    statement: 'A filter URL without a route: 404 with tried and path, without a detail.',
    section: '6.1',
    async run({ waldur }) {
      const answer = await waldur.get(SNAPSHOTS.path + query({ tenant: '/api/no-such-place/' }));
      const body = object(answer, 404);
      ensure('tried' in body && 'path' in body, `${answer.asked}: its keys are ${show(Object.keys(body))}`);
    },
  },
  {
    id: 'filter.and',
    statement: 'Several filters must all match.',
    section: '3.1',
    async run({ waldur, samples }) {
      const row = await samples.settled(SNAPSHOTS);
      const both = { project_uuid: String(row.project_uuid), name_exact: nobodysUuid() };
      same('rows', rows(await waldur.get(SNAPSHOTS.path + query(both))), []);
    },
  },
  {
    id: 'filter.unknown',
    statement: 'An unknown parameter is ignored.',
    section: '3.1',
    async run({ waldur, samples }) {
      const wanted = await samples.total(SNAPSHOTS);
      const answer = await waldur.get(SNAPSHOTS.path + query({ no_such_filter: 'x', page_size: 1, field: 'uuid' }));
      rows(answer);
      same('X-Result-Count', total(answer), wanted);
    },
  },
  {
    id: 'filter.can_manage',
    statement: 'can_manage is accepted, and its value is ignored.',
    section: '3.1',
    async run({ waldur, samples }) {
      const all = await samples.total(SNAPSHOTS);
      const count = async (value: string): Promise<number> => {
        const answer = await waldur.get(SNAPSHOTS.path + query({ can_manage: value, page_size: 1, field: 'uuid' }));
        rows(answer);
        return total(answer) ?? all;
      };
      const found = await count('true');
      ensure(found <= all, `it finds ${found} of ${all}`);
      same('rows for false', await count('false'), found);
    },
  },
  {
    id: 'filter.external_ip',
    statement: 'external_ip finds no snapshots and no volumes.',
    section: '3.1',
    async run({ waldur }) {
      for (const { path } of [SNAPSHOTS, VOLUMES]) {
        same('rows', rows(await waldur.get(path + query({ external_ip: '192.0.2.1' }))), []);
      }
    },
  },
  {
    id: 'filter.attach_instance_uuid',
    statement: 'attach_instance_uuid finds volumes that are not on that instance.',
    section: '3.1',
    async run({ waldur, samples }) {
      const attached = (await samples.rows(VOLUMES)).find(({ instance }) => uuidInUrl(instance) !== undefined);
      if (attached === undefined) skip('the caller sees no volume that is attached');
      const instance = String(uuidInUrl(attached.instance));
      const asked = query({ attach_instance_uuid: instance, field: ['uuid', 'instance'], page_size: PAGE });
      const on = rows(await waldur.get(VOLUMES.path + asked)).filter((row) => uuidInUrl(row.instance) === instance);
      same('volumes on it', on, []);
    },
  },
];
