import { parseArgs } from 'node:util';
import { CONDITIONS, type Condition } from './conditions.ts';
import { BASELINE, SERVERS, type Server } from './servers.ts';
import { WORK_TITLES, type WorkName } from './works.ts';

export interface Options {
  /** Of each window of load. */
  readonly seconds: number;
  readonly rounds: number;
  readonly connections: number;
  /** Starts of each server, for the time to its first answer. */
  readonly starts: number;
  readonly servers: readonly Server[];
  readonly conditions: readonly Condition[];
  readonly works: readonly WorkName[];
  /** Only a whole run is kept; the report of others is printed. */
  readonly isWhole: boolean;
  /** Measure nothing, write the report of the runs that are kept. */
  readonly isReport: boolean;
}

const CONNECTIONS = 50;
const WORKS = Object.keys(WORK_TITLES) as WorkName[];

export const HELP = `npm run bench -- queries [options]

  --seconds S   length of each window of load (1)
  --rounds N    rounds, in each of which every server has its turn (5); conditions other than the plain one have half of them
  --only A,B    only these servers, besides the pass-through: ${SERVERS.map(({ name }) => name).join(', ')}
  --conditions A,B  only these: ${CONDITIONS.map(({ name }) => name).join(', ')}
  --works A,B   only these: ${WORKS.join(', ')}
  --quick       very short windows, one round: to see that it works, not for figures
  --report      measures nothing; writes the report of the runs that are kept
  --help        this text

A run without --only, --conditions, --works and --quick is kept in bench/results, and bench/RESULTS.md, bench/chart.svg and the
figures of README.md are written of all runs kept. It takes about 20 minutes. Ends with 1 when a floor is missed.
`;

/** Reads the command line; undefined when help was asked for. @throws Error with one line for the person who typed it. */
export function readOptions(words: readonly string[]): Options | undefined {
  const { values } = parseArgs({
    args: [...words],
    options: {
      seconds: { type: 'string' },
      rounds: { type: 'string' },
      only: { type: 'string' },
      conditions: { type: 'string' },
      works: { type: 'string' },
      quick: { type: 'boolean', default: false },
      report: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return undefined;
  const { quick, only, conditions, works, report } = values;
  return {
    seconds: positive('--seconds', values.seconds) ?? (quick ? 0.3 : 1),
    rounds: Math.ceil(positive('--rounds', values.rounds) ?? (quick ? 1 : 5)),
    connections: CONNECTIONS,
    starts: quick ? 1 : 3,
    servers: SERVERS.filter(({ name }) => name === BASELINE || isChosen('--only', only, name, SERVERS.map(nameOf))),
    conditions: CONDITIONS.filter(({ name }) => isChosen('--conditions', conditions, name, CONDITIONS.map(nameOf))),
    works: WORKS.filter((name) => isChosen('--works', works, name, WORKS)),
    isWhole: !quick && [only, conditions, works].every((list) => list === undefined),
    isReport: report,
  };
}

function positive(flag: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (!(value > 0)) throw new Error(`${flag}: a number above 0, not ${JSON.stringify(text)}`);
  return value;
}

const nameOf = ({ name }: { readonly name: string }): string => name;

/** Whether a comma-separated list has this name; without a list all are chosen. @throws Error when the list has a name that is not known. */
function isChosen(flag: string, list: string | undefined, name: string, known: readonly string[]): boolean {
  if (list === undefined) return true;
  const names = list.split(',');
  const unknown = names.find((each) => !known.includes(each));
  if (unknown !== undefined) throw new Error(`${flag}: ${unknown} is unknown; known are ${known.join(', ')}`);
  return names.includes(name);
}
