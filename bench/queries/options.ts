import { parseArgs } from 'node:util';
import { SERVERS, type Server, type ServerName } from './servers.ts';

export interface Options {
  /** Of each window of load. */
  readonly seconds: number;
  readonly rounds: number;
  readonly connections: number;
  /** Starts of each server, for the time to its first answer. */
  readonly starts: number;
  readonly servers: readonly Server[];
  /** Only a whole run replaces the published results; others are printed. */
  readonly isWhole: boolean;
}

/** What ratios are made of. */
export const BASELINE: ServerName = 'passthrough';
const CONNECTIONS = 50;

export const HELP = `npm run bench -- queries [options]

  --seconds S   length of each window of load (1.5)
  --rounds N    rounds, in each of which every server has its turn (7)
  --only A,B    only these servers, besides the pass-through: ${SERVERS.map(({ name }) => name).join(', ')}
  --quick       short windows, two rounds: to see that it works, not for figures
  --help        this text

A run without --only and --quick writes bench/RESULTS.md and bench/chart.svg; others print the report.
`;

/** Reads the command line; undefined when help was asked for. @throws Error with one line for the person who typed it. */
export function readOptions(words: readonly string[]): Options | undefined {
  const { values } = parseArgs({
    args: [...words],
    options: {
      seconds: { type: 'string' },
      rounds: { type: 'string' },
      only: { type: 'string' },
      quick: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return undefined;
  const { quick, only } = values;
  return {
    seconds: positive('--seconds', values.seconds) ?? (quick ? 0.5 : 1.5),
    rounds: Math.ceil(positive('--rounds', values.rounds) ?? (quick ? 2 : 7)),
    connections: CONNECTIONS,
    starts: quick ? 1 : 5,
    servers: only === undefined ? SERVERS : chosen(only.split(',')),
    isWhole: !quick && only === undefined,
  };
}

function positive(flag: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (!(value > 0)) throw new Error(`${flag}: a number above 0, not ${JSON.stringify(text)}`);
  return value;
}

function chosen(names: readonly string[]): Server[] {
  const unknown = names.find((name) => !SERVERS.some((server) => server.name === name));
  if (unknown !== undefined) {
    throw new Error(`--only: there is no ${unknown}; there are ${SERVERS.map(({ name }) => name).join(', ')}`);
  }
  return SERVERS.filter(({ name }) => name === BASELINE || names.includes(name));
}
