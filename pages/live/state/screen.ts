import { batch, computed, effect, signal } from '@preact/signals';
import { isMoving } from './format.ts';
import { rowsByUuid, table } from './session.ts';
import { comparison, countStates, formatView, parseView, rowsOfAnyState, Sorter, type View } from './view.ts';

/** What is on the screen: the view in the URL, and the rows that it shows. */

export const view = signal<View>(parseView(location.search));

/** @param isStep whether the browser's Back undoes it. Typing in a search is no step. */
export function changeView(change: Partial<View>, isStep = true): void {
  const next = { ...view.value, ...change };
  const query = formatView(next);
  if (query !== location.search) {
    const address = `${location.pathname}${query}`;
    if (isStep) history.pushState(null, '', address);
    else history.replaceState(null, '', address);
  }
  view.value = next;
}

/** Shows everything. */
export const DEFAULT_FILTERS: Partial<View> = { search: '', states: [], project: '' };

const filters = computed(() => {
  const { search, project } = view.value;
  return `${project} ${search}`;
});
const order = computed(() => `${view.value.sort} ${view.value.isDescending}`);

const matching = computed(() => {
  void filters.value;
  return rowsOfAnyState(table.value.rows, view.peek());
});
export const stateCounts = computed(() => countStates(matching.value));
export const matchingCount = computed(() => matching.value.length);

const sorter = new Sorter();
const sorted = computed(() => {
  void order.value;
  return sorter.sort(matching.value, comparison(view.peek()));
});
const states = computed(() => view.value.states.join());

/** The rows of the table, in their order. */
export const shownRows = computed(() => {
  if (states.value === '') return sorted.value;
  const wanted = new Set(view.peek().states);
  return sorted.value.filter(({ state }) => wanted.has(state));
});

/** The projects of all rows, by name. */
export const projects = computed(() => {
  const found = new Map(table.value.rows.map(({ project }) => [project.uuid, project.name]));
  return [...found].map(([uuid, name]) => ({ uuid, name })).sort((a, b) => a.name.localeCompare(b.name, 'en'));
});

export const movingCount = computed(() => table.value.rows.filter(({ state }) => isMoving(state)).length);

/** The row of the open snapshot; undefined if there is none. */
export const openRow = computed(() => rowsByUuid.value.get(view.value.open));

/** Uuid of the row that the keyboard is at; empty: none. */
export const activeRow = signal(view.peek().open);

const phone = matchMedia('(max-width: 640px)');
const narrow = matchMedia('(max-width: 1080px)');
/** Rows are cards of two lines. */
export const isPhone = signal(phone.matches);
/** The details cover the table. */
export const isNarrow = signal(narrow.matches);

/** What a screen reader is to say. */
export const announcement = signal('');
export const announce = (text: string): void => {
  announcement.value = text;
};

export type Theme = 'auto' | 'light' | 'dark';
const THEME_KEY = 'waldur-snapshots:theme';
const storedTheme = localStorage.getItem(THEME_KEY);
export const theme = signal<Theme>(storedTheme === 'light' || storedTheme === 'dark' ? storedTheme : 'auto');

export function startScreen(): void {
  addEventListener('popstate', () => {
    view.value = parseView(location.search);
  });
  const resized = (): void =>
    batch(() => {
      isPhone.value = phone.matches;
      isNarrow.value = narrow.matches;
    });
  phone.addEventListener('change', resized);
  narrow.addEventListener('change', resized);
  effect(() => {
    const { value } = theme;
    localStorage.setItem(THEME_KEY, value);
    document.documentElement.dataset.theme = value;
  });
}
