import { table } from '../lib/markdown.ts';
import { bothGenerators, describeRuns } from './ranges.ts';
import type { RunRecord } from './record.ts';
import { STRONGEST, titleOf } from './servers.ts';
import { WORK_TITLES, type WorkName } from './works.ts';

const BEGIN = '<!-- figures of bench/results, written by `npm run bench` -->';
const END = '<!-- end of figures -->';

/** The README with the figures of all runs between its two marks. @throws when it does not have them. */
export function withFigures(readme: string, runs: readonly RunRecord[]): string {
  const [begin, end] = [readme.indexOf(BEGIN), readme.indexOf(END)];
  if (begin < 0 || end < begin) throw new Error('README.md has no place for the figures');
  const rows = (Object.keys(WORK_TITLES) as WorkName[]).map((work) => [
    WORK_TITLES[work],
    work === 'volumes' ? '-' : bothGenerators(runs, work, 'ours', 'ofBaseline'),
    bothGenerators(runs, work, 'ours', 'ofStrongest'),
  ]);
  const figures = [
    table(['Requests a second', 'of the pass-through', `of ${titleOf(STRONGEST)}`], rows),
    describeRuns(runs),
  ].join('\n\n');
  return `${readme.slice(0, begin + BEGIN.length)}\n\n${figures}\n\n${readme.slice(end)}`;
}
