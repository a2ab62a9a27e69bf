import { isMoving, labelOf, stepOf, toneOf } from '../state/format.ts';
import type { State } from '../types.ts';

/** A state as a coloured word. */
export const Chip = ({ state }: { readonly state: State }) => (
  <span class={`chip ${toneOf(state)} ${isMoving(state) ? 'moving' : ''}`}>{labelOf(state)}</span>
);

/** How far an operation is: scheduled, running, over. Waldur does not say more. */
export function Progress({ state, what }: { readonly state: State; readonly what: string }) {
  const { step, label } = stepOf(state);
  return (
    <span
      class={`steps ${toneOf(state)} ${step < 3 ? 'moving' : ''}`}
      role="progressbar"
      aria-label={what}
      aria-valuemin={0}
      aria-valuemax={3}
      aria-valuenow={step}
      aria-valuetext={label}
    >
      {[1, 2, 3].map((one) => (
        <i key={one} class={one < step ? 'over' : one === step ? 'now' : ''} />
      ))}
    </span>
  );
}
