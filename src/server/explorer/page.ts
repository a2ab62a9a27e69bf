import { bundleVersion } from '../bundle.ts';
import { EXAMPLES } from './examples.ts';

/** Path of the page's scripts and styles. */
export const ASSETS = `/graphiql/static/${bundleVersion('explorer')}/`;

/** A user of the embedded Waldur. */
export interface DemoUser {
  readonly username: string;
  readonly role: string;
  readonly token: string;
}

/** A camera shutter. For a page without an icon, browsers request /favicon.ico. */
const ICON =
  "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'%3E%3Ccircle cx='8' cy='8' r='7' fill='%23d60590'/%3E%3Ccircle cx='8' cy='8' r='3' fill='white'/%3E%3C/svg%3E";

/**
 * Scripts and workers are files of this host. Inline styles cannot be listed, because the editor generates them. Nothing is loaded from
 * another host, and the page cannot be framed.
 */
export const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "connect-src 'self'",
  "worker-src 'self'",
  "font-src 'self' data:",
  "img-src 'self' data:",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

/**
 * The document of the explorer.
 * @param users users of the embedded Waldur, the first one selected; none with a real Waldur.
 * @param prefix path prefix that the browser sees.
 */
export function explorerPage(users: readonly DemoUser[], prefix = ''): string {
  const assets = prefix + ASSETS;
  const config = {
    endpoint: `${prefix}/graphql`,
    users: users.map(({ username, role, token }) => ({ username, role, token })),
    tabs: EXAMPLES.map(({ query, variables }) => ({
      query,
      variables: variables === undefined ? null : JSON.stringify(variables, null, 2),
    })),
  };
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Waldur snapshots: GraphQL explorer</title>
<link rel="icon" href="${ICON}">
<link rel="stylesheet" href="${assets}style.css">
<script type="application/json" id="config">${json(config)}</script>
<script type="module" src="${assets}explorer.js"></script>
</head>
<body>
<div id="explorer"><p class="loading">Loading the explorer. This takes some seconds the first time.</p></div>
<noscript>The explorer needs JavaScript.</noscript>
</body>
</html>
`;
}

/** A literal for a script element. No string in it can end the element or open a comment. */
const json = (value: unknown): string => JSON.stringify(value).replaceAll('<', '\\u003c');
