import { useEffect, useState } from 'preact/hooks';
import { CREATE, VOLUMES } from '../documents.ts';
import { attempt, randomKey } from '../state/attempts.ts';
import { count, fileSize, fromLocalInput, labelOf } from '../state/format.ts';
import { activeRow, changeView } from '../state/screen.ts';
import { ask } from '../state/session.ts';
import { availability, type Named, type UserError, type VolumeChoice } from '../types.ts';
import { Field, FormDialog, textOf } from './dialog.tsx';

interface CreatePayload {
  readonly snapshot: { readonly uuid: string } | null;
  readonly userErrors: readonly UserError[];
}

/** A new snapshot, of a given volume or of one that is searched for. */
export function CreateDialog({ volume }: { readonly volume: Named | undefined }) {
  const [idempotencyKey] = useState(randomKey);
  const [chosen, setChosen] = useState<VolumeChoice | undefined>(undefined);
  return (
    <FormDialog
      title={volume === undefined ? 'New snapshot' : `New snapshot of ${volume.name}`}
      action="Create"
      refusal={chosen && refusalOf(chosen)}
      fields={['volumeUuid', 'name', 'description', 'keptUntil']}
      submit={async (form) => {
        const keptUntil = textOf(form, 'keptUntil');
        const description = textOf(form, 'description');
        const volumeUuid = volume?.uuid ?? textOf(form, 'volumeUuid');
        if (volumeUuid === '') return [{ code: 'VALIDATION', field: 'volumeUuid', message: 'Choose a volume.' }];
        const outcome = await attempt<CreatePayload>('Create', volumeUuid, CREATE, {
          volumeUuid,
          name: textOf(form, 'name'),
          ...(description !== '' && { description }),
          ...(keptUntil !== '' && { keptUntil: fromLocalInput(keptUntil) }),
          idempotencyKey,
        });
        if (outcome.kind === 'refused') return outcome.errors;
        const { uuid = '' } = outcome.payload.snapshot ?? {};
        activeRow.value = uuid;
        changeView({ open: uuid });
        return [];
      }}
    >
      {(errors) => (
        <>
          {volume === undefined && <VolumeSearch errors={errors} choose={setChosen} />}
          <Field name="name" label="Name" errors={errors}>
            {(input) => (
              <input
                {...input}
                class="field"
                required
                maxLength={150}
                defaultValue={volume === undefined ? '' : `${volume.name}-snapshot`}
              />
            )}
          </Field>
          <Field name="description" label="Description" errors={errors} hint="Optional.">
            {(input) => <textarea {...input} class="field" rows={2} maxLength={2_000} />}
          </Field>
          <Field name="keptUntil" label="Kept until" errors={errors} hint="In your time zone. Empty: for ever.">
            {(input) => <input {...input} class="field" type="datetime-local" />}
          </Field>
        </>
      )}
    </FormDialog>
  );
}

/** Why no snapshot of a volume is possible now; undefined if it is possible. */
function refusalOf({ name, availableActions }: VolumeChoice): string | undefined {
  const { allowed, reason } = availability(availableActions, 'SNAPSHOT');
  return allowed ? undefined : (reason ?? `A snapshot of ${name} is not possible now.`);
}

interface Found {
  readonly nodes: readonly (VolumeChoice | null)[];
  readonly totalCount: number;
}

const TYPING_MS = 250;

interface VolumeSearchOptions {
  readonly errors: readonly UserError[];
  /** Called with undefined when the chosen volume leaves the list. */
  readonly choose: (volume: VolumeChoice | undefined) => void;
}

function VolumeSearch({ errors, choose }: VolumeSearchOptions) {
  const [selected, setSelected] = useState('');
  const [name, setName] = useState('');
  const [found, setFound] = useState<Found>({ nodes: [], totalCount: 0 });
  const [problem, setProblem] = useState('');
  useEffect(() => {
    let isCurrent = true;
    const search = async (): Promise<void> => {
      try {
        const { volumes } = await ask<{ volumes: Found }>(VOLUMES, { name: name === '' ? null : name });
        if (!isCurrent) return;
        setFound(volumes);
        setProblem('');
      } catch (error) {
        if (isCurrent) setProblem(error instanceof Error ? error.message : String(error));
      }
    };
    const timer = setTimeout(() => void search(), TYPING_MS);
    return () => {
      isCurrent = false;
      clearTimeout(timer);
    };
  }, [name]);
  const volumes = found.nodes.filter((one) => one !== null);
  const chosen = volumes.find(({ uuid }) => uuid === selected);
  useEffect(() => choose(chosen), [chosen, choose]);
  const hint = problem === '' ? `${count(volumes.length)} of ${count(found.totalCount)} volumes` : problem;
  return (
    <>
      <Field name="search" label="Search a volume" errors={[]}>
        {(input) => (
          <input
            {...input}
            class="field"
            type="search"
            value={name}
            onInput={({ currentTarget }) => setName(currentTarget.value.trim())}
          />
        )}
      </Field>
      <Field name="volumeUuid" label="Volume" errors={errors} hint={hint}>
        {(input) => (
          <select
            {...input}
            class="field"
            size={5}
            value={selected}
            onChange={({ currentTarget }) => setSelected(currentTarget.value)}
          >
            {volumes.map(({ uuid, name: label, state, size, project }) => (
              <option key={uuid} value={uuid}>
                {label} · {fileSize(size)} · {project.name}
                {state === 'OK' ? '' : ` · ${labelOf(state)}`}
              </option>
            ))}
          </select>
        )}
      </Field>
    </>
  );
}
