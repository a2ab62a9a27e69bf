import { signal } from '@preact/signals';
import { announce, openRow, shownRows, view } from '../state/screen.ts';
import { token } from '../state/session.ts';
import { control } from '../state/simulator.ts';
import type { SnapshotRow } from '../types.ts';

/** Changes of the embedded Waldur, each with what then is to be seen. */

export const isDemoOpen = signal(false);
const result = signal<{ readonly text: string; readonly isError: boolean }>({ text: '', isError: false });

/** Longer than a poll, and shorter than the gateway waits for an answer. */
const SLOW_MS = 3_000;

interface Event {
  readonly label: string;
  /** @returns what was done and what will be seen. */
  run(): Promise<string>;
}

const GROUPS: readonly (readonly [title: string, events: readonly Event[]])[] = [
  [
    'Change it from outside',
    [
      { label: 'Break a snapshot', run: () => change({ state: 'ERRED', error_message: 'No space left on device' }) },
      { label: 'Mend it', run: () => change({ state: 'OK', error_message: '' }) },
      { label: 'Rename it', run: () => change({ name: `renamed-at-${new Date().toTimeString().slice(0, 8)}` }) },
      { label: 'Add one', run: add },
      { label: 'Remove one', run: remove },
    ],
  ],
  [
    'Let it fail',
    [
      {
        label: 'Next restore fails',
        async run() {
          const message = 'VolumeSizeExceedsAvailableQuota: the cloud has no room for the volume';
          await control('POST', 'cloud/failures', { operation: 'create_volume', times: 1, status: 413, message });
          return 'The next restore is accepted, and its volume ends as erred.';
        },
      },
      {
        label: 'Waldur is down',
        async run() {
          await control('POST', 'faults', { path: '/api/', status: 503, body: 'down for a moment' });
          return 'Waldur answers 503. The table keeps its rows and is marked as out of date.';
        },
      },
    ],
  ],
  [
    'Slow it down',
    [
      {
        label: 'Answers take 3 s',
        async run() {
          await control('POST', 'faults', { path: '/api/', latencyMs: SLOW_MS });
          return 'Each answer of Waldur takes 3 s longer.';
        },
      },
    ],
  ],
  [
    'Revoke',
    [
      {
        label: 'Revoke my token',
        async run() {
          await control('POST', `tokens/${token.value.replace(/^\w+\s+/, '')}/revoke`, {});
          return 'Your token is no longer valid. With the next call to Waldur, the page asks for another one.';
        },
      },
    ],
  ],
  [
    'Back to normal',
    [
      {
        label: 'End all failures',
        async run() {
          await control('DELETE', 'faults');
          await control('DELETE', 'cloud/failures');
          return 'Waldur works again. The table catches up by itself.';
        },
      },
      {
        label: 'Start over',
        async run() {
          await control('POST', 'reset', {});
          return 'The world is as it was at the start, with all tokens.';
        },
      },
    ],
  ],
];

/** The snapshot that is open, or else one that is in sight. */
function subject(): SnapshotRow {
  const row = openRow.value ?? shownRows.value.find(({ isSettled }) => isSettled) ?? shownRows.value[0];
  if (row === undefined) throw new Error('There is no snapshot to change. Choose another user or clear the filters.');
  return row;
}

async function change(fields: object): Promise<string> {
  const { uuid, name } = subject();
  await control('PATCH', `snapshots/${uuid}`, fields);
  return `${name} was changed as another client would. The row follows with the next poll.`;
}

async function add(): Promise<string> {
  const name = `from-outside-${new Date().toTimeString().slice(0, 8)}`;
  const { project } = subject();
  const created = new Date().toISOString();
  await control('POST', 'snapshots', { name, created, project_uuid: project.uuid });
  return `${name} was added as another client would. It appears with the next poll.`;
}

async function remove(): Promise<string> {
  const { uuid, name } = subject();
  await control('DELETE', `snapshots/${uuid}`);
  return `${name} was removed. Its row disappears with the next poll.`;
}

async function run(event: Event): Promise<void> {
  try {
    result.value = { text: await event.run(), isError: false };
  } catch (error) {
    result.value = { text: error instanceof Error ? error.message : String(error), isError: true };
  }
  announce(result.value.text);
}

export function DemoPanel() {
  const target = view.value.open === '' ? 'the first settled row' : (openRow.value?.name ?? 'the first settled row');
  return (
    <section class="demo" id="demo" aria-label="Make something happen">
      <div class="demo-groups">
        {GROUPS.map(([title, events]) => (
          <fieldset key={title} class="demo-group" aria-label={title}>
            <span class="demo-title">{title}</span>
            <div class="demo-buttons">
              {events.map((event) => (
                <button key={event.label} type="button" class="button" onClick={() => void run(event)}>
                  {event.label}
                </button>
              ))}
            </div>
          </fieldset>
        ))}
      </div>
      <p class={result.value.isError ? 'demo-result error' : 'demo-result'}>
        {result.value.text === '' ? `Changes concern ${target}.` : result.value.text}
      </p>
    </section>
  );
}
