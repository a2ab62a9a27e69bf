import { legacyLabel, STATES, type State } from '../../src/domain/states.ts';
import type { Generation } from '../model.ts';

/** The spelling of a state that a generation of Waldur uses, in answers, filters and texts alike (contract 1.1). */
export const labelOf = (state: State, generation: Generation): string =>
  generation === '2024' ? legacyLabel(state) : state;

/** Reads a state in a generation's own spelling only. */
export const stateOf = (label: string, generation: Generation): State | undefined =>
  STATES.find((state) => labelOf(state, generation) === label);
