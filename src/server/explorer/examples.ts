/** Documents that GraphiQL opens with, a tab each; tests validate and run them. */
export interface Example {
  /** One operation; the tab gets its name. */
  readonly query: string;
  readonly variables?: Readonly<Record<string, unknown>>;
}

/**
 * Objects of the embedded Waldur's made-up world, so that each tab runs as it is. Against a real one they are not found, which
 * the comments in the documents allow for.
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
    query: `# One snapshot with everything around it.
# Variables: its uuid; the first tab shows some.
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
    query: `# Makes a new volume from a snapshot.
# A refusal comes back in userErrors.
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
# Variables: uuid of the volume, as Restore told.
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
    query: `# Every snapshot as it is, then every change, until
# it is stopped. GraphiQL shows the latest event;
# BOOKMARK: there is nothing more to tell for now.
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
    query: `# Counts cost no rows: ask for as many as you like.
query Dashboard {
  viewer {
    username
    isStaff
    permissions { role scopeType scopeName }
  }
  snapshots { totalCount }
  erred: snapshots(filter: { state: [ERRED] }) {
    totalCount
  }
  busy: snapshots(
    filter: {
      state: [CREATING, UPDATING, DELETING]
    }
  ) {
    totalCount
  }
  volumes { totalCount }
}
`,
  },
];
