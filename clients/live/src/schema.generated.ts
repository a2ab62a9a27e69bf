// Written by npm run generate.

/** The object types of each interface and union. */
export const POSSIBLE_TYPES: Readonly<Record<string, readonly string[]>> = {
  "Node": [
    "Restoration",
    "Snapshot",
    "Volume"
  ]
};

/** Object types whose `id` identifies the object. */
export const IDENTIFIED: readonly string[] = [
  "Restoration",
  "Snapshot",
  "Volume"
];

/** Object types without an identity. */
export const EMBEDDED: readonly string[] = [
  "AvailabilityZone",
  "AvailableAction",
  "Backup",
  "CreateSnapshotPayload",
  "Customer",
  "DeleteSnapshotPayload",
  "DeleteSnapshotsPayload",
  "DeleteSnapshotsResult",
  "Image",
  "Instance",
  "Marketplace",
  "MarketplaceCategory",
  "MarketplaceOffering",
  "MarketplacePlan",
  "MarketplaceResource",
  "PageInfo",
  "Permission",
  "Project",
  "PullSnapshotPayload",
  "PullSnapshotsPayload",
  "PullSnapshotsResult",
  "ReplaceSnapshotPayload",
  "RestoreProgress",
  "RestoreSnapshotPayload",
  "ServiceSettings",
  "SetSnapshotErredPayload",
  "SetSnapshotOkPayload",
  "SnapshotChange",
  "SnapshotConnection",
  "SnapshotEdge",
  "Tenant",
  "UnlinkSnapshotPayload",
  "UpdateSnapshotPayload",
  "UserError",
  "Viewer",
  "VolumeChange",
  "VolumeConnection",
  "VolumeEdge",
  "VolumeType"
];

/** Fields that are connections, by type, with the arguments that choose another list and not another page. */
export const CONNECTIONS: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>> = {
  "Query": {
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
