/** Documents that GraphiQL opens with; a test runs each of them. */
export interface Example {
  /** Also the name of the operation. */
  readonly title: string;
  readonly query: string;
  readonly variables?: Readonly<Record<string, unknown>>;
}

/** Objects of the embedded Waldur's made-up world; in a real one they are not found, and the variables say what to put there. */
const SNAPSHOT = 'be981b3d2ae34851a384d305fb19b0ea';
const VOLUME = 'a72a6223c97246a18b69d2d09ea7c618';

export const EXAMPLES: readonly [Example, ...Example[]] = [
  {
    title: 'Snapshots',
    query: `# Snapshots that need a look. Press Ctrl-Enter to run; every field is explained in the documentation pane.
query Snapshots {
  snapshots(
    filter: { state: [ERRED, UPDATING, CREATING] }
    orderBy: [{ field: CREATED, direction: DESC }]
    first: 5
  ) {
    totalCount
    nodes {
      uuid
      name
      displayStatus
      errorMessage
      size
      sourceVolume { name }
      availableActions { action allowed reason }
    }
  }
}
`,
  },
  {
    title: 'Detail',
    query: `# One snapshot and the volumes restored from it.
query Detail($uuid: UUID!) {
  snapshot(uuid: $uuid) {
    id
    name
    state
    keptUntil
    project { name }
    customer { name }
    restorations { created volume { uuid name state } }
  }
}
`,
    variables: { uuid: SNAPSHOT },
  },
  {
    title: 'Restore',
    query: `# Makes a new volume. A refusal comes back in userErrors.
mutation Restore($input: RestoreSnapshotInput!) {
  restoreSnapshot(input: $input) {
    volume { uuid name state }
    userErrors { code field message }
  }
}
`,
    variables: { input: { uuid: SNAPSHOT, name: 'restored-from-graphiql' } },
  },
  {
    title: 'Changes',
    query: `# Snapshots as they are, then every change. Runs until it is stopped.
subscription Changes {
  snapshotChanges(filter: { state: [CREATION_SCHEDULED, CREATING, UPDATE_SCHEDULED, UPDATING, ERRED] }) {
    kind
    previousState
    state
    snapshot { name displayStatus }
  }
}
`,
  },
  {
    title: 'Progress',
    query: `# A restore until it is done. Give the uuid of the volume that Restore answered.
subscription Progress($volumeUuid: UUID!) {
  restoreProgress(volumeUuid: $volumeUuid) { kind state isSettled volume { name runtimeState } }
}
`,
    variables: { volumeUuid: VOLUME },
  },
  {
    title: 'Dashboard',
    query: `# Counts cost no rows.
query Dashboard {
  all: snapshots { totalCount }
  erred: snapshots(filter: { state: [ERRED] }) { totalCount }
  volumes { totalCount }
  viewer { username isStaff permissions { role scopeName } }
}
`,
  },
];
