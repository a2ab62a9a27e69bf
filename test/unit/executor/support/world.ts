import {
  type GraphQLNamedType,
  type GraphQLOutputType,
  isEnumType,
  isInterfaceType,
  isListType,
  isNonNullType,
  isObjectType,
} from 'graphql';
import { GatewayError } from '../../../../src/errors.ts';
import { globalId, NODE_TYPES, restorationId } from '../../../../src/graph/ids.ts';
import type { Kind } from '../../../../src/loading/list-request.ts';
import { later, refused } from './promises.ts';
import { snapshotRow, volumeRow } from './rows.ts';

type Row = Readonly<Record<string, unknown>>;

/** UUIDs that documents contain. */
export const UUIDS = Array.from({ length: 6 }, (_, n) => `${n + 1}`.padStart(32, '0'));
export const IDS = UUIDS.flatMap((uuid) => [
  ...NODE_TYPES.map((type) => globalId(type, uuid)),
  restorationId(uuid, uuid),
]);

const QUOTAS = [
  { name: 'volumes', usage: 3, limit: -1 },
  { name: 'storage', usage: 1024.5, limit: 2048 },
];

/** Wrong values of a column, a leaf, an object or a list. */
const WRONG: readonly unknown[] = [
  undefined,
  null,
  7,
  -1.5,
  '',
  'nonsense',
  true,
  [],
  {},
  [null],
  ['a'],
  Number.NaN,
  2 ** 31,
];

const TYPENAMES = [
  'Snapshot',
  'Volume',
  'Snapshot',
  'Volume',
  'Restoration',
  'Tenant',
  'Project',
  'Image',
  'PageInfo',
  'Node',
  'State',
  'Nowhere',
  7,
];

/**
 * Generated data for a seed: rows with missing columns, Errors, values, and promises that settle in any order. They depend on what is read
 * and not on when, so that two executions of a document see the same data.
 */
export class World {
  readonly #seed: number;
  readonly #rows = new Map<string, Row>();

  constructor(seed: number) {
    this.#seed = seed;
  }

  /** A number from 0 to `sides` - 1, the same for the same question. */
  roll(question: string, sides: number): number {
    let hash = 0x811c9dc5 ^ this.#seed;
    for (let i = 0; i < question.length; i++) hash = Math.imul(hash ^ question.charCodeAt(i), 0x01000193);
    hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
    hash ^= hash >>> 12;
    return (hash >>> 0) % sides;
  }

  pick<Item>(question: string, items: readonly [Item, ...Item[]] | readonly Item[]): Item {
    return items[this.roll(question, items.length)] as Item;
  }

  /** The same object each time, like DataLoader. */
  row(kind: Kind, uuid: string): Row {
    const known = this.#rows.get(`${kind} ${uuid}`);
    if (known !== undefined) return known;
    // Rows of volumes have the columns of all the other objects but tenants.
    const good = kind === 'snapshot' ? snapshotRow(uuid, UUIDS) : { ...volumeRow(uuid, UUIDS), quotas: QUOTAS };
    const row = this.#damaged(`${kind} ${uuid}`, good);
    this.#rows.set(`${kind} ${uuid}`, row);
    return row;
  }

  #damaged(question: string, row: Row): Row {
    const entries = Object.entries(row).map(([column, value]): [string, unknown] => {
      const ask = `${question} ${column}`;
      if (this.roll(ask, 24) === 0) return [column, this.pick(`${ask} wrong`, WRONG)];
      if (!Array.isArray(value)) return [column, value];
      return [column, value.map((one, i) => (typeof one === 'object' ? this.#damaged(`${ask} ${i}`, one) : one))];
    });
    return Object.fromEntries(entries);
  }

  error(question: string): unknown {
    const errors: readonly (() => unknown)[] = [
      () => new Error(`no ${question}`),
      () => new GatewayError('UPSTREAM_ERROR', `no ${question}`),
      () => Object.assign(new Error(`no ${question}`), { extensions: { code: 'MADE_UP', question } }),
      () => `no ${question}`,
      () => undefined,
    ];
    return this.pick(`${question} error`, errors)();
  }

  /** The value, a promise of it, or a rejected promise. */
  eventually<Value>(question: string, value: Value): Value | Promise<Value> {
    const roll = this.roll(`${question} when`, 12);
    if (roll === 0) return refused(this.error(question));
    if (roll < 7) return later(value, roll);
    return value;
  }

  /** A value of a type, mostly valid. */
  value(question: string, type: GraphQLOutputType): unknown {
    const error = this.error(question);
    const roll = this.roll(`${question} value`, 30);
    if (roll === 0) return error instanceof Error ? error : null;
    if (roll === 1) return this.pick(`${question} wrong`, WRONG);
    if (roll === 2) throw error;
    return this.eventually(question, this.#right(question, type));
  }

  #right(question: string, type: GraphQLOutputType): unknown {
    if (isNonNullType(type)) return this.#right(question, type.ofType);
    if (!isListType(type)) return this.#named(question, type);
    const items = Array.from({ length: this.roll(`${question} length`, 4) }, (_, i) => {
      try {
        return this.value(`${question} ${i}`, type.ofType);
      } catch (error) {
        return error;
      }
    });
    return this.roll(`${question} set`, 8) === 0 ? new Set(items) : items;
  }

  #named(question: string, type: GraphQLNamedType): unknown {
    const uuid = this.pick(`${question} uuid`, UUIDS);
    if (isInterfaceType(type)) {
      const __typename = this.pick(`${question} typename`, TYPENAMES);
      return __typename === 'Restoration'
        ? { ...this.#restoration(uuid), __typename }
        : { ...this.row(__typename === 'Snapshot' ? 'snapshot' : 'volume', uuid), __typename };
    }
    if (isEnumType(type)) return this.pick(question, type.getValues()).value;
    if (!isObjectType(type)) return this.#leaf(question, type.name);
    switch (type.name) {
      case 'Snapshot':
        return this.row('snapshot', uuid);
      case 'Restoration':
        return this.#restoration(uuid);
      default: {
        if ((NODE_TYPES as readonly string[]).includes(type.name)) return this.row('volume', uuid);
        // Functions, so that only what is read is generated.
        const fields = Object.values(type.getFields()).map(({ name, type: of }) => {
          const ask = `${question} ${name}`;
          const method = (): unknown => this.value(ask, of);
          return [name, this.roll(`${ask} method`, 2) === 0 ? method : this.#leafOr(ask, of, method)] as const;
        });
        return Object.fromEntries(fields);
      }
    }
  }

  #restoration(uuid: string): object {
    const snapshot = this.row('snapshot', uuid);
    const { restorations } = snapshot;
    const row: unknown = Array.isArray(restorations) ? restorations[0] : undefined;
    return { snapshotUuid: uuid, row: row ?? {}, snapshot };
  }

  #leafOr(question: string, type: GraphQLOutputType, method: () => unknown): unknown {
    const of = isNonNullType(type) ? type.ofType : type;
    return isObjectType(of) || isListType(of) || isInterfaceType(of) ? method : this.#named(question, of);
  }

  #leaf(question: string, name: string): unknown {
    const leaves: Readonly<Record<string, readonly unknown[]>> = {
      Int: [0, 1, -5, 2 ** 31 - 1, '12', true],
      Float: [0.5, '1.5'],
      Boolean: [true, false, 0],
      ID: ['a', 7],
      DateTime: ['2024-09-01T14:18:00.124374Z'],
      JSON: [{ a: [1, null, { b: 'c' }] }, 'text', 0, false],
    };
    return this.pick(question, leaves[name] ?? ['text', '', 'ä "quoted" \u2028', 12]);
  }
}
