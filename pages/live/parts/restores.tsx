import { present } from '../state/clock.ts';
import { duration, labelOf } from '../state/format.ts';
import { forgetRestore, type Restore, restores } from '../state/restores.ts';
import { changeView } from '../state/screen.ts';
import { Progress } from './chip.tsx';

/** The restores that were started here, each until it is dismissed. */
export function Restores() {
  if (restores.value.length === 0) return null;
  return (
    <section class="restores" aria-label="Restores">
      {restores.value.map((restore) => (
        <Item key={restore.volume} restore={restore} />
      ))}
    </section>
  );
}

const TITLES: Readonly<Record<Restore['status'], string>> = {
  running: 'Restoring',
  stale: 'Restoring, Waldur does not answer',
  done: 'Restored',
  failed: 'Restore failed',
  gone: 'Restore ended',
};

function Item({ restore }: { readonly restore: Restore }) {
  const { volume, volumeName, snapshot, snapshotName, state, status, message, began, ended } = restore;
  const isRunning = status === 'running' || status === 'stale';
  return (
    <article class={`restore ${status}`} aria-label={`Restore of ${snapshotName}`}>
      <div class="restore-head">
        <strong>{TITLES[status]}</strong>
        <span class="sub">{duration((ended ?? present.value.date) - began)}</span>
        {!isRunning && (
          <button
            type="button"
            class="dismiss"
            aria-label={`Dismiss the restore of ${snapshotName}`}
            onClick={() => forgetRestore(volume)}
          >
            ×
          </button>
        )}
      </div>
      <p>
        <button type="button" class="link" onClick={() => changeView({ open: snapshot })}>
          {snapshotName}
        </button>{' '}
        → {volumeName}
      </p>
      {isRunning ? (
        <div class="restore-progress">
          <Progress state={state ?? 'CREATION_SCHEDULED'} what={`Restore of ${snapshotName}`} />
          <span class="sub">{state === undefined ? 'Sent' : labelOf(state)}</span>
        </div>
      ) : (
        <p class="sub">{message}</p>
      )}
    </article>
  );
}
