import { parseArgs } from 'node:util';
import type { Dataset, Generation } from './model.ts';

export interface SimulatorOptions {
  /** 0 picks a free port. */
  port: number;
  /** The initial world. The default is the made-up one. */
  dataset?: Dataset;
  /** States change only when the clock is advanced. */
  frozen: boolean;
  /** Factor by which Waldur's waits are shorter than in reality. */
  scale: number;
  /** For the made-up world, its activity, and faults with a probability. */
  seed: number;
  /** Number of snapshots in the made-up world. */
  snapshots: number;
  /** Others change snapshots of the made-up world now and then. */
  activity: boolean;
  waldur: Generation;
  /** `real`: responses take as long as in a real Waldur, one at a time per user. */
  cost: 'none' | 'real';
  /** With cost `real`: requests at the same time over all users, as with the processes of a real Waldur. The rest waits in order. */
  workers: number;
}

/** A restore takes 33 s in Waldur. The default scale shortens it to about 5 s. */
export const DEFAULT_OPTIONS: SimulatorOptions = {
  port: 0,
  frozen: false,
  scale: 6,
  seed: 1,
  snapshots: 500,
  // Tests need a world that changes only by what they do. The programs switch it on.
  activity: false,
  waldur: '2026',
  cost: 'none',
  workers: Number.POSITIVE_INFINITY,
};

const DEFAULT_PORT = 4001;
const MOST_SNAPSHOTS = 10_000;
const MOST_WORKERS = 1_000;

/** An invalid command line. The message is one line for the user. */
export class OptionError extends Error {}

export type CommandLine =
  | { kind: 'help'; text: string }
  | { kind: 'run'; options: Omit<SimulatorOptions, 'dataset'>; datasetFile: string | undefined };

export const HELP = `Usage: npm run simulator -- [options]

An embedded Waldur: the REST API of OpenStack snapshots and volumes, with made-up or recorded data.

  --port N             port on 127.0.0.1, 0 picks a free one (${DEFAULT_PORT})
  --dataset FILE       start with this dataset instead of the made-up world
  --frozen             states change only when POST /__sim/clock advances the time
  --scale X            factor by which Waldur's waits are shorter than in reality (${DEFAULT_OPTIONS.scale})
  --seed N             seed of the made-up world (${DEFAULT_OPTIONS.seed})
  --snapshots N        number of snapshots in the made-up world, 1 to ${MOST_SNAPSHOTS} (${DEFAULT_OPTIONS.snapshots})
  --activity on|off    others change snapshots of the made-up world every few seconds (on)
  --waldur 2024|2026   version of Waldur (${DEFAULT_OPTIONS.waldur})
  --cost none|real     real: responses take as long as in a real Waldur, one at a time per user (${DEFAULT_OPTIONS.cost})
  --workers N          with --cost real: requests at the same time over all users, 1 to ${MOST_WORKERS} (no limit)
  --help               print this help
`;

/** Parses the command line. @throws OptionError with a one-line message that names the option. */
export function parseCommandLine(words: readonly string[]): CommandLine {
  const flags = readFlags(words);
  if (flags.help === true) return { kind: 'help', text: HELP };
  if (flags.workers !== undefined && flags.cost !== 'real') {
    throw new OptionError('--workers needs --cost real: without it no request takes any time');
  }
  return {
    kind: 'run',
    datasetFile: flags.dataset,
    options: {
      port: number('port', flags.port, DEFAULT_PORT, { least: 0, most: 65_535, whole: true }),
      frozen: flags.frozen ?? DEFAULT_OPTIONS.frozen,
      scale: number('scale', flags.scale, DEFAULT_OPTIONS.scale, { least: 0.001, most: 100_000, whole: false }),
      seed: number('seed', flags.seed, DEFAULT_OPTIONS.seed, { least: 0, most: 2 ** 32 - 1, whole: true }),
      snapshots: number('snapshots', flags.snapshots, DEFAULT_OPTIONS.snapshots, {
        least: 1,
        most: MOST_SNAPSHOTS,
        whole: true,
      }),
      activity: choice('activity', flags.activity, 'on', ['on', 'off']) === 'on',
      waldur: choice('waldur', flags.waldur, DEFAULT_OPTIONS.waldur, ['2024', '2026']),
      cost: choice('cost', flags.cost, DEFAULT_OPTIONS.cost, ['none', 'real']),
      workers: number('workers', flags.workers, DEFAULT_OPTIONS.workers, { least: 1, most: MOST_WORKERS, whole: true }),
    },
  };
}

function readFlags(words: readonly string[]) {
  try {
    const { values } = parseArgs({
      args: [...words],
      options: {
        port: { type: 'string' },
        dataset: { type: 'string' },
        frozen: { type: 'boolean' },
        scale: { type: 'string' },
        seed: { type: 'string' },
        snapshots: { type: 'string' },
        activity: { type: 'string' },
        waldur: { type: 'string' },
        cost: { type: 'string' },
        workers: { type: 'string' },
        help: { type: 'boolean' },
      },
    });
    return values;
  } catch (error) {
    const [firstLine] = String(error instanceof Error ? error.message : error).split('\n');
    throw new OptionError(`${firstLine} (--help lists the options)`);
  }
}

function number(
  name: string,
  text: string | undefined,
  fallback: number,
  { least, most, whole }: { least: number; most: number; whole: boolean },
): number {
  if (text === undefined) return fallback;
  const value = text.trim() === '' ? Number.NaN : Number(text);
  if (!(value >= least && value <= most) || (whole && !Number.isInteger(value))) {
    throw new OptionError(
      `--${name} must be ${whole ? 'an integer' : 'a number'} from ${least} to ${most}, got "${text}"`,
    );
  }
  return value;
}

function choice<T extends string>(name: string, text: string | undefined, fallback: T, allowed: readonly T[]): T {
  if (text === undefined) return fallback;
  const found = allowed.find((one) => one === text);
  if (found === undefined) throw new OptionError(`--${name} must be ${allowed.join(' or ')}, got "${text}"`);
  return found;
}
