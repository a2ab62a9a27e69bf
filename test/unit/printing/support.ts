import { execute, type GraphQLSchema, parse } from 'graphql';
import type { GraphContext } from '../../../src/graphql/context.ts';
import { compileOperation } from '../../../src/graphql/execution/compile.ts';
import { printLine } from '../../../src/graphql/print.ts';
import { PrintedList } from '../../../src/graphql/printing/list.ts';
import { createSchema } from '../../../src/graphql/schema.ts';
import type { ListRequest } from '../../../src/loaders/lists.ts';
import { TextPage } from '../../../src/waldur/reads.ts';

export const schema: GraphQLSchema = createSchema();

/** Rows of Waldur's as they came, by the kind of resource. */
export type Texts = Readonly<Record<'snapshot' | 'volume', string>>;

/** The context of one execution, whose lists are these texts. @param asText false: read before. */
function contextOf(texts: Texts, asText: boolean, isStaff: boolean) {
  const list = async ({ kind, accepts }: ListRequest): Promise<unknown> => {
    const json = texts[kind];
    const page = { start: 0, total: 400 };
    const text = new TextPage(json, 400, JSON.parse);
    if (!asText || accepts?.(text) !== true) return { ...page, rows: JSON.parse(json) };
    return {
      ...page,
      text,
      get rows(): unknown {
        return JSON.parse(json);
      },
    };
  };
  // What rows refer to: most are there, some are not, some cannot be read, some are not as they should be.
  const load = async (kind: 'snapshot' | 'volume', uuid: string): Promise<unknown> => {
    const rows: unknown[] = JSON.parse(texts[kind]);
    const fate = Number.parseInt(uuid.slice(-2), 16) % 16;
    if (fate === 5 && rows.length % 2 === 0) throw new Error(`no ${kind} ${uuid}`);
    return rows[fate] ?? null;
  };
  const loaders = {
    list,
    listAlone: list,
    count: async () => 400,
    hintsOf: () => [],
    remember: () => undefined,
    snapshots: { load: (uuid: string) => load('snapshot', uuid) },
    volumes: { load: (uuid: string) => load('volume', uuid) },
  };
  return { loaders: () => loaders, isStaff: async () => isStaff } as unknown as GraphContext;
}

export interface Printed {
  /** As a client gets it: what a plan prints of the texts. */
  readonly printed: string;
  /** What graphql-js answers of the rows in them. */
  readonly read: string;
  /** Lists that were printed. */
  readonly lists: number;
}

/** Answers a document from texts, and from the rows in them; what it has learned of one stays for the next. @throws when there is no plan for it. */
export function planned(source: string): (texts: Texts, isStaff?: boolean) => Promise<Printed> {
  const document = parse(source);
  const plan = compileOperation(schema, document);
  if (plan === undefined) throw new Error(`There is no plan for ${source}`);
  return async (texts, isStaff = true) => {
    const { data, errors } = await plan.run(undefined, contextOf(texts, true, isStaff), {}, true);
    const lists = listsIn(data);
    const printed = printLine({ errors: errors?.map((error) => error.toJSON()), data }).toString();
    const interpreted = await execute({ schema, document, contextValue: contextOf(texts, false, isStaff) });
    return { printed, read: `${JSON.stringify(interpreted)}\n`, lists };
  };
}

/** As `planned`, for one time. */
export const bothWays = (source: string, texts: Texts): Promise<Printed> => planned(source)(texts);

function listsIn(value: unknown): number {
  if (value instanceof PrintedList) return 1;
  if (typeof value !== 'object' || value === null) return 0;
  return Object.values(value).reduce((sum: number, one) => sum + listsIn(one), 0);
}
