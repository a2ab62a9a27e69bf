import { ToolbarButton, useGraphiQL } from '@graphiql/react';
import { getOperationAST, parse } from 'graphql';
import type { Operations } from './fetcher.ts';
import { Observable, useObservable } from './observable.ts';

/** `extensions` of an answer to a request with X-Explain. */
interface Explanation {
  readonly cost?: { readonly rows: number; readonly allowed: number };
  readonly calls?: { readonly made: number; readonly saved: number; readonly decisions: readonly Decision[] };
}

interface Decision {
  readonly missing: string;
  readonly keys: number;
  readonly way: 'each' | 'list';
  readonly eachMs: number;
  readonly listMs: number;
}

interface Answer {
  readonly errors?: readonly { readonly message: string }[];
  readonly extensions?: Explanation;
}

/** The explanation that is shown; undefined: none. */
export class Explained extends Observable {
  #text: string | undefined;

  get text(): string | undefined {
    return this.#text;
  }

  show(text: string | undefined): void {
    this.#text = text;
    this.changed();
  }
}

/** Runs the query of the open tab with X-Explain, and shows what it costs. */
export function ExplainButton({ operations, explained }: { operations: Operations; explained: Explained }) {
  const query = useGraphiQL((state) => state.queryEditor);
  const variables = useGraphiQL((state) => state.variableEditor);
  const operationName = useGraphiQL((state) => state.operationName);
  const run = async (): Promise<void> => {
    explained.show('Explaining ...');
    try {
      explained.show(await explain(operations, query?.getValue() ?? '', variables?.getValue() ?? '', operationName));
    } catch (error) {
      explained.show(error instanceof Error ? error.message : String(error));
    }
  };
  return (
    <ToolbarButton label="Explain: what this query costs" onClick={() => void run()}>
      <span className="explain-icon" aria-hidden="true">
        ?
      </span>
    </ToolbarButton>
  );
}

async function explain(operations: Operations, query: string, variables: string, name?: string): Promise<string> {
  const operation = getOperationAST(parse(query), name)?.operation;
  if (operation === undefined) return 'Place the cursor in one of the operations, then explain it.';
  if (operation === 'mutation') return 'Explaining runs the operation, so a mutation is not explained.';
  if (operation === 'subscription') return 'A subscription has no cost of its own: all subscribers share its polls.';
  const answer: Answer = await operations.send(
    {
      query,
      ...(variables.trim() !== '' && { variables: JSON.parse(variables) }),
      ...(name !== undefined && { operationName: name }),
    },
    { ...operations.credentialHeaders, 'x-explain': 'cost, calls' },
  );
  return describe(answer);
}

/** An explanation in words. */
export function describe({ errors = [], extensions: { cost, calls } = {} }: Answer): string {
  const lines = errors.map(({ message }) => `Error: ${message}`);
  if (cost !== undefined) {
    lines.push(`Estimated rows: ${cost.rows.toLocaleString('en')} of ${cost.allowed.toLocaleString('en')} allowed.`);
  }
  if (calls !== undefined) {
    lines.push(`Requests to Waldur: ${calls.made}.`);
    lines.push(`Reads that needed no request (cache, or one already in flight): ${calls.saved}.`);
    lines.push(...calls.decisions.map(describeDecision));
  }
  return lines.length === 0 ? 'The answer has no explanation.' : lines.join('\n');
}

function describeDecision({ missing, keys, way, eachMs, listMs }: Decision): string {
  const chosen = way === 'each' ? 'fetched one by one' : 'found in a list';
  return `${keys} x ${missing}: ${chosen} (one by one about ${Math.round(eachMs)} ms, as a list about ${Math.round(listMs)} ms).`;
}

export function Explanation({ explained }: { explained: Explained }) {
  const { text } = useObservable(explained);
  if (text === undefined) return null;
  return (
    <section className="explanation" aria-label="Explanation">
      <header>
        <b>What this query costs</b>
        <button type="button" onClick={() => explained.show(undefined)}>
          Close
        </button>
      </header>
      <pre role="status">{text}</pre>
    </section>
  );
}
