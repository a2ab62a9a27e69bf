import { parseArgs } from 'node:util';

/** A command line that cannot be used; the message is one line for the person who typed it, and names no token. */
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

Checks a Waldur for what the gateway relies on. Without --url it checks the embedded one, which it starts itself.

  --url URL              address of a Waldur, with or without /api/
  --token TOKEN          of a user who sees snapshots; with --destructive one who may change them
  --destructive          also make a snapshot, walk it through its life and take everything away again
  --volume UUID          of which snapshots are made (needed with --url and --destructive)
  --staff-token TOKEN    also check what only staff may do, and unlink what cannot be deleted
  --timeout SECONDS      how long one operation may take (${DEFAULT_TIMEOUT_S})
  --waldur 2024|2026     which version the embedded one imitates (2026)
  --json                 one JSON document instead of a table
  --help                 this text

The tokens may be in WALDUR_TOKEN and WALDUR_STAFF_TOKEN instead: npm prints the command line, and process lists show it.

Exit code: 0 nothing failed, 1 a check failed, 2 it could not run.
`;

/** Where tokens may stand instead, out of sight: npm prints the words of the command line, and so do process lists. */
export interface Environment {
  readonly WALDUR_TOKEN?: string | undefined;
  readonly WALDUR_STAFF_TOKEN?: string | undefined;
}

/** Reads the command line; undefined when help was asked for. @throws UsageError */
export function parseArguments(words: readonly string[], environment: Environment): Arguments | undefined {
  const flags = readFlags(words);
  if (flags.help === true) return undefined;
  const { destructive = false, json = false, volume } = flags;
  const target = targetOf(flags, environment);
  const given = token('--staff-token', flags['staff-token']);
  if (!destructive) {
    if (volume !== undefined) throw new UsageError('--volume goes with --destructive only');
    if (given !== undefined) throw new UsageError('--staff-token goes with --destructive only');
  }
  if (destructive && target.kind === 'url' && volume === undefined) {
    throw new UsageError('--destructive needs --volume UUID: snapshots are made of that volume');
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
    // The parser's own message quotes what was typed, which may be a token.
    const what = named === undefined ? 'there is a word that belongs to no option' : `${named} cannot be used so`;
    throw new UsageError(`${what}; --help lists the options`);
  }
}

function targetOf(flags: Flags, { WALDUR_TOKEN }: Environment): Target {
  const { url, waldur } = flags;
  const given = token('--token', flags.token);
  if (url === undefined) {
    if (given !== undefined) throw new UsageError('--token goes with --url; the embedded Waldur has its own');
    return { kind: 'embedded', waldur: generation(waldur) };
  }
  if (waldur !== undefined)
    throw new UsageError('--waldur is for the embedded one only; what --url names tells itself');
  const used = given ?? token('WALDUR_TOKEN', WALDUR_TOKEN);
  if (used === undefined) throw new UsageError('--url needs --token TOKEN, or WALDUR_TOKEN in the environment');
  const parsed = URL.parse(url);
  if (parsed === null || !/^https?:$/.test(parsed.protocol)) {
    throw new UsageError('--url takes an address that begins with http:// or https://');
  }
  if (parsed.username !== '' || parsed.password !== '') throw new UsageError('--url takes no user or password');
  return { kind: 'url', url, token: used };
}

function generation(text: string | undefined): '2024' | '2026' {
  if (text === undefined || text === '2026') return '2026';
  if (text === '2024') return '2024';
  throw new UsageError(`--waldur takes 2024 or 2026, not "${text}"`);
}

/** What is not printable cannot stand in a header, and clients quote such values in their errors. */
function token(flag: string, text: string | undefined): string | undefined {
  if (text !== undefined && !/^[\x21-\x7e]+$/.test(text)) {
    throw new UsageError(`${flag} takes one word of printable ASCII characters`);
  }
  return text;
}

const UUID = /^(?:[0-9a-f]{32}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/i;

function uuid(text: string | undefined): string | undefined {
  if (text !== undefined && !UUID.test(text)) {
    throw new UsageError('--volume takes 32 hexadecimal digits, with or without hyphens');
  }
  return text?.toLowerCase().replaceAll('-', '');
}

function seconds(text: string | undefined): number {
  if (text === undefined) return DEFAULT_TIMEOUT_S;
  const value = text.trim() === '' ? Number.NaN : Number(text);
  if (!(value > 0 && value <= LONGEST_TIMEOUT_S)) {
    throw new UsageError(`--timeout takes a number of seconds up to ${LONGEST_TIMEOUT_S}, not "${text}"`);
  }
  return value;
}
