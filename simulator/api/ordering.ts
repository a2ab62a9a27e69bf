import { STATES } from '../../src/domain/states.ts';
import type { Row as AnyRow, Resource, Snapshot, Volume } from '../model.ts';
import { type Call, invalid } from './exchange.ts';
import { compareText } from './text.ts';

type Row = Snapshot | Volume;
export type Compare<R> = (a: R, b: R, call: Call) => number;

export const text =
  <R>(get: (row: R, call: Call) => string | undefined): Compare<R> =>
  (a, b, call) =>
    // The database puts nulls after everything else.
    compareNullable(get(a, call), get(b, call));

function compareNullable(a: string | undefined, b: string | undefined): number {
  if (a === undefined || b === undefined) return Number(a === undefined) - Number(b === undefined);
  return compareText(a, b);
}

const customer = (row: Resource, { api: { world } }: Call) =>
  world.tables.customers.get(world.tables.projects.get(row.project_uuid)?.customer_uuid ?? '');

/** With all six digits, so that it sorts as text. */
export const createdOf = ({ created }: { readonly created: string }): string =>
  created.replace(/^([^.]*)Z$/, '$1.000000Z');

/** Sort keys of every OpenStack resource. */
export const RESOURCE_KEYS: Readonly<Record<string, Compare<Resource>>> = {
  name: text((row) => row.name),
  state: (a, b) => STATES.indexOf(a.state) - STATES.indexOf(b.state),
  customer_name: text((row, call) => customer(row, call)?.name),
  customer_native_name: text((row, call) => customer(row, call)?.native_name),
  customer_abbreviation: text((row, call) => customer(row, call)?.abbreviation),
  project_name: text((row, { api }) => api.world.tables.projects.get(row.project_uuid)?.name),
  service_name: text((row, { api }) => api.world.tables.service_settings.get(row.service_settings_uuid)?.name),
  created: text(createdOf),
};

const COMMON: Readonly<Record<string, Compare<Row>>> = { ...RESOURCE_KEYS, size: (a, b) => a.size - b.size };

/** Sort keys (contract 3.4). */
const KEYS: Readonly<Record<'snapshot' | 'volume', Readonly<Record<string, Compare<Row>>>>> = {
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
export const ordering = (kind: 'snapshot' | 'volume', call: Call): ((a: Row, b: Row) => number) =>
  orderBy(KEYS[kind], call);

/**
 * As `ordering`, by any keys.
 * @param lenient whether unknown keys are ignored.
 */
export function orderBy<R extends AnyRow>(
  known: Readonly<Record<string, Compare<R>>>,
  call: Call,
  lenient = false,
): (a: R, b: R) => number {
  const asked = call.query.findLast(([name]) => name === 'o')?.[1] ?? '';
  const items = asked.split(',').filter((item) => item !== '');
  // A single comma gives no key: the order of creation.
  const isKnown = (key: string): boolean => Object.hasOwn(known, key.replace(/^-/, ''));
  const usable = lenient ? items.filter(isKnown) : items;
  const keys = asked === '' || (lenient && usable.length === 0) ? ['name'] : usable;
  const compares = keys.map((key) => {
    const [name, direction] = key.startsWith('-') ? [key.slice(1), -1] : [key, 1];
    const compare = Object.hasOwn(known, name) ? known[name] : undefined;
    if (compare === undefined) {
      throw invalid({ o: [`Select a valid choice. ${key} is not one of the available choices.`] });
    }
    return (a: R, b: R) => direction * compare(a, b, call);
  });
  return (a, b) => {
    for (const compare of compares) {
      const result = compare(a, b);
      if (result !== 0) return result;
    }
    return a.seq - b.seq;
  };
}
