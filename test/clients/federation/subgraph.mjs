import { createServer } from 'node:http';
import { buildSubgraphSchema } from '@apollo/subgraph';
import { graphql, parse } from 'graphql';

/** A second subgraph as a team that uses Relay would write it: with its own Node, PageInfo and Query.node. */
export const TICKETS_SDL = `
extend schema @link(url: "https://specs.apollo.dev/federation/v2.3", import: ["@key", "@shareable"])

scalar UUID

interface Node { id: ID! }

type PageInfo @shareable {
  hasNextPage: Boolean!
  hasPreviousPage: Boolean!
  startCursor: String
  endCursor: String
}

type Ticket implements Node @key(fields: "id") {
  id: ID!
  title: String!
  "The snapshot that the ticket is about; another subgraph knows it."
  snapshot: Snapshot
}

type TicketEdge { node: Ticket cursor: String! }
type TicketConnection { edges: [TicketEdge!]! pageInfo: PageInfo! }

type Snapshot @key(fields: "uuid") {
  uuid: UUID!
  "Tickets about the snapshot."
  tickets(first: Int): TicketConnection!
}

type Project @key(fields: "id") {
  id: ID!
  openTickets: Int!
}

type Query {
  node(id: ID!): Node
  ticket(id: ID!): Ticket
}
`;

const ticketOf = (uuid) => ({ __typename: 'Ticket', id: `ticket-${uuid}`, title: `About ${uuid}`, uuid });

function ticketsOf({ uuid }) {
  const edges = [{ node: ticketOf(uuid), cursor: 'a' }];
  return { edges, pageInfo: { hasNextPage: false, hasPreviousPage: false, startCursor: 'a', endCursor: 'a' } };
}

const byId = (_source, { id }) => (id.startsWith('ticket-') ? ticketOf(id.slice('ticket-'.length)) : null);

export const ticketsSchema = () =>
  buildSubgraphSchema([
    {
      typeDefs: parse(TICKETS_SDL),
      resolvers: {
        Query: { node: byId, ticket: byId },
        Ticket: {
          __resolveReference: ({ id }) => byId(undefined, { id }),
          snapshot: ({ uuid }) => ({ __typename: 'Snapshot', uuid }),
        },
        Snapshot: { tickets: ticketsOf },
        Project: { openTickets: ({ id }) => id.length },
      },
    },
  ]);

/** Serves it on this machine. @returns its address, and what stops it. */
export async function startTickets() {
  const schema = ticketsSchema();
  const server = createServer(async (request, response) => {
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    const { query: source, variables: variableValues, operationName } = JSON.parse(Buffer.concat(chunks).toString());
    const answer = await graphql({ schema, source, variableValues, operationName });
    response.setHeader('content-type', 'application/json').end(JSON.stringify(answer));
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${server.address().port}/graphql`;
  return { url, stop: () => server.close() };
}
