import { readFileSync } from 'node:fs';
import { Kind, type OperationTypeNode, parse } from 'graphql';
import { snapshotId, volumeId } from '../../src/graph/ids.ts';
import { uuidOf } from './gateway.ts';

const target = uuidOf.snapshot('rw-target');
const free = uuidOf.volume('scratch');
const restored = uuidOf.snapshot('with-three-restorations');

/** Variables for the operations of test/operations, by name. */
const VARIABLES: Readonly<Record<string, Record<string, unknown>>> = {
  SnapshotTable: { filter: { projectUuid: uuidOf.project('Genome browser') }, orderBy: [{ field: 'NAME' }], first: 20 },
  SnapshotTableBackwards: { last: 7 },
  EverySnapshotField: { uuid: restored },
  EveryFilter: {},
  Dashboard: { project: uuidOf.project('Genome browser') },
  Refetch: { id: snapshotId(target), ids: [snapshotId(target), volumeId(uuidOf.volume('db-data'))] },
  ManyByUuid: { uuids: [target, restored, target] },
  RestorationsOf: { uuid: restored },
  EveryVolumeField: { uuid: uuidOf.volume('restored-1') },
  TenantStorage: { tenant: uuidOf.tenant('proteomics-tenant') },
  SnapshotsWithVolumes: { first: 30 },
  StateCounts: { filter: { projectUuid: uuidOf.project('Genome browser') } },
  DropDowns: { name: 'genome' },
  Identified: { first: 10 },
  AttachDialogue: { volume: uuidOf.volume('db-data') },
  Restore: { input: { uuid: target, name: 'from a document' } },
  Pull: { input: { uuid: target } },
  Unlink: { input: { uuid: target } },
  Update: { input: { uuid: target, description: 'changed' } },
  Replace: { input: { uuid: target, name: 'replaced' } },
  Delete: { input: { uuid: target } },
  Create: { input: { volumeUuid: uuidOf.volume('db-data'), name: 'created' } },
  PullMany: { input: { uuids: [target, restored] } },
  BeforeRestore: { uuid: target },
  VolumeWithActions: { uuid: uuidOf.volume('db-data') },
  ByTenantUuid: { tenant: uuidOf.tenant('proteomics-tenant') },
  DeleteById: { input: { id: snapshotId(target) } },
  UnlinkGone: { input: { id: snapshotId(target) } },
  ExtendVolume: { input: { id: volumeId(free), size: 2048 } },
  AttachVolume: { input: { uuid: free, instanceUuid: uuidOf.instance('db-server') } },
  DetachVolume: { input: { uuid: uuidOf.volume('db-data') } },
  RestoreOnce: { input: { uuid: target, name: 'once', idempotencyKey: 'from a document' } },
  DeleteMany: { input: { uuids: [target, uuidOf.snapshot('st-ok')] } },
};

export interface ClientOperation {
  /** The whole file, as clients send it. */
  readonly query: string;
  readonly operationName: string;
  readonly kind: `${OperationTypeNode}`;
  readonly variables: Readonly<Record<string, unknown>>;
}

/** The operations of a file of test/operations, with variables. @throws when one has none. */
export function operationsOf(file: 'snapshots' | 'volumes' | 'choices' | 'mutations' | 'additions'): ClientOperation[] {
  const query = readFileSync(new URL(`../operations/${file}.graphql`, import.meta.url), 'utf8');
  return parse(query).definitions.flatMap((definition) => {
    if (definition.kind !== Kind.OPERATION_DEFINITION) return [];
    const operationName = definition.name?.value ?? '';
    const variables = VARIABLES[operationName];
    if (variables === undefined) throw new Error(`no variables for ${operationName}`);
    return [{ query, operationName, kind: definition.operation, variables }];
  });
}
