import { parseArgs } from 'node:util';
import type { Dataset, Generation } from './model.ts';

export interface SimulatorOptions {
  /** 0: any free one. */
  port: number;
  /** The world to begin with; a made-up one when absent. */
  dataset?: Dataset;
  /** Nothing moves by itself. */
  frozen: boolean;
  /** World seconds for each real one. */
  scale: number;
  /** Of the made-up world, and of faults with a probability. */
  seed: number;
  /** How many snapshots the made-up world has. */
  snapshots: number;
  waldur: Generation;
  /** `real`: answers take as long as they take there, one at a time for each user. */
  cost: 'none' | 'real';
}

/** A restore takes 33 s in Waldur: at this pace one sees it happen in five. */
export const DEFAULT_OPTIONS: SimulatorOptions = {
  port: 0,
  frozen: false,
  scale: 6,
  seed: 1,
  snapshots: 500,
  waldur: '2026',
  cost: 'none',
};

const DEFAULT_PORT = 4001;
const MOST_SNAPSHOTS = 10_000;

/** A command line that cannot be used; the message is one line for the person who typed it. */
export class OptionError extends Error {}

export type CommandLine =
  | { kind: 'help'; text: string }
  | { kind: 'run'; options: Omit<SimulatorOptions, 'dataset'>; datasetFile: string | undefined };

export const HELP = `Usage: npm run simulator -- [options]

An embedded Waldur: the REST API of OpenStack snapshots and volumes on a made-up or recorded world.

  --port N             port on 127.0.0.1, 0 = any free one (${DEFAULT_PORT})
  --dataset FILE       begin with a recorded world instead of the made-up one
  --frozen             states do not move by themselves; POST /__sim/clock moves them
  --scale X            how much faster than real time the world runs (${DEFAULT_OPTIONS.scale})
  --seed N             another made-up world (${DEFAULT_OPTIONS.seed})
  --snapshots N        its size, 1 to ${MOST_SNAPSHOTS} (${DEFAULT_OPTIONS.snapshots})
  --waldur 2024|2026   which version is imitated (${DEFAULT_OPTIONS.waldur})
  --cost none|real     real: answers take as long as in a real Waldur, one at a time for each user (${DEFAULT_OPTIONS.cost})
  --help               this text
`;

/** Reads the command line. @throws OptionError with one line that names the flag and what it takes. */
export function parseCommandLine(words: readonly string[]): CommandLine {
  const flags = readFlags(words);
  if (flags.help === true) return { kind: 'help', text: HELP };
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
      waldur: choice('waldur', flags.waldur, DEFAULT_OPTIONS.waldur, ['2024', '2026']),
      cost: choice('cost', flags.cost, DEFAULT_OPTIONS.cost, ['none', 'real']),
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
        waldur: { type: 'string' },
        cost: { type: 'string' },
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
    throw new OptionError(`--${name} takes a ${whole ? 'whole ' : ''}number from ${least} to ${most}, not "${text}"`);
  }
  return value;
}

function choice<T extends string>(name: string, text: string | undefined, fallback: T, allowed: readonly T[]): T {
  if (text === undefined) return fallback;
  const found = allowed.find((one) => one === text);
  if (found === undefined) throw new OptionError(`--${name} takes ${allowed.join(' or ')}, not "${text}"`);
  return found;
}
