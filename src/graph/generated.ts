import type { GraphQLResolveInfo, GraphQLScalarType, GraphQLScalarTypeConfig } from 'graphql';
import type { SnapshotRow, VolumeRow, RestorationNode, ProjectRow, CustomerRow, ServiceSettingsRow, ResourceRow, TenantRow, QuotaRow, InstanceRow, VolumeTypeRow, AvailabilityZoneRow, ImageRow, MeRow, PermissionRow, BackupRow } from './nodes.ts';
import type { SnapshotList, VolumeList, ProjectList, CustomerList, TenantList, InstanceList } from './lists/connection.ts';
import type { LiveEvent } from '../live/index.ts';
import type { GraphContext } from './context.ts';
export type Maybe<T> = T | null;
export type InputMaybe<T> = Maybe<T>;
export type Omit<T, K extends keyof T> = Pick<T, Exclude<keyof T, K>>;
export type RequireFields<T, K extends keyof T> = Omit<T, K> & { [P in K]-?: NonNullable<T[P]> };
/** All built-in and custom scalars, mapped to their actual values */
export type Scalars = {
  ID: { input: string; output: string; }
  String: { input: string; output: string; }
  Boolean: { input: boolean; output: boolean; }
  Int: { input: number; output: number; }
  Float: { input: number; output: number; }
  /**
   * A point in time. Input: RFC 3339 with an offset (`2026-01-31T12:00:00Z`, `2026-01-31T14:00:00.5+02:00`). Output: exactly as Waldur
   * sends it, in UTC, with microseconds unless they are zero.
   */
  DateTime: { input: string; output: string; }
  /** Any JSON value. */
  JSON: { input: unknown; output: unknown; }
  /**
   * The uuid of a Waldur object. Input: 32 hexadecimal digits in either case, with or without hyphens. Output: 32 lower-case digits
   * without hyphens, as Waldur sends them.
   */
  UUID: { input: string; output: string; }
};

/** Input of `attachVolume`. */
export type AttachVolumeInput = {
  /** Global id of the volume, in place of `uuid`. Exactly one of the two must be given. */
  id?: InputMaybe<Scalars['ID']['input']>;
  /** Uuid of the instance. It must be shut off or active, and in state OK. */
  instanceUuid: Scalars['UUID']['input'];
  /** Uuid of the volume; or `id`. */
  uuid?: InputMaybe<Scalars['UUID']['input']>;
};

/** Result of `attachVolume`. */
export type AttachVolumePayload = {
  __typename?: 'AttachVolumePayload';
  /** True when Waldur has accepted the attachment. */
  scheduled: Scalars['Boolean']['output'];
  /** The reasons why nothing was changed; empty on success. If there are any, all other fields are null or false. */
  userErrors: Array<UserError>;
  /** The volume, with the attachment scheduled. */
  volume?: Maybe<Volume>;
};

/** An availability zone for volumes. */
export type AvailabilityZone = Node & {
  __typename?: 'AvailabilityZone';
  /** Global id. */
  id: Scalars['ID']['output'];
  /** Name of the zone. */
  name: Scalars['String']['output'];
  /** REST address of the zone. */
  url: Scalars['String']['output'];
  /** Uuid of the zone in Waldur. */
  uuid: Scalars['UUID']['output'];
};

/** Whether an action is possible now. */
export type AvailableAction = {
  __typename?: 'AvailableAction';
  /** The action. */
  action: SnapshotAction;
  /** True when the caller's roles, the state, the id in OpenStack and, if requested, the quotas allow it. */
  allowed: Scalars['Boolean']['output'];
  /** Why it is not allowed; null when it is. */
  reason?: Maybe<Scalars['String']['output']>;
};

/** Whether an action on a volume is possible now. */
export type AvailableVolumeAction = {
  __typename?: 'AvailableVolumeAction';
  /** The action. */
  action: VolumeAction;
  /** True when the caller's roles and the volume allow it. */
  allowed: Scalars['Boolean']['output'];
  /** Why it is not allowed; null when it is. */
  reason?: Maybe<Scalars['String']['output']>;
};

/** A backup of an instance. It consists of snapshots. */
export type Backup = {
  __typename?: 'Backup';
  /** Name of the backup. */
  name: Scalars['String']['output'];
  /** Uuid of the backup. */
  uuid: Scalars['UUID']['output'];
};

/** The kind of an event. */
export type ChangeKind =
  /** An object came into scope: it was created, became visible, or was changed so that the filter now matches. */
  | 'ADDED'
  /**
   * No change: everything up to this cursor has been sent. Sent after the last INITIAL event, after a resumed stream has caught up, and
   * then at least every 60 s in a quiet stream.
   */
  | 'BOOKMARK'
  /** An object in scope when the stream starts, after RESET (not when it resumes). */
  | 'INITIAL'
  /** An object left the scope: it was deleted, hidden, or the filter no longer matches it. */
  | 'REMOVED'
  /**
   * Discard all objects: INITIAL events (unless `initial` is false) and a BOOKMARK follow. Sent first by a stream that starts without a usable
   * cursor, and to a reader that fell too far behind.
   */
  | 'RESET'
  /**
   * Polls of Waldur failed or are later than promised, so the data may be out of date. When polls are in time again, the differences follow, then a
   * BOOKMARK.
   */
  | 'STALE'
  /** The state changed. Other fields may have changed too. */
  | 'STATE_CHANGED'
  /** A field that the document selects changed, but not the state. */
  | 'UPDATED';

/** Input of `createSnapshot`; null is the same as absent. */
export type CreateSnapshotInput = {
  /** Description of the new snapshot, at most 2000 characters. */
  description?: InputMaybe<Scalars['String']['input']>;
  /** A key of your choice, 1 to 100 characters. The same key and input within 24 hours make one object, however often they are sent. */
  idempotencyKey?: InputMaybe<Scalars['String']['input']>;
  /** Time at which Waldur deletes the snapshot; absent or null: never. */
  keptUntil?: InputMaybe<Scalars['DateTime']['input']>;
  /** Metadata, an object. */
  metadata?: InputMaybe<Scalars['JSON']['input']>;
  /** Name of the new snapshot, 1 to 150 characters; surrounding white space is trimmed. */
  name: Scalars['String']['input'];
  /** Uuid of the volume to copy. */
  volumeUuid: Scalars['UUID']['input'];
};

/** Result of `createSnapshot`. */
export type CreateSnapshotPayload = {
  __typename?: 'CreateSnapshotPayload';
  /** The new snapshot, which is still being created. */
  snapshot?: Maybe<Snapshot>;
  /** The reasons why nothing was changed; empty on success. If there are any, all other fields are null. */
  userErrors: Array<UserError>;
};

/** A Waldur customer (an organisation), to which projects belong. */
export type Customer = Node & {
  __typename?: 'Customer';
  /** Short name; empty when none was given. */
  abbreviation: Scalars['String']['output'];
  /** Global id. */
  id: Scalars['ID']['output'];
  /** Name of the customer. */
  name: Scalars['String']['output'];
  /** Name in the customer's own language; empty when none was given. */
  nativeName: Scalars['String']['output'];
  /** REST address of the customer. */
  url: Scalars['String']['output'];
  /** Uuid of the customer. */
  uuid: Scalars['UUID']['output'];
};

/** A page of customers. */
export type CustomerConnection = {
  __typename?: 'CustomerConnection';
  /** The rows with their cursors. */
  edges: Array<CustomerEdge>;
  /** The rows. A row that could not be read is null, with an error at its path. */
  nodes: Array<Maybe<Customer>>;
  /** Position of the page within the list. */
  pageInfo: PageInfo;
  /** Number of customers that fulfil the filter, on all pages. */
  totalCount: Scalars['Int']['output'];
};

/** A customer in a page. */
export type CustomerEdge = {
  __typename?: 'CustomerEdge';
  /** Position of the customer, for `after` and `before`. */
  cursor: Scalars['String']['output'];
  /** The customer; null when it could not be read, with an error at its path. */
  node?: Maybe<Customer>;
};

/** Conditions on customers. All given conditions must hold. null is the same as absent. */
export type CustomerFilter = {
  /** Name contains this string, case-insensitive. */
  name?: InputMaybe<Scalars['String']['input']>;
};

/** Input of `deleteSnapshot`. */
export type DeleteSnapshotInput = {
  /** Global id of the snapshot, in place of `uuid`. Exactly one of the two must be given. */
  id?: InputMaybe<Scalars['ID']['input']>;
  /** Uuid of the snapshot; or `id`. */
  uuid?: InputMaybe<Scalars['UUID']['input']>;
};

/** Result of `deleteSnapshot`. */
export type DeleteSnapshotPayload = {
  __typename?: 'DeleteSnapshotPayload';
  /** True when Waldur has accepted the deletion. */
  scheduled: Scalars['Boolean']['output'];
  /** The current snapshot; null when it is already deleted. */
  snapshot?: Maybe<Snapshot>;
  /** The reasons why nothing was changed; empty on success. If there are any, all other fields are null. */
  userErrors: Array<UserError>;
};

/** Input of `deleteSnapshots`. */
export type DeleteSnapshotsInput = {
  /** Uuids of snapshots, at most 100. A duplicate is deleted once. */
  uuids: Array<Scalars['UUID']['input']>;
};

/** Result of `deleteSnapshots`. */
export type DeleteSnapshotsPayload = {
  __typename?: 'DeleteSnapshotsPayload';
  /** One result for each uuid of the input, in its order. A result is null if its call failed, with an error at its path. */
  results: Array<Maybe<DeleteSnapshotsResult>>;
};

/** The result for one snapshot of `deleteSnapshots`. */
export type DeleteSnapshotsResult = {
  __typename?: 'DeleteSnapshotsResult';
  /** True when Waldur has accepted the deletion. */
  scheduled: Scalars['Boolean']['output'];
  /** The current snapshot; null when it is already deleted. */
  snapshot?: Maybe<Snapshot>;
  /** The reasons why nothing was changed; empty on success. If there are any, all other fields are null. */
  userErrors: Array<UserError>;
  /** The uuid as given. */
  uuid: Scalars['UUID']['output'];
};

/** Input of `detachVolume`. */
export type DetachVolumeInput = {
  /** Global id of the volume, in place of `uuid`. Exactly one of the two must be given. */
  id?: InputMaybe<Scalars['ID']['input']>;
  /** Uuid of the volume; or `id`. */
  uuid?: InputMaybe<Scalars['UUID']['input']>;
};

/** Result of `detachVolume`. */
export type DetachVolumePayload = {
  __typename?: 'DetachVolumePayload';
  /** True when Waldur has accepted the detachment. */
  scheduled: Scalars['Boolean']['output'];
  /** The reasons why nothing was changed; empty on success. If there are any, all other fields are null or false. */
  userErrors: Array<UserError>;
  /** The volume, with the detachment scheduled. It names its instance until the detachment has begun. */
  volume?: Maybe<Volume>;
};

/** Input of `extendVolume`. */
export type ExtendVolumeInput = {
  /** Global id of the volume, in place of `uuid`. Exactly one of the two must be given. */
  id?: InputMaybe<Scalars['ID']['input']>;
  /** New size in MiB, at least 1024 more than the current size. */
  size: Scalars['Int']['input'];
  /** Uuid of the volume; or `id`. */
  uuid?: InputMaybe<Scalars['UUID']['input']>;
};

/** Result of `extendVolume`. */
export type ExtendVolumePayload = {
  __typename?: 'ExtendVolumePayload';
  /** True when Waldur has accepted the extension. */
  scheduled: Scalars['Boolean']['output'];
  /** The reasons why nothing was changed; empty on success. If there are any, all other fields are null or false. */
  userErrors: Array<UserError>;
  /** The volume with its new size. The extension in OpenStack is scheduled. */
  volume?: Maybe<Volume>;
};

/** The image from which a volume was created. Waldur keeps its name after the image is deleted. */
export type Image = Node & {
  __typename?: 'Image';
  /** Global id. Deleted images of the same name have the same id. */
  id: Scalars['ID']['output'];
  /** Name of the image at the time of the volume's creation; empty when unknown. */
  name: Scalars['String']['output'];
  /** REST address of the image; null when the image is deleted. */
  url?: Maybe<Scalars['String']['output']>;
  /** Uuid of the image in Waldur; null when the image is deleted. */
  uuid?: Maybe<Scalars['UUID']['output']>;
};

/** A virtual machine that a volume is attached to. */
export type Instance = Node & {
  __typename?: 'Instance';
  /** Global id. */
  id: Scalars['ID']['output'];
  /** Uuid of the instance's marketplace resource; null when it has none. */
  marketplaceUuid?: Maybe<Scalars['UUID']['output']>;
  /** Name of the instance. */
  name: Scalars['String']['output'];
  /** REST address of the instance. */
  url: Scalars['String']['output'];
  /** Uuid of the instance in Waldur. */
  uuid: Scalars['UUID']['output'];
};

/** A page of instances. */
export type InstanceConnection = {
  __typename?: 'InstanceConnection';
  /** The rows with their cursors. */
  edges: Array<InstanceEdge>;
  /** The rows. A row that could not be read is null, with an error at its path. */
  nodes: Array<Maybe<Instance>>;
  /** Position of the page within the list. */
  pageInfo: PageInfo;
  /** Number of instances that fulfil the filter, on all pages. */
  totalCount: Scalars['Int']['output'];
};

/** An instance in a page. */
export type InstanceEdge = {
  __typename?: 'InstanceEdge';
  /** Position of the instance, for `after` and `before`. */
  cursor: Scalars['String']['output'];
  /** The instance; null when it could not be read, with an error at its path. */
  node?: Maybe<Instance>;
};

/** Conditions on instances. All given conditions must hold. null is the same as absent. */
export type InstanceFilter = {
  /** Name contains this string, case-insensitive. */
  name?: InputMaybe<Scalars['String']['input']>;
  /** Belongs to the project with this uuid. */
  projectUuid?: InputMaybe<Scalars['UUID']['input']>;
  /** Belongs to the tenant with this uuid. */
  tenantUuid?: InputMaybe<Scalars['UUID']['input']>;
};

/** Data of an object in Waldur's marketplace. Volumes are usually in it, snapshots are not. */
export type Marketplace = {
  __typename?: 'Marketplace';
  /** Category of the offering; null when there is none. */
  category?: Maybe<MarketplaceCategory>;
  /** True when billing is by the requested limits; null when unknown. */
  isLimitBased?: Maybe<Scalars['Boolean']['output']>;
  /** True when billing is by usage; null when unknown. */
  isUsageBased?: Maybe<Scalars['Boolean']['output']>;
  /** The ordered offering; null when there is none. */
  offering?: Maybe<MarketplaceOffering>;
  /** The billing plan; null when there is none. */
  plan?: Maybe<MarketplacePlan>;
  /** The marketplace's record of this object; null when there is none. */
  resource?: Maybe<MarketplaceResource>;
};

/** A marketplace category. */
export type MarketplaceCategory = {
  __typename?: 'MarketplaceCategory';
  /** Key for normalised caches. `node` does not find it. */
  id: Scalars['ID']['output'];
  /** Name of the category; null when Waldur does not send it. */
  name?: Maybe<Scalars['String']['output']>;
  /** Uuid of the category. */
  uuid: Scalars['UUID']['output'];
};

/** A marketplace offering. */
export type MarketplaceOffering = {
  __typename?: 'MarketplaceOffering';
  /** Key for normalised caches. `node` does not find it. */
  id: Scalars['ID']['output'];
  /** Name of the offering; null when Waldur does not send it. */
  name?: Maybe<Scalars['String']['output']>;
  /** Options of the offering's plugin, free-form; null when there are none. */
  pluginOptions?: Maybe<Scalars['JSON']['output']>;
  /** Uuid of the offering. */
  uuid: Scalars['UUID']['output'];
};

/** A marketplace plan. */
export type MarketplacePlan = {
  __typename?: 'MarketplacePlan';
  /** Key for normalised caches. `node` does not find it. */
  id: Scalars['ID']['output'];
  /** Uuid of the plan. */
  uuid: Scalars['UUID']['output'];
};

/** The marketplace's record of an object. */
export type MarketplaceResource = {
  __typename?: 'MarketplaceResource';
  /** Key for normalised caches. `node` does not find it. */
  id: Scalars['ID']['output'];
  /** State in the marketplace, in Waldur's terms (`OK`, `Creating`, ...). It differs from the state of the object itself; null when unknown. */
  state?: Maybe<Scalars['String']['output']>;
  /** Uuid of the marketplace resource. */
  uuid: Scalars['UUID']['output'];
};

/** Changes. Expected failures are returned in `userErrors`. */
export type Mutation = {
  __typename?: 'Mutation';
  /** Attaches a volume to an instance of the same project. The volume must be free: `runtimeState` is `available`. */
  attachVolume?: Maybe<AttachVolumePayload>;
  /** Creates a snapshot of a volume, whatever the volume's state. */
  createSnapshot?: Maybe<CreateSnapshotPayload>;
  /** Deletes a snapshot in Waldur and OpenStack. This takes some time; it is complete when the snapshot can no longer be found. */
  deleteSnapshot?: Maybe<DeleteSnapshotPayload>;
  /** Deletes several snapshots. Each succeeds or fails independently. */
  deleteSnapshots?: Maybe<DeleteSnapshotsPayload>;
  /** Detaches a volume from its instance. Volumes that an instance boots from cannot be detached. */
  detachVolume?: Maybe<DetachVolumePayload>;
  /** Makes a volume larger. An attached volume can be extended while its instance is shut off. */
  extendVolume?: Maybe<ExtendVolumePayload>;
  /** Refreshes a snapshot from OpenStack, which also recovers an erred one. */
  pullSnapshot?: Maybe<PullSnapshotPayload>;
  /** Pulls several snapshots. Each succeeds or fails independently. */
  pullSnapshots?: Maybe<PullSnapshotsPayload>;
  /** Replaces all writable properties. Properties that are not given are cleared. */
  replaceSnapshot?: Maybe<ReplaceSnapshotPayload>;
  /** Creates a volume from a snapshot. The snapshot does not change. Follow the volume with `restoreProgress`. */
  restoreSnapshot?: Maybe<RestoreSnapshotPayload>;
  /** Marks a stuck snapshot as ERRED. Staff only; Waldur 8.0 or newer. */
  setSnapshotErred?: Maybe<SetSnapshotErredPayload>;
  /** Marks a stuck snapshot as OK. Staff only; Waldur 8.0 or newer. */
  setSnapshotOk?: Maybe<SetSnapshotOkPayload>;
  /** Removes a snapshot from Waldur, in any state, and keeps it in OpenStack. Staff only. */
  unlinkSnapshot?: Maybe<UnlinkSnapshotPayload>;
  /** Changes the given properties and keeps the others. */
  updateSnapshot?: Maybe<UpdateSnapshotPayload>;
};


/** Changes. Expected failures are returned in `userErrors`. */
export type MutationAttachVolumeArgs = {
  input: AttachVolumeInput;
};


/** Changes. Expected failures are returned in `userErrors`. */
export type MutationCreateSnapshotArgs = {
  input: CreateSnapshotInput;
};


/** Changes. Expected failures are returned in `userErrors`. */
export type MutationDeleteSnapshotArgs = {
  input: DeleteSnapshotInput;
};


/** Changes. Expected failures are returned in `userErrors`. */
export type MutationDeleteSnapshotsArgs = {
  input: DeleteSnapshotsInput;
};


/** Changes. Expected failures are returned in `userErrors`. */
export type MutationDetachVolumeArgs = {
  input: DetachVolumeInput;
};


/** Changes. Expected failures are returned in `userErrors`. */
export type MutationExtendVolumeArgs = {
  input: ExtendVolumeInput;
};


/** Changes. Expected failures are returned in `userErrors`. */
export type MutationPullSnapshotArgs = {
  input: PullSnapshotInput;
};


/** Changes. Expected failures are returned in `userErrors`. */
export type MutationPullSnapshotsArgs = {
  input: PullSnapshotsInput;
};


/** Changes. Expected failures are returned in `userErrors`. */
export type MutationReplaceSnapshotArgs = {
  input: ReplaceSnapshotInput;
};


/** Changes. Expected failures are returned in `userErrors`. */
export type MutationRestoreSnapshotArgs = {
  input: RestoreSnapshotInput;
};


/** Changes. Expected failures are returned in `userErrors`. */
export type MutationSetSnapshotErredArgs = {
  input: SetSnapshotErredInput;
};


/** Changes. Expected failures are returned in `userErrors`. */
export type MutationSetSnapshotOkArgs = {
  input: SetSnapshotOkInput;
};


/** Changes. Expected failures are returned in `userErrors`. */
export type MutationUnlinkSnapshotArgs = {
  input: UnlinkSnapshotInput;
};


/** Changes. Expected failures are returned in `userErrors`. */
export type MutationUpdateSnapshotArgs = {
  input: UpdateSnapshotInput;
};

/** An object with a global id. */
export type Node = {
  /** Global, opaque id. It is the key for normalised caches and the argument of `node` and `nodes`. */
  id: Scalars['ID']['output'];
};

/** Sort direction. */
export type OrderDirection =
  /** Ascending: smallest, earliest or alphabetically first value first. */
  | 'ASC'
  /** Descending: greatest, latest or alphabetically last value first. */
  | 'DESC';

/** Position of a page within its list. */
export type PageInfo = {
  __typename?: 'PageInfo';
  /** Cursor of the last row of this page; null when the page is empty. */
  endCursor?: Maybe<Scalars['String']['output']>;
  /** True when rows follow the last one of this page. */
  hasNextPage: Scalars['Boolean']['output'];
  /** True when rows precede the first one of this page. */
  hasPreviousPage: Scalars['Boolean']['output'];
  /** Cursor of the first row of this page; null when the page is empty. */
  startCursor?: Maybe<Scalars['String']['output']>;
};

/** One role of a user on a customer or a project. */
export type Permission = {
  __typename?: 'Permission';
  /** Name of the customer that the scope belongs to; null when Waldur does not send it (it does for projects only). */
  customerName?: Maybe<Scalars['String']['output']>;
  /** Uuid of the customer that the scope belongs to; null when Waldur does not send it (it does for projects only). */
  customerUuid?: Maybe<Scalars['UUID']['output']>;
  /** Time at which the role ends; null: never. */
  expirationTime?: Maybe<Scalars['DateTime']['output']>;
  /** Name of the role, such as `CUSTOMER.OWNER`, `PROJECT.ADMIN`, `PROJECT.MANAGER`, `PROJECT.MEMBER`. */
  role: Scalars['String']['output'];
  /** Name of the customer or project; null when Waldur does not send it. */
  scopeName?: Maybe<Scalars['String']['output']>;
  /** The kind of object that the role applies to: `customer` or `project`; null when Waldur does not send it. */
  scopeType?: Maybe<Scalars['String']['output']>;
  /** Uuid of the customer or project; null when Waldur does not send it. */
  scopeUuid?: Maybe<Scalars['UUID']['output']>;
};

/** A Waldur project, to which snapshots and volumes belong. */
export type Project = Node & {
  __typename?: 'Project';
  /** The customer it belongs to. */
  customer: Customer;
  /** Global id. */
  id: Scalars['ID']['output'];
  /** Name of the project. */
  name: Scalars['String']['output'];
  /** REST address of the project. */
  url: Scalars['String']['output'];
  /** Uuid of the project. */
  uuid: Scalars['UUID']['output'];
};

/** A page of projects. */
export type ProjectConnection = {
  __typename?: 'ProjectConnection';
  /** The rows with their cursors. */
  edges: Array<ProjectEdge>;
  /** The rows. A row that could not be read is null, with an error at its path. */
  nodes: Array<Maybe<Project>>;
  /** Position of the page within the list. */
  pageInfo: PageInfo;
  /** Number of projects that fulfil the filter, on all pages. */
  totalCount: Scalars['Int']['output'];
};

/** A project in a page. */
export type ProjectEdge = {
  __typename?: 'ProjectEdge';
  /** Position of the project, for `after` and `before`. */
  cursor: Scalars['String']['output'];
  /** The project; null when it could not be read, with an error at its path. */
  node?: Maybe<Project>;
};

/** Conditions on projects. All given conditions must hold. null is the same as absent. */
export type ProjectFilter = {
  /** Belongs to the customer with this uuid. */
  customerUuid?: InputMaybe<Scalars['UUID']['input']>;
  /** Name contains this string, case-insensitive. */
  name?: InputMaybe<Scalars['String']['input']>;
};

/** Input of `pullSnapshot`. */
export type PullSnapshotInput = {
  /** Global id of the snapshot, in place of `uuid`. Exactly one of the two must be given. */
  id?: InputMaybe<Scalars['ID']['input']>;
  /** Uuid of the snapshot; or `id`. */
  uuid?: InputMaybe<Scalars['UUID']['input']>;
};

/** Result of `pullSnapshot`. */
export type PullSnapshotPayload = {
  __typename?: 'PullSnapshotPayload';
  /** The snapshot, with the pull scheduled. */
  snapshot?: Maybe<Snapshot>;
  /** The reasons why nothing was changed; empty on success. If there are any, all other fields are null. */
  userErrors: Array<UserError>;
};

/** Input of `pullSnapshots`. */
export type PullSnapshotsInput = {
  /** Uuids of snapshots, at most 100. A duplicate is pulled once. */
  uuids: Array<Scalars['UUID']['input']>;
};

/** Result of `pullSnapshots`. */
export type PullSnapshotsPayload = {
  __typename?: 'PullSnapshotsPayload';
  /** One result for each uuid of the input, in its order. A result is null if its call failed, with an error at its path. */
  results: Array<Maybe<PullSnapshotsResult>>;
};

/** The result for one snapshot of `pullSnapshots`. */
export type PullSnapshotsResult = {
  __typename?: 'PullSnapshotsResult';
  /** The snapshot, with the pull scheduled. */
  snapshot?: Maybe<Snapshot>;
  /** The reasons why nothing was changed; empty on success. If there are any, all other fields are null. */
  userErrors: Array<UserError>;
  /** The uuid as given. */
  uuid: Scalars['UUID']['output'];
};

/** Queries. */
export type Query = {
  __typename?: 'Query';
  /** Customers that the caller may see, by name. */
  customers?: Maybe<CustomerConnection>;
  /** Instances that the caller may see, by name. */
  instances?: Maybe<InstanceConnection>;
  /** The object with this global id; null if it does not exist or the caller may not see it. */
  node?: Maybe<Node>;
  /**
   * The objects with these global ids, in the requested order, duplicates included. An object that does not exist, or that the
   * caller may not see, is null.
   */
  nodes?: Maybe<Array<Maybe<Node>>>;
  /** Projects that the caller may see, by name. */
  projects?: Maybe<ProjectConnection>;
  /** The snapshot with this uuid; null if it does not exist or the caller may not see it. */
  snapshot?: Maybe<Snapshot>;
  /** Numbers of snapshots by state. It takes one call to Waldur for up to 300 snapshots, and seldom more than two for any number. */
  snapshotStateCounts?: Maybe<StateCounts>;
  /** Snapshots that the caller may see. */
  snapshots?: Maybe<SnapshotConnection>;
  /**
   * The snapshots with these uuids, in the requested order, duplicates included. An object that does not exist, or that the caller
   * may not see, is null.
   */
  snapshotsByUuid?: Maybe<Array<Maybe<Snapshot>>>;
  /** Tenants that the caller may see, by name. */
  tenants?: Maybe<TenantConnection>;
  /** The caller's own user. */
  viewer?: Maybe<Viewer>;
  /** The volume with this uuid; null if it does not exist or the caller may not see it. */
  volume?: Maybe<Volume>;
  /** Numbers of volumes by state. It takes one call to Waldur for up to 300 volumes, and seldom more than two for any number. */
  volumeStateCounts?: Maybe<StateCounts>;
  /** Volumes that the caller may see. */
  volumes?: Maybe<VolumeConnection>;
};


/** Queries. */
export type QueryCustomersArgs = {
  after?: InputMaybe<Scalars['String']['input']>;
  before?: InputMaybe<Scalars['String']['input']>;
  filter?: InputMaybe<CustomerFilter>;
  first?: InputMaybe<Scalars['Int']['input']>;
  last?: InputMaybe<Scalars['Int']['input']>;
  offset?: InputMaybe<Scalars['Int']['input']>;
};


/** Queries. */
export type QueryInstancesArgs = {
  after?: InputMaybe<Scalars['String']['input']>;
  attachableTo?: InputMaybe<Scalars['UUID']['input']>;
  before?: InputMaybe<Scalars['String']['input']>;
  filter?: InputMaybe<InstanceFilter>;
  first?: InputMaybe<Scalars['Int']['input']>;
  last?: InputMaybe<Scalars['Int']['input']>;
  offset?: InputMaybe<Scalars['Int']['input']>;
};


/** Queries. */
export type QueryNodeArgs = {
  id: Scalars['ID']['input'];
};


/** Queries. */
export type QueryNodesArgs = {
  ids: Array<Scalars['ID']['input']>;
};


/** Queries. */
export type QueryProjectsArgs = {
  after?: InputMaybe<Scalars['String']['input']>;
  before?: InputMaybe<Scalars['String']['input']>;
  filter?: InputMaybe<ProjectFilter>;
  first?: InputMaybe<Scalars['Int']['input']>;
  last?: InputMaybe<Scalars['Int']['input']>;
  offset?: InputMaybe<Scalars['Int']['input']>;
};


/** Queries. */
export type QuerySnapshotArgs = {
  uuid: Scalars['UUID']['input'];
};


/** Queries. */
export type QuerySnapshotStateCountsArgs = {
  filter?: InputMaybe<SnapshotFilter>;
};


/** Queries. */
export type QuerySnapshotsArgs = {
  after?: InputMaybe<Scalars['String']['input']>;
  before?: InputMaybe<Scalars['String']['input']>;
  filter?: InputMaybe<SnapshotFilter>;
  first?: InputMaybe<Scalars['Int']['input']>;
  last?: InputMaybe<Scalars['Int']['input']>;
  offset?: InputMaybe<Scalars['Int']['input']>;
  orderBy?: InputMaybe<Array<SnapshotOrder>>;
};


/** Queries. */
export type QuerySnapshotsByUuidArgs = {
  uuids: Array<Scalars['UUID']['input']>;
};


/** Queries. */
export type QueryTenantsArgs = {
  after?: InputMaybe<Scalars['String']['input']>;
  before?: InputMaybe<Scalars['String']['input']>;
  filter?: InputMaybe<TenantFilter>;
  first?: InputMaybe<Scalars['Int']['input']>;
  last?: InputMaybe<Scalars['Int']['input']>;
  offset?: InputMaybe<Scalars['Int']['input']>;
};


/** Queries. */
export type QueryVolumeArgs = {
  uuid: Scalars['UUID']['input'];
};


/** Queries. */
export type QueryVolumeStateCountsArgs = {
  filter?: InputMaybe<VolumeFilter>;
};


/** Queries. */
export type QueryVolumesArgs = {
  after?: InputMaybe<Scalars['String']['input']>;
  before?: InputMaybe<Scalars['String']['input']>;
  filter?: InputMaybe<VolumeFilter>;
  first?: InputMaybe<Scalars['Int']['input']>;
  last?: InputMaybe<Scalars['Int']['input']>;
  offset?: InputMaybe<Scalars['Int']['input']>;
  orderBy?: InputMaybe<Array<VolumeOrder>>;
};

/** A quota of a tenant. Numbers are counts, except MiB for `storage` and `..._size`, and GiB for `gigabytes_...`. */
export type Quota = {
  __typename?: 'Quota';
  /** How much may be used; null when Waldur shows no limit. Waldur shows a limit of 0 as no limit. */
  limit?: Maybe<Scalars['Float']['output']>;
  /** What is limited, such as `volumes`, `storage` or `gigabytes_ssd`. */
  name: Scalars['String']['output'];
  /** How much is used. */
  usage: Scalars['Float']['output'];
};

/** Input of `replaceSnapshot`. Absent properties are cleared. */
export type ReplaceSnapshotInput = {
  /** New description, at most 2000 characters; absent: empty. */
  description?: InputMaybe<Scalars['String']['input']>;
  /** Global id of the snapshot, in place of `uuid`. Exactly one of the two must be given. */
  id?: InputMaybe<Scalars['ID']['input']>;
  /** Time at which Waldur deletes the snapshot; absent or null: never. */
  keptUntil?: InputMaybe<Scalars['DateTime']['input']>;
  /** New metadata, an object; absent: empty. The next pull replaces it with OpenStack's metadata. */
  metadata?: InputMaybe<Scalars['JSON']['input']>;
  /** New name, 1 to 150 characters; surrounding white space is trimmed. */
  name: Scalars['String']['input'];
  /** Uuid of the snapshot; or `id`. */
  uuid?: InputMaybe<Scalars['UUID']['input']>;
};

/** Result of `replaceSnapshot`. */
export type ReplaceSnapshotPayload = {
  __typename?: 'ReplaceSnapshotPayload';
  /** The snapshot with its new values. The update in OpenStack is scheduled. */
  snapshot?: Maybe<Snapshot>;
  /** The reasons why nothing was changed; empty on success. If there are any, all other fields are null. */
  userErrors: Array<UserError>;
};

/** The record that links a snapshot and a volume restored from it. It is deleted together with either of them. */
export type Restoration = Node & {
  __typename?: 'Restoration';
  /** Time of the request to restore. */
  created: Scalars['DateTime']['output'];
  /** Always null: Waldur declares it and never sends it. The description given in `restoreSnapshot` is the volume's. */
  description?: Maybe<Scalars['String']['output']>;
  /** Global id. It contains the snapshot's uuid, because Waldur has no address for a single restoration. */
  id: Scalars['ID']['output'];
  /** Uuid of the restoration. */
  uuid: Scalars['UUID']['output'];
  /** The restored volume; null if it is deleted or hidden from the caller. */
  volume?: Maybe<Volume>;
};

/** One event of a restoration. */
export type RestoreProgress = {
  __typename?: 'RestoreProgress';
  /** True when the restoration has ended: the volume is OK or ERRED. The stream ends after this event. */
  isSettled: Scalars['Boolean']['output'];
  /** The kind of event: INITIAL, STATE_CHANGED, UPDATED, STALE or REMOVED. */
  kind: ChangeKind;
  /** Time of Waldur's answer that showed the change. */
  observedAt: Scalars['DateTime']['output'];
  /** The last state sent; null in the first event. */
  previousState?: Maybe<State>;
  /** Current state of the volume; null when it is deleted, and for STALE. */
  state?: Maybe<State>;
  /** The current volume; null when it is deleted, and for STALE. */
  volume?: Maybe<Volume>;
};

/** Input of `restoreSnapshot`. */
export type RestoreSnapshotInput = {
  /** Description of the new volume, 1 to 2000 characters; absent or null: Waldur writes `Restored from snapshot NAME`. */
  description?: InputMaybe<Scalars['String']['input']>;
  /** Global id of the snapshot, in place of `uuid`. Exactly one of the two must be given. */
  id?: InputMaybe<Scalars['ID']['input']>;
  /** A key of your choice, 1 to 100 characters. The same key and input within 24 hours make one object, however often they are sent. */
  idempotencyKey?: InputMaybe<Scalars['String']['input']>;
  /** Name of the new volume, 1 to 150 characters; surrounding white space is trimmed. */
  name: Scalars['String']['input'];
  /** Uuid of the snapshot; or `id`. */
  uuid?: InputMaybe<Scalars['UUID']['input']>;
};

/** Result of `restoreSnapshot`. */
export type RestoreSnapshotPayload = {
  __typename?: 'RestoreSnapshotPayload';
  /** The snapshot, including the new restoration. */
  snapshot?: Maybe<Snapshot>;
  /** The reasons why nothing was changed; empty on success. If there are any, all other fields are null. */
  userErrors: Array<UserError>;
  /** The new volume, which is still being created. */
  volume?: Maybe<Volume>;
};

/** An OpenStack installation that is connected to Waldur. */
export type ServiceSettings = Node & {
  __typename?: 'ServiceSettings';
  /** Error message of the connection; empty when it works. */
  errorMessage: Scalars['String']['output'];
  /** Global id. */
  id: Scalars['ID']['output'];
  /** Name of the service. */
  name: Scalars['String']['output'];
  /** State of Waldur's connection to the service; the objects in it may be out of date while it is `ERRED`. */
  state: State;
  /** REST address of the service settings. */
  url: Scalars['String']['output'];
  /** Uuid of the service settings. */
  uuid: Scalars['UUID']['output'];
};

/** Input of `setSnapshotErred`. */
export type SetSnapshotErredInput = {
  /** The snapshot's new `errorMessage`; absent: empty. */
  errorMessage?: InputMaybe<Scalars['String']['input']>;
  /** The snapshot's new `errorTraceback`; absent: empty. */
  errorTraceback?: InputMaybe<Scalars['String']['input']>;
  /** Global id of the snapshot, in place of `uuid`. Exactly one of the two must be given. */
  id?: InputMaybe<Scalars['ID']['input']>;
  /** Uuid of the snapshot; or `id`. */
  uuid?: InputMaybe<Scalars['UUID']['input']>;
};

/** Result of `setSnapshotErred`. */
export type SetSnapshotErredPayload = {
  __typename?: 'SetSnapshotErredPayload';
  /** The current snapshot. */
  snapshot?: Maybe<Snapshot>;
  /** The reasons why nothing was changed; empty on success. If there are any, all other fields are null. */
  userErrors: Array<UserError>;
};

/** Input of `setSnapshotOk`. */
export type SetSnapshotOkInput = {
  /** Global id of the snapshot, in place of `uuid`. Exactly one of the two must be given. */
  id?: InputMaybe<Scalars['ID']['input']>;
  /** Uuid of the snapshot; or `id`. */
  uuid?: InputMaybe<Scalars['UUID']['input']>;
};

/** Result of `setSnapshotOk`. */
export type SetSnapshotOkPayload = {
  __typename?: 'SetSnapshotOkPayload';
  /** The current snapshot. */
  snapshot?: Maybe<Snapshot>;
  /** The reasons why nothing was changed; empty on success. If there are any, all other fields are null. */
  userErrors: Array<UserError>;
};

/** A point-in-time copy of a volume in OpenStack, from which new volumes can be restored. */
export type Snapshot = Node & {
  __typename?: 'Snapshot';
  /** Access address: a string, a list of strings, or null. Always null for snapshots today. */
  accessUrl?: Maybe<Scalars['JSON']['output']>;
  /** Name of the running operation, such as `Pull`; empty when none runs, and for creation, update and deletion. */
  action: Scalars['String']['output'];
  /** Details of the running operation; an empty object when there are none. */
  actionDetails?: Maybe<Scalars['JSON']['output']>;
  /**
   * For each action, whether it is possible now. Depends on the caller's roles, the state and the id in OpenStack. Roles that Waldur does
   * not define itself count as sufficient, so an allowed action may still return a FORBIDDEN user error.
   */
  availableActions?: Maybe<Array<AvailableAction>>;
  /** Id in OpenStack; null until OpenStack has created it. */
  backendId?: Maybe<Scalars['String']['output']>;
  /** The backups that contain it; null when this version of Waldur does not send them (sent since April 2026). */
  backups?: Maybe<Array<Backup>>;
  /** Time of creation. */
  created: Scalars['DateTime']['output'];
  /** The customer it belongs to. */
  customer: Customer;
  /** Description; empty when none was given. */
  description: Scalars['String']['output'];
  /** One or two words for a status column: the runtime state when OK, otherwise the current operation or `Error`. */
  displayStatus: Scalars['String']['output'];
  /**
   * Error message of the last operation; empty when it did not fail, and cleared when a new operation is requested. Waldur does not
   * set it for every failure.
   */
  errorMessage: Scalars['String']['output'];
  /** Python traceback of the last failure, for administrators. It remains after the object has recovered, so rely on `state`. */
  errorTraceback: Scalars['String']['output'];
  /** Global id. */
  id: Scalars['ID']['output'];
  /** True when no operation runs: the state is OK or ERRED. */
  isSettled: Scalars['Boolean']['output'];
  /** Time at which Waldur deletes it automatically; null: never. */
  keptUntil?: Maybe<Scalars['DateTime']['output']>;
  /** Marketplace data; null when it is not in the marketplace. */
  marketplace?: Maybe<Marketplace>;
  /** Metadata; null when it was never set. The next pull replaces it with OpenStack's metadata. */
  metadata?: Maybe<Scalars['JSON']['output']>;
  /** Time of the last change in Waldur. State changes and Waldur's hourly synchronisation with OpenStack count too. */
  modified: Scalars['DateTime']['output'];
  /** Name, 1 to 150 characters for snapshots made through this API. */
  name: Scalars['String']['output'];
  /** The project it belongs to. */
  project: Project;
  /** Waldur's name for the kind of object: `OpenStack.Snapshot`. */
  resourceType: Scalars['String']['output'];
  /** Restorations of this snapshot, in no particular order. */
  restorations: Array<Restoration>;
  /** Status in OpenStack, in OpenStack's terms (`available`, `creating`, `error`, ...); empty before OpenStack has answered. */
  runtimeState: Scalars['String']['output'];
  /** The OpenStack installation that contains it. */
  serviceSettings: ServiceSettings;
  /** Size in MiB. */
  size: Scalars['Int']['output'];
  /** The volume from which it was created; null when it is unknown or deleted. */
  sourceVolume?: Maybe<Volume>;
  /** State in Waldur. */
  state: State;
  /** REST address of the snapshot. */
  url: Scalars['String']['output'];
  /** Uuid of the snapshot in Waldur. */
  uuid: Scalars['UUID']['output'];
};


/** A point-in-time copy of a volume in OpenStack, from which new volumes can be restored. */
export type SnapshotAvailableActionsArgs = {
  checkQuota?: InputMaybe<Scalars['Boolean']['input']>;
};

/** Actions on a snapshot. */
export type SnapshotAction =
  /** Delete it in Waldur and OpenStack: `deleteSnapshot`. */
  | 'DELETE'
  /** Refresh it from OpenStack: `pullSnapshot`. */
  | 'PULL'
  /** Replace all of its properties: `replaceSnapshot`. */
  | 'REPLACE'
  /** Create a volume from it: `restoreSnapshot`. */
  | 'RESTORE'
  /** Remove it from Waldur and keep it in OpenStack: `unlinkSnapshot`. */
  | 'UNLINK'
  /** Change some of its properties: `updateSnapshot`. */
  | 'UPDATE';

/** One event of a stream of snapshots. */
export type SnapshotChange = {
  __typename?: 'SnapshotChange';
  /** Position of this event, for `after`; null for INITIAL, STALE and RESET. */
  cursor?: Maybe<Scalars['String']['output']>;
  /** Global id of the snapshot, also when it is gone; null where `uuid` is. */
  id?: Maybe<Scalars['ID']['output']>;
  /** The kind of event. */
  kind: ChangeKind;
  /** Time of Waldur's answer that showed the change. */
  observedAt: Scalars['DateTime']['output'];
  /** The last state sent for this snapshot; null when there was none. */
  previousState?: Maybe<State>;
  /** The current snapshot; null for REMOVED, BOOKMARK, STALE and RESET. */
  snapshot?: Maybe<Snapshot>;
  /** Its current state; null when it no longer exists, and for BOOKMARK, STALE and RESET. */
  state?: Maybe<State>;
  /** Snapshots that the filter lets through after this event, whatever `uuids` names; null where `cursor` is. */
  totalCount?: Maybe<Scalars['Int']['output']>;
  /** Uuid of the snapshot; null for BOOKMARK, STALE and RESET. */
  uuid?: Maybe<Scalars['UUID']['output']>;
};

/** A page of snapshots. */
export type SnapshotConnection = {
  __typename?: 'SnapshotConnection';
  /** The rows with their cursors. */
  edges: Array<SnapshotEdge>;
  /** The rows. A row that could not be read is null, with an error at its path. */
  nodes: Array<Maybe<Snapshot>>;
  /** Position of the page within the list. */
  pageInfo: PageInfo;
  /** Number of snapshots that fulfil the filter, on all pages. */
  totalCount: Scalars['Int']['output'];
};

/** A snapshot in a page. */
export type SnapshotEdge = {
  __typename?: 'SnapshotEdge';
  /** Position of the snapshot, for `after` and `before`. */
  cursor: Scalars['String']['output'];
  /** The snapshot; null when it could not be read, with an error at its path. */
  node?: Maybe<Snapshot>;
};

/** Conditions on snapshots. All given conditions must hold. null is the same as absent. */
export type SnapshotFilter = {
  /** Id in OpenStack equals this string. */
  backendId?: InputMaybe<Scalars['String']['input']>;
  /** Part of the backup with this uuid or REST address (`/api/openstack-backups/UUID/`, with or without a host; only the uuid is used). */
  backup?: InputMaybe<Scalars['String']['input']>;
  /** Part of the backup with this uuid. */
  backupUuid?: InputMaybe<Scalars['UUID']['input']>;
  /**
   * True: only objects in projects where the caller is administrator or manager, or of customers that the caller owns. False is no
   * condition. Waldur supports it since April 2025; older versions ignore it.
   */
  canManage?: InputMaybe<Scalars['Boolean']['input']>;
  /** Belongs to the customer with this uuid. */
  customer?: InputMaybe<Scalars['UUID']['input']>;
  /** Abbreviation of the customer contains this string, case-insensitive. */
  customerAbbreviation?: InputMaybe<Scalars['String']['input']>;
  /** Name of the customer contains this string, case-insensitive. */
  customerName?: InputMaybe<Scalars['String']['input']>;
  /** Native name of the customer contains this string, case-insensitive. */
  customerNativeName?: InputMaybe<Scalars['String']['input']>;
  /** Belongs to the customer with this uuid (the same as `customer`; Waldur has both). */
  customerUuid?: InputMaybe<Scalars['UUID']['input']>;
  /** Description contains this string, case-insensitive. */
  description?: InputMaybe<Scalars['String']['input']>;
  /** External address. Snapshots have no address, so no value but the empty string matches any. */
  externalIp?: InputMaybe<Scalars['String']['input']>;
  /** Name contains this string, case-insensitive. */
  name?: InputMaybe<Scalars['String']['input']>;
  /** Name equals this string, case-sensitive. Waldur ignores surrounding white space. */
  nameExact?: InputMaybe<Scalars['String']['input']>;
  /** Belongs to the project with this uuid. */
  project?: InputMaybe<Scalars['UUID']['input']>;
  /** Name of the project contains this string, case-insensitive. */
  projectName?: InputMaybe<Scalars['String']['input']>;
  /** Belongs to the project with this uuid (the same as `project`; Waldur has both). */
  projectUuid?: InputMaybe<Scalars['UUID']['input']>;
  /** Runtime state equals this string, in OpenStack's terms, such as `available`. */
  runtimeState?: InputMaybe<Scalars['String']['input']>;
  /** Name of the service settings contains this string, case-insensitive. */
  serviceSettingsName?: InputMaybe<Scalars['String']['input']>;
  /** Belongs to the service settings with this uuid. */
  serviceSettingsUuid?: InputMaybe<Scalars['UUID']['input']>;
  /** Created from the volume with this uuid or REST address (`/api/openstack-volumes/UUID/`, with or without a host; only the uuid is used). */
  sourceVolume?: InputMaybe<Scalars['String']['input']>;
  /** Created from the volume with this uuid. */
  sourceVolumeUuid?: InputMaybe<Scalars['UUID']['input']>;
  /** State is one of these. An empty list is no condition. */
  state?: InputMaybe<Array<State>>;
  /** Belongs to the tenant with this uuid or REST address (`/api/openstack-tenants/UUID/`, with or without a host; only the uuid is used). */
  tenant?: InputMaybe<Scalars['String']['input']>;
  /** Belongs to the tenant with this uuid. */
  tenantUuid?: InputMaybe<Scalars['UUID']['input']>;
  /** Uuid of the snapshot. Combined with other conditions, it tests whether this object fulfils them. */
  uuid?: InputMaybe<Scalars['UUID']['input']>;
};

/** One sort key. */
export type SnapshotOrder = {
  /** The direction. */
  direction?: OrderDirection;
  /** The sort key. */
  field: SnapshotOrderField;
};

/** Sort keys of snapshots: all keys that Waldur supports. Strings are sorted by the collation of Waldur's database. */
export type SnapshotOrderField =
  /** By time of creation. */
  | 'CREATED'
  /** By abbreviation of the customer. */
  | 'CUSTOMER_ABBREVIATION'
  /** By name of the customer. */
  | 'CUSTOMER_NAME'
  /** By native name of the customer. */
  | 'CUSTOMER_NATIVE_NAME'
  /** By name. */
  | 'NAME'
  /** By name of the project. */
  | 'PROJECT_NAME'
  /** By name of the service settings. */
  | 'SERVICE_NAME'
  /** By size. */
  | 'SIZE'
  /** By name of the source volume; objects without one come last. */
  | 'SOURCE_VOLUME_NAME'
  /** By state, in the order UPDATE_SCHEDULED, UPDATING, OK, ERRED, CREATION_SCHEDULED, CREATING, DELETION_SCHEDULED, DELETING. */
  | 'STATE';

/**
 * State of an object in Waldur. `OK` and `ERRED` are settled. Every other state ends in one of them or in the object's deletion. There
 * is no state for deleted objects: they are missing from lists, and null by uuid.
 */
export type State =
  /** OpenStack is creating the object. */
  | 'CREATING'
  /** Creation was accepted and waits for a worker. */
  | 'CREATION_SCHEDULED'
  /** OpenStack is deleting the object. */
  | 'DELETING'
  /** Deletion was accepted and waits for a worker. */
  | 'DELETION_SCHEDULED'
  /** The last operation failed. `errorMessage` usually contains the reason. */
  | 'ERRED'
  /** No operation runs, and the last one succeeded. */
  | 'OK'
  /** An update or a pull was accepted and waits for a worker. */
  | 'UPDATE_SCHEDULED'
  /** An update or a pull runs. */
  | 'UPDATING';

/** Number of objects in one state. */
export type StateCount = {
  __typename?: 'StateCount';
  /** Number of objects, at least 1. */
  count: Scalars['Int']['output'];
  /** The state. */
  state: State;
};

/** Numbers of objects by state. */
export type StateCounts = {
  __typename?: 'StateCounts';
  /** States that at least one object has, in the order of `State`. */
  counts: Array<StateCount>;
  /** Number of all objects; the sum of the counts. */
  totalCount: Scalars['Int']['output'];
};

/** Streams of events, over WebSocket or server-sent events. */
export type Subscription = {
  __typename?: 'Subscription';
  /** Follows a restored volume until it is OK or ERRED. Then the stream ends. */
  restoreProgress: RestoreProgress;
  /** The snapshots in scope, then their changes. Intermediate states may be skipped, the last state never. */
  snapshotChanges: SnapshotChange;
  /** The volumes in scope, then their changes. Intermediate states may be skipped, the last state never. */
  volumeChanges: VolumeChange;
};


/** Streams of events, over WebSocket or server-sent events. */
export type SubscriptionRestoreProgressArgs = {
  volumeUuid: Scalars['UUID']['input'];
};


/** Streams of events, over WebSocket or server-sent events. */
export type SubscriptionSnapshotChangesArgs = {
  after?: InputMaybe<Scalars['String']['input']>;
  filter?: InputMaybe<SnapshotFilter>;
  initial?: InputMaybe<Scalars['Boolean']['input']>;
  uuids?: InputMaybe<Array<Scalars['UUID']['input']>>;
};


/** Streams of events, over WebSocket or server-sent events. */
export type SubscriptionVolumeChangesArgs = {
  after?: InputMaybe<Scalars['String']['input']>;
  filter?: InputMaybe<VolumeFilter>;
  initial?: InputMaybe<Scalars['Boolean']['input']>;
  uuids?: InputMaybe<Array<Scalars['UUID']['input']>>;
};

/** The OpenStack project (tenant) of a volume. */
export type Tenant = Node & {
  __typename?: 'Tenant';
  /** Global id. */
  id: Scalars['ID']['output'];
  /** Name of the tenant. */
  name: Scalars['String']['output'];
  /** Quotas in the order of their names; null when Waldur does not send them. A quota that is neither limited nor used may be missing. */
  quotas?: Maybe<Array<Quota>>;
  /** REST address of the tenant. */
  url: Scalars['String']['output'];
  /** Uuid of the tenant in Waldur. */
  uuid: Scalars['UUID']['output'];
};

/** A page of tenants. */
export type TenantConnection = {
  __typename?: 'TenantConnection';
  /** The rows with their cursors. */
  edges: Array<TenantEdge>;
  /** The rows. A row that could not be read is null, with an error at its path. */
  nodes: Array<Maybe<Tenant>>;
  /** Position of the page within the list. */
  pageInfo: PageInfo;
  /** Number of tenants that fulfil the filter, on all pages. */
  totalCount: Scalars['Int']['output'];
};

/** A tenant in a page. */
export type TenantEdge = {
  __typename?: 'TenantEdge';
  /** Position of the tenant, for `after` and `before`. */
  cursor: Scalars['String']['output'];
  /** The tenant; null when it could not be read, with an error at its path. */
  node?: Maybe<Tenant>;
};

/** Conditions on tenants. All given conditions must hold. null is the same as absent. */
export type TenantFilter = {
  /** Name contains this string, case-insensitive. */
  name?: InputMaybe<Scalars['String']['input']>;
  /** Belongs to the project with this uuid. */
  projectUuid?: InputMaybe<Scalars['UUID']['input']>;
};

/** Input of `unlinkSnapshot`. */
export type UnlinkSnapshotInput = {
  /** Global id of the snapshot, in place of `uuid`. Exactly one of the two must be given. */
  id?: InputMaybe<Scalars['ID']['input']>;
  /** Uuid of the snapshot; or `id`. */
  uuid?: InputMaybe<Scalars['UUID']['input']>;
};

/** Result of `unlinkSnapshot`. */
export type UnlinkSnapshotPayload = {
  __typename?: 'UnlinkSnapshotPayload';
  /** The same as `unlinkedId`, under the name by which clients recognise what is gone, such as `@deleteRecord` of Relay. */
  deletedSnapshotId?: Maybe<Scalars['ID']['output']>;
  /** Global id of the removed snapshot, for normalised caches. */
  unlinkedId?: Maybe<Scalars['ID']['output']>;
  /** Uuid of the removed snapshot. */
  unlinkedUuid?: Maybe<Scalars['UUID']['output']>;
  /** The reasons why nothing was changed; empty on success. If there are any, all other fields are null. */
  userErrors: Array<UserError>;
};

/** Input of `updateSnapshot`. Absent properties are kept. At least one must be given. */
export type UpdateSnapshotInput = {
  /** New description, at most 2000 characters; empty clears it; null is refused. */
  description?: InputMaybe<Scalars['String']['input']>;
  /** Global id of the snapshot, in place of `uuid`. Exactly one of the two must be given. */
  id?: InputMaybe<Scalars['ID']['input']>;
  /** Time at which Waldur deletes the snapshot; null: never. */
  keptUntil?: InputMaybe<Scalars['DateTime']['input']>;
  /** New metadata, an object; null is refused. The next pull replaces it with OpenStack's metadata. */
  metadata?: InputMaybe<Scalars['JSON']['input']>;
  /** New name, 1 to 150 characters; surrounding white space is trimmed. */
  name?: InputMaybe<Scalars['String']['input']>;
  /** Uuid of the snapshot; or `id`. */
  uuid?: InputMaybe<Scalars['UUID']['input']>;
};

/** Result of `updateSnapshot`. */
export type UpdateSnapshotPayload = {
  __typename?: 'UpdateSnapshotPayload';
  /** The snapshot with its new values. The update in OpenStack is scheduled. */
  snapshot?: Maybe<Snapshot>;
  /** The reasons why nothing was changed; empty on success. If there are any, all other fields are null. */
  userErrors: Array<UserError>;
};

/** An expected failure of a mutation. */
export type UserError = {
  __typename?: 'UserError';
  /** The kind of failure. */
  code: UserErrorCode;
  /** Name of the invalid input field; null when the error does not concern a single field. */
  field?: Maybe<Scalars['String']['output']>;
  /** Message for people: what happened and what to do. Waldur's own message if Waldur refused. */
  message: Scalars['String']['output'];
};

/** The reason for an expected failure. */
export type UserErrorCode =
  /** Another conflict; `message` describes it. */
  | 'CONFLICT'
  /** The caller may see the object, but may not change it in this way. */
  | 'FORBIDDEN'
  /** The object's state does not allow the operation. `availableActions` lists the allowed ones. */
  | 'INVALID_STATE'
  /** The object does not exist or the caller may not see it. */
  | 'NOT_FOUND'
  /** OpenStack has not created the object, so it cannot be refreshed. */
  | 'NO_BACKEND_ID'
  /** A quota of the tenant would be exceeded. */
  | 'QUOTA_EXCEEDED'
  /** An input value is not valid; `field` names it. */
  | 'VALIDATION';

/** The user whose credentials were sent with the request. It never contains the API token, which Waldur's own answer includes. */
export type Viewer = {
  __typename?: 'Viewer';
  /** E-mail address; empty when none was given, null when Waldur hides it. */
  email?: Maybe<Scalars['String']['output']>;
  /** Full name; empty when none was given. */
  fullName: Scalars['String']['output'];
  /** True for staff, who may see and change everything. */
  isStaff: Scalars['Boolean']['output'];
  /** True for global support, who may see everything and change nothing. */
  isSupport: Scalars['Boolean']['output'];
  /** Roles of the user. Expired roles remain valid and listed until Waldur's daily job removes them. */
  permissions: Array<Permission>;
  /** Login name. */
  username: Scalars['String']['output'];
  /** Uuid of the user. */
  uuid: Scalars['UUID']['output'];
};

/** A block device in OpenStack, as Waldur knows it. */
export type Volume = Node & {
  __typename?: 'Volume';
  /** Access address: a string, a list of strings, or null. Always null for volumes today. */
  accessUrl?: Maybe<Scalars['JSON']['output']>;
  /** Name of the running operation, such as `Pull`; empty when none runs, and for creation, update and deletion. */
  action: Scalars['String']['output'];
  /** Details of the running operation; an empty object when there are none. */
  actionDetails?: Maybe<Scalars['JSON']['output']>;
  /** Availability zone; null when it has none. */
  availabilityZone?: Maybe<AvailabilityZone>;
  /**
   * For each action, whether it is possible now. Depends on the caller's roles, on the state and the runtime state, and on whether the
   * volume is bootable. The instance of an attached volume is not looked at, so EXTEND may still be refused because it is not shut off.
   */
  availableActions?: Maybe<Array<AvailableVolumeAction>>;
  /** Id in OpenStack; null until OpenStack has created it. */
  backendId?: Maybe<Scalars['String']['output']>;
  /** True when an instance can boot from it. */
  bootable: Scalars['Boolean']['output'];
  /** Time of creation. */
  created: Scalars['DateTime']['output'];
  /** The customer it belongs to. */
  customer: Customer;
  /** Description; empty when none was given. */
  description: Scalars['String']['output'];
  /** Device name within the instance, such as `/dev/vdb`; empty when not attached. */
  device: Scalars['String']['output'];
  /** One or two words for a status column: the runtime state when OK, otherwise the current operation or `Error`. */
  displayStatus: Scalars['String']['output'];
  /**
   * Error message of the last operation; empty when it did not fail, and cleared when a new operation is requested. Waldur does not
   * set it for every failure.
   */
  errorMessage: Scalars['String']['output'];
  /** Python traceback of the last failure, for administrators. It remains after the object has recovered, so rely on `state`. */
  errorTraceback: Scalars['String']['output'];
  /** True when it may be extended; null when this version of Waldur does not send it (sent since May 2025). */
  extendEnabled?: Maybe<Scalars['Boolean']['output']>;
  /** Global id. */
  id: Scalars['ID']['output'];
  /** The image from which it was created; null when there is none. */
  image?: Maybe<Image>;
  /** Metadata of the image, as Waldur sends it: a Python dict in Python notation, not JSON; null when there is none. */
  imageMetadata?: Maybe<Scalars['String']['output']>;
  /** The instance it is attached to; null when it is not attached. */
  instance?: Maybe<Instance>;
  /** True when no operation runs: the state is OK or ERRED. */
  isSettled: Scalars['Boolean']['output'];
  /** Marketplace data; null when it is not in the marketplace. */
  marketplace?: Maybe<Marketplace>;
  /** Uuid of the volume's marketplace resource; null when it has none. */
  marketplaceUuid?: Maybe<Scalars['UUID']['output']>;
  /** Metadata; null when it was never set. The next pull replaces it with OpenStack's metadata. */
  metadata?: Maybe<Scalars['JSON']['output']>;
  /** Time of the last change in Waldur. State changes and Waldur's hourly synchronisation with OpenStack count too. */
  modified: Scalars['DateTime']['output'];
  /** Name, 1 to 150 characters for volumes made through this API. */
  name: Scalars['String']['output'];
  /** The project it belongs to. */
  project: Project;
  /** Waldur's name for the kind of object: `OpenStack.Volume`. */
  resourceType: Scalars['String']['output'];
  /** Status in OpenStack, in OpenStack's terms (`available`, `creating`, `error`, ...); empty before OpenStack has answered. */
  runtimeState: Scalars['String']['output'];
  /** The OpenStack installation that contains it. */
  serviceSettings: ServiceSettings;
  /** Size in MiB. */
  size: Scalars['Int']['output'];
  /** Snapshots of this volume. */
  snapshots?: Maybe<SnapshotConnection>;
  /** The snapshot from which it was restored; null when there is none, or when it is deleted. */
  sourceSnapshot?: Maybe<Snapshot>;
  /** State in Waldur. */
  state: State;
  /** The OpenStack tenant that contains it. */
  tenant?: Maybe<Tenant>;
  /** Volume type; null when unknown. */
  type?: Maybe<VolumeType>;
  /** REST address of the volume. */
  url: Scalars['String']['output'];
  /** Uuid of the volume in Waldur. */
  uuid: Scalars['UUID']['output'];
};


/** A block device in OpenStack, as Waldur knows it. */
export type VolumeSnapshotsArgs = {
  after?: InputMaybe<Scalars['String']['input']>;
  before?: InputMaybe<Scalars['String']['input']>;
  filter?: InputMaybe<SnapshotFilter>;
  first?: InputMaybe<Scalars['Int']['input']>;
  last?: InputMaybe<Scalars['Int']['input']>;
  offset?: InputMaybe<Scalars['Int']['input']>;
  orderBy?: InputMaybe<Array<SnapshotOrder>>;
};

/** Actions on a volume. */
export type VolumeAction =
  /** Attach it to an instance: `attachVolume`. */
  | 'ATTACH'
  /** Detach it from its instance: `detachVolume`. */
  | 'DETACH'
  /** Make it larger: `extendVolume`. */
  | 'EXTEND'
  /** Create a snapshot of it: `createSnapshot`. */
  | 'SNAPSHOT';

/** One event of a stream of volumes. */
export type VolumeChange = {
  __typename?: 'VolumeChange';
  /** Position of this event, for `after`; null for INITIAL, STALE and RESET. */
  cursor?: Maybe<Scalars['String']['output']>;
  /** Global id of the volume, also when it is gone; null where `uuid` is. */
  id?: Maybe<Scalars['ID']['output']>;
  /** The kind of event. */
  kind: ChangeKind;
  /** Time of Waldur's answer that showed the change. */
  observedAt: Scalars['DateTime']['output'];
  /** The last state sent for this volume; null when there was none. */
  previousState?: Maybe<State>;
  /** Its current state; null when it no longer exists, and for BOOKMARK, STALE and RESET. */
  state?: Maybe<State>;
  /** Volumes that the filter lets through after this event, whatever `uuids` names; null where `cursor` is. */
  totalCount?: Maybe<Scalars['Int']['output']>;
  /** Uuid of the volume; null for BOOKMARK, STALE and RESET. */
  uuid?: Maybe<Scalars['UUID']['output']>;
  /** The current volume; null for REMOVED, BOOKMARK, STALE and RESET. */
  volume?: Maybe<Volume>;
};

/** A page of volumes. */
export type VolumeConnection = {
  __typename?: 'VolumeConnection';
  /** The rows with their cursors. */
  edges: Array<VolumeEdge>;
  /** The rows. A row that could not be read is null, with an error at its path. */
  nodes: Array<Maybe<Volume>>;
  /** Position of the page within the list. */
  pageInfo: PageInfo;
  /** Number of volumes that fulfil the filter, on all pages. */
  totalCount: Scalars['Int']['output'];
};

/** A volume in a page. */
export type VolumeEdge = {
  __typename?: 'VolumeEdge';
  /** Position of the volume, for `after` and `before`. */
  cursor: Scalars['String']['output'];
  /** The volume; null when it could not be read, with an error at its path. */
  node?: Maybe<Volume>;
};

/** Conditions on volumes. All given conditions must hold. null is the same as absent. */
export type VolumeFilter = {
  /** Can be attached to the instance with this uuid: it is in the same tenant and not attached to the instance. */
  attachInstanceUuid?: InputMaybe<Scalars['UUID']['input']>;
  /** Name of the availability zone equals this string. */
  availabilityZoneName?: InputMaybe<Scalars['String']['input']>;
  /** Id in OpenStack equals this string. */
  backendId?: InputMaybe<Scalars['String']['input']>;
  /**
   * True: only objects in projects where the caller is administrator or manager, or of customers that the caller owns. False is no
   * condition. Waldur supports it since April 2025; older versions ignore it.
   */
  canManage?: InputMaybe<Scalars['Boolean']['input']>;
  /** Belongs to the customer with this uuid. */
  customer?: InputMaybe<Scalars['UUID']['input']>;
  /** Abbreviation of the customer contains this string, case-insensitive. */
  customerAbbreviation?: InputMaybe<Scalars['String']['input']>;
  /** Name of the customer contains this string, case-insensitive. */
  customerName?: InputMaybe<Scalars['String']['input']>;
  /** Native name of the customer contains this string, case-insensitive. */
  customerNativeName?: InputMaybe<Scalars['String']['input']>;
  /** Belongs to the customer with this uuid (the same as `customer`; Waldur has both). */
  customerUuid?: InputMaybe<Scalars['UUID']['input']>;
  /** Description contains this string, case-insensitive. */
  description?: InputMaybe<Scalars['String']['input']>;
  /** External address. Volumes have no address, so no value but the empty string matches any. */
  externalIp?: InputMaybe<Scalars['String']['input']>;
  /** Attached to the instance with this uuid or REST address (`/api/openstack-instances/UUID/`, with or without a host; only the uuid is used). */
  instance?: InputMaybe<Scalars['String']['input']>;
  /** Attached to the instance with this uuid. */
  instanceUuid?: InputMaybe<Scalars['UUID']['input']>;
  /** Name contains this string, case-insensitive. */
  name?: InputMaybe<Scalars['String']['input']>;
  /** Name equals this string, case-sensitive. Waldur ignores surrounding white space. */
  nameExact?: InputMaybe<Scalars['String']['input']>;
  /** Belongs to the project with this uuid. */
  project?: InputMaybe<Scalars['UUID']['input']>;
  /** Name of the project contains this string, case-insensitive. */
  projectName?: InputMaybe<Scalars['String']['input']>;
  /** Belongs to the project with this uuid (the same as `project`; Waldur has both). */
  projectUuid?: InputMaybe<Scalars['UUID']['input']>;
  /** Runtime state equals this string, in OpenStack's terms, such as `available`. */
  runtimeState?: InputMaybe<Scalars['String']['input']>;
  /** Name of the service settings contains this string, case-insensitive. */
  serviceSettingsName?: InputMaybe<Scalars['String']['input']>;
  /** Belongs to the service settings with this uuid. */
  serviceSettingsUuid?: InputMaybe<Scalars['UUID']['input']>;
  /** Restored from the snapshot with this uuid or REST address (`/api/openstack-snapshots/UUID/`, with or without a host; only the uuid is used). */
  snapshot?: InputMaybe<Scalars['String']['input']>;
  /** Restored from the snapshot with this uuid. */
  snapshotUuid?: InputMaybe<Scalars['UUID']['input']>;
  /** State is one of these. An empty list is no condition. */
  state?: InputMaybe<Array<State>>;
  /** Belongs to the tenant with this uuid or REST address (`/api/openstack-tenants/UUID/`, with or without a host; only the uuid is used). */
  tenant?: InputMaybe<Scalars['String']['input']>;
  /** Belongs to the tenant with this uuid. */
  tenantUuid?: InputMaybe<Scalars['UUID']['input']>;
  /** Uuid of the volume. Combined with other conditions, it tests whether this object fulfils them. */
  uuid?: InputMaybe<Scalars['UUID']['input']>;
};

/** One sort key. */
export type VolumeOrder = {
  /** The direction. */
  direction?: OrderDirection;
  /** The sort key. */
  field: VolumeOrderField;
};

/** Sort keys of volumes: all keys that Waldur supports. Strings are sorted by the collation of Waldur's database. */
export type VolumeOrderField =
  /** By time of creation. */
  | 'CREATED'
  /** By abbreviation of the customer. */
  | 'CUSTOMER_ABBREVIATION'
  /** By name of the customer. */
  | 'CUSTOMER_NAME'
  /** By native name of the customer. */
  | 'CUSTOMER_NATIVE_NAME'
  /** By name of the instance; objects without one come last. */
  | 'INSTANCE_NAME'
  /** By name. */
  | 'NAME'
  /** By name of the project. */
  | 'PROJECT_NAME'
  /** By name of the service settings. */
  | 'SERVICE_NAME'
  /** By size. */
  | 'SIZE'
  /** By state, in the order UPDATE_SCHEDULED, UPDATING, OK, ERRED, CREATION_SCHEDULED, CREATING, DELETION_SCHEDULED, DELETING. */
  | 'STATE';

/** A volume type, such as SSD or HDD. */
export type VolumeType = Node & {
  __typename?: 'VolumeType';
  /** Global id. */
  id: Scalars['ID']['output'];
  /** Name of the type. */
  name: Scalars['String']['output'];
  /** REST address of the volume type. */
  url: Scalars['String']['output'];
  /** Uuid of the volume type in Waldur. */
  uuid: Scalars['UUID']['output'];
};



export type ResolverTypeWrapper<T> = Promise<T | Error> | T | Error;


export type ResolverWithResolve<TResult, TParent, TContext, TArgs> = {
  resolve: ResolverFn<TResult, TParent, TContext, TArgs>;
};
export type Resolver<TResult, TParent = Record<PropertyKey, never>, TContext = Record<PropertyKey, never>, TArgs = Record<PropertyKey, never>> = ResolverFn<TResult, TParent, TContext, TArgs> | ResolverWithResolve<TResult, TParent, TContext, TArgs>;

export type ResolverFn<TResult, TParent, TContext, TArgs> = (
  parent: TParent,
  args: TArgs,
  context: TContext,
  info: GraphQLResolveInfo
) => Promise<TResult> | TResult;

export type SubscriptionSubscribeFn<TResult, TParent, TContext, TArgs> = (
  parent: TParent,
  args: TArgs,
  context: TContext,
  info: GraphQLResolveInfo
) => AsyncIterable<TResult> | Promise<AsyncIterable<TResult>>;

export type SubscriptionResolveFn<TResult, TParent, TContext, TArgs> = (
  parent: TParent,
  args: TArgs,
  context: TContext,
  info: GraphQLResolveInfo
) => TResult | Promise<TResult>;

export interface SubscriptionSubscriberObject<TResult, TKey extends string, TParent, TContext, TArgs> {
  subscribe: SubscriptionSubscribeFn<{ [key in TKey]: TResult }, TParent, TContext, TArgs>;
  resolve?: SubscriptionResolveFn<TResult, { [key in TKey]: TResult }, TContext, TArgs>;
}

export interface SubscriptionResolverObject<TResult, TParent, TContext, TArgs> {
  subscribe: SubscriptionSubscribeFn<any, TParent, TContext, TArgs>;
  resolve: SubscriptionResolveFn<TResult, any, TContext, TArgs>;
}

export type SubscriptionObject<TResult, TKey extends string, TParent, TContext, TArgs> =
  | SubscriptionSubscriberObject<TResult, TKey, TParent, TContext, TArgs>
  | SubscriptionResolverObject<TResult, TParent, TContext, TArgs>;

export type SubscriptionResolver<TResult, TKey extends string, TParent = Record<PropertyKey, never>, TContext = Record<PropertyKey, never>, TArgs = Record<PropertyKey, never>> =
  | ((...args: any[]) => SubscriptionObject<TResult, TKey, TParent, TContext, TArgs>)
  | SubscriptionObject<TResult, TKey, TParent, TContext, TArgs>;

export type TypeResolveFn<TTypes, TParent = Record<PropertyKey, never>, TContext = Record<PropertyKey, never>> = (
  parent: TParent,
  context: TContext,
  info: GraphQLResolveInfo
) => Maybe<TTypes> | Promise<Maybe<TTypes>>;

export type IsTypeOfResolverFn<T = Record<PropertyKey, never>, TContext = Record<PropertyKey, never>> = (obj: T, context: TContext, info: GraphQLResolveInfo) => boolean | Promise<boolean>;

export type NextResolverFn<T> = () => Promise<T>;

export type DirectiveResolverFn<TResult = Record<PropertyKey, never>, TParent = Record<PropertyKey, never>, TContext = Record<PropertyKey, never>, TArgs = Record<PropertyKey, never>> = (
  next: NextResolverFn<TResult>,
  parent: TParent,
  args: TArgs,
  context: TContext,
  info: GraphQLResolveInfo
) => TResult | Promise<TResult>;




/** Mapping of interface types */
export type ResolversInterfaceTypes<_RefType extends Record<string, unknown>> = {
  Node:
    | ( AvailabilityZoneRow )
    | ( CustomerRow )
    | ( ImageRow )
    | ( InstanceRow )
    | ( ProjectRow )
    | ( RestorationNode )
    | ( ServiceSettingsRow )
    | ( SnapshotRow )
    | ( TenantRow )
    | ( VolumeRow )
    | ( VolumeTypeRow )
  ;
};

/** Mapping between all available schema types and the resolvers types */
export type ResolversTypes = {
  AttachVolumeInput: AttachVolumeInput;
  AttachVolumePayload: ResolverTypeWrapper<Omit<AttachVolumePayload, 'volume'> & { volume?: Maybe<ResolversTypes['Volume']> }>;
  AvailabilityZone: ResolverTypeWrapper<AvailabilityZoneRow>;
  AvailableAction: ResolverTypeWrapper<AvailableAction>;
  AvailableVolumeAction: ResolverTypeWrapper<AvailableVolumeAction>;
  Backup: ResolverTypeWrapper<BackupRow>;
  Boolean: ResolverTypeWrapper<Scalars['Boolean']['output']>;
  ChangeKind: ChangeKind;
  CreateSnapshotInput: CreateSnapshotInput;
  CreateSnapshotPayload: ResolverTypeWrapper<Omit<CreateSnapshotPayload, 'snapshot'> & { snapshot?: Maybe<ResolversTypes['Snapshot']> }>;
  Customer: ResolverTypeWrapper<CustomerRow>;
  CustomerConnection: ResolverTypeWrapper<CustomerList>;
  CustomerEdge: ResolverTypeWrapper<Omit<CustomerEdge, 'node'> & { node?: Maybe<ResolversTypes['Customer']> }>;
  CustomerFilter: CustomerFilter;
  DateTime: ResolverTypeWrapper<Scalars['DateTime']['output']>;
  DeleteSnapshotInput: DeleteSnapshotInput;
  DeleteSnapshotPayload: ResolverTypeWrapper<Omit<DeleteSnapshotPayload, 'snapshot'> & { snapshot?: Maybe<ResolversTypes['Snapshot']> }>;
  DeleteSnapshotsInput: DeleteSnapshotsInput;
  DeleteSnapshotsPayload: ResolverTypeWrapper<Omit<DeleteSnapshotsPayload, 'results'> & { results: Array<Maybe<ResolversTypes['DeleteSnapshotsResult']>> }>;
  DeleteSnapshotsResult: ResolverTypeWrapper<Omit<DeleteSnapshotsResult, 'snapshot'> & { snapshot?: Maybe<ResolversTypes['Snapshot']> }>;
  DetachVolumeInput: DetachVolumeInput;
  DetachVolumePayload: ResolverTypeWrapper<Omit<DetachVolumePayload, 'volume'> & { volume?: Maybe<ResolversTypes['Volume']> }>;
  ExtendVolumeInput: ExtendVolumeInput;
  ExtendVolumePayload: ResolverTypeWrapper<Omit<ExtendVolumePayload, 'volume'> & { volume?: Maybe<ResolversTypes['Volume']> }>;
  Float: ResolverTypeWrapper<Scalars['Float']['output']>;
  ID: ResolverTypeWrapper<Scalars['ID']['output']>;
  Image: ResolverTypeWrapper<ImageRow>;
  Instance: ResolverTypeWrapper<InstanceRow>;
  InstanceConnection: ResolverTypeWrapper<InstanceList>;
  InstanceEdge: ResolverTypeWrapper<Omit<InstanceEdge, 'node'> & { node?: Maybe<ResolversTypes['Instance']> }>;
  InstanceFilter: InstanceFilter;
  Int: ResolverTypeWrapper<Scalars['Int']['output']>;
  JSON: ResolverTypeWrapper<Scalars['JSON']['output']>;
  Marketplace: ResolverTypeWrapper<ResourceRow>;
  MarketplaceCategory: ResolverTypeWrapper<ResourceRow>;
  MarketplaceOffering: ResolverTypeWrapper<ResourceRow>;
  MarketplacePlan: ResolverTypeWrapper<ResourceRow>;
  MarketplaceResource: ResolverTypeWrapper<ResourceRow>;
  Mutation: ResolverTypeWrapper<Record<PropertyKey, never>>;
  Node: ResolverTypeWrapper<ResolversInterfaceTypes<ResolversTypes>['Node']>;
  OrderDirection: OrderDirection;
  PageInfo: ResolverTypeWrapper<PageInfo>;
  Permission: ResolverTypeWrapper<PermissionRow>;
  Project: ResolverTypeWrapper<ProjectRow>;
  ProjectConnection: ResolverTypeWrapper<ProjectList>;
  ProjectEdge: ResolverTypeWrapper<Omit<ProjectEdge, 'node'> & { node?: Maybe<ResolversTypes['Project']> }>;
  ProjectFilter: ProjectFilter;
  PullSnapshotInput: PullSnapshotInput;
  PullSnapshotPayload: ResolverTypeWrapper<Omit<PullSnapshotPayload, 'snapshot'> & { snapshot?: Maybe<ResolversTypes['Snapshot']> }>;
  PullSnapshotsInput: PullSnapshotsInput;
  PullSnapshotsPayload: ResolverTypeWrapper<Omit<PullSnapshotsPayload, 'results'> & { results: Array<Maybe<ResolversTypes['PullSnapshotsResult']>> }>;
  PullSnapshotsResult: ResolverTypeWrapper<Omit<PullSnapshotsResult, 'snapshot'> & { snapshot?: Maybe<ResolversTypes['Snapshot']> }>;
  Query: ResolverTypeWrapper<Record<PropertyKey, never>>;
  Quota: ResolverTypeWrapper<QuotaRow>;
  ReplaceSnapshotInput: ReplaceSnapshotInput;
  ReplaceSnapshotPayload: ResolverTypeWrapper<Omit<ReplaceSnapshotPayload, 'snapshot'> & { snapshot?: Maybe<ResolversTypes['Snapshot']> }>;
  Restoration: ResolverTypeWrapper<RestorationNode>;
  RestoreProgress: ResolverTypeWrapper<LiveEvent>;
  RestoreSnapshotInput: RestoreSnapshotInput;
  RestoreSnapshotPayload: ResolverTypeWrapper<Omit<RestoreSnapshotPayload, 'snapshot' | 'volume'> & { snapshot?: Maybe<ResolversTypes['Snapshot']>, volume?: Maybe<ResolversTypes['Volume']> }>;
  ServiceSettings: ResolverTypeWrapper<ServiceSettingsRow>;
  SetSnapshotErredInput: SetSnapshotErredInput;
  SetSnapshotErredPayload: ResolverTypeWrapper<Omit<SetSnapshotErredPayload, 'snapshot'> & { snapshot?: Maybe<ResolversTypes['Snapshot']> }>;
  SetSnapshotOkInput: SetSnapshotOkInput;
  SetSnapshotOkPayload: ResolverTypeWrapper<Omit<SetSnapshotOkPayload, 'snapshot'> & { snapshot?: Maybe<ResolversTypes['Snapshot']> }>;
  Snapshot: ResolverTypeWrapper<SnapshotRow>;
  SnapshotAction: SnapshotAction;
  SnapshotChange: ResolverTypeWrapper<LiveEvent>;
  SnapshotConnection: ResolverTypeWrapper<SnapshotList>;
  SnapshotEdge: ResolverTypeWrapper<Omit<SnapshotEdge, 'node'> & { node?: Maybe<ResolversTypes['Snapshot']> }>;
  SnapshotFilter: SnapshotFilter;
  SnapshotOrder: SnapshotOrder;
  SnapshotOrderField: SnapshotOrderField;
  State: State;
  StateCount: ResolverTypeWrapper<StateCount>;
  StateCounts: ResolverTypeWrapper<StateCounts>;
  String: ResolverTypeWrapper<Scalars['String']['output']>;
  Subscription: ResolverTypeWrapper<Record<PropertyKey, never>>;
  Tenant: ResolverTypeWrapper<TenantRow>;
  TenantConnection: ResolverTypeWrapper<TenantList>;
  TenantEdge: ResolverTypeWrapper<Omit<TenantEdge, 'node'> & { node?: Maybe<ResolversTypes['Tenant']> }>;
  TenantFilter: TenantFilter;
  UUID: ResolverTypeWrapper<Scalars['UUID']['output']>;
  UnlinkSnapshotInput: UnlinkSnapshotInput;
  UnlinkSnapshotPayload: ResolverTypeWrapper<UnlinkSnapshotPayload>;
  UpdateSnapshotInput: UpdateSnapshotInput;
  UpdateSnapshotPayload: ResolverTypeWrapper<Omit<UpdateSnapshotPayload, 'snapshot'> & { snapshot?: Maybe<ResolversTypes['Snapshot']> }>;
  UserError: ResolverTypeWrapper<UserError>;
  UserErrorCode: UserErrorCode;
  Viewer: ResolverTypeWrapper<MeRow>;
  Volume: ResolverTypeWrapper<VolumeRow>;
  VolumeAction: VolumeAction;
  VolumeChange: ResolverTypeWrapper<LiveEvent>;
  VolumeConnection: ResolverTypeWrapper<VolumeList>;
  VolumeEdge: ResolverTypeWrapper<Omit<VolumeEdge, 'node'> & { node?: Maybe<ResolversTypes['Volume']> }>;
  VolumeFilter: VolumeFilter;
  VolumeOrder: VolumeOrder;
  VolumeOrderField: VolumeOrderField;
  VolumeType: ResolverTypeWrapper<VolumeTypeRow>;
};

/** Mapping between all available schema types and the resolvers parents */
export type ResolversParentTypes = {
  AttachVolumeInput: AttachVolumeInput;
  AttachVolumePayload: Omit<AttachVolumePayload, 'volume'> & { volume?: Maybe<ResolversParentTypes['Volume']> };
  AvailabilityZone: AvailabilityZoneRow;
  AvailableAction: AvailableAction;
  AvailableVolumeAction: AvailableVolumeAction;
  Backup: BackupRow;
  Boolean: Scalars['Boolean']['output'];
  CreateSnapshotInput: CreateSnapshotInput;
  CreateSnapshotPayload: Omit<CreateSnapshotPayload, 'snapshot'> & { snapshot?: Maybe<ResolversParentTypes['Snapshot']> };
  Customer: CustomerRow;
  CustomerConnection: CustomerList;
  CustomerEdge: Omit<CustomerEdge, 'node'> & { node?: Maybe<ResolversParentTypes['Customer']> };
  CustomerFilter: CustomerFilter;
  DateTime: Scalars['DateTime']['output'];
  DeleteSnapshotInput: DeleteSnapshotInput;
  DeleteSnapshotPayload: Omit<DeleteSnapshotPayload, 'snapshot'> & { snapshot?: Maybe<ResolversParentTypes['Snapshot']> };
  DeleteSnapshotsInput: DeleteSnapshotsInput;
  DeleteSnapshotsPayload: Omit<DeleteSnapshotsPayload, 'results'> & { results: Array<Maybe<ResolversParentTypes['DeleteSnapshotsResult']>> };
  DeleteSnapshotsResult: Omit<DeleteSnapshotsResult, 'snapshot'> & { snapshot?: Maybe<ResolversParentTypes['Snapshot']> };
  DetachVolumeInput: DetachVolumeInput;
  DetachVolumePayload: Omit<DetachVolumePayload, 'volume'> & { volume?: Maybe<ResolversParentTypes['Volume']> };
  ExtendVolumeInput: ExtendVolumeInput;
  ExtendVolumePayload: Omit<ExtendVolumePayload, 'volume'> & { volume?: Maybe<ResolversParentTypes['Volume']> };
  Float: Scalars['Float']['output'];
  ID: Scalars['ID']['output'];
  Image: ImageRow;
  Instance: InstanceRow;
  InstanceConnection: InstanceList;
  InstanceEdge: Omit<InstanceEdge, 'node'> & { node?: Maybe<ResolversParentTypes['Instance']> };
  InstanceFilter: InstanceFilter;
  Int: Scalars['Int']['output'];
  JSON: Scalars['JSON']['output'];
  Marketplace: ResourceRow;
  MarketplaceCategory: ResourceRow;
  MarketplaceOffering: ResourceRow;
  MarketplacePlan: ResourceRow;
  MarketplaceResource: ResourceRow;
  Mutation: Record<PropertyKey, never>;
  Node: ResolversInterfaceTypes<ResolversParentTypes>['Node'];
  PageInfo: PageInfo;
  Permission: PermissionRow;
  Project: ProjectRow;
  ProjectConnection: ProjectList;
  ProjectEdge: Omit<ProjectEdge, 'node'> & { node?: Maybe<ResolversParentTypes['Project']> };
  ProjectFilter: ProjectFilter;
  PullSnapshotInput: PullSnapshotInput;
  PullSnapshotPayload: Omit<PullSnapshotPayload, 'snapshot'> & { snapshot?: Maybe<ResolversParentTypes['Snapshot']> };
  PullSnapshotsInput: PullSnapshotsInput;
  PullSnapshotsPayload: Omit<PullSnapshotsPayload, 'results'> & { results: Array<Maybe<ResolversParentTypes['PullSnapshotsResult']>> };
  PullSnapshotsResult: Omit<PullSnapshotsResult, 'snapshot'> & { snapshot?: Maybe<ResolversParentTypes['Snapshot']> };
  Query: Record<PropertyKey, never>;
  Quota: QuotaRow;
  ReplaceSnapshotInput: ReplaceSnapshotInput;
  ReplaceSnapshotPayload: Omit<ReplaceSnapshotPayload, 'snapshot'> & { snapshot?: Maybe<ResolversParentTypes['Snapshot']> };
  Restoration: RestorationNode;
  RestoreProgress: LiveEvent;
  RestoreSnapshotInput: RestoreSnapshotInput;
  RestoreSnapshotPayload: Omit<RestoreSnapshotPayload, 'snapshot' | 'volume'> & { snapshot?: Maybe<ResolversParentTypes['Snapshot']>, volume?: Maybe<ResolversParentTypes['Volume']> };
  ServiceSettings: ServiceSettingsRow;
  SetSnapshotErredInput: SetSnapshotErredInput;
  SetSnapshotErredPayload: Omit<SetSnapshotErredPayload, 'snapshot'> & { snapshot?: Maybe<ResolversParentTypes['Snapshot']> };
  SetSnapshotOkInput: SetSnapshotOkInput;
  SetSnapshotOkPayload: Omit<SetSnapshotOkPayload, 'snapshot'> & { snapshot?: Maybe<ResolversParentTypes['Snapshot']> };
  Snapshot: SnapshotRow;
  SnapshotChange: LiveEvent;
  SnapshotConnection: SnapshotList;
  SnapshotEdge: Omit<SnapshotEdge, 'node'> & { node?: Maybe<ResolversParentTypes['Snapshot']> };
  SnapshotFilter: SnapshotFilter;
  SnapshotOrder: SnapshotOrder;
  StateCount: StateCount;
  StateCounts: StateCounts;
  String: Scalars['String']['output'];
  Subscription: Record<PropertyKey, never>;
  Tenant: TenantRow;
  TenantConnection: TenantList;
  TenantEdge: Omit<TenantEdge, 'node'> & { node?: Maybe<ResolversParentTypes['Tenant']> };
  TenantFilter: TenantFilter;
  UUID: Scalars['UUID']['output'];
  UnlinkSnapshotInput: UnlinkSnapshotInput;
  UnlinkSnapshotPayload: UnlinkSnapshotPayload;
  UpdateSnapshotInput: UpdateSnapshotInput;
  UpdateSnapshotPayload: Omit<UpdateSnapshotPayload, 'snapshot'> & { snapshot?: Maybe<ResolversParentTypes['Snapshot']> };
  UserError: UserError;
  Viewer: MeRow;
  Volume: VolumeRow;
  VolumeChange: LiveEvent;
  VolumeConnection: VolumeList;
  VolumeEdge: Omit<VolumeEdge, 'node'> & { node?: Maybe<ResolversParentTypes['Volume']> };
  VolumeFilter: VolumeFilter;
  VolumeOrder: VolumeOrder;
  VolumeType: VolumeTypeRow;
};

export type CostDirectiveArgs = {
  weight: Scalars['Int']['input'];
};

export type CostDirectiveResolver<Result, Parent, ContextType = GraphContext, Args = CostDirectiveArgs> = DirectiveResolverFn<Result, Parent, ContextType, Args>;

export type ListSizeDirectiveArgs = {
  assumedSize?: Maybe<Scalars['Int']['input']>;
  sizedFields?: Maybe<Array<Scalars['String']['input']>>;
  slicingArguments?: Maybe<Array<Scalars['String']['input']>>;
};

export type ListSizeDirectiveResolver<Result, Parent, ContextType = GraphContext, Args = ListSizeDirectiveArgs> = DirectiveResolverFn<Result, Parent, ContextType, Args>;

export type AttachVolumePayloadResolvers<ContextType = GraphContext, ParentType extends ResolversParentTypes['AttachVolumePayload'] = ResolversParentTypes['AttachVolumePayload']> = {
  scheduled?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
  userErrors?: Resolver<Array<ResolversTypes['UserError']>, ParentType, ContextType>;
  volume?: Resolver<Maybe<ResolversTypes['Volume']>, ParentType, ContextType>;
};

export type AvailabilityZoneResolvers<ContextType = GraphContext, ParentType extends ResolversParentTypes['AvailabilityZone'] = ResolversParentTypes['AvailabilityZone']> = {
  id?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  name?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  url?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  uuid?: Resolver<ResolversTypes['UUID'], ParentType, ContextType>;
  __isTypeOf?: IsTypeOfResolverFn<ParentType, ContextType>;
};

export type AvailableActionResolvers<ContextType = GraphContext, ParentType extends ResolversParentTypes['AvailableAction'] = ResolversParentTypes['AvailableAction']> = {
  action?: Resolver<ResolversTypes['SnapshotAction'], ParentType, ContextType>;
  allowed?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
  reason?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
};

export type AvailableVolumeActionResolvers<ContextType = GraphContext, ParentType extends ResolversParentTypes['AvailableVolumeAction'] = ResolversParentTypes['AvailableVolumeAction']> = {
  action?: Resolver<ResolversTypes['VolumeAction'], ParentType, ContextType>;
  allowed?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
  reason?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
};

export type BackupResolvers<ContextType = GraphContext, ParentType extends ResolversParentTypes['Backup'] = ResolversParentTypes['Backup']> = {
  name?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  uuid?: Resolver<ResolversTypes['UUID'], ParentType, ContextType>;
};

export type CreateSnapshotPayloadResolvers<ContextType = GraphContext, ParentType extends ResolversParentTypes['CreateSnapshotPayload'] = ResolversParentTypes['CreateSnapshotPayload']> = {
  snapshot?: Resolver<Maybe<ResolversTypes['Snapshot']>, ParentType, ContextType>;
  userErrors?: Resolver<Array<ResolversTypes['UserError']>, ParentType, ContextType>;
};

export type CustomerResolvers<ContextType = GraphContext, ParentType extends ResolversParentTypes['Customer'] = ResolversParentTypes['Customer']> = {
  abbreviation?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  id?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  name?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  nativeName?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  url?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  uuid?: Resolver<ResolversTypes['UUID'], ParentType, ContextType>;
  __isTypeOf?: IsTypeOfResolverFn<ParentType, ContextType>;
};

export type CustomerConnectionResolvers<ContextType = GraphContext, ParentType extends ResolversParentTypes['CustomerConnection'] = ResolversParentTypes['CustomerConnection']> = {
  edges?: Resolver<Array<ResolversTypes['CustomerEdge']>, ParentType, ContextType>;
  nodes?: Resolver<Array<Maybe<ResolversTypes['Customer']>>, ParentType, ContextType>;
  pageInfo?: Resolver<ResolversTypes['PageInfo'], ParentType, ContextType>;
  totalCount?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
};

export type CustomerEdgeResolvers<ContextType = GraphContext, ParentType extends ResolversParentTypes['CustomerEdge'] = ResolversParentTypes['CustomerEdge']> = {
  cursor?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  node?: Resolver<Maybe<ResolversTypes['Customer']>, ParentType, ContextType>;
};

export interface DateTimeScalarConfig extends GraphQLScalarTypeConfig<ResolversTypes['DateTime'], any> {
  name: 'DateTime';
}

export type DeleteSnapshotPayloadResolvers<ContextType = GraphContext, ParentType extends ResolversParentTypes['DeleteSnapshotPayload'] = ResolversParentTypes['DeleteSnapshotPayload']> = {
  scheduled?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
  snapshot?: Resolver<Maybe<ResolversTypes['Snapshot']>, ParentType, ContextType>;
  userErrors?: Resolver<Array<ResolversTypes['UserError']>, ParentType, ContextType>;
};

export type DeleteSnapshotsPayloadResolvers<ContextType = GraphContext, ParentType extends ResolversParentTypes['DeleteSnapshotsPayload'] = ResolversParentTypes['DeleteSnapshotsPayload']> = {
  results?: Resolver<Array<Maybe<ResolversTypes['DeleteSnapshotsResult']>>, ParentType, ContextType>;
};

export type DeleteSnapshotsResultResolvers<ContextType = GraphContext, ParentType extends ResolversParentTypes['DeleteSnapshotsResult'] = ResolversParentTypes['DeleteSnapshotsResult']> = {
  scheduled?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
  snapshot?: Resolver<Maybe<ResolversTypes['Snapshot']>, ParentType, ContextType>;
  userErrors?: Resolver<Array<ResolversTypes['UserError']>, ParentType, ContextType>;
  uuid?: Resolver<ResolversTypes['UUID'], ParentType, ContextType>;
};

export type DetachVolumePayloadResolvers<ContextType = GraphContext, ParentType extends ResolversParentTypes['DetachVolumePayload'] = ResolversParentTypes['DetachVolumePayload']> = {
  scheduled?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
  userErrors?: Resolver<Array<ResolversTypes['UserError']>, ParentType, ContextType>;
  volume?: Resolver<Maybe<ResolversTypes['Volume']>, ParentType, ContextType>;
};

export type ExtendVolumePayloadResolvers<ContextType = GraphContext, ParentType extends ResolversParentTypes['ExtendVolumePayload'] = ResolversParentTypes['ExtendVolumePayload']> = {
  scheduled?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
  userErrors?: Resolver<Array<ResolversTypes['UserError']>, ParentType, ContextType>;
  volume?: Resolver<Maybe<ResolversTypes['Volume']>, ParentType, ContextType>;
};

export type ImageResolvers<ContextType = GraphContext, ParentType extends ResolversParentTypes['Image'] = ResolversParentTypes['Image']> = {
  id?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  name?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  url?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  uuid?: Resolver<Maybe<ResolversTypes['UUID']>, ParentType, ContextType>;
  __isTypeOf?: IsTypeOfResolverFn<ParentType, ContextType>;
};

export type InstanceResolvers<ContextType = GraphContext, ParentType extends ResolversParentTypes['Instance'] = ResolversParentTypes['Instance']> = {
  id?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  marketplaceUuid?: Resolver<Maybe<ResolversTypes['UUID']>, ParentType, ContextType>;
  name?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  url?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  uuid?: Resolver<ResolversTypes['UUID'], ParentType, ContextType>;
  __isTypeOf?: IsTypeOfResolverFn<ParentType, ContextType>;
};

export type InstanceConnectionResolvers<ContextType = GraphContext, ParentType extends ResolversParentTypes['InstanceConnection'] = ResolversParentTypes['InstanceConnection']> = {
  edges?: Resolver<Array<ResolversTypes['InstanceEdge']>, ParentType, ContextType>;
  nodes?: Resolver<Array<Maybe<ResolversTypes['Instance']>>, ParentType, ContextType>;
  pageInfo?: Resolver<ResolversTypes['PageInfo'], ParentType, ContextType>;
  totalCount?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
};

export type InstanceEdgeResolvers<ContextType = GraphContext, ParentType extends ResolversParentTypes['InstanceEdge'] = ResolversParentTypes['InstanceEdge']> = {
  cursor?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  node?: Resolver<Maybe<ResolversTypes['Instance']>, ParentType, ContextType>;
};

export interface JsonScalarConfig extends GraphQLScalarTypeConfig<ResolversTypes['JSON'], any> {
  name: 'JSON';
}

export type MarketplaceResolvers<ContextType = GraphContext, ParentType extends ResolversParentTypes['Marketplace'] = ResolversParentTypes['Marketplace']> = {
  category?: Resolver<Maybe<ResolversTypes['MarketplaceCategory']>, ParentType, ContextType>;
  isLimitBased?: Resolver<Maybe<ResolversTypes['Boolean']>, ParentType, ContextType>;
  isUsageBased?: Resolver<Maybe<ResolversTypes['Boolean']>, ParentType, ContextType>;
  offering?: Resolver<Maybe<ResolversTypes['MarketplaceOffering']>, ParentType, ContextType>;
  plan?: Resolver<Maybe<ResolversTypes['MarketplacePlan']>, ParentType, ContextType>;
  resource?: Resolver<Maybe<ResolversTypes['MarketplaceResource']>, ParentType, ContextType>;
};

export type MarketplaceCategoryResolvers<ContextType = GraphContext, ParentType extends ResolversParentTypes['MarketplaceCategory'] = ResolversParentTypes['MarketplaceCategory']> = {
  id?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  name?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  uuid?: Resolver<ResolversTypes['UUID'], ParentType, ContextType>;
};

export type MarketplaceOfferingResolvers<ContextType = GraphContext, ParentType extends ResolversParentTypes['MarketplaceOffering'] = ResolversParentTypes['MarketplaceOffering']> = {
  id?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  name?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  pluginOptions?: Resolver<Maybe<ResolversTypes['JSON']>, ParentType, ContextType>;
  uuid?: Resolver<ResolversTypes['UUID'], ParentType, ContextType>;
};

export type MarketplacePlanResolvers<ContextType = GraphContext, ParentType extends ResolversParentTypes['MarketplacePlan'] = ResolversParentTypes['MarketplacePlan']> = {
  id?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  uuid?: Resolver<ResolversTypes['UUID'], ParentType, ContextType>;
};

export type MarketplaceResourceResolvers<ContextType = GraphContext, ParentType extends ResolversParentTypes['MarketplaceResource'] = ResolversParentTypes['MarketplaceResource']> = {
  id?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  state?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  uuid?: Resolver<ResolversTypes['UUID'], ParentType, ContextType>;
};

export type MutationResolvers<ContextType = GraphContext, ParentType extends ResolversParentTypes['Mutation'] = ResolversParentTypes['Mutation']> = {
  attachVolume?: Resolver<Maybe<ResolversTypes['AttachVolumePayload']>, ParentType, ContextType, RequireFields<MutationAttachVolumeArgs, 'input'>>;
  createSnapshot?: Resolver<Maybe<ResolversTypes['CreateSnapshotPayload']>, ParentType, ContextType, RequireFields<MutationCreateSnapshotArgs, 'input'>>;
  deleteSnapshot?: Resolver<Maybe<ResolversTypes['DeleteSnapshotPayload']>, ParentType, ContextType, RequireFields<MutationDeleteSnapshotArgs, 'input'>>;
  deleteSnapshots?: Resolver<Maybe<ResolversTypes['DeleteSnapshotsPayload']>, ParentType, ContextType, RequireFields<MutationDeleteSnapshotsArgs, 'input'>>;
  detachVolume?: Resolver<Maybe<ResolversTypes['DetachVolumePayload']>, ParentType, ContextType, RequireFields<MutationDetachVolumeArgs, 'input'>>;
  extendVolume?: Resolver<Maybe<ResolversTypes['ExtendVolumePayload']>, ParentType, ContextType, RequireFields<MutationExtendVolumeArgs, 'input'>>;
  pullSnapshot?: Resolver<Maybe<ResolversTypes['PullSnapshotPayload']>, ParentType, ContextType, RequireFields<MutationPullSnapshotArgs, 'input'>>;
  pullSnapshots?: Resolver<Maybe<ResolversTypes['PullSnapshotsPayload']>, ParentType, ContextType, RequireFields<MutationPullSnapshotsArgs, 'input'>>;
  replaceSnapshot?: Resolver<Maybe<ResolversTypes['ReplaceSnapshotPayload']>, ParentType, ContextType, RequireFields<MutationReplaceSnapshotArgs, 'input'>>;
  restoreSnapshot?: Resolver<Maybe<ResolversTypes['RestoreSnapshotPayload']>, ParentType, ContextType, RequireFields<MutationRestoreSnapshotArgs, 'input'>>;
  setSnapshotErred?: Resolver<Maybe<ResolversTypes['SetSnapshotErredPayload']>, ParentType, ContextType, RequireFields<MutationSetSnapshotErredArgs, 'input'>>;
  setSnapshotOk?: Resolver<Maybe<ResolversTypes['SetSnapshotOkPayload']>, ParentType, ContextType, RequireFields<MutationSetSnapshotOkArgs, 'input'>>;
  unlinkSnapshot?: Resolver<Maybe<ResolversTypes['UnlinkSnapshotPayload']>, ParentType, ContextType, RequireFields<MutationUnlinkSnapshotArgs, 'input'>>;
  updateSnapshot?: Resolver<Maybe<ResolversTypes['UpdateSnapshotPayload']>, ParentType, ContextType, RequireFields<MutationUpdateSnapshotArgs, 'input'>>;
};

export type NodeResolvers<ContextType = GraphContext, ParentType extends ResolversParentTypes['Node'] = ResolversParentTypes['Node']> = {
  __resolveType: TypeResolveFn<'AvailabilityZone' | 'Customer' | 'Image' | 'Instance' | 'Project' | 'Restoration' | 'ServiceSettings' | 'Snapshot' | 'Tenant' | 'Volume' | 'VolumeType', ParentType, ContextType>;
};

export type PageInfoResolvers<ContextType = GraphContext, ParentType extends ResolversParentTypes['PageInfo'] = ResolversParentTypes['PageInfo']> = {
  endCursor?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  hasNextPage?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
  hasPreviousPage?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
  startCursor?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
};

export type PermissionResolvers<ContextType = GraphContext, ParentType extends ResolversParentTypes['Permission'] = ResolversParentTypes['Permission']> = {
  customerName?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  customerUuid?: Resolver<Maybe<ResolversTypes['UUID']>, ParentType, ContextType>;
  expirationTime?: Resolver<Maybe<ResolversTypes['DateTime']>, ParentType, ContextType>;
  role?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  scopeName?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  scopeType?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  scopeUuid?: Resolver<Maybe<ResolversTypes['UUID']>, ParentType, ContextType>;
};

export type ProjectResolvers<ContextType = GraphContext, ParentType extends ResolversParentTypes['Project'] = ResolversParentTypes['Project']> = {
  customer?: Resolver<ResolversTypes['Customer'], ParentType, ContextType>;
  id?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  name?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  url?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  uuid?: Resolver<ResolversTypes['UUID'], ParentType, ContextType>;
  __isTypeOf?: IsTypeOfResolverFn<ParentType, ContextType>;
};

export type ProjectConnectionResolvers<ContextType = GraphContext, ParentType extends ResolversParentTypes['ProjectConnection'] = ResolversParentTypes['ProjectConnection']> = {
  edges?: Resolver<Array<ResolversTypes['ProjectEdge']>, ParentType, ContextType>;
  nodes?: Resolver<Array<Maybe<ResolversTypes['Project']>>, ParentType, ContextType>;
  pageInfo?: Resolver<ResolversTypes['PageInfo'], ParentType, ContextType>;
  totalCount?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
};

export type ProjectEdgeResolvers<ContextType = GraphContext, ParentType extends ResolversParentTypes['ProjectEdge'] = ResolversParentTypes['ProjectEdge']> = {
  cursor?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  node?: Resolver<Maybe<ResolversTypes['Project']>, ParentType, ContextType>;
};

export type PullSnapshotPayloadResolvers<ContextType = GraphContext, ParentType extends ResolversParentTypes['PullSnapshotPayload'] = ResolversParentTypes['PullSnapshotPayload']> = {
  snapshot?: Resolver<Maybe<ResolversTypes['Snapshot']>, ParentType, ContextType>;
  userErrors?: Resolver<Array<ResolversTypes['UserError']>, ParentType, ContextType>;
};

export type PullSnapshotsPayloadResolvers<ContextType = GraphContext, ParentType extends ResolversParentTypes['PullSnapshotsPayload'] = ResolversParentTypes['PullSnapshotsPayload']> = {
  results?: Resolver<Array<Maybe<ResolversTypes['PullSnapshotsResult']>>, ParentType, ContextType>;
};

export type PullSnapshotsResultResolvers<ContextType = GraphContext, ParentType extends ResolversParentTypes['PullSnapshotsResult'] = ResolversParentTypes['PullSnapshotsResult']> = {
  snapshot?: Resolver<Maybe<ResolversTypes['Snapshot']>, ParentType, ContextType>;
  userErrors?: Resolver<Array<ResolversTypes['UserError']>, ParentType, ContextType>;
  uuid?: Resolver<ResolversTypes['UUID'], ParentType, ContextType>;
};

export type QueryResolvers<ContextType = GraphContext, ParentType extends ResolversParentTypes['Query'] = ResolversParentTypes['Query']> = {
  customers?: Resolver<Maybe<ResolversTypes['CustomerConnection']>, ParentType, ContextType, Partial<QueryCustomersArgs>>;
  instances?: Resolver<Maybe<ResolversTypes['InstanceConnection']>, ParentType, ContextType, Partial<QueryInstancesArgs>>;
  node?: Resolver<Maybe<ResolversTypes['Node']>, ParentType, ContextType, RequireFields<QueryNodeArgs, 'id'>>;
  nodes?: Resolver<Maybe<Array<Maybe<ResolversTypes['Node']>>>, ParentType, ContextType, RequireFields<QueryNodesArgs, 'ids'>>;
  projects?: Resolver<Maybe<ResolversTypes['ProjectConnection']>, ParentType, ContextType, Partial<QueryProjectsArgs>>;
  snapshot?: Resolver<Maybe<ResolversTypes['Snapshot']>, ParentType, ContextType, RequireFields<QuerySnapshotArgs, 'uuid'>>;
  snapshotStateCounts?: Resolver<Maybe<ResolversTypes['StateCounts']>, ParentType, ContextType, Partial<QuerySnapshotStateCountsArgs>>;
  snapshots?: Resolver<Maybe<ResolversTypes['SnapshotConnection']>, ParentType, ContextType, Partial<QuerySnapshotsArgs>>;
  snapshotsByUuid?: Resolver<Maybe<Array<Maybe<ResolversTypes['Snapshot']>>>, ParentType, ContextType, RequireFields<QuerySnapshotsByUuidArgs, 'uuids'>>;
  tenants?: Resolver<Maybe<ResolversTypes['TenantConnection']>, ParentType, ContextType, Partial<QueryTenantsArgs>>;
  viewer?: Resolver<Maybe<ResolversTypes['Viewer']>, ParentType, ContextType>;
  volume?: Resolver<Maybe<ResolversTypes['Volume']>, ParentType, ContextType, RequireFields<QueryVolumeArgs, 'uuid'>>;
  volumeStateCounts?: Resolver<Maybe<ResolversTypes['StateCounts']>, ParentType, ContextType, Partial<QueryVolumeStateCountsArgs>>;
  volumes?: Resolver<Maybe<ResolversTypes['VolumeConnection']>, ParentType, ContextType, Partial<QueryVolumesArgs>>;
};

export type QuotaResolvers<ContextType = GraphContext, ParentType extends ResolversParentTypes['Quota'] = ResolversParentTypes['Quota']> = {
  limit?: Resolver<Maybe<ResolversTypes['Float']>, ParentType, ContextType>;
  name?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  usage?: Resolver<ResolversTypes['Float'], ParentType, ContextType>;
};

export type ReplaceSnapshotPayloadResolvers<ContextType = GraphContext, ParentType extends ResolversParentTypes['ReplaceSnapshotPayload'] = ResolversParentTypes['ReplaceSnapshotPayload']> = {
  snapshot?: Resolver<Maybe<ResolversTypes['Snapshot']>, ParentType, ContextType>;
  userErrors?: Resolver<Array<ResolversTypes['UserError']>, ParentType, ContextType>;
};

export type RestorationResolvers<ContextType = GraphContext, ParentType extends ResolversParentTypes['Restoration'] = ResolversParentTypes['Restoration']> = {
  created?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  description?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  id?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  uuid?: Resolver<ResolversTypes['UUID'], ParentType, ContextType>;
  volume?: Resolver<Maybe<ResolversTypes['Volume']>, ParentType, ContextType>;
  __isTypeOf?: IsTypeOfResolverFn<ParentType, ContextType>;
};

export type RestoreProgressResolvers<ContextType = GraphContext, ParentType extends ResolversParentTypes['RestoreProgress'] = ResolversParentTypes['RestoreProgress']> = {
  isSettled?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
  kind?: Resolver<ResolversTypes['ChangeKind'], ParentType, ContextType>;
  observedAt?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  previousState?: Resolver<Maybe<ResolversTypes['State']>, ParentType, ContextType>;
  state?: Resolver<Maybe<ResolversTypes['State']>, ParentType, ContextType>;
  volume?: Resolver<Maybe<ResolversTypes['Volume']>, ParentType, ContextType>;
};

export type RestoreSnapshotPayloadResolvers<ContextType = GraphContext, ParentType extends ResolversParentTypes['RestoreSnapshotPayload'] = ResolversParentTypes['RestoreSnapshotPayload']> = {
  snapshot?: Resolver<Maybe<ResolversTypes['Snapshot']>, ParentType, ContextType>;
  userErrors?: Resolver<Array<ResolversTypes['UserError']>, ParentType, ContextType>;
  volume?: Resolver<Maybe<ResolversTypes['Volume']>, ParentType, ContextType>;
};

export type ServiceSettingsResolvers<ContextType = GraphContext, ParentType extends ResolversParentTypes['ServiceSettings'] = ResolversParentTypes['ServiceSettings']> = {
  errorMessage?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  id?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  name?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  state?: Resolver<ResolversTypes['State'], ParentType, ContextType>;
  url?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  uuid?: Resolver<ResolversTypes['UUID'], ParentType, ContextType>;
  __isTypeOf?: IsTypeOfResolverFn<ParentType, ContextType>;
};

export type SetSnapshotErredPayloadResolvers<ContextType = GraphContext, ParentType extends ResolversParentTypes['SetSnapshotErredPayload'] = ResolversParentTypes['SetSnapshotErredPayload']> = {
  snapshot?: Resolver<Maybe<ResolversTypes['Snapshot']>, ParentType, ContextType>;
  userErrors?: Resolver<Array<ResolversTypes['UserError']>, ParentType, ContextType>;
};

export type SetSnapshotOkPayloadResolvers<ContextType = GraphContext, ParentType extends ResolversParentTypes['SetSnapshotOkPayload'] = ResolversParentTypes['SetSnapshotOkPayload']> = {
  snapshot?: Resolver<Maybe<ResolversTypes['Snapshot']>, ParentType, ContextType>;
  userErrors?: Resolver<Array<ResolversTypes['UserError']>, ParentType, ContextType>;
};

export type SnapshotResolvers<ContextType = GraphContext, ParentType extends ResolversParentTypes['Snapshot'] = ResolversParentTypes['Snapshot']> = {
  accessUrl?: Resolver<Maybe<ResolversTypes['JSON']>, ParentType, ContextType>;
  action?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  actionDetails?: Resolver<Maybe<ResolversTypes['JSON']>, ParentType, ContextType>;
  availableActions?: Resolver<Maybe<Array<ResolversTypes['AvailableAction']>>, ParentType, ContextType, RequireFields<SnapshotAvailableActionsArgs, 'checkQuota'>>;
  backendId?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  backups?: Resolver<Maybe<Array<ResolversTypes['Backup']>>, ParentType, ContextType>;
  created?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  customer?: Resolver<ResolversTypes['Customer'], ParentType, ContextType>;
  description?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  displayStatus?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  errorMessage?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  errorTraceback?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  id?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  isSettled?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
  keptUntil?: Resolver<Maybe<ResolversTypes['DateTime']>, ParentType, ContextType>;
  marketplace?: Resolver<Maybe<ResolversTypes['Marketplace']>, ParentType, ContextType>;
  metadata?: Resolver<Maybe<ResolversTypes['JSON']>, ParentType, ContextType>;
  modified?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  name?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  project?: Resolver<ResolversTypes['Project'], ParentType, ContextType>;
  resourceType?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  restorations?: Resolver<Array<ResolversTypes['Restoration']>, ParentType, ContextType>;
  runtimeState?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  serviceSettings?: Resolver<ResolversTypes['ServiceSettings'], ParentType, ContextType>;
  size?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  sourceVolume?: Resolver<Maybe<ResolversTypes['Volume']>, ParentType, ContextType>;
  state?: Resolver<ResolversTypes['State'], ParentType, ContextType>;
  url?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  uuid?: Resolver<ResolversTypes['UUID'], ParentType, ContextType>;
  __isTypeOf?: IsTypeOfResolverFn<ParentType, ContextType>;
};

export type SnapshotChangeResolvers<ContextType = GraphContext, ParentType extends ResolversParentTypes['SnapshotChange'] = ResolversParentTypes['SnapshotChange']> = {
  cursor?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  id?: Resolver<Maybe<ResolversTypes['ID']>, ParentType, ContextType>;
  kind?: Resolver<ResolversTypes['ChangeKind'], ParentType, ContextType>;
  observedAt?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  previousState?: Resolver<Maybe<ResolversTypes['State']>, ParentType, ContextType>;
  snapshot?: Resolver<Maybe<ResolversTypes['Snapshot']>, ParentType, ContextType>;
  state?: Resolver<Maybe<ResolversTypes['State']>, ParentType, ContextType>;
  totalCount?: Resolver<Maybe<ResolversTypes['Int']>, ParentType, ContextType>;
  uuid?: Resolver<Maybe<ResolversTypes['UUID']>, ParentType, ContextType>;
};

export type SnapshotConnectionResolvers<ContextType = GraphContext, ParentType extends ResolversParentTypes['SnapshotConnection'] = ResolversParentTypes['SnapshotConnection']> = {
  edges?: Resolver<Array<ResolversTypes['SnapshotEdge']>, ParentType, ContextType>;
  nodes?: Resolver<Array<Maybe<ResolversTypes['Snapshot']>>, ParentType, ContextType>;
  pageInfo?: Resolver<ResolversTypes['PageInfo'], ParentType, ContextType>;
  totalCount?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
};

export type SnapshotEdgeResolvers<ContextType = GraphContext, ParentType extends ResolversParentTypes['SnapshotEdge'] = ResolversParentTypes['SnapshotEdge']> = {
  cursor?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  node?: Resolver<Maybe<ResolversTypes['Snapshot']>, ParentType, ContextType>;
};

export type StateCountResolvers<ContextType = GraphContext, ParentType extends ResolversParentTypes['StateCount'] = ResolversParentTypes['StateCount']> = {
  count?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  state?: Resolver<ResolversTypes['State'], ParentType, ContextType>;
};

export type StateCountsResolvers<ContextType = GraphContext, ParentType extends ResolversParentTypes['StateCounts'] = ResolversParentTypes['StateCounts']> = {
  counts?: Resolver<Array<ResolversTypes['StateCount']>, ParentType, ContextType>;
  totalCount?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
};

export type SubscriptionResolvers<ContextType = GraphContext, ParentType extends ResolversParentTypes['Subscription'] = ResolversParentTypes['Subscription']> = {
  restoreProgress?: SubscriptionResolver<ResolversTypes['RestoreProgress'], "restoreProgress", ParentType, ContextType, RequireFields<SubscriptionRestoreProgressArgs, 'volumeUuid'>>;
  snapshotChanges?: SubscriptionResolver<ResolversTypes['SnapshotChange'], "snapshotChanges", ParentType, ContextType, RequireFields<SubscriptionSnapshotChangesArgs, 'initial'>>;
  volumeChanges?: SubscriptionResolver<ResolversTypes['VolumeChange'], "volumeChanges", ParentType, ContextType, RequireFields<SubscriptionVolumeChangesArgs, 'initial'>>;
};

export type TenantResolvers<ContextType = GraphContext, ParentType extends ResolversParentTypes['Tenant'] = ResolversParentTypes['Tenant']> = {
  id?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  name?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  quotas?: Resolver<Maybe<Array<ResolversTypes['Quota']>>, ParentType, ContextType>;
  url?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  uuid?: Resolver<ResolversTypes['UUID'], ParentType, ContextType>;
  __isTypeOf?: IsTypeOfResolverFn<ParentType, ContextType>;
};

export type TenantConnectionResolvers<ContextType = GraphContext, ParentType extends ResolversParentTypes['TenantConnection'] = ResolversParentTypes['TenantConnection']> = {
  edges?: Resolver<Array<ResolversTypes['TenantEdge']>, ParentType, ContextType>;
  nodes?: Resolver<Array<Maybe<ResolversTypes['Tenant']>>, ParentType, ContextType>;
  pageInfo?: Resolver<ResolversTypes['PageInfo'], ParentType, ContextType>;
  totalCount?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
};

export type TenantEdgeResolvers<ContextType = GraphContext, ParentType extends ResolversParentTypes['TenantEdge'] = ResolversParentTypes['TenantEdge']> = {
  cursor?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  node?: Resolver<Maybe<ResolversTypes['Tenant']>, ParentType, ContextType>;
};

export interface UuidScalarConfig extends GraphQLScalarTypeConfig<ResolversTypes['UUID'], any> {
  name: 'UUID';
}

export type UnlinkSnapshotPayloadResolvers<ContextType = GraphContext, ParentType extends ResolversParentTypes['UnlinkSnapshotPayload'] = ResolversParentTypes['UnlinkSnapshotPayload']> = {
  deletedSnapshotId?: Resolver<Maybe<ResolversTypes['ID']>, ParentType, ContextType>;
  unlinkedId?: Resolver<Maybe<ResolversTypes['ID']>, ParentType, ContextType>;
  unlinkedUuid?: Resolver<Maybe<ResolversTypes['UUID']>, ParentType, ContextType>;
  userErrors?: Resolver<Array<ResolversTypes['UserError']>, ParentType, ContextType>;
};

export type UpdateSnapshotPayloadResolvers<ContextType = GraphContext, ParentType extends ResolversParentTypes['UpdateSnapshotPayload'] = ResolversParentTypes['UpdateSnapshotPayload']> = {
  snapshot?: Resolver<Maybe<ResolversTypes['Snapshot']>, ParentType, ContextType>;
  userErrors?: Resolver<Array<ResolversTypes['UserError']>, ParentType, ContextType>;
};

export type UserErrorResolvers<ContextType = GraphContext, ParentType extends ResolversParentTypes['UserError'] = ResolversParentTypes['UserError']> = {
  code?: Resolver<ResolversTypes['UserErrorCode'], ParentType, ContextType>;
  field?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  message?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
};

export type ViewerResolvers<ContextType = GraphContext, ParentType extends ResolversParentTypes['Viewer'] = ResolversParentTypes['Viewer']> = {
  email?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  fullName?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  isStaff?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
  isSupport?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
  permissions?: Resolver<Array<ResolversTypes['Permission']>, ParentType, ContextType>;
  username?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  uuid?: Resolver<ResolversTypes['UUID'], ParentType, ContextType>;
};

export type VolumeResolvers<ContextType = GraphContext, ParentType extends ResolversParentTypes['Volume'] = ResolversParentTypes['Volume']> = {
  accessUrl?: Resolver<Maybe<ResolversTypes['JSON']>, ParentType, ContextType>;
  action?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  actionDetails?: Resolver<Maybe<ResolversTypes['JSON']>, ParentType, ContextType>;
  availabilityZone?: Resolver<Maybe<ResolversTypes['AvailabilityZone']>, ParentType, ContextType>;
  availableActions?: Resolver<Maybe<Array<ResolversTypes['AvailableVolumeAction']>>, ParentType, ContextType>;
  backendId?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  bootable?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
  created?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  customer?: Resolver<ResolversTypes['Customer'], ParentType, ContextType>;
  description?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  device?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  displayStatus?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  errorMessage?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  errorTraceback?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  extendEnabled?: Resolver<Maybe<ResolversTypes['Boolean']>, ParentType, ContextType>;
  id?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  image?: Resolver<Maybe<ResolversTypes['Image']>, ParentType, ContextType>;
  imageMetadata?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  instance?: Resolver<Maybe<ResolversTypes['Instance']>, ParentType, ContextType>;
  isSettled?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
  marketplace?: Resolver<Maybe<ResolversTypes['Marketplace']>, ParentType, ContextType>;
  marketplaceUuid?: Resolver<Maybe<ResolversTypes['UUID']>, ParentType, ContextType>;
  metadata?: Resolver<Maybe<ResolversTypes['JSON']>, ParentType, ContextType>;
  modified?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  name?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  project?: Resolver<ResolversTypes['Project'], ParentType, ContextType>;
  resourceType?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  runtimeState?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  serviceSettings?: Resolver<ResolversTypes['ServiceSettings'], ParentType, ContextType>;
  size?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  snapshots?: Resolver<Maybe<ResolversTypes['SnapshotConnection']>, ParentType, ContextType, Partial<VolumeSnapshotsArgs>>;
  sourceSnapshot?: Resolver<Maybe<ResolversTypes['Snapshot']>, ParentType, ContextType>;
  state?: Resolver<ResolversTypes['State'], ParentType, ContextType>;
  tenant?: Resolver<Maybe<ResolversTypes['Tenant']>, ParentType, ContextType>;
  type?: Resolver<Maybe<ResolversTypes['VolumeType']>, ParentType, ContextType>;
  url?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  uuid?: Resolver<ResolversTypes['UUID'], ParentType, ContextType>;
  __isTypeOf?: IsTypeOfResolverFn<ParentType, ContextType>;
};

export type VolumeChangeResolvers<ContextType = GraphContext, ParentType extends ResolversParentTypes['VolumeChange'] = ResolversParentTypes['VolumeChange']> = {
  cursor?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  id?: Resolver<Maybe<ResolversTypes['ID']>, ParentType, ContextType>;
  kind?: Resolver<ResolversTypes['ChangeKind'], ParentType, ContextType>;
  observedAt?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  previousState?: Resolver<Maybe<ResolversTypes['State']>, ParentType, ContextType>;
  state?: Resolver<Maybe<ResolversTypes['State']>, ParentType, ContextType>;
  totalCount?: Resolver<Maybe<ResolversTypes['Int']>, ParentType, ContextType>;
  uuid?: Resolver<Maybe<ResolversTypes['UUID']>, ParentType, ContextType>;
  volume?: Resolver<Maybe<ResolversTypes['Volume']>, ParentType, ContextType>;
};

export type VolumeConnectionResolvers<ContextType = GraphContext, ParentType extends ResolversParentTypes['VolumeConnection'] = ResolversParentTypes['VolumeConnection']> = {
  edges?: Resolver<Array<ResolversTypes['VolumeEdge']>, ParentType, ContextType>;
  nodes?: Resolver<Array<Maybe<ResolversTypes['Volume']>>, ParentType, ContextType>;
  pageInfo?: Resolver<ResolversTypes['PageInfo'], ParentType, ContextType>;
  totalCount?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
};

export type VolumeEdgeResolvers<ContextType = GraphContext, ParentType extends ResolversParentTypes['VolumeEdge'] = ResolversParentTypes['VolumeEdge']> = {
  cursor?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  node?: Resolver<Maybe<ResolversTypes['Volume']>, ParentType, ContextType>;
};

export type VolumeTypeResolvers<ContextType = GraphContext, ParentType extends ResolversParentTypes['VolumeType'] = ResolversParentTypes['VolumeType']> = {
  id?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  name?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  url?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  uuid?: Resolver<ResolversTypes['UUID'], ParentType, ContextType>;
  __isTypeOf?: IsTypeOfResolverFn<ParentType, ContextType>;
};

export type Resolvers<ContextType = GraphContext> = {
  AttachVolumePayload?: AttachVolumePayloadResolvers<ContextType>;
  AvailabilityZone?: AvailabilityZoneResolvers<ContextType>;
  AvailableAction?: AvailableActionResolvers<ContextType>;
  AvailableVolumeAction?: AvailableVolumeActionResolvers<ContextType>;
  Backup?: BackupResolvers<ContextType>;
  CreateSnapshotPayload?: CreateSnapshotPayloadResolvers<ContextType>;
  Customer?: CustomerResolvers<ContextType>;
  CustomerConnection?: CustomerConnectionResolvers<ContextType>;
  CustomerEdge?: CustomerEdgeResolvers<ContextType>;
  DateTime?: GraphQLScalarType;
  DeleteSnapshotPayload?: DeleteSnapshotPayloadResolvers<ContextType>;
  DeleteSnapshotsPayload?: DeleteSnapshotsPayloadResolvers<ContextType>;
  DeleteSnapshotsResult?: DeleteSnapshotsResultResolvers<ContextType>;
  DetachVolumePayload?: DetachVolumePayloadResolvers<ContextType>;
  ExtendVolumePayload?: ExtendVolumePayloadResolvers<ContextType>;
  Image?: ImageResolvers<ContextType>;
  Instance?: InstanceResolvers<ContextType>;
  InstanceConnection?: InstanceConnectionResolvers<ContextType>;
  InstanceEdge?: InstanceEdgeResolvers<ContextType>;
  JSON?: GraphQLScalarType;
  Marketplace?: MarketplaceResolvers<ContextType>;
  MarketplaceCategory?: MarketplaceCategoryResolvers<ContextType>;
  MarketplaceOffering?: MarketplaceOfferingResolvers<ContextType>;
  MarketplacePlan?: MarketplacePlanResolvers<ContextType>;
  MarketplaceResource?: MarketplaceResourceResolvers<ContextType>;
  Mutation?: MutationResolvers<ContextType>;
  Node?: NodeResolvers<ContextType>;
  PageInfo?: PageInfoResolvers<ContextType>;
  Permission?: PermissionResolvers<ContextType>;
  Project?: ProjectResolvers<ContextType>;
  ProjectConnection?: ProjectConnectionResolvers<ContextType>;
  ProjectEdge?: ProjectEdgeResolvers<ContextType>;
  PullSnapshotPayload?: PullSnapshotPayloadResolvers<ContextType>;
  PullSnapshotsPayload?: PullSnapshotsPayloadResolvers<ContextType>;
  PullSnapshotsResult?: PullSnapshotsResultResolvers<ContextType>;
  Query?: QueryResolvers<ContextType>;
  Quota?: QuotaResolvers<ContextType>;
  ReplaceSnapshotPayload?: ReplaceSnapshotPayloadResolvers<ContextType>;
  Restoration?: RestorationResolvers<ContextType>;
  RestoreProgress?: RestoreProgressResolvers<ContextType>;
  RestoreSnapshotPayload?: RestoreSnapshotPayloadResolvers<ContextType>;
  ServiceSettings?: ServiceSettingsResolvers<ContextType>;
  SetSnapshotErredPayload?: SetSnapshotErredPayloadResolvers<ContextType>;
  SetSnapshotOkPayload?: SetSnapshotOkPayloadResolvers<ContextType>;
  Snapshot?: SnapshotResolvers<ContextType>;
  SnapshotChange?: SnapshotChangeResolvers<ContextType>;
  SnapshotConnection?: SnapshotConnectionResolvers<ContextType>;
  SnapshotEdge?: SnapshotEdgeResolvers<ContextType>;
  StateCount?: StateCountResolvers<ContextType>;
  StateCounts?: StateCountsResolvers<ContextType>;
  Subscription?: SubscriptionResolvers<ContextType>;
  Tenant?: TenantResolvers<ContextType>;
  TenantConnection?: TenantConnectionResolvers<ContextType>;
  TenantEdge?: TenantEdgeResolvers<ContextType>;
  UUID?: GraphQLScalarType;
  UnlinkSnapshotPayload?: UnlinkSnapshotPayloadResolvers<ContextType>;
  UpdateSnapshotPayload?: UpdateSnapshotPayloadResolvers<ContextType>;
  UserError?: UserErrorResolvers<ContextType>;
  Viewer?: ViewerResolvers<ContextType>;
  Volume?: VolumeResolvers<ContextType>;
  VolumeChange?: VolumeChangeResolvers<ContextType>;
  VolumeConnection?: VolumeConnectionResolvers<ContextType>;
  VolumeEdge?: VolumeEdgeResolvers<ContextType>;
  VolumeType?: VolumeTypeResolvers<ContextType>;
};

export type DirectiveResolvers<ContextType = GraphContext> = {
  cost?: CostDirectiveResolver<any, any, ContextType>;
  listSize?: ListSizeDirectiveResolver<any, any, ContextType>;
};
