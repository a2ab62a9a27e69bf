import type { ComponentChildren } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { showDialog } from '../dialogs/dialog.tsx';
import { PULL } from '../documents.ts';
import { attempt, attempts } from '../state/attempts.ts';
import { present } from '../state/clock.ts';
import { details } from '../state/details.ts';
import { absolute, clockTime, fileSize, isMoving, labelOf, relative, titleOf } from '../state/format.ts';
import { restores } from '../state/restores.ts';
import { changeView, isNarrow, view } from '../state/screen.ts';
import { type AvailableAction, availability, type Restoration, type SnapshotDetails } from '../types.ts';
import { Chip, Progress } from './chip.tsx';

function close(): void {
  changeView({ open: '' });
  document.querySelector<HTMLElement>('.grid')?.focus();
}

/** The open snapshot: what it is, what can be done with it, what was done. */
export function Details() {
  const heading = useRef<HTMLHeadingElement>(null);
  const { snapshot, error } = details.value;
  const { open } = view.value;
  // Focus follows: the pane of a narrow screen covers the table, and the keyboard came here by Enter.
  useEffect(() => heading.current?.focus(), [open]);
  return (
    <aside
      class="details"
      aria-label="Details"
      onKeyDown={(event) => {
        if (event.key === 'Escape') close();
      }}
    >
      <div class="details-head">
        <h2 ref={heading} tabIndex={-1}>
          {snapshot === undefined ? 'Snapshot' : snapshot === null ? 'Gone' : titleOf(snapshot)}
        </h2>
        <button type="button" class="button quiet" onClick={close}>
          {isNarrow.value ? 'Back' : 'Close'}
        </button>
      </div>
      {error !== '' && (
        <p class="notice bad" role="alert">
          {error}
        </p>
      )}
      {snapshot === null && <p>This snapshot does not exist any more, or you may not see it.</p>}
      {snapshot === undefined && error === '' && <p class="muted">Reading …</p>}
      {snapshot !== undefined && snapshot !== null && <Contents snapshot={snapshot} />}
    </aside>
  );
}

function Contents({ snapshot }: { readonly snapshot: SnapshotDetails }) {
  const { state, errorMessage } = snapshot;
  return (
    <>
      <div class="details-state">
        <Chip state={state} />
        {isMoving(state) && <Progress state={state} what={`${labelOf(state)} ${snapshot.name}`} />}
        {snapshot.runtimeState !== '' && <span class="muted">OpenStack: {snapshot.runtimeState}</span>}
      </div>
      {errorMessage !== '' && <ErrorMessage text={errorMessage} />}
      {snapshot.description !== '' && <p class="description">{snapshot.description}</p>}
      <Actions snapshot={snapshot} />
      <Restorations snapshot={snapshot} />
      <Tried snapshot={snapshot} />
      <Section title="Properties">
        <dl class="properties">
          <Property name="Size">{fileSize(snapshot.size)}</Property>
          <Property name="Source volume">{snapshot.sourceVolume?.name ?? 'unknown or deleted'}</Property>
          <Property name="Project">{snapshot.project.name}</Property>
          <Property name="Customer">{snapshot.customer.name}</Property>
          <Property name="Cloud">{snapshot.serviceSettings.name}</Property>
          <Property name="Created">
            <Time time={snapshot.created} />
          </Property>
          <Property name="Changed">
            <Time time={snapshot.modified} />
          </Property>
          <Property name="Kept until">
            {snapshot.keptUntil === null ? 'for ever' : <Time time={snapshot.keptUntil} />}
          </Property>
          <Property name="Uuid">
            <code>{snapshot.uuid}</code>
          </Property>
          <Property name="OpenStack id">
            {snapshot.backendId === null ? 'none yet' : <code>{snapshot.backendId}</code>}
          </Property>
          {snapshot.metadata !== null && (
            <Property name="Metadata">
              <pre>{JSON.stringify(snapshot.metadata, null, 2)}</pre>
            </Property>
          )}
        </dl>
      </Section>
    </>
  );
}

/** Characters of an error that are shown at first: a traceback must not push the actions out of sight. */
const SHORT_MESSAGE = 240;

function ErrorMessage({ text }: { readonly text: string }) {
  // By code points: half of one is no character.
  const characters = [...text];
  if (characters.length <= SHORT_MESSAGE) return <p class="notice bad">{text}</p>;
  return (
    <details class="notice bad">
      <summary>{characters.slice(0, SHORT_MESSAGE).join('')} …</summary>
      <pre>{text}</pre>
    </details>
  );
}

const Section = ({ title, children }: { readonly title: string; readonly children: ComponentChildren }) => (
  <section class="section">
    <h3>{title}</h3>
    {children}
  </section>
);

const Property = ({ name, children }: { readonly name: string; readonly children: ComponentChildren }) => (
  <div>
    <dt>{name}</dt>
    <dd>{children}</dd>
  </div>
);

const Time = ({ time }: { readonly time: string }) => (
  <time dateTime={time} title={absolute(time)}>
    {absolute(time)} <span class="muted">({relative(time, present.value.date)})</span>
  </time>
);

interface Action {
  /** Its name in `availableActions`. */
  readonly name: string;
  readonly label: string;
  readonly run: (snapshot: SnapshotDetails) => void;
}

const ACTIONS: readonly Action[] = [
  { name: 'RESTORE', label: 'Restore …', run: (snapshot) => showDialog({ kind: 'restore', snapshot }) },
  {
    name: 'PULL',
    label: 'Refresh',
    run: ({ uuid }) => void attempt('Refresh', uuid, PULL, { uuid }),
  },
  { name: 'UPDATE', label: 'Edit …', run: (snapshot) => showDialog({ kind: 'edit', snapshot }) },
  { name: 'DELETE', label: 'Delete …', run: (snapshot) => showDialog({ kind: 'delete', snapshot }) },
];

const NO_VOLUME: Omit<AvailableAction, 'action'> = {
  allowed: false,
  reason: 'The source volume is unknown or deleted.',
};

/** What can be done now. An action that is not possible has its reason beside it. */
function Actions({ snapshot }: { readonly snapshot: SnapshotDetails }) {
  const { sourceVolume, availableActions } = snapshot;
  const snapshotAction = sourceVolume === null ? NO_VOLUME : availability(sourceVolume.availableActions, 'SNAPSHOT');
  return (
    <Section title="Actions">
      <ul class="actions">
        {ACTIONS.map(({ name, label, run }) => (
          <ActionButton
            key={name}
            name={name}
            label={label}
            availability={availability(availableActions, name)}
            run={() => run(snapshot)}
          />
        ))}
        <ActionButton
          name="SNAPSHOT"
          label="New snapshot of the volume …"
          availability={snapshotAction}
          run={() => showDialog({ kind: 'create', volume: sourceVolume ?? undefined })}
        />
      </ul>
    </Section>
  );
}

interface ActionButtonOptions {
  readonly name: string;
  readonly label: string;
  readonly availability: Omit<AvailableAction, 'action'>;
  readonly run: () => void;
}

function ActionButton({ name, label, availability: { allowed, reason }, run }: ActionButtonOptions) {
  return (
    <li class={allowed ? '' : 'refused'}>
      <button
        type="button"
        class={`button ${name === 'RESTORE' ? 'primary' : ''} ${name === 'DELETE' ? 'danger' : ''}`}
        disabled={!allowed}
        aria-describedby={allowed ? undefined : `reason-${name}`}
        onClick={run}
      >
        {label}
      </button>
      {!allowed && (
        <span class="reason" id={`reason-${name}`}>
          {reason}
        </span>
      )}
    </li>
  );
}

/** Volumes that were made from the snapshot, newest first. */
function Restorations({ snapshot }: { readonly snapshot: SnapshotDetails }) {
  const sorted = [...snapshot.restorations].sort((a, b) => Date.parse(b.created) - Date.parse(a.created));
  return (
    <Section title={`Restorations (${sorted.length})`}>
      {sorted.length === 0 ? (
        <p class="muted">It has never been restored.</p>
      ) : (
        <ul class="plain-list">
          {sorted.map((restoration) => (
            <RestorationItem key={restoration.uuid} restoration={restoration} />
          ))}
        </ul>
      )}
    </Section>
  );
}

function RestorationItem({ restoration: { volume, created } }: { readonly restoration: Restoration }) {
  if (volume === null) return <li class="muted">A volume that you may not see</li>;
  // A restore that is followed is ahead of the details, which are read again when it has ended.
  const followed = restores.value.find((one) => one.volume === volume.uuid)?.state;
  const state = followed ?? volume.state;
  return (
    <li class="restoration">
      <span class="main">{volume.name}</span>
      <Chip state={state} />
      <span class="sub">
        {fileSize(volume.size)}
        {volume.device !== null && volume.device !== '' && `, ${volume.device}`},{' '}
        {relative(created, present.value.date)}
      </span>
    </li>
  );
}

const OUTCOMES = { running: 'sent', accepted: 'accepted', refused: 'refused', failed: 'failed' } as const;

/** What was tried with the snapshot on this page, newest first. */
function Tried({ snapshot }: { readonly snapshot: SnapshotDetails }) {
  const tried = attempts.value.filter((one) => one.snapshot === snapshot.uuid).reverse();
  return (
    <Section title="What was tried">
      {tried.length === 0 ? (
        <p class="muted">Nothing in this browser tab.</p>
      ) : (
        <ol class="plain-list">
          {tried.map(({ id, action, at, outcome, message }) => (
            <li key={id} class="tried">
              <span class="main">
                {action} <b class={`outcome ${outcome}`}>{OUTCOMES[outcome]}</b>
              </span>
              <span class="sub">
                {clockTime(at)} · {message}
              </span>
            </li>
          ))}
        </ol>
      )}
    </Section>
  );
}
