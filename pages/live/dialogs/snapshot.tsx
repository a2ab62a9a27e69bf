import { useEffect, useState } from 'preact/hooks';
import { DELETE, QUOTA_CHECK, RESTORE, UPDATE } from '../documents.ts';
import { attempt, randomKey } from '../state/attempts.ts';
import { fileSize, fromLocalInput, toLocalInput } from '../state/format.ts';
import { followRestore } from '../state/restores.ts';
import { ask } from '../state/session.ts';
import { type AvailableActions, availability, type Named, type SnapshotDetails, type UserError } from '../types.ts';
import { Field, FormDialog, textOf } from './dialog.tsx';

/** The dialogs of one snapshot. */

interface Options {
  readonly snapshot: SnapshotDetails;
}

const MOST_NAME = 150;
const MOST_DESCRIPTION = 2_000;

interface RestorePayload {
  readonly volume: Named | null;
  readonly userErrors: readonly UserError[];
}

/** Why a restore is not possible now, with the quotas of the tenant; undefined if it is possible, or until that is known. */
function useRestoreRefusal(uuid: string): string | undefined {
  const [refusal, setRefusal] = useState<string | undefined>(undefined);
  useEffect(() => {
    let isOpen = true;
    ask<{ snapshot: { availableActions: AvailableActions } | null }>(QUOTA_CHECK, { uuid }).then(
      ({ snapshot }) => {
        // Without an answer the restore can be sent: Waldur checks the quotas, too.
        if (!isOpen || snapshot === null || snapshot.availableActions === null) return;
        const { allowed, reason } = availability(snapshot.availableActions, 'RESTORE');
        if (!allowed) setRefusal(reason ?? 'A restore is not possible now.');
      },
      () => undefined,
    );
    return () => {
      isOpen = false;
    };
  }, [uuid]);
  return refusal;
}

export function RestoreDialog({ snapshot }: Options) {
  const refusal = useRestoreRefusal(snapshot.uuid);
  // One for each opening, so that sending it twice makes one volume.
  const [idempotencyKey] = useState(randomKey);
  return (
    <FormDialog
      title={`Restore ${snapshot.name}`}
      action="Restore"
      refusal={refusal}
      fields={['name', 'description']}
      submit={async (form) => {
        const description = textOf(form, 'description');
        const outcome = await attempt<RestorePayload>('Restore', snapshot.uuid, RESTORE, {
          uuid: snapshot.uuid,
          name: textOf(form, 'name'),
          ...(description !== '' && { description }),
          idempotencyKey,
        });
        if (outcome.kind === 'refused') return outcome.errors;
        const { volume } = outcome.payload;
        if (volume !== null) {
          followRestore({
            volume: volume.uuid,
            volumeName: volume.name,
            snapshot: snapshot.uuid,
            snapshotName: snapshot.name,
          });
        }
        return [];
      }}
    >
      {(errors) => (
        <>
          <p>Waldur makes a new volume of {fileSize(snapshot.size)}. The snapshot does not change.</p>
          <Field name="name" label="Name of the volume" errors={errors}>
            {(input) => (
              <input
                {...input}
                class="field"
                required
                maxLength={MOST_NAME}
                defaultValue={`${snapshot.name}-restored`}
              />
            )}
          </Field>
          <Field name="description" label="Description" errors={errors} hint="Optional.">
            {(input) => <textarea {...input} class="field" rows={2} maxLength={MOST_DESCRIPTION} />}
          </Field>
        </>
      )}
    </FormDialog>
  );
}

const metadataText = (metadata: unknown): string => (metadata === null ? '' : JSON.stringify(metadata, null, 2));

/** What differs from the snapshot. @throws SyntaxError for metadata that is not JSON. */
function changesIn(form: FormData, snapshot: SnapshotDetails): Readonly<Record<string, unknown>> {
  const [name, description] = [textOf(form, 'name'), textOf(form, 'description')];
  const [keptUntil, metadata] = [textOf(form, 'keptUntil'), textOf(form, 'metadata')];
  return {
    ...(name !== snapshot.name && { name }),
    ...(description !== snapshot.description.trim() && { description }),
    ...(keptUntil !== toLocalInput(snapshot.keptUntil) && { keptUntil: fromLocalInput(keptUntil) }),
    ...(metadata !== metadataText(snapshot.metadata) && { metadata: metadata === '' ? {} : JSON.parse(metadata) }),
  };
}

export function EditDialog({ snapshot }: Options) {
  // The snapshot at the opening: what others change meanwhile is not written back.
  const [opened] = useState(snapshot);
  return (
    <FormDialog
      title={`Edit ${opened.name}`}
      action="Save"
      fields={['name', 'description', 'keptUntil', 'metadata']}
      submit={async (form) => {
        let changes: Readonly<Record<string, unknown>>;
        try {
          changes = changesIn(form, opened);
        } catch (error) {
          if (!(error instanceof SyntaxError)) throw error;
          return [{ code: 'VALIDATION', field: 'metadata', message: `This is not JSON: ${error.message}` }];
        }
        if (Object.keys(changes).length === 0) return [];
        const outcome = await attempt('Edit', opened.uuid, UPDATE, { uuid: opened.uuid, ...changes });
        return outcome.kind === 'refused' ? outcome.errors : [];
      }}
    >
      {(errors) => (
        <>
          <Field name="name" label="Name" errors={errors}>
            {(input) => <input {...input} class="field" required maxLength={MOST_NAME} defaultValue={opened.name} />}
          </Field>
          <Field name="description" label="Description" errors={errors}>
            {(input) => (
              <textarea
                {...input}
                class="field"
                rows={2}
                maxLength={MOST_DESCRIPTION}
                defaultValue={opened.description}
              />
            )}
          </Field>
          <Field name="keptUntil" label="Kept until" errors={errors} hint="In your time zone. Empty: for ever.">
            {(input) => (
              <input {...input} class="field" type="datetime-local" defaultValue={toLocalInput(opened.keptUntil)} />
            )}
          </Field>
          <Field name="metadata" label="Metadata" errors={errors} hint="A JSON object.">
            {(input) => (
              <textarea
                {...input}
                class="field code"
                rows={4}
                spellcheck={false}
                defaultValue={metadataText(opened.metadata)}
              />
            )}
          </Field>
        </>
      )}
    </FormDialog>
  );
}

export const DeleteDialog = ({ snapshot }: Options) => (
  <FormDialog
    title={`Delete ${snapshot.name}?`}
    action="Delete"
    isDangerous
    submit={async () => {
      const outcome = await attempt('Delete', snapshot.uuid, DELETE, { uuid: snapshot.uuid });
      return outcome.kind === 'refused' ? outcome.errors : [];
    }}
  >
    {() => (
      <p>
        It is deleted in Waldur and in OpenStack, and cannot be brought back. Volumes that were restored from it stay.
      </p>
    )}
  </FormDialog>
);
