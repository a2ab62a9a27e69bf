/** All documents of the page. `test/dashboard/documents.test.ts` validates them against the schema. */

/** Fields of a row of the table. */
export const ROW_FIELDS = `
  id uuid name state isSettled errorMessage size created modified keptUntil
  project { uuid name }
  customer { uuid name }
  sourceVolume { uuid name }`;

export const VIEWER = 'query Viewer { viewer { username fullName } }';

export const DETAILS = `query Details($uuid: UUID!) {
  snapshot(uuid: $uuid) {
    ${ROW_FIELDS}
    description runtimeState backendId metadata
    serviceSettings { uuid name }
    restorations { id uuid created volume { uuid name state runtimeState size device } }
    availableActions { action allowed reason }
    sourceVolume { availableActions { action allowed reason } }
  }
}`;

/** Of a dialog that is about to restore: reading quotas costs more requests than the details may. */
export const QUOTA_CHECK = `query QuotaCheck($uuid: UUID!) {
  snapshot(uuid: $uuid) { availableActions(checkQuota: true) { action allowed reason } }
}`;

export const VOLUMES = `query Volumes($name: String) {
  volumes(first: 50, filter: { name: $name }) {
    totalCount
    nodes { uuid name state size project { uuid name } availableActions { action allowed reason } }
  }
}`;

export const RESTORE = `mutation Restore($input: RestoreSnapshotInput!) {
  restoreSnapshot(input: $input) { volume { uuid name state } userErrors { code field message } }
}`;

export const PULL = `mutation Pull($input: PullSnapshotInput!) {
  pullSnapshot(input: $input) { snapshot { uuid } userErrors { code field message } }
}`;

export const UPDATE = `mutation Update($input: UpdateSnapshotInput!) {
  updateSnapshot(input: $input) { snapshot { uuid } userErrors { code field message } }
}`;

export const DELETE = `mutation Delete($input: DeleteSnapshotInput!) {
  deleteSnapshot(input: $input) { scheduled userErrors { code field message } }
}`;

export const CREATE = `mutation Create($input: CreateSnapshotInput!) {
  createSnapshot(input: $input) { snapshot { uuid } userErrors { code field message } }
}`;

export const PROGRESS = `subscription Progress($volumeUuid: UUID!) {
  restoreProgress(volumeUuid: $volumeUuid) { kind state isSettled volume { uuid name state errorMessage } }
}`;
