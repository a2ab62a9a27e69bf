/**
 * SQL queries that a real Waldur makes for each row, by cost group (contract 3.3, 3.6). Columns of the object itself are free.
 * The columns of any other group share their queries, except those of `marketplace`: each of them is a query of its own.
 *
 * Which column belongs to which group is declared where the graph's fields are declared.
 */
export const QUERIES_PER_ROW = {
  own: 0,
  source_volume: 1,
  source_volume_marketplace: 2,
  restorations: 1,
  service_settings: 1,
  project: 1,
  customer: 1,
  marketplace: 1,
  tenant: 1,
  type: 1,
  availability_zone: 1,
  image: 1,
  source_snapshot: 1,
  instance: 1,
  instance_marketplace: 2,
  backups: 1,
  quotas: 1,
} as const;

export type CostGroup = keyof typeof QUERIES_PER_ROW;

/** Columns by cost group. */
export type ColumnGroups<Column extends string = string> = { readonly [Group in CostGroup]?: readonly Column[] };

/** Time that a real server takes for any request, for a row and for a query, in ms (contract 3.6). The proportions matter. */
const REQUEST_MS = 20;
const ROW_MS = 0.3;
const QUERY_MS = 0.85;

/** Network, the gateway's own work and a place in the caller's queue, for each request, in ms. */
const OVERHEAD_MS = 20;

/** Fixed cost of a request for one object or one page, in ms. */
export const CALL_MS = REQUEST_MS + OVERHEAD_MS;

/** What REST columns cost Waldur. The planner, the live engine and the documentation read the same declarations. */
export class ColumnCosts {
  readonly #groups = new Map<string, CostGroup>();

  /** @throws TypeError for a column that is declared in two groups. */
  constructor(declarations: Iterable<ColumnGroups>) {
    for (const groups of declarations) {
      for (const [group, columns] of Object.entries(groups)) {
        for (const column of columns) this.#declare(column, group as CostGroup);
      }
    }
  }

  #declare(column: string, group: CostGroup): void {
    const known = this.#groups.get(column);
    if (known !== undefined && known !== group) {
      throw new TypeError(`The column ${column} is declared in the cost groups ${known} and ${group}.`);
    }
    this.#groups.set(column, group);
  }

  /** The cost group of a column; undefined for a column that no field is made from. */
  groupOf(column: string): CostGroup | undefined {
    return this.#groups.get(column);
  }

  /** True for a column of the object itself, which costs nothing however many rows are requested. */
  isOwn(column: string): boolean {
    return this.#groups.get(column) === 'own';
  }

  /** Estimated time that a real server takes for one row with these columns, in ms. */
  rowMs(columns: readonly string[]): number {
    const counted = new Set<CostGroup>();
    let queries = 0;
    for (const column of columns) {
      const group = this.#groups.get(column);
      if (group !== undefined && group !== 'marketplace') {
        if (counted.has(group)) continue;
        counted.add(group);
      }
      // An undeclared column is assumed to be a query of its own.
      queries += group === undefined ? 1 : QUERIES_PER_ROW[group];
    }
    return ROW_MS + queries * QUERY_MS;
  }
}
