import { count, labelOf, toneOf } from '../state/format.ts';
import { changeView, matchingCount, stateCounts, view } from '../state/screen.ts';
import { STATES, type State } from '../types.ts';

/** The states in the order of the bar: what is settled first, then what moves. */
const ORDER: readonly State[] = ['OK', 'ERRED', ...STATES.filter((state) => state !== 'OK' && state !== 'ERRED')];

function toggle(state: State): void {
  const { states } = view.value;
  const next = states.includes(state) ? states.filter((one) => one !== state) : [...states, state];
  changeView({ states: STATES.filter((one) => next.includes(one)) });
}

/** The number of snapshots in each state, as a bar and as buttons that filter. */
export function Counts() {
  const counts = stateCounts.value;
  const { states } = view.value;
  const total = matchingCount.value;
  const shown = ORDER.filter((state) => (counts.get(state) ?? 0) > 0 || states.includes(state));
  return (
    <section class="counts" aria-label="Snapshots by state">
      <div class="bar" aria-hidden="true">
        {shown.map((state) => (
          <button
            type="button"
            tabIndex={-1}
            key={state}
            class={`part ${toneOf(state)} ${states.length > 0 && !states.includes(state) ? 'off' : ''}`}
            style={{ flexGrow: counts.get(state) ?? 0 }}
            onClick={() => toggle(state)}
            title={`${labelOf(state)}: ${count(counts.get(state) ?? 0)}`}
          />
        ))}
      </div>
      <fieldset class="legend" aria-label="Filter by state">
        <button
          type="button"
          class="count"
          aria-pressed={states.length === 0}
          onClick={() => changeView({ states: [] })}
        >
          All <b>{count(total)}</b>
        </button>
        {shown.map((state) => (
          <button
            type="button"
            key={state}
            class={`count ${toneOf(state)}`}
            aria-pressed={states.includes(state)}
            onClick={() => toggle(state)}
          >
            <i class="swatch" aria-hidden="true" />
            {labelOf(state)} <b>{count(counts.get(state) ?? 0)}</b>
          </button>
        ))}
      </fieldset>
    </section>
  );
}
