import type { LoggedEvent } from '../event-log.ts';
import type { Uuid, Work } from '../model.ts';
import { type Call, HttpError, invalid, invalidList, type Reply, refused, ServerFault } from './exchange.ts';
import { paginate } from './paging.ts';
import { askedFields, type Renderers, render } from './serialize.ts';
import { compilePattern } from './text.ts';
import { readUuid } from './uuid.ts';
import type { Sight } from './visibility.ts';

/** The event log: `/api/events/` and `/api/events/count/` (contract 11.3). */

const PATH = '/api/events/';

const EVENT: Renderers<LoggedEvent> = {
  uuid: (event) => event.uuid,
  created: (event) => event.created,
  event_type: (event) => event.event_type,
  message: (event) => event.message,
  context: (event) => structuredClone(event.context),
};

/** The groups of event types, as far as this stand-in makes such events. */
const FEATURES: Readonly<Record<string, (type: string) => boolean>> = {
  resources: (type) => type.startsWith('resource_'),
  auth: (type) => type.startsWith('auth_'),
};

export function listEvents(call: Call, sight: Sight): Reply & { work: Work } {
  const newestFirst = readOrder(call) === '-created';
  const found = visibleEvents(call, sight);
  const page = paginate(newestFirst ? found.reverse() : found, call, PATH);
  const fields = askedFields(EVENT, call);
  const body = page.rows.map((event) => render(EVENT, fields, event, call));
  const work: Work = { userUuid: call.user.uuid, rows: body.length, fields: null, kind: 'other' };
  return { status: 200, body, headers: page.headers, work };
}

export function countEvents(call: Call, sight: Sight): Reply {
  readOrder(call);
  return { status: 200, body: { count: visibleEvents(call, sight).length } };
}

/** Events have numbers that no answer shows. @throws HttpError 404 for every id. */
export function eventDetail(id: string): never {
  throw refused(404, /^\d+$/.test(id) ? 'No Event matches the given query.' : 'Not found.');
}

const valuesOf = ({ query }: Call, name: string): string[] =>
  query.flatMap(([key, value]) => (key === name && value !== '' ? [value] : []));

/** @throws HttpError 400 for another order. */
function readOrder(call: Call): string {
  const order = valuesOf(call, 'o').at(-1) ?? '-created';
  if (order === 'created' || order === '-created') return order;
  throw invalid({ o: [`Select a valid choice. ${order} is not one of the available choices.`] });
}

/** Oldest first. @throws HttpError 400 for a value that Waldur rejects. */
function visibleEvents(call: Call, sight: Sight): LoggedEvent[] {
  const [from, to] = [readNumber(call, 'created_from'), readNumber(call, 'created_to')];
  const feed = feedOf(call, sight);
  const since = readTime(from) ?? Number.NEGATIVE_INFINITY;
  const until = readTime(to) ?? Number.POSITIVE_INFINITY;
  if (feed === null) return [];
  const test = typeTest(call);
  const message = valuesOf(call, 'message').at(-1);
  const says = message === undefined ? () => true : compilePattern(message);
  const found: LoggedEvent[] = [];
  // From the newest, because most requests are for the last seconds of a long log.
  for (const event of call.api.world.events.all.toReversed()) {
    const seconds = Date.parse(event.created) / 1000;
    if (seconds < since) break;
    if (seconds < until && (feed === '' || event.feeds.has(feed)) && test(event.event_type) && says(event.message)) {
      found.push(event);
    }
  }
  return found.reverse();
}

function typeTest(call: Call): (type: string) => boolean {
  const types = new Set(valuesOf(call, 'event_type'));
  const features = valuesOf(call, 'feature');
  const excluded = valuesOf(call, 'exclude_features');
  const isOf = (type: string, names: readonly string[]): boolean => names.some((name) => FEATURES[name]?.(type));
  return (type) =>
    (types.size === 0 || types.has(type)) && (features.length === 0 || isOf(type, features)) && !isOf(type, excluded);
}

/** The text of a number, or undefined without one. @throws HttpError 400 for another text. */
function readNumber(call: Call, name: string): string | undefined {
  const text = valuesOf(call, name).at(-1)?.trim();
  if (text === undefined || text === '') return undefined;
  if (!/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text)) throw invalid({ [name]: ['Enter a number.'] });
  return text;
}

/** The last second that Python can tell, of the year 9999. */
const LAST_SECOND = 253_402_300_799;

/** Whole Unix seconds. @throws HttpError 400 for a time that Python cannot tell. */
function readTime(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const seconds = Math.trunc(Number(text));
  if (Math.abs(seconds) > LAST_SECOND) throw invalidList(`Value "${text}" should be valid UNIX timestamp.`);
  return seconds;
}

/**
 * The object whose feed is requested.
 * @returns the empty string for all events, and null for a caller who sees none.
 * @throws HttpError 400 for a scope that the caller cannot see.
 */
function feedOf(call: Call, sight: Sight): Uuid | '' | null {
  const scope = call.query.findLast(([name]) => name === 'scope')?.[1];
  if (scope === undefined) return sight.everything() ? '' : null;
  if (scope === '') throw new ServerFault('an empty address cannot be resolved');
  const path = /^https?:\/\/[^/]*(\/.*)$/i.exec(scope)?.[1] ?? scope;
  // The address of an action names its object, too.
  const [, place = '', id] = /^\/api\/([\w-]+)\/(?:([^/?]+)\/(?:[\w-]+\/)?)?$/.exec(path) ?? [];
  const uuid = id === undefined ? onlyOne(place, call, sight) : readUuid(id);
  if (uuid === undefined || !sees(place, uuid, call, sight)) {
    throw new HttpError(400, [`Can't restore object from url: ${scope}`]);
  }
  return place === 'customers' && !sight.owns(uuid) ? null : uuid;
}

const OF_PROJECT = {
  'openstack-snapshots': 'snapshots',
  'openstack-volumes': 'volumes',
  'openstack-tenants': 'tenants',
  'openstack-instances': 'instances',
  'openstack-backups': 'backups',
  'openstack-snapshot-schedules': 'snapshot_schedules',
} as const;

const isOfProject = (place: string): place is keyof typeof OF_PROJECT => Object.hasOwn(OF_PROJECT, place);

function sees(place: string, uuid: Uuid, { api: { world } }: Call, sight: Sight): boolean {
  const { tables } = world;
  if (isOfProject(place)) {
    const row = tables[OF_PROJECT[place]].get(uuid);
    return row !== undefined && sight.project(row.project_uuid);
  }
  switch (place) {
    case 'projects':
      return tables.projects.has(uuid) && sight.project(uuid);
    case 'customers':
      return tables.customers.has(uuid) && sight.customer(uuid);
    case 'users':
      return tables.users.has(uuid);
    case 'service-settings':
      return tables.service_settings.has(uuid);
    case 'openstack-images':
      return tables.images.has(uuid) && sight.everything();
    default:
      return false;
  }
}

/** The address of a list names an object where the caller sees exactly one. */
function onlyOne(place: string, call: Call, sight: Sight): Uuid | undefined {
  const { projects, customers } = call.api.world.tables;
  const rows = place === 'projects' ? projects : place === 'customers' ? customers : undefined;
  const seen = [...(rows?.keys() ?? [])].filter((uuid) => sees(place, uuid, call, sight));
  return seen.length === 1 ? seen[0] : undefined;
}
