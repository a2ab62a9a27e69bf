import { readFileSync } from 'node:fs';

const read = (name: string): string => readFileSync(new URL(`../../schema/printed/${name}`, import.meta.url), 'utf8');

/** The SDL: one document, which `npm run generate` makes of the files in `schema/`. */
export const readTypeDefs = (): string => read('schema.graphql');

/** The SDL of the gateway as a subgraph of Federation 2. */
export const readFederationTypeDefs = (): string => read('federation.graphql');
