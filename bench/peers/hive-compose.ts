/** Composes the supergraph that Hive Gateway serves, from the OpenAPI document of this repository. */
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { getComposedSchemaFromConfig } from '@graphql-mesh/compose-cli';
import { loadOpenAPISubgraph } from '@omnigraph/openapi';
import { load } from 'js-yaml';

const DOCUMENT = path.join(import.meta.dirname, '../../openapi/waldur.yaml');
const COMPOSED = path.join(import.meta.dirname, '../node_modules/.cache/waldur-supergraph.graphql');

const quiet = () => {};
const logger = { log: quiet, debug: quiet, info: quiet, warn: console.warn, error: console.error, child: () => logger };

/** A node of the document that may be a schema or an operation. */
interface Node {
  readonly type?: string | readonly string[];
  readonly anyOf?: readonly Node[];
  readonly required?: readonly string[];
  readonly properties?: Readonly<Record<string, Node>>;
  readonly responses?: object;
}

/**
 * The document as far as the composer understands it. It refuses enums as alternatives, so the first one stands for all; it takes
 * every required field as never null; and of answers only the good ones, so that fields have plain types and no unions with errors,
 * which is simpler to ask and faster.
 */
function simplified(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(simplified);
  if (value === null || typeof value !== 'object') return value;
  const { anyOf, ...node }: Node = value;
  const { required, properties, responses } = node;
  const plain = {
    ...node,
    ...anyOf?.[0],
    ...(Array.isArray(required) && { required: required.filter((name) => !isNullable(properties?.[name])) }),
    ...(responses && { responses: goodOf(responses) }),
  };
  return Object.fromEntries(Object.entries(plain).map(([key, inner]) => [key, simplified(inner)]));
}

const isNullable = ({ type, anyOf = [] }: Node = {}): boolean =>
  type === 'null' || (Array.isArray(type) && type.includes('null')) || anyOf.some(isNullable);

/** Of an operation's answers those with a good status; the document's shared answers have names and stay. */
const goodOf = (responses: object): object =>
  Object.fromEntries(Object.entries(responses).filter(([status]) => !/^[345]/.test(status)));

/** The supergraph, composed anew when the document has changed. */
export async function composeSupergraph(): Promise<string> {
  if (existsSync(COMPOSED) && statSync(COMPOSED).mtimeMs > statSync(DOCUMENT).mtimeMs) {
    return readFileSync(COMPOSED, 'utf8');
  }
  const sourceHandler = loadOpenAPISubgraph('waldur', {
    // The type knows paths only; a parsed document works as well.
    source: simplified(load(readFileSync(DOCUMENT, 'utf8'))) as string,
    endpoint: 'http://127.0.0.1/api',
    operationHeaders: { authorization: '{context.headers.authorization}', accept: 'application/json' },
  });
  const composed = await getComposedSchemaFromConfig({ subgraphs: [{ sourceHandler }] }, logger);
  mkdirSync(path.dirname(COMPOSED), { recursive: true });
  writeFileSync(COMPOSED, composed);
  return composed;
}
