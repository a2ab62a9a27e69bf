import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { legacyLabel, STATES } from '../../src/domain/states.ts';
import {
  type FilterTable,
  SNAPSHOT_FILTERS,
  type SnapshotFilter,
  VOLUME_FILTERS,
  writeFilter,
} from '../../src/waldur/filters.ts';
import { uuidFromUrl } from '../../src/waldur/uuid.ts';
import { UUID } from './support/upstreams.ts';

const TABLES: [string, FilterTable][] = [
  ['snapshots', SNAPSHOT_FILTERS],
  ['volumes', VOLUME_FILTERS],
];

const snake = (name: string): string => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
const text = fc.string({ unit: 'binary', maxLength: 60 }).filter((value) => !value.includes('\0'));
const uuid = fc.stringMatching(/^[0-9a-f]{32}$/);

/** Any value that a filter accepts, with what must arrive for it. */
function sampleOf(rule: FilterTable[string]['rule']): fc.Arbitrary<[value: unknown, arrives: string[]]> {
  switch (rule.kind) {
    case 'text':
      return text.map((value) => [value, [value.toWellFormed()]]);
    case 'uuid':
      return uuid.map((value) => [value.toUpperCase(), [value]]);
    case 'address':
      return fc
        .tuple(fc.constantFrom('', 'http://h', 'https://evil.example:8/prefix'), uuid, fc.constantFrom('', '/'))
        .map(([host, id, slash]) => [`${host}/api/${rule.of}/${id}${slash}`, [`/api/${rule.of}/${id}/`]]);
    case 'states':
      return fc.uniqueArray(fc.constantFrom(...STATES)).map((states) => [states, states]);
    case 'switch':
      return fc.boolean().map((value) => [value, value ? ['true'] : []]);
    case 'detail':
      return uuid.map((value) => [value, []]);
  }
}

describe.each(TABLES)('filters of %s', (_kind, table) => {
  it('are named alike in REST', () => {
    for (const [name, { rest }] of Object.entries(table)) expect(rest).toBe(snake(name));
  });

  it('are sent unchanged, whatever they contain', () => {
    const filters = fc.record(
      Object.fromEntries(Object.entries(table).map(([name, { rule }]) => [name, sampleOf(rule)])),
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(filters, (given) => {
        const filter = Object.fromEntries(Object.entries(given).map(([name, pair]) => [name, pair?.[0]]));
        const arrived = new URLSearchParams(writeFilter(table, filter, false));
        const expected = Object.entries(given).flatMap(([name, pair]) =>
          (pair?.[1] ?? []).map((value): [string, string] => [snake(name), value]),
        );
        expect([...arrived]).toEqual(expected);
      }),
    );
  });

  it('null and absent are not a condition, and an unknown filter is an error', () => {
    const empty = Object.fromEntries(Object.keys(table).map((name) => [name, null]));
    expect(writeFilter(table, empty, false)).toBe('');
    expect(writeFilter(table, { name: undefined }, false)).toBe('');
    for (const name of ['nope', 'constructor', 'toString', '__proto__']) {
      expect(() => writeFilter(table, JSON.parse(`{"${name}": "x"}`), false)).toThrow(
        expect.objectContaining({ code: 'BAD_USER_INPUT' }),
      );
    }
  });
});

describe('values that are refused without a call', () => {
  it.each<[keyof SnapshotFilter, unknown]>([
    ['name', 'a\0b'],
    ['name', 'x'.repeat(2_001)],
    ['projectUuid', '..'],
    ['projectUuid', `${UUID}&name=x`],
    ['tenant', UUID],
    ['tenant', ''],
    ['tenant', `/api/openstack-volumes/${UUID}/`],
    ['tenant', `/api/openstack-tenants/${UUID}/pull/`],
    ['tenant', `/api/openstack-tenants/${UUID}/?x`],
    ['tenant', `http://[::1/api/openstack-tenants/${UUID} /`],
    ['sourceVolume', 'http://[::1'],
  ])('%s: %j', (name, value) => {
    expect(() => writeFilter(SNAPSHOT_FILTERS, { [name]: value }, false)).toThrow(
      expect.objectContaining({ code: 'BAD_USER_INPUT', details: { argument: `filter.${name}` } }),
    );
  });

  it('a lone surrogate is sent as the replacement character', () => {
    expect(writeFilter(SNAPSHOT_FILTERS, { name: 'a\ud800' }, false)).toBe('name=a%EF%BF%BD');
  });
});

describe('states', () => {
  it('are sent in the given spelling', () => {
    for (const state of STATES) {
      const written = (legacy: boolean) =>
        new URLSearchParams(writeFilter(SNAPSHOT_FILTERS, { state: [state] }, legacy)).getAll('state');
      expect(written(false)).toEqual([state]);
      expect(written(true)).toEqual([legacyLabel(state)]);
    }
  });

  it('given twice are sent once', () => {
    expect(writeFilter(SNAPSHOT_FILTERS, { state: ['OK', 'ERRED', 'OK'] }, true)).toBe('state=OK&state=Erred');
  });
});

describe('uuids in URLs', () => {
  it('are read whatever the host and prefix', () => {
    for (const prefix of ['', 'http://h', 'https://10.0.0.1:8', 'http://user@evil/x/y']) {
      expect(uuidFromUrl(`${prefix}/api/openstack-volumes/${UUID}/`, 'openstack-volumes')).toBe(UUID);
    }
  });

  it('are not read from anything else, quickly', () => {
    const started = performance.now();
    for (const address of [
      '',
      '/',
      UUID,
      `/api/openstack-volumes/${UUID}/x/`,
      `/api/openstack-volumes/${UUID}0/`,
      `javascript:/api/openstack-volumes/${UUID}/`,
      `/api/openstack-volumes/..%2f${UUID}/`,
      `/${'a/'.repeat(100_000)}`,
      `/${'a/'.repeat(1_000)}!`,
    ]) {
      expect(uuidFromUrl(address, 'openstack-volumes')).toBeUndefined();
    }
    expect(performance.now() - started).toBeLessThan(100);
  });
});
