import { signal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { closeDialog } from '../dialogs/dialog.tsx';
import { EXPLORER_PATH } from '../state/api.ts';
import { attempts } from '../state/attempts.ts';
import { present } from '../state/clock.ts';
import { count, duration } from '../state/format.ts';
import { forgetRestores } from '../state/restores.ts';
import { changeView, movingCount, type Theme, theme } from '../state/screen.ts';
import { type Freshness, freshness, lastSeen, setToken, signIn, table, token, viewer } from '../state/session.ts';
import { type DemoUser, demoUsers } from '../state/simulator.ts';
import type { AppOptions } from '../types.ts';
import { isDemoOpen } from './demo.tsx';

export function Header({ isEmbedded, hasExplorer }: AppOptions) {
  return (
    <header class="header">
      <div class="brand">
        <svg class="logo" viewBox="0 0 16 16" aria-hidden="true">
          <circle cx="8" cy="8" r="7" />
          <circle cx="8" cy="8" r="3" class="hole" />
        </svg>
        <span class="title">Waldur snapshots</span>
      </div>
      <Status />
      <div class="header-end">
        {isEmbedded && (
          <button
            type="button"
            class="button"
            aria-expanded={isDemoOpen.value}
            aria-controls="demo"
            onClick={() => {
              isDemoOpen.value = !isDemoOpen.value;
            }}
          >
            Make something happen
          </button>
        )}
        {hasExplorer && (
          <a class="button quiet" href={EXPLORER_PATH}>
            Explorer
          </a>
        )}
        <ThemeSwitch />
        {isEmbedded ? <UserSwitch /> : <Account />}
      </div>
    </header>
  );
}

const STATUS: Readonly<Record<Freshness, { readonly text: string; readonly tone: string }>> = {
  loading: { text: 'Loading', tone: 'busy' },
  live: { text: 'Live', tone: 'good' },
  stale: { text: 'Out of date', tone: 'stale' },
  lost: { text: 'Connection lost', tone: 'bad' },
};

/** How current the table is, and when that was last known. */
function Status() {
  const { kind } = signIn.value;
  if (kind === 'none' || kind === 'rejected') return null;
  const { text, tone } = STATUS[freshness.value];
  const seen = lastSeen.value;
  return (
    <div class={`status ${tone}`}>
      <span class="dot" aria-hidden="true" />
      <span role="status">
        <strong>{text}</strong>
        {freshness.value === 'stale' && ': Waldur does not answer'}
        {freshness.value === 'lost' && ': trying again'}
      </span>
      {seen !== undefined && (
        <span class="seen" data-testid="last-seen">
          last seen {duration(present.value.ms - seen)} ago
        </span>
      )}
      {freshness.value === 'loading' && seen === undefined && table.value.rows.length === 0 && (
        <span class="seen">reading the snapshots</span>
      )}
      {movingCount.value > 0 && <span class="seen wide-only">{count(movingCount.value)} in motion</span>}
    </div>
  );
}

const THEMES: readonly (readonly [Theme, string])[] = [
  ['auto', 'Auto colours'],
  ['light', 'Light'],
  ['dark', 'Dark'],
];

function ThemeSwitch() {
  return (
    <select
      class="field small"
      aria-label="Colours"
      value={theme.value}
      onChange={({ currentTarget }) => {
        theme.value = THEMES.find(([name]) => name === currentTarget.value)?.[0] ?? 'auto';
      }}
    >
      {THEMES.map(([name, label]) => (
        <option key={name} value={name}>
          {label}
        </option>
      ))}
    </select>
  );
}

/** What one user tried is not shown to the next one. */
export function changeUser(next: string): void {
  attempts.value = [];
  forgetRestores();
  changeView({ open: '' });
  closeDialog();
  setToken(next);
}

const users = signal<readonly DemoUser[]>([]);

function UserSwitch() {
  const readUsers = (): void => {
    demoUsers().then(
      (found) => {
        users.value = found;
      },
      () => undefined,
    );
  };
  // Again after a change of users or tokens: a revoked token is no longer valid.
  const { kind } = signIn.value;
  useEffect(readUsers, [token.value, kind]);
  const isKnown = users.value.some((user) => user.token === token.value);
  return (
    <select
      class="field small"
      aria-label="User"
      value={isKnown ? token.value : ''}
      onFocus={readUsers}
      onChange={({ currentTarget }) => changeUser(currentTarget.value)}
    >
      {!isKnown && <option value="">{token.value === '' ? 'signed out' : 'own token'}</option>}
      {users.value.map(({ username, role, token: value }) => (
        <option key={value} value={value}>
          {username === role ? username : `${username} (${role})`}
        </option>
      ))}
    </select>
  );
}

function Account() {
  if (token.value === '') return null;
  const user = viewer.value;
  return (
    <>
      {user !== undefined && <span class="user">{user.fullName || user.username}</span>}
      <button type="button" class="button quiet" onClick={() => changeUser('')}>
        Sign out
      </button>
    </>
  );
}
