/** Documents that GraphiQL opens with, one for each tab. Tests validate and run them. */
export interface Example {
  /** One operation. Its name is the title of the tab. */
  readonly query: string;
  readonly variables?: Readonly<Record<string, unknown>>;
}

/**
 * Objects of the embedded Waldur, so that each tab runs as it is. A real Waldur does not have them, so comments in the documents tell where
 * to find others.
 */
const SNAPSHOT = 'be981b3d2ae34851a384d305fb19b0ea';
const VOLUME = 'a72a6223c97246a18b69d2d09ea7c618';

export const EXAMPLES: readonly [Example, ...Example[]] = [
  {
    query: `# The newest settled snapshots. Ctrl-Enter runs it.
query Snapshots {
  snapshots(
    filter: { state: [OK, ERRED] }
    orderBy: [{ field: CREATED, direction: DESC }]
    first: 10
  ) {
    totalCount
    pageInfo { hasNextPage endCursor }
    nodes {
      uuid
      name
      size
      displayStatus
      sourceVolume { name }
      restorations { volume { name state } }
    }
  }
}
`,
  },
  {
    query: `# One snapshot and its related objects.
# Variables: a uuid, such as one of the first tab.
query Snapshot($uuid: UUID!) {
  snapshot(uuid: $uuid) {
    id
    uuid
    url
    name
    description
    state
    runtimeState
    displayStatus
    isSettled
    errorMessage
    created
    modified
    keptUntil
    backendId
    size
    metadata
    availableActions { action allowed reason }
    sourceVolume { uuid name state size }
    restorations {
      uuid
      created
      volume { uuid name state runtimeState size }
    }
    project { uuid name }
    customer { uuid name abbreviation }
    serviceSettings { uuid name state }
    marketplace {
      offering { uuid name }
      resource { uuid state }
    }
    backups { uuid name }
  }
}
`,
    variables: { uuid: SNAPSHOT },
  },
  {
    query: `# Creates a volume from a snapshot.
# userErrors says why a restore is refused.
mutation Restore($input: RestoreSnapshotInput!) {
  restoreSnapshot(input: $input) {
    volume { uuid name state size }
    snapshot {
      name
      restorations { volume { name state } }
    }
    userErrors { code field message }
  }
}
`,
    variables: { input: { uuid: SNAPSHOT, name: 'restored-from-graphiql' } },
  },
  {
    query: `# Follows a restore until it is done.
# Variables: the uuid of the volume from Restore.
subscription Progress($volumeUuid: UUID!) {
  restoreProgress(volumeUuid: $volumeUuid) {
    kind
    observedAt
    state
    isSettled
    volume { name runtimeState size }
  }
}
`,
    variables: { volumeUuid: VOLUME },
  },
  {
    query: `# All snapshots, then each change until you stop.
# Each event is a line; open it for its fields.
# BOOKMARK means that you are up to date.
subscription Changes {
  snapshotChanges {
    kind
    observedAt
    uuid
    previousState
    state
    snapshot { name displayStatus }
    cursor
  }
}
`,
  },
  {
    query: `# Counts load no whole rows, so they are cheap.
query Dashboard {
  viewer {
    username
    isStaff
    permissions { role scopeType scopeName }
  }
  snapshotStateCounts {
    totalCount
    counts { state count }
  }
  volumes { totalCount }
}
`,
  },
];
