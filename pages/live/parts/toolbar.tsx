import { showDialog } from '../dialogs/dialog.tsx';
import { count } from '../state/format.ts';
import { changeView, DEFAULT_FILTERS, projects, shownRows, view } from '../state/screen.ts';
import { table } from '../state/session.ts';

export function Toolbar() {
  const { search, project, states } = view.value;
  const isFiltered = search !== '' || project !== '' || states.length > 0;
  return (
    <div class="toolbar">
      <input
        class="field search"
        type="search"
        aria-label="Search"
        placeholder="Name, volume, project, customer, uuid or error"
        value={search}
        onInput={({ currentTarget }) => changeView({ search: currentTarget.value }, false)}
      />
      <select
        class="field project"
        aria-label="Project"
        value={project}
        onChange={({ currentTarget }) => changeView({ project: currentTarget.value })}
      >
        <option value="">All projects</option>
        {projects.value.map(({ uuid, name }) => (
          <option key={uuid} value={uuid}>
            {name}
          </option>
        ))}
      </select>
      <span class="shown" role="status">
        {count(shownRows.value.length)} of {count(table.value.rows.length)}
      </span>
      {isFiltered && (
        <button type="button" class="button quiet" onClick={() => changeView(DEFAULT_FILTERS)}>
          Clear filters
        </button>
      )}
      <button
        type="button"
        class="button primary end"
        onClick={() => showDialog({ kind: 'create', volume: undefined })}
      >
        New snapshot
      </button>
    </div>
  );
}
