import { STATES } from '../../src/domain/states.ts';
import type { Snapshot, Volume } from '../model.ts';
import { type Call, invalid } from './exchange.ts';
import { compareText } from './text.ts';

type Row = Snapshot | Volume;
type Compare = (a: Row, b: Row, call: Call) => number;

const text =
  (get: (row: Row, call: Call) => string | undefined): Compare =>
  (a, b, call) =>
    // The database puts nulls after everything else.
    compareNullable(get(a, call), get(b, call));

function compareNullable(a: string | undefined, b: string | undefined): number {
  if (a === undefined || b === undefined) return Number(a === undefined) - Number(b === undefined);
  return compareText(a, b);
}

const customer = (row: Row, { api: { world } }: Call) =>
  world.tables.customers.get(world.tables.projects.get(row.project_uuid)?.customer_uuid ?? '');

const COMMON: Readonly<Record<string, Compare>> = {
  name: text((row) => row.name),
  state: (a, b) => STATES.indexOf(a.state) - STATES.indexOf(b.state),
  customer_name: text((row, call) => customer(row, call)?.name),
  customer_native_name: text((row, call) => customer(row, call)?.native_name),
  customer_abbreviation: text((row, call) => customer(row, call)?.abbreviation),
  project_name: text((row, { api }) => api.world.tables.projects.get(row.project_uuid)?.name),
  service_name: text((row, { api }) => api.world.tables.service_settings.get(row.service_settings_uuid)?.name),
  created: text((row) => row.created.replace(/^([^.]*)Z$/, '$1.000000Z')),
  size: (a, b) => a.size - b.size,
};

/** Sort keys (contract 3.4). */
const KEYS: Readonly<Record<'snapshot' | 'volume', Readonly<Record<string, Compare>>>> = {
  snapshot: {
    ...COMMON,
    source_volume_name: text((row, { api }) =>
      'source_volume_uuid' in row ? api.world.tables.volumes.get(row.source_volume_uuid ?? '')?.name : undefined,
    ),
  },
  volume: {
    ...COMMON,
    instance_name: text((row, { api }) =>
      'instance_uuid' in row ? api.world.tables.instances.get(row.instance_uuid ?? '')?.name : undefined,
    ),
  },
};

/**
 * The sort order of a list: the last `o`, a comma-separated list of keys. The default is by name.
 * @throws HttpError 400 for an unknown key.
 */
export function ordering(kind: 'snapshot' | 'volume', call: Call): (a: Row, b: Row) => number {
  const asked = call.query.findLast(([name]) => name === 'o')?.[1] ?? '';
  const items = asked.split(',').filter((item) => item !== '');
  // A single comma gives no key: the order of creation.
  const keys = asked === '' ? ['name'] : items;
  const compares = keys.map((key) => {
    const [name, direction] = key.startsWith('-') ? [key.slice(1), -1] : [key, 1];
    const compare = Object.hasOwn(KEYS[kind], name) ? KEYS[kind][name] : undefined;
    if (compare === undefined) {
      throw invalid({ o: [`Select a valid choice. ${key} is not one of the available choices.`] });
    }
    return (a: Row, b: Row) => direction * compare(a, b, call);
  });
  return (a, b) => {
    for (const compare of compares) {
      const result = compare(a, b);
      if (result !== 0) return result;
    }
    return a.seq - b.seq;
  };
}
