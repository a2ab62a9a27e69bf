import { computed, signal } from '@preact/signals';
import { memo } from 'preact/compat';
import { useEffect, useLayoutEffect, useRef } from 'preact/hooks';
import { present } from '../state/clock.ts';
import { absolute, count, duration, fileSize, isMoving, labelOf, relative, titleOf } from '../state/format.ts';
import { activeRow, changeView, isPhone, shownRows, view } from '../state/screen.ts';
import { table } from '../state/session.ts';
import type { SortKey } from '../state/view.ts';
import type { SnapshotRow } from '../types.ts';
import { Chip, Progress } from './chip.tsx';

/**
 * The table. Only the rows in sight exist, so it is as fast with 5,000 rows as with 50. All rows have the same height. Focus stays on the
 * table and names the active row: rows come and go while one scrolls, and focus must not go with them.
 */

const ROW = 54;
const CARD = 72;
/** The line of column names, which stays at the top. */
const HEAD = 38;
/** Rows that exist above and below those in sight. */
const MARGIN = 6;

const COLUMNS: readonly (readonly [SortKey, string])[] = [
  ['name', 'Name'],
  ['state', 'State'],
  ['volume', 'Source volume'],
  ['size', 'Size'],
  ['created', 'Age'],
  ['expires', 'Expires'],
];

const scrollTop = signal(0);
const viewHeight = signal(600);
const rowHeight = computed(() => (isPhone.value ? CARD : ROW));
/** How many rows exist. It does not depend on the place, so that scrolling neither makes nor removes elements. */
const drawnCount = computed(() =>
  Math.min(shownRows.value.length, Math.ceil(viewHeight.value / rowHeight.value) + 1 + 2 * MARGIN),
);
/** Index of the first row that exists. */
const first = computed(() => {
  const wanted = Math.floor(scrollTop.value / rowHeight.value) - MARGIN;
  return Math.max(0, Math.min(wanted, shownRows.value.length - drawnCount.value));
});
const drawnRows = computed(() => shownRows.value.slice(first.value, first.value + drawnCount.value));
const isActiveDrawn = computed(() => drawnRows.value.some(({ uuid }) => uuid === activeRow.value));

const elementId = (uuid: string): string => `row-${uuid}`;

export function Table() {
  const grid = useRef<HTMLDivElement>(null);
  const rows = shownRows.value;
  const active = activeRow.value;

  useLayoutEffect(() => {
    const element = grid.current;
    if (element === null) return;
    const measured = new ResizeObserver(() => {
      viewHeight.value = element.clientHeight - HEAD;
    });
    measured.observe(element);
    return () => measured.disconnect();
  }, []);
  useEffect(() => {
    // A shorter list may end above the place that was scrolled to.
    if (grid.current !== null) scrollTop.value = grid.current.scrollTop;
  }, [rows.length]);

  const moveTo = (index: number): void => {
    const at = Math.max(0, Math.min(rows.length - 1, index));
    const row = rows[at];
    if (row === undefined || grid.current === null) return;
    activeRow.value = row.uuid;
    scrollIntoView(grid.current, at);
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    // The buttons of the columns have their own keys.
    if (event.target !== event.currentTarget || event.ctrlKey || event.altKey || event.metaKey) return;
    const index = rows.findIndex(({ uuid }) => uuid === active);
    const page = Math.max(1, Math.floor(viewHeight.value / rowHeight.value) - 1);
    const target = KEYS[event.key]?.(index, page, rows.length);
    if (target !== undefined) moveTo(target);
    else if ((event.key === 'Enter' || event.key === ' ') && index >= 0) changeView({ open: active });
    else return;
    event.preventDefault();
  };
  return (
    <div
      ref={grid}
      class={`grid ${isPhone.value ? 'cards' : ''}`}
      role="grid"
      aria-label="Snapshots"
      aria-rowcount={rows.length + 1}
      aria-readonly="true"
      aria-busy={!table.value.ready}
      tabIndex={0}
      aria-activedescendant={isActiveDrawn.value ? elementId(active) : undefined}
      onKeyDown={onKeyDown}
      onScroll={({ currentTarget }) => {
        scrollTop.value = currentTarget.scrollTop;
      }}
    >
      <HeadRow />
      <Body />
    </div>
  );
}

/**
 * The rows that exist: all that changes while one scrolls. Elements are used again for other rows, and stay where they are in the document:
 * changing their text is much faster than making or moving them. `aria-owns` tells screen readers the order of the rows.
 */
function Body() {
  const drawn = drawnRows.value;
  const start = first.value;
  const { open } = view.value;
  const elements = drawn.map((_, slot) => {
    // The row whose index leaves this remainder.
    const offset = (slot - (start % drawn.length) + drawn.length) % drawn.length;
    const row = drawn[offset];
    return (
      row !== undefined && (
        <Row
          key={slot}
          row={row}
          index={start + offset}
          top={(start + offset) * rowHeight.value}
          isOpen={row.uuid === open}
          isActive={row.uuid === activeRow.value}
        />
      )
    );
  });
  return (
    <div
      class="grid-body"
      role="rowgroup"
      aria-owns={drawn.length === 0 ? undefined : drawn.map(({ uuid }) => elementId(uuid)).join(' ')}
      style={{ height: `${shownRows.value.length * rowHeight.value}px` }}
    >
      {elements}
      {drawn.length === 0 && <Empty />}
    </div>
  );
}

type Target = (index: number, page: number, length: number) => number;

const KEYS: Readonly<Record<string, Target>> = {
  ArrowDown: (index) => index + 1,
  ArrowUp: (index) => index - 1,
  PageDown: (index, page) => index + page,
  PageUp: (index, page) => index - page,
  Home: () => 0,
  End: (_index, _page, length) => length - 1,
};

function scrollIntoView(grid: HTMLElement, index: number): void {
  const top = index * rowHeight.value;
  const hidden = top + rowHeight.value - viewHeight.value;
  if (top < grid.scrollTop) grid.scrollTop = top;
  else if (hidden > grid.scrollTop) grid.scrollTop = hidden;
  // The row must exist before the grid names it.
  scrollTop.value = grid.scrollTop;
}

function HeadRow() {
  const { sort, isDescending } = view.value;
  return (
    <div class="grid-head" role="rowgroup">
      <div class="row head-row" role="row" aria-rowindex={1}>
        {COLUMNS.map(([key, label]) => {
          const isSorted = key === sort;
          // Age grows while the time of creation falls.
          const isDown = key === 'created' ? !isDescending : isDescending;
          return (
            <div
              key={key}
              class={`cell ${key}`}
              role="columnheader"
              aria-sort={isSorted ? (isDown ? 'descending' : 'ascending') : 'none'}
            >
              <button
                type="button"
                class="sort"
                onClick={() => changeView({ sort: key, isDescending: isSorted ? !isDescending : key === 'created' })}
              >
                {label}
                <span class="arrow" aria-hidden="true">
                  {isSorted ? (isDown ? '▾' : '▴') : ''}
                </span>
              </button>
            </div>
          );
        })}
      </div>
    </div>
  );
}

interface RowOptions {
  readonly row: SnapshotRow;
  readonly index: number;
  /** Its place in the table, in CSS pixels. */
  readonly top: number;
  readonly isOpen: boolean;
  readonly isActive: boolean;
}

/** Rows that have been drawn, so that a change can be told from the first drawing. */
const seen = new WeakSet<SnapshotRow>();

const Row = memo(({ row, index, top, isOpen, isActive }: RowOptions) => {
  const before = useRef(row);
  const isChanged = before.current.id === row.id && before.current !== row && !seen.has(row);
  useEffect(() => {
    before.current = row;
    seen.add(row);
  }, [row]);
  return (
    <div
      id={elementId(row.uuid)}
      class={`row ${isOpen ? 'open' : ''} ${isActive ? 'active' : ''} ${isChanged ? 'changed' : ''}`}
      role="row"
      aria-rowindex={index + 2}
      aria-selected={isOpen}
      style={{ top: `${top}px` }}
      onClick={() => {
        activeRow.value = row.uuid;
        changeView({ open: row.uuid });
      }}
    >
      <div class="cell name" role="gridcell">
        <span class="main">{titleOf(row)}</span>
        <br />
        <span class={`sub ${row.errorMessage === '' ? '' : 'error'}`}>
          {row.errorMessage === '' ? `${row.project.name} · ${row.customer.name}` : row.errorMessage}
        </span>
      </div>
      <div class="cell state" role="gridcell">
        <Chip state={row.state} />
        {isMoving(row.state) && <Moving row={row} />}
      </div>
      <div class="cell volume" role="gridcell">
        {row.sourceVolume?.name ?? '–'}
      </div>
      <div class="cell size" role="gridcell">
        {fileSize(row.size)}
      </div>
      <div class="cell created" role="gridcell">
        <Age time={row.created} />
      </div>
      <div class="cell expires" role="gridcell">
        {row.keptUntil === null ? <span class="muted">never</span> : <Expiry time={row.keptUntil} />}
      </div>
    </div>
  );
});

/** A running operation: its step, and for how long the state has been this one. */
const Moving = ({ row }: { readonly row: SnapshotRow }) => (
  <span class="motion">
    <Progress state={row.state} what={`${labelOf(row.state)} ${row.name}`} />
    <span class="sub">{duration(present.value.date - Date.parse(row.modified))}</span>
  </span>
);

const Age = ({ time }: { readonly time: string }) => (
  <time dateTime={time} title={absolute(time)}>
    {duration(present.value.date - Date.parse(time))}
  </time>
);

const DAY_MS = 86_400_000;

const Expiry = ({ time }: { readonly time: string }) => {
  const left = Date.parse(time) - present.value.date;
  return (
    <time dateTime={time} title={absolute(time)} class={left < DAY_MS ? 'soon' : ''}>
      {left < 0 ? 'due' : relative(time, present.value.date)}
    </time>
  );
};

function Empty() {
  const { ready, rows } = table.value;
  // A row, because a grid contains nothing else.
  return (
    <div class="empty" role="row">
      <div role="gridcell">
        {!ready
          ? 'Reading the snapshots …'
          : rows.length === 0
            ? 'You can see no snapshots in Waldur.'
            : `None of the ${count(rows.length)} snapshots matches the filters.`}
      </div>
    </div>
  );
}
