import { composeServices } from '@apollo/composition';
import { parse } from 'graphql';
import { TICKETS_SDL } from './subgraph.mjs';

/** Composes the gateway with the second subgraph. @returns what Apollo's composition returns: errors, or the supergraph and hints. */
export const compose = (snapshotsSdl, snapshotsUrl, ticketsUrl) =>
  composeServices([
    { name: 'snapshots', url: snapshotsUrl, typeDefs: parse(snapshotsSdl) },
    { name: 'tickets', url: ticketsUrl, typeDefs: parse(TICKETS_SDL) },
  ]);
