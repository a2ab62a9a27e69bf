import { CreateDialog } from '../dialogs/create.tsx';
import { openDialog } from '../dialogs/dialog.tsx';
import { DeleteDialog, EditDialog, RestoreDialog } from '../dialogs/snapshot.tsx';
import { announcement, isNarrow, view } from '../state/screen.ts';
import { signIn, table, tableError } from '../state/session.ts';
import type { AppOptions } from '../types.ts';
import { Counts } from './counts.tsx';
import { DemoPanel, isDemoOpen } from './demo.tsx';
import { Details } from './details.tsx';
import { Header } from './header.tsx';
import { Restores } from './restores.tsx';
import { SignIn } from './sign-in.tsx';
import { Table } from './table.tsx';
import { Toolbar } from './toolbar.tsx';

export function App({ isEmbedded, hasExplorer }: AppOptions) {
  const { kind } = signIn.value;
  const isOut = kind === 'none' || kind === 'rejected';
  const hasDetails = !isOut && view.value.open !== '';
  // On a narrow screen the details cover the rest, which then must not be reached by the keyboard either.
  const isCovered = hasDetails && isNarrow.value;
  return (
    <div class="app">
      <div class="head" inert={isCovered}>
        <Header isEmbedded={isEmbedded} hasExplorer={hasExplorer} />
        {isEmbedded && isDemoOpen.value && <DemoPanel />}
      </div>
      {isOut ? (
        <SignIn isEmbedded={isEmbedded} />
      ) : (
        <div class={`work ${hasDetails ? 'with-details' : ''}`}>
          <main class="list" inert={isCovered}>
            <h1 class="unseen">Snapshots</h1>
            <TableProblem />
            <Counts />
            <Toolbar />
            <Table />
          </main>
          {hasDetails && <Details />}
        </div>
      )}
      {!isOut && <Restores />}
      {!isOut && <Dialogs />}
      <div class="unseen" role="status">
        {announcement.value}
      </div>
    </div>
  );
}

function TableProblem() {
  if (tableError.value === '') return null;
  return (
    <p class="notice bad" role="alert">
      The table is no longer updated{table.value.rows.length === 0 ? '' : ' and may be out of date'}: {tableError.value}{' '}
      <button type="button" class="link" onClick={() => location.reload()}>
        Load the page again
      </button>
    </p>
  );
}

function Dialogs() {
  const dialog = openDialog.value;
  switch (dialog?.kind) {
    case 'restore':
      return <RestoreDialog snapshot={dialog.snapshot} />;
    case 'edit':
      return <EditDialog snapshot={dialog.snapshot} />;
    case 'delete':
      return <DeleteDialog snapshot={dialog.snapshot} />;
    case 'create':
      return <CreateDialog volume={dialog.volume} />;
    default:
      return null;
  }
}
