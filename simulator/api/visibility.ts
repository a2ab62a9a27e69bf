import { BlockList, isIP } from 'node:net';
import type { Role, User, Uuid } from '../model.ts';
import type { World } from '../world.ts';
import { ServerFault } from './exchange.ts';

/** Visibility and permissions (contract 2.1). */

/** Roles that let a user change objects, by the kind of scope they are on. */
const WRITERS = { customer: ['CUSTOMER.OWNER'], project: ['PROJECT.ADMIN', 'PROJECT.MANAGER'] };

const rolesOf = (user: User): Role[] => user.roles.filter((role) => role.is_active);

export const seesEverything = (user: User): boolean => user.is_staff || user.is_support;

/** The visible objects of a user, computed once per request. */
export class Sight {
  readonly #world: World;
  readonly #user: User;
  readonly #address: string;
  readonly #customers = new Map<Uuid, boolean>();

  /** @param address the client's, as Waldur believes it: the first element of X-Forwarded-For, else the socket's. */
  constructor(world: World, user: User, address: string) {
    this.#world = world;
    this.#user = user;
    this.#address = address;
  }

  /** Any role on the project or its customer, from an address that the customer admits. */
  project(uuid: Uuid): boolean {
    if (seesEverything(this.#user)) return true;
    const project = this.#world.tables.projects.get(uuid);
    if (project === undefined || !this.#admits(project.customer_uuid)) return false;
    return rolesOf(this.#user).some(({ scope_uuid }) => scope_uuid === uuid || scope_uuid === project.customer_uuid);
  }

  /** Staff and support. */
  everything(): boolean {
    return seesEverything(this.#user);
  }

  /** A role on the customer or on one of its projects. */
  customer(uuid: Uuid): boolean {
    if (seesEverything(this.#user)) return true;
    if (!this.#admits(uuid)) return false;
    const { projects } = this.#world.tables;
    return rolesOf(this.#user).some(
      ({ scope_uuid }) => scope_uuid === uuid || projects.get(scope_uuid)?.customer_uuid === uuid,
    );
  }

  /** Staff, owner of the customer, manager or administrator of the project. */
  mayChange(project: Uuid): boolean {
    return this.#user.is_staff || this.manages(project);
  }

  /** The same without the privilege of staff, for the filter `can_manage`. */
  manages(project: Uuid): boolean {
    const customer = this.#world.tables.projects.get(project)?.customer_uuid;
    return rolesOf(this.#user).some(
      ({ role, scope_uuid }) =>
        (scope_uuid === project && WRITERS.project.includes(role)) ||
        (scope_uuid === customer && WRITERS.customer.includes(role)),
    );
  }

  /** Whether the client's address is within the customer's subnets; one without subnets admits every address. */
  #admits(customerUuid: Uuid): boolean {
    const known = this.#customers.get(customerUuid);
    if (known !== undefined) return known;
    const subnets = this.#world.tables.customers.get(customerUuid)?.access_subnets ?? [];
    const answer = subnets.length === 0 || this.#address === '' || isWithin(this.#address, subnets);
    this.#customers.set(customerUuid, answer);
    return answer;
  }

  /**
   * The database checks the address of every user except staff and support, and fails for an invalid address. An empty address disables
   * the check (contract 2.1).
   */
  checkAddress(): void {
    if (seesEverything(this.#user) || this.#address === '') return;
    if (isIP(this.#address) === 0) throw new ServerFault('the client address is invalid');
  }
}

function isWithin(address: string, subnets: readonly string[]): boolean {
  const list = new BlockList();
  for (const subnet of subnets) {
    const [net = '', bits] = subnet.split('/');
    const family = isIP(net) === 6 ? 'ipv6' : 'ipv4';
    list.addSubnet(net, Number(bits ?? (family === 'ipv6' ? 128 : 32)), family);
  }
  // To the database an IPv4 address written as IPv6 is in no IPv4 subnet.
  const family = isIP(address) === 6 ? 'ipv6' : 'ipv4';
  return family === 'ipv6' && subnets.every((subnet) => !subnet.includes(':')) ? false : list.check(address, family);
}
