import type { ExplorerConfig } from './config.ts';

/** The part of `Storage` that GraphiQL uses. */
type GraphiQLStorage = Pick<Storage, 'getItem' | 'setItem' | 'removeItem' | 'clear' | 'length'>;

/** History and favourites contain the headers of each run, which may have a token, so they live only as long as the browser tab. */
const placeOf = (key: string): Storage =>
  /^graphiql:(?:queries|favorites)$/.test(key) ? sessionStorage : localStorage;

const STORAGE: GraphiQLStorage = {
  getItem: (key) => placeOf(key).getItem(key),
  setItem: (key, value) => placeOf(key).setItem(key, value),
  removeItem: (key) => placeOf(key).removeItem(key),
  get length() {
    return localStorage.length;
  },
  clear: () => localStorage.clear(),
};

/**
 * The storage of GraphiQL, made consistent: GraphiQL stores the open document immediately and its tabs half a second later. If the two
 * differ at the next visit, it adds a tab. So the document is set to that of the active tab.
 */
export function openStorage({ tabs }: ExplorerConfig): GraphiQLStorage {
  const { query, variables } = storedTab() ?? tabs[0] ?? { query: '', variables: null };
  STORAGE.setItem('graphiql:query', query ?? '');
  STORAGE.setItem('graphiql:variables', variables ?? '');
  return STORAGE;
}

interface StoredTab {
  readonly query: string | null;
  readonly variables: string | null;
}

function storedTab(): StoredTab | undefined {
  try {
    const { tabs, activeTabIndex } = JSON.parse(STORAGE.getItem('graphiql:tabState') ?? '{}');
    return tabs?.[activeTabIndex];
  } catch {
    return undefined;
  }
}
