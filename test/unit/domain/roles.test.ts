import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { quotaRefusal } from '../../../src/domain/quotas.ts';
import { type Place, Rights, type Role } from '../../../src/domain/roles.ts';

/** A world of projects and their customers. Nobody has a role on those with an x: a caller never knows all there are. */
const CUSTOMER_OF: Readonly<Record<string, string>> = {
  p1: 'c1',
  p2: 'c1',
  x1: 'c1',
  p3: 'c2',
  x2: 'c2',
  x3: 'cx',
};
const PROJECTS = Object.keys(CUSTOMER_OF);
const CUSTOMERS = [...new Set(Object.values(CUSTOMER_OF))];
const hasRoles = (name: string): boolean => !name.includes('x');

const GRANTING = ['CUSTOMER.OWNER', 'PROJECT.ADMIN', 'PROJECT.MANAGER', 'PROJECT.MADE_UP', 'CUSTOMER.MADE_UP'];

const projectRole = fc
  .tuple(
    fc.constantFrom('PROJECT.ADMIN', 'PROJECT.MANAGER', 'PROJECT.MEMBER', 'PROJECT.MADE_UP'),
    fc.constantFrom(...PROJECTS.filter(hasRoles)),
  )
  .map(
    ([name, project]): Role => ({
      name,
      scopeType: 'project',
      scopeUuid: project,
      customerUuid: CUSTOMER_OF[project] ?? null,
    }),
  );
const customerRole = fc
  .tuple(
    fc.constantFrom('CUSTOMER.OWNER', 'CUSTOMER.MANAGER', 'CUSTOMER.SUPPORT', 'CUSTOMER.MADE_UP'),
    fc.constantFrom(...CUSTOMERS.filter(hasRoles)),
  )
  .map(([name, scopeUuid]): Role => ({ name, scopeType: 'customer', scopeUuid, customerUuid: null }));
const elsewhere: Role = { name: 'OFFERING.MANAGER', scopeType: 'offering', scopeUuid: 'p1', customerUuid: null };
const callers = fc.record({
  isStaff: fc.constantFrom(false, false, false, true),
  isSupport: fc.constantFrom(false, false, true),
  roles: fc.array(fc.oneof(projectRole, customerRole, fc.constant(elsewhere)), { maxLength: 5 }),
});
const places = fc.constantFrom<Place>(
  {},
  ...PROJECTS.map((projectUuid) => ({ projectUuid })),
  ...CUSTOMERS.map((customerUuid) => ({ customerUuid })),
  ...PROJECTS.map((projectUuid) => ({ projectUuid, customerUuid: CUSTOMER_OF[projectUuid] })),
);

/** The customers that a project may belong to, as far as the caller is told. */
function customersOf(roles: readonly Role[], project: string): readonly (string | undefined)[] {
  const told = roles.some(({ scopeType, scopeUuid }) => scopeType === 'project' && scopeUuid === project);
  return told ? [CUSTOMER_OF[project]] : CUSTOMERS;
}

interface Caller {
  readonly isStaff: boolean;
  readonly isSupport: boolean;
  readonly roles: Role[];
}

/** What Waldur decides in each project that the caller sees and that the place may be. */
function verdicts({ isStaff, isSupport, roles }: Caller, place: Place): Set<boolean> {
  const found = new Set<boolean>();
  for (const project of PROJECTS) {
    for (const customer of customersOf(roles, project)) {
      if ((place.projectUuid ?? project) !== project || (place.customerUuid ?? customer) !== customer) continue;
      const covering = roles.filter(
        ({ scopeType, scopeUuid }) =>
          (scopeType === 'project' && scopeUuid === project) || (scopeType === 'customer' && scopeUuid === customer),
      );
      if (!isStaff && !isSupport && covering.length === 0) continue;
      found.add(isStaff || covering.some(({ name }) => GRANTING.includes(name)));
    }
  }
  return found;
}

describe('rights of a caller', () => {
  it('agree with every place where the object may be, and are unknown only when the places differ', () => {
    fc.assert(
      fc.property(callers, places, (caller, place) => {
        const answer = new Rights(caller).mayChange(place);
        const possible = verdicts(caller, place);
        if (answer === undefined) expect(possible.size).toBe(2);
        else if (possible.size > 0) expect([...possible]).toEqual([answer]);
      }),
      { numRuns: 5_000 },
    );
  });

  it('are known once the missing parts of the place are', () => {
    fc.assert(
      fc.property(callers, places, fc.constantFrom(...PROJECTS), (caller, given, project) => {
        const whole = { projectUuid: project, customerUuid: CUSTOMER_OF[project] };
        const place = { ...given, ...(given.projectUuid !== undefined && { projectUuid: project }) };
        const fits = (place.customerUuid ?? whole.customerUuid) === whole.customerUuid;
        if (!fits) return;
        const rights = new Rights(caller);
        const missing = rights.missing(place);
        const known = {
          ...place,
          ...(missing.includes('project') && { projectUuid: whole.projectUuid }),
          ...(missing.includes('customer') && { customerUuid: whole.customerUuid }),
        };
        expect(rights.mayChange(known)).toBeDefined();
        expect(missing.length === 0).toBe(rights.mayChange(place) !== undefined);
      }),
      { numRuns: 5_000 },
    );
  });

  it('a role whose scope Waldur did not send may grant anything', () => {
    const role = { name: 'X', scopeType: null, scopeUuid: null, customerUuid: null };
    const member = { name: 'PROJECT.MEMBER', scopeType: 'project', scopeUuid: 'p1', customerUuid: 'c1' };
    expect(new Rights({ isStaff: false, isSupport: true, roles: [role, member] }).mayChange({})).toBe(true);
  });

  it('without any role, what is seen is seen for a reason that is not known', () => {
    expect(new Rights({ isStaff: false, isSupport: false, roles: [] }).mayChange({})).toBe(true);
    expect(new Rights({ isStaff: false, isSupport: true, roles: [] }).mayChange({})).toBe(false);
  });
});

describe('quotas of a restore', () => {
  const volume = { size: 10_240, typeName: 'ssd' };
  const quota = (name: string, usage: number, limit: number | null) => [{ name, usage, limit }];

  it.each([
    ['volumes', 49, 50, 50],
    ['volumes_size', 0, 10_240, 10_239],
    ['storage', 13_312, 23_552, 23_551],
    ['gigabytes_ssd', 90, 100, 99],
  ])('%s: the limit itself is allowed, one less is not', (name, usage, allowed, refused) => {
    expect(quotaRefusal(quota(name, usage, allowed), volume)).toBeNull();
    const most = name === 'volumes' ? usage : refused;
    expect(quotaRefusal(quota(name, usage, most), volume)).toContain(
      `The quota ${name} of the tenant would be exceeded`,
    );
  });

  it('the reason has usage, limit and what is needed, with units', () => {
    expect(quotaRefusal(quota('storage', 122_880, 131_072), volume)).toBe(
      'The quota storage of the tenant would be exceeded: 122880 of 131072 MiB are used, and a restore needs 10240 MiB.',
    );
    expect(quotaRefusal(quota('gigabytes_ssd', 95, 100), volume)).toContain(
      '95 of 100 GiB are used, and a restore needs 10 GiB',
    );
    expect(quotaRefusal(quota('volumes', 3, 3), volume)).toContain('3 of 3 are used, and a restore needs 1.');
  });

  it('the first quota in the order of Waldur is named', () => {
    const quotas = [...quota('storage', 1, 1), ...quota('volumes', 1, 1)];
    expect(quotaRefusal(quotas, volume)).toContain('quota volumes');
  });

  it('quotas that are not limited, not shown, or of another type do not count', () => {
    expect(quotaRefusal([], volume)).toBeNull();
    expect(quotaRefusal(quota('storage', 1e9, null), volume)).toBeNull();
    expect(quotaRefusal(quota('gigabytes_hdd', 10, 10), volume)).toBeNull();
    expect(quotaRefusal(quota('gigabytes_ssd', 10, 10), { ...volume, typeName: null })).toBeNull();
    expect(quotaRefusal(quota('snapshots', 10, 10), volume)).toBeNull();
  });
});
