import { createHash } from 'node:crypto';
import { createRequire } from 'node:module';
import path from 'node:path';
import { ruruHTML } from 'ruru/server';
import { EXAMPLES } from './examples.ts';

export interface ExplorerPage {
  readonly html: string;
  /** The Content-Security-Policy under which this very page works, and nothing else does. */
  readonly policy: string;
}

/**
 * Where the page's scripts, styles and fonts are served. Their names are the same in each version of ruru, so the version is in the
 * path: browsers may keep them for ever, and no page mixes two versions.
 */
export const ASSETS = `/graphiql/static/${versionOfRuru()}/`;

const GRAPHQL = '/graphql';

/** A camera's shutter; without an icon in the page browsers ask for /favicon.ico. */
const ICON =
  "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'%3E%3Ccircle cx='8' cy='8' r='7' fill='%23d60590'/%3E%3Ccircle cx='8' cy='8' r='3' fill='white'/%3E%3C/svg%3E";

const NO_AUTHORIZATION = `{
  // A token of your Waldur, without the slashes:
  // "Authorization": "Token 0123456789abcdef0123456789abcdef01234567"
}`;

/**
 * Tabs are there before the editor is. One that was clicked before would be shown as the open one over the document of another, which
 * is then what runs.
 */
const TABS_WAIT =
  'body:not(:has(.graphiql-query-editor .view-lines)) .graphiql-tabs { pointer-events: none; opacity: 0.5; }';

/** @param authorization is filled into the header editor; undefined: a hint is shown in its place. */
export function explorerPage(authorization: string | undefined): ExplorerPage {
  const config = {
    staticPath: ASSETS,
    endpoint: GRAPHQL,
    // The same address: ruru opens a WebSocket there, with the header editor's headers in connection_init.
    subscriptionEndpoint: GRAPHQL,
    defaultHeaders:
      authorization === undefined ? NO_AUTHORIZATION : JSON.stringify({ Authorization: authorization }, null, 2),
    defaultTabs: EXAMPLES.map(({ query, variables }) => ({
      query,
      variables: variables === undefined ? null : JSON.stringify(variables, null, 2),
    })),
    isHeadersEditorEnabled: true,
    defaultEditorToolsVisibility: 'headers',
    // Nothing that may hold a token is written to the disk of the browser; see `storage` below.
    showPersistHeadersSettings: false,
    // Tools for another server (Grafast); they would send headers that are of no use here.
    debugTools: [],
  };
  const html = ruruHTML({
    staticPath: ASSETS,
    htmlParts: {
      metaTags: (tags) => `${tags}\n<meta name="viewport" content="width=device-width">`,
      titleTag: `<title>GraphiQL: Waldur snapshots</title>\n<link rel="icon" href="${ICON}">\n<style>${TABS_WAIT}</style>`,
      configScript: '',
      bodyInitScript: `<script type="module">${startScript(config)}</script>`,
    },
  });
  return { html, policy: policyFor(html) };
}

/**
 * Starts the page. Ruru's own script is not used because it can pass on texts only, and not a storage.
 *
 * - History and favourites hold the headers of each run, the token with them, so they go with the browser's tab.
 * - GraphiQL stores the open document at once and its tabs half a second later. Where the two do not agree at the next visit, it adds a
 *   tab; so the document is the one of the tab that was open.
 */
const startScript = (config: { defaultTabs: readonly { query: string }[] }): string => `
import { React, createRoot, Ruru } from ${json(`${ASSETS}ruru.js`)};
const config = ${json(config)};
const placeOf = (key) => (/^graphiql:(?:queries|favorites)$/.test(key) ? sessionStorage : localStorage);
const storage = {
  getItem: (key) => placeOf(key).getItem(key),
  setItem: (key, value) => placeOf(key).setItem(key, value),
  removeItem: (key) => placeOf(key).removeItem(key),
  get length() { return localStorage.length + sessionStorage.length; },
  clear() { localStorage.clear(); sessionStorage.clear(); },
};
const openTab = () => {
  try {
    const { tabs, activeTabIndex } = JSON.parse(storage.getItem('graphiql:tabState'));
    return tabs[activeTabIndex] ?? config.defaultTabs[0];
  } catch {
    return config.defaultTabs[0];
  }
};
const { query, variables } = openTab();
storage.setItem('graphiql:query', query ?? '');
storage.setItem('graphiql:variables', variables ?? '');
createRoot(document.getElementById('ruru-root')).render(React.createElement(Ruru, { ...config, storage }));
`;

/** As a literal within a script element: no text in it can end the element or open a comment. */
const json = (value: unknown): string => JSON.stringify(value).replaceAll('<', '\\u003c');

/**
 * Scripts come from here or are among those in the page, each named by its hash. Styles cannot be tied down in the same way: the
 * editor writes them as it goes. Nothing may be asked of another host, not even pictures, and nobody may frame the page.
 */
function policyFor(html: string): string {
  const scripts = [...html.matchAll(/<script\b[^>]*>(.*?)<\/script>/gs)].map(([, text = '']) => hashOf(text));
  return [
    "default-src 'none'",
    `script-src 'self' ${scripts.join(' ')}`,
    "style-src 'self' 'unsafe-inline'",
    "connect-src 'self'",
    "worker-src 'self'",
    "font-src 'self' data:",
    'img-src data:',
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ');
}

const hashOf = (text: string): string => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;

function versionOfRuru(): string {
  const require = createRequire(import.meta.url);
  const { version }: { version: string } = require(path.resolve(require.resolve('ruru/server'), '../../package.json'));
  return version;
}
