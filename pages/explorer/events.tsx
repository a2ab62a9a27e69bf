import type { ExecutionResult } from 'graphql';
import { useObservable } from './observable.ts';
import type { StreamEvent, Streams } from './streams.ts';

/** More rows would make the page slow. */
const MOST_ROWS = 200;
/** Shown in columns of their own, or meaningless to people. */
const NOT_DETAILS = new Set(['__typename', 'kind', 'cursor', 'observedAt', 'state', 'previousState']);

/** The events of the open tab's subscription, the newest first. */
export function Events({ streams }: { streams: Streams }) {
  const stream = useObservable(streams).shown;
  if (stream === undefined) return null;
  const { events, isRunning, received } = stream;
  const rows = events.slice(0, MOST_ROWS);
  return (
    <section className="events" aria-label="Events">
      <header>
        <output>
          {isRunning ? 'Running' : 'Stopped'}: {received === 1 ? '1 event' : `${received} events`}
          {events.length > rows.length && `, the last ${rows.length} are shown`}
        </output>
        <button type="button" onClick={() => streams.clear()}>
          Clear
        </button>
      </header>
      <ol aria-live="off">
        {rows.map((event) => (
          <EventRow key={event.id} event={event} />
        ))}
      </ol>
    </section>
  );
}

function EventRow({ event: { at, result } }: { event: StreamEvent }) {
  const { kind, isError, details } = summarize(result);
  return (
    <li className={isError ? 'error' : undefined}>
      <details>
        <summary>
          <time dateTime={at.toISOString()}>{at.toLocaleTimeString()}</time> <b>{kind}</b> <span>{details}</span>
        </summary>
        <pre>{JSON.stringify(result, null, 2)}</pre>
      </details>
    </li>
  );
}

interface Summary {
  readonly kind: string;
  readonly isError: boolean;
  /** What the event says, without values that are null. */
  readonly details: string;
}

/** One line for an event of any subscription. */
export function summarize({ data, errors }: ExecutionResult): Summary {
  if (errors !== undefined) {
    return { kind: 'ERROR', isError: true, details: errors.map(({ message }) => message).join('; ') };
  }
  const [[field, value] = ['', undefined]] = Object.entries(data ?? {});
  const fields: Record<string, unknown> = isObject(value) ? value : { value };
  const { kind, state, previousState } = fields;
  const move = [previousState, state].filter((one) => typeof one === 'string' && one !== '');
  const details = [...new Set(move)].join(' → ');
  return {
    kind: typeof kind === 'string' ? kind : field,
    isError: false,
    // People know objects by their names, so uuids come last.
    details: [details, ...scalars(fields).sort((a, b) => rank(a) - rank(b))].filter((text) => text !== '').join('  '),
  };
}

const rank = (text: string): number => (text.startsWith('name: ') ? 0 : /^(?:uuid|id): /.test(text) ? 2 : 1);

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The values of an object and the objects in it that say something, each with its name. */
function scalars(fields: Record<string, unknown>): string[] {
  return Object.entries(fields).flatMap(([name, value]) => {
    if (value === null || NOT_DETAILS.has(name)) return [];
    if (isObject(value)) return scalars(value);
    if (Array.isArray(value)) return value.length === 0 ? [] : [`${name}: ${value.length}`];
    return [`${name}: ${String(value)}`];
  });
}
