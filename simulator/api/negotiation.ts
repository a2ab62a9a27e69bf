import { HttpError } from './exchange.ts';

/** What an answer is written as: JSON, or the page that a browser gets. */
export type Format = 'json' | 'html';

interface Range {
  readonly type: string;
  readonly precedence: number;
}

/**
 * Chooses by `format` and Accept (contract 5). The framework looks at how specific a range is, not at its quality: the most
 * specific ones decide, JSON first.
 * @throws HttpError 404 for an unknown `format`, 406 if no format is acceptable. Both precede authentication.
 */
export function negotiate(accept: string | undefined, format: string | undefined): Format {
  if (format !== undefined && format !== '') {
    if (format !== 'json' && format !== 'api') throw new HttpError(404, { detail: 'Not found.' });
    const chosen = format === 'json' ? 'json' : 'html';
    if (accept === undefined || rangesOf(accept).some(({ type }) => matches(type, chosen))) return chosen;
    throw notAcceptable();
  }
  if (accept === undefined) return 'json';
  const ranges = rangesOf(accept);
  for (const precedence of [3, 2, 1, 0]) {
    const equal = ranges.filter((range) => range.precedence === precedence);
    if (equal.some(({ type }) => matches(type, 'json'))) return 'json';
    if (equal.some(({ type }) => matches(type, 'html'))) return 'html';
  }
  throw notAcceptable();
}

const notAcceptable = (): HttpError => new HttpError(406, { detail: 'Could not satisfy the request Accept header.' });

function rangesOf(accept: string): Range[] {
  return accept.split(',').map((item) => {
    const [type = '', ...parameters] = item.split(';').map((part) => part.trim().toLowerCase());
    const others = parameters.filter((parameter) => !parameter.startsWith('q='));
    const precedence = type === '*/*' ? 0 : type.endsWith('/*') ? 1 : others.length === 0 ? 2 : 3;
    return { type, precedence };
  });
}

const TYPES = { json: 'application/json', html: 'text/html' };

function matches(range: string, format: Format): boolean {
  const [main, sub] = range.split('/');
  const [ownMain, ownSub] = TYPES[format].split('/');
  return (main === '*' || main === ownMain) && (sub === '*' || sub === ownSub) && sub !== undefined;
}
