import { type Asset, dashboardBundle } from './dashboard/bundle.ts';
import { dashboardPage, type PageOptions, POLICY } from './dashboard/page.ts';
import type { Exchange, HttpAnswer } from './exchange.ts';
import { READ_ONLY, type Route } from './router.ts';

/** A control endpoint of the embedded Waldur. */
export type Control = (method: string, target: string, body: Buffer) => HttpAnswer;

export interface DashboardOptions extends Pick<PageOptions, 'hasExplorer'> {
  /** Undefined with a real Waldur. */
  readonly control: Control | undefined;
}

const PAGE = '/live';
const ASSETS = '/live/assets/';
const CONTROL = '/live/simulator/';

/** The page works with a token, so other pages must not open or embed it. */
const PAGE_HEADERS = {
  'content-type': 'text/html; charset=utf-8',
  // Browsers ask each time, and get 304 while nothing has changed.
  'cache-control': 'no-cache',
  'content-security-policy': POLICY,
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
};

const ASSET_HEADERS = {
  'cache-control': 'public, max-age=31536000, immutable',
  'content-security-policy': "default-src 'none'",
  'cross-origin-resource-policy': 'same-origin',
  vary: 'Origin, Accept-Encoding',
};

const NO_FILE = { status: 404, code: 'NOT_FOUND', message: 'This file does not exist.' } as const;

/** The endpoints of the embedded Waldur that the page uses. The others change its clock or its whole world. */
const OFFERED = /^(?:tokens(?:\/\w+\/revoke)?|faults|cloud\/failures|snapshots(?:\/\w+)?|reset)$/;
const CONTROL_METHODS: readonly string[] = ['GET', 'POST', 'PATCH', 'DELETE'];

/** The dashboard at `/live`, its files, and with the embedded Waldur also what makes something happen there. */
export function dashboardRoutes({ control, hasExplorer }: DashboardOptions): readonly Route[] {
  const isEmbedded = control !== undefined;
  return [
    { path: PAGE, methods: READ_ONLY, handle: (exchange) => sendPage(exchange, { isEmbedded, hasExplorer }) },
    { path: `${ASSETS}*`, methods: READ_ONLY, handle: sendAsset },
    ...(control === undefined
      ? []
      : [
          {
            path: `${CONTROL}*`,
            methods: CONTROL_METHODS,
            handle: (exchange: Exchange) => runControl(exchange, control),
          },
        ]),
  ];
}

async function sendPage(exchange: Exchange, options: PageOptions): Promise<void> {
  const [path = '', query] = exchange.url.split('?', 2);
  if (path.endsWith('/')) {
    // The links of the page are relative to the path without the slash.
    const location = `../live${query === undefined ? '' : `?${query}`}`;
    return exchange.answer({ status: 308, headers: { location } });
  }
  const { html, etag } = dashboardPage(await dashboardBundle(), options);
  exchange.answer(unlessKnown(exchange, etag, PAGE_HEADERS, html));
}

async function sendAsset(exchange: Exchange): Promise<void> {
  const name = exchange.url.slice(ASSETS.length).split('?', 1)[0];
  const { script, style } = await dashboardBundle();
  const asset = [script, style].find((one) => one.name === name);
  if (asset === undefined) return exchange.refuse(NO_FILE);
  const encoding = encodingFor(exchange.headers['accept-encoding']);
  const headers = {
    ...ASSET_HEADERS,
    'content-type': asset.contentType,
    ...(encoding !== 'identity' && { 'content-encoding': encoding }),
  };
  exchange.answer(unlessKnown(exchange, `"${asset.hash}-${encoding}"`, headers, asset[encoding]));
}

/** The answer, or 304 when the browser has it. */
function unlessKnown(
  exchange: Exchange,
  etag: string,
  given: Readonly<Record<string, string>>,
  body: string | Uint8Array,
): HttpAnswer {
  const headers = { ...given, etag };
  const known = exchange.headers['if-none-match']?.split(',').map((one) => one.trim().replace(/^W\//, '')) ?? [];
  return known.includes(etag) || known.includes('*') ? { status: 304, headers } : { status: 200, headers, body };
}

/** The smallest encoding that the browser accepts. */
function encodingFor(accepted = ''): keyof Pick<Asset, 'br' | 'gzip' | 'identity'> {
  const accepts = (name: string): boolean =>
    accepted.split(',').some((one) => {
      const [coding = '', ...parameters] = one.split(';').map((part) => part.trim().toLowerCase());
      return coding === name && !parameters.some((part) => /^q=0(?:\.0*)?$/.test(part));
    });
  if (accepts('br')) return 'br';
  return accepts('gzip') ? 'gzip' : 'identity';
}

/**
 * Passes a request on to the embedded Waldur, which the page could not reach otherwise: it has another origin. Only this page may use it: a
 * page of another origin can send no JSON without permission, and old browsers apart, the browser names where a request comes from.
 */
async function runControl(exchange: Exchange, control: Control): Promise<void> {
  const { method, url, headers } = exchange;
  const target = url.slice(CONTROL.length);
  if (!OFFERED.test(target)) return exchange.refuse(NO_FILE);
  const site = headers['sec-fetch-site'];
  const isJson = method === 'GET' || method === 'HEAD' || /^application\/json\b/i.test(headers['content-type'] ?? '');
  if ((site !== undefined && site !== 'same-origin') || !isJson) {
    const message = 'Only the dashboard may use this path, with the content type application/json.';
    return exchange.refuse({ status: 403, code: 'FORBIDDEN', message });
  }
  const body = await exchange.readBody();
  if (body === undefined) return;
  exchange.answer(control(method === 'HEAD' ? 'GET' : method, `/__sim/${target}`, body));
}
