import { createHash } from 'node:crypto';
import type { Bundle } from './bundle.ts';

export interface PageOptions {
  /** The page offers to change the embedded Waldur. */
  readonly isEmbedded: boolean;
  /** The page links to the explorer. */
  readonly hasExplorer: boolean;
}

export interface Page {
  readonly html: string;
  readonly etag: string;
}

/** A camera shutter, as in the explorer. For a page without an icon, browsers request /favicon.ico. */
const ICON =
  "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'%3E%3Ccircle cx='8' cy='8' r='7' fill='%230b6e8a'/%3E%3Ccircle cx='8' cy='8' r='3' fill='white'/%3E%3C/svg%3E";

/**
 * Everything comes from the gateway itself, nothing is inline, and the page cannot be framed. Trusted types: no string can become markup,
 * whatever the names of snapshots contain.
 */
export const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "connect-src 'self'",
  'img-src data:',
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
  "trusted-types 'none'",
].join('; ');

/**
 * The page contains no address and no token. Its links are relative to `/live`, so it works below any path prefix, also one that the gateway
 * does not know.
 */
export function dashboardPage({ script, style }: Bundle, { isEmbedded, hasExplorer }: PageOptions): Page {
  const html = `<!doctype html>
<html lang="en"${isEmbedded ? ' data-embedded' : ''}${hasExplorer ? ' data-explorer' : ''}>
<head>
<meta charset="utf-8">
<title>Waldur snapshots</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<link rel="icon" href="${ICON}">
<link rel="stylesheet" href="live/assets/${style.name}">
<script type="module" src="live/assets/${script.name}"></script>
</head>
<body>
<noscript><p>This page needs JavaScript.</p></noscript>
</body>
</html>
`;
  return { html, etag: `"${createHash('sha256').update(html).digest('hex').slice(0, 16)}"` };
}
