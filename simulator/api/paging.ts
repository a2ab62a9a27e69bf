import { type Call, refused } from './exchange.ts';

const DEFAULT_SIZE = 10;
const MAX_SIZE = 300;

export interface Page<Row> {
  readonly rows: readonly Row[];
  readonly headers: Readonly<Record<string, string>>;
}

const parameter = ({ query }: Call, name: string): string => query.findLast(([key]) => key === name)?.[1].trim() ?? '';
const whole = (text: string): number | undefined => (/^[+-]?\d+$/.test(text) ? Number(text) : undefined);

/**
 * Cuts a page out of a list (contract 3.5).
 * @param path of the list, for the links.
 * @throws HttpError 404 for a page that does not exist.
 */
export function paginate<Row>(all: readonly Row[], call: Call, path: string): Page<Row> {
  const asked = whole(parameter(call, 'page_size')) ?? 0;
  const size = asked < 1 ? DEFAULT_SIZE : Math.min(asked, MAX_SIZE);
  const last = Math.max(1, Math.ceil(all.length / size));
  const given = parameter(call, 'page');
  const page = given === '' ? 1 : given === 'last' ? last : whole(given);
  if (page === undefined || page < 1 || page > last) throw refused(404, 'Invalid page.');
  const links = [
    ['first', 1],
    ...(page > 1 ? [['prev', page - 1] as const] : []),
    ...(page < last ? [['next', page + 1] as const] : []),
    ['last', last],
  ] as const;
  return {
    rows: all.slice((page - 1) * size, page * size),
    headers: {
      'X-Result-Count': String(all.length),
      Link: links.map(([rel, number]) => `<${linkTo(call, path, number)}>; rel="${rel}"`).join(', '),
    },
  };
}

/** The other parameters sorted by name; page 1 carries no `page`. */
function linkTo({ origin, query }: Call, path: string, page: number): string {
  const parameters = query.filter(([name]) => name !== 'page');
  if (page > 1) parameters.push(['page', String(page)]);
  const sorted = parameters.toSorted(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
  const text = sorted.map(([name, value]) => `${encode(name)}=${encode(value)}`).join('&');
  return `${origin}${path}${text === '' ? '' : `?${text}`}`;
}

/** Python's `quote_plus`. */
const encode = (text: string): string =>
  encodeURIComponent(text.toWellFormed())
    .replace(/[!'()*]/g, (mark) => `%${mark.charCodeAt(0).toString(16).toUpperCase()}`)
    .replaceAll('%20', '+');
