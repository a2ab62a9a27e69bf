import type { State } from './states.ts';

/**
 * One or two words for a status column. Errors follow from `state` alone: an object that is OK again may still have the traceback of
 * an old failure (contract 2.6).
 */
export function displayStatus({ state, runtimeState, action }: DisplayFacts): string {
  switch (state) {
    case 'OK':
      return runtimeState === '' ? 'OK' : words(runtimeState);
    case 'ERRED':
      return 'Error';
    case 'CREATION_SCHEDULED':
    case 'UPDATE_SCHEDULED':
    case 'DELETION_SCHEDULED':
      return action === '' ? words(state) : `${words(action)} scheduled`;
    case 'CREATING':
    case 'UPDATING':
    case 'DELETING':
      return action === '' ? words(state) : `${words(action)} running`;
  }
}

export interface DisplayFacts {
  readonly state: State;
  readonly runtimeState: string;
  readonly action: string;
}

/** `in-use` -> `In use`, `CREATION_SCHEDULED` -> `Creation scheduled`. */
function words(code: string): string {
  const phrase = code.replaceAll(/[-_]/g, ' ').toLowerCase();
  return phrase.charAt(0).toUpperCase() + phrase.slice(1);
}
