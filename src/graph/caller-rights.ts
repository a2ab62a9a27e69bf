import { type Place, Rights, type Role } from '../domain/roles.ts';
import type { Filter, Kind } from '../loading/list-request.ts';
import type { RowPlaces } from '../loading/loaders.ts';
import { parseUuid } from '../waldur/uuid.ts';
import { optionalUuid, uuidInUrl } from './fields/read.ts';
import type { MeRow } from './nodes.ts';

/** The columns that tell the project and the customer of a row. Older versions of Waldur tell a customer's uuid by its address only. */
const PLACE_COLUMNS = { project: ['project_uuid'], customer: ['customer', 'customer_uuid'] } as const;

/** The columns of `PLACE_COLUMNS`, in rows of snapshots and volumes. */
interface PlacedRow {
  readonly project_uuid?: unknown;
  readonly customer_uuid?: unknown;
  readonly customer?: unknown;
}

/**
 * What the caller of one operation may do with the rows that it reads. Where that depends on the project or customer of a row, the
 * columns that tell these are requested; they cost Waldur queries for each row, so only then.
 */
export class CallerRights implements RowPlaces {
  readonly #read: () => Promise<MeRow>;
  readonly #needed: (kind: Kind) => boolean;
  readonly #places = new WeakMap<object, Place>();
  #known: Rights | undefined;

  /**
   * @param read reads the caller's own user.
   * @param needed whether the operation selects fields of this kind of rows that depend on the caller's rights.
   */
  constructor(read: () => Promise<MeRow>, needed: (kind: Kind) => boolean) {
    this.#read = read;
    this.#needed = needed;
  }

  /** The last result of `get`; undefined before that. */
  get known(): Rights | undefined {
    return this.#known;
  }

  async get(): Promise<Rights> {
    this.#known = rightsOf(await this.#read());
    return this.#known;
  }

  async columnsFor(kind: Kind, filter: Filter): Promise<readonly string[]> {
    if (!this.#needed(kind)) return [];
    try {
      const rights = await this.get();
      return rights.missing(placeIn(filter)).flatMap((scope) => PLACE_COLUMNS[scope]);
    } catch {
      // The fields that depend on it read the user again, and report the error.
      return [];
    }
  }

  remember(kind: Kind, row: object, filter: Filter): void {
    if (this.#needed(kind)) this.#places.set(row, placeIn(filter));
  }

  /** Whether the caller may change the object of a row. What cannot be told is left to Waldur, so it counts as allowed. */
  mayChange(rights: Rights, row: PlacedRow): boolean {
    const place = this.#places.get(row) ?? {};
    return rights.mayChange(place) ?? rights.mayChange({ ...place, ...placeOf(row) }) ?? true;
  }
}

/** The project and the customer that all rows of a list belong to, if its filter names them. */
function placeIn({ projectUuid, project, customerUuid, customer }: Filter): Place {
  const uuid = (value: Filter[string] | undefined) => (typeof value === 'string' ? parseUuid(value) : undefined);
  return {
    ...known('projectUuid', uuid(projectUuid ?? project)),
    ...known('customerUuid', uuid(customerUuid ?? customer)),
  };
}

function placeOf(row: PlacedRow): Place {
  const customer = optionalUuid(row, 'customer_uuid') ?? uuidInUrl(row, 'customer');
  return { ...known('projectUuid', optionalUuid(row, 'project_uuid')), ...known('customerUuid', customer) };
}

const known = (name: keyof Place, uuid: string | null | undefined): Place => (uuid == null ? {} : { [name]: uuid });

function rightsOf({ is_staff, is_support, permissions }: MeRow): Rights {
  const rows: readonly unknown[] = Array.isArray(permissions) ? permissions : [];
  return new Rights({ isStaff: is_staff === true, isSupport: is_support === true, roles: rows.map(roleOf) });
}

/** A role that cannot be read is one of which nothing is known. */
function roleOf(row: unknown): Role {
  const columns = Object(row) as Readonly<Record<string, unknown>>;
  const text = (name: string): string | null => (typeof columns[name] === 'string' ? columns[name] : null);
  const uuid = (name: string): string | null => parseUuid(text(name) ?? '') ?? null;
  return {
    name: text('role_name') ?? '',
    scopeType: text('scope_type'),
    scopeUuid: uuid('scope_uuid'),
    customerUuid: uuid('customer_uuid'),
  };
}
