/**
 * Who may change snapshots and volumes: staff, owners of the customer, managers and administrators of the project (contract 2.1,
 * 11.4). Only Waldur decides; this says beforehand what it will decide, as far as the caller's roles tell.
 */

/** What each of Waldur's system roles on a customer or project means. A role that is not listed may grant anything. */
const GRANTS: Readonly<Record<string, boolean>> = {
  'CUSTOMER.OWNER': true,
  'CUSTOMER.MANAGER': false,
  'CUSTOMER.SUPPORT': false,
  'PROJECT.ADMIN': true,
  'PROJECT.MANAGER': true,
  'PROJECT.MEMBER': false,
};

/** One role of a caller. null: not known. */
export interface Role {
  readonly name: string;
  readonly scopeType: string | null;
  readonly scopeUuid: string | null;
  /** Of the project that the role is on. */
  readonly customerUuid: string | null;
}

/** Where an object is, as far as it is known. */
export interface Place {
  readonly projectUuid?: string | undefined;
  readonly customerUuid?: string | undefined;
}

interface CallerFacts {
  readonly isStaff: boolean;
  readonly isSupport: boolean;
  readonly roles: readonly Role[];
}

type Scope = 'project' | 'customer';

/** A role that may cover an object at a place. `sure`: it does. */
interface Covering {
  readonly role: Role;
  readonly sure: boolean;
}

/** The rights of one caller. */
export class Rights {
  readonly isStaff: boolean;
  readonly #isSupport: boolean;
  readonly #roles: readonly Role[];
  readonly #customers = new Map<string, string>();
  readonly #verdicts = new Map<string, boolean | undefined>();

  constructor({ isStaff, isSupport, roles }: CallerFacts) {
    this.isStaff = isStaff;
    this.#isSupport = isSupport;
    // A role on anything else, such as an offering, covers no project.
    const covering = roles.filter(({ scopeType }) => scopeType === null || isScope(scopeType));
    this.#roles = covering.filter((role) => mayGrant(role) || !covering.some((other) => outranks(other, role)));
    for (const { scopeType, scopeUuid, customerUuid } of roles) {
      if (scopeType === 'project' && scopeUuid !== null && customerUuid !== null) {
        this.#customers.set(scopeUuid, customerUuid);
      }
    }
  }

  /**
   * Whether the caller may change a visible object at this place.
   * @returns undefined when the place is not known well enough; see `missing`.
   */
  mayChange(place: Place): boolean | undefined {
    const key = `${place.projectUuid} ${place.customerUuid}`;
    if (!this.#verdicts.has(key)) this.#verdicts.set(key, this.#judge(place));
    return this.#verdicts.get(key);
  }

  /** What else has to be known of a place before `mayChange` has an answer. Nothing when it has one. */
  missing(place: Place): readonly Scope[] {
    if (this.mayChange(place) !== undefined) return [];
    // Roles that grant nothing decide nothing.
    const unsure = this.#covering(place).filter(({ role, sure }) => !sure && mayGrant(role));
    return SCOPES.filter((scope) => unsure.some(({ role }) => role.scopeType === scope));
  }

  #judge(place: Place): boolean | undefined {
    if (this.isStaff) return true;
    const covering = this.#covering(place);
    if (covering.some(({ role, sure }) => sure && mayGrant(role))) return true;
    if (!covering.some(({ role }) => mayGrant(role))) {
      // Without any role, global support sees the object by its flag. Others see it for a reason that is not known here.
      return !this.#isSupport && covering.length === 0;
    }
    // The object is visible. If only by roles that grant, one of them covers it.
    return !this.#isSupport && covering.every(({ role }) => mayGrant(role)) ? true : undefined;
  }

  #covering(place: Place): Covering[] {
    const { projectUuid } = place;
    const customerUuid = place.customerUuid ?? this.#customers.get(projectUuid ?? '');
    return this.#roles.flatMap((role): Covering[] => {
      const { scopeType, scopeUuid } = role;
      // What is not known of a role may be of any effect.
      if (scopeType === null || scopeUuid === null) return [{ role, sure: true }];
      const known = scopeType === 'project' ? projectUuid : customerUuid;
      if (known !== undefined) return known === scopeUuid ? [{ role, sure: true }] : [];
      const elsewhere =
        scopeType === 'project' && customerUuid !== undefined && (role.customerUuid ?? customerUuid) !== customerUuid;
      return elsewhere ? [] : [{ role, sure: false }];
    });
  }
}

const SCOPES: readonly Scope[] = ['project', 'customer'];
const isScope = (text: string): text is Scope => text === 'project' || text === 'customer';

/** Whether a role grants what another does not, wherever that one applies. */
const outranks = (role: Role, other: Role): boolean =>
  mayGrant(role) &&
  role.scopeUuid !== null &&
  (role.scopeUuid === other.scopeUuid || role.scopeUuid === other.customerUuid);

const mayGrant = ({ name }: Role): boolean => (Object.hasOwn(GRANTS, name) ? GRANTS[name] === true : true);
