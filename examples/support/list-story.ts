/**
 * The tests of the React examples. They show the same list: its rows, its total, a button for more rows and a field for a new name. So
 * the same story is told to each, by what a reader of the page sees and does.
 */
import assert from 'node:assert/strict';
import { EXAMPLES, eventually, type Server } from './server.ts';

/** One visit of the page, from its opening on. */
export interface Visit {
  /** Kinds of the events that the stream had. */
  readonly kinds: readonly string[];
  /** How often it signed in again. */
  readonly renewals: () => number;
  readonly leave: () => Promise<void>;
}

/** Names of the rows. */
const rows = (): string[] => [...document.querySelectorAll('li b')].map(({ textContent }) => textContent);
const total = (): number => Number(document.querySelector('output')?.textContent);
const problem = (): string => document.querySelector('[role=alert]')?.textContent ?? '';
const isSaving = (): boolean => document.querySelector('progress') !== null;

/** Loads a further page and waits for its rows. */
async function more(): Promise<void> {
  const { length } = rows();
  document.querySelector<HTMLButtonElement>('section > button')?.click();
  await eventually(() => assert.ok(rows().length > length));
}

/** Enters a new name for a row and submits it. */
function rename(name: string, newName: string): void {
  const input = document.querySelector<HTMLInputElement>(`input[aria-label="New name of ${name}"]`);
  assert.ok(input, `there is no row ${name}`);
  input.value = newName;
  input.form?.requestSubmit();
}

/** @param open opens the page. */
export function listStory(getServer: () => Server, open: () => Visit) {
  let current: Visit | undefined;
  const show = (): Visit => {
    current = open();
    return current;
  };
  /** Opens the page and waits until its stream has started. */
  const visit = async () => {
    const { kinds, renewals } = show();
    await eventually(() => assert.ok(kinds.includes('BOOKMARK'), `no BOOKMARK, but: ${problem()}`));
    await eventually(() => assert.notEqual(rows().length, 0));
    return { renewals, resets: () => kinds.filter((kind) => kind === 'RESET').length };
  };
  const uuidOf = async (name: string): Promise<string> => (await getServer().rows(name))[0]?.uuid ?? '';
  /** Waits until the page shows what Waldur has, as far as it is loaded. */
  const agrees = (): Promise<void> =>
    eventually(async () => {
      const upstream = await getServer().rows('example');
      const hasMore = document.querySelector('section > button') !== null;
      assert.ok(rows().length > 0 && hasMore === rows().length < upstream.length);
      assert.deepEqual(rows(), upstream.map(({ name }) => name).slice(0, rows().length));
      assert.equal(total(), upstream.length);
    });
  const leave = async (): Promise<void> => {
    await current?.leave();
    current = undefined;
  };
  return {
    /** After each test. */
    async end(): Promise<void> {
      await getServer().clearFaults();
      await leave();
    },

    async query(): Promise<void> {
      await visit();
      assert.equal(rows()[0], 'example 01');
      assert.equal(total(), EXAMPLES);
    },

    async pages(): Promise<void> {
      await visit();
      await more();
      await more();
      const upstream = await getServer().rows('example');
      assert.deepEqual(
        rows(),
        upstream.map(({ name }) => name),
      );
      assert.equal(document.querySelector<HTMLButtonElement>('section > button'), null);
    },

    async cacheUpdate(): Promise<void> {
      await visit();
      rename('example 01', 'example 01 b');
      await eventually(() => assert.equal(rows()[0], 'example 01 b'));
      await agrees();
    },

    async optimisticChange(): Promise<void> {
      await visit();
      const slowly = { method: 'PATCH', path: '/api/openstack-snapshots/', latencyMs: 300, times: 1 };
      await getServer().fault(slowly);
      rename('example 02', 'example 02 b');
      await eventually(() => assert.equal(rows()[1], 'example 02 b'));
      assert.ok(isSaving());
      await eventually(() => assert.ok(!isSaving()));
      assert.equal(rows()[1], 'example 02 b');
      // Waldur refuses to change what is being changed.
      await getServer().change(await uuidOf('example 03'), { state: 'UPDATING' });
      await getServer().fault(slowly);
      rename('example 03', 'example 03 b');
      await eventually(() => assert.equal(rows()[2], 'example 03 b'));
      await eventually(() => assert.match(problem(), /INVALID_STATE/));
      assert.equal(rows()[2], 'example 03');
    },

    /** For pages with a button in each row. */
    async unlink(): Promise<void> {
      await visit();
      const uuid = await uuidOf('example 08');
      const row = [...document.querySelectorAll('li')].find(({ textContent }) => textContent.startsWith('example 08'));
      row?.querySelector('button')?.click();
      await eventually(() => assert.ok(!rows().includes('example 08')));
      await agrees();
      assert.ok(!(await getServer().rows('example')).some((one) => one.uuid === uuid));
    },

    async live(): Promise<void> {
      await visit();
      await getServer().elsewhere('updateSnapshot', { uuid: await uuidOf('example 04'), name: 'example 04 b' });
      await eventually(() => assert.equal(rows()[3], 'example 04 b'));
      await getServer().elsewhere('unlinkSnapshot', { uuid: await uuidOf('example 04') });
      await getServer().elsewhere('createSnapshot', { volumeUuid: getServer().volumeUuid, name: 'example 00' });
      await agrees();
      assert.equal(rows()[0], 'example 00');
    },

    /** What any subscription shows, also one that starts anew after a lost connection. */
    async added(): Promise<void> {
      await visit();
      await getServer().elsewhere('createSnapshot', { volumeUuid: getServer().volumeUuid, name: 'example 00 b' });
      await agrees();
      assert.ok(getServer().cut() > 0);
      await getServer().elsewhere('unlinkSnapshot', { uuid: await uuidOf('example 00 b') });
      await agrees();
    },

    async resume(): Promise<void> {
      const { resets } = await visit();
      await more();
      assert.ok(getServer().cut() > 0);
      await getServer().elsewhere('unlinkSnapshot', { uuid: await uuidOf('example 05') });
      await getServer().elsewhere('createSnapshot', { volumeUuid: getServer().volumeUuid, name: 'example 000' });
      await agrees();
      // It resumed: there was no second start.
      assert.equal(resets(), 1);
      await getServer().stop();
      await getServer().drop(await uuidOf('example 06'));
      await getServer().add('example 0000');
      await getServer().start();
      await eventually(() => assert.equal(resets(), 2));
      await agrees();
    },

    async errorCodes(): Promise<void> {
      const path = '/api/openstack-snapshots/';
      await getServer().fault({ path, status: 429, headers: { 'retry-after': '1' }, times: 2 });
      await visit();
      assert.equal(problem(), '');
      await leave();
      await getServer().fault({ path, status: 403, body: '{"detail":"no"}' });
      show();
      await eventually(() => assert.equal(problem(), 'FORBIDDEN'));
    },

    async tokenRenewal(): Promise<void> {
      const { renewals, resets } = await visit();
      // An object that moves is polled every two seconds, so the stream soon learns that its token is revoked.
      await getServer().elsewhere('pullSnapshot', { uuid: await uuidOf('example 09') });
      await getServer().renewToken();
      await more();
      assert.ok(renewals() > 0);
      await eventually(() => assert.equal(resets(), 2));
      await getServer().add('example 00000');
      await agrees();
    },
  };
}
