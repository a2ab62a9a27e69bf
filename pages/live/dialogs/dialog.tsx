import { signal } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import { useId, useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { Named, SnapshotDetails, UserError } from '../types.ts';

export type Dialog =
  | { readonly kind: 'restore' | 'edit' | 'delete'; readonly snapshot: SnapshotDetails }
  | { readonly kind: 'create'; readonly volume: Named | undefined };

export const openDialog = signal<Dialog | undefined>(undefined);

export const showDialog = (dialog: Dialog): void => {
  openDialog.value = dialog;
};

export const closeDialog = (): void => {
  openDialog.value = undefined;
};

export interface FormDialogOptions {
  readonly title: string;
  /** The button that sends it. */
  readonly action: string;
  readonly isDangerous?: boolean;
  /** Why it cannot be sent now; absent: it can. */
  readonly refusal?: string | undefined;
  readonly children: (errors: readonly UserError[]) => ComponentChildren;
  /** Fields whose errors the children show. */
  readonly fields?: readonly string[];
  /** @returns the errors; none: the dialog closes. */
  readonly submit: (form: FormData) => Promise<readonly UserError[]>;
}

/** A dialog with a form. Errors of a field stand beside it, others above the buttons. The browser keeps the focus inside, and Escape closes it. */
export function FormDialog({ title, action, isDangerous, refusal, children, fields = [], submit }: FormDialogOptions) {
  const element = useRef<HTMLDialogElement>(null);
  const [errors, setErrors] = useState<readonly UserError[]>([]);
  const [isSending, setSending] = useState(false);
  const titleId = useId();
  useLayoutEffect(() => {
    const opener = document.activeElement;
    element.current?.showModal();
    return () => {
      // The button may have gone with the row.
      if (opener instanceof HTMLElement && opener.isConnected) opener.focus();
    };
  }, []);
  const general = errors.filter(({ field }) => field === null || !fields.includes(field));
  return (
    <dialog ref={element} class="dialog" aria-labelledby={titleId} onClose={closeDialog}>
      <form
        onSubmit={async (event) => {
          event.preventDefault();
          if (isSending || refusal !== undefined) return;
          setSending(true);
          const found = await submit(new FormData(event.currentTarget));
          setSending(false);
          if (found.length === 0) element.current?.close();
          else setErrors(found);
        }}
      >
        <h2 id={titleId}>{title}</h2>
        {children(errors)}
        {general.length > 0 && (
          <p class="notice bad" role="alert">
            {general.map(({ message }) => message).join(' ')}
          </p>
        )}
        {refusal !== undefined && (
          <p class="notice bad" role="alert" id={`${titleId}-refusal`}>
            {refusal}
          </p>
        )}
        <div class="dialog-buttons">
          <button type="button" class="button quiet" onClick={() => element.current?.close()}>
            Cancel
          </button>
          <button
            type="submit"
            class={`button ${isDangerous ? 'danger' : 'primary'}`}
            disabled={refusal !== undefined}
            aria-describedby={refusal === undefined ? undefined : `${titleId}-refusal`}
            aria-disabled={isSending}
          >
            {isSending ? 'Sending …' : action}
          </button>
        </div>
      </form>
    </dialog>
  );
}

export interface FieldOptions {
  readonly name: string;
  readonly label: string;
  readonly errors: readonly UserError[];
  readonly hint?: string;
  /** @param described what the input has as `aria-describedby`. */
  readonly children: (input: {
    readonly id: string;
    readonly name: string;
    readonly 'aria-describedby': string;
  }) => ComponentChildren;
}

/** An input with its label, a hint, and the errors that the gateway gave it. */
export function Field({ name, label, errors, hint, children }: FieldOptions) {
  const id = useId();
  const own = errors.filter(({ field }) => field === name);
  return (
    <div class="labelled">
      <label for={id}>{label}</label>
      {children({ id, name, 'aria-describedby': `${id}-notes` })}
      <span id={`${id}-notes`} class="notes">
        {hint !== undefined && <span class="sub">{hint}</span>}
        {own.map(({ message }) => (
          <span key={message} class="field-error" role="alert">
            {message}
          </span>
        ))}
      </span>
    </div>
  );
}

/** The trimmed value of an input. */
export function textOf(form: FormData, name: string): string {
  const value = form.get(name);
  return typeof value === 'string' ? value.trim() : '';
}
