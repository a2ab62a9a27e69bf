import { readFileSync } from 'node:fs';
import path from 'node:path';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';
import { classify } from '../../src/waldur/classify.ts';
import { ME_FIELDS } from '../../src/waldur/read.ts';

/** The contract in openapi/ against what a real Waldur of October 2024 answered. */

const RECORDINGS = path.resolve(import.meta.dirname, '../recordings');
const REST_TYPES = path.resolve(import.meta.dirname, '../../src/waldur/rest.generated.ts');

interface Case {
  name: string;
  request: { method: string; path: string; query?: string };
  response: { status: number; headers?: Record<string, string>; body: unknown; truncated?: boolean };
}

const casesOf = (group: string): Case[] => JSON.parse(readFileSync(path.join(RECORDINGS, `${group}.json`), 'utf8'));
const GROUPS = ['list', 'paging', 'field', 'visibility', 'retrieve', 'restorations', 'restore', 'pull', 'unlink'];
const MORE_GROUPS = ['put', 'patch', 'delete', 'create-snapshot', 'volumes', 'auth', 'errors', 'related', 'choices'];
const CASES = [...GROUPS, ...MORE_GROUPS].flatMap(casesOf);

/** Keys that were there in 2024 and that we do not rely on. */
const BYGONE = new Set(['snapshot_schedule', 'snapshot_schedule_uuid', 'create_snapshot_schedule']);

type Row = Record<string, unknown>;
const rowsOf = (body: unknown): Row[] => (Array.isArray(body) ? body : [body]) as Row[];

/** Full objects at an address of this form; one for each combination of keys and types, for the rest teach nothing. */
function samples(address: RegExp, keys?: readonly string[]): Row[] {
  const distinct = new Map<string, Row>();
  for (const { request, response } of CASES) {
    const asked = `${request.method} ${request.path}`;
    if (!address.test(asked) || response.status >= 300 || /field=|format=/.test(request.query ?? '')) continue;
    for (const row of rowsOf(response.body)) {
      const kept = Object.entries(row).filter(([key]) => (keys === undefined ? !BYGONE.has(key) : keys.includes(key)));
      const shape = kept.map(([key, value]) => `${key}:${value === null ? 'null' : typeof value}`).join();
      distinct.set(shape, Object.fromEntries(kept));
    }
  }
  return [...distinct.values()];
}

const HEX = '[0-9a-f]{32}';
const SAMPLES: Readonly<Record<string, Row[]>> = {
  Snapshot: samples(
    new RegExp(
      `^(GET /api/openstack-snapshots/(${HEX}/)?|P(UT|ATCH) /api/openstack-snapshots/${HEX}/|POST /api/openstack-volumes/${HEX}/snapshot/)$`,
    ),
  ),
  Volume: samples(
    new RegExp(`^(GET /api/openstack-volumes/(${HEX}/)?|POST /api/openstack-snapshots/${HEX}/restore/)$`),
  ),
  Restoration: samples(new RegExp(`^GET /api/openstack-snapshots/${HEX}/restorations/$`)),
  Me: samples(/^GET \/api\/users\/me\/$/, ME_FIELDS),
  Tenant: samples(new RegExp(`^GET /api/openstack-tenants/${HEX}/$`), [
    'url',
    'uuid',
    'name',
    'state',
    'project',
    'project_uuid',
    'quotas',
  ]),
  Project: samples(/^GET \/api\/projects\/$/, [
    'url',
    'uuid',
    'name',
    'customer',
    'customer_uuid',
    'customer_name',
    'customer_native_name',
    'customer_abbreviation',
  ]),
  Customer: samples(new RegExp(`^GET /api/customers/${HEX}/$`), ['url', 'uuid', 'name', 'native_name', 'abbreviation']),
  Instance: samples(/^GET \/api\/openstack-instances\/$/, ['url', 'uuid', 'name', 'marketplace_resource_uuid']),
  ServiceSettings: samples(new RegExp(`^GET /api/service-settings/${HEX}/$`), [
    'url',
    'uuid',
    'name',
    'state',
    'error_message',
  ]),
  VolumeType: samples(new RegExp(`^GET /api/openstack-volume-types/${HEX}/$`), ['url', 'uuid', 'name']),
  AvailabilityZone: samples(new RegExp(`^GET /api/openstack-volume-availability-zones/${HEX}/$`), [
    'url',
    'uuid',
    'name',
  ]),
  Image: samples(new RegExp(`^GET /api/openstack-images/${HEX}/$`), ['url', 'uuid', 'name']),
};

/** Rows that the contract must refuse, each by another rule of it. */
const OTHER_DATA: Readonly<Record<string, (row: Row) => Row>> = {
  'a missing key': ({ uuid: _, ...others }) => others,
  'a wrong type': (row) => ({ ...row, size: '1024' }),
  'an unknown key': (row) => ({ ...row, surprise: 1 }),
  'an unknown value': (row) => ({ ...row, state: 'Paused' }),
};

// Literals, so that a key that the contract does not know is an error too.
const sourceOf = (schema: string, rows: readonly unknown[]): string =>
  `import type { components } from ${JSON.stringify(REST_TYPES)};
   export const rows: components['schemas'][${JSON.stringify(schema)}][] = ${JSON.stringify(rows)};`;

/**
 * Type errors of sources that are not on the disk, by their names. They share one program: the checker reads the library of TypeScript and the
 * contract for each program again, which takes seconds.
 */
function typeChecker(sources: Readonly<Record<string, string>>): (name: string) => string[] {
  const fileOf = (name: string): string => path.join(import.meta.dirname, `${name}.recorded.ts`);
  const texts = new Map(Object.entries(sources).map(([name, source]) => [fileOf(name), source]));
  const options: ts.CompilerOptions = {
    strict: true,
    exactOptionalPropertyTypes: true,
    noEmit: true,
    skipLibCheck: true,
    types: [],
    module: ts.ModuleKind.NodeNext,
    allowImportingTsExtensions: true,
  };
  const host = ts.createCompilerHost(options);
  const { fileExists, getSourceFile } = host;
  host.fileExists = (file) => texts.has(file) || fileExists(file);
  host.getSourceFile = (file, ...rest) => {
    const text = texts.get(file);
    return text === undefined ? getSourceFile(file, ...rest) : ts.createSourceFile(file, text, ts.ScriptTarget.ESNext);
  };
  const program = ts.createProgram([...texts.keys()], options, host);
  const everywhere = [...program.getOptionsDiagnostics(), ...program.getGlobalDiagnostics()];
  return (name) => {
    const file = program.getSourceFile(fileOf(name));
    if (file === undefined) throw new Error(`no source ${name}`);
    const found = [...everywhere, ...program.getSyntacticDiagnostics(file), ...program.getSemanticDiagnostics(file)];
    return found.map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n'));
  };
}

describe('the contract matches the recordings', () => {
  const [snapshot = {}] = SAMPLES.Snapshot ?? [];
  const typeErrors = typeChecker({
    ...Object.fromEntries(Object.entries(SAMPLES).map(([schema, rows]) => [schema, sourceOf(schema, rows)])),
    ...Object.fromEntries(
      Object.entries(OTHER_DATA).map(([what, change]) => [what, sourceOf('Snapshot', [change(snapshot)])]),
    ),
  });

  it.each(Object.keys(SAMPLES))('%s', (schema) => {
    expect(SAMPLES[schema]?.length).toBeGreaterThan(0);
    expect(typeErrors(schema)).toEqual([]);
  });

  it.each(Object.keys(OTHER_DATA))('and does not match other data: %s', (what) => {
    expect(typeErrors(what)).toHaveLength(1);
  });
});

describe('every recorded refusal is classified', () => {
  const refusals = CASES.filter(({ response, request }) => response.status >= 300 && request.method !== 'HEAD');

  /** Of refusals that need a reason in JSON to be understood. */
  const WITH_REASON: Readonly<Record<number, string>> = { 400: 'rejected', 404: 'not-found', 409: 'rejected' };
  const BY_STATUS: Readonly<Record<number, string>> = { 401: 'unauthenticated', 403: 'forbidden' };

  it('by its status, and by its body where Waldur gave a reason', () => {
    expect(refusals.length).toBeGreaterThan(300);
    const understood = refusals.map(({ name, response }) => {
      const { status, headers = {}, body } = response;
      const text = typeof body === 'string' ? body : body === null ? '' : JSON.stringify(body);
      const error = classify(
        { kind: 'answer', status, headers, body: text },
        { write: true, requestId: undefined, wallNow: 0 },
      );
      const isJson = headers['content-type'] === 'application/json' && body !== null;
      const isRoute = typeof body === 'object' && body !== null && 'tried' in body;
      const reasoned = isJson && !isRoute ? WITH_REASON[status] : undefined;
      const expected = BY_STATUS[status] ?? reasoned ?? 'malformed';
      return { name, kind: error.kind, expected };
    });
    expect(understood.filter(({ kind, expected }) => kind !== expected)).toEqual([]);
  });
});
