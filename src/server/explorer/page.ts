import { createHash } from 'node:crypto';
import { createRequire } from 'node:module';
import path from 'node:path';
import { ruruHTML } from 'ruru/server';
import { EXAMPLES } from './examples.ts';

export interface ExplorerPage {
  readonly html: string;
  /** The Content-Security-Policy that allows what this page needs and nothing else. */
  readonly policy: string;
}

/**
 * Path of the page's scripts, styles and fonts. Their names are the same in each version of ruru. With the version in the path, browsers can
 * cache them for ever, and no page mixes two versions.
 */
export const ASSETS = `/graphiql/static/${versionOfRuru()}/`;

const GRAPHQL = '/graphql';

/** A camera shutter. For a page without an icon, browsers request /favicon.ico. */
const ICON =
  "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'%3E%3Ccircle cx='8' cy='8' r='7' fill='%23d60590'/%3E%3Ccircle cx='8' cy='8' r='3' fill='white'/%3E%3C/svg%3E";

const NO_AUTHORIZATION = `{
  // Your Waldur API token; remove the slashes of the next line:
  // "Authorization": "Token 0123456789abcdef0123456789abcdef01234567"
}`;

/**
 * GraphiQL shows the tabs before its editor. A tab that is clicked before the editor is ready would show, and run, the document of another
 * tab, so clicks wait.
 */
const TABS_WAIT =
  'body:not(:has(.graphiql-query-editor .view-lines)) .graphiql-tabs { pointer-events: none; opacity: 0.5; }';

/**
 * @param authorization initial Authorization header in the header editor; undefined: a hint is shown instead.
 * @param basePath prefix of all paths in the page.
 */
export function explorerPage(authorization: string | undefined, basePath = ''): ExplorerPage {
  const assets = basePath + ASSETS;
  const endpoint = basePath + GRAPHQL;
  const config = {
    staticPath: assets,
    endpoint,
    // The same path: ruru opens a WebSocket there and sends the headers of the editor in connection_init.
    subscriptionEndpoint: endpoint,
    defaultHeaders:
      authorization === undefined ? NO_AUTHORIZATION : JSON.stringify({ Authorization: authorization }, null, 2),
    defaultTabs: EXAMPLES.map(({ query, variables }) => ({
      query,
      variables: variables === undefined ? null : JSON.stringify(variables, null, 2),
    })),
    isHeadersEditorEnabled: true,
    defaultEditorToolsVisibility: 'headers',
    // Nothing that may contain a token is stored permanently; see `storage` below.
    showPersistHeadersSettings: false,
    // Tools for another server (Grafast), which would send headers that mean nothing here.
    debugTools: [],
  };
  const html = ruruHTML({
    staticPath: assets,
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
 * Starts the page. Ruru's own script is not used, because its configuration is JSON, which cannot contain a storage.
 *
 * - History and favourites contain the headers of each run, and with them the token, so they are kept only as long as the browser tab.
 * - GraphiQL stores the open document immediately and its tabs half a second later. If the two differ at the next visit, it adds a tab.
 *   So the document is set to that of the active tab.
 */
const startScript = (config: { staticPath: string; defaultTabs: readonly { query: string }[] }): string => `
import { React, createRoot, Ruru } from ${json(`${config.staticPath}ruru.js`)};
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

/** A literal for a script element. No string in it can end the element or open a comment. */
const json = (value: unknown): string => JSON.stringify(value).replaceAll('<', '\\u003c');

/**
 * Allows scripts of this host and the inline scripts of the page, by hash. Inline styles cannot be listed, because the editor generates them.
 * Nothing is loaded from another host, and the page cannot be framed.
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
