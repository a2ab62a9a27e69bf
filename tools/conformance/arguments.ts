import { parseArgs } from 'node:util';

/** An invalid command line. The message is one line for the user, without tokens. */
export class UsageError extends Error {}

export type Target =
  | { readonly kind: 'embedded'; readonly waldur: '2024' | '2026' }
  | { readonly kind: 'url'; readonly url: string; readonly token: string };

export interface Arguments {
  readonly target: Target;
  readonly destructive: boolean;
  /** Hyphens are allowed. */
  readonly volume: string | undefined;
  readonly staffToken: string | undefined;
  readonly timeoutMs: number;
  readonly json: boolean;
}

const DEFAULT_TIMEOUT_S = 180;
const LONGEST_TIMEOUT_S = 86_400;

export const HELP = `Usage: npm run conformance -- [--url URL --token TOKEN] [options]

Checks that a Waldur server behaves as the gateway expects. Without --url it starts and checks the embedded Waldur.

  --url URL              URL of a Waldur server, with or without /api/
  --token TOKEN          token of a user who sees snapshots; with --destructive, of a user who may change them
  --destructive          also create, change and delete a snapshot, and clean up afterwards
  --volume UUID          volume of which snapshots are created (required with --url and --destructive)
  --staff-token TOKEN    token of a staff user, to check staff operations and to unlink objects that cannot be deleted
  --timeout SECONDS      timeout of one operation (${DEFAULT_TIMEOUT_S})
  --waldur 2024|2026     version of the embedded Waldur (2026)
  --json                 print a JSON document instead of a table
  --help                 print this help

Prefer the variables WALDUR_TOKEN and WALDUR_STAFF_TOKEN for tokens: npm and process lists show the command line.

Exit code: 0 if all checks passed, 1 if a check failed, 2 if the checks could not run.
`;

/** Variables for tokens. npm and process lists show the command line. */
export interface Environment {
  readonly WALDUR_TOKEN?: string | undefined;
  readonly WALDUR_STAFF_TOKEN?: string | undefined;
}

/** Parses the command line. The result is undefined for --help. @throws UsageError */
export function parseArguments(words: readonly string[], environment: Environment): Arguments | undefined {
  const flags = readFlags(words);
  if (flags.help === true) return undefined;
  const { destructive = false, json = false, volume } = flags;
  const target = targetOf(flags, environment);
  const given = token('--staff-token', flags['staff-token']);
  if (!destructive) {
    if (volume !== undefined) throw new UsageError('--volume requires --destructive');
    if (given !== undefined) throw new UsageError('--staff-token requires --destructive');
  }
  if (destructive && target.kind === 'url' && volume === undefined) {
    throw new UsageError('--destructive requires --volume UUID, the volume of which snapshots are created');
  }
  const kept = target.kind === 'url' ? token('WALDUR_STAFF_TOKEN', environment.WALDUR_STAFF_TOKEN) : undefined;
  const staffToken = given ?? kept;
  return { target, destructive, json, volume: uuid(volume), staffToken, timeoutMs: seconds(flags.timeout) * 1000 };
}

type Flags = ReturnType<typeof readFlags>;

function readFlags(words: readonly string[]) {
  try {
    const { values } = parseArgs({
      args: [...words],
      options: {
        url: { type: 'string' },
        token: { type: 'string' },
        destructive: { type: 'boolean' },
        volume: { type: 'string' },
        'staff-token': { type: 'string' },
        timeout: { type: 'string' },
        waldur: { type: 'string' },
        json: { type: 'boolean' },
        help: { type: 'boolean' },
      },
    });
    return values;
  } catch (error) {
    const named = /'(--?[\w-]+)/.exec(error instanceof Error ? error.message : '')?.[1];
    // The message of the parser quotes the argument, which may be a token.
    const what = named === undefined ? 'unexpected argument' : `invalid use of ${named}`;
    throw new UsageError(`${what}; --help lists the options`);
  }
}

function targetOf(flags: Flags, { WALDUR_TOKEN }: Environment): Target {
  const { url, waldur } = flags;
  const given = token('--token', flags.token);
  if (url === undefined) {
    if (given !== undefined) throw new UsageError('--token requires --url; the embedded Waldur has its own tokens');
    return { kind: 'embedded', waldur: generation(waldur) };
  }
  if (waldur !== undefined) throw new UsageError('--waldur must not be used with --url');
  const used = given ?? token('WALDUR_TOKEN', WALDUR_TOKEN);
  if (used === undefined) throw new UsageError('--url requires --token TOKEN or the variable WALDUR_TOKEN');
  const parsed = URL.parse(url);
  if (parsed === null || !/^https?:$/.test(parsed.protocol)) {
    throw new UsageError('--url must be an http:// or https:// URL');
  }
  if (parsed.username !== '' || parsed.password !== '') throw new UsageError('--url must not contain credentials');
  return { kind: 'url', url, token: used };
}

function generation(text: string | undefined): '2024' | '2026' {
  if (text === undefined || text === '2026') return '2026';
  if (text === '2024') return '2024';
  throw new UsageError(`--waldur must be 2024 or 2026, got "${text}"`);
}

/** Other characters are not allowed in headers, and HTTP clients would quote the token in their errors. */
function token(flag: string, text: string | undefined): string | undefined {
  if (text !== undefined && !/^[\x21-\x7e]+$/.test(text)) {
    throw new UsageError(`${flag} must be one word of printable ASCII characters`);
  }
  return text;
}

const UUID = /^(?:[0-9a-f]{32}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/i;

function uuid(text: string | undefined): string | undefined {
  if (text !== undefined && !UUID.test(text)) {
    throw new UsageError('--volume must be a UUID, with or without hyphens');
  }
  return text?.toLowerCase().replaceAll('-', '');
}

function seconds(text: string | undefined): number {
  if (text === undefined) return DEFAULT_TIMEOUT_S;
  const value = text.trim() === '' ? Number.NaN : Number(text);
  if (!(value > 0 && value <= LONGEST_TIMEOUT_S)) {
    throw new UsageError(`--timeout must be a number of seconds above 0 and up to ${LONGEST_TIMEOUT_S}, got "${text}"`);
  }
  return value;
}
