import { Counter, Histogram, type Registry } from 'prom-client';

/**
 * Counters and histograms that prom-client prints and does not count. For each event it checks the labels, makes a text of them and looks
 * up a bucket by a number made a text: a microsecond or two, of which there are five with every request, so that counting a small query
 * would cost as much as parsing it.
 */
export interface Description {
  readonly name: string;
  readonly help: string;
  readonly labelNames?: readonly string[];
  readonly register: Registry;
}

/** Values of the labels, in the order of their names. */
type Values = readonly (string | number)[];

/** What happened with one combination of labels. */
interface Cell<Events> {
  readonly values: Values;
  readonly labels: Record<string, string | number>;
  readonly events: Events;
}

export class CellCounter {
  readonly #cells: Cells<{ count: number }>;

  constructor({ name, help, labelNames = [], register }: Description) {
    const cells = new Cells(labelNames, () => ({ count: 0 }));
    this.#cells = cells;
    new Counter({
      name,
      help,
      labelNames: [...labelNames],
      registers: [register],
      collect() {
        this.reset();
        for (const { labels, events } of cells.all()) this.inc(labels, events.count);
      },
    });
  }

  inc(...values: Values): void {
    this.#cells.of(values).count++;
  }
}

interface Buckets {
  /** By upper bound, not cumulated; the last one has no bound. */
  readonly counts: number[];
  sum: number;
}

export class CellHistogram extends Histogram {
  readonly #told: { readonly name: string; readonly help: string };
  readonly #bounds: readonly number[];
  readonly #cells: Cells<Buckets>;

  constructor({
    name,
    help,
    labelNames = [],
    register,
    buckets,
  }: Description & { readonly buckets: readonly number[] }) {
    super({ name, help, labelNames: [...labelNames], buckets: [...buckets], registers: [register] });
    this.#told = { name, help };
    this.#bounds = buckets;
    this.#cells = new Cells(labelNames, () => ({ counts: new Array<number>(buckets.length + 1).fill(0), sum: 0 }));
    // Without labels there is one from the start.
    if (labelNames.length === 0) this.#cells.of([]);
  }

  add(value: number, ...values: Values): void {
    const cell = this.#cells.of(values);
    let at = 0;
    while (value > (this.#bounds[at] ?? Number.POSITIVE_INFINITY)) at++;
    cell.counts[at] = (cell.counts[at] ?? 0) + 1;
    cell.sum += value;
  }

  /** What prom-client reads, for the text of all metrics and in `get`. */
  async getForPromString() {
    const values = [...this.#cells.all()].flatMap((cell) => this.#samples(cell));
    return { ...this.#told, type: 'histogram', values, aggregator: 'sum' };
  }

  #samples({ labels: sharedLabels, events }: Cell<Buckets>) {
    const { name } = this.#told;
    let total = 0;
    const buckets = events.counts.map((count, i) => {
      total += count;
      return { metricName: `${name}_bucket`, labels: { le: this.#bounds[i] ?? '+Inf' }, sharedLabels, value: total };
    });
    return [
      ...buckets,
      { metricName: `${name}_sum`, labels: {}, sharedLabels, value: events.sum },
      { metricName: `${name}_count`, labels: {}, sharedLabels, value: total },
    ];
  }
}

/** By the values of labels, of which there are few combinations. */
class Cells<Events> {
  readonly #names: readonly string[];
  readonly #none: () => Events;
  readonly #cells = new Map<string, Cell<Events>>();
  /** Nearly always the next one too. */
  #last: Cell<Events> | undefined;

  constructor(names: readonly string[], none: () => Events) {
    this.#names = names;
    this.#none = none;
  }

  of(values: Values): Events {
    if (this.#last === undefined || !isSame(this.#last.values, values)) this.#last = this.#find(values);
    return this.#last.events;
  }

  all(): Iterable<Cell<Events>> {
    return this.#cells.values();
  }

  #find(values: Values): Cell<Events> {
    // No value has a line break: none of them comes from a client or from Waldur.
    const key = values.join('\n');
    let cell = this.#cells.get(key);
    if (cell === undefined) {
      const labels = Object.fromEntries(this.#names.map((name, i) => [name, values[i] ?? '']));
      cell = { values, labels, events: this.#none() };
      this.#cells.set(key, cell);
    }
    return cell;
  }
}

function isSame(one: Values, other: Values): boolean {
  for (let i = 0; i < one.length; i++) if (one[i] !== other[i]) return false;
  return true;
}
