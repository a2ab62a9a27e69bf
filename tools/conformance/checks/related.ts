import { type Check, skip } from '../check.ts';
import { detail, ensure, object, rows, same } from '../expect.ts';
import { PAGE, type Subject, VOLUMES } from '../subject.ts';
import { isUuid, list, nobodysUuid, query, type Row, show, sortableTime, text, uuidInUrl } from '../values.ts';

/** A kind of object that snapshots and volumes belong to. */
interface Place {
  /** As the checks name it. */
  readonly id: string;
  readonly plural: string;
  /** Below `/api/`, with the slash. */
  readonly path: string;
  /** Columns that the gateway reads besides `url`, `uuid` and `name`. */
  readonly texts: readonly string[];
}

const LISTS: readonly Place[] = [
  {
    id: 'project',
    plural: 'projects',
    path: 'projects/',
    texts: ['customer', 'customer_uuid', 'customer_name', 'customer_native_name', 'customer_abbreviation'],
  },
  { id: 'customer', plural: 'customers', path: 'customers/', texts: ['native_name', 'abbreviation'] },
  { id: 'tenant', plural: 'tenants', path: 'openstack-tenants/', texts: [] },
  { id: 'instance', plural: 'instances', path: 'openstack-instances/', texts: [] },
];

/** The gateway reads these one by one, or all of them for many. */
const OTHERS: readonly Place[] = [
  { id: 'settings', plural: 'service settings', path: 'service-settings/', texts: ['state', 'error_message'] },
  { id: 'type', plural: 'volume types', path: 'openstack-volume-types/', texts: [] },
  { id: 'zone', plural: 'availability zones', path: 'openstack-volume-availability-zones/', texts: [] },
  { id: 'image', plural: 'images', path: 'openstack-images/', texts: [] },
];

const [PROJECTS, , TENANTS, INSTANCES] = LISTS.map(({ path }) => path) as [string, string, string, string];

/** The rows of a list of at most one page. @throws Skip when the list is empty or longer. */
async function all(
  { waldur }: Subject,
  path: string,
  parameters: Readonly<Record<string, string | readonly string[]>>,
): Promise<readonly Row[]> {
  const found = rows(await waldur.get(path + query({ page_size: PAGE, ...parameters })));
  if (found.length === 0) skip(`the caller sees nothing at ${path}`);
  if (found.length === PAGE) skip(`the list at ${path} has more than one page`);
  return found;
}

const uuids = (found: readonly Row[]): string[] => found.map((row) => text(row, 'uuid')).toSorted();

const columns = ({ id, plural, path, texts }: Place): Check<Subject> => ({
  id: `related.${id}-columns`,
  statement: `Rows and details of ${plural} have the columns that the gateway reads.`,
  section: '11.2',
  async run(subject) {
    const field = ['url', 'uuid', 'name', ...texts];
    const [row] = await all(subject, path, { field });
    if (row === undefined) skip(`there are no ${plural}`);
    ensure(isUuid(row.uuid), `uuid is ${show(row.uuid)}`);
    same('the uuid in the url', uuidInUrl(row.url), row.uuid);
    for (const column of ['name', ...texts]) text(row, column);
    const one = object(await subject.waldur.get(`${path}${text(row, 'uuid')}/${query({ field })}`));
    for (const column of field) same(column, one[column], row[column]);
  },
});

const byName = ({ id, plural, path }: Place): Check<Subject> => ({
  id: `related.${id}-name`,
  statement: `name finds ${plural} whose name contains it, in any case.`,
  section: '11.2',
  async run(subject) {
    const every = await all(subject, path, { field: ['uuid', 'name'] });
    const name = every.map((row) => text(row, 'name').trim()).find((one) => /^[\x20-\x7e]{2,}$/.test(one));
    if (name === undefined) skip(`no name of ${plural} can be searched for`);
    const part = name.slice(1).toUpperCase();
    const found = rows(await subject.waldur.get(path + query({ page_size: PAGE, name: part, field: 'uuid' })));
    same('what is found', uuids(found), uuids(every.filter((row) => text(row, 'name').toUpperCase().includes(part))));
  },
});

const ordered = ({ id, plural, path }: Place): Check<Subject> => ({
  id: `related.${id}-order`,
  statement: `o sorts ${plural} by name and by created.`,
  section: '11.2',
  async run(subject) {
    const found = await all(subject, path, { o: '-created', field: ['uuid', 'created'] });
    const times = found.map((row) => sortableTime(text(row, 'created')));
    same('the order', times, times.toSorted().toReversed());
    const named = await all(subject, path, { o: 'name,created', field: 'uuid' });
    same('the rows', uuids(named), uuids(found));
  },
});

/** A filter by the uuid of another object, which each row names in one of its columns. */
const within = (id: string, path: string, parameter: string, column: string): Check<Subject> => ({
  id: `related.${id}-${parameter}`,
  statement: `${parameter} finds what belongs to the object with this uuid.`,
  section: '11.2',
  async run(subject) {
    const every = await all(subject, path, { field: ['uuid', column] });
    const wanted = text(every[0] ?? {}, column);
    const found = rows(await subject.waldur.get(path + query({ page_size: PAGE, [parameter]: wanted, field: 'uuid' })));
    same('what is found', uuids(found), uuids(every.filter((row) => row[column] === wanted)));
    const none = rows(await subject.waldur.get(path + query({ [parameter]: nobodysUuid(), field: 'uuid' })));
    same('what an unknown uuid finds', none, []);
  },
});

export const RELATED: readonly Check<Subject>[] = [
  ...[...LISTS, ...OTHERS.filter(({ id }) => id !== 'image')].map(columns),
  ...LISTS.map(byName),
  ...LISTS.map(ordered),
  within('project', PROJECTS, 'customer', 'customer_uuid'),
  within('tenant', TENANTS, 'project_uuid', 'project_uuid'),
  within('instance', INSTANCES, 'project_uuid', 'project_uuid'),
  within('instance', INSTANCES, 'tenant_uuid', 'tenant_uuid'),
  {
    id: 'related.instance-attach_volume_uuid',
    statement: 'attach_volume_uuid finds the instances of the tenant and project of the volume, in any state.',
    section: '11.2',
    async run(subject) {
      const every = await all(subject, INSTANCES, { field: ['uuid', 'tenant_uuid', 'project_uuid'] });
      const volumes = await all(subject, VOLUMES.path, {
        field: ['uuid', 'tenant_uuid', 'project_uuid'],
        o: '-created',
      });
      const isNear = (row: Row, other: Row): boolean =>
        row.tenant_uuid === other.tenant_uuid && row.project_uuid === other.project_uuid;
      const volume = volumes.find((one) => every.some((row) => isNear(row, one)));
      if (volume === undefined) skip('no volume has an instance in its tenant');
      const found = async (uuid: string) =>
        rows(await subject.waldur.get(INSTANCES + query({ page_size: PAGE, attach_volume_uuid: uuid, field: 'uuid' })));
      same(
        'what is found',
        uuids(await found(text(volume, 'uuid'))),
        uuids(every.filter((row) => isNear(row, volume))),
      );
      same('what an unknown uuid finds', await found(nobodysUuid()), []);
    },
  },
  {
    id: 'related.tenant-quotas',
    statement: 'A quota of a tenant has a name, a usage and a limit, which is negative where there is none.',
    section: '11.2',
    async run(subject) {
      const every = await all(subject, TENANTS, { field: ['uuid', 'quotas'] });
      for (const quota of every.flatMap((row) => list(row, 'quotas'))) {
        text(quota, 'name');
        ensure(typeof quota.usage === 'number', `usage is ${show(quota.usage)}`);
        ensure(typeof quota.limit === 'number', `limit is ${show(quota.limit)}`);
      }
    },
  },
  {
    id: 'related.missing',
    statement: 'An object that does not exist is a 404 with a detail, whatever its kind.',
    section: '11.2',
    async run({ waldur }) {
      for (const { path } of [...LISTS, ...OTHERS]) detail(await waldur.get(`${path}${nobodysUuid()}/`), 404);
    },
  },
];
