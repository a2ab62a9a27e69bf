import type { Row, Tables, Work } from '../model.ts';
import { type Call, type Reply, refused, ServerFault } from './exchange.ts';
import { build, type Table } from './filters.ts';
import { labelOf } from './labels.ts';
import { type Compare, createdOf, orderBy, RESOURCE_KEYS, text } from './ordering.ts';
import { paginate } from './paging.ts';
import * as fields from './related-fields.ts';
import * as filters from './related-filters.ts';
import { askedFields, type Renderers, render } from './serialize.ts';
import { readUuid } from './uuid.ts';
import type { Sight } from './visibility.ts';

/** Related objects of snapshots and volumes, as far as clients look them up (contract 11.2). */

type RowOf<T extends keyof Tables> = Tables[T] extends Map<string, infer R extends Row> ? R : never;
type Order<R> = (call: Call) => (a: R, b: R) => number;

interface Place<R extends Row> {
  readonly rows: (tables: Tables) => ReadonlyMap<string, R>;
  /** In `No ... matches the given query.` */
  readonly title: string;
  readonly sees: (row: R, sight: Sight) => boolean;
  readonly fields: Renderers<R>;
  readonly filters?: Table<R>;
  readonly order: Order<R>;
  /** True for what the cloud alone makes: `field` is not understood. */
  readonly ofProvider?: true;
}

interface Answers {
  list(path: string, call: Call, sight: Sight): Answered;
  detail(id: string, call: Call, sight: Sight): Answered;
}

type Answered = Reply & { work: Work };

const work = ({ user }: Call, rows: number): Work => ({ userUuid: user.uuid, rows, fields: null, kind: 'other' });

/** The answers of a place. */
function answersOf<R extends Row>({ rows, title, sees, fields, filters, order, ofProvider }: Place<R>): Answers {
  const asked = (call: Call): readonly string[] => (ofProvider ? Object.keys(fields) : askedFields(fields, call));
  const tested = (call: Call, sight: Sight) => (filters === undefined ? () => true : build(filters, call, sight));
  return {
    list(path, call, sight) {
      const compare = order(call);
      const test = tested(call, sight);
      const found = [...rows(call.api.world.tables).values()].filter((row) => sees(row, sight) && test(row));
      const page = paginate(found.sort(compare), call, path);
      const body = page.rows.map((row) => render(fields, asked(call), row, call));
      return { status: 200, body, headers: page.headers, work: work(call, body.length) };
    },
    detail(id, call, sight) {
      const row = rows(call.api.world.tables).get(readUuid(id) ?? '');
      if (row === undefined || !sees(row, sight)) throw refused(404, `No ${title} matches the given query.`);
      return { status: 200, body: render(fields, asked(call), row, call), work: work(call, 1) };
    },
  };
}

const ofProject = (row: { project_uuid: string }, sight: Sight): boolean => sight.project(row.project_uuid);
const everybody = (): boolean => true;

const named = text<{ name: string }>((row) => row.name);
const ofSettings = text<{ settings_uuid: string }>(
  (row, { api }) => api.world.tables.service_settings.get(row.settings_uuid)?.name,
);
const byAge: Order<Row> = () => (a, b) => a.seq - b.seq;
const byName: Order<{ name: string }> = (call) => (a, b) => named(a, b, call);
const bySettings: Order<{ name: string; settings_uuid: string }> = (call) => (a, b) =>
  ofSettings(a, b, call) || named(a, b, call);

const customerOf = (row: RowOf<'projects'>, { api }: Call) => api.world.tables.customers.get(row.customer_uuid);

const PROJECT_KEYS: Readonly<Record<string, Compare<RowOf<'projects'>>>> = {
  name: named,
  created: text(createdOf),
  // No project has one.
  end_date: () => 0,
  customer_name: text((row, call) => customerOf(row, call)?.name),
  customer_native_name: text((row, call) => customerOf(row, call)?.native_name),
  customer_abbreviation: text((row, call) => customerOf(row, call)?.abbreviation),
};

const CUSTOMER_KEYS: Readonly<Record<string, Compare<RowOf<'customers'>>>> = {
  name: named,
  created: text(createdOf),
  abbreviation: text((row) => row.abbreviation),
  native_name: text((row) => row.native_name),
};

/** The server offers the key and has no column for it. */
const instanceOrder: Order<RowOf<'instances'>> = (call) => {
  const asked = call.query.findLast(([name]) => name === 'o')?.[1] ?? '';
  if (/(?:^|,)-?ip_address(?:,|$)/.test(asked)) throw new ServerFault('there is no column ip_address');
  return orderBy(RESOURCE_KEYS, call);
};

const PLACES: Readonly<Record<string, Answers>> = {
  'openstack-tenants': answersOf<RowOf<'tenants'>>({
    rows: (tables) => tables.tenants,
    title: 'Tenant',
    sees: ofProject,
    fields: fields.TENANT,
    filters: filters.TENANT,
    order: (call) => orderBy(RESOURCE_KEYS, call),
  }),
  projects: answersOf<RowOf<'projects'>>({
    rows: (tables) => tables.projects,
    title: 'Project',
    sees: (row, sight) => sight.project(row.uuid),
    fields: fields.PROJECT,
    filters: filters.PROJECT,
    order: (call) => orderBy(PROJECT_KEYS, call),
  }),
  customers: answersOf<RowOf<'customers'>>({
    rows: (tables) => tables.customers,
    title: 'Customer',
    sees: (row, sight) => sight.customer(row.uuid),
    fields: fields.CUSTOMER,
    filters: filters.CUSTOMER,
    order: (call) => orderBy(CUSTOMER_KEYS, call, true),
  }),
  'service-settings': answersOf<RowOf<'service_settings'>>({
    rows: (tables) => tables.service_settings,
    title: 'ServiceSettings',
    sees: everybody,
    fields: fields.SERVICE_SETTINGS,
    order: byAge,
  }),
  'openstack-volume-types': answersOf<RowOf<'volume_types'>>({
    rows: (tables) => tables.volume_types,
    title: 'VolumeType',
    sees: everybody,
    fields: fields.VOLUME_TYPE,
    filters: filters.VOLUME_TYPE,
    order: bySettings,
    ofProvider: true,
  }),
  'openstack-images': answersOf<RowOf<'images'>>({
    rows: (tables) => tables.images,
    title: 'Image',
    sees: (_row, sight) => sight.everything(),
    fields: fields.IMAGE,
    filters: filters.IMAGE,
    order: byName,
    ofProvider: true,
  }),
  'openstack-volume-availability-zones': answersOf<RowOf<'volume_availability_zones'>>({
    rows: (tables) => tables.volume_availability_zones,
    title: 'VolumeAvailabilityZone',
    sees: everybody,
    fields: fields.AVAILABILITY_ZONE,
    filters: filters.AVAILABILITY_ZONE,
    order: bySettings,
    ofProvider: true,
  }),
  'openstack-instances': answersOf<RowOf<'instances'>>({
    rows: (tables) => tables.instances,
    title: 'Instance',
    sees: ofProject,
    fields: fields.INSTANCE,
    filters: filters.INSTANCE,
    order: instanceOrder,
  }),
  'openstack-backups': answersOf<RowOf<'backups'>>({
    rows: (tables) => tables.backups,
    title: 'Backup',
    sees: ofProject,
    fields: {
      ...fields.basic('openstack-backups'),
      state: (row, { api }) => labelOf(row.state, api.generation),
    },
    order: byName,
  }),
  'openstack-snapshot-schedules': answersOf<RowOf<'snapshot_schedules'>>({
    rows: (tables) => tables.snapshot_schedules,
    title: 'SnapshotSchedule',
    sees: ofProject,
    fields: fields.basic('openstack-snapshot-schedules'),
    order: byName,
  }),
};

/** @throws HttpError 404 for a place that this stand-in does not have. */
function placeOf(place: string): Answers {
  const found = Object.hasOwn(PLACES, place) ? PLACES[place] : undefined;
  if (found === undefined) throw refused(404, 'Not found.');
  return found;
}

export const relatedList = (place: string, call: Call, sight: Sight): Answered =>
  placeOf(place).list(`/api/${place}/`, call, sight);

export const relatedDetail = (place: string, id: string, call: Call, sight: Sight): Answered =>
  placeOf(place).detail(id, call, sight);
