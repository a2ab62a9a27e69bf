import { readFileSync } from 'node:fs';
import path from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import type { Subject } from './tenants.ts';
import type { Rest, Row } from './waldur.ts';

/** A page that somebody opens: once through the gateway, and once as a client asks REST who takes what it gives. */
export interface Scenario {
  readonly title: string;
  /** How the same data is had from REST. */
  readonly other: string;
  /** How many times faster the gateway is to be. */
  readonly least: number | undefined;
  readonly request: GraphRequest;
  /** Answers with what `check` compares. */
  readonly byRest: (rest: Rest) => Promise<unknown>;
  /** The same, of the gateway's `data`. */
  readonly byGateway: (data: never) => unknown;
}

export interface GraphRequest {
  readonly query: string;
  readonly operationName?: string;
  readonly variables: object;
}

const OPERATIONS = path.join(import.meta.dirname, '../../test/operations');
const operations = (file: string): string => readFileSync(path.join(OPERATIONS, file), 'utf8');

/** What `SnapshotTable` shows, without what other tables know. */
const PLAIN_TABLE = `query PlainTable($filter: SnapshotFilter, $first: Int) {
  snapshots(filter: $filter, first: $first) {
    totalCount
    pageInfo { hasNextPage endCursor }
    nodes {
      id uuid name description size created modified keptUntil state runtimeState displayStatus isSettled errorMessage
    }
  }
}`;

interface Table {
  readonly snapshots: { readonly totalCount: number; readonly nodes: readonly Row[] };
}

interface Storage {
  readonly volumes: {
    readonly nodes: readonly (Row & {
      readonly snapshots: { readonly totalCount: number; readonly nodes: readonly Row[] };
    })[];
  };
}

const namesOf = (rows: readonly Row[]): string[] => rows.map(({ name }) => name);
const tableOf = ({ snapshots }: Table): unknown => [snapshots.totalCount, namesOf(snapshots.nodes)];

const wholeRows =
  (project: string, size: number) =>
  async (rest: Rest): Promise<unknown> => {
    const { rows, total } = await rest(`openstack-snapshots/?project_uuid=${project}&page_size=${size}`);
    return [total, namesOf(rows)];
  };

const storageOf = ({ volumes }: Storage): unknown =>
  volumes.nodes.map(({ name, snapshots }) => [name, snapshots.totalCount, namesOf(snapshots.nodes)]);

/** The volumes of a tenant, and then a list for each of them, all at once. `fields`: `field=...` or nothing. */
const listForEachVolume =
  (tenant: string, ofVolume: string, ofSnapshot: string) =>
  async (rest: Rest): Promise<unknown> => {
    const volumes = await rest(`openstack-volumes/?tenant_uuid=${tenant}&page_size=100${ofVolume}`);
    return Promise.all(
      volumes.rows.map(async ({ uuid, name }) => {
        const { rows, total } = await rest(`openstack-snapshots/?source_volume_uuid=${uuid}&page_size=5${ofSnapshot}`);
        return [name, total, namesOf(rows)];
      }),
    );
  };

/** Tables of one project. */
export const tablesOf = ({ project }: Subject): Scenario[] => [
  {
    title: 'SnapshotTable, 300 snapshots of a project',
    other: 'a page of whole rows',
    least: 5,
    request: {
      query: operations('snapshots.graphql'),
      operationName: 'SnapshotTable',
      variables: { filter: { projectUuid: project }, first: 300 },
    },
    byRest: wholeRows(project, 300),
    byGateway: tableOf,
  },
  {
    title: 'table of 100 snapshots without relations',
    other: 'a page of whole rows',
    least: 20,
    request: { query: PLAIN_TABLE, variables: { filter: { projectUuid: project }, first: 100 } },
    byRest: wholeRows(project, 100),
    byGateway: tableOf,
  },
];

/** The volumes of a tenant with the first five snapshots of each. */
export function storagesOf({ tenant }: Subject, about: string, least: number | undefined): Scenario[] {
  const storage = {
    title: `TenantStorage, ${about}`,
    request: { query: operations('volumes.graphql'), operationName: 'TenantStorage', variables: { tenant } },
    byGateway: storageOf,
  };
  return [
    { ...storage, other: 'a list of whole rows for each volume', least, byRest: listForEachVolume(tenant, '', '') },
    {
      ...storage,
      other: 'a list for each volume, with hand-written field lists',
      least: undefined,
      byRest: listForEachVolume(
        tenant,
        '&field=uuid&field=name&field=size&field=state',
        '&field=uuid&field=name&field=created',
      ),
    },
  ];
}

/** @throws when the two do not hold the same. */
export function check(title: string, gateway: unknown, rest: unknown): void {
  if (isDeepStrictEqual(gateway, rest)) return;
  const short = (value: unknown): string => JSON.stringify(value).slice(0, 300);
  throw new Error(`${title}: gateway and REST differ\n  ${short(gateway)}\n  ${short(rest)}`);
}
