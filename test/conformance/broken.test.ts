import { describe, expect, it } from 'vitest';
import { READING, WRITING } from '../../tools/conformance/checks/index.ts';
import { idsOf, reportOf, run } from './support/cli.ts';
import { eachRow, type Flaw, spoil } from './support/proxy.ts';
import { failedIn, type Judging, judge, startWaldur, tokenOf } from './support/waldur.ts';

const ids = (start: string): string[] =>
  [...READING, ...WRITING].map(({ id }) => id).filter((id) => id.startsWith(start) || id.endsWith(start));

/** Takes a parameter out of every query. */
const deafTo =
  (name: string) =>
  (target: string): string => {
    const url = new URL(target, 'http://waldur.test');
    // A redirect repeats the query as it was sent.
    if (!url.pathname.endsWith('/')) return target;
    url.searchParams.delete(name);
    return url.pathname + url.search;
  };

const without =
  (...names: string[]): Flaw['says'] =>
  (_, answer) => ({
    ...answer,
    headers: Object.fromEntries(Object.entries(answer.headers).filter(([name]) => !names.includes(name))),
  });

/** Ways to be wrong, and the checks that must see it. */
const READ_FLAWS: readonly [what: string, flaw: Flaw, failing: readonly string[]][] = [
  [
    'tells no count',
    { says: without('x-result-count') },
    ['page.snapshot-count', 'page.volume-count', 'page.first-of-nothing'],
  ],
  [
    'does not challenge',
    { says: without('www-authenticate') },
    ['auth.none', 'auth.unknown-token', 'auth.malformed-header', 'auth.first'],
  ],
  [
    'sends JSON as text',
    {
      says: (asked, answer) =>
        asked.target.includes('restorations/')
          ? { ...answer, headers: { ...answer.headers, 'content-type': 'text/plain' } }
          : answer,
    },
    ['restorations.whole', 'restorations.missing', 'field.top-level'],
  ],
  [
    'redirects in another way',
    { says: (_, answer) => (answer.status === 301 ? { ...answer, status: 308 } : answer) },
    ['transport.slash'],
  ],
  [
    'ends a list with an empty page',
    {
      says: ({ target }, answer) => (target.includes('page=1000000') ? { ...answer, status: 200, text: '[]' } : answer),
    },
    ['page.snapshot-past-end', 'page.volume-past-end'],
  ],
  [
    'has no cap on pages',
    {
      says: ({ target }, answer) => {
        if (!target.includes('page_size=1000')) return answer;
        const page = JSON.parse(answer.text) as unknown[];
        return { ...answer, text: JSON.stringify([...page, ...page]) };
      },
    },
    ['page.cap'],
  ],
  [
    'has null for an empty text',
    { says: (_, answer) => eachRow(answer, (row) => ('runtime_state' in row ? { ...row, error_message: null } : row)) },
    ['snapshot.texts', 'volume.texts'],
  ],
  [
    'has null for an absent key',
    {
      says: (_, answer) =>
        eachRow(answer, (row) => (row.source_volume === null ? { source_volume_name: null, ...row } : row)),
    },
    ['snapshot.without-source_volume'],
  ],
  [
    'has times without a zone',
    {
      says: (_, answer) =>
        eachRow(answer, (row) =>
          typeof row.modified === 'string' ? { ...row, modified: row.modified.replace('Z', '') } : row,
        ),
    },
    ['snapshot.times', 'volume.times'],
  ],
  [
    'translates states',
    {
      says: ({ headers }, answer) =>
        headers['accept-language']?.startsWith('et') === true ? eachRow(answer, () => ({ state: 'VALMIS' })) : answer,
    },
    ['transport.language'],
  ],
  [
    'does not know sparse fields',
    { hears: deafTo('field') },
    [
      'me.sparse',
      'field.snapshot-list',
      'field.snapshot-detail',
      'field.volume-list',
      'field.volume-detail',
      'field.unknown',
    ],
  ],
  [
    'does not know a filter',
    { hears: deafTo('customer_uuid') },
    [
      'filter.snapshot-customer_uuid',
      'filter.volume-customer_uuid',
      'filter.snapshot-no-uuid',
      'filter.volume-no-uuid',
    ],
  ],
  [
    'does not know to which instances a volume can be attached',
    { hears: deafTo('attach_volume_uuid') },
    ['related.instance-attach_volume_uuid'],
  ],
  [
    'has null for a quota without a limit',
    {
      says: ({ target }, answer) =>
        target.includes('field=quotas')
          ? eachRow(answer, (row) => ({ ...row, quotas: [{ name: 'volumes', usage: 1, limit: null }] }))
          : answer,
    },
    ['related.tenant-quotas'],
  ],
  [
    'takes any state',
    { hears: (target) => (/state=(?:NO_SUCH|Erred|&|$)/.test(target) ? deafTo('state')(target) : target) },
    [
      'retrieve.snapshot-narrowed',
      'retrieve.volume-narrowed',
      'state.spelling',
      'state.snapshot-unknown',
      'state.volume-unknown',
    ],
  ],
  [
    'knows one order only',
    { hears: (target) => target.replace(/([?&])o=-?[\w%]+/, '$1o=name') },
    [
      ...['state', 'customer_name', 'customer_native_name', 'customer_abbreviation', 'project_name', 'service_name'],
      ...['created', 'size', 'name'],
    ]
      .flatMap((key) => [`order.snapshot-${key}`, `order.volume-${key}`])
      .concat(['project', 'customer', 'tenant', 'instance'].map((kind) => `related.${kind}-order`))
      .concat('order.snapshot-source_volume_name', 'order.volume-instance_name', 'order.tie-breaker', 'order.unknown')
      // The event log does not know this order, and refuses it.
      .concat('events.order', 'events.refusals', 'events.rows'),
  ],
];

const changes =
  (method: string, action: RegExp): ((asked: { method: string; target: string }) => boolean) =>
  (asked) =>
    asked.method === method && action.test(asked.target);
const restores = changes('POST', /\/restore\/$/);

const WRITE_FLAWS: readonly [what: string, flaw: Flaw, failing: readonly string[]][] = [
  [
    'answers restore as documented, with 200',
    { says: (asked, answer) => (restores(asked) && answer.status === 201 ? { ...answer, status: 200 } : answer) },
    ['restore.accepted'],
  ],
  [
    'answers DELETE as documented, with 204',
    {
      says: (asked, answer) =>
        asked.method === 'DELETE' && answer.status === 202 ? { ...answer, status: 204, text: '' } : answer,
    },
    ['delete.accepted'],
  ],
  [
    'calls a wrong state a bad request',
    { says: (_, answer) => (answer.status === 409 ? { ...answer, status: 400 } : answer) },
    [...ids('.wrong-state'), 'delete.shown'],
  ],
  [
    'says that an update is done at once',
    {
      says: ({ method }, answer) =>
        method === 'PATCH' && answer.status === 200 ? eachRow(answer, (row) => ({ ...row, state: 'OK' })) : answer,
    },
    ['update.accepted', 'update.metadata', 'update.trims'],
  ],
  [
    'names no field in a refusal',
    {
      says: ({ method }, answer) =>
        method === 'PUT' && answer.status === 400 ? { ...answer, text: '{"detail":"No."}' } : answer,
    },
    ['replace.refuses-no-name', 'replace.refuses-blank-name'],
  ],
  [
    'takes metadata and forgets them',
    {
      says: ({ method }, answer) =>
        method === 'GET' || answer.status >= 400
          ? answer
          : eachRow(answer, (row) => ('metadata' in row ? { ...row, metadata: {} } : row)),
    },
    ['create.accepted', 'update.accepted', 'update.metadata', 'update.trims', 'replace.accepted', 'restore.accepted'],
  ],
];

async function failing(flaw: Flaw, given: Judging): Promise<string[]> {
  const waldur = await startWaldur();
  return failedIn(await judge(waldur, { ...given, url: await spoil(waldur.url, flaw) }));
}

const sorted = (list: readonly string[]): string[] => list.toSorted();

describe('a Waldur that', () => {
  it.each(READ_FLAWS)('%s', async (_what, flaw, expected) => {
    expect(sorted(await failing(flaw, { role: 'staff' }))).toEqual(sorted(expected));
  });

  it.each(WRITE_FLAWS)('%s', async (_what, flaw, expected) => {
    expect(sorted(await failing(flaw, { destructive: true }))).toEqual(sorted(expected));
  });

  it('has a flaw makes the run end with exit code 1 and a reference to the contract', async () => {
    const waldur = await startWaldur();
    const url = await spoil(waldur.url, { says: without('www-authenticate') });
    const token = tokenOf(waldur, 'owner');
    const table = await run('--url', url, '--token', token);
    expect(table.code).toBe(1);
    expect(table.out).toMatch(
      /^FAIL .* auth\.none .*\n +GET openstack-snapshots\/.*: WWW-Authenticate is nothing, not Token \(docs\/upstream-contract\.md#5-/m,
    );
    const json = await run('--url', url, '--token', token, '--json');
    expect(json.code).toBe(1);
    expect(idsOf(reportOf(json), 'FAIL')).toContain('auth.none');
  });
});
