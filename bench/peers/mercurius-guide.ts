/** Mercurius as its guide shows it: a resolver for each renamed field, whole rows; JIT from the first request on, DataLoader and undici. */
import fastify from 'fastify';
import { mercurius } from 'mercurius';
import { batchingContext, getWithUndici } from './rest.ts';
import { type ListArguments, type Listed, listQuery, type PeerContext, type Row, typeDefs, uuidIn } from './schema.ts';
import { announce } from './serve.ts';

type Resolver = (row: Row) => unknown;
const column =
  (name: string): Resolver =>
  (row) =>
    row[name];

/** A resolver for each field that REST names otherwise; whole rows are read. */
const resolvers = {
  Query: {
    snapshot: (_: unknown, { uuid }: { uuid: string }, context: PeerContext) => context.snapshot(uuid, ''),
    snapshots: (_: unknown, page: ListArguments, context: PeerContext) => context.snapshots(listQuery(page, '')),
  },
  SnapshotConnection: {
    totalCount: ({ total }: Listed) => total,
    nodes: ({ rows }: Listed) => rows,
  },
  Snapshot: {
    runtimeState: column('runtime_state'),
    backendId: column('backend_id'),
    errorMessage: column('error_message'),
    resourceType: column('resource_type'),
    keptUntil: column('kept_until'),
    project: (row: Row) => ({ uuid: row.project_uuid, name: row.project_name, url: row.project }),
    customer: (row: Row) => ({
      uuid: row.customer_uuid,
      name: row.customer_name,
      url: row.customer,
      abbreviation: row.customer_abbreviation,
    }),
    serviceSettings: (row: Row) => ({
      uuid: row.service_settings_uuid,
      name: row.service_name,
      url: row.service_settings,
      state: row.service_settings_state,
    }),
    sourceVolume: (row: Row, _: unknown, context: PeerContext) =>
      row.source_volume === null ? null : context.volume(uuidIn(row.source_volume), ''),
  },
  Restoration: {
    // The row has what a table shows of the volume.
    volume: (row: Row) => ({
      uuid: uuidIn(row.volume),
      url: row.volume,
      name: row.volume_name,
      state: row.volume_state,
      runtime_state: row.volume_runtime_state,
      size: row.volume_size,
      device: row.volume_device,
    }),
  },
  Volume: {
    runtimeState: column('runtime_state'),
    type: (row: Row) => (row.type ? { name: row.type_name, url: row.type } : null),
  },
};

const app = fastify({ logger: false });
await app.register(mercurius, {
  schema: typeDefs,
  resolvers: resolvers as never,
  jit: 1,
  context: (request) => batchingContext(getWithUndici(request.headers.authorization)),
});
await app.listen({ port: 0, host: '127.0.0.1' });
announce(app.server.address());
