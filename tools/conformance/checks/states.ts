import type { Check } from '../check.ts';
import { ensure, refuses, rows, same, total } from '../expect.ts';
import {
  type Kind,
  labelOf,
  labelsOf,
  PAGE,
  SNAPSHOTS,
  type Spelling,
  type Subject,
  spellingOf,
  VOLUMES,
} from '../subject.ts';
import { query } from '../values.ts';

const states = (kind: Kind): readonly Check<Subject>[] => [
  {
    id: `state.${kind.id}-filter`,
    statement: `The filter state finds ${kind.id}s in that state. If repeated, it finds those in any of the states.`,
    section: '3.1',
    async run({ waldur, spelling, samples }) {
      const [ok, erred] = [labelOf('OK', spelling), labelOf('ERRED', spelling)];
      const found = async (state: readonly string[]) => {
        const answer = await waldur.get(kind.path + query({ state, field: ['uuid', 'state'], page_size: PAGE }));
        for (const row of rows(answer)) ensure(state.includes(String(row.state)), `${row.uuid} is ${row.state}`);
        return total(answer) ?? 0;
      };
      const sum = (await found([ok])) + (await found([erred]));
      same(`rows in ${ok} or ${erred}`, await found([ok, erred]), sum);
      same('rows in any state', await found(labelsOf(spelling)), await samples.total(kind));
    },
  },
  {
    id: `state.${kind.id}-unknown`,
    statement: `The filter state rejects an unknown state, an empty value and a comma-separated list with a 400 that names it.`,
    section: '3.1',
    async run({ waldur, spelling }) {
      const [ok, erred] = [labelOf('OK', spelling), labelOf('ERRED', spelling)];
      for (const state of ['NO_SUCH_STATE', '', `${ok},${erred}`]) {
        refuses(await waldur.get(kind.path + query({ state })), 'state');
      }
    },
  },
];

const OTHER: Readonly<Record<Spelling, Spelling>> = { upper: 'words', words: 'upper' };

export const STATE_FILTERS: readonly Check<Subject>[] = [
  {
    id: 'state.spelling',
    statement:
      'The filter state accepts one of the two spellings and rejects the other. The gateway uses this to detect the spelling.',
    section: '1.1',
    async run({ waldur }) {
      const spelling = await spellingOf(waldur);
      ensure(spelling !== undefined, 'it takes both of ERRED and Erred, or neither');
      const other = labelOf('ERRED', OTHER[spelling]);
      refuses(await waldur.get(SNAPSHOTS.path + query({ state: other })), 'state');
    },
  },
  ...states(SNAPSHOTS),
  ...states(VOLUMES),
];
