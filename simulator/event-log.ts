import { randomUUID } from 'node:crypto';
import type { JsonObject, Snapshot, Tables, Timestamp, User, Uuid, Volume } from './model.ts';

/** An entry of Waldur's event log (contract 11.3). */
export interface LoggedEvent {
  readonly uuid: Uuid;
  readonly created: Timestamp;
  readonly event_type: string;
  readonly message: string;
  readonly context: JsonObject;
  /** Uuids of the objects in whose feeds it stands: the resource, its project and its customer. */
  readonly feeds: ReadonlySet<Uuid>;
}

/** Who caused an event by a request. The worker has no actor. */
export interface Actor {
  readonly user: User;
  /** The staff user who impersonates `user`. */
  readonly impersonator: User | undefined;
  /** Address of the client. */
  readonly address: string;
}

/** What happens to a resource: a change of its existence, or the action that it names. */
export type Happening =
  | 'creation_scheduled'
  | 'creation_succeeded'
  | 'creation_failed'
  | 'import_succeeded'
  | 'deletion_scheduled'
  | 'deletion_succeeded'
  | 'action_scheduled'
  | 'action_succeeded'
  | 'action_failed';

/** Older entries are dropped. The real Waldur keeps them in its database. */
const MOST_EVENTS = 50_000;

/** The event log: one for the whole world, in order of time. */
export class EventLog {
  readonly #tables: Tables;
  readonly #now: () => Timestamp;
  #events: LoggedEvent[] = [];

  constructor(tables: Tables, now: () => Timestamp) {
    this.#tables = tables;
    this.#now = now;
  }

  /** Oldest first. */
  get all(): readonly LoggedEvent[] {
    return this.#events;
  }

  clear(): void {
    this.#events = [];
  }

  /** Writes what happens to a resource. The row must still have its `action`, and its project must exist. */
  write(happening: Happening, row: Snapshot | Volume, actor?: Actor): void {
    const { type, message, details } = describe(happening, row);
    const project = this.#tables.projects.get(row.project_uuid);
    const customer = this.#tables.customers.get(project?.customer_uuid ?? '');
    const settings = this.#tables.service_settings.get(row.service_settings_uuid);
    const context: JsonObject = {
      ...(actor && actorContext(actor)),
      project_name: project?.name ?? '',
      project_uuid: row.project_uuid,
      project_end_date: 'None',
      customer_name: customer?.name ?? '',
      customer_uuid: customer?.uuid ?? '',
      customer_abbreviation: customer?.abbreviation ?? '',
      customer_contact_details: '',
      service_settings_name: settings?.name ?? '',
      service_settings_type: settings?.type ?? '',
      service_settings_uuid: row.service_settings_uuid,
      service_settings_customer: 'None',
      resource_name: row.name,
      resource_full_name: fullNameOf(row),
      resource_type: `OpenStack.${titleOf(row)}`,
      resource_uuid: row.uuid,
      ...(details && { action_details: details }),
    };
    this.#add(type, message, context, [row.uuid, row.project_uuid, customer?.uuid ?? '']);
  }

  /** Writes that a user has signed in with a password. */
  signedIn(user: User, address: string, agent: string): void {
    const message = `User ${user.username} with full name ${nameOf(user)} authenticated successfully with username and password.`;
    const context: JsonObject = {
      ...actorContext({ user, impersonator: undefined, address }),
      os: { major: null, minor: null, patch: null, family: 'Other', patch_minor: null },
      device: { brand: null, model: null, family: 'Other' },
      user_agent: { major: null, minor: null, patch: null, family: 'Other' },
      user_agent_raw: agent,
      string: agent,
      location: 'pending',
    };
    this.#add('auth_logged_in_with_username', message, context, [user.uuid]);
  }

  #add(event_type: string, message: string, context: JsonObject, feeds: readonly Uuid[]): void {
    const uuid = randomUUID().replaceAll('-', '');
    this.#events.push({ uuid, created: this.#now(), event_type, message, context, feeds: new Set(feeds) });
    // In one step for many, so that a full log costs nothing for each event.
    if (this.#events.length > 1.1 * MOST_EVENTS) this.#events = this.#events.slice(-MOST_EVENTS);
  }
}

const titleOf = (row: Snapshot | Volume): 'Snapshot' | 'Volume' => ('bootable' in row ? 'Volume' : 'Snapshot');
const fullNameOf = (row: Snapshot | Volume): string => `OpenStack ${titleOf(row)} ${row.name}`;
const nameOf = (user: User): string => `${user.first_name} ${user.last_name}`.trim();
/** As Python prints it. */
const pythonBoolean = (value: boolean): string => (value ? 'True' : 'False');

function actorContext({ user, impersonator, address }: Actor): JsonObject {
  return {
    user_uuid: user.uuid,
    user_username: user.username,
    user_full_name: nameOf(user),
    user_native_name: user.native_name,
    user_is_staff: pythonBoolean(user.is_staff),
    user_is_support: pythonBoolean(user.is_support),
    user_token_lifetime: user.token_lifetime === null ? 'None' : String(user.token_lifetime),
    ip_address: address,
    ...(impersonator && {
      user_impersonator_uuid: impersonator.uuid,
      user_impersonator_username: impersonator.username,
      user_impersonator_full_name: `${impersonator.username} / ${nameOf(impersonator)}`,
    }),
  };
}

interface Description {
  readonly type: string;
  readonly message: string;
  /** Only actions have them. */
  readonly details?: JsonObject;
}

function describe(happening: Happening, row: Snapshot | Volume): Description {
  const resource = (message: string): Description => ({ type: `resource_${happening}`, message });
  switch (happening) {
    case 'creation_scheduled':
      return resource(`Resource ${row.name} creation has been scheduled.`);
    case 'creation_succeeded':
      return resource(`Resource ${row.name} has been created.`);
    case 'creation_failed':
      return resource(`Resource ${row.name} creation has failed.`);
    case 'import_succeeded':
      return resource(`Resource ${fullNameOf(row)} has been imported.`);
    case 'deletion_scheduled':
      return resource(`Resource ${row.name} deletion has been scheduled.`);
    case 'deletion_succeeded':
      return resource(`${fullNameOf(row)} has been deleted.`);
    case 'action_scheduled':
      return action(row, 'scheduled', (what, on) => `Operation "${what}" has been scheduled for ${on}`);
    case 'action_succeeded':
      return action(row, 'succeeded', (what, on) => `Successfully executed "${what}" operation for ${on}`);
    case 'action_failed':
      return action(row, 'failed', (what, on) => `Failed to execute "${what}" operation for ${on}`);
  }
}

function action(row: Snapshot | Volume, outcome: string, text: (what: string, on: string) => string): Description {
  const { message, ...details } = row.action_details;
  const what = typeof message === 'string' ? message : row.action;
  const on = `${titleOf(row).toLowerCase()} "${row.name}"`;
  return { type: `resource_${row.action.toLowerCase()}_${outcome}`, message: text(what, on), details };
}
