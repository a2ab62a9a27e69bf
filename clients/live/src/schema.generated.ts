// Written by npm run generate.

/** The object types of each interface and union. */
export const POSSIBLE_TYPES: Readonly<Record<string, readonly string[]>> = {
  "Node": [
    "AvailabilityZone",
    "Customer",
    "Image",
    "Instance",
    "Project",
    "Restoration",
    "ServiceSettings",
    "Snapshot",
    "Tenant",
    "Volume",
    "VolumeType"
  ]
};

/** Object types whose `id` identifies the object. */
export const IDENTIFIED: readonly string[] = [
  "AvailabilityZone",
  "Customer",
  "Image",
  "Instance",
  "MarketplaceCategory",
  "MarketplaceOffering",
  "MarketplacePlan",
  "MarketplaceResource",
  "Project",
  "Restoration",
  "ServiceSettings",
  "Snapshot",
  "Tenant",
  "Volume",
  "VolumeType"
];

/** Object types without an identity. */
export const EMBEDDED: readonly string[] = [
  "AttachVolumePayload",
  "AvailableAction",
  "AvailableVolumeAction",
  "Backup",
  "CreateSnapshotPayload",
  "CustomerConnection",
  "CustomerEdge",
  "DeleteSnapshotPayload",
  "DeleteSnapshotsPayload",
  "DeleteSnapshotsResult",
  "DetachVolumePayload",
  "ExtendVolumePayload",
  "InstanceConnection",
  "InstanceEdge",
  "Marketplace",
  "PageInfo",
  "Permission",
  "ProjectConnection",
  "ProjectEdge",
  "PullSnapshotPayload",
  "PullSnapshotsPayload",
  "PullSnapshotsResult",
  "Quota",
  "ReplaceSnapshotPayload",
  "RestoreProgress",
  "RestoreSnapshotPayload",
  "SetSnapshotErredPayload",
  "SetSnapshotOkPayload",
  "SnapshotChange",
  "SnapshotConnection",
  "SnapshotEdge",
  "StateCount",
  "StateCounts",
  "TenantConnection",
  "TenantEdge",
  "UnlinkSnapshotPayload",
  "UpdateSnapshotPayload",
  "UserError",
  "Viewer",
  "VolumeChange",
  "VolumeConnection",
  "VolumeEdge"
];

/** Fields that are connections, by type, with the arguments that choose another list and not another page. */
export const CONNECTIONS: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>> = {
  "Query": {
    "projects": [
      "filter",
      "offset"
    ],
    "customers": [
      "filter",
      "offset"
    ],
    "tenants": [
      "filter",
      "offset"
    ],
    "instances": [
      "attachableTo",
      "filter",
      "offset"
    ],
    "snapshots": [
      "filter",
      "offset",
      "orderBy"
    ],
    "volumes": [
      "filter",
      "offset",
      "orderBy"
    ]
  },
  "Volume": {
    "snapshots": [
      "filter",
      "offset",
      "orderBy"
    ]
  }
};

/** Scalars of the schema and their types in JSON. */
export const SCALARS: Readonly<Record<string, string>> = {
  "DateTime": "string",
  "JSON": "unknown",
  "UUID": "string"
};
