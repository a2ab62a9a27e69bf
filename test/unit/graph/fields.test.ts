import { describe, expect, it } from 'vitest';
import { ColumnCosts } from '../../../src/domain/costs.ts';
import { COLUMN_COSTS, FIELD_TABLES } from '../../../src/graph/fields/index.ts';
import { boolean, int, string, uuid } from '../../../src/graph/fields/read.ts';
import { type FieldTable, fieldsOf, wholeObjectFields } from '../../../src/graph/fields/table.ts';
import type { BackupResolvers, ImageResolvers } from '../../../src/graph/generated.ts';
import type { BackupRow, ResourceRow, SnapshotRow, VolumeRow } from '../../../src/graph/nodes.ts';

/**
 * Mistakes that must not compile. `npm run check` type-checks this file: an `@ts-expect-error` line without an error fails there.
 */
describe('a declaration', () => {
  const snapshot = fieldsOf<SnapshotRow>();
  const volume = fieldsOf<VolumeRow>();
  const both = fieldsOf<ResourceRow>();

  it('needs a column of the generated REST type', () => {
    const entries = [
      snapshot.column('kept_until', string, 'own'),
      // @ts-expect-error a misspelt column
      snapshot.column('kept_untill', string, 'own'),
      // @ts-expect-error a column of volumes alone
      snapshot.column('bootable', boolean, 'own'),
      // @ts-expect-error a column of snapshots alone, in a table for both resources
      both.column('kept_until', string, 'own'),
      // @ts-expect-error a misspelt column
      snapshot.derived({ own: ['state', 'stat'] }, () => null),
      // @ts-expect-error a misspelt column
      volume.sameRowIf('instanc', 'instance'),
      // @ts-expect-error a misspelt column of an object that comes whole
      wholeObjectFields((row: BackupRow) => row).column('nam', string),
    ];
    expect(entries).toHaveLength(7);
  });

  it('needs a cost group', () => {
    const entries = [
      // @ts-expect-error no cost group
      snapshot.column('name', string),
      // @ts-expect-error a misspelt cost group
      snapshot.column('name', string, 'free'),
      // @ts-expect-error columns without a cost group
      snapshot.derived(['state'], () => null),
      // @ts-expect-error a misspelt cost group
      snapshot.derived({ owned: ['state'] }, () => null),
      // @ts-expect-error no cost group
      volume.sameRowIf('instance'),
    ];
    expect(entries).toHaveLength(5);
  });

  it('needs a reader of the type that the schema gives the field, and every field of the type', () => {
    const backup = wholeObjectFields((row: BackupRow) => row);
    const tables = [
      { uuid: backup.column('uuid', uuid), name: backup.column('name', string) } satisfies FieldTable<BackupResolvers>,
      // @ts-expect-error a number where the schema has a string
      { uuid: backup.column('uuid', uuid), name: backup.column('name', int) } satisfies FieldTable<BackupResolvers>,
      // @ts-expect-error a field is missing
      { uuid: volume.column('image', uuid, 'image') } satisfies FieldTable<ImageResolvers>,
    ];
    expect(tables).toHaveLength(3);
  });
});

describe('costs of columns', () => {
  it('come from the declarations', () => {
    expect(COLUMN_COSTS.isOwn('kept_until')).toBe(true);
    expect(COLUMN_COSTS.isOwn('project_name')).toBe(false);
    expect(COLUMN_COSTS.groupOf('source_volume_name')).toBe('source_volume');
    expect(COLUMN_COSTS.groupOf('source_volume_marketplace_uuid')).toBe('source_volume_marketplace');
    expect(COLUMN_COSTS.groupOf('no_such_column')).toBeUndefined();
  });

  it('are paid once for each group, and for each column of the marketplace', () => {
    const base = COLUMN_COSTS.rowMs(['uuid']);
    const query = COLUMN_COSTS.rowMs(['uuid', 'project_name']) - base;
    const queries = (...columns: string[]) => Math.round((COLUMN_COSTS.rowMs(columns) - base) / query);
    expect(query).toBeGreaterThan(0);
    expect(queries('uuid', 'name', 'state')).toBe(0);
    expect(queries('project', 'project_name', 'project_uuid')).toBe(1);
    expect(queries('project_name', 'customer_name')).toBe(2);
    expect(queries('marketplace_offering_uuid', 'marketplace_plan_uuid')).toBe(2);
    expect(queries('instance_marketplace_uuid')).toBe(2);
    expect(queries('no_such_column')).toBe(1);
  });

  it('cannot be declared twice in different groups', () => {
    const declare = () => new ColumnCosts([{ own: ['name'] }, { project: ['name'] }]);
    expect(declare).toThrow('The column name is declared in the cost groups own and project.');
  });
});

describe('the row projection', () => {
  it('can read every field but those that cost a call', () => {
    const withoutReader = Object.entries(FIELD_TABLES).flatMap(([type, table]) =>
      Object.entries(table).flatMap(([field, entry]) => ('read' in entry ? [] : [`${type}.${field}`])),
    );
    expect(withoutReader).toEqual(['Volume.snapshots']);
  });
});
