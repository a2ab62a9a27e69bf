/** What the server tells the page, as JSON in the document. */
export interface ExplorerConfig {
  /** Path of GraphQL, with the path prefix that the browser sees. */
  readonly endpoint: string;
  /** Documents that the explorer opens with, one for each tab. */
  readonly tabs: readonly { readonly query: string; readonly variables: string | null }[];
  /** Users of the embedded Waldur, the first one selected at the first visit; empty with a real Waldur. */
  readonly users: readonly DemoUser[];
}

export interface DemoUser {
  readonly username: string;
  readonly role: string;
  readonly token: string;
}

/** @throws when the document has no configuration. */
export function readConfig(): ExplorerConfig {
  const text = document.getElementById('config')?.textContent;
  if (text === null || text === undefined) throw new Error('The page has no configuration.');
  return JSON.parse(text);
}
