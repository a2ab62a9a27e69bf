import { type SnapshotRow, STATES, type State } from '../types.ts';

/** What the person chose to see. It is kept in the URL, so it can be shared and survives a reload. */
export interface View {
  readonly search: string;
  /** Empty: all. */
  readonly states: readonly State[];
  /** Uuid; empty: all. */
  readonly project: string;
  readonly sort: SortKey;
  readonly isDescending: boolean;
  /** Uuid of the snapshot in the details pane; empty: none. */
  readonly open: string;
}

export const SORT_KEYS = ['name', 'state', 'volume', 'size', 'created', 'expires'] as const;
export type SortKey = (typeof SORT_KEYS)[number];

export const DEFAULT_VIEW: View = {
  search: '',
  states: [],
  project: '',
  sort: 'created',
  isDescending: true,
  open: '',
};

/** @param query of the URL. What it does not say, or says wrongly, is the default. */
export function parseView(query: string): View {
  const parameters = new URLSearchParams(query);
  const wanted = parameters.get('state')?.split(',') ?? [];
  const sort = parameters.get('sort') ?? '-created';
  const key = SORT_KEYS.find((one) => one === sort.replace(/^-/, ''));
  return {
    search: parameters.get('q') ?? '',
    states: STATES.filter((state) => wanted.includes(state)),
    project: parameters.get('project') ?? '',
    sort: key ?? DEFAULT_VIEW.sort,
    isDescending: key === undefined ? DEFAULT_VIEW.isDescending : sort.startsWith('-'),
    open: parameters.get('snapshot') ?? '',
  };
}

/** The query of the URL, with its question mark; empty for the default view. */
export function formatView(view: View): string {
  const parameters = new URLSearchParams();
  if (view.search !== '') parameters.set('q', view.search);
  if (view.states.length > 0) parameters.set('state', view.states.join(','));
  if (view.project !== '') parameters.set('project', view.project);
  const sort = `${view.isDescending ? '-' : ''}${view.sort}`;
  if (sort !== '-created') parameters.set('sort', sort);
  if (view.open !== '') parameters.set('snapshot', view.open);
  // A comma needs no escape in a query, and the URL is for people, too.
  const text = parameters.toString().replaceAll('%2C', ',');
  return text === '' ? '' : `?${text}`;
}

/** What a search looks at, by row. Rows are replaced when they change, so the entry of an old one is collected with it. */
const haystacks = new WeakMap<SnapshotRow, string>();

function haystackOf(row: SnapshotRow): string {
  let text = haystacks.get(row);
  if (text === undefined) {
    const { name, uuid, project, customer, sourceVolume, errorMessage } = row;
    text = [name, uuid, project.name, customer.name, sourceVolume?.name, errorMessage].join('\n').toLowerCase();
    haystacks.set(row, text);
  }
  return text;
}

/** The rows that all filters but the one of the state let through. */
export function rowsOfAnyState(rows: readonly SnapshotRow[], { search, project }: View): readonly SnapshotRow[] {
  const words = search.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0 && project === '') return rows;
  return rows.filter(
    (row) =>
      (project === '' || row.project.uuid === project) &&
      (words.length === 0 || words.every((word) => haystackOf(row).includes(word))),
  );
}

export function countStates(rows: readonly SnapshotRow[]): ReadonlyMap<State, number> {
  const counts = new Map<State, number>(STATES.map((state) => [state, 0]));
  for (const { state } of rows) counts.set(state, (counts.get(state) ?? 0) + 1);
  return counts;
}

const collator = new Intl.Collator('en', { numeric: true });
const rank = new Map<State, number>(STATES.map((state, i) => [state, i]));
/** Times, parsed once for each string. */
const times = new Map<string, number>();
const MOST_TIMES = 50_000;

function timeOf(text: string): number {
  let time = times.get(text);
  if (time === undefined) {
    time = Date.parse(text);
    if (times.size >= MOST_TIMES) times.clear();
    times.set(text, time);
  }
  return time;
}

type Compare = (a: SnapshotRow, b: SnapshotRow) => number;

const COMPARE: Readonly<Record<SortKey, Compare>> = {
  name: (a, b) => collator.compare(a.name, b.name),
  state: (a, b) => (rank.get(a.state) ?? 0) - (rank.get(b.state) ?? 0),
  volume: (a, b) => collator.compare(a.sourceVolume?.name ?? '', b.sourceVolume?.name ?? ''),
  size: (a, b) => a.size - b.size,
  created: (a, b) => timeOf(a.created) - timeOf(b.created),
  // Those that are kept for ever come after all others.
  expires: (a, b) => expiryOf(a) - expiryOf(b),
};

const expiryOf = ({ keptUntil }: SnapshotRow): number =>
  keptUntil === null ? Number.MAX_SAFE_INTEGER : timeOf(keptUntil);

/** The order of a view. Equal rows are ordered by id, so that they never change places. */
export function comparison({ sort, isDescending }: Pick<View, 'sort' | 'isDescending'>): Compare {
  const compare = COMPARE[sort];
  const sign = isDescending ? -1 : 1;
  return (a, b) => sign * compare(a, b) || (a.id < b.id ? -1 : 1);
}

/**
 * Sorts the rows of a table again and again. It begins with the last order, which is almost right when few rows have changed: sorting 5,000
 * rows then takes a hundredth of the comparisons.
 */
export class Sorter {
  #last: readonly SnapshotRow[] = [];

  sort(rows: readonly SnapshotRow[], compare: Compare): readonly SnapshotRow[] {
    const present = new Map(rows.map((row) => [row.id, row]));
    const sorted: SnapshotRow[] = [];
    for (const { id } of this.#last) {
      const row = present.get(id);
      if (row === undefined) continue;
      sorted.push(row);
      present.delete(id);
    }
    sorted.push(...present.values());
    this.#last = sorted.sort(compare);
    return sorted;
  }
}
